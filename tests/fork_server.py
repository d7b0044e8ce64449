"""Forks a process for each start of a script, with the imports done. `forks.py` starts it, by its path.

It has one thread, and no file open but the socket over which it is asked. A child leaves it for good and ends
as an interpreter ends: its last exception reaches the top of this file. Only its memory it does not free
where no thread is left to use it: that would copy nearly all that was loaded, for half of a start's CPU time.
"""

import atexit
import builtins
import contextlib
import ctypes
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import struct
import sys
import termios
import threading
import time
import types
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
SCRIPTS = ("uploadData.py", "callAPI.py")
# Where the scripts, their libraries among them, import something only when they need it.
LIBRARIES = (
    "encodings.idna",
    "filelock",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "PIL.PngImagePlugin",
    "pydantic.dataclasses",
    "pydantic.functional_validators",
    "pydantic.json_schema",
    "pydantic.main",
    "pydantic.plugin._schema_validator",
    "pydantic.types",
    "pymysql",
    "prometheus_client",
    "requests",
    "rich.console",
    "rich.live",
    "rich.table",
    "sqlalchemy",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlalchemy.ext.compiler",
    "starlette.applications",
    "telethon",
    "uvicorn",
    "uvicorn.protocols.http.h11_impl",
    "watchdog.observers",
    "zoneinfo",
)
PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITIES_3 = 0x20080522  # the form of what capget and capset are given
# Nobody can ignore the first two; the other two each Python ignores.
OWN_SIGNALS = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}


def load(with_ours: bool) -> None:
    """Import the libraries, and all modules of ours if wanted."""
    sys.path[0] = str(PROJECT)
    for name in LIBRARIES:
        importlib.import_module(name)
    if with_ours:
        package = importlib.import_module("visitorsflow")
        for module in pkgutil.walk_packages(package.__path__, "visitorsflow."):
            importlib.import_module(module.name)
    gc.freeze()  # as the scripts do: else a child, when it ends, would copy all that is loaded, to free it


def serve(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each request, till nobody is left to ask. Returns in the children: request, files.

    The child of a child that ends at once is given to the tests' process, which has asked for such orphans:
    it is the real parent, and learns of the end from the kernel.
    """
    while True:
        message, files, _, _ = socket.recv_fds(connection, 2**20, 3)
        if not message:
            raise SystemExit
        told, tell = os.pipe()
        held, go = os.pipe()
        if between := os.fork():
            os.close(tell)
            pid = os.read(told, 8)
            os.waitpid(between, 0)
            for file in (told, held, go, *files):
                os.close(file)
            connection.send(pid)
        elif child := os.fork():
            os.write(tell, child.to_bytes(8, "big"))
            os._exit(0)
        else:
            connection.close()
            os.close(go)
            os.read(held, 1)  # until its parent is the one that it keeps
            for file in (told, tell, held):
                os.close(file)
            return json.loads(message), files


def begin(request: dict[str, Any], files: list[int]) -> None:
    """Make this process what a new one would be."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != request["parent"]:
        os._exit(1)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    if request["without power"]:
        give_up_power()
    if request["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(request["cwd"])
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _stream(number, getattr(sys, name))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    for number in signal.valid_signals() - OWN_SIGNALS:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in request["ignored"] else usual)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def give_up_power() -> None:
    """Have file permissions count for this process and its children, as setpriv does."""
    libc = ctypes.CDLL(None)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, held = struct.pack("Ii", CAPABILITIES_3, 0), ctypes.create_string_buffer(24)
    libc.capget(header, held)
    effective, permitted, _, *others = struct.unpack("6I", held.raw)
    kept = ~(1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH)
    assert libc.capset(header, struct.pack("6I", effective & kept, permitted & kept, 0, *others[:2], 0)) == 0


def run(command: list[str]) -> None:
    """Run `PYTHON SCRIPT …` or `PYTHON -c CODE …`."""
    _, source, *arguments = command
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    if source == "-c":
        text, name, sys.path[0] = arguments.pop(0), "<string>", ""
    else:
        text, name, sys.path[0] = Path(source).read_text("utf-8"), source, str(PROJECT)
        module.__file__ = source
    sys.argv = [source, *arguments]
    sys.orig_argv = command
    sys.modules["__main__"] = module
    exec(compile(text, name, "exec"), module.__dict__)


def end(status: int) -> None:
    """End this process as the interpreter does, but for its memory. Returns where a thread may use that."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001
    with contextlib.suppress(OSError, ValueError, AttributeError):  # else the interpreter says it, with 120
        sys.stdout.flush()
        sys.stderr.flush()
        waiting = sum("(_monitor)" in thread.name for thread in threading.enumerate())  # the log's, for lines
        if len(os.listdir("/proc/self/task")) == 1 + waiting:
            os._exit(status)


def _stream(number: int, before: io.TextIOWrapper) -> io.TextIOWrapper:
    """The same as Python makes when it starts; the encoding is that of this server."""
    is_written, is_raw = number > 0, before.write_through
    stream = io.open(number, "wb" if is_written else "rb", 0 if is_raw else -1, closefd=False)  # noqa: SIM115, UP020
    return io.TextIOWrapper(
        stream,
        encoding=before.encoding,
        errors=before.errors,
        newline="\n",
        line_buffering=not is_raw and (number == 2 or stream.isatty()),
        write_through=is_raw,
    )


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C is for the tests
    load(with_ours=sys.argv[2] == "ours")
    asked, its_files = serve(socket.socket(fileno=int(sys.argv[1])))
    begin(asked, its_files)
    try:
        run(asked["command"])
    except SystemExit as ended:
        if isinstance(ended.code, int):
            end(ended.code & 0xFF)
        raise
    end(0)
