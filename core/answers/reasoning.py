"""What a model writes while it thinks, told from its answer."""

from __future__ import annotations

import re

OPEN, CLOSE = "<think>", "</think>"
_NAMES = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")
_NAME = "(?:" + "|".join(_NAMES) + ")"
# gpt-oss writes in channels; some servers leave only their names: "analysisThe user … assistantfinal37 m".
_CHANNEL = r"\s*(?:<\|end\|>\s*)?(?:<\|start\|>assistant)?<\|channel\|>\s*"
_FINAL = re.compile(rf"{_CHANNEL}final[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>\s*")
_CLOSE_TAG = re.compile(rf"[<\[]/{_NAME}[>\]]\s*", re.IGNORECASE)
# How each form begins and ends.
_FORMS = (
    (re.compile(rf"\s*[<\[]{_NAME}[>\]]", re.IGNORECASE), _CLOSE_TAG),
    (re.compile(rf"{_CHANNEL}(?!\s|final)\w+[^<]*<\|message\|>"), re.compile(rf"(?={_CHANNEL})|<\|end\|>")),
    (re.compile(r"\s*analysis(?=[A-Z])"), re.compile(r"assistantfinal\s*")),
)
_BEGINNINGS = (
    *(f"{left}{name}{right}" for name in _NAMES for left, right in ("<>", "[]")),
    "<|start|>assistant<|channel|>",
    "analysis",
)
_END_TOKEN = re.compile(r"\s*<\|(?:return|end|call)\|>\s*$")
# No tag or token is longer.
TAIL_CHARS = 120
# What may become a closing tag or a token with the next piece.
_UNFINISHED = re.compile(r"(?:<(?:/[\w:]*|\|.{0,80})?|\[(?:/[\w:]*)?)$", re.DOTALL)


def split_reasoning(text: str, *, is_whole: bool = True) -> tuple[str, str]:
    """The reasoning and the answer of what a model wrote.

    Where the opening tag is missing, all before the closing one is reasoning, so an answer that was begun may
    become reasoning.

    Args:
        text: What the model has written so far.
        is_whole: False while more is to come; what may still turn out to be a tag is held back then.
    """
    thoughts, rest = _opened(text, is_whole=is_whole)
    if rest is None:
        return _joined(thoughts), ""
    if not thoughts:
        # This is done for every piece of a stream: patterns are slow where the words alone tell.
        for end, words in ((_CLOSE_TAG, ("</", "[/")), (_FINAL, ("<|channel|>",))):
            if (
                any(each in rest for each in words)
                and (match := end.search(rest))
                and not _is_in_code(rest, match.start())
            ):
                thoughts, rest = [rest[: match.start()]], rest[match.end() :]
                break
    head, tail = rest[:-TAIL_CHARS], _END_TOKEN.sub("", rest[-TAIL_CHARS:])
    if is_whole:
        return _joined(thoughts), head + tail
    begun = rest[:TAIL_CHARS].lstrip().lower()
    if any(beginning.startswith(begun) for beginning in _BEGINNINGS):
        return _joined(thoughts), ""
    return _joined(thoughts), head + _UNFINISHED.sub("", tail)


def _opened(text: str, *, is_whole: bool) -> tuple[list[str], str | None]:
    """Reasoning that says where it begins, and what follows; None while it goes on."""
    thoughts: list[str] = []
    while True:
        if final := _FINAL.match(text):
            return thoughts, text[final.end() :]
        for begin, end in _FORMS:
            if not (begun := begin.match(text)):
                continue
            if ended := end.search(text, begun.end()):
                thoughts.append(text[begun.end() : ended.start()])
                text = text[ended.end() :]
                break
            if is_whole and begun[0].strip() == "analysis":
                return thoughts, text  # a word like others
            return [*thoughts, text[begun.end() :]], None
        else:
            return thoughts, text


def _is_in_code(text: str, index: int) -> bool:
    line = text[text.rfind("\n", 0, index) + 1 : index]
    return line.count("`") % 2 == 1 or text.count("```", 0, index) % 2 == 1


def _joined(thoughts: list[str]) -> str:
    return "\n\n".join(thought.strip() for thought in thoughts if thought.strip())
