"""A knowledge base is ready soon: nothing is imported that the first question does not need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.own_process import output_of

pytestmark = pytest.mark.slow

# Each takes a second to a quarter of a minute to import.
SLOW = (
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "scipy",
    "openai",
    "llama_index.llms.openai",
)


def _run(script: str, tmp_path: Path) -> dict[str, object]:
    output = output_of(script, OVERLAP_DATA_DIR=str(tmp_path))
    found: dict[str, object] = json.loads(output.splitlines()[-1])
    return found


def test_first_extractive_answer_imports_no_torch_and_no_model_client(tmp_path: Path) -> None:
    script = f"""
import asyncio, gc, json, sys
from core.knowledge_base import KnowledgeBase
from core.evaluation.samples import sample_files

async def main():
    async with await KnowledgeBase.open() as kb:
        await kb.ingest(*sample_files())
        return await kb.ask("What does async overlap?")

answer = asyncio.run(main())
print(json.dumps(dict(
    text=answer.text, slow=sorted(set({SLOW!r}) & set(sys.modules)), gc=gc.isenabled(),
    frozen=gc.get_freeze_count() > 100_000,
)))
"""
    found = _run(script, tmp_path)
    assert "[1]" in str(found["text"])
    assert found["slow"] == []
    # What was imported is out of the collector's sight, and the collector is at work again.
    assert (found["gc"], found["frozen"]) == (True, True)


def test_getting_ready_makes_no_knowledge_base(tmp_path: Path) -> None:
    script = """
import json, sys
from core.config.settings import Settings
from core.embedding.model import shared_embedder
from core.knowledge_base import prepare

settings = Settings.from_env()
prepare(settings)
print(json.dumps(dict(
    store="llama_index.vector_stores.milvus" in sys.modules,
    # What only a model that was asked something has.
    model="unrelated_similarity" in vars(shared_embedder(settings)),
)))
"""
    assert _run(script, tmp_path) == {"store": True, "model": True}
    assert list(tmp_path.iterdir()) == []
