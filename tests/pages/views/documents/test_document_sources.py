"""Where documents may come from, and what is chosen there."""

from __future__ import annotations

from dataclasses import replace

from core.config.settings import Settings
from core.documents.sources.incoming import pasted_file
from pages.views.documents.document_sources import WEB, Chosen, sources_for


def test_strangers_send_this_machine_to_no_address(shared: Settings) -> None:
    own = sources_for(replace(shared, is_shared=False))
    assert WEB in own
    assert set(sources_for(shared)) == set(own) - {WEB}


def test_files_take_the_place_of_documents_only_where_that_was_chosen() -> None:
    files = [pasted_file(title, "Some text.") for title in ("a", "b", "c")]
    chosen = Chosen(label="Add", collect=lambda: files)
    assert [file.same_name for file in chosen.files()] == ["keep", "keep", "keep"]
    decided = replace(chosen, replacing=frozenset({1}))
    assert [(file.name, file.same_name) for file in decided.files()] == [
        ("a.txt", "keep"),
        ("b.txt", "replace"),
        ("c.txt", "keep"),
    ]
