"""What a visitor has chosen, from when it is taken until it is being added."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.errors import OverlapError
from core.runtime.words import listed
from pages.components.markdown import escaped
from pages.components.same_name_form import (
    CHOICE_KEY,
    Conflicts,
    NameTakenError,
    draw_same_name,
    is_to_replace,
    sentence,
)
from pages.components.uploads import name_of, release, take
from pages.state.quota import upload_limit_mb
from pages.views.documents.document_sources import FILES, Chosen, empty_fields, sources_for

OnFiles = Callable[["list[IncomingFile]"], bool]

SOURCE_KEY = "import_source"
WAITING_KEY = "import_waiting"
BUSY = "Another ingest is running; these can be added when it has ended."
LOADING = "Getting the embedding model ready; at the first start about 10 s."
AGAIN = "Try again", ":material/refresh:"


@dataclass(slots=True)
class Waiting:
    """What was taken from the visitor and is not being added yet.

    Attributes:
        is_wanted: To be added as soon as that can be.
        is_at_work: Some of it is being handed over, in another run of this page: a click on anything starts a
            run beside one that waits for the model.
        refusal: Why it was not added, the last time.
    """

    chosen: list[Chosen] = field(default_factory=list)
    is_wanted: bool = False
    is_at_work: bool = False
    refusal: str = ""

    def take(self, chosen: Chosen) -> None:
        """Before anything takes time: from now on the uploader is empty, for what is chosen next."""
        ids = {upload.file_id for upload in chosen.uploads}
        if ids and ids <= chosen.taken:
            return  # the button was clicked twice: it stays on the page until the next run is through
        self.chosen.append(chosen)
        self.is_wanted, self.refusal = True, ""
        take(chosen.uploads, chosen.taken)

    def hand_over(self, on_files: OnFiles, checked: Callable[[Chosen], Chosen] = lambda each: each) -> bool:
        """Whether `on_files` took what waits; otherwise it goes on waiting.

        Args:
            on_files: Starts the ingest; False when that can't be now.
            checked: Called first with each of the choices that wait; gives it back as it is to be added.

        Raises:
            OverlapError: As `on_files` or `checked` raises it.
        """
        chosen, self.chosen = self.chosen, []
        self.is_at_work, is_started = True, False
        try:
            chosen = [checked(each) for each in chosen]
            is_started = on_files([file for each in chosen for file in each.files()])
        except OverlapError as exc:
            # Addresses and text still stand in their fields, to be mended there.
            chosen = [each for each in chosen if each.uploads]
            self.is_wanted, self.refusal = False, str(exc)
            raise
        finally:
            if is_started:
                _release(chosen)
            else:
                self.chosen = chosen + self.chosen
            self.is_at_work = False
        return is_started

    @property
    def names(self) -> list[str]:
        """Of all uploads that wait, in order; what was typed into fields has none."""
        return [name_of(upload) for chosen in self.chosen for upload in chosen.uploads]


def _release(chosen: Iterable[Chosen]) -> None:
    for each in chosen:
        release(each.uploads)


def draw_import(settings: Settings, on_files: OnFiles, *, is_busy: bool) -> None:
    """Let the visitor choose documents; `on_files` gets them once the button is clicked.

    Args:
        settings: Of the visitor.
        on_files: Starts the ingest; False when that can't be now. It may raise OverlapError: its sentence is
            shown. Either way what was chosen stays.
        is_busy: Documents are being added, so no more can be now.
    """
    draw = sources_for(settings)
    source = st.segmented_control(
        "Add documents from",
        list(draw),
        default=FILES,
        required=True,
        key=SOURCE_KEY,
    )
    waiting: Waiting = st.session_state.setdefault(WAITING_KEY, Waiting())
    chosen = draw[source if source in draw else FILES](upload_limit_mb(settings))
    if chosen is not None:
        _draw_add(settings, waiting, chosen, is_busy=is_busy)
    if waiting.is_at_work:
        _until_taken(waiting)
    elif waiting.chosen and waiting.is_wanted and not is_busy:
        _hand_over(settings, waiting, on_files)
    if waiting.refusal:
        st.error(escaped(waiting.refusal), icon=":material/error:")
    if waiting.names:
        _draw_waiting(settings, waiting, is_busy=is_busy)
    else:
        waiting.refusal = ""  # of a field, which still has what it is about


def _draw_add(settings: Settings, waiting: Waiting, chosen: Chosen, *, is_busy: bool) -> None:
    """What is asked about the choice, and the button that takes it."""
    conflicts = _draw_choice(settings, chosen, CHOICE_KEY)
    # What was uploaded is taken before anything takes time; what was typed, as it was typed last, which may
    # come with the click.
    is_typed = not chosen.uploads
    is_clicked = st.button(
        chosen.label,
        type="primary",
        disabled=is_busy,
        key="add",
        icon=":material/add:",
        on_click=None if is_typed else _take,
        args=(waiting, chosen, conflicts),
    )
    if is_clicked and is_typed:
        _take(waiting, chosen, conflicts)
    if is_busy:
        st.caption(BUSY)


def _draw_choice(settings: Settings, chosen: Chosen, key: str) -> Conflicts | None:
    """Where names of it are taken, ask what becomes of the documents that have them; returns those names."""
    try:
        conflicts = chosen.conflicts(settings)
    except OverlapError:
        return None  # an archive that can't be opened, say: adding it says so
    if conflicts:
        draw_same_name(chosen.collect(), conflicts, key)
    return conflicts


def _take(waiting: Waiting, chosen: Chosen, conflicts: Conflicts | None) -> None:
    waiting.take(chosen if conflicts is None else _decided(chosen, conflicts, CHOICE_KEY))


def _decided(chosen: Chosen, conflicts: Conflicts, key: str) -> Chosen:
    """As the visitor wants it; nothing is asked about it again."""
    return replace(chosen, replacing=frozenset(conflicts if is_to_replace(key) else ()))


def _checked(settings: Settings, chosen: Chosen) -> Chosen:
    """What was taken before anything could be asked.

    Raises:
        NameTakenError: Where somebody must be.
    """
    if chosen.replacing is not None:
        return chosen
    if conflicts := chosen.conflicts(settings, waits=True):
        raise NameTakenError(sentence(chosen.collect(), conflicts))
    return replace(chosen, replacing=frozenset())


def _hand_over(settings: Settings, waiting: Waiting, on_files: OnFiles) -> None:
    try:
        with st.spinner(LOADING, show_time=True):
            is_started = waiting.hand_over(on_files, partial(_checked, settings))
    except NameTakenError:
        waiting.refusal = ""  # a question, which is drawn beside what it is about
        st.rerun()
    except OverlapError:
        return
    if is_started:
        empty_fields()
    st.rerun()


@st.fragment(run_every=0.5)
def _until_taken(waiting: Waiting) -> None:
    st.caption(f":material/hourglass_top: {LOADING}")
    if not waiting.is_at_work:
        st.rerun()


def _draw_waiting(settings: Settings, waiting: Waiting, *, is_busy: bool) -> None:
    """What was taken and is not added, and what can be done about it."""
    names = escaped(listed(waiting.names))
    if waiting.is_wanted:
        st.caption(f":material/schedule: Added next: {names}")
        return
    asked = [
        (each, _draw_choice(settings, each, f"{CHOICE_KEY}-{number}") if each.replacing is None else {})
        for number, each in enumerate(waiting.chosen)
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Not added yet: {names}", width="content")
        label, icon = ("Add", ":material/add:") if any(conflicts for _, conflicts in asked) else AGAIN
        if st.button(label, icon=icon, disabled=is_busy, key="add_again"):
            waiting.chosen = [
                _decided(each, conflicts, f"{CHOICE_KEY}-{number}") if conflicts else each
                for number, (each, conflicts) in enumerate(asked)
            ]
            waiting.is_wanted, waiting.refusal = True, ""
            st.rerun()
        if st.button("Leave out", icon=":material/close:", key="add_none"):
            _release(waiting.chosen)
            waiting.chosen, waiting.refusal = [], ""
            st.rerun()
