"""Starts of the scripts, hundreds a run: forked from a process that has the imports done, or as users do.

A forked script is a real process and a child of this one: its own pid, signals, exit code, streams, folder
and environment. Only its imports are missing, which are most of the CPU time of a start.
"""

import atexit
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests import fork_server

PR_SET_CHILD_SUBREAPER = 36
# Before a command, has file permissions count even for root.
WITHOUT_POWER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
# What an interpreter, or a library that is linked to it, reads only when it starts.
READ_AT_START = ("PYTHON", "COVERAGE", "LANG", "LC_", "LD_", "MALLOC_", "OPENSSL_", "GLIBC_")
_spawning = threading.Lock()


def start(
    command: Sequence[str], *, fresh: bool = False, terminal: bool = False, **options: Any
) -> "subprocess.Popen[Any]":
    """Start a script of the project, `options` as for subprocess.Popen.

    `fresh`: with a new interpreter, as users do; for tests of imports, memory and CPU time. What is not the
    plain command of a script, with WITHOUT_POWER or not, is started so in any case (in a copy of the tree).
    `terminal`: in a session of its own, whose terminal is its standard input.
    """
    is_without = tuple(command[: len(WITHOUT_POWER)]) == WITHOUT_POWER
    plain = command[len(WITHOUT_POWER) :] if is_without else command
    if not fresh and _can_be_forked(plain, options.get("env")):
        return _Forked(list(plain), terminal=terminal, without_power=is_without, **options)
    return subprocess.Popen(["setsid", "--ctty", *command] if terminal else command, **options)


def run(
    command: Sequence[str], *, timeout: float = 50, check: bool = False, fresh: bool = False, **options: Any
) -> "subprocess.CompletedProcess[Any]":
    """Start a script and wait for its end, as subprocess.run does."""
    if options.pop("capture_output", False):
        options["stdout"] = options["stderr"] = subprocess.PIPE
    with start(command, fresh=fresh, **options) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
    if check:
        done.check_returncode()
    return done


class _Server:
    """A process that forks; `ours`: with the modules of the project loaded, not only with their libraries."""

    def __init__(self, ours: bool) -> None:
        self.environment = dict(os.environ)
        self._connection, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its_end:
            number = its_end.fileno()
            self._process = subprocess.Popen(
                [sys.executable, fork_server.__file__, str(number), "ours" if ours else "libraries"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                cwd=fork_server.PROJECT,
            )
        atexit.register(self.close)

    def fork(self, request: Mapping[str, Any], files: Sequence[int]) -> int:
        """Returns the pid of the new process, which is a child of this one."""
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            socket.send_fds(self._connection, [json.dumps(request).encode()], files)
            return int.from_bytes(self._connection.recv(8), "big")
        finally:
            prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)

    def close(self) -> None:
        self._connection.close()
        self._process.wait()


_servers: dict[bool, _Server] = {}


class _Forked(subprocess.Popen[Any]):
    """A Popen whose process is forked by a server; all else is Popen's."""

    def __init__(self, command: list[str], *, terminal: bool, without_power: bool, **options: Any) -> None:
        self._terminal = terminal
        self._without_power = without_power
        super().__init__(command, **options)

    def _execute_child(
        self,
        args: list[str],
        executable: None,
        preexec_fn: None,
        close_fds: bool,
        pass_fds: tuple[()],
        cwd: str | Path | None,
        env: Mapping[str, str] | None,
        startupinfo: None,
        creationflags: int,
        shell: bool,
        *streams_and_rest: Any,
    ) -> None:
        streams, (_, *rest) = streams_and_rest[:6], streams_and_rest[6:]
        asked = [executable, preexec_fn, *pass_fds, shell or None, *rest]
        assert asked == [None] * 6 + [-1, False, -1], f"forks.start does not know all of {asked}"
        theirs = [number if file == -1 else file for number, file in enumerate((streams[0], *streams[3::2]))]
        request = {
            "command": args,
            "terminal": self._terminal,
            "without power": self._without_power,
            "cwd": os.path.abspath(cwd or "."),
            "umask": _umask(),
            "ignored": [n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN],
            "env": dict(env or os.environ),
            "parent": os.getpid(),
        }
        # What is run first changes our modules before they are loaded, so that all others see the change.
        self.pid = _fork(args[1] != "-c", request, theirs)
        self._child_created = True
        self._close_pipe_fds(*streams)  # type: ignore[attr-defined]


def _fork(ours: bool, request: Mapping[str, Any], files: Sequence[int]) -> int:
    with _spawning:
        if ours not in _servers:
            _servers[ours] = _Server(ours)
        try:
            pid = _servers[ours].fork(request, files)
        except BaseException:  # a test's time is over: the answer would be taken for the next one's
            _servers.pop(ours).close()
            raise
    assert pid, "the server that forks has ended; its standard error says why"
    return pid


def _can_be_forked(command: Sequence[str], environment: Mapping[str, str] | None) -> bool:
    if sys.platform != "linux" or command[0] != sys.executable:
        return False
    if command[1] not in ("-c", *(str(fork_server.PROJECT / name) for name in fork_server.SCRIPTS)):
        return False
    server = _servers.get(command[1] != "-c")
    usual = server.environment if server else os.environ
    return _at_start(environment or os.environ) == _at_start(usual)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _umask() -> int:
    _, _, rest = Path("/proc/self/status").read_text().partition("Umask:")
    return int(rest.split()[0], 8)
