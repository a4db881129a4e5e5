from __future__ import annotations

from tests.pages.conftest import OpenPage, texts
from tests.pages.documenting import upload


def test_empty_knowledge_base_says_so(open_page: OpenPage) -> None:
    page = open_page("documents")
    assert not page.exception
    assert "The knowledge base is empty" in page.info[0].value


def test_uploaded_files_are_added_and_listed(open_page: OpenPage) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."), ("b.md", b"# More\n\nMore text."))
    assert not page.exception
    assert [success.value.split(":")[0] for success in page.success] == ["**a\\.txt**", "**b\\.md**"]
    assert "2 documents · 2 chunks" in texts(page)
    assert set(page.dataframe[0].value["Document"]) == {"a.txt", "b.md"}


def test_bad_file_gets_its_sentence_and_the_good_one_is_added(open_page: OpenPage) -> None:
    page = upload(open_page("documents"), ("bad.pdf", b"no pdf"), ("good.txt", b"Good text."))
    assert "bad\\.pdf" in page.error[0].value
    assert len(page.success) == 1


def test_file_that_is_there_already_is_not_added_twice(open_page: OpenPage) -> None:
    page = upload(open_page("documents"), ("a.txt", b"Some text."))
    page = upload(page, ("other-name.txt", b"Some text."))
    assert "already there" in page.info[0].value
    assert "1 document · 1 chunk" in texts(page)


def test_name_with_a_path_becomes_a_plain_name(open_page: OpenPage) -> None:
    page = upload(open_page("documents"), ("../../etc/passwd.txt", b"Some text."))
    assert list(page.dataframe[0].value["Document"]) == ["passwd.txt"]
