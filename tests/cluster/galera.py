"""Three nodes of a Galera cluster on loopback, and a real haproxy before them that checks their state."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import pymysql

from tests.mariadb import PASSWORD, USER, MariaDB, Server
from tests.venue import PROJECT, wait_until

PROVIDER = "/usr/lib/galera/libgalera_smm.so"
CHECKER = "haproxy"
is_here = Path(PROVIDER).exists() and bool(shutil.which("haproxy", path="/usr/sbin:/usr/bin"))


class Node(MariaDB):
    """One node; it takes the accounts from the cluster that it joins."""

    owner = "mysql"  # rsync's daemon would not stay root

    def __init__(self, folder: Path, own: int, all_of_them: list[int]) -> None:
        super().__init__(folder)
        self._own = own
        self._all = all_of_them
        folder.mkdir()
        if os.geteuid() == 0:
            folder.parent.chmod(0o755)
            shutil.chown(folder, self.owner)

    def begin(self, new_cluster: bool = False) -> None:
        """Start, and join the cluster, or make one. Returns when it answers."""
        ports = _free_ports(2)
        self.options = (
            "--wsrep-on=ON",
            f"--wsrep-provider={PROVIDER}",
            "--wsrep-cluster-name=venue",
            "--wsrep-cluster-address=gcomm://" + ",".join(f"127.0.0.1:{port}" for port in self._all),
            f"--wsrep-node-name=node{self._all.index(self._own)}",
            f"--wsrep-node-address=127.0.0.1:{self._own}",
            f"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{self._own}; "
            f"ist.recv_addr=127.0.0.1:{ports[0]}; gcache.size=32M",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address=127.0.0.1:{ports[1]}",
            *settings_of_the_document(),
            *(["--wsrep-new-cluster"] if new_cluster else []),
        )
        self.start()

    def status(self, name: str) -> str:
        """A value of SHOW STATUS; nothing where the node does not answer."""
        with contextlib.suppress(pymysql.Error, OSError):
            root = self.connect(user="root", password="", connect_timeout=2)
            with root as connection, connection.cursor() as cursor:
                cursor.execute(f"SHOW GLOBAL STATUS LIKE '{name}'")
                return str(cursor.fetchall()[0][1])
        return ""

    @property
    def is_synced(self) -> bool:
        return self.status("wsrep_local_state_comment") == "Synced" and self.status("wsrep_ready") == "ON"


class Galera(Server):
    """`port` is haproxy's: it leads to the first node that can be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        own = _free_ports(3)
        self.nodes = [Node(folder / f"n{n}", port, own) for n, port in enumerate(own)]
        self._haproxy: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        self.nodes[0].begin(new_cluster=True)
        self.wait_for(self.nodes[0])
        with self.nodes[0].connect(user="root", password="") as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE USER '{USER}'@'%%' IDENTIFIED BY %s", (PASSWORD,))
            cursor.execute(f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION")
            cursor.execute(f"CREATE USER '{CHECKER}'@'%'")
        for node in self.nodes[1:]:
            node.begin()
        self.wait_for(*self.nodes)
        self.port = _free_ports(1)[0]
        check = self.folder / "galera-check"
        check.write_text(block("#!/bin/sh\n# haproxy gives"))
        check.chmod(0o755)
        written = block("global\n").replace("/etc/haproxy/galera-check", str(check))
        written = written.replace("bind *:3306", f"bind 127.0.0.1:{self.port}")
        for number, node in enumerate(self.nodes):
            written = written.replace(f"10.0.0.{number + 1}:3306", f"127.0.0.1:{node.port}")
        config = self.folder / "haproxy.cfg"
        config.write_text(written)
        with (self.folder / "haproxy.log").open("wb") as log:
            self._haproxy = subprocess.Popen(
                ["/usr/sbin/haproxy", "-db", "-f", str(config)], stdout=log, stderr=log
            )
        wait_until(self.answers, "haproxy leads to a node")

    def __exit__(self, *_error: object) -> None:
        if self._haproxy:
            self._haproxy.kill()
            self._haproxy.wait()
        for node in self.nodes:
            node.kill()

    def bring_back(self, *nodes: Node) -> float:
        """Start these nodes again, at once: one alone would wait for the others. Returns how long it took."""
        began = time.monotonic()
        threads = [threading.Thread(target=node.begin) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.wait_for(*self.nodes)
        return time.monotonic() - began

    def answers(self) -> bool:
        """Does the cluster take statements over haproxy."""
        with contextlib.suppress(pymysql.Error):
            return bool(self.execute("SELECT 1"))
        return False

    def wait_for(self, *nodes: Node, seconds: float = 90) -> None:
        """Wait until these nodes have what the others have."""
        wait_until(lambda: all(node.is_synced for node in nodes), "the nodes are synced", seconds)


def block(begin: str) -> str:
    """The block of docs/growing.md that begins so."""
    document = (PROJECT / "docs" / "growing.md").read_text("utf-8")
    [found] = [part for part in document.split("```")[1::2] if part.partition("\n")[2].startswith(begin)]
    return found.partition("\n")[2]


def settings_of_the_document() -> list[str]:
    """What docs/growing.md tells to set beside the addresses."""
    lines = [line.partition("#")[0].strip() for line in block("[mariadb]").splitlines()[1:]]
    return [f"--{line.replace(' ', '')}" for line in lines if line]


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
