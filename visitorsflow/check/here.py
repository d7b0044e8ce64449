"""A look at this PC: config.py, whose the files are, and the camera's folder."""

import contextlib
import difflib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from visitorsflow import config_file, ownership, script, settings
from visitorsflow.check import attempt
from visitorsflow.check.lines import Line, Place, note, well, wrong
from visitorsflow.database.connection import Database
from visitorsflow.errors import ConfigurationError, FolderTrouble
from visitorsflow.intake.inbox import Inbox
from visitorsflow.intake.watch import FolderWatch, Wake
from visitorsflow.reasons import Reason, os_reason
from visitorsflow.rules.limits import GB, LEAST_BYTES, LEAST_PERCENT

EVENT_TRIES = 5  # of a second each: the watch begins in a thread
LONG_SECONDS = 60  # a file that waits for less may just be on its way
ALIKE = 0.75  # of 1: "Flies" is like "Files"
_WINDOWS = re.compile(r"[A-Za-z]:.*|.*\\.*", re.DOTALL)  # a drive's letter, or a backslash
HIDDEN = ".visitorsflow-check-"  # what begins with a dot is no file of the camera


def look_at_config(place: Place) -> Iterator[Line]:
    """config.py could be read: else there would be no `place`."""
    path, chosen = place.config, place.settings
    if path.exists():
        yield well("config well", path=path)
    elif hint := config_file.misnamed(path):
        yield wrong("config wrong", reason=hint)
    else:
        yield note("config none", path=path)
    yield _time_zone(chosen)
    if settings.exposed(path, chosen):
        yield wrong("config exposed", path=path)
    for name in chosen.retired:
        yield note("config retired", name=name)
    if chosen.host and "camera" not in chosen.model_fields_set:
        yield note("camera guessed", name=chosen.camera)
    own = list(ownership.own_files(chosen, path, place.folder, chosen.now().date()))
    troubles = [text for text in (ownership.as_root(chosen.home, own), ownership.unusable(own)) if text]
    for text in troubles:
        yield wrong("own files wrong", command=text)
    unwritable = [] if troubles else list(_unwritable(chosen, own, place.folder))
    for written, reason in unwritable:
        yield wrong("own files unwritten", path=written, reason=reason)
    if not troubles and not unwritable:
        yield well("own files")


def _unwritable(
    chosen: settings.Settings, own: list[ownership.Own], folder: Path
) -> Iterator[tuple[Path, Reason]]:
    """What the scripts write and this user can't; the camera's folder, which has a look of its own, left out.

    What is missing is made in the folder above it.
    """
    paths = [
        one.path for one in own if one.need != ownership.READ and folder not in (one.path, *one.path.parents)
    ]
    database = _sqlite_file(chosen)
    if database:
        paths += [database, database.parent]
    found = (next(path for path in (one, *one.parents) if os.path.exists(path)) for one in paths)
    for path in dict.fromkeys(found):
        need = ownership.FOLDER if path.is_dir() else ownership.WRITE
        if not os.access(path, need, effective_ids=os.access in os.supports_effective_ids):
            yield path, Reason("EROFS" if _is_read_only(path) else "EACCES")


def _sqlite_file(chosen: settings.Settings) -> Path | None:
    """The database, where it is a file."""
    with contextlib.suppress(ConfigurationError):  # the look at the database says it
        database = Database(chosen)
        database.close()
        return None if database.file is None else Path(database.file)
    return None


def _is_read_only(path: Path) -> bool:
    return os.name != "nt" and bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _time_zone(chosen: settings.Settings) -> Line:
    """That, and the time, which somebody can compare with a watch."""
    now = chosen.now()
    if chosen.timezone:
        return well("time zone", zone=chosen.timezone.key, now=f"{now:%H:%M}")
    offset = f"{now.astimezone():%z}"
    return well("time zone of this PC", zone=f"UTC{offset[:3]}:{offset[3:]}", now=f"{now:%H:%M}")


def look_at_folder(place: Place) -> Iterator[Line]:
    """Nothing of what is tried stays in the folder; a folder that is missing is not made."""
    folder = place.folder
    if os.name != "nt" and any(_WINDOWS.fullmatch(part) for part in folder.parts):
        yield wrong("folder of Windows", path=_as_written(folder))
        return
    own = script.held_by(folder, place.settings.home)
    if own:
        yield wrong("folder holds us", path=folder, own=own)
        return
    try:
        is_folder = folder.is_dir()
        if is_folder or os.path.lexists(folder):
            os.stat(folder)
    except OSError as error:
        yield wrong("folder unreadable", path=folder, reason=os_reason(error))
        return
    if not is_folder:
        yield wrong("folder no folder", path=folder) if folder.exists() else _missing(folder)
        return
    yield well("folder there", path=folder)
    yield from _written(folder)
    yield well("folder events") if _events_arrive(folder) else note("folder no events")
    for path in _one_a_disk(folder, place.settings.home):
        yield _room(path)
    yield from _waiting(place)
    yield from _read(place)
    rejected = _names(folder / "rejected")
    if rejected:
        yield note("rejected", count=len(rejected))


def _missing(folder: Path) -> Line:
    above = next(path for path in folder.parents if os.path.lexists(path))
    if not above.is_dir():
        return wrong("folder below a file", path=folder, above=above)
    wanted = folder.relative_to(above).parts[0]
    if like := _alike(wanted, above):
        return wrong("folder alike", path=folder, above=above, wanted=wanted, like=like)
    if not os.access(above, os.W_OK | os.X_OK):
        return wrong("folder not made", path=folder, above=above, reason=Reason("EACCES"))
    if above != folder.parent:
        return wrong("folder without parent", path=folder, above=above, wanted=wanted)
    return note("folder none", path=folder)


def _alike(wanted: str, above: Path) -> str | None:
    """The folder in `above` whose name is nearly this one."""
    with contextlib.suppress(OSError):
        names = {name.lower(): name for name in os.listdir(above) if (above / name).is_dir()}
        if close := difflib.get_close_matches(wanted.lower(), names, 1, ALIKE):
            return names[close[0]]
    return None


def _as_written(folder: Path) -> str:
    """From the drive's letter on."""
    first = next(number for number, part in enumerate(folder.parts) if _WINDOWS.fullmatch(part))
    return "/".join(folder.parts[first:])


def _written(folder: Path) -> Iterator[Line]:
    """Make a file, and move it to where the uploader moves the camera's files."""
    place = folder
    try:
        with _hidden_file(folder) as path:
            for place in (folder / "stored", folder / "rejected"):
                if place.is_dir():
                    moved = path.rename(place / path.name)
                    moved.rename(path)
    except OSError as error:
        yield wrong("folder not writable", path=place, reason=os_reason(error))
    else:
        yield well("folder writable")


@contextlib.contextmanager
def _hidden_file(folder: Path) -> Iterator[Path]:
    number, name = tempfile.mkstemp(prefix=HIDDEN, dir=folder)
    os.close(number)
    path = Path(name)
    try:
        yield path
    finally:
        for left in (path, *(folder / sub / path.name for sub in ("stored", "rejected"))):
            left.unlink(missing_ok=True)


def _events_arrive(folder: Path) -> bool:
    wake = Wake()
    watch = FolderWatch(wake)
    try:
        if not watch.follow([str(folder)]):
            return False
        for _ in range(EVENT_TRIES):
            with contextlib.suppress(OSError), _hidden_file(folder):
                pass
            if wake.wait(1):
                return True
        return False
    finally:
        watch.close()


def _one_a_disk(*folders: Path) -> list[Path]:
    """The log, and the file of SQLite, may lie on another disk than the camera's files."""
    return list({path.stat().st_dev: path for path in reversed(folders)}.values())[::-1]


def _room(path: Path) -> Line:
    total, _, free = shutil.disk_usage(path)
    percent = 100 * free / total if total else 100
    is_full = free < LEAST_BYTES or percent < LEAST_PERCENT
    return (wrong if is_full else well)(
        "disk full" if is_full else "disk", path=path, free=f"{free / GB:.1f}", percent=f"{percent:.0f}"
    )


def _waiting(place: Place) -> Iterator[Line]:
    try:
        listing = Inbox(place.folder, place.settings.settle_seconds).pending()
    except FolderTrouble as error:
        yield wrong("folder unreadable", path=place.folder, reason=error.reason)
        return
    if listing.files:
        oldest = listing.files[0]
        age = max(0.0, time.time() - oldest.stamp.mtime_ns / 1e9)
        says = note if age > LONG_SECONDS else well
        age_in_words = place.words.length(age)
        yield says("waiting", count=len(listing.files), name=oldest.name, age=age_in_words)
    else:
        yield well("waiting none")
    if listing.trouble:
        yield wrong("part", reason=listing.trouble)


def _read(place: Place) -> Iterator[Line]:
    """Is the camera's newest file understood."""
    path = _newest_file(place.folder, place.settings.settle_seconds)
    if not path:
        return
    read, name = attempt.read_file(place.settings, path), path.name
    if isinstance(read, Reason):
        yield wrong("not read", name=name, reason=read)
        return
    if read.rejected:
        yield wrong("not read", name=name, reason=read.summary())
    else:
        yield well("read", name=name, sums=attempt.sums(read.crossings, place.words))
    if read.longest.total_seconds() > place.settings.idle_seconds:
        length = place.words.length(read.longest.total_seconds())
        yield note("rhythm", length=length, idle=place.words.length(place.settings.idle_seconds))


def _newest_file(folder: Path, settle_seconds: float) -> Path | None:
    """The newest of the files that wait, else of those that were stored on the last day; None without any.

    One that has not been at rest for `settle_seconds` may not be whole yet.
    """
    days = sorted((entry.path for entry in _entries(folder / "stored") if entry.is_dir()), reverse=True)
    until = time.time() - settle_seconds
    for place in (folder, *map(Path, days[:1])):
        dated = []
        for entry in _entries(place):
            with contextlib.suppress(OSError):  # moved meanwhile
                is_file = entry.name.lower().endswith(".json") and entry.is_file(follow_symlinks=False)
                if is_file and not entry.name.startswith(".") and entry.stat().st_mtime <= until:
                    dated.append((entry.stat().st_mtime, entry.path))
        if dated:
            return Path(max(dated)[1])
    return None


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _names(folder: Path) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".") and ".reason" not in name]
    except OSError:
        return []
