"""What Word, PowerPoint and Excel have in common: charts, SmartArt, and the text of shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.documents.blocks import Block, BlockKind
from core.documents.readers.number_format import shown
from core.documents.readers.omml import math_text
from core.documents.readers.ooxml import Package, local, one_line, rel_key
from core.documents.readers.scripts import down, finished, up
from core.documents.readers.word_styles import letters_of, roman

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_OF_CHART = frozenset({"chart"})
_OF_AXES = frozenset({"catAx", "valAx", "dateAx", "serAx", "axis"})
# A chart of measured points is a picture; its first ones say what they are.
MAX_POINTS = 500


def paragraph_text(paragraph: Any) -> str:
    """The text of a paragraph of a shape; line breaks are kept."""
    return finished("".join(_runs(paragraph)))


def body_lines(body: Any) -> list[str]:
    """The paragraphs of a shape's text that hold any, with the numbers of lists."""
    lines: list[str] = []
    counts: dict[int, int] = {}
    for paragraph in body.iterchildren(f"{DRAWING}p"):
        line = paragraph_text(paragraph)
        if line.strip():
            label = _label(paragraph.find(f"{DRAWING}pPr"), counts)
            lines.append(f"{label} {line.lstrip()}" if label else line)
    return lines


def _label(settings: Any, counts: dict[int, int]) -> str:
    """A paragraph's number in its list; "" where it has none.

    Args:
        settings: The paragraph's own settings, as XML; None where it has none.
        counts: How many items came before, by their level; changed here.
    """
    level = 0 if settings is None else int(settings.get("lvl", 0))
    for deeper in [each for each in counts if each > level]:
        del counts[deeper]
    numbering = None if settings is None else settings.find(f"{DRAWING}buAutoNum")
    if numbering is None:
        counts.pop(level, None)
        return ""
    counts[level] = counts.get(level, int(numbering.get("startAt", 1)) - 1) + 1
    form = numbering.get("type", "arabicPeriod")
    text = _written(counts[level], form)
    before = "(" if form.endswith("ParenBoth") else ""
    return f"{before}{text}{')' if 'Paren' in form else '.' if form.endswith('Period') else ''}"


def _written(number: int, form: str) -> str:
    if form.startswith("alpha"):
        return letters_of(number).upper() if "Uc" in form else letters_of(number)
    if form.startswith("roman"):
        return roman(number).upper() if "Uc" in form else roman(number)
    return str(number)


def _runs(parent: Any) -> Iterator[str]:
    for child in parent:
        name = local(child)
        if name in {"r", "fld"}:
            text = "".join(part.text or "" for part in child.iterchildren(f"{DRAWING}t"))
            properties = child.find(f"{DRAWING}rPr")
            baseline = 0 if properties is None else _percent(properties.get("baseline", "0"))
            yield up(text) if baseline > 0 else down(text) if baseline < 0 else text
        elif name == "br":
            yield "\n"
        elif name in {"oMath", "oMathPara"}:
            yield math_text(child)
        elif name == "AlternateContent":
            yield from _runs(child[0] if len(child) else child)
        elif name in {"m", "Choice"}:
            yield from _runs(child)


def _percent(text: str) -> float:
    return float(text.rstrip("%") or 0)


def drawing_blocks(package: Package, part: str) -> tuple[list[Block], int]:
    """The charts and texts of a sheet's drawing, and how many charts are without data."""
    root = package.xml_or_none(part)
    if root is None:
        return [], 0
    blocks: list[Block] = []
    num_without = 0
    for element in root.iter("{*}txBody", f"{CHART}chart", "{*}chart", f"{DIAGRAM}relIds"):
        name = local(element)
        if name == "txBody":
            blocks.append(Block(BlockKind.PARAGRAPH, "\n".join(body_lines(element))))
        elif name == "relIds":
            blocks += diagram_blocks(package, part, element)
        elif rel_id := element.get(rel_key("id")):
            block = chart_block(package, part, rel_id)
            num_without += block is None
            blocks += [block] if block else []
    return blocks, num_without


def diagram_blocks(package: Package, part: str, rel_ids: Any) -> list[Block]:
    """The texts of a SmartArt graphic, in its order."""
    root = package.xml_or_none(package.target(part, rel_ids.get(rel_key("dm"))))
    if root is None:
        return []
    lines: list[str] = []
    for point in root.iter(f"{DIAGRAM}pt"):
        if point.get("type", "node") in {"node", "asst"}:
            for body in point.iterchildren(f"{DIAGRAM}t"):
                lines += [" ".join(body_lines(body))]
    return [Block(BlockKind.LIST_ITEM, line) for line in lines if line]


def chart_block(package: Package, part: str, rel_id: str) -> Block | None:
    """A chart's title, series and values; None where the file does not have them."""
    root = package.xml_or_none(package.target(part, rel_id))
    if root is None:
        return None
    title = " ".join(_titles(root, _OF_CHART))
    axes = "; ".join(_titles(root, _OF_AXES))
    lines = list(_chart_lines(root)) or list(_new_chart_lines(root))
    if not lines:
        return None
    head = f"Chart: {title}" if title else "Chart"
    return Block(
        BlockKind.CHART, "\n".join([head, *([f"Axes: {axes}"] if axes else []), *lines[:MAX_POINTS]])
    )


def _titles(root: Any, owners: frozenset[str]) -> Iterator[str]:
    """The titles of a chart, or of its axes."""
    for title in root.iter("{*}title"):
        if local(title.getparent()) in owners:
            parts = [*title.itertext(f"{DRAWING}t"), *title.itertext(f"{CHART}v")]
            if text := one_line("".join(parts)):
                yield text


def _chart_lines(root: Any) -> Iterator[str]:
    """A line for each category, "Alby; Revenue: 417; Cost: 300"."""
    categories: dict[int, str] = {}
    series: list[tuple[str, dict[int, str]]] = []
    for ser in root.iter(f"{CHART}ser"):
        names = _points(ser.find(f"{CHART}cat")) or _points(ser.find(f"{CHART}xVal"))
        values = _points(ser.find(f"{CHART}val")) or _points(ser.find(f"{CHART}yVal"))
        categories = names | categories
        if values:
            series.append((_series_name(ser), values))
    places = sorted({place for _, values in series for place in values})
    for place in places:
        named = (
            f"{name}: {values[place]}" if name else values[place]
            for name, values in series
            if place in values
        )
        yield "; ".join(filter(None, [categories.get(place, ""), *named]))


def _series_name(ser: Any) -> str:
    found = ser.find(f"{CHART}tx")
    if found is None:
        return ""
    return one_line(" ".join(value.text or "" for value in found.iter(f"{CHART}v")))


def _points(source: Any) -> dict[int, str]:
    """The values that a chart keeps of its cells, by their place."""
    found: dict[int, str] = {}
    if source is None:
        return found
    code = next((code.text or "" for code in source.iter(f"{CHART}formatCode")), "General")
    for point in source.iter(f"{CHART}pt"):
        value = point.find(f"{CHART}v")
        if value is None or value.text is None:
            continue
        place = int(point.get("idx", len(found)))
        text = _number(value.text, point.get("formatCode", code))
        # Categories of several levels: the outer one comes last.
        found[place] = f"{text} {found[place]}" if place in found else text
    return {place: one_line(text) for place, text in found.items()}


def _number(text: str, code: str) -> str:
    try:
        return shown(float(text), code)
    except ValueError:
        return text


def _new_chart_lines(root: Any) -> Iterator[str]:
    """Waterfalls, funnels and the like, which are kept in another form."""
    for data in root.iter("{*}data"):
        levels = [[one_line(point.text or "") for point in dim.iter("{*}pt")] for dim in data]
        if any(levels):
            for values in zip(*filter(None, levels), strict=False):
                yield "; ".join(filter(None, values))
