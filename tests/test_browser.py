"""The page in a real Chromium, as the manager sees it: on a screen, a phone, a wall, on paper."""

import os
import re
import shutil
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect, sync_playwright
from playwright.sync_api import Page as Tab

from tests.mariadb import MariaDB
from tests.venue import Venue, some_crossings, wait_until
from tests.web import CAMERAS, SILENT, Page, beat, fill, fill_reports, serving, zone_where_it_is
from visitorsflow.database.connection import Database
from visitorsflow.database.status_tables import Cameras

pytestmark = [pytest.mark.usefixtures("not_at_midnight"), pytest.mark.timeout(180)]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUICKLY = (
    "import datetime; from visitorsflow.rules import health\n"
    "health.DEAD_AFTER = datetime.timedelta(seconds=4)\n"
    "from visitorsflow.venue.overview import Overview\n"
    "Overview.__init__.__kwdefaults__['beat_every'] = 0.5"
)
DESK, PHONE, WALL = (1280, 900), (390, 844), (1920, 1080)


CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = (rgb) => { const [r, g, b] = rgb.slice(0, 3).map((v) => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = (one) => {
    let rgb = parts(getComputedStyle(one).backgroundColor);
    return rgb.length < 4 || rgb[3] > 0 ? rgb : ground(one.parentElement);
  };
  const names = "p, th, td, h1, h2, a, b, small, span, summary, text, button, input";
  return [...document.querySelectorAll(names)].filter((one) => one.textContent.trim()).map((one) => {
    const style = getComputedStyle(one), back = light(ground(one));
    const front = light(parts(one.tagName === "text" ? style.fill : style.color));
    return [(Math.max(front, back) + .05) / (Math.min(front, back) + .05), one.outerHTML.slice(0, 99)];
  }).filter(([ratio]) => ratio < 4.5);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; where it is missing, the tests are left out, but never in CI."""
    if not Path(CHROMIUM).exists():
        assert not os.environ.get("CI"), "chromium is missing; on Debian: apt-get install chromium"
        pytest.skip("chromium is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """Opens the page at a size; remembers what the browser complains about, and what it was sent."""

    def __init__(self, browser: Browser, shots: Path) -> None:
        self._browser = browser
        self._shots = shots
        self.complaints: list[str] = []
        self.sent = 0

    def open(self, url: str, size: tuple[int, int] = DESK, **options: Any) -> Tab:
        viewport: Any = {"width": size[0], "height": size[1]}
        tab = self._browser.new_context(viewport=viewport, timezone_id="UTC", **options).new_page()
        tab.on("console", lambda said: self.complaints.append(said.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("response", self._count)
        tab.goto(url)
        return tab

    def shoot(self, tab: Tab, name: str) -> None:
        tab.screenshot(path=self._shots / f"{name}.png", full_page=True)

    def _count(self, response: Any) -> None:
        self.sent += int(response.headers.get("content-length", 0))


@pytest.fixture
def visitor(browser: Browser, tmp_path: Path) -> Iterator[Visitor]:
    visitor = Visitor(browser, tmp_path)
    yield visitor
    for context in browser.contexts:
        context.close()


@pytest.fixture(scope="module")
def filled(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """It is three in the afternoon of a day with four gates; yesterday and a week ago were like it."""
    name = f"v{uuid.uuid4().hex}"
    mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    venue = Venue(tmp_path_factory.mktemp("filled") / "venue", mariadb.lines(name))
    venue.configure(timezone=zone_where_it_is(15), open_hours=("08:00", "22:00"), capacity=1000)
    settings = venue.settings()
    now = settings.now().replace(tzinfo=None)
    fill(settings, now.date(), now)
    for days in (1, 7):
        fill(settings, now.date() - timedelta(days=days), now)
    fill_reports(settings, now.date(), now)
    return venue


@pytest.fixture(scope="module")
def always(filled: Venue) -> Iterator[Page]:
    with serving(filled) as page:
        wait_until(lambda: "昨天" in page.get()[1])
        yield page


@pytest.fixture
def page(filled: Venue, always: Page) -> Page:
    """Its page, at a moment in which three gates are well and the last one is silent."""
    database = Database(filled.settings())
    cameras = Cameras(database)
    cameras.prepare()
    for name in CAMERAS[:3]:
        cameras.beat(beat(name, crossing_at=filled.settings().now().replace(tzinfo=None)))
    cameras.beat(beat("停車場", file_age=760.0, trouble=SILENT))
    database.close()
    wait_until(lambda: "停車場 沒有資料 12 分鐘" in always.get()[1])
    return always


def fits(tab: Tab) -> bool:
    """Nothing makes the page wider than the window."""
    root = "document.documentElement"
    return bool(tab.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"))


def values(tab: Tab) -> list[str]:
    return [re.sub(r"\D", "", text) for text in tab.locator(".value").all_text_contents()]


def gate(tab: Tab, name: str) -> Locator:
    return tab.locator("tr", has=tab.get_by_role("rowheader", name=name, exact=True))


# --- while things happen ----------------------------------------------------------------------------


def test_four_uploaders_of_which_one_is_killed(
    mariadb_venue: Venue, visitor: Visitor, tmp_path: Path
) -> None:
    """Each gate is there with its numbers; the dead one is named at the top, without a reload."""
    venues = []
    for number, name in enumerate(CAMERAS):
        venue = Venue(tmp_path / f"pc{number}", mariadb_venue.database)
        venue.configure(camera=name, idle_seconds=3600)
        venues.append(venue)
    mariadb_venue.configure(idle_seconds=3600)
    with ExitStack() as running:
        uploaders = [running.enter_context(venue.uploading(first=QUICKLY)) for venue in venues]
        now = datetime.now()  # noqa: DTZ005
        start = max(now - timedelta(seconds=20), datetime(now.year, now.month, now.day))
        for number, venue in enumerate(venues, start=1):
            records = some_crossings(f"{start:%Y%m%d%H%M%S}", 3 * number)
            venue.drop(f"{start:%Y%m%d%H%M%S}.json", records)
        page = running.enter_context(serving(mariadb_venue, first=QUICKLY))
        tab = visitor.open(page.url)
        expect(tab.locator(".sentence")).to_have_text("一切正常", timeout=20_000)
        expect(tab.locator(".number.in .value")).to_have_text(re.compile("^20 "), timeout=20_000)
        assert values(tab) == ["10", "20", "10"]
        for number, name in enumerate(CAMERAS, start=1):
            expect(gate(tab, name)).to_contain_text("正常", timeout=20_000)
            cells = gate(tab, name).locator("td").all_text_contents()
            assert cells[:3] == [str(2 * number), str(number), "正常"]
        visitor.shoot(tab, "four")
        uploaders[1].send_signal(signal.SIGKILL)
        sentence = tab.locator(".sentence")
        expect(sentence).to_contain_text(re.compile("1 件事要處理：南門 沒有回應 .* 秒$"), timeout=25_000)
        expect(gate(tab, "南門")).to_contain_text("沒有回應")
        expect(tab.locator(".events")).to_contain_text("南門")
        visitor.shoot(tab, "killed")
    assert not visitor.complaints


def test_the_database_goes_and_comes_back(tmp_path: Path, visitor: Visitor) -> None:
    """The numbers turn grey, with words; they are the new ones when it is back."""
    with MariaDB(tmp_path / "db") as server:
        server.execute("CREATE DATABASE v CHARACTER SET utf8mb4")
        venue = Venue(tmp_path / "venue", server.lines("v"))
        now = datetime.now()  # noqa: DTZ005
        midnight = f"{now:%Y%m%d}000000"
        venue.drop(f"{midnight}.json", some_crossings(midnight, 3))
        assert venue.upload().returncode == 0
        with serving(venue) as page:
            tab = visitor.open(page.url)
            expect(tab.locator(".number.in .value")).to_have_text(re.compile("^2 "), timeout=20_000)
            expect(tab.locator("#lost")).to_be_hidden()
            server.stop()
            expect(tab.locator("#lost")).to_have_text(
                re.compile(r"^\d\d:\d\d 之後沒有連線，這是舊的數字$"), timeout=30_000
            )
            expect(tab.locator(".sentence")).to_contain_text("資料庫 連不上", timeout=20_000)
            expect(tab.locator("body")).to_have_class("page lost")
            assert values(tab) == ["1", "2", "1"]
            visitor.shoot(tab, "away")
            server.start()
            venue.drop(f"{now:%Y%m%d}000100.json", some_crossings(f"{now:%Y%m%d}000100", 6))
            assert venue.upload().returncode == 0
            expect(tab.locator("#lost")).to_be_hidden(timeout=30_000)
            expect(tab.locator(".number.in .value")).to_have_text(re.compile("^6 "), timeout=20_000)
            expect(tab.locator("body")).to_have_class("page")


def test_the_server_goes(filled: Venue, visitor: Visitor) -> None:
    """The browser says since when by itself, and its age goes on."""
    with serving(filled) as page:
        wait_until(lambda: "data-age" in page.get()[1])
        tab = visitor.open(page.url)
        expect(tab.locator("#age")).to_have_text(re.compile("秒前更新$"), timeout=15_000)
        expect(tab.locator("#lost")).to_be_hidden()
        page.process.kill()
        page.process.wait()
    expect(tab.locator("#lost")).to_have_text(re.compile("^15:.* 之後沒有連線"), timeout=15_000)
    expect(tab.locator("#age")).to_have_text(re.compile(r"^1\d 秒前更新$"), timeout=20_000)
    visitor.shoot(tab, "gone")


# --- how it looks -----------------------------------------------------------------------------------


def test_all_of_it(page: Page, visitor: Visitor) -> None:
    """Numbers beside those of other days, hours, gates, reports; little is sent, and nothing is refused."""
    tab = visitor.open(page.url, WALL)
    expect(tab.locator("#age")).to_have_text(re.compile(r"^\d+ 秒前更新$"))
    sentence = tab.locator(".sentence").text_content() or ""
    assert re.match(r"2 件事要處理：停車場 沒有資料 12 分鐘；人次不完整，少 停車場$", sentence)
    inside, came_in, went_out = map(int, values(tab))
    assert inside == came_in - went_out > 0
    for number in tab.locator(".number").all():
        assert re.search(r"昨天這時 [\d,]+.*上星期.這時 [\d,]+", number.text_content() or "")
    assert tab.locator(".capacity .bar").get_attribute("width") == f"{inside / 10:.1f}"
    assert tab.locator("svg.wide .gap").count() >= 1
    assert tab.locator("svg.wide .missed").count() == 1
    assert tab.locator("svg.wide .tick").count() == 2
    assert "10:30 沒有回報" in (tab.locator(".column").text_content() or "")
    tab.get_by_text("看每小時的數字").click()
    hours = [tab.locator(f".day tbody td:nth-child({column})").all_text_contents() for column in (2, 3)]
    assert [sum(int(text.replace(",", "")) for text in column) for column in hours] == [came_in, went_out]
    gates = [tab.locator(f".column tbody td:nth-child({column})").all_text_contents() for column in (2, 3)]
    assert [sum(int(text.replace(",", "")) for text in column) for column in gates] == [came_in, went_out]
    assert fits(tab)
    visitor.shoot(tab, "desk")
    assert visitor.sent < 100_000
    assert not visitor.complaints


def test_the_page_asks_only_for_what_has_changed(page: Page, visitor: Visitor) -> None:
    """What somebody has opened stays open."""
    tab = visitor.open(page.url)
    tab.get_by_text("看每小時的數字").click()
    with tab.expect_response(lambda answer: "/fragment" in answer.url, timeout=15_000) as first:
        pass
    assert first.value.status == 200
    with tab.expect_response(lambda answer: "/fragment" in answer.url, timeout=15_000) as second:
        pass
    assert second.value.status in (200, 304)
    assert tab.locator(".day details").evaluate("one => one.open")


@pytest.mark.parametrize("path", ["", "?wall", "?lang=en", "?wall&lang=en"])
def test_no_width_is_too_small(page: Page, visitor: Visitor, path: str) -> None:
    """Nothing stands out to the right."""
    tab = visitor.open(page.url + path)
    for width in (320, 390, 768, 1280, 1920):
        tab.set_viewport_size({"width": width, "height": 844})
        assert fits(tab), width
        assert values(tab)[0] != ""


def test_a_phone(page: Page, visitor: Visitor) -> None:
    """A drawing of its own, whose numbers can be read; a table fits in."""
    tab = visitor.open(page.url, PHONE)
    assert tab.locator("svg.narrow").is_visible()
    assert tab.locator("svg.wide").is_hidden()
    box = tab.locator("svg.narrow").bounding_box()
    assert box
    assert box["width"] > 320
    assert tab.locator(".column .table").first.evaluate("one => one.scrollWidth <= one.clientWidth")
    visitor.shoot(tab, "phone")


def test_a_wall(page: Page, visitor: Visitor) -> None:
    """Only the numbers and the sentence, huge, on one screen."""
    tab = visitor.open(page.url + "?wall", WALL)
    heights = [number.bounding_box() for number in tab.locator(".value").all()]
    assert all(box and box["height"] > 150 for box in heights)
    assert tab.evaluate("document.documentElement.scrollHeight") <= WALL[1]
    assert tab.locator("nav, table, .chart").count() == 0
    visitor.shoot(tab, "wall")


def test_english(page: Page, visitor: Visitor) -> None:
    """All of it but the names; and a link leads back."""
    tab = visitor.open(page.url)
    tab.get_by_role("link", name="English").click()
    said = tab.locator("body").inner_text()
    for name in CAMERAS:
        said = said.replace(name, "")
    assert re.findall("[\u4e00-\u9fff]+", said) == ["中文"]
    assert tab.locator("html").get_attribute("lang") == "en"
    visitor.shoot(tab, "english")
    tab.get_by_role("link", name="中文").click()
    assert tab.locator("html").get_attribute("lang") == "zh-TW"


def test_without_javascript(page: Page, visitor: Visitor) -> None:
    """It is whole, and comes again by itself."""
    tab = visitor.open(page.url, java_script_enabled=False)
    assert len(values(tab)) == 3
    assert "秒前更新" in (tab.locator("#age").text_content() or "")
    assert tab.locator("noscript meta[http-equiv=refresh]").count() or 'http-equiv="refresh"' in page.get()[1]
    with tab.expect_navigation(timeout=20_000):
        pass
    visitor.shoot(tab, "without-javascript")


def test_in_the_dark(page: Page, visitor: Visitor) -> None:
    """The device says so; the ground is dark, the letters are light."""
    colour = (
        "getComputedStyle(document.body).%s.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)"
    )
    light, dark = (visitor.open(page.url, color_scheme=scheme) for scheme in ("light", "dark"))
    assert light.evaluate(colour % "backgroundColor") > 600 > 150 > light.evaluate(colour % "color")
    assert dark.evaluate(colour % "backgroundColor") < 150 < 600 < dark.evaluate(colour % "color")
    visitor.shoot(dark, "dark")


def test_every_text_can_be_read(page: Page, visitor: Visitor) -> None:
    """Each text differs from its ground by 4.5 to 1 at least, in the light and in the dark."""
    for scheme in ("light", "dark"):
        options: Any = {"color_scheme": scheme}
        assert visitor.open(page.url, **options).evaluate(CONTRAST) == []


def test_what_a_reader_of_screens_finds(page: Page, visitor: Visitor) -> None:
    """Landmarks, headings, names of all that can be used, tables with heads, a drawing in words."""
    tab = visitor.open(page.url)
    for role in ("banner", "main", "navigation", "contentinfo"):
        assert tab.get_by_role(role).count() == 1
    assert tab.get_by_role("heading", level=1).count() == 1
    assert tab.get_by_role("img", name="每小時進出的長條圖").count() == 1
    assert tab.get_by_role("status").count() == 1
    for table in tab.get_by_role("table").all():
        assert table.get_by_role("columnheader").count() >= 3
        assert table.get_by_role("rowheader").count() >= 4
    unnamed = (
        "[...document.querySelectorAll('a, button, input, summary')].filter(one => !(one.textContent.trim()"
    )
    assert tab.evaluate(f"{unnamed} || one.ariaLabel || one.type === 'hidden')).length") == 0
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"


# --- other days -------------------------------------------------------------------------------------


def test_an_earlier_day(filled: Venue, page: Page, visitor: Visitor) -> None:
    """Its hours and gates; the link to the day after leads back to today."""
    today = filled.settings().now().date()
    yesterday = today - timedelta(days=1)
    tab = visitor.open(page.url)
    tab.locator("input[name=day]").first.fill(str(yesterday))
    tab.get_by_role("button", name="看這一天").click()
    assert tab.url.endswith(f"?day={yesterday}")
    sentence = tab.locator(".sentence").text_content() or ""
    assert sentence.startswith(f"{yesterday.year} 年 {yesterday.month} 月 {yesterday.day} 日")
    came_in, went_out = (int(n.replace(",", "")) for n in re.findall(r"[進出] ([\d,]+) 人次", sentence))
    gates = [tab.locator(f".column tbody td:nth-child({column})").all_text_contents() for column in (2, 3)]
    assert [sum(int(text.replace(",", "")) for text in column) for column in gates] == [came_in, went_out]
    assert tab.locator("script").count() == 0
    visitor.shoot(tab, "yesterday")
    tab.get_by_role("link", name="後一天").click()
    assert tab.locator("#age").count() == 1
    tab.goto(f"{page.url}?day=2018-05-31")
    assert tab.locator(".sentence").text_content() == "2018 年 5 月 31 日（星期四） 沒有資料"
    assert not visitor.complaints


def test_csv_by_a_click(page: Page, visitor: Visitor) -> None:
    """The file that Excel opens: what it sums up stands on the page."""
    tab = visitor.open(page.url)
    with tab.expect_download() as one:
        tab.get_by_role("link", name="下載 CSV").click()
    lines = one.value.path().read_bytes()
    assert lines.startswith(b"\xef\xbb\xbf")
    last = lines.decode("utf-8-sig").splitlines()[-1].split(",")
    assert last[-3:-1] == values(tab)[1:]  # the last cell, of the people inside, is empty
    tab.get_by_text("下載多天的 CSV").click()
    with tab.expect_download() as several:
        tab.get_by_role("button", name="下載 CSV").click()
    assert len(several.value.path().read_text("utf-8-sig").splitlines()) > 24 * 6


def test_on_paper(page: Page, visitor: Visitor, tmp_path: Path) -> None:
    """One page of A4."""
    tab = visitor.open(page.url)
    tab.emulate_media(media="print")
    assert tab.locator("nav").is_hidden()
    tab.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
    swatch = "getComputedStyle(document.querySelector('.key.in'), '::before').printColorAdjust"
    assert tab.evaluate(swatch) == "exact"  # else the key of the bars has no colours
    visitor.shoot(tab, "paper")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "paper.pdf").read_bytes())) == 1


def test_names_are_no_markup(sqlite_venue: Venue, visitor: Visitor) -> None:
    """A camera, and a reply of the API, may have any letters."""
    name = "<img src=x onerror=alert(1)>\"'&"
    reply = '[["folder", ["quoted", {"text": "</p><script>alert(2)</script>"}]]]'
    settings = sqlite_venue.settings()
    now = settings.now().replace(tzinfo=None)
    fill(settings, now.date(), now, (name,))
    database = Database(settings)
    cameras = Cameras(database)
    cameras.prepare()
    cameras.beat(beat(name, trouble=reply))
    database.close()
    with serving(sqlite_venue) as page:
        wait_until(lambda: "alert(2)" in page.get()[1])
        tab = visitor.open(page.url)
        expect(tab.locator(".column tbody").first).to_contain_text(name)
        expect(tab.locator(".sentence")).to_contain_text("</p><script>alert(2)</script>")
        assert tab.locator("main img, main script").count() == 0
    assert not visitor.complaints
