"""What goes into knowledge bases: the running ingest of each, or the last one, and changes of its model."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from core.config.settings import Secret, Settings
from core.errors import OverlapError, StoreError
from core.hosting.ingest_admission import Admission, IngestJob, admit, checked_when_read
from pages.state.app_state import host_of, jobs
from pages.state.current_kb import current_kb
from pages.state.opened import forget_knowledge_base, name_now, open_knowledge_base

if TYPE_CHECKING:
    from core.documents.sources.incoming import IncomingFile
    from core.ingest.model_change import ModelChange
    from core.ingest.pipeline import Ingest
    from core.ingest.progress import IngestSnapshot
    from core.knowledge_base import KnowledgeBase

# What waits for its knowledge base to open, to be ingested then; once for each.
_starting: list[tuple[Settings, str]] = []


class Filling(Enum):
    """Whether documents are going into a knowledge base, and whether they can be searched already."""

    NOT = "nothing is going in"
    NOTHING_YET = "nothing of it can be searched yet"
    IN_PART = "some of it can be searched"


def _job_key(settings: Settings, name: str) -> str:
    """Under which a knowledge base's ingest and its change of model are kept, however it is spelled.

    It opens in any case of its letters, and by its first name: what goes on in it is to be found by each.
    """
    return f"{settings.target.key}|{name_now(settings, name).casefold()}"


def rename_jobs(settings: Settings, old: str, new: str) -> None:
    """What was done last with `old` is found under its new name, and by no other that is called so next."""
    from core.ingest.model_change import ModelChange

    # Neither is open just now: the keys are of the names as they are.
    for kind in (IngestJob, ModelChange):
        jobs.move(kind, _job_key(settings, old), _job_key(settings, new))


def start_ingest(settings: Settings, files: Sequence[IncomingFile], name: str | None = None) -> bool:
    """Start to ingest `files` into `name` (the visitor's own choice when None).

    False when an ingest into it is running already.

    Raises:
        OverlapError: A QuotaError where the host of a shared app allows no more.
    """
    name = name or current_kb()
    starting = (settings, name)
    _starting.append(starting)
    try:
        kb = open_knowledge_base(settings, name).result()
        return _start(settings, files, kb, _job_key(settings, name))
    finally:
        _starting.remove(starting)


def _start(settings: Settings, files: Sequence[IncomingFile], kb: KnowledgeBase, key: str) -> bool:
    check_unchanging(settings, kb.store.info.name)
    current = jobs.get(IngestJob, key)
    if current is not None:
        if current.ingest.is_running:
            return False
        current.wait()  # its files have ended; the job itself ends a moment later
    sizes_bytes = [file.size_bytes for file in files]
    if settings.visitor:
        files = [checked_when_read(file, settings.limits.upload_mb) for file in files]
    # Before the leave: what fails here has none to give back.
    ingest = kb.new_ingest(files)
    admission = admit(host_of(settings), settings.visitor, sizes_bytes, _num_replaced(settings, kb, files))
    return _begin(key, ingest, admission)


def _begin(key: str, ingest: Ingest, admission: Admission) -> bool:
    """Whether it has begun: not where another one was quicker, which goes on."""
    if jobs.begin(IngestJob, key, lambda: IngestJob(ingest, admission)).ingest is ingest:
        return True
    admission.give_back()
    return False


def _num_replaced(settings: Settings, kb: KnowledgeBase, files: Sequence[IncomingFile]) -> int:
    """How many chunks `files` replace; asked only where there is a limit."""
    from core.ingest.same_name import name_conflicts

    replacing = [file for file in files if file.same_name == "replace"]
    if not settings.visitor or not replacing:
        return 0
    # Whose content is there already is not among them: then nothing needs room.
    conflicts = name_conflicts(replacing, kb.store.documents(), None)
    return sum({each.id: each.chunks_present for found in conflicts.values() for each in found}.values())


def retry_file(
    settings: Settings,
    ingest: Ingest,
    index: int,
    *,
    password: Secret | None = None,
    ocr: bool = False,
    encoding: str = "",
) -> bool:
    """Try a file of `ingest` again, which is the visitor's running or last ingest.

    False when another one has begun since: two at once would compete for the model.

    Raises:
        QuotaError: What the host of a shared app allows is used up.
        StoreError: While the model of the knowledge base is changed.
    """
    key = _job_key(settings, current_kb())
    current = jobs.get(IngestJob, key)
    if current is None or current.ingest is not ingest:
        return False
    check_unchanging(settings, current_kb())
    snapshot = ingest.snapshot()
    sizes_bytes = [snapshot.files[index].size_bytes]
    admission = (
        Admission()
        if snapshot.is_running
        else admit(host_of(settings), settings.visitor, sizes_bytes, ingest.num_chunks_to_replace(index))
    )
    if not ingest.retry(index, password=password, ocr=ocr, encoding=encoding):
        admission.give_back()
        return True
    current.wait()  # its files have ended; the job itself ends a moment later
    try:
        if snapshot.is_running:  # it has ended since: the file needs leave of its own
            admission = admit(host_of(settings), settings.visitor, sizes_bytes)
    except OverlapError:
        ingest.stop()  # the file ends as stopped, and can be tried again
        _begin(key, ingest, Admission())
        raise
    return _begin(key, current.ingest, admission)


def current_ingest(settings: Settings, name: str | None = None) -> IngestSnapshot | None:
    """How far the running ingest is, or how the last one ended; None before the first."""
    job = ingest_job(settings, name)
    return None if job is None else job.ingest.snapshot()


def ingest_job(settings: Settings, name: str | None = None) -> IngestJob | None:
    """The running or last ingest; None before the first."""
    return jobs.get(IngestJob, _job_key(settings, name or current_kb()))


def stop_ingest(settings: Settings) -> None:
    """End the running ingest soon; what was inserted stays."""
    job = ingest_job(settings)
    if job is not None:
        job.stop()


def filling(settings: Settings, name: str) -> Filling:
    """Whether documents are going into `name`, or will as soon as it is open."""
    # In this order: what was about to start and is not any more has started.
    key = _job_key(settings, name)
    is_starting = any(_job_key(*starting) == key for starting in list(_starting))
    job = ingest_job(settings, name)
    if job is None or not job.ingest.is_running:
        return Filling.NOTHING_YET if is_starting else Filling.NOT
    return Filling.IN_PART if job.ingest.is_searchable else Filling.NOTHING_YET


def model_change(settings: Settings, name: str) -> ModelChange | None:
    """The change of a knowledge base's embedding model that goes on, or the last one."""
    from core.ingest.model_change import ModelChange

    return jobs.get(ModelChange, _job_key(settings, name))


def begin_model_change(settings: Settings, name: str, model: str | None) -> None:
    """Begin to make a knowledge base anew for another model.

    Args:
        settings: Of the visitor whose knowledge base it is.
        name: The knowledge base's.
        model: As in EMBED_MODEL; None for the bundled one.

    Raises:
        StoreError: While documents are being added to it.
    """
    from core.ingest.model_change import ModelChange

    if filling(settings, name) is not Filling.NOT:
        raise StoreError(f"Documents are being added to {name!r}. Change its model when that has ended.")

    key = _job_key(settings, name)

    def replaced() -> None:
        # What it knows of the last ingest is about a collection that is gone.
        jobs.forget(IngestJob, key)
        forget_knowledge_base(settings, name)

    jobs.begin(
        ModelChange,
        key,
        lambda: ModelChange(settings, name, model, on_replaced=replaced),
    )


def check_unchanging(settings: Settings, name: str) -> None:
    """Refuse to write to a knowledge base while its model is changed.

    What is added could be left behind, and what is deleted come back.

    Raises:
        StoreError: While it is changed.
    """
    change = model_change(settings, name)
    if change is not None and change.is_running:
        raise StoreError(
            f"The model of {name!r} is being changed just now. Wait until that has ended; how far it is "
            "stands on the page Knowledge bases."
        )


def forget_jobs(settings: Settings, name: str) -> None:
    """Let go of what was done last with `name`, which is being deleted or emptied.

    Another knowledge base may be called so next, and must neither show it nor be what a retry writes into.
    """
    from core.ingest.model_change import ModelChange

    key = _job_key(settings, name)
    jobs.forget(IngestJob, key)
    jobs.forget(ModelChange, key)
