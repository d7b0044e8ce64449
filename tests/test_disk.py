"""Whether the disk is nearly full: pure."""

import pytest

from visitorsflow.events import Began, Ended, Lasts
from visitorsflow.reasons import Reason
from visitorsflow.rules.limits import Disk
from visitorsflow.subjects import DISK

GB = 2**30


@pytest.mark.parametrize(
    ("total", "limit"), [(10 * GB, GB), (50 * GB, GB), (100 * GB, 2 * GB), (GB // 2, GB)]
)
def test_one_gigabyte_or_two_percent(total: int, limit: int) -> None:
    """Whichever is more."""
    assert Disk().check(limit, total, 0) == ()
    assert Disk().check(limit - 1, total, 0) != ()


def test_told_once_and_its_end() -> None:
    """When it has lasted for half a minute; over when there is a quarter more than the limit."""
    disk = Disk()
    reason = Reason("gigabytes", gigabytes="0.4")
    assert disk.check(400 * 2**20, 40 * GB, 0) == (Began(DISK, reason),)
    assert disk.check(300 * 2**20, 40 * GB, 29) == ()
    assert disk.check(200 * 2**20, 40 * GB, 30) == (Lasts(DISK, reason, 30),)
    assert disk.check(0, 40 * GB, 60) == ()
    assert disk.check(int(1.25 * GB) - 1, 40 * GB, 90) == ()
    assert disk.check(int(1.25 * GB), 40 * GB, 120) == (Ended(DISK, 120, told=True, caught_up=0),)
