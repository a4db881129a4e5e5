from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.config.settings import Settings, Target
from core.config.shared_limits import setting_names
from core.errors import ConfigError
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable


def test_settings_default_to_milvus_lite_under_the_data_folder() -> None:
    settings = Settings.from_env({})
    assert settings.target.is_lite
    assert settings.target.uri == str(Path("data/overlap.db"))
    assert settings.embed_model is None
    assert not settings.openai_api_key


def test_settings_of_the_environment_beat_dotenv(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("EMBED_MODEL=from-file\nLLM_MODEL=from-file\n")
    settings = Settings.from_env({"EMBED_MODEL": "from-environment"}, dotenv=dotenv)
    assert (settings.embed_model, settings.llm_model) == ("from-environment", "from-file")


def test_empty_setting_counts_as_unset() -> None:
    assert Settings.from_env({"EMBED_MODEL": "  "}).embed_model is None


def test_bundled_model_can_be_asked_for_by_its_name() -> None:
    assert Settings.from_env({"EMBED_MODEL": "bundled"}).embed_model is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MILVUS_URI", "localhost"),
        ("OPENAI_BASE_URL", "ftp://x"),
        ("OVERLAP_SHARED", "maybe"),
        ("OVERLAP_SHARED_CHUNKS", "-1"),
        ("OVERLAP_SHARED_IDLE_HOURS", "0"),
    ],
)
def test_wrong_setting_is_named_in_the_error(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        Settings.from_env({key: value})


def test_secrets_are_masked_in_every_text_form() -> None:
    settings = Settings.from_env(
        {
            "MILVUS_URI": "http://root:hunter2@milvus:19530",
            "MILVUS_TOKEN": "tok-secret",
            "OPENAI_API_KEY": "sk-secret",
        }
    )
    text = f"{settings!r} {settings} {settings.target.label}"
    assert not re.search("hunter2|tok-secret|sk-secret", text)
    assert settings.target.label == "http://milvus:19530"
    assert settings.target.token.value == "tok-secret"


def test_credentials_in_the_uri_become_the_token() -> None:
    target = Target.parse("https://user:pass@host:443")
    assert (target.uri, target.token.value) == ("https://host:443", "user:pass")


def test_wrong_uri_error_does_not_repeat_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        Target.parse("mysql://user:hunter2@host")
    assert "hunter2" not in str(caught.value)


def test_env_example_names_every_setting_that_the_code_reads() -> None:
    read = set(
        re.findall(
            r'values\.get\(\s*"([A-Z_]+)"',
            (REPOSITORY / "core/config/settings.py").read_text(encoding="utf-8"),
        )
    )
    read |= set(setting_names())
    listed = set(
        re.findall(r"^([A-Z_]+)=", (REPOSITORY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert read == listed


def test_visitors_have_folders_of_their_own_and_nobody_else_has() -> None:
    settings = Settings.from_env({"OVERLAP_DATA_DIR": "/data"})
    visitor = settings.for_visitor("ab" * 12)
    assert settings.runs_dir == Path("/data/runs")
    assert visitor.runs_dir == Path("/data/visitors") / ("ab" * 12) / "runs"
    assert visitor.originals_dir == Path("/data/visitors") / ("ab" * 12) / "files"
    assert visitor.target.key != settings.target.key


@pytest.mark.parametrize("visitor", ["../../etc", "AB" * 12, "ab", "ab" * 12 + "\n"])
def test_visitor_that_is_no_hash_is_refused(visitor: str) -> None:
    with pytest.raises(ValueError, match="is no visitor"):
        Settings.from_env({}).for_visitor(visitor)


def test_dotenv_that_windows_wrote_is_read_from_its_first_line_on(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"\xef\xbb\xbfLLM_MODEL=first\r\nEMBED_MODEL=second\r\n")
    settings = Settings.from_env({}, dotenv=dotenv)
    assert (settings.llm_model, settings.embed_model) == ("first", "second")


@pytest.mark.parametrize(
    "wrong", ['OVERLAP_SHARED="1', 'MILVUS_URI="http://milvus:19530', "OVERLAP_SHARED 1", "LLM_MODEL='a' b"]
)
def test_line_of_dotenv_that_cannot_be_read_is_named_and_not_dropped(tmp_path: Path, wrong: str) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"# Ours\n\nEMBED_MODEL=x\n\n{wrong}\nLLM_MODEL=y\n")
    with pytest.raises(ConfigError, match=r"Line 5 of .*\.env can't be read") as failed:
        Settings.from_env({}, dotenv=dotenv)
    assert wrong not in str(failed.value)


def test_value_of_dotenv_is_taken_as_it_is_written(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("export OPENAI_API_KEY=a${x}b$y # mine\nLLM_MODEL='two words'\nEMBED_MODEL\n")
    settings = Settings.from_env({}, dotenv=dotenv)
    assert settings.openai_api_key.value == "a${x}b$y"
    assert (settings.llm_model, settings.embed_model) == ("two words", None)


def test_dotenv_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("LLM_MODEL=x\n".encode("utf-16"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        Settings.from_env({}, dotenv=dotenv)
