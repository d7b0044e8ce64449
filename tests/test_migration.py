"""Coming from the 2018 program: its table, its uploaders that still run, its config.py."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.mariadb import MariaDB
from tests.venue import CAMERA, Venue, crossing, some_crossings, truth, wait_until
from visitorsflow.errors import ConfigurationError
from visitorsflow.facts import Totals
from visitorsflow.settings import load

NAME = "20180531101830.json"
# Three crossings as the 2018 program stored those of the file NAME; the first two are alike.
OLD_TABLE = (
    "CREATE TABLE {name} (id INTEGER PRIMARY KEY{auto}, peopleID INT, state INT, time VARCHAR(20),"
    " frameNumber INT, outputTime VARCHAR(20), ip VARCHAR(20))"
)
OLD_ROWS = (
    "INSERT INTO {name} (peopleID, state, time, frameNumber, outputTime, ip) VALUES"
    " (1, 0, '20180531101825', 7, '20180531101830', '17'),"
    " (1, 0, '20180531101825', 7, '20180531101830', '17'),"
    " (2, 1, '20180531101826', 9, '20180531101830', '17')"
)
CONTENT = [
    crossing("20180531101825", 1, 0, 7),
    crossing("20180531101825", 1, 0, 7),
    crossing("20180531101826", 2, 1, 9),
]
SIX = "INSERT INTO PeopleFlow (peopleID, state, time, frameNumber, outputTime, ip) VALUES "


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is quoted below is what the terminal says in English."""
    monkeypatch.setitem(Venue.usual, "language", "en")


class Client:
    """A database client that goes on after an error, as a person's does when many lines are pasted."""

    def __init__(self, venue: Venue) -> None:
        table = venue.table()
        self._url = table.database.engine.url
        self._password = venue.settings().password.get_secret_value()
        table.database.close()
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._connection: Any = None

    def __enter__(self) -> "Client":
        if self.is_sqlite:
            self._connection = sqlite3.connect(str(self._url.database), isolation_level=None)
        else:
            self._connection = pymysql.Connection(
                host="127.0.0.1",
                port=self._url.port or 0,
                user=self._url.username,
                password=self._password.encode(),
                database=self._url.database,
                autocommit=True,
                ssl_disabled=True,
            )
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement, which must succeed."""
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]

    def paste(self, sql: str) -> list[str]:
        """Run all statements, and return what those that failed were answered."""
        errors = []
        for statement in statements(sql):
            try:
                self.rows(statement)
            except Exception as error:  # noqa: BLE001 - each driver has its own, and a person sees them all alike
                errors.append(str(error))
        return errors

    def tables(self) -> set[str]:
        if self.is_sqlite:
            return {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {name for (name,) in self.rows("SHOW TABLES")}

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT COUNT(*) FROM {table}")[0][0])

    def make_old_table(self, name: str = "PeopleFlow") -> None:
        auto = "" if self.is_sqlite else " AUTO_INCREMENT"
        for statement in (OLD_TABLE, OLD_ROWS):
            self.rows(statement.format(name=name, auto=auto))


@pytest.fixture
def client(venue: Venue) -> Iterator[Client]:
    with Client(venue) as client:
        yield client


@pytest.fixture
def mariadb_client(mariadb_venue: Venue) -> Iterator[Client]:
    with Client(mariadb_venue) as client:
        yield client


def statements(sql: str) -> Iterator[str]:
    """One after the other, as a client takes them from what is pasted."""
    lines: list[str] = []
    for line in sql.splitlines():
        lines.append(line)
        if sqlite3.complete_statement("\n".join(lines)):
            yield "\n".join(lines)
            lines = []


def printed_sql(venue: Venue) -> str:
    """The SQL with which the start refuses."""
    refused = venue.upload()
    assert refused.returncode == 2, refused.stderr
    return refused.stderr.partition("then start again:\n")[2]


def in_docs(first: str, language: str = "sql") -> str:
    """The code in docs/migration.md that begins with these words."""
    text = (Path(__file__).parent.parent / "docs" / "migration.md").read_text("utf-8")
    blocks = [block.partition("```")[0] for block in text.split(f"```{language}\n")[1:]]
    [found] = [block for block in blocks if block.startswith(first)]
    return found


# --- a program that names six columns ---------------------------------------------------------


def test_a_program_that_names_six_columns_goes_on_working(venue: Venue, client: Client) -> None:
    """Its rows are stored beside ours, counted with them, and are the same as ours of the same file."""
    assert venue.upload().returncode == 0
    client.rows(SIX + "(1, 0, '2018-05-31 10:18:25', 7, '2018-05-31 10:18:30', '17')")
    venue.drop(NAME, CONTENT[1:])
    assert venue.upload().returncode == 0
    assert set(venue.rows()) == truth(NAME, CONTENT[1:])
    table = venue.table()
    first, last = datetime(2018, 5, 31, 10, 18, 25), datetime(2018, 5, 31, 10, 18, 26)
    assert table.totals(datetime(2018, 5, 31), datetime(2018, 6, 1)) == Totals(1, 1, first, last)
    table.database.close()


def test_it_goes_on_working_after_the_conversion(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """An old uploader that writes times as text does not notice that its table is ours now."""
    mariadb_client.make_old_table()
    assert mariadb_client.paste(printed_sql(mariadb_venue)) == []
    mariadb_client.rows(SIX + "(3, 0, '20180531101827', 9, '20180531101830', '17')")
    assert set(mariadb_venue.rows()) == truth(NAME, [*CONTENT, crossing("20180531101827", 3, 0, 9)])


def test_a_table_without_the_default_is_ours(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """Our earlier versions made such tables: it is used, and the start says what to run for the others."""
    assert mariadb_venue.upload().returncode == 0
    mariadb_client.rows("ALTER TABLE PeopleFlow ALTER occurrence DROP DEFAULT")
    six = SIX + "(1, 0, '2018-05-31 10:18:25', 7, '2018-05-31 10:18:30', '17');"
    assert "occurrence" in mariadb_client.paste(six)[0]
    done = mariadb_venue.upload()
    assert done.returncode == 0
    alter = "ALTER TABLE PeopleFlow ALTER occurrence SET DEFAULT 0;"
    assert alter in done.stderr
    assert alter in in_docs("ALTER TABLE")
    assert mariadb_client.paste(in_docs("ALTER TABLE") + six) == []
    assert alter not in mariadb_venue.upload().stderr


# --- the conversion, pasted -------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["time = 'noon'", "time = NULL", "state = 'IN'", "peopleID = 'x'"])
def test_a_pasted_conversion_with_a_bad_row_keeps_the_old_table(
    venue: Venue, client: Client, wrong: str
) -> None:
    """Every statement is run whatever failed before: nothing is renamed; without the row all is converted."""
    client.make_old_table()
    if not client.is_sqlite:
        client.rows("ALTER TABLE PeopleFlow MODIFY state VARCHAR(20), MODIFY peopleID VARCHAR(20)")
    client.rows(f"UPDATE PeopleFlow SET {wrong} WHERE id = 3")
    sql = printed_sql(venue)
    for _ in range(2):
        assert client.paste(sql) != []
        assert "PeopleFlow_old" not in client.tables()
        assert client.count("PeopleFlow") == 3
    client.rows("DELETE FROM PeopleFlow WHERE id = 3")
    assert client.paste(sql) == []
    assert client.count("PeopleFlow_old") == 2
    assert set(venue.rows()) == truth(NAME, CONTENT[:2])


def test_a_client_that_reads_them_one_by_one(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """MariaDB's own client, told to go on after errors: it shows that nothing was renamed."""
    mariadb_client.make_old_table()
    mariadb_client.rows("UPDATE PeopleFlow SET time = 'noon' WHERE id = 3")
    sql = printed_sql(mariadb_venue)
    assert "\t" not in sql, "a tab asks the client to complete a name"
    settings = mariadb_venue.settings()
    program = shutil.which("mariadb") or shutil.which("mysql")
    assert program, "it comes with the server"
    done = subprocess.run(
        [program, "--no-defaults", "--force", f"-u{settings.user}", "-h127.0.0.1", f"-P{settings.port}"],
        input=sql,
        env=os.environ | {"MYSQL_PWD": settings.password.get_secret_value(), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Incorrect datetime value: 'noon'" in done.stderr
    assert "nothing was renamed, `PeopleFlow` is as it was" in done.stdout
    assert mariadb_client.count("PeopleFlow") == 3
    assert "PeopleFlow_old" not in mariadb_client.tables()


def test_pasted_twice(venue: Venue, client: Client) -> None:
    """The second time fails, and what the first has made stays as it is."""
    client.make_old_table()
    sql = printed_sql(venue)
    assert client.paste(sql) == []
    for _ in range(2):
        errors = client.paste(sql)
        assert any("already" in error and "PeopleFlow_old" in error for error in errors), errors
    assert client.count("PeopleFlow_old") == 3
    assert set(venue.rows()) == truth(NAME, CONTENT)


def test_a_row_that_comes_during_the_conversion(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """An old uploader writes after the copying: nothing is renamed; pasted again, its row is there too."""
    mariadb_client.make_old_table()
    sql = printed_sql(mariadb_venue)
    copying, mark, renaming = sql.partition("AS converted;\n")
    assert mariadb_client.paste(copying + mark) == []
    mariadb_client.rows(SIX + "(3, 0, '20180531101827', 9, '20180531101830', '17')")
    mariadb_client.paste(renaming)
    assert "PeopleFlow_old" not in mariadb_client.tables()
    assert mariadb_client.paste(sql) == []
    assert set(mariadb_venue.rows()) == truth(NAME, [*CONTENT, crossing("20180531101827", 3, 0, 9)])


def test_nothing_of_an_earlier_paste_is_left(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """In one session: converted, the old table put back, and then the new one can't be made: no rename."""
    mariadb_client.make_old_table()
    sql = printed_sql(mariadb_venue)
    assert mariadb_client.paste(sql) == []
    mariadb_client.rows("DROP TABLE PeopleFlow")
    mariadb_client.rows("RENAME TABLE PeopleFlow_old TO PeopleFlow")
    without = "".join(s + "\n" for s in statements(sql) if not s.startswith(("CREATE", "INSERT")))
    assert mariadb_client.paste(without) != []
    assert mariadb_client.tables() == {"PeopleFlow"}
    assert mariadb_client.count("PeopleFlow") == 3


def test_an_old_name_that_is_taken_meanwhile(venue: Venue, client: Client) -> None:
    """Somebody made a PeopleFlow_old between the printing and the pasting: both tables stay as they are."""
    client.make_old_table()
    sql = printed_sql(venue)
    client.make_old_table("PeopleFlow_old")
    assert client.paste(sql) != []
    assert client.count("PeopleFlow") == client.count("PeopleFlow_old") == 3
    assert client.rows("SELECT id FROM PeopleFlow ORDER BY id") == [(1,), (2,), (3,)]


def test_a_second_conversion_says_that_the_first_ones_table_is_there(venue: Venue, client: Client) -> None:
    """PeopleFlow_old is named and stays; the second old table gets a name that is free."""
    client.make_old_table()
    assert client.paste(printed_sql(venue)) == []
    client.rows("DROP TABLE PeopleFlow")
    client.make_old_table()
    client.rows("DELETE FROM PeopleFlow WHERE id = 3")
    refused = venue.upload().stderr
    assert "PeopleFlow_old is there from an earlier conversion and stays" in refused
    assert "this time the old rows are kept as PeopleFlow_old2" in refused
    assert client.paste(printed_sql(venue)) == []
    assert (client.count("PeopleFlow_old"), client.count("PeopleFlow_old2")) == (3, 2)
    assert set(venue.rows()) == truth(NAME, CONTENT[:2])


def test_the_first_line_says_who_must_run_it(venue: Venue, client: Client) -> None:
    """The uploader's own user may not; and where: the database, or the file."""
    client.make_old_table()
    first, second, *_ = printed_sql(venue).splitlines()
    assert first.startswith("-- To be run by the administrator of the database")
    if client.is_sqlite:
        assert second == f"-- In a terminal: sqlite3 {venue.home / 'visitorsflow.db'}"
    else:
        assert second == f"USE {venue.settings().db};"
    client.rows("DROP TABLE PeopleFlow")
    client.rows("CREATE TABLE PeopleFlow (note VARCHAR(9))")
    assert printed_sql(venue).startswith(first)


def test_the_uploaders_user_can_do_no_harm_with_it(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """Pasted as the user of config.py, with the least privileges, it fails and changes nothing of the old."""
    with Client(mariadb_venue) as client:
        client.make_old_table()
        sql = printed_sql(mariadb_venue)
        name = mariadb_venue.settings().db
        user = f"u{name}"[:30]
        mariadb.grant(user, "SELECT, INSERT, UPDATE, CREATE", name or "")
        errors = []
        with mariadb.connect(user=user, database=name) as connection:
            for statement in statements(sql):
                try:
                    connection.query(statement)
                except Exception as error:  # noqa: BLE001 - as in paste
                    errors.append(str(error))
        assert any("DROP" in error or "ALTER" in error for error in errors), errors
        assert client.count("PeopleFlow") == 3
        assert "PeopleFlow_old" not in client.tables()
        assert client.paste(sql) == [], "the administrator comes after"
    mariadb.execute(f"DROP USER '{user}'@'%'")
    assert set(mariadb_venue.rows()) == truth(NAME, CONTENT)


def test_a_camera_with_odd_letters_is_kept(venue: Venue, client: Client) -> None:
    """Rows without ip get the name of config.py, to the letter."""
    camera = 'it\'s \\ "門口" %s ;'
    venue.configure(camera=camera)
    client.make_old_table()
    client.rows("UPDATE PeopleFlow SET ip = ''")
    assert client.paste(printed_sql(venue)) == []
    assert {row[1] for row in venue.rows()} == {camera}


# --- a table in other letters -----------------------------------------------------------------


def test_a_table_in_other_letters_is_named(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """A server that distinguishes letters would get a second table: the start refuses, and converts it."""
    mariadb_client.make_old_table("peopleflow")
    for done in (mariadb_venue.upload(), mariadb_venue.run("callAPI.py", "--dry-run")):
        assert done.returncode == 2
        assert "there is no table PeopleFlow, but a table peopleflow, in other letters" in done.stderr
    assert mariadb_client.tables() == {"peopleflow"}
    assert mariadb_client.paste(printed_sql(mariadb_venue)) == []
    assert mariadb_client.tables() == {"PeopleFlow", "PeopleFlow_old"}
    assert set(mariadb_venue.rows()) == truth(NAME, CONTENT)


def test_a_table_in_other_letters_beside_ours(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """Ours is used, and the start says that the other one does not count; a view of ours is no table."""
    assert mariadb_venue.upload().returncode == 0
    mariadb_client.make_old_table("peopleflow")
    done = mariadb_venue.upload()
    assert done.returncode == 0
    assert "there is a table peopleflow beside PeopleFlow: its rows are not counted" in done.stderr
    mariadb_client.rows("DROP TABLE peopleflow")
    assert mariadb_client.paste(in_docs("CREATE VIEW")) == []
    assert "beside PeopleFlow" not in mariadb_venue.upload().stderr
    mariadb_client.rows(
        SIX.replace("PeopleFlow", "peopleflow") + "(1, 0, 20180531101825, 7, 20180531101830, '17')"
    )
    assert set(mariadb_venue.rows()) == truth(NAME, CONTENT[:1])


def test_a_server_that_ignores_upper_and_lower_case(tmp_path: Path) -> None:
    """A server on Windows lists it as peopleflow: it converts as elsewhere, and nothing is said."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    with MariaDB(folder, "--lower-case-table-names=1") as server:
        server.execute("CREATE DATABASE venue")
        venue = Venue(tmp_path / "venue", server.lines("venue"))
        with Client(venue) as client:
            client.make_old_table()
            assert "other columns or another key" in venue.upload().stderr
            assert client.paste(printed_sql(venue)) == []
            assert client.tables() == {"peopleflow", "peopleflow_old"}
            done = venue.upload()
            assert done.returncode == 0
            assert "beside" not in done.stderr
    shutil.rmtree(folder, ignore_errors=True)


# --- the camera's name ------------------------------------------------------------------------

HINT = f"the newest rows in the table are of other cameras (4, 5), none is of {CAMERA}"


def stored_by_others(venue: Venue) -> None:
    for camera in ("4", "5"):
        venue.configure(camera=camera)
        venue.drop(NAME, CONTENT)
        assert venue.upload().returncode == 0
    venue.configure()


def test_another_name_than_the_old_one_is_said_before_anything_is_stored(venue: Venue) -> None:
    """Rows of other cameras only, and files wait: a warning; the way back in the documents works."""
    stored_by_others(venue)
    before = venue.rows()
    shutil.rmtree(venue.folder / "stored")
    for name in (NAME, "20180531101900.json"):
        venue.drop(name, CONTENT)
    done = venue.upload()
    assert done.returncode == 0, "a new camera of the venue begins in the same way"
    assert f"WARNING {HINT}; files waiting in {venue.folder}: 2." in done.stderr
    assert done.stderr.index(HINT) < done.stderr.index("stored 2 files")
    with Client(venue) as client:
        undo = in_docs("DELETE FROM PeopleFlow").replace("'17'", f"'{CAMERA}'")
        assert client.paste(undo) == []
    assert venue.rows() == before
    subprocess.run(["bash", "-ec", in_docs("find Files", "bash")], cwd=venue.home, check=True)
    assert venue.waiting() == {NAME, "20180531101900.json"}
    venue.configure(camera="4")
    assert venue.upload().returncode == 0
    assert set(venue.rows()) == set(before) | truth("20180531101900.json", CONTENT, "4")


def test_no_hint_where_nothing_can_count_twice(venue: Venue) -> None:
    """Not for an empty table, nor without files, nor for a camera that has rows there."""
    venue.drop(NAME, CONTENT)
    said = venue.upload().stderr
    venue.drop(NAME, CONTENT)
    said += venue.upload().stderr
    venue.configure(camera="18")
    said += venue.upload().stderr
    assert "stored 1 file" in said
    assert "other cameras" not in said


def test_the_hint_comes_when_the_database_comes(tmp_path: Path) -> None:
    """The database was away at the start: it is said when it is there, and still before the storing."""
    folder = Path(tempfile.mkdtemp(prefix="vf-"))
    with MariaDB(folder) as server:
        server.execute("CREATE DATABASE venue")
        venue = Venue(tmp_path / "venue", server.lines("venue"))
        stored_by_others(venue)
        venue.drop(NAME, CONTENT)
        server.stop()
        with venue.uploading():
            wait_until(lambda: "trouble with the database" in venue.terminal())
            server.start()
            wait_until(lambda: not venue.waiting(), "stored")
    shutil.rmtree(folder, ignore_errors=True)
    said = venue.terminal()
    assert said.count(f"WARNING {HINT}") == 1
    assert said.index(HINT) < said.index("stored 1 file")


# --- config.py ----------------------------------------------------------------


def test_the_old_config_is_taken(sqlite_venue: Venue) -> None:
    """`socketServer` is accepted by both scripts; the start says in one line that nothing uses it."""
    sqlite_venue.configure(socketServer="192.168.1.20")
    done = sqlite_venue.upload()
    assert done.returncode == 0
    assert done.stderr.count("socketServer in config.py is not used any more") == 1
    assert sqlite_venue.run("callAPI.py", "--dry-run").returncode == 0
    sqlite_venue.configure()
    assert "socketServer" not in sqlite_venue.upload().stderr


def test_only_what_the_old_program_had_is_taken(tmp_path: Path) -> None:
    """A mistake beside it is still one; and it is no setting."""
    config = tmp_path / "config.py"
    config.write_text("socketServer = ('192.168.1.20', 5000)\n")
    assert load(config, required=True).retired == ("socketServer",)
    config.write_text("socketServer = 1\nsocketPort = 2\n")
    with pytest.raises(ConfigurationError, match="unknown setting socketPort") as error:
        load(config, required=True)
    assert "socketServer" not in str(error.value)


# --- the whole way ----------------------------------------------------------------------------


def test_the_whole_way(mariadb_venue: Venue, mariadb_client: Client) -> None:
    """The files that the 2018 program left add exactly what it had lost, and no row of it is doubled."""
    venue = mariadb_venue
    mariadb_client.make_old_table()
    lost = some_crossings("20180531101900", 5)
    venue.drop(NAME, CONTENT)
    venue.drop("20180531101905.json", lost)
    assert mariadb_client.paste(printed_sql(venue)) == []
    cameras = mariadb_client.rows(in_docs("SELECT ip").rstrip().removesuffix(";"))
    assert [(row[0], row[1]) for row in cameras] == [(CAMERA, 3)]
    done = venue.upload()
    assert done.returncode == 0
    assert "other cameras" not in done.stderr
    assert set(venue.rows()) == truth(NAME, CONTENT) | truth("20180531101905.json", lost)
    assert len(venue.rows()) == len(set(venue.rows())) == 8
