"""What belongs to the whole app: its jobs, what visitors have in common, and what goes with one of them."""

from __future__ import annotations

from core.config.settings import Settings
from core.hosting.host import Host, Hosts
from core.runtime.jobs import Jobs
from pages.state.left_behind import left_chats
from pages.state.opened import forget_opened
from pages.state.talk import forget_talk

jobs = Jobs()
_hosts = Hosts(forget=lambda visitor: forget_visitor(visitor))


def host_of(settings: Settings) -> Host | None:
    """What all visitors of a shared app have in common; None where the app is not shared."""
    return _hosts.of(settings) if settings.is_shared else None


def forget_visitor(visitor: str) -> None:
    """Let go of all that is open for a visitor, whose data are about to be deleted."""
    forget_opened(visitor)
    jobs.forget_visitor(visitor)
    forget_talk(visitor)
    left_chats.forget_visitor(visitor)
