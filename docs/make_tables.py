#!/usr/bin/env python3
"""Make config.py.example, and the tables in the documents, from the code that they describe.

Run it after a setting, an option or an alert has changed: .venv/bin/python docs/make_tables.py
With --check it writes nothing, and ends with exit code 1 where something is not up to date.
"""

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import callAPI
import uploadData
from visitorsflow.formats import PRESETS
from visitorsflow.settings import Settings
from visitorsflow.words import alerts

PROJECT = Path(__file__).resolve().parent.parent
SCRIPTS = {"uploadData.py": uploadData.options_parser, "callAPI.py": callAPI.options_parser}
WIDTH = 100  # of a comment in config.py.example
EXAMPLE_BEGINS = """\
# The settings of VisitorsFlow. Copy this file to config.py and change what you need there:
# a setting behind a # is not in force, and shows an example; the others show their defaults.
# Paths that do not begin at the root are relative to the folder of this file.
# Windows: write paths as r"C:\\Folder" or "C:/Folder". ~ is the home folder of the user who runs the script.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="docs/make_tables.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if something is old")
    options = parser.parse_args()
    made = {"config.py.example": "".join(example())}
    for name, (path, table) in TABLES.items():
        document = made.get(path) or (PROJECT / path).read_text("utf-8")
        made[path] = between_marks(document, name, "\n".join(table()))
    old = [path for path, text in made.items() if (PROJECT / path).read_text("utf-8") != text]
    for path in old:
        print(f"{path} {'is not up to date' if options.check else 'is made anew'}")
        if not options.check:
            (PROJECT / path).write_text(made[path], "utf-8", newline="\n")
    return 1 if old and options.check else 0


def between_marks(document: str, name: str, table: str) -> str:
    """The document with this table between its marks."""
    begins = f"<!-- made by docs/make_tables.py: {name} -->\n"
    before, _, rest = document.partition(begins)
    _, ends, after = rest.partition("<!-- end -->")
    if not ends:
        raise ValueError(f"the marks for the table of {name} are missing")
    return f"{before}{begins}\n{table}\n\n{ends}{after}"


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


# --- settings -------------------------------------------------------------------------------------


def example() -> Iterator[str]:
    """config.py.example: below what a setting is, its example, or else its default, which is in force."""
    yield EXAMPLE_BEGINS
    for section in reversed(Settings.__bases__):
        heading = f"# --- {(section.__doc__ or '').strip().removesuffix('.')} "
        yield f"\n{heading:-<{WIDTH - 6}}\n"
        for name in section.__annotations__:
            setting = Settings.model_fields[name]
            lines = textwrap.wrap(setting.description or "", WIDTH - 2, break_on_hyphens=False)
            yield "".join(("\n", *(f"# {line}\n" for line in lines)))
            if setting.examples:
                yield f"# {name} = {python(setting.examples[0])}  # example\n"
            else:
                yield f"{name} = {python(setting.default)}\n"


def settings_table() -> Iterator[str]:
    yield from ("| setting | default | example | what it is |", "|---|---|---|---|")
    for name, setting in Settings.model_fields.items():
        if name != "home":
            shown = f"`{python(setting.examples[0])}`" if setting.examples else ""
            yield row(f"`{name}`", default(setting), shown, setting.description or "")


def default(setting: FieldInfo) -> str:
    if setting.default_factory:
        return "from this PC's address"
    return "none" if setting.default is None else f"`{python(setting.default)}`"


def python(value: Any) -> str:
    """A value as people write it in config.py."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return repr(str(value) if isinstance(value, Path) else value).replace("'", '"')


# --- options --------------------------------------------------------------------------------------


def options_table() -> Iterator[str]:
    yield from ("| option | script | what it does |", "|---|---|---|")
    scripts: dict[tuple[str, str], list[str]] = {}
    for script, parser in SCRIPTS.items():
        for action in parser()._actions:  # noqa: SLF001 - argparse has no other list of them
            scripts.setdefault((option(action), action.help or ""), []).append(f"`{script}`")
    for (name, text), its in sorted(scripts.items(), key=lambda one: len(one[1])):
        yield row(f"`{name}`", "both" if len(its) == len(SCRIPTS) else its[0], text)


def option(action: argparse.Action) -> str:
    """An option with the value that it takes, in brackets where it may be left out."""
    name = action.option_strings[-1] if action.option_strings else ""
    value = f"{{{','.join(action.choices)}}}" if action.choices else action.metavar or action.dest.upper()
    if action.nargs == 0:
        return name
    return f"{name} [{value}]".strip() if action.nargs == "?" else f"{name} {value}".strip()


# --- alerts ---------------------------------------------------------------------------------------


def alerts_table() -> Iterator[str]:
    yield from ("| 通知 | 怎麼辦 | in English | when it comes | what to do |", "|---|---|---|---|---|")
    yield from alerts_rows(alerts.ALERTS)
    yield row(
        "**整個場館的通知，由其中一台電腦傳送：**",
        "",
        "**of the whole venue; one PC says them for all:**",
        "",
        "",
    )
    yield from alerts_rows(alerts.ALERTS_OF_VENUE)


def alerts_rows(told: dict[str, alerts.Alert]) -> Iterator[str]:
    """A row for each alert; two that say the same, as the end of two troubles, are one."""
    rows: dict[str, None] = {}
    for chinese, english, when, do_chinese, do_english in told.values():
        texts = [re.sub("{[a-z_]+}", "…", text) for text in (chinese, english)]
        rows[row(texts[0], do_chinese, texts[1], when, do_english)] = None
    yield from rows


# --- presets --------------------------------------------------------------------------------------


def presets() -> Iterator[str]:
    """The description of each maker's files, as it may be copied into config.py."""
    for number, (name, said) in enumerate(PRESETS.items()):
        yield from ("",) * (number > 0)
        yield from ("```python", f"# {name}", "camera_format = {")
        yield from (f"    {python(word)}: {python(value)}," for word, value in said.items())
        yield from ("}", "```")


TABLES = {
    "presets": ("docs/cameras.md", presets),
    "settings": ("docs/settings.md", settings_table),
    "options": ("docs/settings.md", options_table),
    "alerts": ("docs/alerts.md", alerts_table),
}

if __name__ == "__main__":
    sys.exit(main())
