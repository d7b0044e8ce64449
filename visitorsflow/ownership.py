"""Whose our files are: one start as root leaves files that the venue's user can't use afterwards.

The commands that mend it are shown, never run. On Windows there is nothing to say.
"""

import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from visitorsflow.settings import Settings

if sys.platform != "win32":
    import grp
    import pwd

READ = os.R_OK
WRITE = os.R_OK | os.W_OK
FOLDER = os.R_OK | os.W_OK | os.X_OK


class Own(NamedTuple):
    """A file or folder that a script uses, and how; what is missing is no trouble if it can be made.

    `is_shared`: others keep things in this folder too, so what is in it is never to be given away.
    """

    path: Path
    need: int
    is_shared: bool = False


def own_files(settings: Settings, config: Path, watched: Path | None, today: date) -> Iterator[Own]:
    """What a script uses; with `watched`, the camera's folder, what uploadData.py does, else callAPI.py."""
    home = settings.home
    yield Own(config, READ)
    yield Own(home / "log", FOLDER)
    for path in (home / "log").glob("*.log" if watched else "callAPI.log"):
        yield Own(path, WRITE)
    yield Own(home / "log" / "callAPI.lock", WRITE)
    is_sqlite = not settings.host and not settings.database_url
    if is_sqlite:
        for name in ("visitorsflow.db", "visitorsflow.db-wal", "visitorsflow.db-shm"):
            yield Own(home / name, WRITE)
    has_session = watched is not None and settings.api_id is not None
    if has_session:
        for path in home.glob("visitorsflow*.session*"):
            yield Own(path, WRITE)
    # SQLite, which a session is too, keeps a journal beside its file. /etc is not to be given away.
    if (is_sqlite or has_session) and len(home.parts) > 2:
        yield Own(home, FOLDER, is_shared=True)
    if watched:
        yield Own(watched, FOLDER, is_shared=True)
        for name in ("stored", f"stored/{today}", "rejected"):
            expected = os.path.join(os.path.realpath(watched), name)
            if os.path.realpath(watched / name) == expected:  # else a link leads out
                yield Own(watched / name, FOLDER)


def unusable(own: Iterable[Own]) -> str:
    """One line with the commands that mend it when this user can't use what belongs to somebody else.

    A file whose owner is this user is left out, whatever its mode: giving it to him changes nothing.
    """
    if os.name == "nt":
        return ""
    troubles = [trouble for one in own if (trouble := _trouble(one))]
    if not troubles:
        return ""
    me = os.geteuid()
    named = {trouble.own.path for trouble in troubles if trouble.blocked == trouble.own.path}
    steps = [(*_step(trouble, named), trouble.owner) for trouble in troubles]

    def paths(*wanted: str) -> list[Path]:
        return _without_repeats(path for step, path, _ in steps if step in wanted)

    line = " && ".join(
        command + "".join(f" {shlex.quote(os.path.realpath(path))}" for path in chosen)
        for command, chosen in (
            ("sudo chmod a+x", paths("enter")),
            (f"sudo chown {_to(me)}", paths("take")),
            (f"sudo chgrp {_group(os.getegid())}", paths("share")),
            ("sudo chmod g+rwxs", paths("share")),
            ("sudo mkdir -p", paths("make")),
            (f"sudo chown -R {_to(me)}", paths("make", "take all")),
        )
        if chosen
    )
    owners = sorted({_name(trouble.owner) for trouble in troubles})
    users = {owner for step, _, owner in steps if step in ("enter", "make", "take all")}
    other_way = f"run this as {_name(*users)}, or " if len(users) == 1 and 0 not in users else ""
    return f"{_name(me)} can't use what belongs to {' and '.join(owners)}: {other_way}run {line}"


def as_root(home: Path, own: Iterable[Own]) -> str:
    """What to say when this is root, but config.py's folder, `home`, belongs to another user."""
    if os.name == "nt" or os.geteuid() != 0 or not (owner := home.stat().st_uid):
        return ""
    name = _name(owner)
    ours = [one.path for one in own if not one.is_shared and _owner(one.path) == 0]
    paths = " ".join(shlex.quote(os.path.realpath(path)) for path in _without_repeats(ours))
    first = f", after sudo chown -R {_to(owner)} {paths}" if paths else ""
    return (
        f"this runs as root, and {home} belongs to {name}, who can't use what root makes there: "
        f"run it as {name} (sudo -u {name} …){first}"
    )


class _Trouble(NamedTuple):
    own: Own
    blocked: Path  # `own` itself, or what is nearest to it when it is missing
    owner: int


def _trouble(own: Own) -> _Trouble | None:
    path = own.path
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    is_missing = path != own.path
    if is_missing and own.need != FOLDER and _may(path, os.X_OK):
        return None  # a file that may be made later; its folder is asked about by itself
    owner = _owner(path)
    if owner in (None, os.geteuid()) or _may(path, os.W_OK | os.X_OK if is_missing else own.need):
        return None
    return _Trouble(own, path, owner)


def _step(trouble: _Trouble, named: set[Path]) -> tuple[str, Path]:
    """What mends it, and on which path; "" when the others do."""
    (path, _, is_shared), blocked, owner = trouble
    if path != blocked:
        if not _may(blocked, os.X_OK):
            return "enter", blocked
        return "" if blocked in named else "make", path
    if not is_shared:
        return "take all", path
    # Another user than root writes there too, the camera's program: it stays the owner.
    return "take" if owner == 0 else "share", path


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _may(path: Path, need: int) -> bool:
    return os.access(path, need, effective_ids=os.access in os.supports_effective_ids)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _group(group: int) -> str:
    try:
        return grp.getgrgid(group).gr_name
    except KeyError:
        return str(group)


def _to(user: int) -> str:
    """The new owner as chown takes it; a number has no group of its own."""
    name = _name(user)
    return name if name == str(user) else f"{name}:"


def _without_repeats(paths: Iterable[Path]) -> list[Path]:
    """Each path once, and none that lies below another one."""
    unique = list(dict.fromkeys(paths))
    return [path for path in unique if not any(other in path.parents for other in unique)]
