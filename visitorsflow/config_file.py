"""What stands in config.py, however an editor saved it; what is wrong in it is said with what to do.

The file holds secrets: a message names the line and never quotes it.
"""

import os
import re
import unicodedata
import warnings
from pathlib import Path
from typing import Any

from visitorsflow.errors import ConfigurationError

IN_QUOTES = "texts stand in quotes"
WRITE_PATHS = r'write a path as r"C:\Folder" or "C:/Folder"'
# What is left by an editor that hides the end of a name, or adds one.
OTHER_NAMES = ("config.py.txt", "config.txt", "config.py.py", "config.py.example.txt")
# What input methods and word processors put in place of Python's signs, where Unicode does not say it.
_PLAIN = str.maketrans("“”„‟「」『』‘’‚‛、。", '""""""""\'\'\'\',.')


def names_in(path: Path) -> dict[str, Any]:
    """Run config.py and return the names that it defines.

    Raises FileNotFoundError when there is none, and ConfigurationError for whatever else is wrong.
    """
    source = _source(path)
    names: dict[str, Any] = {"__name__": "config", "__file__": str(path)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's warnings would show the line
            exec(compile(source, str(path), "exec", dont_inherit=True), names)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise ConfigurationError(f"{path}: {where}not valid Python ({_hint(error)})") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a person's Python does
        line = _line_in(path, error)
        raise ConfigurationError(f"{path}: line {line}: {type(error).__name__} ({IN_QUOTES})") from None
    return names


def misnamed(path: Path) -> str:
    """What to say when config.py is missing and lies there under another name; "" otherwise."""
    if os.path.lexists(path):
        return ""
    wanted = path.name.lower()
    try:
        names = sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return ""
    for name in names:
        if name.lower() == wanted or (wanted == "config.py" and name.lower() in OTHER_NAMES):
            how = "" if name.lower() == wanted else " (in Windows, show file name extensions first)"
            return f"{path} is missing: rename {name}, which is there and not used, to {path.name}{how}"
    return ""


def _source(path: Path) -> bytes | str:
    """The file as Python takes it: UTF-16, Notepad's "Unicode", is decoded; all else is left to Python."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if os.path.isdir(path):
            raise ConfigurationError(
                f"{path} is a folder, and must be a file: delete it, and copy config.py.example to config.py"
            ) from None
        raise ConfigurationError(f"{path} can't be read: {getattr(error, 'strerror', error)}") from None
    encoding = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(raw[:2])
    if encoding is None and raw[:2] != b"\0\0":  # without a mark: it begins with a sign of ASCII
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be" if raw[:1] == b"\0" else None
    try:
        return raw.decode(encoding) if encoding else raw
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is damaged: write it again, and save it as UTF-8") from None


def _hint(error: SyntaxError) -> str:
    """What to do about it."""
    message = str(error.msg)
    line = error.text or ""
    if "unicodeescape" in message:
        return f"a \\ in a text begins a special sign: {WRITE_PATHS}"
    if "utf-8" in message or "encoding" in message:
        return "save it as UTF-8"
    if "null bytes" in message:
        return "it is damaged, or no text: write it again, and save it as UTF-8"
    if "non-printable" in message:
        return "it holds a space or sign that can't be seen: delete it, and type it again"
    if wrong := re.match(r"invalid character '(.)'", message):
        return _as_typed(wrong[1])
    if "unterminated" in message and (wrong := re.search("[“”„‟‘’‚‛「」『』＂＇]", line)):
        return _as_typed(wrong[0])
    if "unterminated" in message and "\\" in line:
        return f"a text can't end with \\: {WRITE_PATHS}"
    return IN_QUOTES


def _as_typed(sign: str) -> str:
    """Show the sign that a Chinese input method typed, and the right one; a letter may be of a secret."""
    plain = unicodedata.normalize("NFKC", sign.translate(_PLAIN))
    if plain == sign or not plain.isascii():
        return IN_QUOTES
    if plain.isalnum():
        return "type figures with the input method switched to English"
    return f"type {plain} in place of {sign}, with the input method switched to English"


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of config.py on the way to the error."""
    line = 0
    trace = error.__traceback__
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
        trace = trace.tb_next
    return line
