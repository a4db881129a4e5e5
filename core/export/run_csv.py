"""A run as CSV: one row per trial."""

from __future__ import annotations

from typing import Any

from core.bench.analysis.metrics import Measured, Place, metrics_of
from core.bench.analysis.trust import is_disproven
from core.bench.records.run import Run
from core.runtime.csv import csv_text

# A row begins with which trial it is, and ends with what became of it; between them stand the metrics.
_CSV_TRIAL = ("operation", "lane", "count", "repeat", "is_warmup", "consistency", "rtt_ms", "concurrency",
              "blocking", "processes", "ops_per_request", "elapsed_s")  # fmt: skip
_CSV_END = ("cut", "errors")


def to_csv(run: Run, *, decimal_comma: bool = False) -> str:
    """The run as CSV, one row per trial; no text of it can become a formula in a spreadsheet.

    A percentile of so few requests that it is their largest is left out, as on the page, and so is the speed
    of a lane that failed a check.

    Args:
        run: With its trials.
        decimal_comma: Write 0,5 instead of 0.5, and part cells by semicolons.
    """
    metrics = metrics_of(Place.CSV)
    columns = ["run", *_CSV_TRIAL, *(metric.name for metric in metrics), *_CSV_END]
    rows = []
    for trial in run.trials:
        row: dict[str, Any] = {"run": run.id, "cut": trial.cut}
        row["errors"] = "; ".join(f"{reason} x{count}" for reason, count in trial.errors.items())
        for name in _CSV_TRIAL:
            row[name] = getattr(trial if hasattr(trial, name) else trial.case, name)
        measured = Measured.of(trial, is_disproven=is_disproven(run, [trial]))
        for metric in metrics:
            # In a spreadsheet nothing would tell that a p99 of few requests is their largest.
            row[metric.name] = None if metric.is_only_maximum(measured) else metric.figure(measured)
        rows.append(row)
    return csv_text(rows, columns, decimal_comma=decimal_comma)
