"""One document both ways, on a real Milvus Lite with the real model. Nothing here is about speed."""

from __future__ import annotations

from itertools import pairwise

from core.charts.ingest_comparison import both_ways_waterfall
from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.ingest.comparison.findings import check, conditions, headline, reasons
from core.ingest.comparison.job import BothWaysJob
from core.runtime.jobs import JobState
from core.store import knowledge_bases
from core.store.names import SCRATCH_PREFIX

TEXT = " ".join(f"Sentence number {i} tells about thing {i * 31} and nothing else." for i in range(300))


def _file(name: str = "long.txt", text: str = TEXT) -> IncomingFile:
    return IncomingFile(name=name, size_bytes=len(text), read=text.encode)


async def test_both_ways_end_with_the_same_chunks_and_leave_nothing_behind(
    lite: Settings, embedder: Embedder
) -> None:
    job = BothWaysJob(_file(), target=lite.target, embedder=embedder, repeats=2)
    assert job.start().wait() is JobState.DONE, job.error
    result = job.result
    assert result is not None
    assert [run.way for run in result.runs] == ["sync", "async", "async", "sync"]
    assert result.has_same_ids and result.num_chunks > 10
    assert not any(info.name.startswith(SCRATCH_PREFIX) for info in knowledge_bases(lite.target))
    for run in result.runs:
        assert {span.step for span in run.spans} == {"read", "chunk", "embed", "insert", "flush"}
        assert sum(span.num_chunks for span in run.spans if span.step == "insert") == result.num_chunks
        assert 0 < run.first_searchable_s <= run.elapsed_s
    sync = sorted(result.typical("sync").spans, key=lambda span: span.start_s)
    assert all(before.end_s <= after.start_s for before, after in pairwise(sync))


async def test_sentences_and_chart_say_what_was_measured(lite: Settings, embedder: Embedder) -> None:
    job = BothWaysJob(_file(), target=lite.target, embedder=embedder)
    job.start().wait()
    result = job.result
    assert result is not None
    assert f"same {result.num_chunks} chunks" in check(result)
    assert "order: sync, async" in conditions(result)
    assert "sets the pace" in reasons(result)
    figure = both_ways_waterfall(result)
    assert figure.layout.meta["title"] == headline(result)
    drawn = sum(sum(row[1] for row in bar.customdata) for bar in figure.data if "insert" in bar.name)
    assert drawn == 2 * result.num_chunks


async def test_file_that_cannot_be_read_ends_in_its_sentence(lite: Settings, embedder: Embedder) -> None:
    job = BothWaysJob(_file("a.pdf", "no pdf"), target=lite.target, embedder=embedder)
    assert job.start().wait() is JobState.FAILED
    assert job.result is None
    assert job.error is not None and "a.pdf" in job.error


async def test_stopped_measurement_has_no_result_and_leaves_nothing_behind(
    lite: Settings, embedder: Embedder
) -> None:
    job = BothWaysJob(_file(), target=lite.target, embedder=embedder)
    job.stop()
    assert job.start().wait() is JobState.STOPPED
    assert (job.result, job.error) == (None, None)
    assert not any(info.name.startswith(SCRATCH_PREFIX) for info in knowledge_bases(lite.target))
