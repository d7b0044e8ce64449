"""A connection to the server: what is set in it, how long it rests, and when it is given up."""

import logging
import socket
from typing import Any
from urllib.parse import quote

import pymysql
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from tests.mariadb import PASSWORD, USER, MariaDB, of_mariadb_alone
from tests.venue import Venue, as_json, crossing, wait_until
from visitorsflow.database import connection as module
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import Insert
from visitorsflow.errors import DatabaseAway
from visitorsflow.intake.crossings import parse


def variables(database: Database, *names: str) -> list[Any]:
    asked = ", ".join(f"@@SESSION.{name}" for name in names)
    return database.transaction(lambda c: list(c.exec_driver_sql(f"SELECT {asked}").one()))


def number(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one())


@of_mariadb_alone
def test_the_server_forgets_us_soon(mariadb_venue: Venue) -> None:
    """Of a PC whose power is cut no lock is left after half a minute; a resting connection may rest."""
    database = Database(mariadb_venue.settings())
    names = "wait_timeout", "idle_transaction_timeout", "innodb_lock_wait_timeout", "lock_wait_timeout"
    found = variables(database, *names)
    database.close()
    assert found == [28800, 15, 5, 5]


def test_one_question_sets_what_all_servers_know(
    mariadb_venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection costs the same number of ways there and back as it did with none of that set."""
    asked: list[object] = []
    real = pymysql.Connection._execute_command  # type: ignore[attr-defined] # noqa: SLF001 - all that is sent

    def note(self: Any, command: int, statement: object) -> object:
        asked.append(statement)
        return real(self, command, statement)

    monkeypatch.setattr(pymysql.Connection, "_execute_command", note)
    database = Database(mariadb_venue.settings())
    database.transaction(number)
    database.close()
    assert sum("SESSION lock_wait_timeout" in str(statement) for statement in asked) == 1


@of_mariadb_alone
def test_a_variable_that_is_not_known(mariadb_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out, and all others are set; another error is one."""
    monkeypatch.setattr(module, "SESSION", ("no_such_variable = 1", *module.SESSION))
    database = Database(mariadb_venue.settings())
    found = variables(database, "wait_timeout", "idle_transaction_timeout", "innodb_lock_wait_timeout")
    assert (found, database.failures) == ([28800, 15, 5], 0)
    database.close()
    monkeypatch.setattr(module, "OF_MARIADB", "no_such_variable = 1")  # as with MySQL
    database = Database(mariadb_venue.settings())
    assert variables(database, "wait_timeout") == [30]
    database.close()
    monkeypatch.setattr(module, "SESSION", ("sql_mode = 'NO_SUCH_MODE'",))
    database = Database(mariadb_venue.settings())
    with pytest.raises(DatabaseAway, match="NO_SUCH_MODE"):
        database.transaction(number)
    database.close()


def test_a_long_rest(
    mariadb: MariaDB, mariadb_venue: Venue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the server has closed meanwhile is no failure: another one is opened, without a word."""
    caplog.set_level(logging.INFO)
    for of in ("OF_MARIADB", "OF_MYSQL"):
        monkeypatch.setattr(module, of, "wait_timeout = 2")
    monkeypatch.setattr(pymysql.Connection, "get_server_info", lambda _: "9.1.0")  # MySQL's limit is this one
    monkeypatch.setattr(module, "LONGEST_REST_SECONDS", 1)
    database = Database(mariadb_venue.settings())
    before = database.transaction(number)
    assert database.transaction(number) == before
    alive = f"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {before}"
    wait_until(lambda: mariadb.execute(alive) == ((0,),), "the server has closed it")
    assert database.transaction(number) != before
    assert database.failures == 0
    assert [record.message for record in caplog.records if record.levelno > logging.INFO] == []
    database.close()


@of_mariadb_alone
def test_mariadb_lets_it_rest(mariadb_venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a file a minute finds a connection that is open: another one would cost more than its storing."""
    monkeypatch.setattr(module, "LONGEST_REST_SECONDS", -1)
    database = Database(mariadb_venue.settings())
    assert database.transaction(number) == database.transaction(number)
    database.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="this system has another name for it")
def test_a_resting_connection_is_looked_after(mariadb_venue: Venue) -> None:
    """This PC asks the other end every few seconds, not every two hours."""
    database = Database(mariadb_venue.settings())

    def waits(connection: Connection) -> tuple[int, int]:
        link = connection.connection.dbapi_connection._sock  # type: ignore[union-attr]  # noqa: SLF001
        return (
            link.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            link.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
        )

    assert database.transaction(waits) == (1, 10)
    database.close()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (1290, "The MariaDB server is running with the --read-only option so it cannot execute this"),
        (1792, "Cannot execute statement in a READ ONLY transaction"),
        (1836, "Running in read-only mode"),
        (1047, "WSREP has not yet prepared node for application use"),
        (9999, "target is Read-Only"),
        (3101, "Plugin instructed the server to rollback the current transaction."),
    ],
)
def test_tried_again_at_once(mariadb_venue: Venue, code: int, said: str) -> None:
    """Over another connection where this server takes no rows: the name may lead to another server by now."""
    database = Database(mariadb_venue.settings())
    numbers: list[int] = []

    def work(connection: Connection) -> str:
        numbers.append(number(connection))
        if len(numbers) == 1:
            raise OperationalError("", None, pymysql.err.OperationalError(code, said))
        return "stored"

    assert database.transaction(work) == "stored"
    database.close()
    assert (numbers[0] == numbers[1]) == (code == 3101)


def test_nothing_is_changed_in_a_row_that_is_there(mariadb_venue: Venue) -> None:
    """Least of all a column by which a cluster may be split."""
    database = Database(mariadb_venue.settings())
    rows = parse(as_json([crossing("20180531101825")]), "20180531101900.json").crossings
    [statement] = Insert(database.engine.dialect).written_out(rows)
    database.close()
    assert statement.endswith("ON DUPLICATE KEY UPDATE occurrence = `PeopleFlow`.occurrence")


@of_mariadb_alone
def test_a_server_without_a_host(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """One that is reached through a socket is a server all the same, and no file of SQLite."""
    name = mariadb_venue.settings().db
    user, password = (quote(one) for one in (USER, PASSWORD))
    socket_file = quote(str(mariadb.folder / "s"))
    url = f"mysql+pymysql://{user}:{password}@/{name}?unix_socket={socket_file}"
    mariadb_venue.database = f"database_url = {url!r}"
    mariadb_venue.configure()
    done = mariadb_venue.run("uploadData.py", "--check")
    assert f"localhost/{name}" in done.stdout
    assert "SQLite" not in done.stdout
    assert "MariaDB" in done.stdout, done.stdout
    assert (mariadb_venue.upload().returncode, mariadb_venue.rows()) == (0, [])
