"""Where documents come from: files, a folder, a ZIP archive, web addresses, pasted text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core.config.settings import Settings
from core.documents.formats import SUPPORTED_SUFFIXES
from core.documents.sources.incoming import IncomingFile, below_common, origin_of, pasted_file
from core.documents.sources.zip_archive import expanded, zip_files
from core.errors import OverlapError
from core.runtime.words import counted, listed
from pages.components.markdown import escaped
from pages.components.same_name_form import (
    CHOICE_KEY,
    Conflicts,
    NameTakenError,
    draw_same_name,
    is_to_replace,
    known_conflicts,
    sentence,
)
from pages.components.uploads import draw_gone, name_of, release, take, taken_round
from pages.state.quota import upload_limit_mb

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

OnFiles = Callable[["list[IncomingFile]"], bool]
Collect = Callable[[], "list[IncomingFile]"]

FILES, FOLDER, ARCHIVE, WEB, TEXT = "Files", "Folder", "ZIP archive", "Web addresses", "Pasted text"
SOURCE_KEY = "import_source"
# A new number empties the fields for addresses and text.
FIELDS_KEY = "import_fields"
WAITING_KEY = "import_waiting"
BUSY = "Another ingest is running; these can be added when it has ended."
LOADING = "Getting the embedding model ready; at the first start about 10 s."
AGAIN = "Try again", ":material/refresh:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What is chosen and can be added.

    Attributes:
        uploads: The files that it is in.
        taken: The ids of those before.
        is_fetched: Its content is not there before it is added.
        replacing: The indices of the files that take the place of a document of their name; None while nobody
            has asked.
    """

    label: str
    collect: Collect
    uploads: tuple[UploadedFile, ...] = ()
    taken: set[str] = field(default_factory=set)
    is_fetched: bool = False
    replacing: frozenset[int] | None = None

    def files(self) -> list[IncomingFile]:
        """The files, as they are to be added.

        Raises:
            OverlapError: As `collect` raises it.
        """
        replacing = self.replacing or frozenset()
        return [
            replace(file, same_name="replace") if index in replacing else file
            for index, file in enumerate(self.collect())
        ]

    def conflicts(self, settings: Settings, *, waits: bool = False) -> Conflicts | None:
        """See `pages.components.same_name_form`."""
        ids = [upload.file_id for upload in self.uploads]
        return known_conflicts(settings, self.collect(), ids, is_fetched=self.is_fetched, waits=waits)


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
    draw = {FILES: _files, FOLDER: _folder, ARCHIVE: _archive, WEB: _web, TEXT: _text}
    if settings.is_shared:
        # The guard against private addresses holds, but strangers could still send this machine anywhere.
        del draw[WEB]
    source = st.segmented_control(
        "Add documents from",
        list(draw),
        default=FILES,
        required=True,
        key=SOURCE_KEY,
    )
    waiting: Waiting = st.session_state.setdefault(WAITING_KEY, Waiting())
    chosen = draw.get(source or FILES, _files)(upload_limit_mb(settings))
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
        st.session_state[FIELDS_KEY] = st.session_state.get(FIELDS_KEY, 0) + 1
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


def _files(most_mb: int | None) -> Chosen | None:
    label = "PDF, Office and OpenDocument, web pages, mail, e-books, tables, notebooks, code, pictures, text"
    return _uploads("uploader", label, True, most_mb)


def _folder(most_mb: int | None) -> Chosen | None:
    label = "A folder with all that is in it; files of other types are left out by your browser"
    return _uploads("folder", label, "directory", most_mb)


def _uploads(
    name: str, label: str, multiple: Literal[True, "directory"], most_mb: int | None
) -> Chosen | None:
    number, taken = taken_round(name)
    key = f"{name}-{number}"
    found = st.file_uploader(
        label,
        # A single file of another type is refused by us: with what to do.
        type=list(SUPPORTED_SUFFIXES) if multiple == "directory" else None,
        accept_multiple_files=multiple,
        key=key,
        max_upload_size=most_mb,
    )
    draw_gone(key, taken)
    uploads = tuple(upload for upload in found if upload.file_id not in taken)
    if not uploads:
        return None
    # All paths of a folder begin with its own name.
    is_folder = multiple == "directory"
    folders = below_common([name_of(upload) for upload in uploads]) if is_folder else [""] * len(uploads)
    return Chosen(
        label=f"Add {counted(len(uploads), 'document')}",
        collect=lambda: [
            file
            for upload, folder in zip(uploads, folders, strict=True)
            for file in _files_of(upload, folder)
        ],
        uploads=uploads,
        taken=taken,
    )


def _files_of(upload: UploadedFile, folder: str) -> list[IncomingFile]:
    """The file, or those in it where it is an archive."""
    name, origin = name_of(upload), origin_of(folder)
    return expanded(IncomingFile(name=name, size_bytes=upload.size, read=upload.getvalue, origin=origin))


def _archive(most_mb: int | None) -> Chosen | None:
    number, taken = taken_round("archive")
    key = f"archive-{number}"
    upload = st.file_uploader(
        "A ZIP archive: each file in it is added as if it had been uploaded by itself",
        type=["zip"],
        key=key,
        max_upload_size=most_mb,
    )
    draw_gone(key, taken)
    if upload is None or upload.file_id in taken:
        return None

    return Chosen(
        label="Add the documents in it",
        collect=lambda: zip_files(name_of(upload), upload.getvalue()),
        uploads=(upload,),
        taken=taken,
    )


def _web(_: int | None) -> Chosen | None:
    number = st.session_state.setdefault(FIELDS_KEY, 0)
    text = st.text_area(
        "Addresses, one in each line",
        placeholder="https://www.example.org/report.pdf",
        key=f"web-{number}",
        height=120,
        help="Pages of the public web. The machine that runs Overlap fetches them, so addresses in a "
        "private network are refused.",
    )
    num_addresses = len({line.strip() for line in text.splitlines() if line.strip()})
    main_only = st.checkbox(
        "Leave out menus and banners",
        value=True,
        key="web_main_only",
        help="Of a web page only its main part is read, where it is clear which that is.",
    )
    st.caption("Nothing is fetched before you click; then each address is fetched once.")
    if not num_addresses:
        return None

    def collect() -> list[IncomingFile]:
        from core.documents.sources.web import web_files

        return web_files(text, main_only=main_only)

    label = f"Fetch and add {counted(num_addresses, 'document')}"
    return Chosen(label=label, collect=collect, is_fetched=True)


def _text(_: int | None) -> Chosen | None:
    number = st.session_state.setdefault(FIELDS_KEY, 0)
    title = st.text_input(
        "Title", placeholder="Optional; otherwise its first words", key=f"title-{number}", max_chars=80
    )
    text = st.text_area("Text", key=f"text-{number}", height=200)
    if not text.strip():
        return None

    return Chosen(label="Add the text", collect=lambda: [pasted_file(title, text)])
