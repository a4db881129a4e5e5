"""A source opened: the PDF's page with the passage marked, or the passage where it stands."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from core.answers.models import Source
from core.config.settings import Settings
from core.documents.models import OLDER
from core.documents.part_names import part_name
from core.errors import OverlapError
from pages.components.document_text import beginning_of, end_of, passage_html
from pages.components.markdown import escaped
from pages.state.opened import open_knowledge_base
from pages.views.ask.citation_links import citation_href
from pages.views.ask.scroll_to_mark import bring_into_view

PAGE_KEY = "source_page"  # the page of the opened PDF that is shown

NEAR_CHARS = 600
OLDER_BADGE = f":orange-badge[{OLDER}]"
# Percent of the strip: just room for the number on a phone; more would push neighbours from their places.
LEAST_WIDTH = 2.2

SCORE_MEANING = (
    "Cosine similarity compares the meaning of question and passage as the embedding model sees it: 1 is the "
    "same, 0 has nothing in common. It is not a probability. Passages stand in the order of their relevance, "
    "which weighs this against the share of the question's words that a passage has."
)


@st.dialog("Source", width="large", on_dismiss="rerun")
def open_source(
    settings: Settings, knowledge_base: str, turn: int, number: int, sources: Sequence[Source]
) -> None:
    """Show source `number` of a turn, out of the knowledge base that the turn's question was asked of."""
    source = sources[number - 1]
    older = f" · {OLDER_BADGE}" if source.is_older else ""
    st.markdown(f"**\\[{source.number}\\] {escaped(source.place)}**{older}")
    draw_notes(source)
    st.caption(f"cosine similarity {source.score:.2f}", help=SCORE_MEANING)
    st.html(heat_strip(turn, number, sources))
    if not _draw_pdf_page(settings, source):
        _draw_surroundings(settings, knowledge_base, source)


def draw_notes(source: Source) -> None:
    """What is to be known about a source before it is believed."""
    if source.is_older:
        st.caption("A newer document of this name is in the knowledge base.")
    if source.also_in:
        st.caption(f"The same passage is in {escaped('; '.join(source.also_in))}.")


def heat_strip(turn: int, number: int, sources: Sequence[Source]) -> str:
    """HTML: where in its document source `number` and the other hits lie, the more similar the darker."""
    opened = sources[number - 1]
    hits = [source for source in sources if source.document_id == opened.document_id]
    best = max(source.score for source in hits)
    marks = "".join(
        _mark(turn, source, best, place, is_open=source.number == number)
        for source, place in zip(hits, _places(hits), strict=True)
    )
    part = part_name(opened.file)
    last = "" if opened.num_pages is None else f"{part} {opened.num_pages:,}"
    first = f"{part} 1" if last else "beginning"
    where = f"where the {len(hits)} hits lie" if len(hits) > 1 else "where it lies"
    return (
        '<div style="position:relative;height:1.6rem;border-radius:0.3rem;'
        f'background:rgba(128,128,128,0.18)">{marks}</div>'
        '<div style="display:flex;justify-content:space-between;font-size:0.8rem;opacity:0.75">'
        f"<span>{first}</span><span>{where} in {html.escape(opened.file)}</span>"
        f"<span>{last or 'end'}</span></div>"
    )


def _places(hits: Sequence[Source]) -> list[tuple[float, float]]:
    """Left edge and width of each hit's mark in percent: where it lies, beside those that lie there too."""
    in_order = sorted(range(len(hits)), key=lambda index: hits[index].position)
    widths = [max(LEAST_WIDTH, 100 / max(1, hit.num_chunks)) for hit in hits]
    lefts = [100 * hit.position / max(1, hit.num_chunks) for hit in hits]
    free_from = 0.0
    for index in in_order:
        lefts[index] = max(lefts[index], free_from)
        free_from = lefts[index] + widths[index]
    free_to = 100.0
    for index in reversed(in_order):
        lefts[index] = max(0.0, min(lefts[index], free_to - widths[index]))
        free_to = lefts[index]
    return list(zip(lefts, widths, strict=True))


def _mark(turn: int, source: Source, best: float, place: tuple[float, float], *, is_open: bool) -> str:
    left, width = place
    strength = 0.35 + 0.65 * (source.score / best if best > 0 else 1)
    outline = "outline:2px solid #D55E00;z-index:1;" if is_open else ""
    title = f"[{source.number}] {source.place}: {source.score:.2f}"
    return (
        f'<a href="{citation_href(turn, source.number)}" title="{html.escape(title, quote=True)}" style="'
        f"position:absolute;left:{left:.2f}%;width:{width:.2f}%;top:0;bottom:0;"
        "text-align:center;font-size:0.75rem;line-height:1.6rem;color:#fff;text-decoration:none;overflow:hidden;"
        f'background:rgba(0,114,178,{strength:.2f});{outline}">{source.number}</a>'
    )


def _draw_pdf_page(settings: Settings, source: Source) -> bool:
    """The page with the passage marked, and its neighbours; False where the PDF was not kept."""
    from core.documents.originals import Originals
    from core.documents.page_image import render_page

    path = Originals(settings.originals_dir).find(source.document_id) if source.document_id else None
    if path is None or source.page is None:
        return False
    number = int(st.session_state.get(PAGE_KEY, {}).get(source.chunk_id, source.page))
    try:
        image = render_page(path, number, source.text)
    except OverlapError as exc:
        st.info(escaped(str(exc)), icon=":material/image_not_supported:")
        return False
    _draw_turning(source, number, image.num_pages)
    st.image(image.png, width="stretch", alt=f"Page {number:,} of {source.file}, with the passage marked")
    if image.mark_start is not None:
        bring_into_view(f"{source.chunk_id} {number}", image.mark_start)
    elif number == source.page:
        st.caption("The passage could not be marked on this page; here it is as text.")
        st.text(source.text)
    return True


def _draw_turning(source: Source, number: int, num_pages: int) -> None:
    # Not in columns: those stand below each other on a phone, and the page would be out of sight.
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if st.button("Previous", icon=":material/chevron_left:", disabled=number <= 1):
            _turn_to(source, number - 1)
        st.markdown(f"Page {number:,} of {num_pages:,}", width="content")
        if st.button(
            "Next", icon=":material/chevron_right:", icon_position="right", disabled=number >= num_pages
        ):
            _turn_to(source, number + 1)


def _turn_to(source: Source, number: int) -> None:
    st.session_state[PAGE_KEY] = {source.chunk_id: number}
    st.rerun(scope="fragment")


def _draw_surroundings(settings: Settings, knowledge_base: str, source: Source) -> None:
    from core.store import surroundings

    try:
        kb = open_knowledge_base(settings, knowledge_base).result()
        around = surroundings(kb.store, source.document_id, source.position)
    except OverlapError as exc:
        st.info(escaped(str(exc)), icon=":material/info:")
        st.text(source.text)
        return
    if around.text.split() != source.text.split():
        # It was cut anew since, for another model or by a newer version.
        st.caption("The document has been cut into other passages since. This is the one that was cited.")
        st.html(passage_html(source.text, is_marked=True))
        return
    st.html(
        passage_html(end_of(around.before, NEAR_CHARS), is_faint=True)
        + passage_html(around.text, is_marked=True)
        + passage_html(beginning_of(around.after, NEAR_CHARS), is_faint=True)
    )
