"""Settings from the environment and `.env`; the one place that reads either."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from core.config.dotenv_file import read_dotenv
from core.config.shared_limits import SharedLimits
from core.errors import ConfigError
from core.runtime.logs import LEVELS

BUNDLED_MODEL = "all-MiniLM-L6-v2 (bundled)"
# Its name where a model is asked for.
BUNDLED_SETTING = "bundled"
DEFAULT_KB = "default"
# What benchmarks call data that is made for them: no knowledge base is called so.
SYNTHETIC_DATA = ("tutorial", "random")
# Rules, a question, one passage and an answer.
MIN_CONTEXT_TOKENS = 2048

_SCHEMES = ("http", "https", "tcp", "unix")
_OWNER = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A text that no repr, log line or page shows."""

    value: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return "Secret('********')" if self.value else "Secret('')"

    __str__ = __repr__


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where Milvus is: a path ending in ".db" for Milvus Lite, or a URI.

    Attributes:
        owner: The visitor of a shared app whose knowledge bases are meant, as 24 hexadecimal digits; "" for
            those that belong to no visitor. Nobody's are found under another owner.
    """

    uri: str
    token: Secret = Secret()
    owner: str = ""

    def __post_init__(self) -> None:
        if self.owner and not _OWNER.fullmatch(self.owner):
            raise ValueError(f"{self.owner!r} is no visitor")

    @property
    def key(self) -> str:
        """Tells apart what a process keeps for several targets and owners: see `is_key_of`."""
        return f"{self.uri}|{self.owner}"

    @property
    def place(self) -> str:
        """ " at http://…" for a sentence; "" for Milvus Lite, and for a visitor, who is not told where."""
        return "" if self.owner or self.is_lite else f" at {self.label}"

    @property
    def is_lite(self) -> bool:
        """Whether it is a file of Milvus Lite, not a server."""
        return self.uri.endswith(".db") and "://" not in self.uri

    @property
    def label(self) -> str:
        """For records and pages: "lite", or the URI without credentials and query."""
        if self.is_lite:
            return "lite"
        if "://" not in self.uri:
            return self.uri
        parts = urlsplit(self.uri)
        host = parts.netloc.rsplit("@", 1)[-1]
        return f"{parts.scheme}://{host}{parts.path}".rstrip("/")

    @classmethod
    def parse(cls, uri: str, token: str = "", *, key: str = "MILVUS_URI") -> Target:
        """Check a URI as somebody typed it.

        Credentials inside the URI become the token, so that they are masked like one.

        Raises:
            ConfigError: Naming `key`.
        """
        uri = uri.strip()
        wrong = ConfigError(
            f"{key} is {uri.rsplit('@', 1)[-1][:200]!r}, which is neither a path ending in .db (Milvus Lite) "
            "nor a URI such as http://localhost:19530. Correct it and start again."
        )
        try:
            if uri.endswith(".db") and "://" not in uri:
                return cls(uri=str(Path(uri).expanduser()), token=Secret(value=token))
            parts = urlsplit(uri)
            has_place = bool(parts.netloc or parts.path) and (parts.port or 1) > 0
        # RuntimeError: the home folder of somebody who isn't known here.
        except (ValueError, RuntimeError) as exc:
            raise wrong from exc
        if parts.scheme not in _SCHEMES or not has_place:
            raise wrong
        if "@" in parts.netloc:
            credentials, host = parts.netloc.rsplit("@", 1)
            return cls(uri=parts._replace(netloc=host).geturl(), token=Secret(value=token or credentials))
        return cls(uri=uri, token=Secret(value=token))


def is_key_of(owner: str, key: str) -> bool:
    """Whether what is kept under `key` is that owner's: it is `Target.key`, or begins with that and "|"."""
    return f"|{owner}|" in f"{key}|"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings, as `.env` and the environment are now; a page reads them anew each time it is drawn.

    Attributes:
        embed_model: None for the bundled model.
        llm_model: None for the provider's default.
        llm_context_tokens: How many tokens the model reads; None to ask its server.
        log_level: From which level on lines are written to the app's log; one of `core.runtime.logs.LEVELS`.
        is_shared: Strangers use this app.
        limits: What they may use.
    """

    target: Target
    data_dir: Path
    embed_model: str | None = None
    openai_api_key: Secret = Secret()
    openai_base_url: str | None = None
    llm_model: str | None = None
    llm_context_tokens: int | None = None
    log_level: str = "info"
    is_shared: bool = False
    limits: SharedLimits = field(default_factory=SharedLimits)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, dotenv: Path | None = None) -> Settings:
        """Read the settings. The environment beats `.env`; an empty value counts as unset.

        Args:
            environ: Defaults to the process's environment.
            dotenv: Defaults to ".env" in the working directory when `environ` is not given.

        Raises:
            ConfigError: Naming the setting.
        """
        if environ is None:
            environ = os.environ
            dotenv = dotenv or Path(".env")
        values = _merge_dotenv(environ, dotenv)
        data_dir = Path(values.get("OVERLAP_DATA_DIR", "./data")).expanduser()
        uri = values.get("MILVUS_URI", str(data_dir / "overlap.db"))
        base_url = values.get("OPENAI_BASE_URL")
        if base_url and not re.match(r"https?://[^\s/]+", base_url):
            raise ConfigError(
                f"OPENAI_BASE_URL is {base_url!r}, which is not an http or https address. "
                "Use one such as http://localhost:11434/v1."
            )
        return cls(
            target=Target.parse(uri, values.get("MILVUS_TOKEN", "")),
            data_dir=data_dir,
            embed_model=_parse_model(values.get("EMBED_MODEL")),
            openai_api_key=Secret(value=values.get("OPENAI_API_KEY", "")),
            openai_base_url=base_url,
            llm_model=values.get("LLM_MODEL"),
            llm_context_tokens=_parse_window(values.get("LLM_CONTEXT_WINDOW")),
            log_level=_parse_level("OVERLAP_LOG", values.get("OVERLAP_LOG", "info")),
            is_shared=_parse_flag("OVERLAP_SHARED", values.get("OVERLAP_SHARED", "0")),
            limits=SharedLimits.from_values(values),
        )

    def for_visitor(self, visitor: str) -> Settings:
        """The settings for one visitor of a shared app: knowledge bases and files of their own.

        Args:
            visitor: 24 hexadecimal digits; see `core.hosting.identity`.
        """
        return replace(self, target=replace(self.target, owner=visitor))

    @property
    def visitor(self) -> str:
        """Whose these settings are; "" where the app is not shared."""
        return self.target.owner

    @property
    def visitors_dir(self) -> Path:
        """Where what belongs to visitors of a shared app is, a folder for each."""
        return self.data_dir / "visitors"

    @property
    def runs_dir(self) -> Path:
        """Where run records are."""
        return self._own_dir / "runs"

    @property
    def originals_dir(self) -> Path:
        """Where uploaded PDFs are kept; see `core.documents.originals`."""
        return self._own_dir / "files"

    @property
    def _own_dir(self) -> Path:
        return self.visitors_dir / self.visitor if self.visitor else self.data_dir


def _parse_level(key: str, text: str) -> str:
    if text.lower() not in LEVELS:
        raise ConfigError(f"{key} is {text!r}; use one of {', '.join(LEVELS)}.")
    return text.lower()


def _merge_dotenv(environ: Mapping[str, str], dotenv: Path | None) -> dict[str, str]:
    merged: dict[str, str | None] = {}
    if dotenv is not None and dotenv.is_file():
        merged.update(read_dotenv(dotenv))
    merged.update(environ)
    return {key: value.strip() for key, value in merged.items() if value and value.strip()}


def _parse_model(value: str | None) -> str | None:
    return None if value == BUNDLED_SETTING else value


def _parse_window(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,8}", value) or int(value) < MIN_CONTEXT_TOKENS:
        raise ConfigError(
            f"LLM_CONTEXT_WINDOW is {value[:200]!r}; use how many tokens the model reads, "
            f"{MIN_CONTEXT_TOKENS:,} or more."
        )
    return int(value)


def _parse_flag(key: str, value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ConfigError(f"{key} is {value!r}; use 1 or 0.")
