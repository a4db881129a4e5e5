"""What the performance scripts print: settings, both sides, the figure and its goal."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from core.bench.analysis.stats import t_quantile


def print_settings(*packages: str, **settings: object) -> None:
    """The machine, the versions that matter and the settings of this run."""
    print(f"machine: {os.cpu_count()} cores, {_cpu_model()}, Python {platform.python_version()}")
    print("versions: " + ", ".join(f"{package} {version(package)}" for package in packages))
    print("settings: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in settings.items()))


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def print_side(label: str, values: Sequence[float], unit: str) -> float:
    """One side's median and every value, in measured order. Returns the median."""
    median = statistics.median(values)
    shown = ", ".join(f"{value:.2f}" for value in values[:12])
    more = f", … ({len(values)} values)" if len(values) > 12 else ""
    print(f"  {label:<44} {median:9.2f} {unit}   [{shown}{more}]")
    return median


def ratio_interval(logs: Sequence[float]) -> tuple[float, float]:
    """95 % interval of a mean ratio, from the logarithms of its pairs: Student's t."""
    half = t_quantile(len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    mean = statistics.fmean(logs)
    return math.exp(mean - half), math.exp(mean + half)


def check_at_least(what: str, figure: float, goal: float) -> bool:
    """Print the figure with its goal; returns whether it is met."""
    return _check(what, figure, f"goal: at least {goal:g}", figure >= goal)


def check_at_most(what: str, figure: float, goal: float) -> bool:
    """Print the figure with its goal; returns whether it is met."""
    return _check(what, figure, f"goal: at most {goal:g}", figure <= goal)


def _check(what: str, figure: float, goal: str, is_met: bool) -> bool:
    print(f"{'ok    ' if is_met else 'MISSED'} {what}: {figure:.4g} ({goal})")
    return is_met
