"""How much visitors of a shared app may do within an hour or a minute."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.config.shared_limits import SharedLimits
from core.errors import QuotaError
from core.runtime.logs import who
from core.runtime.words import MB, counted

logger = logging.getLogger(__name__)

MINUTE_S, HOUR_S = 60.0, 3600.0
QUESTIONS, DOCUMENTS, MEASUREMENTS = "questions", "adding documents", "benchmarks and evaluations"
_SWITCHES = {
    "question": QUESTIONS,
    "document": DOCUMENTS,
    "MB of documents": DOCUMENTS,
    "measurement": MEASUREMENTS,
}
ALL = ""  # whose windows are those of all visitors together


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A kind of use and its limit.

    Attributes:
        what: What is counted, in the singular, such as "question" or "MB of documents".
        unit: Bytes in one of these, or 1.
    """

    what: str
    limit: int
    window_s: float
    unit: int = 1
    is_total: bool = False

    @property
    def allowed(self) -> str:
        """How much may be used, for a sentence: "1 document", "20 questions", "5 MB of documents"."""
        return f"{self.limit:,} {self.what}" if self.unit == MB else counted(self.limit, self.what)

    @property
    def within(self) -> str:
        """The window for a sentence: "a minute" or "an hour"."""
        return "a minute" if self.window_s == MINUTE_S else "an hour"


@dataclass(slots=True)
class _Window:
    """What was used lately: (when, how much), oldest first."""

    used: deque[tuple[float, int]] = field(default_factory=deque)
    amount: int = 0

    def forget(self, before_s: float) -> None:
        while self.used and self.used[0][0] <= before_s:
            self.amount -= self.used.popleft()[1]

    def free_after_s(self, amount: int, limit: int, window_s: float, now_s: float) -> float | None:
        """Seconds until `amount` fits; 0 now, None never."""
        if amount > limit:
            return None
        excess = self.amount + amount - limit
        for used_s, used in self.used:
            if excess <= 0:
                break
            excess -= used
            if excess <= 0:
                return used_s + window_s - now_s
        return 0.0


class Quotas:
    """Counts what each visitor does, and all together. In memory: a restart begins anew. Thread-safe."""

    def __init__(self, limits: SharedLimits, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with all of it to use.

        Args:
            limits: Of the shared app.
            clock: Seconds that never go back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, Use], _Window] = {}
        self.limit(limits)

    def limit(self, limits: SharedLimits) -> None:
        """Hold to these limits from now on; what is counted for one that has changed begins anew."""
        self.limits = limits
        each = limits.questions_per_minute, limits.questions_per_hour
        self._questions = (
            Use(what="question", limit=each[0], window_s=MINUTE_S),
            Use(what="question", limit=each[1], window_s=HOUR_S),
            Use(
                what="question",
                limit=limits.total_questions_per_minute,
                window_s=MINUTE_S,
                is_total=True,
            ),
        )
        self._documents = (Use(what="document", limit=limits.documents_per_hour, window_s=HOUR_S),)
        self._uploads = (
            Use(what="MB of documents", limit=limits.upload_mb_per_hour, window_s=HOUR_S, unit=MB),
            Use(
                what="MB of documents",
                limit=limits.total_upload_mb_per_hour,
                window_s=HOUR_S,
                unit=MB,
                is_total=True,
            ),
        )
        self._measurements = (Use(what="measurement", limit=limits.measurements_per_hour, window_s=HOUR_S),)

    def ask(self, visitor: str) -> None:
        """Count a question.

        Raises:
            QuotaError: When a limit is reached; the question is not counted then.
        """
        self._take(visitor, [(use, 1) for use in self._questions])

    def add_documents(self, visitor: str, sizes_bytes: Sequence[int]) -> None:
        """Count documents of these sizes.

        Raises:
            QuotaError: When a limit is reached, or a document is too large; none is counted then.
        """
        self._take(visitor, self._of_documents(sizes_bytes))

    def measure(self, visitor: str, sizes_bytes: Sequence[int] = ()) -> None:
        """Count a benchmark or an evaluation, and the documents of these sizes that it is about.

        Raises:
            QuotaError: When a limit is reached, or a document is too large; nothing is counted then.
        """
        documents = self._of_documents(sizes_bytes) if sizes_bytes else []
        self._take(visitor, [*((use, 1) for use in self._measurements), *documents])

    def _of_documents(self, sizes_bytes: Sequence[int]) -> list[tuple[Use, int]]:
        """What documents of these sizes use.

        Raises:
            QuotaError: When one is too large.
        """
        most = self.limits.upload_mb
        if not most:
            raise QuotaError(switched_off(DOCUMENTS))
        if any(size > most * MB for size in sizes_bytes):
            raise QuotaError(f"This shared app takes documents of up to {most:,} MB. Split the larger ones.")
        total = sum(sizes_bytes)
        return [(use, len(sizes_bytes)) for use in self._documents] + [(use, total) for use in self._uploads]

    def forget_old(self) -> None:
        """Let go of visitors who have done nothing within the longest window."""
        with self._lock:
            now_s = self._clock()
            for (_, use), window in self._windows.items():
                window.forget(now_s - use.window_s)
            self._windows = {key: window for key, window in self._windows.items() if window.used}

    def _take(self, visitor: str, uses: Sequence[tuple[Use, int]]) -> None:
        with self._lock:
            now_s = self._clock()
            found = []
            for use, amount in uses:
                window = self._windows.setdefault((ALL if use.is_total else visitor, use), _Window())
                window.forget(now_s - use.window_s)
                wait_s = window.free_after_s(amount, use.limit * use.unit, use.window_s, now_s)
                if wait_s != 0.0:
                    logger.info("Refused%s: %s within %s", who(visitor), use.allowed, use.within)
                    raise QuotaError(_sentence(use, wait_s))
                found.append((window, amount))
            for window, amount in found:
                window.used.append((now_s, amount))
                window.amount += amount


def switched_off(what: str) -> str:
    """What is said where the host has set a limit to 0: to use less, or to wait, would not help."""
    return f"The host of this shared app has switched {what} off."


def _sentence(use: Use, wait_s: float | None) -> str:
    if not use.limit:
        return switched_off(_SWITCHES[use.what])
    whose = "all visitors together" if use.is_total else "each visitor"
    allowed = f"This shared app allows {whose} {use.allowed} within {use.within}."
    if wait_s is None:
        return f"{allowed} Use less at once."
    return f"{allowed} Try again in {in_words(wait_s)}."


def in_words(seconds: float) -> str:
    """Such as "40 s" or "12 minutes"; never less than what is left."""
    if seconds <= 90:
        return f"{max(1, math.ceil(seconds))} s"
    return f"{math.ceil(seconds / 60):,} minutes"
