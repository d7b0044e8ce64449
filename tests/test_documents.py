"""What the documents say is so: commands run, settings, options, files and texts are those of the code."""

import ast
import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forks
from tests.mariadb import MariaDB
from tests.venue import PROJECT, Venue, crossing
from visitorsflow.config_file import OTHER_NAMES
from visitorsflow.settings import RETIRED, Settings
from visitorsflow.subjects import SUBJECTS, TELEGRAM
from visitorsflow.telegram.sign_in import OLD_NAME
from visitorsflow.words import TEXTS, alerts

DOCUMENTS = {
    path.name: path.read_text("utf-8") for path in (PROJECT / "README.md", *sorted(PROJECT.glob("docs/*.md")))
}
README = DOCUMENTS["README.md"]
CHINESE = "zh-TW.md"
CODE = [path for place in ("*.py", "visitorsflow/**/*.py", "tests/**/*.py") for path in PROJECT.glob(place)]
LINES_AT_MOST = 60
OF_SERVERS = re.compile("wsrep_|innodb_|group_replication_|gtid_|enforce_gtid|sync_binlog|max_connections")
each_document = pytest.mark.parametrize("name", DOCUMENTS)


def blocks(name: str, language: str) -> list[str]:
    """The code blocks of a document in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENTS[name], re.MULTILINE | re.DOTALL)


def spans(name: str) -> list[str]:
    """What stands in backticks within a line, without the code blocks."""
    text = re.sub(r"^```.*?^```", "", DOCUMENTS[name], flags=re.MULTILINE | re.DOTALL)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def commands(name: str) -> list[str]:
    """Every line of a shell, of cron and of systemd, and what in backticks begins like a command."""
    lines = [
        line
        for language in ("bash", "cron", "ini")
        for block in blocks(name, language)
        for line in block.splitlines()
    ]
    return lines + [span for span in spans(name) if " " in span and COMMAND.match(span)]


COMMAND = re.compile(
    r"(\.venv/bin/\S+|\S*python(\.exe)?|\S*pip|py|python3|sudo|cp|apt-get|tests/\S+|journalctl|pgrep|nohup|mysql|chmod"
    r"|systemctl|systemd-analyze|\*/5|5 3) "
)
FILE = re.compile(r"(?<![\w./:-])[\w./-]*\.(?:py|log|lock|db|session|txt|md|toml|example)\b")
SQL = re.compile(r"(ALTER|UPDATE|DROP|SELECT|INSERT|CREATE) ")
TOOLS = ("uploadData.py", "callAPI.py", "tests/bench.py", "tests.soak", "tests.camera", "tests.mutate")


@functools.cache
def options(tool: str) -> frozenset[str]:
    """The options that a tool's --help shows."""
    run = "run_path" if tool.endswith(".py") else "run_module"
    code = f"import runpy, sys; sys.argv = [{tool!r}, '--help']; runpy.{run}({tool!r}, run_name='__main__')"
    command = [sys.executable, "-c", code]
    done = forks.run(command, cwd=PROJECT, capture_output=True, check=True, encoding="utf-8")
    return frozenset(re.findall(r"(?<!\S)\[?(--[a-z-]+)", done.stdout))


@functools.cache
def texts_of_ours() -> tuple[str, ...]:
    """Every text in the code: log lines, messages, names."""
    trees = [ast.parse(path.read_text("utf-8")) for path in CODE if PROJECT / "tests" not in path.parents]
    return tuple(
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def pieces(text: str) -> Iterator[str]:
    """A text without what differs from time to time: its {places}, and … in a document."""
    for piece in re.split(r"\{\w+\}|…|\.\.\.", text):
        if piece.strip(" ，。：:（）"):
            yield piece.strip(" ，：:（")


def limited(text: str) -> str:
    """With the lengths that the settings have where nobody sets another."""
    return text.replace("{limit}", "十五分鐘" if "回報" in text else "一分鐘")


# --- the README's first commands ----------------------------------------------------------------


def test_the_first_code_block_does_the_main_job(tmp_path: Path) -> None:
    """Its commands, word for word but for the virtual environment, store the samples and print the tags."""
    for name in ("uploadData.py", "callAPI.py"):
        shutil.copy(PROJECT / name, tmp_path)
    for name in ("visitorsflow", "samples"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    making, installing, *running = blocks("README.md", "bash")[0].split("&&\n")
    assert (making.strip(), installing.strip()) == (
        "python3 -m venv .venv",
        ".venv/bin/pip install -q -r requirements.txt",
    )
    lines = "&&\n".join(running).replace(".venv/bin/python", shlex.quote(sys.executable))
    done = subprocess.run(
        ["bash", "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r'"TagValue":"(\d+)"', done.stdout) == ["52", "72", "20"]
    assert '"StartTime":"20180531101825","EndTime":"20180531102825"' in done.stdout
    assert len(list((tmp_path / "Files" / "stored").rglob("*.json"))) == 10


def test_the_second_code_block_is_the_test_command() -> None:
    """And it can be run."""
    assert blocks("README.md", "bash")[1] == "tests/run\n"
    assert os.access(PROJECT / "tests" / "run", os.X_OK)


def test_the_chinese_document_begins_with_the_same_commands() -> None:
    """Whoever reads only Chinese tries the same, and the README's first lines lead there."""
    assert blocks(CHINESE, "bash")[0] == blocks("README.md", "bash")[0]
    assert f"(docs/{CHINESE})" in "".join(README.splitlines()[:5])


def test_the_readme_is_short() -> None:
    """It is for the venue, who reads it in one go."""
    assert len(README.splitlines()) <= LINES_AT_MOST


# --- settings, options, files ---------------------------------------------------------------------


def test_what_is_made_is_up_to_date() -> None:
    """config.py.example and the tables of settings, options and alerts are those that the code gives."""
    command = [sys.executable, "docs/make_tables.py", "--check"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@each_document
def test_settings_that_are_named(name: str) -> None:
    """What is written like a setting, one_word or `word = value`, is one, or a name in the code."""
    known = set(Settings.model_fields) | RETIRED
    for span in (span for span in spans(name) if not OF_SERVERS.match(span)):
        if assigned := re.fullmatch(r"([a-z_]+) = (.*)", span):
            assert assigned[1] in known, span
            ast.parse(span)
        elif re.fullmatch(r"[a-z]+(_[a-z]+)+", span) and span not in known:
            assert any(re.search(rf"\b{span}\b", path.read_text("utf-8")) for path in CODE), span


@each_document
def test_commands_have_these_options(name: str) -> None:
    """Each option stands behind a tool that has it; one that stands alone is known to some tool."""
    for command in commands(name):
        given = set(re.findall(r"(?<!\S)--[a-z-]+", command))
        tools = [tool for tool in TOOLS if re.search(rf"(?<![\w.]){re.escape(tool)}(?!\w)", command)]
        for tool in tools:
            assert given <= options(tool), command
    known = frozenset().union(*map(options, TOOLS))
    for span in spans(name):
        if span.startswith("--"):
            assert span.split()[0] in known, span


def test_files_that_are_named(tmp_path: Path) -> None:
    """Each is one of the project's, or one that the scripts make or know."""
    venue = Venue(tmp_path / "venue", "")
    venue.drop("20180531101825.json", [crossing("20180531101825")])
    venue.drop("NAME.json", b"[")
    assert venue.upload().returncode == 1
    venue.configure(api_url="http://127.0.0.1:9/")
    assert venue.run("callAPI.py", "--date", "2018-05-31").returncode == 1
    made = {str(path.relative_to(venue.home)) for path in venue.home.rglob("*")}
    made |= {*OTHER_NAMES, OLD_NAME, "config.py", "bench.json", ".reason.txt", "visitorsflow.session"}
    made |= {str(path.relative_to(PROJECT)) for path in CODE}
    for name in DOCUMENTS:
        folder = PROJECT if name == "README.md" else PROJECT / "docs"
        for found in FILE.findall(" ".join(spans(name))):
            shown = found.removeprefix("/opt/visitorsflow/")
            is_known = any(f"/{one}".endswith(f"/{shown}") for one in made)
            assert is_known or (PROJECT / shown).exists() or (folder / shown).exists(), f"{name}: {found}"


@each_document
def test_links_lead_somewhere(name: str) -> None:
    """A link within the project leads to a file, and to a heading in it."""
    folder = PROJECT if name == "README.md" else PROJECT / "docs"
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", DOCUMENTS[name]):
        path, _, heading = target.partition("#")
        assert (folder / path).exists(), target
        text = (folder / path).read_text("utf-8") if path.endswith(".md") else DOCUMENTS[name]
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
        assert not heading or heading in anchors, target


# --- texts ------------------------------------------------------------------------------------------


@each_document
def test_texts_that_are_quoted(name: str) -> None:
    """What stands in backticks and is a sentence, no command and no code, is a text of ours."""
    for span in spans(name):
        is_text = re.search(r"[a-z]{2}[ '].*[a-z]{2}", span) and not re.search(r"[=\"{(\[&*\\]|--", span)
        if is_text and not COMMAND.match(span) and not SQL.match(span):
            for piece in pieces(span):
                assert any(piece in text for text in texts_of_ours()), span


@each_document
def test_chinese_alerts_that_are_quoted(name: str) -> None:
    """They are what the phone shows; in the Chinese document those in 「」."""
    if name == CHINESE:
        quoted = re.findall("「([^」]+)」", DOCUMENTS[name])
    else:
        text = re.sub(r"<!-- made by .*?<!-- end -->", "", DOCUMENTS[name], flags=re.DOTALL)
        text = re.sub(r"^\*\*中文說明.*$|中文說明", "", text, flags=re.MULTILINE)
        text = text.partition("\n## 中文")[0]  # a part for those who read only Chinese
        quoted = re.findall("[\u4e00-\u9fff][\u4e00-\u9fff，。：…]*(?: rejected)?", text)
    texts = {text for said in TEXTS["zh-TW"].values() for text in (said, limited(said))}
    for one in quoted:
        for piece in pieces(one):
            assert any(piece in text for text in texts), one


def test_every_alert_has_its_words() -> None:
    """Each subject that is told has a text when it lasts and one when it is over, with what to do."""
    told = alerts.ALERTS | alerts.ALERTS_OF_VENUE
    for key, subject in SUBJECTS.items():
        if subject is not TELEGRAM:  # what can't be told by itself
            assert {key, f"{key} over"} <= told.keys()
            assert (key in alerts.ALERTS_OF_VENUE) == subject.of_venue


# --- what a shell, a server and a venue do with it -----------------------------------------------------


def test_the_rights_are_enough(mariadb: MariaDB, tmp_path: Path) -> None:
    """The SQL in the documents, run by an administrator, makes a database in which both scripts work."""
    name = f"v{uuid.uuid4().hex[:20]}"
    [sql] = blocks("setup.md", "sql")
    assert [sql] == blocks(CHINESE, "sql")
    for statement in filter(str.strip, sql.replace("visitorsflow", name).split(";")):
        mariadb.execute(statement)
    try:
        values = ("127.0.0.1", mariadb.port, name, "a password of your own", name)
        venue = Venue(tmp_path / "venue", f"host, port, user, password, db = {values!r}")
        venue.drop("20180531101825.json", [crossing("20180531101825")])
        assert venue.upload().returncode == 0
        done = venue.run("callAPI.py", "--dry-run", "--date", "2018-05-31")
        assert '"TagValue":"1"' in done.stdout
    finally:
        mariadb.execute(f"DROP DATABASE {name}")


def cron_lines(name: str) -> list[str]:
    return [line for block in blocks(name, "cron") for line in block.splitlines()]


def test_the_crontab_starts_our_script() -> None:
    """Each document has the same two lines, which name the installation and our script."""
    lines = cron_lines("setup.md")
    assert cron_lines(CHINESE) == cron_lines("service.md") == lines
    started = re.findall(r"(/\S+/python) (\S+)", "\n".join(lines))
    assert len(started) == len(lines) == 2
    for python, script in started:
        assert python == "/opt/visitorsflow/.venv/bin/python"
        assert (PROJECT / Path(script).relative_to("/opt/visitorsflow")).exists()
    assert "/dev/null" not in "".join(lines)


def test_the_chinese_document_is_complete_in_itself() -> None:
    """Whoever sets a venue up needs no English page: its commands are those of setup.md."""
    assert blocks(CHINESE, "bash")[1:] == blocks("setup.md", "bash")
    assert "setup.md" not in DOCUMENTS[CHINESE]
    assert "README" not in DOCUMENTS[CHINESE]


def test_the_pictures_are_there() -> None:
    """The film of the demo is small enough to be loaded in a moment."""
    assert (PROJECT / "docs" / "demo.gif").stat().st_size < 1_000_000
    for name, document in DOCUMENTS.items():
        folder = PROJECT if name == "README.md" else PROJECT / "docs"
        for shown in re.findall(r'<img src="([^"]+)"', document):
            assert (folder / shown).exists(), shown


@pytest.mark.parametrize("python", ["missing", "broken"])
def test_cron_hides_no_error(tmp_path: Path, python: str) -> None:
    """What can't even begin reaches the system's log, here a program of that name, from the shell of cron."""
    (tmp_path / "logger").write_text('#!/bin/sh\ncat >> "$LOGGED"; echo "$*" >> "$LOGGED"\n')
    (tmp_path / "python").write_text("#!/bin/sh\necho no module >&2; exit 1\n")
    for name in ("logger", "python"):
        (tmp_path / name).chmod(0o755)
    installed = str(tmp_path / "python") if python == "broken" else "/nowhere/python"
    logged = tmp_path / "logged"
    for line in cron_lines("setup.md"):
        command = line.partition(" /opt")[2].replace("/visitorsflow/.venv/bin/python", installed, 1)
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "LOGGED": str(logged)}
        done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, check=False)
        assert (done.stdout, done.stderr) == (b"", b"")
        assert ("no module" if python == "broken" else "not found") in logged.read_text()
        assert "-t callAPI" in logged.read_text()
        logged.unlink()


def test_the_units_that_are_named() -> None:
    """Each unit in a command is a file in deploy/, and each file there is named in the document."""
    named = set(re.findall(r"visitorsflow[\w-]*(?:\.service|\.timer)", DOCUMENTS["service.md"]))
    files = {path.name for path in (PROJECT / "deploy").iterdir()}
    assert named <= files
    assert {name for name in files if name.removesuffix(".service") + ".timer" not in files} <= named


# --- the map ---------------------------------------------------------------------------------------


def test_the_map_names_every_module() -> None:
    """Each module of the house stands in it once, and none that is not there."""
    map_ = DOCUMENTS["CONTRIBUTING.md"].partition("\nvisitorsflow/\n")[2].partition("\ntests/\n")[0]
    named = re.findall(r"^  (\S+\.py) ", map_, re.MULTILINE)
    house = PROJECT / "visitorsflow"
    is_told = [path for path in house.rglob("*.py") if len(path.read_text("utf-8").splitlines()) > 1]
    assert sorted(named) == sorted(
        str(path.relative_to(house)) for path in is_told if path != house / "__init__.py"
    )
