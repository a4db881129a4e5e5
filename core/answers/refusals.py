"""What is said where the documents do not answer, or where that can't be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.config.settings import BUNDLED_MODEL
from core.documents.languages import language_name, language_names

if TYPE_CHECKING:
    from core.answers.retrieval import Found

EMPTY = "There is nothing to search in yet. Add documents first."
NARROWED = (
    "The documents that the search is narrowed to are not there any more, or have no passages yet. "
    "Choose others, or none, in the search settings."
)
# More languages than these are not listed in a sentence.
MOST_NAMED = 3

NOTHING_FOUND = "I found nothing about this in your documents."
# The same in the question's language.
_NOTHING_FOUND = {
    "ar": "لم أجد شيئًا عن هذا في مستنداتك.",
    "de": "Dazu habe ich in Ihren Dokumenten nichts gefunden.",
    "es": "No he encontrado nada sobre esto en sus documentos.",
    "fr": "Je n'ai rien trouvé à ce sujet dans vos documents.",
    "hi": "मुझे आपके दस्तावेज़ों में इसके बारे में कुछ नहीं मिला।",
    "it": "Non ho trovato nulla al riguardo nei suoi documenti.",
    "ja": "これについては、文書の中に何も見つかりませんでした。",
    "ko": "문서에서 이에 대한 내용을 찾지 못했습니다.",
    "pt": "Não encontrei nada sobre isto nos seus documentos.",
    "ru": "В ваших документах я ничего об этом не нашёл.",
    "tr": "Belgelerinizde bununla ilgili bir şey bulamadım.",
    "zh": "我在您的文档中没有找到相关内容。",
}


def nothing_found(language: str | None) -> str:
    """That the documents do not say it, in the question's language where it has a sentence."""
    return _NOTHING_FOUND.get(language or "", NOTHING_FOUND)


def can_not_tell(found: Found, model: str) -> str:
    """That question and documents are in languages which `model` can't compare."""
    asked = language_name(found.question_language or "")
    languages = found.languages - {found.question_language, None}
    name = "The bundled model" if model == BUNDLED_MODEL else f"The model {model}"
    own = f"I found nothing about this in your {asked} documents. " if _has_own(found) else ""
    if len(languages) > MOST_NAMED:
        others, theirs = "the other languages of your documents", "those documents"
        ask_in = "the language of the document that you mean"
    else:
        others = language_names(languages)
        theirs, ask_in = f"your {others} documents", language_names(languages, "or")
    return (
        f"{own}{name} can't compare {asked} with {others}, so I can't tell whether {theirs} "
        f"say it. Ask in {ask_in}, or make the knowledge base with a multilingual model."
    )


def _has_own(found: Found) -> bool:
    return found.question_language in found.languages
