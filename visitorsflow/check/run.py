"""The check runs: everything is looked at once, and printed line by line with what to do about it.

Each look is taken in a thread with a time limit, so that what never answers is a line like others. Nothing
is changed, stored or sent, and a working uploader beside it goes on undisturbed.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from visitorsflow import logs, ownership, script, settings
from visitorsflow.check import database, here, outside, started
from visitorsflow.check.lines import Line, LookAt, Mark, MayRing, Place, note, wrong
from visitorsflow.errors import ConfigurationError, NoAnswer
from visitorsflow.reasons import quoted
from visitorsflow.settings import Settings
from visitorsflow.text import printable
from visitorsflow.timeouts import call_with_timeout
from visitorsflow.view import ask
from visitorsflow.words import Language, Words

ANSWER_SECONDS = 60


class Look(NamedTuple):
    """`seconds`: each of its lines may take so long, which is longer than its own time limits together."""

    title: str
    lines: LookAt
    seconds: float
    asks_database: bool = False


LOOKS = (
    Look("config", here.look_at_config, 5),
    Look("folder", here.look_at_folder, 15),
    Look("service", started.look_at_service, 15),
    Look("database", database.look_at_database, 40),
    Look("camera", outside.look_at_own_camera, 40, asks_database=True),
    Look("report", outside.look_at_report, 40, asks_database=True),
    Look("schedule", started.look_at_schedule, 30),
    Look("telegram", outside.look_at_telegram, 150),
    Look("api", outside.look_at_api, 20),
    Look("others", outside.look_at_others, 40, asks_database=True),
)


def main(path: Path | None, watched: Callable[[Settings], Path], *, ring: bool = False) -> int:
    """Print all lines. Returns the exit code: 0 nothing is wrong here, 1 something is, or it was interrupted.

    `path` is that of config.py, if the command line gives it; `watched` tells the camera's folder. `ring`:
    send a test message; else that is asked, where there is somebody to ask.
    """
    logs.set_up("uploadData", None)
    logging.disable()  # what is found is said in lines of our own
    try:
        return _run(path or script.PROJECT / "config.py", path is not None, watched, ring=ring)
    except KeyboardInterrupt:
        return 1


def _run(path: Path, is_required: bool, watched: Callable[[Settings], Path], *, ring: bool) -> int:
    try:
        chosen = call_with_timeout(LOOKS[0].seconds, lambda: settings.load(path, required=is_required))
    except (ConfigurationError, TimeoutError) as error:
        return _say_what_is_unread(path, error)
    printer = _Printer(_language(chosen.language))
    place = Place(path, chosen, watched(chosen), printer.words, _ring(printer.words, always=ring))
    is_reached = True
    for look in LOOKS:
        printer.title(look.title)
        if look.asks_database and not is_reached:
            printer.line(note("not asked"))
            continue
        for line in _within_limits(look, place):
            printer.line(line)
            if look.title == "database" and line.key in database.UNREACHED:
                is_reached = False
    return printer.end()


def _ring(words: Words, *, always: bool) -> MayRing:
    """Ask at the terminal, where there is one."""

    def may_ring(recipient: str) -> bool:
        if always or not ask.somebody_is_there():
            return always
        question = words("check telegram ask to ring", recipient=recipient)
        try:
            answer = asyncio.run(ask.at_terminal(question, seconds=ANSWER_SECONDS))
        except NoAnswer:
            return False
        return answer.strip().lower() in ("y", "yes")

    return may_ring


def _say_what_is_unread(path: Path, error: ConfigurationError | TimeoutError) -> int:
    """Say it in each language: nobody knows which the venue has, since config.py says it."""
    for number, language in enumerate(dict.fromkeys((_language("zh-TW"), _language("en")))):
        if number:
            print()
        printer = _Printer(language)
        printer.title("config")
        if isinstance(error, TimeoutError):
            printer.line(wrong("no answer", seconds=f"{LOOKS[0].seconds:g}"))
        else:
            is_its = ownership.unusable([ownership.Own(path, ownership.READ)])
            if is_its:
                printer.line(wrong("config of another", reason=error.reason, way_out=is_its))
            else:
                for text in printer.words.say(error.reason).splitlines():
                    printer.line(wrong("config wrong", reason=text))
        printer.end()
    return 1


def _within_limits(look: Look, place: Place) -> Iterator[Line]:
    lines = look.lines(place)
    try:
        while line := call_with_timeout(look.seconds, lambda: next(lines, None)):
            yield line
    except TimeoutError:
        yield wrong("no answer", seconds=f"{look.seconds:g}")
    except Exception as error:  # noqa: BLE001 - a defect in one look must not end the others
        yield wrong("defect", reason=quoted(f"{type(error).__name__}: {error}"))


class _Printer:
    """Prints the lines as they come, with signs that standard output knows."""

    def __init__(self, language: Language) -> None:
        self._signs_known = _is_known("".join(mark.value[0] for mark in Mark))
        self.words = Words(language)
        self._wrong = 0
        self._titled = ""

    def title(self, name: str) -> None:
        """Say it before the first line that follows; of what has no line, nothing is said."""
        self._titled = self.words(f"check {name}")

    def line(self, line: Line) -> None:
        if self._titled:
            print(self._titled, flush=True)
        self._titled = ""
        self._wrong += line.mark is Mark.WRONG
        print(f"  {self._sign(line.mark)} {printable(line.found(self.words))}", flush=True)
        for advice in line.advice(self.words).splitlines():
            print(f"      {printable(advice)}", flush=True)

    def end(self) -> int:
        """Print the last line. Returns the exit code."""
        key, sign = "troubles" if self._wrong else "all well", self._sign(Mark.WRONG)
        print(self.words(f"check {key}", count=self._wrong, sign=sign), flush=True)
        return 1 if self._wrong else 0

    def _sign(self, mark: Mark) -> str:
        return mark.value[0 if self._signs_known else 1]


def _language(wanted: Language) -> Language:
    """The language that is wanted, if standard output knows its letters; else English."""
    return wanted if _is_known(Words(wanted)("check all well")) else "en"


def _is_known(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
