"""Reads config.py, however an editor saved it; what is wrong in it is said with what to do.

The file holds secrets: a message names the line and never quotes it.
"""

import ast
import os
import re
import unicodedata
import warnings
from pathlib import Path
from typing import Any

from visitorsflow.errors import ConfigurationError
from visitorsflow.reasons import Reason, os_reason, quoted

# What is left by an editor that hides the end of a name, or adds one.
OTHER_NAMES = ("config.py.txt", "config.txt", "config.py.py", "config.py.example.txt")
# What input methods and word processors put in place of Python's signs, where Unicode does not say it.
_PLAIN = str.maketrans("“”„‟「」『』‘’‚‛、。", '""""""""\'\'\'\',.')
_IN_QUOTES = Reason("in quotes")


def names_in(path: Path) -> dict[str, Any]:
    """Run config.py and return the names that it defines.

    Raises FileNotFoundError when there is none, and ConfigurationError for whatever else is wrong.
    """
    source = _source(path)
    names: dict[str, Any] = {"__name__": "config", "__file__": str(path)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's warnings would show the line
            tree = ast.parse(source, str(path))
            _see_that_it_all_counts(path, tree.body)
            exec(compile(tree, str(path), "exec", dont_inherit=True), names)
    except SyntaxError as error:
        raise _wrong(path, error.lineno, Reason("no Python", hint=_hint(error))) from None
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a person's Python does
        why = Reason("python error", error=type(error).__name__, hint=_IN_QUOTES)
        raise _wrong(path, _line_in(path, error), why) from None
    return names


def misnamed(path: Path) -> Reason | None:
    """Say it when config.py is missing and lies there under another name."""
    if os.path.lexists(path):
        return None
    wanted = path.name.lower()
    try:
        names = sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return None
    for name in names:
        if name.lower() == wanted or (wanted == "config.py" and name.lower() in OTHER_NAMES):
            how = "" if name.lower() == wanted else Reason("show extensions")
            return Reason("misnamed", path=str(path), name=name, right=path.name, how=how)
    return None


def _wrong(path: Path, line: int | None, why: Reason) -> ConfigurationError:
    return ConfigurationError(
        Reason("in config", path=str(path), why=Reason("in line", line=line, why=why) if line else why)
    )


def _see_that_it_all_counts(path: Path, body: list[ast.stmt]) -> None:
    """Raise ConfigurationError for a line that Python takes and that sets nothing, as `camera: "north"`.

    A text alone is a comment; a call may do something; and what is named here may be set elsewhere.
    """
    names = [one.id for part in body for one in ast.walk(part) if isinstance(one, ast.Name)]
    for one in body:
        match one:
            case ast.AnnAssign(target=ast.Name(id=name), value=None) if names.count(name) > 1:
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=None):
                raise _wrong(path, one.lineno, Reason("write =", name=name))
            case ast.AnnAssign(value=None):
                raise _wrong(path, one.lineno, Reason("sets nothing"))
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Expr() if any(isinstance(part, ast.Call) for part in ast.walk(one)):
                pass
            case ast.Expr():
                raise _wrong(path, one.lineno, Reason("sets nothing"))


def _source(path: Path) -> bytes | str:
    """The file as Python takes it: UTF-16, Notepad's "Unicode", is decoded; all else is left to Python."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if os.path.isdir(path):
            raise ConfigurationError(_folder(path)) from None
        why = os_reason(error) if isinstance(error, OSError) else quoted(error)
        raise ConfigurationError(Reason("config unread", path=str(path), why=why)) from None
    if raw.startswith(b"{\\rtf"):
        raise ConfigurationError(Reason("config is RTF", path=str(path)))
    encoding = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(raw[:2])
    if encoding is None and raw[:2] != b"\0\0":  # without a mark: it begins with a sign of ASCII
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be" if raw[:1] == b"\0" else None
    try:
        return raw.decode(encoding) if encoding else raw
    except UnicodeDecodeError:
        raise ConfigurationError(Reason("config is damaged", path=str(path))) from None


def _folder(path: Path) -> Reason:
    """Either a person means the file in it, or it lies where the file should."""
    if path.suffix == ".py" and not (path / "config.py").is_file():
        return Reason("config is a folder", path=str(path))
    return Reason("config in folder", path=str(path), file=str(path / "config.py"))


def _hint(error: SyntaxError) -> Reason:
    """Say what to do about it."""
    message = str(error.msg)
    line = error.text or ""
    if "unexpected indent" in message:
        return Reason("at the margin")
    if "unicodeescape" in message:
        return Reason("escape")
    if "utf-8" in message or "encoding" in message:
        return Reason("save as UTF-8")
    if "null bytes" in message:
        return Reason("no text file")
    if "non-printable" in message:
        return Reason("unseen sign")
    if re.match(r"[^\W\d]\w*\s*：", line):
        return Reason("sets nothing")
    if wrong := re.match(r"invalid character '(.)'", message):
        return _as_typed(wrong[1])
    if "unterminated" in message and (wrong := re.search("[“”„‟‘’‚‛「」『』＂＇]", line)):
        return _as_typed(wrong[0])
    if "unterminated" in message and "\\" in line:
        return Reason("escape at the end")
    return _IN_QUOTES


def _as_typed(sign: str) -> Reason:
    """Show the sign that a Chinese input method typed, and the right one; a letter may be of a secret."""
    plain = unicodedata.normalize("NFKC", sign.translate(_PLAIN))
    if plain == sign or not plain.isascii():
        return _IN_QUOTES
    if plain.isalnum():
        return Reason("type figures")
    return Reason("type instead", right=plain, wrong=sign)


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of config.py on the way to the error."""
    line = 0
    trace = error.__traceback__
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
        trace = trace.tb_next
    return line
