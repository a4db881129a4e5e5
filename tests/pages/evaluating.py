"""What an evaluation is of: questions of one's own, and the sample documents."""

from __future__ import annotations

from core.evaluation.samples import sample_files
from core.knowledge_base import KnowledgeBase
from core.runtime import event_loop

OWN = (
    b'{"question": "What is a time tick?", "file": "consistency-levels.md", "contains": "A time tick says"}\n'
    b'{"question": "How do I bake bread?", "file": null, "contains": null}\n'
)


def ingest_samples(kb: KnowledgeBase, *names: str) -> None:
    """Put the sample documents in, or those of these names."""
    event_loop.run(kb.ingest(*(path for path in sample_files() if not names or path.name in names)))
