"""A visitor's conversation: what was answered in it, and what is at work.

It outlives its page: who loads that anew finds it, with the answer that goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from core.answers.conversation import Turn
from core.answers.models import Answer
from core.config.settings import Settings
from pages.state.last_question import keep_question
from pages.state.left_behind import browser_key, left_chats
from pages.state.presence import presence
from pages.views.ask.sent_files import SentFiles, forget

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest
    from pages.views.ask.answer_job import AnswerJob

CHAT_KEY = "chat"


@dataclass(kw_only=True, slots=True)
class Chat:
    """A conversation.

    Attributes:
        turns: What was asked and answered, oldest first.
        ingests: By turn, the ingest of the files that were sent with it.
        job: The answer at work.
        beside: The extractive one at its side, where both are wanted.
        sent: The files of the message at work.
        replaced: The turns whose place the answer at work takes, once it is there.
        has_begun: Something was asked or sent in it; until then the page may take over another one.
    """

    turns: list[Turn] = field(default_factory=list)
    ingests: dict[int, Ingest] = field(default_factory=dict)
    job: AnswerJob | None = None
    beside: AnswerJob | None = None
    sent: SentFiles | None = None
    replaced: tuple[Turn, ...] = ()
    has_begun: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether a question is being answered, or files are taken in."""
        return self.job is not None or self.sent is not None

    @property
    def is_answering(self) -> bool:
        """Whether an answer is at work, or the one beside it."""
        return any(job is not None and job.is_running for job in (self.job, self.beside))

    def stop_answering(self) -> None:
        """Break the answers off; what came of them is kept."""
        for job in (self.job, self.beside):
            if job is not None:
                job.stop()

    def replace_from(self, index: int) -> None:
        """Ask anew: the next answer takes the place of that turn and all after it."""
        self.replaced = tuple(self.turns[index:])
        del self.turns[index:]

    def finish(self) -> str:
        """Put what came of the question at the end; returns what is to be said about it, mostly "".

        An answer that failed, or was stopped before its first word, takes no other's place.
        """
        job, beside = self.job, self.beside
        assert job is not None
        self.job = self.beside = None
        turn = Turn(
            question=job.question,
            answer=job.answer,
            extractive=None if beside is None else beside.answer,
            # Another one may have been opened since the question was asked.
            knowledge_base=job.knowledge_base_name,
            retrieval=job.retrieval,
            while_filling=job.was_filling,
        )
        replaced, self.replaced = self.replaced, ()
        if not turn.answer.text and any(old.answer.text for old in replaced):
            self.turns += replaced
            error = turn.answer.error
            said = f"“{turn.question}” was not answered anew. {error} What was there before is kept."
            return said if error else ""
        if replaced:
            self.ingests = {at: ingest for at, ingest in self.ingests.items() if at <= len(self.turns)}
            turn.take_place_of(replaced[0])
        self._add(turn)
        return ""

    def finish_files(self) -> None:
        """Put files that came without a question at the end, with what became of them."""
        assert self.sent is not None
        nothing = Answer(text="", mode="extractive", sources=())
        self._add(Turn(question="", answer=nothing, knowledge_base=self.sent.message.knowledge_base))

    def _add(self, turn: Turn) -> None:
        if self.sent is not None:
            turn.files, turn.files_refusal = self.sent.outcome, self.sent.error or ""
            self.ingests.pop(len(self.turns), None)
            if self.sent.ingest is not None:
                self.ingests[len(self.turns)] = self.sent.ingest
            forget(self.sent)
            self.sent = None
        self.turns.append(turn)

    def clear(self) -> None:
        """Begin anew."""
        self.turns.clear()
        self.ingests.clear()


def current_chat(settings: Settings) -> Chat:
    """The conversation of this page; before it has begun one, that of the page which was closed last."""
    chat: Chat = st.session_state.setdefault(CHAT_KEY, Chat())
    if chat.has_begun:
        return chat
    left = left_chats.take(browser_key(settings))
    if left is None:
        return chat
    chat = st.session_state[CHAT_KEY] = _handed_over(left)
    begin(settings, chat)
    keep_last_question(chat)
    return chat


def _handed_over(left: Chat) -> Chat:
    """The same conversation for another page; the first one keeps its turns, should it come back."""
    chat = replace(left, turns=list(left.turns), ingests=dict(left.ingests))
    left.job = left.beside = left.sent = None
    left.turns += left.replaced
    left.replaced = ()
    if chat.sent is not None:
        chat.sent.message.is_open = presence()
    return chat


def begin(settings: Settings, chat: Chat) -> None:
    """From now on it is found by whoever loads its page anew."""
    chat.has_begun = True
    left_chats.hold(browser_key(settings), chat, presence())


def keep_last_question(chat: Chat) -> None:
    """Other pages show where its hits lie."""
    if chat.turns and (turn := chat.turns[-1]).question:
        keep_question(turn.answer.searched_for or turn.question, turn.answer.sources)
