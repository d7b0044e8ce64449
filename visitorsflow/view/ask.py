"""Questions to the person at the terminal, who may have left: no question waits for ever."""

import asyncio
import contextlib
import getpass
import os
import sys
import threading

from visitorsflow import timeouts
from visitorsflow.errors import NoAnswer
from visitorsflow.reasons import Reason

LOOK_SECONDS = 0.2


def somebody_is_there() -> bool:
    """Is there a terminal to ask in, with us in its foreground."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


def is_yes(answer: str) -> bool:
    """True for y, Y and yes; anything else is a no.

    >>> is_yes(" Y"), is_yes("")
    (True, False)
    """
    return answer.strip().lower() in ("y", "yes")


async def at_terminal(prompt: str, *, seconds: float, secret: bool = False) -> str:
    """One line that the person types within `seconds`; a secret one is not shown while it is typed.

    Raises NoAnswer when nobody answers in time, or Ctrl-D is pressed.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()

    def settle(text: str | None) -> None:
        if not answer.done():
            answer.set_result(text)

    def read() -> None:
        text = None
        with contextlib.suppress(EOFError, OSError):  # Ctrl-D, or the terminal has gone
            text = getpass.getpass(prompt) if secret else input(prompt)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, text)

    # Nothing can end the reading of a terminal: the thread is left behind when the time is over.
    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    timeouts.leave_behind(thread)
    deadline = loop.time() + seconds
    try:
        while not answer.done() and loop.time() < deadline:
            # Briefly, for Ctrl-C: one that comes just before a wait is noticed only after it.
            await asyncio.wait([answer], timeout=LOOK_SECONDS)
        text = answer.result() if answer.done() else None
        if text is None:
            print()  # what follows is not on the question's line
            raise NoAnswer(Reason("nobody answers"))
        return text
    finally:
        if secret:
            _show_what_is_typed()


def _show_what_is_typed() -> None:
    """Do as getpass does at its end; but its thread may have been left behind."""
    with contextlib.suppress(ImportError):  # Windows, where getpass leaves the terminal as it is
        import termios

        attributes = termios.tcgetattr(sys.stdin.fileno())
        attributes[3] |= termios.ECHO
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, attributes)
