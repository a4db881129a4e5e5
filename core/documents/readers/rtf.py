"""RTF documents: groups in braces, control words, and text in the code pages of their fonts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.readers import scripts
from core.documents.readers.tables import table_blocks
from core.errors import UnsupportedFileError
from core.runtime.words import counted

_MAGIC = b"{\\rtf"
_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])"
    r"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\"
)
# Groups whose text is not the document's.
_SKIPPED = frozenset(
    (
        *("colortbl", "stylesheet", "info", "pict", "objdata", "fldinst", "themedata", "datastore", "xe"),
        *("tc", "txe", "rxe", "nonshppict", "shprslt", "sp", "filetbl", "revtbl", "ftnsep"),
        *("ftnsepc", "aftnsep", "aftnsepc", "ftncn", "aftncn", "upr", "falt", "panose", "private"),
        *(
            "objname",
            "objclass",
            "listtable",
            "listoverridetable",
            "rsidtbl",
            "generator",
            "atnid",
            "atnref",
            "atnicn",
        ),
    )
)
_MARGINS = frozenset(["header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"])
# Groups that hold text, although a program that does not know them should skip them.
_KNOWN_EXTRAS = frozenset(["shpinst", "shptxt", "annotation", "atnauthor", "footnote", "fonttbl"])
_SIGNS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "tab": "\t", "line": "\n", "emspace": " ", "enspace": " ", "qmspace": " ", "nestcell": " ",
}  # fmt: skip
_ESCAPED = {"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\r": "", "\n": ""}
_CODE_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_OLD_DEFAULTS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def read_rtf(file: str, data: bytes) -> ReadResult:
    """Paragraphs, tables, footnotes, notes; headers and footers once.

    Raises:
        UnsupportedFileError: When it does not begin as RTF does.
    """
    if not data.lstrip().startswith(_MAGIC):
        raise UnsupportedFileError(f"{file} is no RTF document. Check the file and upload it again.")
    reader = _Rtf()
    blocks = reader.blocks(data.decode("latin-1"))
    notes = (counted(reader.num_pictures, "picture", "not read"),) if reader.num_pictures else ()
    return ReadResult((page_of(None, blocks),), notes)


def rtf_text(source: str) -> str:
    """The text of a document that is inside of another one, such as a mail's body."""
    return page_of(None, _Rtf().blocks(source)).text


@dataclass(frozen=True, slots=True)
class _State:
    """What holds until the end of a group.

    Attributes:
        into: Body, skip, fonts, or what is kept apart.
    """

    into: str = "body"
    font: int = -1
    num_fallback: int = 1
    is_raised: bool = False
    is_lowered: bool = False
    is_hidden: bool = False


class _Rtf:
    """A document as its groups and control words are gone through; its blocks come as they are whole."""

    def __init__(self) -> None:
        self.num_pictures = 0
        self._state = _State()
        self._stack: list[_State] = []
        self._bytes = bytearray()
        # The text of the paragraph under way, by what it belongs to.
        self._texts: dict[str, list[str]] = {}
        self._code_page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._to_skip = 0
        self._is_extra = False
        self._num_notes = 0
        self._author = ""
        self._margins: list[str] = []
        self._after: list[Block] = []
        self._cells: list[str] = []
        self._rows: list[list[str]] = []
        self._blocks: list[Block] = []

    def blocks(self, source: str) -> list[Block]:
        at = 0
        while found := _TOKEN.match(source, at):
            at = found.end()
            if found["word"]:
                number = int(found["number"]) if found["number"] else None
                if found["word"] == "bin":
                    at += max(0, number or 0)
                self._word(found["word"].lower(), number)
            elif found["byte"]:
                self._byte(int(found["byte"], 16))
            elif found["brace"]:
                self._brace(found["brace"])
            elif found["text"]:
                self._plain(found["text"])
            elif found["sign"]:
                self._sign(found["sign"])
        self._end_paragraph()
        self._end_table()
        margins = [Block(BlockKind.HEADER_FOOTER, text) for text in dict.fromkeys(self._margins)]
        return [*margins, *self._blocks, *self._after]

    # --- Groups

    def _brace(self, brace: str) -> None:
        self._flush()
        self._to_skip = 0
        if brace == "{":
            self._stack.append(self._state)
        elif self._stack:
            ended, self._state = self._state.into, self._stack.pop()
            if ended != self._state.into:
                self._end_destination(ended)
        self._is_extra = False

    def _end_destination(self, ended: str) -> None:
        text = self._taken(ended)
        if not text:
            return
        if ended == "margin":
            self._margins.append(text)
        elif ended == "author":
            self._author = text
        elif ended == "footnote":
            self._after.append(Block(BlockKind.FOOTNOTE, f"{self._num_notes} {text}"))
        elif ended == "note":
            by = f" by {self._author}" if self._author else ""
            self._after.append(Block(BlockKind.NOTE, f"Note{by}: {text}"))

    def _destination(self, word: str) -> str | None:
        """Where the text of the group goes that begins with this word; None where it is no such word."""
        if word == "pict":
            self.num_pictures += self._state.into == "body"
            return "skip"
        if self._state.into == "skip" or word in _SKIPPED or (self._is_extra and word not in _KNOWN_EXTRAS):
            return "skip"
        if word == "footnote":
            self._num_notes += 1
            self._add(f"[{self._num_notes}]")
        kept = {"fonttbl": "fonts", "footnote": "footnote", "annotation": "note", "atnauthor": "author"}
        return "margin" if word in _MARGINS else kept.get(word)

    # --- Control words

    def _word(self, word: str, number: int | None) -> None:
        if word == "u" and number is not None:
            self._flush()
            self._add(chr(number & 0xFFFF))
            self._to_skip = self._state.num_fallback
            return
        self._flush()
        self._to_skip = 0
        into = self._destination(word)
        self._is_extra = False
        if into is not None:
            self._state = replace(self._state, into=into)
        elif word in _SIGNS:
            self._add(_SIGNS[word])
        elif word in {"par", "sect", "page", "column"}:
            self._end_line()
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()
        else:
            self._format(word, number)

    def _format(self, word: str, number: int | None) -> None:
        is_on = number != 0
        state = self._state
        if word == "super":
            self._state = replace(state, is_raised=is_on, is_lowered=False)
        elif word == "sub":
            self._state = replace(state, is_lowered=is_on, is_raised=False)
        elif word == "nosupersub":
            self._state = replace(state, is_raised=False, is_lowered=False)
        elif word in {"v", "deleted", "htmlrtf"}:
            self._state = replace(state, is_hidden=is_on)
        elif word == "plain":
            self._state = replace(state, is_raised=False, is_lowered=False, is_hidden=False)
        elif word == "uc":
            self._state = replace(state, num_fallback=max(0, number or 0))
        elif word == "f" and number is not None:
            self._state = replace(state, font=number)
        elif word == "fcharset" and state.into == "fonts" and number in _CODE_PAGES:
            self._fonts[state.font] = _CODE_PAGES[number]
        elif word == "ansicpg" and number:
            self._code_page = f"cp{number}"
        elif word in _OLD_DEFAULTS:
            self._code_page = _OLD_DEFAULTS[word]

    # --- Text

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._is_extra = True
        elif sign in _ESCAPED:
            self._flush()
            if self._to_skip:
                self._to_skip -= 1
            elif sign in "\r\n":
                self._end_line()
            else:
                self._add(_ESCAPED[sign])

    def _byte(self, value: int) -> None:
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._bytes.append(value)

    def _plain(self, text: str) -> None:
        num_skipped = min(self._to_skip, len(text))
        self._to_skip -= num_skipped
        if rest := text[num_skipped:]:
            # A letter may be the second half of a character of two bytes.
            self._bytes += rest.encode("latin-1", errors="replace")

    def _flush(self) -> None:
        if not self._bytes:
            return
        raw, self._bytes = bytes(self._bytes), bytearray()
        try:
            text = raw.decode(self._fonts.get(self._state.font, self._code_page), errors="replace")
        except LookupError:
            text = raw.decode("cp1252", errors="replace")
        self._add(text)

    def _add(self, text: str) -> None:
        state = self._state
        if state.is_hidden or state.into in {"skip", "fonts"}:
            return
        if state.is_raised:
            text = scripts.up(text)
        elif state.is_lowered:
            text = scripts.down(text)
        self._texts.setdefault(state.into, []).append(text)

    def _taken(self, into: str) -> str:
        text = "".join(self._texts.pop(into, ()))
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return scripts.finished(whole).strip(" \t\n")

    # --- Paragraphs and tables

    def _end_line(self) -> None:
        if self._state.into != "body":
            self._add("\n")
        elif self._cells:
            # Several paragraphs in one cell.
            self._add(" ")
        else:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        text = self._taken("body")
        if text:
            self._end_table()
            self._blocks.append(Block(BlockKind.PARAGRAPH, text))
        self._blocks += self._take_after()

    def _end_cell(self) -> None:
        if self._state.into == "body":
            self._cells.append(" ".join(self._taken("body").split()))
        else:
            self._add("\t")

    def _end_row(self) -> None:
        if self._cells:
            self._rows.append(self._cells)
            self._cells = []

    def _end_table(self) -> None:
        self._end_row()
        if self._rows:
            self._blocks += table_blocks(self._rows)
            self._rows = []
            self._blocks += self._take_after()

    def _take_after(self) -> list[Block]:
        """Footnotes and notes of what has ended."""
        taken, self._after = self._after, []
        return taken
