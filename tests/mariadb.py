"""A private MariaDB server in a folder of its own, on a free loopback port; no running service is used.

Where VISITORSFLOW_TEST_MYSQL_URL names a server, as mysql://root:PASSWORD@HOST:3306, that one is used: MySQL,
or a cluster. The user must be allowed to make databases and users.
"""

import atexit
import contextlib
import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pymysql
import pytest
from sqlalchemy import make_url

from tests.proxy import Proxy

INSTALL = "MariaDB's server is missing; on Debian and Ubuntu: apt-get install mariadb-server"
USER, PASSWORD = "visitorsflow", "gehéim-密碼"


NAMED = os.environ.get("VISITORSFLOW_TEST_MYSQL_URL", "")
of_mariadb_alone = pytest.mark.skipif(bool(NAMED), reason="it is of MariaDB alone, and a server is named")


class Server:
    """A server on loopback, by an account of it that may do everything."""

    user, password = USER, PASSWORD
    port = 0
    account = "root"  # for a URL: PyMySQL takes a password of Latin-1 only from there

    def connect(self, **options: Any) -> "pymysql.Connection[Any]":
        password = self.password.encode()
        chosen: dict[str, Any] = {"user": self.user, "password": password, "autocommit": True, **options}
        return pymysql.Connection(host="127.0.0.1", port=self.port, ssl_disabled=True, **chosen)

    def execute(self, statement: str, database: str | None = None) -> tuple[tuple[Any, ...], ...]:
        with self.connect(database=database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    def grant(self, user: str, rights: str, database: str) -> None:
        """Have a user, with the same password, who has these rights on this database and no others."""
        self.execute(f"DROP USER IF EXISTS '{user}'@'%'")
        self.execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{self.password}'")
        self.execute(f"GRANT {rights} ON `{database}`.* TO '{user}'@'%'")

    def lines(self, database: str) -> str:
        """What config.py says to use this database."""
        return "\n".join(
            [
                'host = "127.0.0.1"',
                f"port = {self.port}",
                f"user = {self.user!r}",
                f"password = {self.password!r}",
                f"db = {database!r}",
            ]
        )


class NamedServer(Server):
    """The server of that URL, wherever it is: a proxy leads from loopback to it."""

    def __init__(self, url: str) -> None:
        named = make_url(url)
        self.user, self.password = named.username or "root", named.password or ""
        self.account = f"{quote(self.user)}:{quote(self.password)}"
        self._proxy = Proxy(named.port or 3306, named.host or "127.0.0.1")

    def __enter__(self) -> Self:
        self.port = self._proxy.__enter__().port
        return self

    def __exit__(self, *error: object) -> None:
        self._proxy.__exit__(*error)


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for a server while it runs; pytest's are too deep, since a socket's path has a limit."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class MariaDB(Server):
    """`with MariaDB(folder) as server:` starts it; `stop`, `kill` and `start` make its days good or bad."""

    owner = "root"  # of the server's process and its files, where root runs the tests

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._installed = False

    def __enter__(self) -> Self:
        self.start()
        with self.connect(user="root", password="") as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER '{USER}'@'%%' IDENTIFIED BY %s", (PASSWORD,))
            cursor.execute(f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION")
            cursor.execute("DELETE FROM mysql.global_priv WHERE User = ''")
            cursor.execute("FLUSH PRIVILEGES")
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start and wait until it answers. On another port only if somebody took ours."""
        if not self._installed:
            self._install()
        for _ in range(5):
            self.port = self.port or _free_port()
            with (self.folder / "error.log").open("ab") as errors:
                self._process = subprocess.Popen(
                    [
                        _program("mariadbd"),
                        "--no-defaults",
                        *self._own_options(),
                        f"--port={self.port}",
                        "--bind-address=127.0.0.1",
                        f"--socket={self.folder / 's'}",
                        f"--pid-file={self.folder / 'pid'}",
                        "--innodb-buffer-pool-size=64M",
                        "--skip-ssl",  # MariaDB 11.4 makes a certificate of its own: 45 ms a connection
                        *self.options,
                    ],
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                )
            if self._answers():
                return
            self.port = 0
        raise RuntimeError((self.folder / "error.log").read_text(errors="replace")[-3000:])

    def stop(self) -> None:
        """A clean stop."""
        self._end(15)

    def kill(self) -> None:
        """A power cut, as far as the server is concerned."""
        self._end(9)

    def _install(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = ["cp", "-a", "--sparse=always", f"{_installed(self.owner)}/data", str(self.folder)]
        subprocess.run(command, check=True)
        self._installed = True

    def _own_options(self) -> list[str]:
        return _options(self.owner, self.folder)

    def _answers(self) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            with contextlib.suppress(pymysql.Error):
                self.connect(user="root", password="").close()
                return True
            time.sleep(0.02)
        self._end(9)
        return False

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process:
            process.send_signal(number)
            process.wait(60)


@functools.cache
def _installed(owner: str) -> Path:
    """A folder with the data of a new server, to be copied: to make them takes a second of CPU time."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if os.geteuid() == 0:
        shutil.chown(folder, owner)
    subprocess.run(
        [
            _program("mariadb-install-db"),
            "--no-defaults",
            *_options(owner, folder),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    return folder


def _options(owner: str, folder: Path) -> list[str]:
    user = [f"--user={owner}"] if os.geteuid() == 0 else []
    return [*user, f"--datadir={folder / 'data'}", f"--tmpdir={folder}"]


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
    if not found:
        raise FileNotFoundError(INSTALL)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
