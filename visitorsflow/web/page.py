"""The page as HTML: the view model and the course of a day go in. Pure.

It is whole without JavaScript; with it, only the part `fragment` is asked for again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from visitorsflow import __version__
from visitorsflow.rules.limits import Fill
from visitorsflow.text import printable
from visitorsflow.view.course import CourseShown, GateShown, Shown
from visitorsflow.view.model import ViewModel
from visitorsflow.view.phrases import age, happening_text, health_text, moment, trouble_text
from visitorsflow.view.sentence import OLD, short_names, to_do, verdict_text
from visitorsflow.web import chart
from visitorsflow.web.html import Content, Html, tag
from visitorsflow.words import Language, Words

HEAD = Html(
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>VisitorsFlow</title>'
    '<link rel="stylesheet" href="/page.css"><link rel="icon" href="/icon.svg">'
)
# A page that stays the same comes again every ten seconds only where nothing asks for its part.
LIVE = Html(
    '<noscript><meta http-equiv="refresh" content="10"></noscript><script src="/page.js" defer></script>'
)
EVENTS = 8
FULL = {Fill.FREE: "", Fill.NEAR: "view nearly full", Fill.FULL: "view full"}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor has asked for: another language, another day, the screen on the wall."""

    lang: Language | None = None
    day: date | None = None
    wall: bool = False

    def link(self, path: str = "/", **changed: object) -> str:
        """The address of the page, with something changed."""
        asked = {"lang": self.lang, "day": self.day, "wall": 1 if self.wall else None, **changed}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path


def document(shown: Shown, asked: Asked, words: Words, venue: str = "") -> str:
    """The whole page, with the venue's name; all that it names lies on this server."""
    main = tag("main", fragment(shown, asked, words), id="now", tabindex=-1)
    header = tag("div", *_title(shown, words, venue), class_="title")
    if asked.wall:
        parts = [tag("header", header), main]
    else:
        skip = tag("a", words("page skip"), href="#now", class_="skip")
        navigation = _navigation(shown, asked, words)
        parts = [skip, tag("header", header, navigation), main, tag("footer", f"VisitorsFlow {__version__}")]
    name = name_of(shown) if shown.model else None
    body = tag("body", *parts, class_="wall" if asked.wall else "page", data_page=name)
    head = tag("head", HEAD, LIVE if shown.model else None)
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang=words.language)


def fragment(shown: Shown, asked: Asked, words: Words) -> Html:
    """The part that changes; two that say the same are the same, byte for byte."""
    model, course = shown.model, shown.course
    parts = [_sentence(shown, words)]
    if model:
        parts.append(_numbers(shown, model, words))
    if not (asked.wall and model) and (model or (course and course.gates)):
        hours = _hours(course, model, words) if course else None
        column = tag("div", *_column(model, course, words), class_="column")
        parts.append(tag("div", hours, column, class_="columns"))
    return tag("div", *parts)


def name_of(shown: Shown) -> str:
    """Name what stands outside of the fragment: when it changes, the browser asks for the whole page."""
    is_read = shown.model is not None and shown.model.age is not None
    return f"{__version__} {shown.today} {is_read}"


def lost(model: ViewModel, words: Words) -> str:
    """Say since when the numbers are old, for the moment in which they are."""
    return words("page lost", at=f"{model.now - timedelta(seconds=model.age or 0):%H:%M}")


# --- above ----------------------------------------------------------------------------------------


def _title(shown: Shown, words: Words, venue: str) -> Iterable[Html]:
    """The venue and the day; and how old its numbers are, from where the browser counts on."""
    model = shown.model
    day = _date(shown.course.day if shown.course else shown.today, words)
    yield tag("h1", f"{venue} {day}".strip())
    if model:
        updated = words("page age", age=age(model.age, words)) if model.age is not None else ""
        counted = {
            f"data_{unit}": words(f"view {unit}", count="#") for unit in ("seconds", "minutes", "hours")
        }
        counted |= {"data_text": words("page age", age="#"), "data_age": int(model.age or 0)}  # type: ignore[dict-item]
        yield tag("p", updated, id="age", class_="age", **counted)
        yield tag("p", lost(model, words), id="lost", role="alert", hidden=model.database not in OLD)


def _navigation(shown: Shown, asked: Asked, words: Words) -> Html:
    today = shown.today
    day = shown.course.day if shown.course else today

    def link(key: str, address: str) -> Html:
        return tag("a", words(key), href=address)

    def pick(name: str, label: str, value: date) -> Html:
        return tag("input", type="date", name=name, value=value, max=today, aria_label=words(label))

    kept = tag("input", type="hidden", name="lang", value=asked.lang) if asked.lang else None
    picker = tag("form", kept, pick("day", "page day", day), tag("button", words("page show")), action="/")
    several = tag(
        "form", kept, pick("day", "page day", day - 6 * ONE_DAY), f" {words('page to')} ",
        pick("to", "page to", day), tag("button", words("page csv")), action="/day.csv",
    )  # fmt: skip
    links = [link("page before", asked.link(day=day - ONE_DAY))]
    if day < today:
        after = day + ONE_DAY
        links.append(link("page after", asked.link(day=after if after < today else None)))
        links.append(link("page today", asked.link(day=None)))
    links.append(link("page csv", asked.link("/day.csv", day=day, wall=None)))
    links.append(link("page wall", asked.link(wall=1, day=None)))
    other: Language = "zh-TW" if words.language == "en" else "en"
    links.append(tag("a", "English" if other == "en" else "中文", href=asked.link(lang=other), lang=other))
    days = tag("details", tag("summary", words("page csv range")), several)
    return tag("nav", picker, *links, days, aria_label=words("page day"))


def _sentence(shown: Shown, words: Words) -> Html:
    if shown.model is None:
        return tag("p", _past(shown.course, words) if shown.course else "", class_="sentence")
    what = list(to_do(shown, words))
    if what:
        text = words("page to do", count=len(what), what=words("page between").join(what))
        return tag("p", text, class_="sentence bad", role="status")
    if shown.model.inside is None:
        return tag("p", words("page no numbers"), class_="sentence", role="status")
    return tag("p", words("page well"), class_="sentence well", role="status")


def _past(course: CourseShown, words: Words) -> str:
    day = _date(course.day, words)
    if not course.peak:
        return words("page empty day", day=day)
    at, most = course.peak
    text = words("page past", day=day, came_in=f"{course.came_in:,}", went_out=f"{course.went_out:,}")
    return text + words("page between") + words("page peak", count=f"{most:,}", at=f"{at:%H:%M}")


def _numbers(shown: Shown, model: ViewModel, words: Words) -> Html:
    """Inside, in and out; beside each how it was at this time on other days."""
    sections = []
    for place, (name, number) in enumerate(
        (("inside", model.inside), ("in", model.came_in), ("out", model.went_out)), start=1
    ):
        label, kind, bar = words(f"view {name}"), f"number {name}", list[Content]()
        if name == "inside":
            label += f" {words(FULL[model.fill])}" if FULL[model.fill] else ""
            kind += f" fill{int(model.fill)}"
            if number is not None and model.capacity:
                percent = 100 * number // model.capacity
                text = words("page capacity", capacity=f"{model.capacity:,}", percent=percent)
                bar = [chart.capacity_bar(number, model.capacity), tag("p", text, class_="beside")]
        unit = tag("small", f" {words('page people' if name == 'inside' else 'page count')}")
        value = tag("p", "--" if number is None else f"{number:,}", unit, class_="value")
        others = []
        if shown.yesterday:
            others.append((words("page yesterday"), shown.yesterday[place]))
        if shown.week_ago:
            weekday = words.weekday(shown.week_ago.day)
            others.append((words("page week ago", weekday=weekday), shown.week_ago[place]))
        beside = [tag("p", f"{when} ", tag("b", f"{then:,}"), class_="beside") for when, then in others]
        lacks = tag("small", words.without(short_names(model)), class_="lacks") if model.short else None
        sections.append(tag("section", tag("h2", label), value, lacks, *bar, *beside, class_=kind))
    return tag("div", *sections, class_="numbers old" if model.database in OLD else "numbers")


# --- the day --------------------------------------------------------------------------------------


def _hours(course: CourseShown, model: ViewModel | None, words: Words) -> Html:
    capacity = model.capacity if model else None
    charts = [chart.day_chart(course, capacity, bool(model), w, words) for w in (chart.WIDE, chart.NARROW)]
    legend = [tag("span", words(f"view {way}"), class_=f"key {way}") for way in ("in", "out")]
    if course.gaps:
        legend.append(tag("span", words("page gaps"), class_="key gaps"))
    rows: list[tuple[Content, ...]] = []
    for hour in chart.shown_hours(course):
        missing = words.without(course.gaps.get(hour.hour, ()))
        rows.append((words("page hour of", hour=f"{hour.hour:02}"), hour.came_in, hour.went_out, missing))
    table = _table(words("page hours"), ("view hour", "view in", "view out", "page gap head"), rows, words)
    details = tag("details", tag("summary", words("page hours table")), table)
    heading = tag("h2", words("page hours"))
    return tag("section", heading, *charts, tag("p", *legend), details, class_="day")


def _column(model: ViewModel | None, course: CourseShown | None, words: Words) -> Iterable[Html]:
    yield tag("section", tag("h2", words("page gates")), _gates(model, course, words))
    yield tag("section", tag("h2", words("page reports")), *_reports(model, course, words))
    if model:
        yield tag("section", tag("h2", words("page files")), *_files(model, words))
        yield tag("section", tag("h2", words("page phone")), *_phone(model, words), class_="phone")
        yield tag("section", tag("h2", words("page events")), *_events(model, words), class_="events")


def _gates(model: ViewModel | None, course: CourseShown | None, words: Words) -> Html:
    """A row each: those that beat, the worst first, and those that only have rows."""
    counts = {gate.name: gate for gate in course.gates} if course else {}
    heads = ["view camera name", "view in", "view out"]
    rows: list[tuple[Content, ...]] = []
    if model:
        heads += ["view camera health", "view camera crossing", "view camera waiting"]
        for camera in model.cameras:
            state = tag(
                "span", health_text(camera.health, camera.seconds, words), class_=f"state {camera.health}"
            )
            trouble = trouble_text(camera.troubles, words)
            gate = counts.pop(camera.name, GateShown(camera.name, 0, 0))
            rows.append(
                (
                    *gate,
                    Html(state + tag("small", f" {trouble}")) if trouble else state,
                    moment(camera.crossing_at, model.now),
                    camera.waiting if camera.knows_waiting else "?",
                )
            )
    rows += [(*gate, *["-"] * (len(heads) - 3)) for gate in counts.values()]
    return _table(words("page gates"), heads, rows, words)


def _reports(model: ViewModel | None, course: CourseShown | None, words: Words) -> Iterable[Html]:
    """Those of the day in numbers, and the last one in words."""
    ticks = course.ticks if course else ()
    accepted = sum(tick.verdict == "yes" for tick in ticks)
    yield tag("p", words("page reports count", count=len(ticks), accepted=accepted))
    for one, other in course.missed if course else ():
        yield _line(words("page reports missed", one=f"{one:%H:%M}", other=f"{other:%H:%M}"), is_bad=True)
    if model and model.report:
        sent = model.report
        reply = "" if sent.accepted else f" {sent.http_status or ''} {sent.reply}"
        said = verdict_text(sent, words) + reply
        yield _line(
            words("page report last", at=moment(sent.sent_at, model.now), verdict=said), not sent.accepted
        )


def _files(model: ViewModel, words: Words) -> Iterable[Html]:
    rejected = [camera for camera in model.devices() if camera.rejected]
    if not rejected:
        yield tag("p", words("page files none"))
    for one in rejected:
        newest = printable(words.say(one.rejected_last))
        yield _line(words("page files of", name=one.name, count=one.rejected, newest=newest), is_bad=True)


def _phone(model: ViewModel, words: Words) -> Iterable[Html]:
    """When a message last arrived, and which alert was the last of today."""
    at = model.reached_at
    if model.phone in ("waits", "nobody"):
        yield _line(words(f"view telegram {model.phone}"), is_bad=model.phone == "waits")
    yield tag("p", words("view telegram reached", at=moment(at, model.now)) if at else words("page no phone"))
    if one := model.last_told:
        yield _line(f"{moment(one.at, model.now)} {happening_text(one, words)}", one.is_bad)


def _events(model: ViewModel, words: Words) -> Iterable[Html]:
    if not model.happenings:
        yield tag("p", words("view no happenings"))
    for one in reversed(model.happenings[-EVENTS:]):
        yield _line(f"{moment(one.at, model.now)} {happening_text(one, words)}", one.is_bad)


def _line(text: str, is_bad: bool) -> Html:
    return tag("p", text, class_="warn" if is_bad else None)


def _table(caption: str, heads: Iterable[str], rows: list[tuple[Content, ...]], words: Words) -> Html:
    """Numbers stand to the right; the first cell of a row names it."""
    kinds = ["n" if isinstance(value, int) else None for value in rows[0]] if rows else []
    kinds += [None] * 9
    head = [tag("th", words(key), scope="col", class_=kind) for key, kind in zip(heads, kinds, strict=False)]
    body = [tag("tr", tag("th", row[0], scope="row"), *map(_cell, row[1:])) for row in rows]
    parts = (tag("caption", caption), tag("thead", tag("tr", *head)), tag("tbody", *body))
    return tag("div", tag("table", *parts), class_="table", tabindex=0, role="region", aria_label=caption)


def _cell(value: Content) -> Html:
    return tag("td", f"{value:,}", class_="n") if isinstance(value, int) else tag("td", value)


def _date(day: date, words: Words) -> str:
    return words("page date", year=day.year, month=day.month, day=day.day, weekday=words.weekday(day))
