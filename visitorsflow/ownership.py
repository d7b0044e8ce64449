"""Whose our files are: one start as root leaves files that the venue's user can't use afterwards.

The command that fixes it is shown, never run. On Windows there is nothing to say.
"""

import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings

if sys.platform != "win32":
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
    """The files of a script; with `watched`, the camera's folder, those of uploadData.py, else callAPI.py."""
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


def unusable(own: Iterable[Own]) -> Reason | None:
    """Name the first thing that this user can't use and that is another's, with a command that fixes it.

    What the same command fixes is in it too. A file whose owner is this user is left out, whatever its mode:
    giving it to him changes nothing.
    """
    if os.name == "nt":
        return None
    own = list(own)
    asked = {one.path for one in own}
    troubles = [trouble for one in own if (trouble := _trouble(one, asked - {one.path}))]
    if not troubles:
        return None
    path, owner, command, _, keeps = troubles[0]
    line = _line(command, [one.target for one in troubles if one.command == command])
    me, its = _name(os.geteuid()), _name(owner)
    if owner == 0 or keeps:
        return Reason("not ours", me=me, path=str(path), owner=its, command=line)
    return Reason("not ours, or start as", me=me, path=str(path), owner=its, command=line)


def as_root(home: Path, own: Iterable[Own]) -> Reason | None:
    """Say it when this is root, but config.py's folder, `home`, belongs to another user."""
    if os.name == "nt" or os.geteuid() != 0 or not (owner := home.stat().st_uid):
        return None
    ours = [one.path for one in own if not one.is_shared and _owner(one.path) == 0]
    first = Reason("after", command=_line(f"sudo chown -R {_to(owner)}", ours)) if ours else ""
    return Reason("as root", home=str(home), owner=_name(owner), first=first)


class _Trouble(NamedTuple):
    """`command` goes before `target`, which is `path` itself or a folder on the way to it.

    `keeps`: its owner goes on using it, as the camera's program does.
    """

    path: Path
    owner: int
    command: str
    target: Path
    keeps: bool = False


def _trouble(own: Own, asked: set[Path]) -> _Trouble | None:
    found = own.path
    while not os.path.lexists(found) and found != found.parent:
        found = found.parent
    is_missing = found != own.path
    may_enter = _may(found, os.X_OK)
    if is_missing and may_enter and (own.need != FOLDER or found in asked):
        return None  # it may be made later, once that folder can be used
    owner = _owner(found)
    if owner in (None, os.geteuid()) or _may(found, os.W_OK | os.X_OK if is_missing else own.need):
        return None
    me = _to(os.geteuid())
    if is_missing:
        command = f"sudo install -d -o {me.rstrip(':')}" if may_enter else "sudo chmod a+x"
        return _Trouble(own.path, owner, command, own.path if may_enter else found)
    if not own.is_shared:
        return _Trouble(own.path, owner, f"sudo chown -R {me}", found)
    if owner == 0:
        return _Trouble(own.path, owner, f"sudo chown {me}", found)
    mode = f"{found.stat().st_mode & 0o7777 | 0o2070:o}"
    return _Trouble(own.path, owner, f"sudo install -d -g {os.getegid()} -m {mode}", found, keeps=True)


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


def _to(user: int) -> str:
    """The new owner as chown takes it; a number has no group of its own."""
    name = _name(user)
    return name if name == str(user) else f"{name}:"


def _line(command: str, paths: Iterable[Path]) -> str:
    """The command for each path once, and for none that lies below another one."""
    unique = list(dict.fromkeys(paths))
    above = [path for path in unique if not any(other in path.parents for other in unique)]
    return " ".join([command, *(shlex.quote(os.path.realpath(path)) for path in above)])
