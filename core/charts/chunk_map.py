"""The chunk map as a figure: every chunk a point, near in meaning, near on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.charts import formatting
from core.charts.theme import LINE_COLOR, style
from core.projection import ChunkMap
from core.runtime.words import counted

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

# Okabe and Ito's, without black, which a dark page swallows; the question has its own look.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8B7FD6")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "circle", "square", "diamond", "triangle-up")
OTHER_COLOR = "#999999"
HIT_COLOR = "#D55E00"
MAX_NAME_CHARS = 32
HEIGHT_PX = 560
HOVER_LINE_CHARS = 44


def chunk_map(
    chunks: ChunkMap, *, question: tuple[float, float] | None = None, hits: Sequence[str] = ()
) -> go.Figure:
    """Draw the map.

    The eight largest documents have a colour each, the others are grey.

    Args:
        chunks: Where each chunk lies, and whose it is.
        question: Where the last question lies, in the map's own units; None where nothing was asked.
        hits: Chunk ids that answered it, best first.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    _add_others(figure, chunks)
    for index in range(min(len(COLORS), len(chunks.documents))):
        _add_document(figure, chunks, index)
    _add_asked(figure, chunks, question, hits)
    figure.update_layout(showlegend=True)
    quiet = {"showticklabels": False, "zeroline": False, "showgrid": False, "showline": True, "mirror": True}
    figure.update_xaxes(**quiet)
    # One scale for both: otherwise distances across would not compare with those up and down.
    figure.update_yaxes(**quiet, scaleanchor="x")
    style(
        figure,
        title=_title(chunks, question),
        subtitle=_subtitle(chunks),
        x_title="",
        height_px=HEIGHT_PX,
        above_px=28,
    )
    figure.update_layout(legend={"itemsizing": "constant"}, margin={"l": 14, "b": 30})
    return figure


def _title(chunks: ChunkMap, question: tuple[float, float] | None) -> str:
    documents = counted(len(chunks.documents), "document")
    title = f"{counted(len(chunks), 'chunk')} of {documents} by meaning"
    return title if question is None else f"{title}, and where the last question lies"


def _subtitle(chunks: ChunkMap) -> str:
    share = f"{100 * sum(chunks.explained):.0f} %"
    text = f"PCA: these two axes keep {share} of the variance, so near points may still be far apart"
    if chunks.num_total > len(chunks):
        text += f" · the first {len(chunks):,} of {chunks.num_total:,} chunks"
    return text


def _add_document(figure: go.Figure, chunks: ChunkMap, index: int) -> None:
    document = chunks.documents[index]
    name = formatting.safe(_short(document.file))
    _add_points(
        figure,
        chunks,
        chunks.document_of == index,
        name=name,
        marker={"color": COLORS[index], "symbol": SYMBOLS[index]},
        hover_name=formatting.safe(document.file),
    )


def _add_others(figure: go.Figure, chunks: ChunkMap) -> None:
    is_other = chunks.document_of >= len(COLORS)
    if is_other.any():
        _add_points(
            figure, chunks, is_other, name="other documents", marker={"color": OTHER_COLOR}, hover_name=None
        )


def _add_points(
    figure: go.Figure,
    chunks: ChunkMap,
    is_mine: np.ndarray,
    *,
    name: str,
    marker: dict[str, Any],
    hover_name: str | None,
) -> None:
    """Add the points of one trace.

    Args:
        figure: Gets the trace.
        chunks: All chunks of the map.
        is_mine: Which of them belong to the trace, shape (chunks,).
        name: The trace's name in the legend, escaped.
        marker: Colour and symbol, as Plotly names them; size and opacity are chosen here.
        hover_name: What every point of the trace is called; None where each has its own document.
    """
    import numpy as np

    mine = np.flatnonzero(is_mine)
    dense = len(chunks) > 5000
    options: dict[str, Any]
    if chunks.excerpts or hover_name is None:
        options = {"text": [_hover(chunks, int(point)) for point in mine]}
        template = "%{text}<extra></extra>"
    else:
        options = {"customdata": chunks.pages[mine]}
        has_pages = bool(chunks.pages[mine].any())
        template = f"<b>{hover_name}</b>{', page %{customdata}' if has_pages else ''}<extra></extra>"
    figure.add_scattergl(
        name=name,
        x=chunks.xy[mine, 0],
        y=chunks.xy[mine, 1],
        mode="markers",
        marker={"size": 4 if dense else 8, "opacity": 0.55 if dense else 0.8, **marker},
        hovertemplate=template,
        **options,
    )


def _hover(chunks: ChunkMap, point: int) -> str:
    """File, page and beginning of the text, escaped: Plotly reads HTML tags in it."""
    document = chunks.documents[int(chunks.document_of[point])]
    page = int(chunks.pages[point])
    place = f"<b>{formatting.safe(_short(document.file))}</b>" + (f", page {page}" if page else "")
    if not chunks.excerpts:
        return place
    return f"{place}<br>{formatting.wrap(chunks.excerpts[point], HOVER_LINE_CHARS)}"


def _add_asked(
    figure: go.Figure, chunks: ChunkMap, question: tuple[float, float] | None, hits: Sequence[str]
) -> None:
    found = [
        (number, chunks.index_of[hit]) for number, hit in enumerate(hits, start=1) if hit in chunks.index_of
    ]
    if found:
        figure.add_scatter(
            name="its hits",
            x=[float(chunks.xy[point, 0]) for _, point in found],
            y=[float(chunks.xy[point, 1]) for _, point in found],
            mode="markers+text",
            text=[f"<b>{number}</b>" for number, _ in found],
            textposition="top center",
            textfont={"size": 14},
            marker={
                "size": 16,
                "symbol": "circle-open",
                "color": HIT_COLOR,
                "line": {"width": 3, "color": HIT_COLOR},
            },
            customdata=[_hover(chunks, point) for _, point in found],
            hovertemplate="hit %{text}: %{customdata}<extra></extra>",
        )
    if question is not None:
        figure.add_scatter(
            name="last question",
            x=[question[0]],
            y=[question[1]],
            mode="markers",
            marker={
                "size": 20,
                "symbol": "star",
                "color": HIT_COLOR,
                "line": {"width": 1.5, "color": LINE_COLOR},
            },
            hovertemplate="the last question<extra></extra>",
        )


def _short(file: str) -> str:
    """A long name keeps its beginning and its end, where versions differ."""
    if len(file) <= MAX_NAME_CHARS:
        return file
    return f"{file[: MAX_NAME_CHARS - 11]}…{file[-10:]}"
