"""Questions at a terminal: a real one, as far as the program that asks can tell."""

import os
import pty
import sys
import termios

import pytest

from tests.venue import PROJECT, wait_until
from visitorsflow.view import ask


def test_without_a_terminal_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under systemd or cron there is no one to ask."""
    monkeypatch.setattr(sys, "stdin", None)
    assert not ask.somebody_is_there()


AT_A_TERMINAL = """
import asyncio, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
sys.path.insert(0, {project!r})
from visitorsflow.errors import NoAnswer
from visitorsflow.view import ask
assert ask.somebody_is_there()
try:
    print("got", repr(asyncio.run(ask.at_terminal({prompt!r}, seconds={seconds}, secret={secret}))))
except NoAnswer as error:
    print("no answer:", error)
except KeyboardInterrupt:
    print("interrupted")
"""


class Terminal:
    """A program at a pseudo-terminal: type to it, read what it shows."""

    def __init__(self, prompt: str, secret: bool = False, seconds: float = 30) -> None:
        code = AT_A_TERMINAL.format(project=str(PROJECT), prompt=prompt, secret=secret, seconds=seconds)
        self.process, self.fd = pty.fork()
        if self.process == 0:
            os.execv(sys.executable, [sys.executable, "-c", code])
        self.shown = ""
        self.read_until(prompt)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def read_until(self, text: str) -> None:
        while text not in self.shown:
            self.shown += os.read(self.fd, 1000).decode()

    def end(self) -> None:
        os.waitpid(self.process, 0)
        os.close(self.fd)


def test_an_answer_at_the_terminal() -> None:
    """What was typed, as it was typed."""
    terminal = Terminal("Code: ")
    terminal.type("12345\n")
    terminal.read_until("got '12345'")
    terminal.end()


def test_a_password_is_not_shown() -> None:
    """Neither while it is typed nor after."""
    terminal = Terminal("Two-step password: ", secret=True)
    terminal.type("geheim\n")
    terminal.read_until("got 'geheim'")
    assert terminal.shown.count("geheim") == 1
    terminal.end()


@pytest.mark.parametrize("key", ["\x04", "\x03"], ids=["Ctrl-D", "Ctrl-C"])
@pytest.mark.parametrize("secret", [False, True])
def test_a_question_that_is_turned_down(key: str, secret: bool) -> None:
    """The program goes on, or ends, at once; the terminal shows again what is typed."""
    terminal = Terminal("Question: ", secret)
    wait_until(lambda: bool(termios.tcgetattr(terminal.fd)[3] & termios.ECHO) is not secret)
    terminal.type(key)
    terminal.read_until("\r\nno answer: no answer at the terminal" if key == "\x04" else "interrupted")
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    terminal.end()


@pytest.mark.parametrize("secret", [False, True])
def test_a_question_that_nobody_answers(secret: bool) -> None:
    """After its time the program goes on without; the terminal shows again what is typed."""
    terminal = Terminal("Question: ", secret, seconds=0.5)
    terminal.read_until("\r\nno answer: no answer at the terminal")
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    terminal.end()
