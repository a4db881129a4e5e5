"""The words of a text as a search by words compares them: their stems, and pieces of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

# Written without spaces between words: by pairs of characters.
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# The same, but with more characters to a word: Thai, Lao, Myanmar, Khmer.
_THAI = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
# Signs that belong to the letter before them, which are no letters to `re`; the danda is a full stop.
_SIGNS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0f71-\u0f84"
_LETTER = rf"(?:[^\W_{_HAN}{_THAI}]|[{_SIGNS}])"
_WORDS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<thai>[{_THAI}]+)|(?P<word>{_LETTER}+)")
_PLAIN_WORDS = re.compile(r"[^\W_]+")
_IS_SPECIAL = re.compile(rf"[{_HAN}{_THAI}{_SIGNS}]")
_IS_UNSPACED, _IS_HAN = re.compile(rf"[{_HAN}{_THAI}]"), re.compile(rf"[{_HAN}]")
_DIGIT = re.compile(r"\d")
# The digits of Arabic, Persian, Hindi and its relatives, Thai, Lao and Burmese: a page and a question may
# write one number in two ways.
_ZEROS = (0x660, 0x6F0, *range(0x966, 0xDE7, 0x80), 0xE50, 0xED0, 0x1040)
_DIGITS = {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
# A part number, a version, an address: one name, although it has other characters inside.
_NAMES = re.compile(r"[a-z0-9]+(?:[-./:_#@+]+[a-z0-9]+)+")
_VERSION_MARK = re.compile(r"^v(?=\d)")
_IS_NAME = re.compile(r"[-./:_#@+]")
# Three numbers or more with dots; or letters, a sign and more, with at least `LEAST_DIGITS` digits.
_IDENTIFIER = re.compile(r"\d+(?:\.\d+){2,}|[a-z]+[-_/#:.].*")
LEAST_DIGITS = 5
# A number of this many digits or more, with nothing between them, names one thing out of many, and no amount.
LEAST_LONG = 6
# A date, and thousands with dots.
_OTHERWISE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}\.\d{1,2}\.\d{1,2}|\d{1,3}(?:\.\d{3})+")
# How many characters a piece of a word has, the word's borders among them.
GRAM_CHARS = 4
# What Snowball calls the languages that it has stems of.
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
# The same in Chinese, where they part words too: what, how much, which, who, is, of.
_HAN_STOP_WORDS = re.compile(
    "为什么|什么|多少|怎么|怎样|如何|为何|哪[个些里年]?|谁|吗|呢|的|了|是|有多|几[个年]?"
)
# Words that nearly every question and passage has say nothing about either. In a large collection their
# frequency tells; in a small one they would count like others.
_STOP_WORDS = {
    "en": "a an and are as at be been being but by can could did do does for from had happen happened "
    "happens has have how i if in into is it its may might must my no not of on one or our out "
    "shall should so such than that the their them then there these they this those to too us was "
    "we were what when where which while who whom whose why will with would you your",
    "de": "aber als am an auch auf aus bei bin bis das dass dem den der des die dies diese dieser dieses "
    "durch ein eine einem einen einer eines er es für hat hatte haben ich ihr im in ist kann können man mit "
    "nach nicht noch nur oder sein seine sich sie sind so über um und uns unter vom von vor wann war waren "
    "warum was welche welchem welchen welcher welches wem wen wenn wer werden wie wieviel wir wird wo wurde "
    "wurden zu zum zur",
    "fr": "a à au aux avec ce ces cet cette combien comme comment dans de des du elle en est et était il ils "
    "je la le les leur lui mais ne nous on ont ou où par pas plus pour pourquoi qu quand que quel quelle "
    "quelles quels qui quoi sa se ses son sont sur un une vous",
    "es": "a al como cómo con cuál cuáles cuándo cuánto cuánta cuántos cuántas de del dónde el ella en entre "
    "era es esta este esto fue ha han hay la las lo los más no o para pero por porque que qué quién quiénes "
    "se ser si sin sobre son su sus también tiene un una uno y",
    "it": "a al alla anche che chi ci come con cosa cui da dal dalla dei del della delle di dove e è era gli "
    "ha hanno i il in la le lo ma nel nella non o per perché più qual quale quali quando quanti quanto "
    "se si sono su sul un una uno",
    "pt": "a à ao aos as com como da das de do dos e é ela ele em entre era foi há mais mas na não "
    "nas no nos  "
    "o os ou onde para pela pelo por porque qual quais quando quanto quantos que quem se seu sua são ser "
    "sobre também tem um uma",
    "nl": "aan als bij dat de deze die dit door een en er had hebben heeft het hij hoe hoeveel ik in is kan "
    "maar met naar niet of om ook op over te tot uit van voor waar waarom wanneer was wat we welk welke "
    "werd wie worden zijn ze zo",
    "ru": "а без был была были было быть в во вы где для до его ее её если есть же за и из или их к "
    "как какая  "
    "какие каким какими каких какого какой каком какому какую какое когда кого кому кто куда ли между мы на "
    "не него нее них но о об он она они от по под почему при с свой себя сколько со так также такой то того "
    "том у что чего чем чему чтобы эта эти это этого этой этом этот я",
    "ar": "أن أو أي إلى إن التي الذي الذين ال بعد بين تم ثم حتى ذلك عام على عن عند عندما في قبل قد "
    "كان كانت كل كم  "
    "كيف لا لم لماذا ما ماذا متى مع من منذ هذا هذه هل هم هو هي و وقد وكان أين وفي ومن",
    "hi": "अपने आप इस इसके उस उसके एक और कब कर करता करते करने का कि कितना कितनी कितने किया किस "
    "किसका किसके किसने  "
    "किसी की कुछ के को कौन कौनसा कौनसी क्या क्यों गई गए गया जब जहाँ जा जाता जो तक तो था थी थे "
    "द्वारा नहीं ने पर  "
    "भी में यह या ये रहा लिए वह वाले वे से सकता हुआ हुई हुए है हैं हो होता कहाँ कैसे",
}

# Words that mean the same where amounts are told, in whichever language; signs of money have the first one.
_SAME = [
    tuple(words.split())
    for words in (
        "total totals totale totaux gesamtbetrag gesamtsumme gesamt summe endbetrag endsumme rechnungsbetrag "
        "rechnungssumme итого 合计 总计 总额 合計 總計",
        "usd dollar dollars",
        "eur euro euros",
        "gbp pound pounds",
        "inr rupee rupees rs",
        "jpy yen",
    )
]
_SAME_AS = {word: tuple(each for each in words if each != word) for words in _SAME for word in words}
_MONEY = {"$": "usd", "€": "eur", "£": "gbp", "₹": "inr", "¥": "jpy"}
_IS_MONEY = re.compile(f"[{''.join(_MONEY)}]")
# It is a total, and no matter of what else is grand.
_GRAND = re.compile(r"\bgrand (?=totals?\b)")

# A token's terms: words, and pieces of words.
Terms = tuple[tuple[str, ...], tuple[str, ...]]


class Analyzer:
    """Cuts texts of one language into tokens, and says what a token counts as.

    Args:
        language: Two letters; None where it is unknown, without stems then.
    """

    def __init__(self, language: str | None) -> None:
        import Stemmer

        name = _STEMMERS.get(language or "")
        # It keeps the word that it works on, so threads can't share one.
        self._stem: Callable[[str], str] = Stemmer.Stemmer(name).stemWord if name else str
        self._stop_words = frozenset(_STOP_WORDS.get(language or "", "").split())

    def tokens(self, text: str) -> list[str]:
        """Words, names with digits as a whole, and runs of characters where a script has no spaces."""
        text = _GRAND.sub("", unicodedata.normalize("NFKC", text).casefold().translate(_DIGITS))
        if _IS_SPECIAL.search(text) is None:
            found = _PLAIN_WORDS.findall(text)
        else:
            found = [token for match in _WORDS.finditer(text) for token in _tokens(match)]
        with_digits = (part for part in text.split() if _DIGIT.search(part))
        names = (name for part in with_digits for name in _NAMES.findall(part) if _DIGIT.search(name))
        money = (_MONEY[sign] for sign in _IS_MONEY.findall(text))
        return [*found, *map(without_version_mark, names), *money]

    def is_stop_word(self, token: str) -> bool:
        """Whether it says nothing, because nearly every text of the language has it."""
        return token in self._stop_words

    def terms(self, token: str) -> Terms:
        """What a token counts as. words: its stem; pieces: what other forms of it have in common with it."""
        if self.is_stop_word(token):
            return (), ()
        if _IS_UNSPACED.match(token):
            size = 2 if _IS_HAN.match(token) else 3
            return ((token,), (token[: size - 1],)) if len(token) == size else ((), (token,))
        # 7741 is not nearly 7742, and of a name its parts are tokens too.
        if _DIGIT.search(token):
            return (token,), () if _IS_NAME.search(token) else (token,)
        word = f" {token} "
        pieces = (word[start : start + GRAM_CHARS] for start in range(max(1, len(word) - GRAM_CHARS + 1)))
        return (self._stem(token),), tuple(pieces)


def same_as(word: str) -> tuple[str, ...]:
    """Other words that mean the same as one in lower case: a bill's "Gesamtbetrag" is its "total"."""
    return _SAME_AS.get(word, ())


def without_version_mark(name: str) -> str:
    """v2.31.0 is 2.31.0."""
    return _VERSION_MARK.sub("", name)


def is_name(token: str) -> bool:
    """Whether a token is a name with digits, such as 8.14.0, E-101 or 2025-06-10."""
    return bool(_DIGIT.search(token) and _IS_NAME.search(token))


def is_identifier(token: str) -> bool:
    """Whether it is one that is written in one way only: 8.14.0 or CVE-2021-44228, not a date or COVID-19."""
    if _IDENTIFIER.fullmatch(token) is None or _OTHERWISE.fullmatch(token):
        return False
    return token[0].isdigit() or sum(char.isdigit() for char in token) >= LEAST_DIGITS


def is_long_number(token: str) -> bool:
    """Whether it is the number of something, such as an invoice, and hardly an amount."""
    return token.isdecimal() and len(token) >= LEAST_LONG


def _tokens(match: re.Match[str]) -> Iterator[str]:
    run = match[0]
    if match["word"] is not None:
        yield run
        return
    size = 2 if match["han"] else 3
    for part in filter(None, _HAN_STOP_WORDS.split(run)):
        # The last one is shorter, so that the pieces of all of them are those of the run.
        for start in range(max(1, len(part) - size + 2)):
            yield part[start : start + size]
