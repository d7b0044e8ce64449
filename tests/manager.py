"""A stand-in for systemd: the socket to which a service tells how it is."""

import contextlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path


class StandIn:
    """`heard` are the lines, in order, each with the monotonic time at which it came."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[tuple[float, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        threading.Thread(target=self._listen, daemon=True).start()

    def said(self) -> list[str]:
        """Everything but the signs of life."""
        return [line for _, line in list(self.heard) if line != "WATCHDOG=1"]

    def signs(self) -> int:
        """How many signs of life have come."""
        return sum(line == "WATCHDOG=1" for _, line in list(self.heard))

    def seconds_without_a_sign(self) -> float:
        return time.monotonic() - max(
            (at for at, line in list(self.heard) if line == "WATCHDOG=1"), default=0
        )

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while message := self._socket.recv(65536):
                self.heard.extend((time.monotonic(), line) for line in message.decode().split("\n"))


@contextlib.contextmanager
def stand_in() -> Iterator[StandIn]:
    """One that listens on a socket of its own."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))  # short: a socket's path has a limit
    manager = StandIn(str(folder / "notify"))
    try:
        yield manager
    finally:
        manager.close()
        shutil.rmtree(folder, ignore_errors=True)
