"""What several commands ask for: refused in a sentence that names the flag."""

from __future__ import annotations

import pytest

from core.cli.exit_codes import WrongUseError
from core.cli.options import check_encoding_flag, secret_from

pytestmark = pytest.mark.portable


def test_secret_is_the_variable_s_and_none_without_the_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_TEST_SECRET", "sesame")
    assert secret_from("--token-env", "OVERLAP_TEST_SECRET") == "sesame"
    assert secret_from("--token-env", None) == ""


def test_variable_that_holds_nothing_is_refused_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_TEST_SECRET", "")
    for variable in ("OVERLAP_TEST_SECRET", "OVERLAP_TEST_NOTHING"):
        with pytest.raises(WrongUseError, match=f"--token-env names {variable}, which is not set"):
            secret_from("--token-env", variable)
    with pytest.raises(WrongUseError, match="--token-env names no environment variable"):
        secret_from("--token-env", "")


def test_encoding_is_looked_up_only_where_one_is_named() -> None:
    check_encoding_flag("")
    check_encoding_flag("windows-1250")
    with pytest.raises(WrongUseError, match="klingon"):
        check_encoding_flag("klingon")
