"""The report: its period and its tags; pure."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from visitorsflow.facts import Totals
from visitorsflow.report.tags import body_of, tags_of
from visitorsflow.rules.period import AHEAD, OpenHours, ahead_from, inside_since, period_of
from visitorsflow.settings import Settings

DAY = date(2018, 5, 31)
BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = Settings(home=Path())
TOTALS = Totals(72, 20, datetime(2018, 5, 31, 10, 18, 25), datetime(2018, 5, 31, 10, 28, 25))


def test_the_documented_form() -> None:
    """Three objects, all values text, the keys in the API's order."""
    assert body_of(tags_of(TOTALS, SETTINGS)) == (
        '[{"SSID":"SS-007","TagType":"Count","TagID":"901","TagValue":"52",'
        '"StartTime":"20180531101825","EndTime":"20180531102825"},\n'
        ' {"SSID":"SS-007","TagType":"CountAccuIn","TagID":"902","TagValue":"72",'
        '"StartTime":"20180531101825","EndTime":"20180531102825"},\n'
        ' {"SSID":"SS-007","TagType":"CountAccuOut","TagID":"903","TagValue":"20",'
        '"StartTime":"20180531101825","EndTime":"20180531102825"}]'
    )


def test_a_name_in_chinese_is_written_as_it_is() -> None:
    """Not as JSON's escapes: a plain comparison at the other end finds it."""
    assert '"SSID":"北門"' in body_of(tags_of(TOTALS, Settings(home=Path(), ssid="北門")))


def test_nobody_is_less_than_nobody() -> None:
    """More went out than came in (a camera missed some): the count is 0, not negative."""
    values = [tag["TagValue"] for tag in tags_of(TOTALS._replace(came_in=5), SETTINGS)]
    assert values == ["0", "5", "20"]


def test_a_day_so_far_and_a_whole_day() -> None:
    """Today ends with the present second, yesterday at midnight, tomorrow is empty."""
    now = datetime(2018, 5, 31, 10, 18, 25, 999_999)
    midnight = datetime(2018, 5, 31)
    assert period_of(DAY, now) == (midnight, datetime(2018, 5, 31, 10, 18, 26))
    assert period_of(DAY - timedelta(days=1), now) == (midnight - timedelta(days=1), midnight)
    tomorrow = period_of(DAY + timedelta(days=1), now)
    assert tomorrow.start == tomorrow.end


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2018-10-27T23:59:59", "01:59:59"),
        ("2018-10-28T00:30:00", "02:30:00"),
        ("2018-10-28T00:59:59", "02:59:59"),
        # 02:00 to 03:00 comes a second time: its first passage lies before now, whatever the clock says.
        ("2018-10-28T01:00:00", "03:00:00"),
        ("2018-10-28T01:30:00", "03:30:00"),
        ("2018-10-28T02:00:00", "03:00:00"),
    ],
)
def test_an_hour_that_comes_twice(at: str, until: str) -> None:
    """On the day on which clocks are set back no crossing of the day so far is left out."""
    now = datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(BERLIN)
    end = datetime.fromisoformat(f"2018-10-28T{until}") + timedelta(seconds=1)
    assert period_of(now.date(), now) == (datetime(2018, 10, 28), end)
    assert ahead_from(now) == end + timedelta(minutes=5)


def test_ahead_of_now_is_on_the_next_day_too() -> None:
    """At the end of a day as at any time: five minutes after the end of the present second."""
    for hour, minute in ((0, 0), (10, 18), (23, 55), (23, 59)):
        now = datetime(2018, 5, 31, hour, minute, 59, 999_999)
        assert ahead_from(now) == datetime(2018, 5, 31, hour, minute) + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("open_hours", "at", "since"),
    [
        (None, 0, "05-31 00:00"),
        ((time(8), time(22)), 23, "05-31 00:00"),
        ((time(9), time(9)), 8, "05-31 00:00"),
        ((time(18), time(2)), 9, "05-30 10:00"),
        ((time(18), time(2)), 10, "05-31 10:00"),
    ],
)
def test_since_when_people_inside_are_counted(open_hours: OpenHours | None, at: int, since: str) -> None:
    """Since the day began; where it is open over midnight, since the middle of its closed hours."""
    found = inside_since(datetime(2018, 5, 31, at), open_hours)
    assert f"{found:%m-%d %H:%M}" == since


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),
    st.integers(0, 86_400),
    st.sampled_from(
        ["Europe/Berlin", "America/Havana", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe", "UTC"]
    ),
)
def test_every_crossing_of_the_day_so_far_is_in_the_period(at: datetime, ago: int, zone: str) -> None:
    """Whatever the zone does to its clocks, what crossed earlier today by the cameras' clocks counts."""
    now = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    crossed = (at - timedelta(seconds=ago)).replace(tzinfo=UTC, microsecond=0).astimezone(ZoneInfo(zone))
    start, end = period_of(now.date(), now)
    naive = crossed.replace(tzinfo=None)
    assert naive < ahead_from(now) - AHEAD
    if crossed.date() == now.date():
        assert start <= naive < end
    else:
        assert naive < start


@pytest.mark.parametrize("zone", ["Asia/Taipei", None])
def test_now_is_the_venues_clock(zone: str | None) -> None:
    """`timezone` decides what day it is, not the machine; without it the machine does."""
    with time_machine.travel(datetime(2018, 5, 31, 20, 0, tzinfo=UTC)):
        now = Settings(home=Path(), timezone=zone).now()
        assert now.date() == (date(2018, 6, 1) if zone else datetime.now().date())  # noqa: DTZ005
