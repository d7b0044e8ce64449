"""Secrets stay secret, TLS is verified, and names from outside reach neither SQL nor a shell nor a line."""

import shutil
import ssl
import tempfile
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.certificates import make_certificate
from tests.mariadb import MariaDB
from tests.venue import PROJECT, Venue, crossing, wait_until

SECRET = "hunter2-hunter2"
NAME = "20180531101900.json"


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


def test_the_database_is_verified(tmp_path: Path) -> None:
    """With ssl_ca: encrypted to the right server, refused to one with another certificate, nothing lost."""
    right, key = make_certificate(tmp_path, "right")
    wrong, _ = make_certificate(tmp_path, "wrong")
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    with MariaDB(folder, f"--ssl-cert={right}", f"--ssl-key={key}", f"--ssl-ca={right}") as server:
        server.execute("CREATE DATABASE venue")
        venue = Venue(tmp_path / "venue", server.lines("venue"))
        venue.configure(ssl_ca=str(wrong))
        venue.drop(NAME, [crossing("20180531101825")])
        refused = venue.upload()
        assert refused.returncode == 1
        assert "certificate verify failed" in refused.stderr
        assert venue.waiting() == {NAME}
        venue.configure(ssl_ca=str(right))
        assert venue.upload().returncode == 0
        table = venue.table()
        with table.engine.connect() as connection:
            [(_, cipher)] = connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'")
        table.close()
        assert cipher
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_without_tls_is_refused(mariadb_venue: Venue, tmp_path: Path) -> None:
    """Who set ssl_ca gets no silent fall-back to plain text."""
    right, _ = make_certificate(tmp_path, "right")
    mariadb_venue.configure(ssl_ca=str(right))
    mariadb_venue.drop(NAME, [crossing("20180531101825")])
    assert mariadb_venue.upload().returncode == 1
    assert mariadb_venue.waiting() == {NAME}


def test_the_api_is_verified(sqlite_venue: Venue, tmp_path: Path) -> None:
    """An API with an unknown certificate gets nothing."""
    certificate, key = make_certificate(tmp_path, "api")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/").respond_with_data("OK")
        sqlite_venue.configure(api_url=server.url_for("/"))
        sqlite_venue.drop(NAME, [crossing("20180531101825")])
        assert sqlite_venue.upload().returncode == 0
        done = sqlite_venue.run(
            "callAPI.py",
            "--date",
            "2018-05-31",
            first="from visitorsflow.report import api as a; a.RETRIES = 0",
        )
        assert server.log == []
    assert done.returncode == 1
    assert "certificate verify failed" in done.stderr.splitlines()[-1].lower()


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
