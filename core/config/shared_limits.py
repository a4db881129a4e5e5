"""What visitors of a shared app may use: the host's limits, each a setting of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.errors import ConfigError

PREFIX = "OVERLAP_SHARED_"


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedLimits:
    """Limits of a shared app; 0 is "not at all", and no value for idle_hours. MB are 1,048,576 bytes.

    Those that begin with total_ are for all visitors together, those that begin with bench_ for one
    benchmark, and the others for each visitor.

    Attributes:
        knowledge_bases: Held at once by each visitor.
        chunks: Held at once by each visitor.
        documents_per_hour: Added by each visitor.
        upload_mb: Of one file.
        upload_mb_per_hour: Added by each visitor.
        held_mb: Uploaded by each visitor and not added yet.
        questions_per_minute: Of each visitor.
        questions_per_hour: Of each visitor.
        measurements_per_hour: Benchmarks and evaluations of each visitor.
        ingests_at_once: Visitors who add documents at the same time.
        total_visitors: Who have data here at once.
        total_chunks: Of all visitors together.
        total_upload_mb_per_hour: Added by all visitors together.
        total_held_mb: Uploaded by all visitors and not added yet.
        total_questions_per_minute: Asked by all visitors together.
        bench_count: Operations per trial.
        bench_repeats: Repeats, and warm-up trials too.
        bench_processes: Client processes.
        bench_minutes: A benchmark is stopped after these; 0 switches benchmarks off, as 0 for bench_count,
            bench_repeats or bench_processes does.
        bench_waiting: Visitors who may stand in line for a benchmark.
        idle_hours: After so long without a visit all that a visitor has is deleted; from 1 up, as it would
            be deleted under who is at work.
    """

    knowledge_bases: int = 3
    chunks: int = 20_000
    documents_per_hour: int = 30
    upload_mb: int = 20
    upload_mb_per_hour: int = 100
    held_mb: int = 60
    questions_per_minute: int = 10
    questions_per_hour: int = 100
    measurements_per_hour: int = 10
    ingests_at_once: int = 2
    total_visitors: int = 500
    total_chunks: int = 200_000
    total_upload_mb_per_hour: int = 1000
    total_held_mb: int = 600
    total_questions_per_minute: int = 120
    bench_count: int = 1000
    bench_repeats: int = 5
    bench_processes: int = 2
    bench_minutes: int = 10
    bench_waiting: int = 10
    idle_hours: int = 24

    @classmethod
    def from_values(cls, values: Mapping[str, str]) -> SharedLimits:
        """Read OVERLAP_SHARED_KNOWLEDGE_BASES and so on; a limit that is not set keeps its default.

        Raises:
            ConfigError: When a value is no whole number from 0 up (idle_hours: from 1 up); the sentence names
                the setting.
        """
        given = {}
        for field in fields(cls):
            key = PREFIX + field.name.upper()
            text = values.get(key)
            if text is None:
                continue
            least = 1 if field.name == "idle_hours" else 0
            if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) < least:
                raise ConfigError(f"{key} is {text!r}; use a whole number from {least} up.")
            given[field.name] = int(text)
        return cls(**given)


def setting_names() -> list[str]:
    """Every setting that `SharedLimits.from_values` reads."""
    return [PREFIX + field.name.upper() for field in fields(SharedLimits)]
