"""The PeopleFlow table, the same tests on SQLite and on a real MariaDB."""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pymysql
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import delete, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.mariadb import MariaDB
from tests.venue import CAMERA, Record, Venue, as_json, crossing, some_crossings, truth
from visitorsflow.database.connection import Database
from visitorsflow.database.people_flow import COUNTED_AT_MOST, PEOPLE_FLOW, PeopleFlow
from visitorsflow.errors import ConfigurationError, DatabaseAway
from visitorsflow.facts import Crossing, Hour, Rows, Totals
from visitorsflow.intake.crossings import parse
from visitorsflow.reasons import from_json

MORNING = datetime(2018, 5, 31, 10, 18, 25)
# One table serves all examples of a property: each empties it first.
on_one_table = how(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

moments = st.integers(0, 5).map(lambda s: f"{MORNING + timedelta(seconds=s):%Y%m%d%H%M%S}")
records = st.builds(crossing, moments, st.integers(0, 3), st.integers(-1, 2), st.integers(0, 1))
files = st.lists(
    st.tuples(st.sampled_from(["20180531101900.json", "20180531101905.json"]), st.lists(records, max_size=8)),
    max_size=6,
)


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is quoted below is what the terminal says in English."""
    monkeypatch.setitem(Venue.usual, "language", "en")


@pytest.fixture
def table(venue: Venue) -> Iterator[PeopleFlow]:
    """The table, made and empty."""
    table = venue.table()
    table.prepare()
    yield table
    table.database.close()


def empty(table: PeopleFlow) -> None:
    with table.database.engine.begin() as connection:
        connection.execute(delete(PEOPLE_FLOW))


def crossings_of(name: str, content: list[Record]) -> list[Crossing]:
    return parse(as_json(content), name).crossings


@on_one_table
@given(files=files, data=st.data())
def test_any_order_any_number_of_times(
    venue: Venue, table: PeopleFlow, files: list[tuple[str, list[Record]]], data: st.DataObject
) -> None:
    """Storing files in any order, any number of times, gives what their records say, each row once."""
    empty(table)
    deliveries = data.draw(st.permutations(files + data.draw(st.lists(st.sampled_from(files or [("", [])])))))
    for name, content in deliveries:
        table.insert(crossings_of(name, content))
    # Of files that share a name, each alike record counts as often as in the file that has most of it.
    expected = set().union(*(truth(name, content) for name, content in files))
    assert set(venue.rows()) == expected


@on_one_table
@given(content=st.lists(records, max_size=30), start=moments, length=st.integers(0, 5))
def test_totals_are_a_plain_count(table: PeopleFlow, content: list[Record], start: str, length: int) -> None:
    """In, out, first and last of start <= time < end, counted by the database as by hand."""
    empty(table)
    table.insert(crossings_of("20180531101900.json", content))
    begin = datetime.strptime(start, "%Y%m%d%H%M%S")  # noqa: DTZ007
    end = begin + timedelta(seconds=length)
    inside = [c for c in crossings_of("20180531101900.json", content) if begin <= c.time < end]
    times = sorted(c.time for c in inside)
    states = Counter(c.state for c in inside)
    first, last = (times[0], times[-1]) if times else (None, None)
    assert table.totals(begin, end) == Totals(states[0], states[1], first, last)


def test_hours_are_a_plain_count_for_each_camera(venue: Venue) -> None:
    """By hour and camera, from the day's first second to before its end; other states count as 0 and 0."""
    for camera, states in (("北門", (0, 0, 1)), ("17", (1, 7)), ("A", (7,)), ("a", (0,))):
        venue.configure(camera=camera)
        table = venue.table()
        table.prepare()
        for moment in ("20180531000000", "20180531095959", "20180531235959", "20180601000000"):
            content = [crossing(moment, state=state) for state in states]
            table.insert(crossings_of("20180531101900.json", content))
        table.database.close()
    hours = table.hours(datetime(2018, 5, 31), datetime(2018, 6, 1))
    table.database.close()
    assert hours == tuple(
        Hour(hour, *counted)
        for hour in (0, 9, 23)
        for counted in (("17", 0, 1), ("A", 0, 0), ("a", 1, 0), ("北門", 2, 1))
    )


def test_rows_from_a_time_on_are_counted_whatever_their_state(table: PeopleFlow) -> None:
    """With that time, to the last row of all days, and never more of them than can be read at once."""
    table.insert(crossings_of("20180531101900.json", some_crossings("20180531101825", COUNTED_AT_MOST + 5)))
    table.insert(crossings_of("20180531101900.json", [crossing("20180602000000", state=7)]))
    last = datetime(2018, 6, 2)
    assert table.rows_from(last + timedelta(seconds=1)) == Rows(0, None)
    assert table.rows_from(last) == Rows(1, last)
    assert table.rows_from(MORNING + timedelta(seconds=COUNTED_AT_MOST + 3)) == Rows(3, last)
    assert table.rows_from(MORNING) == Rows(COUNTED_AT_MOST, last)


def test_the_extremes_of_every_column_are_kept(venue: Venue, table: PeopleFlow) -> None:
    """Nothing is bent to fit."""
    content = [
        crossing("99991231235959", 2**63 - 1, 2**15 - 1, 2**63 - 1),
        crossing("10000101000000", -(2**63), -(2**15), -(2**63)),
    ]
    table.insert(crossings_of("20180531101900.json", content))
    assert set(venue.rows()) == truth("20180531101900.json", content)


def test_cameras_that_differ_in_case_alone_are_two(venue: Venue) -> None:
    """The same crossing of camera "a", "A" and "ａ" is three rows."""
    for camera in ("a", "A", "ａ"):
        venue.configure(camera=camera)
        table = venue.table()
        table.prepare()
        table.insert(crossings_of("20180531101900.json", [crossing("20180531101825")]))
        table.database.close()
    assert len(venue.rows()) == 3


def test_a_camera_may_have_any_name(venue: Venue) -> None:
    """It is stored to the letter, and the same crossing again is known by it."""
    camera = "it's \"門口\" \\' 100% %s %(camera)s :camera ? {} -- ; 😀\\"
    venue.configure(camera=camera)
    table = venue.table()
    table.prepare()
    for _ in range(2):
        table.insert(crossings_of("20180531101900.json", [crossing("20180531101825")]))
    table.database.close()
    assert [row[1] for row in venue.rows()] == [camera]


@pytest.mark.parametrize("scheme", ["sqlite", "mysql+pymysql", "mariadb+pymysql"])
def test_storing_asks_for_nothing_back(request: pytest.FixtureRequest, mariadb: MariaDB, scheme: str) -> None:
    """No RETURNING: older servers do not know it, and every row would come back."""
    venue: Venue = request.getfixturevalue("sqlite_venue" if scheme == "sqlite" else "mariadb_venue")
    url = str(venue.table().database.engine.url.set(drivername=scheme))
    if scheme != "sqlite":
        url = url.replace(f"{venue.settings().user}@", f"{mariadb.account}@")
    venue.database = f"database_url = {url!r}"
    venue.configure()
    table = venue.table()
    table.prepare()
    statements: list[str] = []
    event.listen(
        table.database.engine, "before_cursor_execute", lambda _c, _r, said, *_: statements.append(said)
    )
    table.insert(crossings_of("20180531101900.json", [crossing("20180531101825")]))
    table.database.close()
    assert len(venue.rows()) == 1
    [statement] = statements
    assert "INSERT" in statement
    assert "RETURNING" not in statement


def test_many_rows_share_a_transaction(venue: Venue, table: PeopleFlow) -> None:
    """More than fit in one statement are still all or nothing, and all."""
    content = some_crossings("20180531000000", 20_000)
    assert table.insert(crossings_of("20180531101900.json", content)) == 20_000
    assert len(venue.rows()) == 20_000


def test_uploaders_that_store_the_same_rows_at_once(venue: Venue, table: PeopleFlow) -> None:
    """Four threads, each with a connection of its own, all the same rows: each row once, no error."""
    crossings = crossings_of("20180531101900.json", some_crossings("20180531000000", 500))
    errors: list[Exception] = []

    def store() -> None:
        own = venue.table()
        try:
            for start in range(0, 500, 50):
                own.insert(reversed(crossings[start : start + 50]))
        except DatabaseAway as error:
            errors.append(error)
        finally:
            own.database.close()

    threads = [threading.Thread(target=store) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(venue.rows()) == 500


FOREIGN = {
    "id and text": (
        "id INTEGER PRIMARY KEY{auto}, peopleID INT, state INT, time VARCHAR(20), frameNumber INT,"
        " outputTime VARCHAR(20), ip VARCHAR(20)",
        "INSERT INTO PeopleFlow (peopleID, state, time, frameNumber, outputTime, ip) VALUES"
        " (1, 0, '20180531101825', 7, '20180531101830', '17'),"
        " (1, 0, '20180531101825', 7, '20180531101830', '17'),"
        " (2, 1, '2018-05-31 10:18:26', NULL, NULL, NULL)",
    ),
    "numbers, fewer columns": (
        "peopleid BIGINT, state INT, time BIGINT",
        "INSERT INTO PeopleFlow (peopleid, state, time) VALUES"
        " (1, 0, 20180531101825), (1, 0, 20180531101825), (2, 1, 20180531101826)",
    ),
    "odd values": (
        "time VARCHAR(20), state VARCHAR(5), peopleID VARCHAR(5), outputTime VARCHAR(20), ip VARCHAR(20)",
        "INSERT INTO PeopleFlow (time, state, peopleID, outputTime, ip) VALUES"
        " ('20180531101825', '0', '1', '', ''), ('2018-05-31 10:18:25', '00', '01', NULL, NULL),"
        " ('20180531101826', '1', '2', '', '17')",
    ),
    "another key": (
        "time DATETIME, ip VARCHAR(64), outputTime DATETIME, peopleID BIGINT, state SMALLINT,"
        " frameNumber BIGINT, occurrence SMALLINT",
        "INSERT INTO PeopleFlow VALUES ('2018-05-31 10:18:25', '17', '2018-05-31 10:18:30', 1, 0, 7, 0),"
        " ('2018-05-31 10:18:25', '17', '2018-05-31 10:18:30', 1, 0, 7, 0),"
        " ('2018-05-31 10:18:26', '17', '2018-05-31 10:18:30', 2, 1, 7, 0)",
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_table_is_refused_with_the_sql_that_converts_it(venue: Venue, kind: str) -> None:
    """The SQL works as it is printed, keeps every row, and then the table is ours."""
    columns, rows = FOREIGN[kind]
    table = venue.table()
    automatic = "" if table.database.engine.dialect.name == "sqlite" else " AUTO_INCREMENT"
    with table.database.engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE PeopleFlow ({columns.format(auto=automatic)})"))
        connection.execute(text(rows))
    table.database.close()

    refused = venue.upload()
    assert refused.returncode == 2
    assert "there is a table PeopleFlow with other columns or another key" in refused.stderr
    sql = refused.stderr.partition("then start again:\n")[2]
    with table.database.engine.begin() as connection:
        for statement in filter(str.strip, sql.split(";\n")):
            connection.execute(text(statement.rstrip().removesuffix(";")))
    table.database.close()

    assert [(row[0], row[3], row[4], row[6]) for row in venue.rows()] == [
        (MORNING, 1, 0, 0),
        (MORNING, 1, 0, 1),
        (MORNING + timedelta(seconds=1), 2, 1, 0),
    ]
    assert {row[1] for row in venue.rows()} == {CAMERA}
    venue.drop("20180531101900.json", [crossing("20180531101900")])
    assert venue.upload().returncode == 0
    assert len(venue.rows()) == 4


@pytest.mark.parametrize("wrong", ["peopleID BIGINT UNSIGNED", "time DATETIME", "ip VARCHAR(8)"])
def test_a_table_that_is_almost_ours_is_refused(mariadb_venue: Venue, mariadb: MariaDB, wrong: str) -> None:
    """Columns that could not hold every crossing, or that are not in the key."""
    database = mariadb_venue.settings().db
    mariadb_venue.rows()
    if "time" in wrong:
        key = "ip, outputTime, peopleID, state, frameNumber, occurrence"
        mariadb.execute(f"ALTER TABLE PeopleFlow DROP PRIMARY KEY, ADD PRIMARY KEY ({key})", database)
    else:
        mariadb.execute(f"ALTER TABLE PeopleFlow MODIFY {wrong} NOT NULL", database)
    assert mariadb_venue.upload().returncode == 2


@pytest.mark.parametrize(
    "lines",
    [
        'host = "127.0.0..1"',
        'ssl_ca = "config.py"',
        'host = user = db = None; database_url = "{}?foo=bar"',
    ],
)
def test_settings_that_the_driver_can_not_use(mariadb_venue: Venue, lines: str) -> None:
    """One line and exit 2, like any other wrong setting."""
    url = str(mariadb_venue.table().database.engine.url.set(username="root"))
    with (mariadb_venue.home / "config.py").open("a", encoding="utf-8") as config:
        config.write(lines.format(url.partition("?")[0]) + "\n")
    done = mariadb_venue.upload()
    assert done.returncode == 2, done.stderr
    assert "these settings can't be used" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("wrong", ["state = 'IN'", "peopleID = 'abc'", "time = 'noon'", "time = ''"])
def test_a_row_that_can_not_be_converted_fails(venue: Venue, wrong: str) -> None:
    """It never becomes a 0 that would count as somebody who came in, whatever the server's mode."""
    table = venue.table()
    statements = [
        "CREATE TABLE PeopleFlow (time VARCHAR(20), state VARCHAR(5), peopleID VARCHAR(5))",
        "INSERT INTO PeopleFlow VALUES ('20180531101825', '0', '1')",
        f"UPDATE PeopleFlow SET {wrong}",
    ]
    with table.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    sql = venue.upload().stderr.partition("then start again:\n")[2]
    with pytest.raises(DBAPIError), table.database.engine.begin() as connection:  # noqa: PT012
        if table.database.engine.dialect.name != "sqlite":
            connection.execute(text("SET SESSION sql_mode = ''"))
        for statement in filter(str.strip, sql.split(";\n")):
            connection.execute(text(statement.rstrip().removesuffix(";")))
    with table.database.engine.begin() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM PeopleFlow")).scalar() == 1
    table.database.close()


def test_a_table_with_nothing_to_keep_is_set_aside(sqlite_venue: Venue) -> None:
    """Without a time or a state no row can become a crossing: the SQL only renames the table."""
    with sqlite3.connect(sqlite_venue.home / "visitorsflow.db") as connection:
        connection.execute("CREATE TABLE PeopleFlow (id INTEGER PRIMARY KEY, note TEXT)")
    connection.close()
    refused = sqlite_venue.upload()
    assert refused.returncode == 2
    assert 'ALTER TABLE "PeopleFlow" RENAME TO "PeopleFlow_old";' in refused.stderr


def test_the_key_is_the_clustered_index(mariadb_venue: Venue, mariadb: MariaDB) -> None:
    """The table as the design wants it: all columns in the key, no second index, InnoDB."""
    mariadb_venue.rows()
    [(_, made)] = mariadb.execute("SHOW CREATE TABLE PeopleFlow", mariadb_venue.settings().db)
    key = "`time`,`ip`,`outputTime`,`peopleID`,`state`,`frameNumber`,`occurrence`"
    assert f"PRIMARY KEY ({key})" in made
    assert made.count("KEY") == 1
    assert "ENGINE=InnoDB" in made


def test_a_wrong_password_says_what_to_check(mariadb_venue: Venue) -> None:
    """Exit 2, one line with the server's answer, one with what to do; the password does not show.

    What to do is said in the venue's language, and stands in the log in English.
    """
    with (mariadb_venue.home / "config.py").open("a", encoding="utf-8") as config:
        config.write('password = "hunter2"\nlanguage = "zh-TW"\n')
    for done in (mariadb_venue.upload(), mariadb_venue.run("callAPI.py", "--dry-run")):
        assert done.returncode == 2
        assert f"Access denied for user '{mariadb_venue.settings().user}'" in done.stderr
        assert done.stderr.endswith("\n請檢查 config.py 的 host、user 和 password。\n")
        assert "hunter2" not in done.stderr
        assert "Traceback" not in done.stderr
    for name in ("uploadData", "callAPI"):
        log = (mariadb_venue.home / "log" / f"{name}.log").read_text("utf-8")
        assert "ERROR   Check host, user and password in config.py.\n" in log


def test_a_database_that_is_not_there_says_what_to_run(mariadb_venue: Venue) -> None:
    """The SQL, with what to do with it in the venue's language."""
    with (mariadb_venue.home / "config.py").open("a", encoding="utf-8") as config:
        config.write('db = "none_such"\nlanguage = "zh-TW"\n')
    done = mariadb_venue.upload()
    assert done.returncode == 2
    assert "\n請資料庫管理員執行：\nCREATE DATABASE IF NOT EXISTS `none_such`" in done.stderr


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (1045, "不接受這個帳號或密碼"),
        (1698, "不接受這個帳號或密碼"),
        (1044, "沒有這個資料庫，或是這個帳號不能用它"),
        (1049, "沒有這個資料庫，或是這個帳號不能用它"),
        (1142, "權限不夠"),
        (1143, "權限不夠"),
        (1146, "還沒有這個資料表"),
        (1040, "連線數滿了"),
        (1205, "鎖住了"),
        (2002, "連不上"),
        (2003, "連不上"),
        (2006, "連線斷了"),
        (2013, "連線斷了"),
        (1290, "唯讀"),
        (1792, "唯讀"),
        (1836, "唯讀"),
        (28, "沒有空間"),
        (1021, "沒有空間"),
        (1114, "沒有空間"),
        (1064, "回覆「it said so (1064)」"),
    ],
)
def test_what_the_server_says_is_explained(sqlite_venue: Venue, code: int, meaning: str) -> None:
    """The log has the server's words alone; staff read what they mean, and then these words."""
    database = Database(sqlite_venue.settings())

    def fail(_connection: object) -> None:
        raise OperationalError("", None, pymysql.err.OperationalError(code, "it said so"))

    with pytest.raises(DatabaseAway) as error:
        database.transaction(fail)
    database.close()
    assert str(error.value) == f"{database}: it said so ({code})"
    said = error.value.reason.text("zh-TW")
    assert (meaning in said, f"it said so ({code})" in said) == (True, True)
    assert from_json(json.loads(json.dumps(error.value.reason.as_json()))) == error.value.reason


@pytest.mark.parametrize(
    ("said", "is_full"),
    [
        ('Got error 28 "No space left on device" from storage engine InnoDB', True),
        ("Got error 168 from storage engine InnoDB", False),
    ],
)
def test_the_storage_engine_says_why(sqlite_venue: Venue, said: str, is_full: bool) -> None:
    """One code for whatever it says: only its 28 is a full disk."""
    database = Database(sqlite_venue.settings())

    def fail(_connection: object) -> None:
        raise OperationalError("", None, pymysql.err.OperationalError(1030, said))

    with pytest.raises(DatabaseAway) as error:
        database.transaction(fail)
    database.close()
    assert ("沒有空間" in error.value.reason.text("zh-TW")) == is_full


def test_what_sqlite_says_is_explained(sqlite_venue: Venue) -> None:
    """It has numbers of its own."""
    database = Database(sqlite_venue.settings())

    def said(statement: str) -> str:
        with pytest.raises(DatabaseAway) as error:
            database.transaction(lambda connection: connection.exec_driver_sql(statement))
        return error.value.reason.text("zh-TW")

    assert "還沒有這個資料表（no such table: elsewhere）" in said("SELECT * FROM elsewhere")
    assert "回覆「no such column: elsewhere」" in said("SELECT elsewhere")
    database.transaction(lambda connection: connection.exec_driver_sql("CREATE TABLE one (a)"))
    with sqlite3.connect(str(database.engine.url.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        database.transaction(lambda c: c.exec_driver_sql("PRAGMA busy_timeout = 0"))
        assert "鎖住了（database is locked）" in said("INSERT INTO one VALUES (1)")
        other.rollback()
    other.close()
    database.transaction(lambda connection: connection.exec_driver_sql("PRAGMA query_only = 1"))
    assert "唯讀的，不能寫入（attempt to write a readonly database）" in said("INSERT INTO one VALUES (1)")
    database.close()
    sqlite_file = sqlite_venue.home / "visitorsflow.db"
    for path in sqlite_venue.home.glob("visitorsflow.db*"):
        path.unlink()
    sqlite_file.write_bytes(b"no database" * 100)
    assert "壞了，或不是資料庫的檔案（file is not a database）" in said("SELECT 1")
    database.close()
    sqlite_file.unlink()
    sqlite_file.mkdir()
    assert "打不開（unable to open database file）" in said("SELECT 1")
    database.close()


def test_an_unknown_database_says_how_to_make_it(mariadb_venue: Venue, mariadb: MariaDB) -> None:
    """Exit 2 with the SQL, which works as it is printed."""
    missing = f"{mariadb_venue.settings().db}_x"
    with (mariadb_venue.home / "config.py").open("a", encoding="utf-8") as config:
        config.write(f"db = {missing!r}\n")
    done = mariadb_venue.upload()
    assert done.returncode == 2
    assert f"Unknown database '{missing}'" in done.stderr
    for statement in done.stderr.partition("run:\n")[2].strip().splitlines():
        mariadb.execute(statement)
    assert mariadb_venue.upload().returncode == 0
    mariadb.execute(f"DROP DATABASE {missing}")


def test_the_least_privileges_of_the_readme_are_enough(mariadb_venue: Venue, mariadb: MariaDB) -> None:
    """A user with SELECT, INSERT, UPDATE and CREATE on the one database can do all that we do."""
    name = mariadb_venue.settings().db
    user = f"u{name}"[:30]
    mariadb.grant(user, "SELECT, INSERT, UPDATE, CREATE", name or "")
    with (mariadb_venue.home / "config.py").open("a", encoding="utf-8") as config:
        config.write(f"user = {user!r}\n")
    for _ in range(2):
        mariadb_venue.drop("20180531101900.json", [crossing("20180531101825")])
        assert mariadb_venue.upload().returncode == 0
    assert '"TagValue":"1"' in mariadb_venue.run("callAPI.py", "--dry-run", "--date", "2018-05-31").stdout
    mariadb.execute(f"DROP USER '{user}'@'%'")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:hunter2@h/d", "postgresql is not supported|database_url: "),
        ("hunter2 is no url", "database_url: not understood"),
        ("mysql+pymysql://u:hunter2@h:abc/d", "database_url: not understood"),
        ("mysql+pymysql://u:s3cr/et@hunter2@h/d", "in a password write @ as %40"),
        ("mysql+pymysql://u:a/b@h/hunter2@d", "in a password write @ as %40"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("nosuch://u:hunter2@h/d", "database_url: not understood"),
    ],
)
def test_a_database_url_that_can_not_be_used(sqlite_venue: Venue, url: str, message: str) -> None:
    """Said without showing it: it may hold the password."""
    sqlite_venue.configure(database_url=url)
    with pytest.raises(ConfigurationError, match=message) as error:
        sqlite_venue.table()
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_a_database_url_instead_of_host(mariadb_venue: Venue, mariadb: MariaDB, dialect: str) -> None:
    """Any SQLAlchemy URL for MySQL or MariaDB works as the single settings do, whichever of them it names."""
    url = f"{dialect}+pymysql://{mariadb.account}@127.0.0.1:{mariadb.port}/{mariadb_venue.settings().db}"
    mariadb_venue.database = ""
    mariadb_venue.configure(database_url=url)
    assert mariadb_venue.table().database.engine.dialect.name == "mysql"  # "mariadb" would refuse a MySQL
    mariadb_venue.drop("20180531101900.json", [crossing("20180531101825")])
    assert mariadb_venue.upload().returncode == 0
    assert len(mariadb_venue.rows()) == 1


def test_the_mode_of_the_server_may_change(mariadb: MariaDB, mariadb_venue: Venue) -> None:
    """ANSI_QUOTES at the first connection, and none at the next: every statement is read as it was meant."""
    table = mariadb_venue.table()
    try:
        mariadb.execute("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
        table.prepare()
        table.database.close()
        mariadb.execute("SET GLOBAL sql_mode = DEFAULT")
        assert table.totals(datetime(2018, 5, 31), datetime(2018, 6, 1)).first is None
    finally:
        mariadb.execute("SET GLOBAL sql_mode = DEFAULT")
        table.database.close()


def test_a_certificate_that_is_gone_while_we_run(tmp_path: Path) -> None:
    """The database can't be reached, and is tried again: no defect of ours, no wrong setting."""
    (tmp_path / "venue").mkdir()
    certificate = tmp_path / "venue" / "ca.pem"
    certificate.touch()
    venue = Venue(tmp_path / "venue", 'host, port, user, db = "127.0.0.1", 1, "u", "d"')
    venue.configure(ssl_ca="ca.pem")
    table = venue.table()
    certificate.unlink()
    with pytest.raises(DatabaseAway, match="No such file"):
        table.prepare()
    table.database.close()
