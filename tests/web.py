"""The page as a real process, and days for it to show; `python -m tests.web` serves them to be looked at."""

import contextlib
import http.client
import json
import math
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright
from sqlalchemy import insert

from tests import forks
from tests.mariadb import MariaDB
from tests.venue import Venue
from visitorsflow import __version__
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import PeopleFlow
from visitorsflow.database.status_tables import PEOPLE_FLOW_REPORT, Beat, Cameras, Reports
from visitorsflow.database.tables import make_when_missing
from visitorsflow.database.told import PEOPLE_FLOW_TOLD
from visitorsflow.facts import Crossing, Totals
from visitorsflow.settings import Settings

SILENT = '[["silence", null]]'
REJECTED = json.dumps(
    [
        [
            "rejected",
            ["rejected file", {"name": "20181103101825.json", "why": ["quoted", {"text": "內容不完整"}]}],
        ]
    ]
)
CAMERAS = ("北門", "南門", "東門", "停車場")


class Page:
    """A running `uploadData.py --web`; `get` asks it as a stranger does."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"

    def get(
        self, path: str = "/", method: str = "GET", **headers: str
    ) -> tuple[int, str, "http.client.HTTPMessage"]:
        """Status, text and headers; a header's name is written with _ for -."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            link.request(method, path, headers=given)
            answer = link.getresponse()
            return answer.status, answer.read().decode("utf-8-sig"), answer.headers
        finally:
            link.close()


@contextlib.contextmanager
def serving(
    venue: Venue,
    address: str = "127.0.0.1:0",
    *,
    ended_by: int = signal.SIGTERM,
    first: str = "",
    fresh: bool = False,
) -> Iterator[Page]:
    """The page of a venue, once it has read; at its end it must have left with 0 within two seconds.

    `first` is Python that its process runs before the script; `fresh` as for forks.start.
    """
    errors = (venue.home / "web.txt").open("ab")
    process = forks.start(
        venue.command("uploadData.py", "--web", address, first=first),
        fresh=fresh,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        encoding="utf-8",
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.search(r"http://\S+:(\d+)/", line)
        assert found, (line, (venue.home / "web.txt").read_text("utf-8"))
        page = Page(process, int(found[1]))
        yield page
        if process.poll() is None:
            process.send_signal(ended_by)
            spent = 0.0  # without the time that a busy machine had for nobody
            while process.poll() is None and spent < 2:
                time.sleep(0.01)
                spent += 0.01
            assert process.poll() == 0
    finally:
        errors.close()
        if process.stdout:
            process.stdout.close()
        if process.poll() is None:
            process.kill()
            process.wait()


def beat(name: str, **changed: object) -> Beat:
    """One of a camera that is well, but for what is changed."""
    usual = Beat(name, 2.0, "x.json", None, 0, 0, 60.0, True, True, "", __version__, f"pc-{name}")
    return usual._replace(**changed)  # type: ignore[arg-type]


def fill(
    settings: Settings, day: date, until: datetime, cameras: tuple[str, ...] = CAMERAS, seed: int = 1
) -> Totals:
    """A day of people until a local time, the fewer the later the camera's name comes. Returns its totals."""
    dice = random.Random(f"{day} {seed}")
    database = Database(settings)
    database.transaction(lambda connection: make_when_missing(connection, PEOPLE_FLOW_TOLD))
    came_in = went_out = 0
    for share, camera in enumerate(cameras, start=1):
        crossings = []
        at = datetime(day.year, day.month, day.day, 8)
        person = 0
        while at < until and at.hour < 22:
            hour = at.hour + at.minute / 60
            busy = (
                math.exp(-(((hour - 11) / 2) ** 2)) + 0.8 * math.exp(-(((hour - 16) / 2.5) ** 2)) + 0.1
            ) / share
            leaving = 0.3 + 0.45 * min(1.0, max(0.0, (hour - 9) / 9))
            for _ in range(round(busy * 8 * dice.random() * 1.4)):
                person += 1
                state = int(dice.random() < leaving)
                came_in, went_out = came_in + (not state), went_out + state
                crossings.append(
                    Crossing(min(at + timedelta(seconds=dice.randrange(60)), until), at, person, state, 0, 0)
                )
            at += timedelta(minutes=1)
        table = PeopleFlow(database, camera)
        table.prepare()
        table.insert(crossings)
    database.close()
    return Totals(came_in, went_out, None, None)


def fill_reports(settings: Settings, day: date, until: datetime) -> None:
    """A report every five minutes from eight on; two refused, and none for half an hour."""
    database = Database(settings)
    first = datetime(day.year, day.month, day.day, 8)
    Reports(database).add(
        day, 0, Totals(1, 1, first, first), http_status=200, accepted=True, reply="", partial=""
    )
    rows, at = [], first
    while at < until - timedelta(minutes=3):
        is_missing = timedelta(hours=2) <= at - first < timedelta(hours=2, minutes=30)
        refused = at - first in (timedelta(hours=4), timedelta(hours=4, minutes=5))
        utc = at.replace(tzinfo=settings.timezone).astimezone(UTC).replace(tzinfo=None)
        row = {
            "sentAt": utc,
            "day": day,
            "count": 1,
            "accuIn": 2,
            "accuOut": 1,
            "startTime": first,
            "endTime": at,
        }
        row |= {"httpStatus": 200, "accepted": not refused, "reply": '{"Desc":"失敗"}' if refused else "{}"}
        if not is_missing:
            rows.append({**row, "partial": ""})
        at += timedelta(minutes=5)
    with database.engine.begin() as connection:
        connection.execute(PEOPLE_FLOW_REPORT.delete())
        connection.execute(insert(PEOPLE_FLOW_REPORT), rows)
    database.close()


def zone_where_it_is(hour: int) -> str:
    """A time zone in which it is that hour now: what is shown of a day needs one that has begun."""
    offset = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def main() -> None:
    """Serve a day at http://127.0.0.1:8099/ until Ctrl-C; with a path, draw it into that file instead."""
    with tempfile.TemporaryDirectory(prefix="vf-") as folder, MariaDB(Path(folder) / "db") as server:
        server.execute("CREATE DATABASE v CHARACTER SET utf8mb4")
        venue = Venue(Path(folder) / "venue", server.lines("v"))
        venue.configure(timezone=zone_where_it_is(16), open_hours=("08:00", "22:00"), capacity=1000)
        settings = venue.settings()
        now = settings.now().replace(tzinfo=None)
        fill(settings, now.date(), now)
        for days in (1, 7):
            day = datetime.combine(now.date() - timedelta(days=days), now.time().replace(hour=23))
            fill(settings, day.date(), day)
        fill_reports(settings, now.date(), now)
        cameras = Cameras(Database(settings))
        cameras.prepare()
        with serving(venue, "127.0.0.1:8099") as page:
            print(page.url, flush=True)
            while page.process.poll() is None:
                for name in CAMERAS[:2]:
                    cameras.beat(beat(name, crossing_at=now))
                cameras.beat(beat("東門", crossing_at=now, rejected=1, trouble=REJECTED))
                cameras.beat(beat("停車場", file_age=760.0, crossing_at=now, trouble=SILENT))
                time.sleep(10)
                if sys.argv[1:]:
                    draw(page.url, Path(sys.argv[1]))
                    break


def draw(url: str, path: Path) -> None:
    """The page as a picture for the documents."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-TW")
        tab.goto(url)
        tab.screenshot(path=path, full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
