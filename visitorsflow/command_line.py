"""`--help`, and what is wrong with the arguments, in the language of this machine.

Nothing is known of the venue's own before config.py is read.
"""

import argparse
import locale
import os
import sys
from pathlib import Path

from visitorsflow.reasons import Reason
from visitorsflow.words import Language, help


def in_language_of_machine(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Return the parser, with Chinese help where the machine speaks Chinese and its terminal can show it."""
    if _language() == "zh-TW":
        texts = help.CHINESE[parser.prog]
        parser.description = texts[""]
        parser.formatter_class = _ChineseHelp
        parser._optionals.title, parser._positionals.title = help.OPTIONS, help.ARGUMENTS  # noqa: SLF001
        for action in parser._actions:  # noqa: SLF001 - argparse has no other list of them
            action.help = texts.get(action.dest, action.help)
    return parser


def said(reason: Reason) -> str:
    """Say what is wrong with an argument, in the language of `--help`."""
    return reason.text(_language())


def wrong(reason: Reason) -> argparse.ArgumentTypeError:
    """Make the error of a value that an option can't take."""
    return argparse.ArgumentTypeError(said(reason))


def config(text: str) -> Path:
    """The path that `--config` gives. Raises ArgumentTypeError for none, as from an unset variable."""
    if not text.strip():
        raise wrong(Reason("no config name"))
    return Path(text)


def machine_language() -> Language:
    """By the locale in the environment, in the order of gettext; on Windows by that of the desktop."""
    if sys.platform == "win32":
        import ctypes

        name = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    else:
        named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        name = next(filter(None, named), "")
        if name not in ("", "C", "POSIX"):
            name = os.environ.get("LANGUAGE", "").partition(":")[0] or name
    return "zh-TW" if name.lower().startswith("zh") else "en"


def _language() -> Language:
    return "zh-TW" if machine_language() == "zh-TW" and _is_shown(help.USAGE) else "en"


def _is_shown(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


class _ChineseHelp(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        super().add_usage(usage, actions, groups, prefix or help.USAGE)
