"""What kind of value a question asks for, and which sentences have one: a time, a weight, a date, a number.

"How long" is not answered by a sentence without a length of time, however many of its words that has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.dates import MONTHS_PATTERN


def _any_of(words: str) -> str:
    return "|".join(words.split())


# Numbers in words, without those that are often something else, such as "one".
_NUMBER_WORDS = _any_of("""
    two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty
    hundred thousand million billion dozen half once twice zwei drei vier fünf sechs sieben acht neun zehn elf
    zwölf einmal zweimal dreimal deux trois quatre cinq sept huit neuf dix douze quinze vingt trente cent
    mille dos tres cuatro cinco seis siete ocho nueve diez doce quince veinte treinta cien due tre
    quattro cinque sette otto nove dieci dodici venti trenta cento dois três sete oito dez doze vinte trinta
    cem два две три четыре пять шесть семь восемь девять десять двенадцать двадцать сто тысяча тысяч
""")
# In German they are one word: "fünfundzwanzigtausend".
_GERMAN = r"\w*(?:zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig|hundert|tausend)"
_HAN = "[一二三四五六七八九十百千万两]"
_NUMBER = rf"(?:\d|\b(?:{_NUMBER_WORDS}|{_GERMAN})\b|{_HAN})"
# Between a number and its unit: its other digits and one word, "25,9 vom Hundert".
_UNIT_OF = rf"{_NUMBER}\S{{0,12}}(?:\s+\S+)?[\s–-]*(?<![^\W\d_])"
_TIMES = _any_of(r"""
    sec\w* min\w* hours? hrs? days? nights? weeks? months? quarters? years? decades? centur\w* sek\w* std\w*
    stunden? tag\w* nächte woche\w* monat\w* quartal\w* jahr\w* heures? jours? semaines? mois années? ans?
    segundos? horas? días? semanas? mes(?:es)? años? ore giorn\w settiman\w mes[ei] ann[oi] dias? mês anos?
    секунд\w* минут\w* час\w* дн\w* день сут\w* недел\w* месяц\w* год\w* лет
""")
_LENGTHS = _any_of(r"""
    [mck]?m feet foot ft inch\w* miles? yards? \w*met(?:er|re)\w* pages? letters? characters? words? метр\w*
""")
# Of what is large or high: an area, a price and a share too.
_SIZES = _any_of(r"""
    sq\w* acres? hectares? ha \w*met(?:er|re)\w* [mck]?m[²2³3]? feet foot ft inch\w* miles? yards?
    lit(?:er|re)s? [kmgt]b degrees? grad percent prozent vom % euros? eur dm mark franken chf usd dollars? rs
    millio\w* billio\w* stockwerk\w* storeys? stories floors? people employees
""")
_WEIGHTS = _any_of(r"""
    [mk]?g t \w*gram\w* kilos? pfund tonnen? tons? lbs? pounds? oz ounces? unzen? \w*грамм\w* кг тонн\w*
""")
_MONTHS_RU = r"(?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)\w*"
_MONTH = rf"\b(?:{MONTHS_PATTERN}|{_MONTHS_RU})\b"
_DATE = (
    rf"(?<![\d.,])(?:1\d|20)\d\d(?![\d.,]\d|\d)|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2}}|\d{{1,2}}:\d\d|"
    rf"{_MONTH}.{{0,4}}\d|\d.{{0,4}}{_MONTH}|\d\s?(?:[ap]m|Uhr|BC|AD|век\w*|г)\b|\d\s?[年月日]|"
    r"\d(?:st|nd|rd|th)\scentur|[٠-٩०-९]{4}"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of value. asked: what a question for it has; value: what a sentence with one has."""

    asked: re.Pattern[str]
    value: re.Pattern[str]

    @classmethod
    def of(cls, asked: str, value: str) -> _Kind:
        return cls(re.compile(asked, re.IGNORECASE), re.compile(value, re.IGNORECASE))


# The first that a question asks for.
_KINDS = (
    _Kind.of(
        r"\bwie lange\b|\bcombien de temps\b|\bcuánto tiempo\b|\bquanto tempo\b|"
        r"\bсколько времени\b|\bкак долго\b|多长时间|多久",
        rf"{_UNIT_OF}(?:{_TIMES})\b|(?:\d|{_HAN})\s?(?:个?小时|个?月|[秒分天周年])",
    ),
    _Kind.of(r"\bhow long\b|\bwie lang\b|多长", rf"{_UNIT_OF}(?:{_TIMES}|{_LENGTHS})\b|\d\s?(?:公里|米)"),
    _Kind.of(
        r"\bhow heavy\b|\bwie schwer\b|\bhow much .*\bweighs?\b|\bwie ?viel .*\bwieg[te]n?\b|多重",
        rf"{_UNIT_OF}(?:{_WEIGHTS})\b|\d\s?(?:公?斤|克|吨)",
    ),
    _Kind.of(
        r"\bhow (?:high|tall|large|big|far|deep|wide)\b|\bwie (?:hoch|groß|weit|tief|breit)\b",
        rf"{_UNIT_OF}(?:{_SIZES})(?!\w)|\d\s?[%€°]|[€$£₹]\s?\d|(?:Rs|EUR|USD|CHF|DM)\.?\s\d",
    ),
    _Kind.of(
        r"\b(?:when|wann|quand|cuándo|quando|когда)\b|什么时候|何时|哪一?年|متى|कब|\b(?:what|which|welche[ms]?|quelle|"
        r"qué|quale|que|каком) (?:year|date|day|jahr|datum|tag|année|date|año|fecha|anno|data|ano|году)\b",
        _DATE,
    ),
    _Kind.of(
        r"\bhow (?:many|much|old|fast|often)\b|\bwas kostet\b|多少|几[个年]|"
        r"\bwie ?(?:viele?[nr]?|alt|schnell|oft)\b|(?:^|\s)كم\s|कितन|"
        r"\b(?:combien|cuánt[oa]s?|quant[oaie]s?|сколько)\b",
        _NUMBER,
    ),
)


def has_kind(question: str, texts: Sequence[str]) -> list[bool] | None:
    """Which of `texts` have a value of the kind that a question asks for; None where it asks for none."""
    kind = next((each for each in _KINDS if each.asked.search(question)), None)
    return None if kind is None else [kind.value.search(text) is not None for text in texts]
