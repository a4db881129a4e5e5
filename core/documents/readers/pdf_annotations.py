"""What lies on a PDF's pages besides their text: form fields, notes, text typed onto a page."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, Literal

MAX_LABEL_CHARS = 80
# How far a label may be above its field, in the page's own units.
LABEL_ABOVE = 24.0

_HIDDEN = 1 << 1
_PASSWORD_FIELD = 1 << 13
_NAME_PART = re.compile(r"\[\d+\]|#")
# What form editors call a field that nobody named.
_NO_NAME = re.compile(
    r"(text|field|textfield|text ?box|check ?box|list ?box|combo ?box|dropdown|group|radio ?button|"
    r"undefined|untitled|date|fill|f\d+|c\d+)?[\W_\d]*",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_PARAGRAPH_END = re.compile(r"</p>|<br[^<>]*>")
_LABEL_END = " \t:.…_\u2026"


@dataclass(frozen=True, slots=True)
class Field:
    """A form field that is filled in."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text that somebody put onto a page.

    Attributes:
        kind: `typed` is text that stands on the page, `note` what somebody remarked about it.
    """

    text: str
    author: str
    kind: Literal["typed", "note"]


@dataclass(frozen=True, slots=True)
class Annotations:
    """What a page has besides its own text.

    Attributes:
        num_empty: Form fields that are not filled in.
    """

    fields: tuple[Field, ...] = ()
    notes: tuple[Note, ...] = ()
    num_empty: int = 0


def read_annotations(page: Any, textpage: Any, form: Any | None) -> Annotations:
    """The form fields and notes of a page.

    Args:
        page: PDFium's page, open meanwhile.
        textpage: Its text, to find what stands beside a field.
        form: PDFium's handle of the document's form, None where it has none.
    """
    import pypdfium2.raw as pdfium

    fields: list[Field] = []
    notes: list[Note] = []
    num_empty = 0
    boxes = list(_each(page))
    widgets = [box for annotation, box in boxes if _subtype(annotation) == pdfium.FPDF_ANNOT_WIDGET]
    for annotation, box in boxes:
        if pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            continue
        if _subtype(annotation) != pdfium.FPDF_ANNOT_WIDGET:
            notes += _notes_of(annotation)
        elif form is not None and (found := _value_of(annotation, form)) is not None:
            value, is_mark = found
            if value:
                label = _label(textpage, box, widgets, is_mark=is_mark)
                fields.append(Field(_field_name(annotation, form, label), value))
            num_empty += not value
    for annotation, _ in boxes:
        pdfium.FPDFPage_CloseAnnot(annotation)
    return Annotations(tuple(fields), tuple(notes), num_empty)


Box = tuple[float, float, float, float]


def _each(page: Any) -> Iterator[tuple[Any, Box]]:
    """Each annotation with its left, bottom, right and top."""
    import pypdfium2.raw as pdfium

    rect = pdfium.FS_RECTF()
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            pdfium.FPDFAnnot_GetRect(annotation, rect)
            yield annotation, (rect.left, rect.bottom, rect.right, rect.top)


def _subtype(annotation: Any) -> int:
    import pypdfium2.raw as pdfium

    return int(pdfium.FPDFAnnot_GetSubtype(annotation))


def _notes_of(annotation: Any) -> Iterator[Note]:
    import pypdfium2.raw as pdfium

    # A pop-up shows its parent's text once more; a link's text is a description of where it goes.
    if _subtype(annotation) in {pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_LINK}:
        return
    text = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents").strip()
    if not text:
        # The same with its looks, as XHTML.
        rich = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"RC")
        text = unescape(_TAG.sub(" ", _PARAGRAPH_END.sub("\n", rich))).strip()
    if text:
        is_typed = _subtype(annotation) == pdfium.FPDF_ANNOT_FREETEXT
        author = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"T").strip()
        yield Note(text, author, "typed" if is_typed else "note")


def _value_of(annotation: Any, form: Any) -> tuple[str, bool] | None:
    """A field's value as a person sees it, and whether it is a mark; None where it has none to show."""
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}:
        is_checked = pdfium.FPDFAnnot_IsChecked(form, annotation)
        if kind == pdfium.FPDF_FORMFIELD_CHECKBOX:
            return ("checked" if is_checked else "not checked"), True
        chosen = _string(pdfium.FPDFAnnot_GetFormFieldExportValue, form, annotation)
        # One of several buttons: only the one that is chosen tells something.
        return ("chosen" if _NO_NAME.fullmatch(chosen) else chosen, True) if is_checked else None
    if kind in {pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}:
        return _chosen_options(annotation, form) or _plain_value(annotation, form), False
    if kind == pdfium.FPDF_FORMFIELD_TEXTFIELD:
        is_secret = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD_FIELD
        return ("" if is_secret else _plain_value(annotation, form)), False
    return None


def _plain_value(annotation: Any, form: Any) -> str:
    import pypdfium2.raw as pdfium

    return _string(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation).strip()


def _chosen_options(annotation: Any, form: Any) -> str:
    import pypdfium2.raw as pdfium

    chosen = (
        _string(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, index).strip()
        for index in range(pdfium.FPDFAnnot_GetOptionCount(form, annotation))
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, index)
    )
    return "; ".join(filter(None, chosen))


def _field_name(annotation: Any, form: Any, label: str) -> str:
    """The words beside it on the page, else what its author calls it."""
    import pypdfium2.raw as pdfium

    if label:
        return label
    described = _string(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation).strip()
    if described:
        return described
    # "form1[0].#subform[0].Tenant[0]": the last part is the field, those before are its groups.
    full = _string(pdfium.FPDFAnnot_GetFormFieldName, form, annotation)
    return _NAME_PART.sub("", full).split(".")[-1].strip() or "Field"


def _label(textpage: Any, box: Box, widgets: list[Box], *, is_mark: bool) -> str:
    """The text right of a mark's box, left of another field, or above it; empty where there is none."""
    left, bottom, right, top = box
    middle = (bottom + top) / 2
    beside = [other for other in widgets if other[1] < middle < other[3] and other != box]
    if is_mark:
        # Fields further to the right have labels of their own.
        end = min((other[0] for other in beside if other[0] >= right), default=right + 400)
        if label := _first_words(textpage.get_text_bounded(right, bottom, end, top)):
            return label
    start = max((other[2] for other in beside if other[2] <= left), default=left - 1000)
    before: str = textpage.get_text_bounded(start, bottom, left, top)
    above: str = textpage.get_text_bounded(left - 2, top, right, top + LABEL_ABOVE)
    return _last_words(before) or _last_words(above)


def _first_words(text: str) -> str:
    lines = [line.strip(_LABEL_END) for line in text.splitlines()]
    return next((line[:MAX_LABEL_CHARS] for line in lines if any(map(str.isalpha, line))), "")


def _last_words(text: str) -> str:
    lines = [line.strip(_LABEL_END) for line in text.splitlines()]
    found = next((line for line in reversed(lines) if any(map(str.isalpha, line))), "")
    return found[-MAX_LABEL_CHARS:].lstrip()


def _string(get: Callable[..., int], *args: object) -> str:
    """What one of PDFium's functions writes into a buffer as UTF-16."""
    num_bytes = get(*args, None, 0)
    if num_bytes <= 2:
        return ""
    buffer = (ctypes.c_ushort * (num_bytes // 2 + 1))()
    get(*args, buffer, num_bytes)
    return (
        bytes(buffer)[: num_bytes - 2]
        .decode("utf-16-le", "replace")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
