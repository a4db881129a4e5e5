"""What a preflight says of the disk."""

from __future__ import annotations

import pytest

from core.runtime.check import MIN_FREE_BYTES, disk_check

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(("free_bytes", "is_ok"), [(MIN_FREE_BYTES, True), (MIN_FREE_BYTES - 1, False)])
def test_disk_with_less_than_a_gigabyte_free_is_told_with_what_to_do(free_bytes: int, is_ok: bool) -> None:
    check = disk_check("Disk", "room for records", free_bytes)
    assert (check.name, check.ok, check.detail) == ("Disk", is_ok, "room for records")
    assert (check.what_to_do == "") == is_ok
    assert is_ok or check.what_to_do.startswith("Free at least 1 GB")
