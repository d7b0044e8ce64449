"""Secrets stay secret, TLS is verified, and names from outside reach neither SQL nor a shell nor a line."""

import contextlib
import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from pytest_httpserver import HTTPServer

from tests.mariadb import MariaDB, short_folder
from tests.venue import PROJECT, Venue, crossing, wait_until

SECRET = "hunter2-hunter2"
NAME = "20180531101900.json"
DAY = timedelta(days=1)


def everything_said(venue: Venue) -> str:
    logs = [path.read_text("utf-8") for path in (venue.home / "log").glob("*")]
    return venue.terminal() + "".join(logs)


@pytest.mark.parametrize("trouble", ["wrong", "away", "defect"])
def test_no_secret_is_ever_said(mariadb_venue: Venue, trouble: str) -> None:
    """Not in the log, not at the terminal, not in a traceback, whatever goes wrong with the database."""
    venue = mariadb_venue
    venue.database += f"\npassword = {SECRET!r}"
    if trouble == "away":
        venue.database += "\nport = 1"
    venue.configure(api_url="http://127.0.0.1:1/")
    venue.drop(NAME, [crossing("20180531101825")])
    first = (
        "import pymysql; pymysql.connections.Connection.connect = lambda s: 1/0"
        if trouble == "defect"
        else ""
    )
    done = [venue.run("uploadData.py", "--once", first=first), venue.run("callAPI.py", first=first)]
    assert {one.returncode for one in done} <= {1, 2}
    said = everything_said(venue) + "".join(one.stdout + one.stderr for one in done)
    assert SECRET not in said
    assert ("ZeroDivisionError" in said) == (trouble == "defect")


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_config_that_others_can_read(mariadb_venue: Venue, mode: int, warned: bool) -> None:
    """It holds a password: that is warned about at each start."""
    (mariadb_venue.home / "config.py").chmod(mode)
    for done in (mariadb_venue.upload(), mariadb_venue.run("callAPI.py", "--dry-run")):
        assert ("others can read" in done.stderr) == warned
        assert done.returncode == 0


def test_a_config_without_secrets_may_be_read(sqlite_venue: Venue) -> None:
    """There is nothing to hide in a first try."""
    (sqlite_venue.home / "config.py").chmod(0o644)
    assert "others can read" not in sqlite_venue.upload().stderr


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    """The authority that a venue trusts."""
    return trustme.CA()


def certificate(ca: trustme.CA, kind: str) -> trustme.LeafCert:
    """What a server on 127.0.0.1 may show: in order, or with what makes it worthless."""
    now = datetime.now(UTC)
    if kind == "expired":
        return ca.issue_cert("127.0.0.1", not_before=now - 2 * DAY, not_after=now - DAY)
    if kind == "of another authority":
        return trustme.CA().issue_cert("127.0.0.1")
    return ca.issue_cert("db.elsewhere.example" if kind == "of another host" else "127.0.0.1")


# Each with what OpenSSL says of it.
WORTHLESS = {
    "expired": "certificate has expired",
    "of another host": "IP address mismatch",
    "of another authority": "unable to get (local )?issuer certificate",
}


@contextlib.contextmanager
def api_with(shown: trustme.LeafCert) -> Iterator[HTTPServer]:
    """An API that shows this certificate and says OK."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/").respond_with_data("OK")
        yield server


def report_to(server: HTTPServer, venue: Venue, ca: trustme.CA) -> "subprocess.CompletedProcess[str]":
    """Store a crossing, and report it on a machine that trusts `ca`."""
    trusted = venue.home / "ca.pem"
    ca.cert_pem.write_to_path(trusted)
    venue.configure(api_url=server.url_for("/"))
    venue.drop(NAME, [crossing("20180531101825")])
    assert venue.upload().returncode == 0
    return venue.run(
        "callAPI.py",
        "--date",
        "2018-05-31",
        first="from visitorsflow.report import api as a; a.RETRIES = 0",
        env={**os.environ, "REQUESTS_CA_BUNDLE": str(trusted)},
    )


@pytest.fixture
def tls_mariadb(tmp_path: Path, ca: trustme.CA) -> Iterator[MariaDB]:
    """A server that shows the certificate in server.pem, with a database `venue`."""
    pem = tmp_path / "server.pem"
    certificate(ca, "right").private_key_and_cert_chain_pem.write_to_path(pem)
    with short_folder() as folder, MariaDB(folder, f"--ssl-cert={pem}", f"--ssl-key={pem}") as server:
        server.execute("CREATE DATABASE venue")
        yield server


def test_the_database_is_verified(tls_mariadb: MariaDB, tmp_path: Path, ca: trustme.CA) -> None:
    """With ssl_ca: encrypted to the right server; any other is refused, says why, loses nothing."""
    venue = Venue(tmp_path / "venue", tls_mariadb.lines("venue"))
    ca.cert_pem.write_to_path(venue.home / "ca.pem")
    venue.configure(ssl_ca="ca.pem")
    venue.drop(NAME, [crossing("20180531101825")])
    for kind, reason in WORTHLESS.items():
        certificate(ca, kind).private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
        tls_mariadb.execute("FLUSH SSL")
        refused = venue.upload()
        assert refused.returncode == 1
        assert re.search(f"certificate verify failed: .*{reason}", refused.stderr)
        assert venue.waiting() == {NAME}
    assert tls_mariadb.execute("SHOW TABLES FROM venue") == ()
    certificate(ca, "right").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    tls_mariadb.execute("FLUSH SSL")
    assert venue.upload().returncode == 0
    table = venue.table()
    with table.database.engine.connect() as connection:
        [(_, cipher)] = connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'")
    table.database.close()
    assert cipher


def test_a_server_without_tls_is_refused(mariadb_venue: Venue, ca: trustme.CA) -> None:
    """Who set ssl_ca gets no silent fall-back to plain text."""
    ca.cert_pem.write_to_path(mariadb_venue.home / "ca.pem")
    mariadb_venue.configure(ssl_ca="ca.pem")
    mariadb_venue.drop(NAME, [crossing("20180531101825")])
    assert mariadb_venue.upload().returncode == 1
    assert mariadb_venue.waiting() == {NAME}


def test_an_api_with_the_right_certificate_gets_the_report(sqlite_venue: Venue, ca: trustme.CA) -> None:
    """Whatever is refused below, it is not https as such."""
    with api_with(certificate(ca, "right")) as server:
        done = report_to(server, sqlite_venue, ca)
        assert len(server.log) == 1
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", WORTHLESS)
def test_an_api_with_a_worthless_certificate(sqlite_venue: Venue, ca: trustme.CA, kind: str) -> None:
    """It gets nothing, and the last line says why."""
    with api_with(certificate(ca, kind)) as server:
        done = report_to(server, sqlite_venue, ca)
        assert server.log == []
    assert done.returncode == 1
    assert re.search(f"certificate verify failed: .*{WORTHLESS[kind]}", done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    "name",
    [
        "'; DROP TABLE PeopleFlow; --.json",
        "$(touch owned) `touch owned`.json",
        "\r\n2026-01-01 00:00:00 INFO    forged\x1b[2J.json",
        "\u202enosj.json",
    ],
)
def test_names_are_only_names(mariadb_venue: Venue, name: str) -> None:
    """Stored like any other file; nothing is run, dropped or forged; good and bad content alike."""
    with mariadb_venue.uploading():
        mariadb_venue.drop(name.replace("/", ""), [crossing("20180531101825")])
        mariadb_venue.drop(f"bad{name}", b"{")
        wait_until(lambda: not mariadb_venue.waiting())
    assert len(mariadb_venue.rows()) == 1
    said = everything_said(mariadb_venue)
    assert not any(line.startswith("2026-01-01") for line in said.splitlines())
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert not list(Path("/").glob("owned")) + list(PROJECT.glob("owned"))


def test_a_link_never_leads_out(sqlite_venue: Venue, tmp_path: Path) -> None:
    """Links to files and folders outside: nothing there is read, moved or deleted."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / NAME).write_bytes(b'[{"ID": 1, "inOut": 0, "time": "20180531101825"}]')
    (sqlite_venue.folder / "linked").symlink_to(outside)
    (sqlite_venue.folder / "linked.json").symlink_to(outside / NAME)
    (sqlite_venue.folder / "stored").symlink_to(outside)
    sqlite_venue.drop("20180531101901.json", [crossing("20180531101825")])
    done = sqlite_venue.upload()
    assert done.returncode == 1
    assert "symbolic link" in done.stderr
    assert [path.name for path in outside.iterdir()] == [NAME]
    assert len(sqlite_venue.rows()) == 1
