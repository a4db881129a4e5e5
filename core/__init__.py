"""Overlap's core: an async LlamaIndex and Milvus library without any user interface.

What others may build on is `__all__`; it is imported when it is first asked for, so that importing this
package costs nothing.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

# The one place of the version; pyproject.toml and the records of runs take it from here.
__version__ = "0.2.0"
__all__ = ["KnowledgeBase", "Settings", "__version__"]

if TYPE_CHECKING:
    from core.config.settings import Settings
    from core.knowledge_base import KnowledgeBase
else:
    # Hidden from type checkers, who would take any name for one of ours.
    _HOMES = {"KnowledgeBase": "core.knowledge_base", "Settings": "core.config.settings"}

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


# Whoever uses this as a library says where the lines go; until then they go nowhere.
logging.getLogger(__name__).addHandler(logging.NullHandler())
