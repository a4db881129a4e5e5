"""Follow-up questions completed without a language model: what they leave out stands in the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.answers.models import Exchange
from core.answers.named import name_spans, years_in

# "And in 2020?", "What about Canada?": something else takes the place of what was asked about.
_LEAD = re.compile(
    r"[¿¡\s]*(?:(?:and|und|y|et|e|och|og|а|и)\b[\s,]*)?"
    r"(?:(?:(?:what|how) about|was ist mit|wie steht es (?:mit|um)|qué hay de|e quanto a)\b)?\s*",
    re.IGNORECASE,
)
_BEFORE = r"(?:in|im|for|at|of|from|by|on|under|during|since|en|em|à|au|für|в)"
_STARTS_WITH_BEFORE = re.compile(rf"{_BEFORE}\s+", re.IGNORECASE)
_ENDS_WITH_BEFORE = re.compile(rf"\b{_BEFORE}\s+(?:the\s+)?$", re.IGNORECASE)
# What a question without names in capitals is about: "how many beers in germany".
_LAST_WORD = re.compile(rf"\b{_BEFORE}\s+(?:the\s+)?(\S+)$", re.IGNORECASE)
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]+\b")
_ARTICLE = r"(?:the|an?|de|het|der|die|das|la|le|el|los|las)\s+"
_STARTS_WITH_ARTICLE = re.compile(_ARTICLE, re.IGNORECASE)
_ENDS_WITH_ARTICLE = re.compile(rf"\b{_ARTICLE}$", re.IGNORECASE)
# What goes on a name: "Nintendo 3DS XL".
_REST_OF_NAME = re.compile(r"(?:\s+(?:[A-Z]|\d)\w*)*")
_ASKS = re.compile(
    r"(?:who|whom|whose|what|when|where|which|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|"
    r"would|should|wer|wen|wem|was|wann|wo|wie|warum|welche[rsmn]?|qui|que|quoi|quand|où|comment|pourquoi|"
    r"combien|quels?|quelles?|quién|qué|cuándo|dónde|cómo|cuántos?|cuántas?|cuál|quem|quando|onde|como|quantos?|"
    r"quantas?|qual|кто|что|когда|где|как|сколько|какой|какая|какие)\b",
    re.IGNORECASE,
)
# What stands before the subject of a question.
_BEFORE_SUBJECT = re.compile(
    r"(?:\S+\s+){0,3}?(?P<verb>is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\s+"
    r"(?:(?:i|we|you|one)\s+\S+\s+)?|how\s+(?:many|much)\s+|which\s+|(?:who|what)\s+\S+\s+",
    re.IGNORECASE,
)
# Verbs at its end: what was done, after forms of "be"; what somebody does, after "do" and the like.
_BE = frozenset({"is", "are", "was", "were"})
_DONE = re.compile(
    r"(?<!\bthe)(?<!\ba)(?<!\ban)(?:\s+(?:first|last|ever|originally|finally))?"
    r"\s+(?:\w+(?:ed|en|ilt|ade|old|wn|ought|aid)|due|born|sent)$"
)
_DOES = re.compile(r"(?<!\b(?:the|for))(?<!\ban)(?<!\b[ai])(?<!\b(?:in|of|to|at|by|on))\s+[a-z]+$")
_OF_PERSON = re.compile(r"\b(?P<whose>his|her)\s+(?P<what>\w+)|\b(?:he|she|him|her)\b", re.IGNORECASE)
_OF_THING = re.compile(
    r"(?<!as )\b(?P<whose>its|their)\s+(?P<what>\w+)"
    r"|\b(?:it|they|them)\b(?!\s+(?:takes?|true|possible|rains?|snows?)\b)"
    r"|\b(?:this|that|these|those)(?=\s*(?:$|mean|happen|work|cost|end|start|called|made|built)\b)"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\b(?P<where>there)$",
    re.IGNORECASE,
)
# What stands before a pronoun is what it stands for: "the company and its staff".
_ANTECEDENT = re.compile(r"\b(?:the|an?|all|every|each|some|most)\s", re.IGNORECASE)
MAX_FRAGMENT_WORDS, MAX_BARE_WORDS, MAX_SUBJECT_WORDS, MAX_PRONOUN_WORDS = 6, 4, 6, 8


def completed(question: str, conversation: Sequence[Exchange]) -> str | None:
    """A follow-up with what it leaves out; None for a question that stands for itself.

    Args:
        question: As it was typed.
        conversation: What was asked before, oldest first.
    """
    if not conversation:
        return None
    before = _bare(conversation[-1].searched_for or conversation[-1].question)
    asked = _bare(question)
    lead = _LEAD.match(asked)
    rest = asked[lead.end() :] if lead else asked
    if not rest or not before:
        return None
    is_led = len(rest) < len(asked.lstrip("¿¡ "))
    num_words = len(rest.split())
    if _ASKS.match(rest):
        # "And how high?" has no subject, nor has "When was it built?"
        if num_words == 1 or (num_words == 2 and is_led):
            verb, told = _told(before)
            return f"{rest}{verb and f' {verb}'} {told}?"
        return _with_subject(rest, before)
    if is_led and num_words <= MAX_FRAGMENT_WORDS:
        return _with_subject(rest, before) or _exchanged(rest, before)
    if _STARTS_WITH_BEFORE.match(rest) and num_words <= MAX_BARE_WORDS:
        return _exchanged(rest, before)
    return None


def _bare(question: str) -> str:
    return " ".join(question.split()).strip(" ?.!¿？。")


def _with_subject(question: str, before: str) -> str | None:
    """With what a pronoun stands for; None where there is none, or where it may stand for something else."""
    if name_spans(question) or len(question.split()) > MAX_PRONOUN_WORDS:
        return None
    names = [before[start:end] for start, end in name_spans(before)]
    if match := _OF_PERSON.search(question):
        subject = names[-1] if names else _subject(before)
    elif match := _OF_THING.search(question):
        subject = _subject(before)
    else:
        return None
    if _ANTECEDENT.search(question[: match.start()]):
        return None
    instead = f"the {match['what']} of {subject}" if match["whose"] else subject
    if match.groupdict().get("where"):
        instead = f"in {subject}"
    return f"{question[: match.start()]}{instead}{question[match.end() :]}?"


def _told(question: str) -> tuple[str, str]:
    """A question's verb, or "", and what stands behind it."""
    match = _BEFORE_SUBJECT.match(question)
    return (match["verb"] or "", question[match.end() :]) if match else ("", question)


def _subject(question: str) -> str:
    """What a question is about: what stands between its verbs, or its names where that is much."""
    verb, told = _told(question)
    if verb:
        told = (_DONE if verb.casefold() in _BE else _DOES).sub("", told)
    names = [question[start:end] for start, end in name_spans(question)]
    if len(told.split()) > MAX_SUBJECT_WORDS and names:
        return " ".join(names)
    return re.sub(rf"\s+(?:about|{_BEFORE})$", "", told)


def _exchanged(instead: str, question: str) -> str:
    """`question` about something else: another year or another name, or something else of the same."""
    years, new_years = years_in(question), years_in(instead)
    if new_years:
        if years:
            return question.replace(max(years, key=question.rfind), max(new_years), 1) + "?"
        return f"{question} {instead[0].lower()}{instead[1:]}?"
    # The first word may be a name too.
    is_name = bool(name_spans(f"about {instead}")) or len(instead.split()) == 1
    if place := _exchanged_place(instead, question) if is_name else None:
        start, end = place
        name = _STARTS_WITH_BEFORE.sub("", instead)
        if _ENDS_WITH_ARTICLE.search(question[:start]):
            name = _STARTS_WITH_ARTICLE.sub("", name, count=1)
        return f"{question[:start]}{name}{question[end:]}?"
    subject = _subject(question)
    names = [question[at:end] for at, end in name_spans(question)]
    # "How many beers in Germany" is no subject, its name is.
    return f"{instead} of {subject if _STARTS_WITH_ARTICLE.match(subject) or not names else ' '.join(names)}?"


def _exchanged_place(instead: str, question: str) -> tuple[int, int] | None:
    """Where in `question` the name stands that another one replaces."""
    spans = name_spans(question)
    if not spans:
        last = _LAST_WORD.search(question)
        acronyms = list(_ACRONYM.finditer(question)) if _ACRONYM.search(instead) else []
        return acronyms[-1].span() if acronyms else last.span(1) if last else None
    is_after = [bool(_ENDS_WITH_BEFORE.search(question[:start])) for start, _ in spans]
    wanted = bool(_STARTS_WITH_BEFORE.match(instead))
    alike = [span for span, after in zip(spans, is_after, strict=True) if after == wanted]
    start, end = (alike or spans)[-1]
    rest = _REST_OF_NAME.match(question, end)
    return start, rest.end() if rest else end
