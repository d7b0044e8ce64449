"""One uploader a folder, whatever its camera is called."""

import shutil

from tests.terminal import terminal
from tests.venue import CAMERA, Venue, some_crossings, truth, wait_until

NAME = "20180531101900.json"
RECORDS = some_crossings("20180531101825", 5)


def second(venue: Venue) -> Venue:
    """A copied config.py with another camera's name, on the same folder."""
    other = Venue(venue.home.parent / "copied", venue.database)
    shutil.rmtree(other.folder)
    other.folder = venue.folder
    other.configure(camera="another", watch_folder=str(venue.folder), language="en")
    return other


def test_a_second_uploader_of_a_folder_is_refused(mariadb_venue: Venue) -> None:
    """It says who has it and ends with 1; each crossing is stored once, under one name."""
    other = second(mariadb_venue)
    with mariadb_venue.uploading():
        wait_until(lambda: (mariadb_venue.folder / ".visitorsflow.lock.txt").exists())
        for arguments in ((), ("--once",)):
            done = other.run("uploadData.py", *arguments)
            assert done.returncode == 1
            assert f"is worked on by another uploader already: {CAMERA} (" in done.stderr
        mariadb_venue.drop(NAME, RECORDS)
        wait_until(lambda: not mariadb_venue.waiting())
    assert set(mariadb_venue.rows()) == truth(NAME, RECORDS)
    assert "another" not in other.run("uploadData.py", "--view", "--json").stdout


def test_the_folder_is_free_when_its_uploader_is_gone(sqlite_venue: Venue) -> None:
    """Also after a SIGKILL."""
    with sqlite_venue.uploading() as process:
        wait_until(lambda: (sqlite_venue.folder / ".visitorsflow.lock.txt").exists())
        process.kill()
        process.wait()
    sqlite_venue.drop(NAME, RECORDS)
    assert sqlite_venue.upload().returncode == 0
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS)


def test_at_a_terminal_a_second_one_shows_the_day(sqlite_venue: Venue) -> None:
    """It becomes a view of the same day, which says why, and stores nothing."""
    with sqlite_venue.uploading():
        sqlite_venue.drop(NAME, RECORDS)
        wait_until(lambda: not sqlite_venue.waiting())
        with terminal(sqlite_venue.command("uploadData.py"), 120, 30) as shown:
            shown.wait_for("場內", f"已經有程式在處理了：{CAMERA}")
            assert "本機" not in shown.text()
            shown.type("\x03")
            assert shown.end() == 0
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS)


def test_a_folder_that_takes_no_lock(sqlite_venue: Venue) -> None:
    """Nothing is refused for its sake; one line says so."""
    (sqlite_venue.folder / ".visitorsflow.lock").mkdir()
    sqlite_venue.drop(NAME, RECORDS)
    done = sqlite_venue.upload()
    assert done.returncode == 0
    assert done.stderr.count("no lock in") == 1
    assert set(sqlite_venue.rows()) == truth(NAME, RECORDS)
