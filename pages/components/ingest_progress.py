"""The progress of an ingest, for every page that starts one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Secret, Settings
from core.documents.languages import language_name
from core.documents.models import notes_told
from core.documents.part_names import part_name, parts_counted
from core.documents.readers.encoding import ENCODINGS, noted_encoding
from core.documents.readers.ocr import engine_path
from core.documents.readers.pdf import UNMAPPED
from core.documents.versions import beside_words, replaced_words
from core.embedding.choices import LEAST_UNKNOWN_SHARE
from core.errors import OverlapError
from core.ingest.journal import embedded_before, log_text
from core.ingest.progress import FileProgress, IngestSnapshot, Stage
from core.runtime.words import counted, duration
from pages.components.markdown import escaped, label_text
from pages.components.times import with_visitors_times
from pages.state.ingests import current_ingest, retry_file, stop_ingest

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest

# Of many files the ones at work are shown; the rest is a count.
MAX_FILES_SHOWN = 8
# Of many that ended well the rest is a list to unfold; those that need somebody are all shown.
MAX_DONE_SHOWN = 3
MAX_DONE_LISTED = 200
MAX_LOG_LINES = 400
DISMISSED_KEY = "ingest_dismissed"


def draw_ingest(settings: Settings, snapshot: IngestSnapshot | None, *, with_outcome: bool = True) -> None:
    """Show the running ingest live, or how the last one ended until that is dismissed.

    Args:
        settings: Of the visitor whose ingest it is.
        snapshot: The same that the rest of the page goes by: an ingest that ends while the page is drawn
            would else leave fields closed that nobody opens again. None where there was no ingest.
        with_outcome: False shows the running one only.
    """
    if snapshot is None:
        return
    if snapshot.is_running:
        st.session_state.pop(DISMISSED_KEY, None)
        _live(settings)
    elif with_outcome and DISMISSED_KEY not in st.session_state:
        _outcome(settings, snapshot)


@st.fragment(run_every=0.4)
def wait_for_ingest(settings: Settings, name: str) -> None:
    """For what can't be done while documents go into `name`: draw the page anew once that has ended."""
    if not is_ingesting(current_ingest(settings, name)):
        st.rerun()


def is_ingesting(snapshot: IngestSnapshot | None) -> bool:
    """Whether documents were being added at that moment."""
    return snapshot is not None and snapshot.is_running


@st.fragment(run_every=0.4)
def _live(settings: Settings) -> None:
    snapshot = current_ingest(settings)
    if snapshot is None or not snapshot.is_running:
        st.rerun()
    num_final = sum(file.stage.is_final for file in snapshot.files)
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        doing = "Stopping: what is being embedded goes in" if snapshot.is_stopping else "Adding documents"
        left.markdown(f"**{doing}** · {num_final} of {counted(len(snapshot.files), 'file')} ended")
        is_stopping = snapshot.is_stopping
        right.button(
            "Stop all",
            icon=":material/stop:",
            width="stretch",
            key="ingest_stop",
            disabled=is_stopping,
            on_click=stop_ingest,
            args=(settings,),
        )
        active = [(i, file) for i, file in enumerate(snapshot.files) if not file.stage.is_final]
        # The small ones go first, wherever they stand.
        active.sort(key=lambda each: (each[1].stage is Stage.WAITING, each[1].num_chunks is None))
        for index, file in active[:MAX_FILES_SHOWN]:
            _active_file(snapshot, index, file)
        if len(active) > MAX_FILES_SHOWN:
            st.caption(f"… and {len(active) - MAX_FILES_SHOWN} more waiting")
        first_s = snapshot.first_searchable_s
        if first_s is not None:
            st.caption(
                f":material/bolt: First question possible after {first_s:.1f} s. "
                "Questions can be asked already; they search what is in so far."
            )
        _needing_help(settings, snapshot)
        _log(snapshot)


def _active_file(snapshot: IngestSnapshot, index: int, file: FileProgress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(_share(file), text=_line(file))
        label = escaped(f"Stop {file.file}")
        if st.button("Stop", icon=":material/close:", key=f"stop-{index}", help=label):
            snapshot.ingest.stop_file(index)
    steps = _steps(file)
    if steps:
        st.caption(f"So far: {steps}")


def _share(file: FileProgress) -> float:
    if file.num_chunks:
        return min(1.0, file.chunks_done / file.num_chunks)
    return 0.0


def _line(file: FileProgress) -> str:
    parts = [f"**{escaped(file.file)}**", str(file.stage)]
    if file.stage is Stage.READING and file.num_pages:
        parts.append(f"{part_name(file.file)} {file.pages_done:,} of {file.num_pages:,}")
    if file.pages_per_s is not None and file.stage is Stage.READING:
        parts.append(f"{file.pages_per_s:,.0f} {part_name(file.file)}s/s")
    if file.num_chunks is not None:
        parts.append(f"{file.chunks_done:,} of {file.num_chunks:,} chunks")
    if file.chunks_per_s is not None:
        parts.append(f"{file.chunks_per_s:,.0f} chunks/s")
    if file.eta_s is not None:
        parts.append(f"about {duration(file.eta_s)} left")
    return " · ".join(parts)


def _steps(file: FileProgress) -> str:
    """How long each step was under way; they overlap, so the sum is more than the whole."""
    return " · ".join(f"{step} {_seconds(time_s)}" for step, time_s in file.steps_s.items())


def _seconds(time_s: float) -> str:
    return f"{time_s:.2f} s" if time_s < 10 else f"{time_s:,.0f} s"


def _outcome(settings: Settings, snapshot: IngestSnapshot) -> None:
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(" · ".join(_summary(snapshot)))
        if right.button("Close", width="stretch", key="ingest_close"):
            st.session_state[DISMISSED_KEY] = True
            st.rerun()
        _needing_help(settings, snapshot)
        _ended_well(snapshot.files)
        _offer_encodings(settings, snapshot)
        _offer_recognition(settings, snapshot)
        _log(snapshot)


def _summary(snapshot: IngestSnapshot) -> Iterator[str]:
    yield f"**Finished** after {snapshot.elapsed_s:.1f} s"
    files = snapshot.files
    if len(files) > 1:
        num_done = sum(file.stage is Stage.DONE for file in files)
        num_present = sum(file.stage is Stage.PRESENT for file in files)
        yield f"{num_done:,} of {len(files):,} files added"
        if num_present:
            yield f"{num_present:,} already there"
        if num_open := len(files) - num_done - num_present:
            yield f"**{num_open:,} not added**"
    if snapshot.first_searchable_s is not None:
        yield f"first question possible after {snapshot.first_searchable_s:.1f} s"


def _ended_well(files: Sequence[FileProgress]) -> None:
    done = [file for file in files if file.stage is Stage.DONE]
    for file in done:
        if file.warning:
            st.warning(f"{_done_line(file)}. {escaped(file.warning)}", icon=":material/warning:")
    clean = [_done_line(file) for file in done if not file.warning]
    for line in clean[:MAX_DONE_SHOWN]:
        st.success(line, icon=":material/check_circle:")
    _unfold(clean[MAX_DONE_SHOWN:], "added")
    present = [_present_line(file) for file in files if file.stage is Stage.PRESENT]
    for line in present[:MAX_DONE_SHOWN]:
        st.info(line, icon=":material/done_all:")
    _unfold(present[MAX_DONE_SHOWN:], "already there")


def _offer_recognition(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Text recognition for each PDF with letters that mean nothing, where it can be had."""
    if engine_path() is None or settings.is_shared:
        return
    for index, file in enumerate(snapshot.files[:MAX_FILES_SHOWN]):
        is_in = file.stage in {Stage.DONE, Stage.PRESENT}
        if is_in and any(note.endswith(UNMAPPED) for note in file.notes):
            label = f"Recognise the text of {escaped(file.file)} (OCR)"
            _retry_button(settings, snapshot.ingest, index, label, ocr=True)


def _offer_encodings(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Another encoding for each text that may have been read with a wrong one."""
    guessed = [
        (index, file, encoding)
        for index, file in enumerate(snapshot.files)
        if file.stage in {Stage.DONE, Stage.PRESENT} and (encoding := noted_encoding(file.notes))
    ]
    for index, file, encoding in guessed[:MAX_FILES_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                f"{label_text(file.file)} was read as {encoding}. Where its letters are wrong, read it as",
                [each for each in ENCODINGS if each != encoding],
                key=f"encoding-{index}",
                width=420,
            )
            label = f"Read it as {chosen}"
            is_asked = st.button(label, icon=":material/translate:", key=f"read-as-{index}")
        if is_asked:
            _try_again(settings, snapshot.ingest, [index], encoding=chosen)
    if (num_left := len(guessed) - MAX_FILES_SHOWN) > 0:
        st.caption(f"… and {num_left:,} more; add one again by itself to choose its encoding.")


def _unfold(lines: Sequence[str], what: str) -> None:
    if not lines:
        return
    with st.expander(f"{counted(len(lines), 'more document')} {what}", icon=":material/done_all:"):
        st.markdown("\n".join(f"- {line}" for line in lines[:MAX_DONE_LISTED]))
        if len(lines) > MAX_DONE_LISTED:
            st.caption(f"… and {len(lines) - MAX_DONE_LISTED:,} more; the log has them all.")


def _present_line(file: FileProgress) -> str:
    told = [
        file.error or "Nothing was added twice.",
        file.warning,
        notes_told(file.notes),
        *_versions_told(file),
    ]
    sentences = escaped(with_visitors_times(" ".join(filter(None, told))))
    return f"**{escaped(file.file)}** was already there. {sentences}"


def _versions_told(file: FileProgress) -> Iterator[str]:
    """What became of documents of the same name, in sentences."""
    if file.replaced:
        yield f"It {replaced_words(file.replaced)}."
    if file.beside:
        yield f"{beside_words(file.beside)}. Answers mark what comes from the older version."


def _done_line(file: FileProgress) -> str:
    parts = parts_counted(file.file, file.num_pages)
    speed = "" if file.chunks_per_s is None else f" at {file.chunks_per_s:.0f} chunks/s"
    reused = embedded_before(file.chunks_reused)
    size = ", ".join(filter(None, [parts, counted(file.chunks_added, "chunk")]))
    added = f"{size} added{speed}{reused}{_language(file)}"
    took = "" if file.elapsed_s is None else f"searchable after {_seconds(file.elapsed_s)}"
    line = " · ".join(filter(None, [f"**{escaped(file.file)}**: {added}", took, _steps(file)]))
    notes = filter(None, [notes_told(file.notes)])
    versions = map(with_visitors_times, _versions_told(file))
    return "  \n".join([line, *map(escaped, notes), *map(escaped, versions)])


def _language(file: FileProgress) -> str:
    """What it is written in, where that is worth a word, and how much of it the model can't read."""
    share = file.unknown_share or 0.0
    language = None if file.language in {None, "en"} else language_name(file.language or "")
    unknown = f"{100 * share:.0f} % of it unknown to the model" if share >= LEAST_UNKNOWN_SHARE else None
    return "".join(f" · {each}" for each in (language, unknown) if each)


def outcome_words(file: FileProgress) -> str:
    """What became of a file, without markup; "" while it is on its way."""
    match file.stage:
        case Stage.DONE:
            parts = parts_counted(file.file, file.num_pages)
            size = ", ".join(filter(None, [parts, counted(file.chunks_added, "chunk")]))
            took = "" if file.elapsed_s is None else f", searchable after {_seconds(file.elapsed_s)}"
            told = [
                f"{size} added{took}.",
                file.warning,
                notes_told(file.notes),
                *_versions_told(file),
            ]
        case Stage.PRESENT:
            told = ["was already there.", file.error, file.warning, notes_told(file.notes)]
        case Stage.STOPPED:
            told = [f"was stopped after {counted(file.chunks_done, 'chunk')}, which are kept.", file.error]
        case Stage.FAILED:
            told = [file.error or "failed"]
        case _:
            told = []
    return " ".join(filter(None, told))


def draw_remedies(settings: Settings, snapshot: IngestSnapshot) -> None:
    """What can be done about files that could not be read, and for texts with the wrong letters."""
    _needing_help(settings, snapshot)
    _offer_encodings(settings, snapshot)
    _offer_recognition(settings, snapshot)


def _needing_help(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Files that failed or were stopped, each with what can be done about it here."""
    again = [
        index
        for index, file in enumerate(snapshot.files)
        if file.stage is Stage.STOPPED or (file.stage is Stage.FAILED and file.remedy is None)
    ]
    if len(again) > 1 and st.button(f"Try all {len(again)} again", icon=":material/refresh:", key="retry"):
        _try_again(settings, snapshot.ingest, again)
    for index, file in enumerate(snapshot.files):
        if file.stage is Stage.STOPPED:
            st.warning(_stopped_line(file), icon=":material/stop_circle:")
            _retry_button(settings, snapshot.ingest, index, "Try again")
        elif file.stage is Stage.FAILED:
            st.error(escaped(file.error or "failed"), icon=":material/error:")
            if file.remedy == "password":
                _ask_for_password(settings, snapshot.ingest, index, file)
            elif file.remedy == "ocr":
                # Without an engine the sentence says what to install; the button comes with it.
                # It takes minutes of a processor for one file, which strangers have to share.
                if engine_path() and not settings.is_shared:
                    _retry_button(
                        settings, snapshot.ingest, index, "Recognise its text (OCR) and add it", ocr=True
                    )
            elif file.remedy is None:
                _retry_button(settings, snapshot.ingest, index, "Try again")


def _stopped_line(file: FileProgress) -> str:
    why = f" {escaped(file.error)}" if file.error else ""
    if not file.chunks_done:
        return f"**{escaped(file.file)}** was stopped before anything of it was in.{why}"
    total = "" if file.num_chunks is None else f" of {file.num_chunks:,}"
    return (
        f"**{escaped(file.file)}** was stopped after {file.chunks_done:,}{total} chunks, which are kept."
        f"{why or ' Try again to go on from there.'}"
    )


def _retry_button(settings: Settings, ingest: Ingest, index: int, label: str, *, ocr: bool = False) -> None:
    if st.button(label, icon=":material/refresh:", key=f"retry-{index}"):
        _try_again(settings, ingest, [index], ocr=ocr)


def _try_again(
    settings: Settings,
    ingest: Ingest,
    indices: Sequence[int],
    *,
    password: Secret | None = None,
    ocr: bool = False,
    encoding: str = "",
) -> None:
    try:
        for index in indices:
            retry_file(settings, ingest, index, password=password, ocr=ocr, encoding=encoding)
    except OverlapError as exc:
        st.warning(escaped(str(exc)), icon=":material/hourglass_disabled:")
        return
    st.rerun()


def _ask_for_password(settings: Settings, ingest: Ingest, index: int, file: FileProgress) -> None:
    with st.form(f"password-{index}", border=False, clear_on_submit=True):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        password = left.text_input(
            f"Password of {label_text(file.file)}",
            type="password",
            key=f"password-of-{index}",
            autocomplete="off",
            help="Used to open this file now. It is not stored.",
        )
        is_sent = right.form_submit_button("Try again", icon=":material/lock_open:", width="stretch")
    if is_sent and password:
        _try_again(settings, ingest, [index], password=Secret(value=password))


def _log(snapshot: IngestSnapshot) -> None:
    with st.expander("Log", icon=":material/list_alt:"):
        lines = log_text(snapshot.log).splitlines()
        shown = lines[-MAX_LOG_LINES:]
        if len(lines) > len(shown):
            st.caption(f"The last {len(shown):,} of {len(lines):,} lines; the download has them all.")
        st.code("\n".join(shown), language=None, height=240, wrap_lines=True)
        st.download_button(
            "Download the log",
            lambda: log_text(snapshot.log),
            "overlap-ingest.txt",
            "text/plain",
            icon=":material/download:",
            on_click="ignore",
            key="ingest_log",
        )
