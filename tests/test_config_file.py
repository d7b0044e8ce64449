"""config.py as editors save it and as people write it: each mistake is one line that says what to do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.venue import PROJECT, Venue
from visitorsflow.config_file import misnamed
from visitorsflow.errors import ConfigurationError
from visitorsflow.settings import Settings, load

SPECIAL = r'''a \ in a text begins a special sign: write a path as r"C:\Folder" or "C:/Folder"'''
AT_THE_END = r'''a text can't end with \: write a path as r"C:\Folder" or "C:/Folder"'''
MARGIN = "the line must begin at the margin: delete the space before it"
NOTHING = 'this sets nothing: write each setting on a line of its own, like camera = "north"'


def typed(right: str, wrong: str) -> str:
    return f"type {right} in place of {wrong}, with the input method switched to English"


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "config.py"
    path.write_text(text, encoding="utf-8")
    return load(path, required=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "mark-be"])
def test_however_an_editor_saved_it(tmp_path: Path, encoding: str) -> None:
    """UTF-8, and Notepad's "Unicode" in either byte order, with a mark or without."""
    text = '# 相機\r\nssid = "花"\r\n'
    raw = b"\xfe\xff" + text.encode("utf-16-be") if encoding == "mark-be" else text.encode(encoding)
    (tmp_path / "config.py").write_bytes(raw)
    assert load(tmp_path / "config.py", required=True).ssid == "花"


def test_an_encoding_that_the_file_names(tmp_path: Path) -> None:
    """Python reads it in any encoding that its first line names."""
    (tmp_path / "config.py").write_bytes('# coding: big5\nssid = "花"'.encode("big5"))
    assert load(tmp_path / "config.py", required=True).ssid == "花"


@pytest.mark.parametrize("raw", [bytes(512), b"camera = '1'\n" + bytes(512), b"\xff\xfea", b"\xff\xfe\0\xd8"])
def test_a_damaged_file(tmp_path: Path, raw: bytes) -> None:
    """A power cut leaves zeros, or half a sign: that is no file to go on with."""
    (tmp_path / "config.py").write_bytes(raw)
    with pytest.raises(ConfigurationError, match=r"damaged.*: write it again, and save it as UTF-8"):
        load(tmp_path / "config.py", required=True)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (r'watch_folder = "C:\Users\hunter2"', SPECIAL),
        (r'watch_folder = "C:\x hunter2"', SPECIAL),
        ('watch_folder = "C:\\hunter2\\"', AT_THE_END),
        ("password = “hunter2”", typed('"', "“")),
        ("password = ‘hunter2’", typed("'", "‘")),
        ("password = 「hunter2」", typed('"', "「")),
        ('password = "hunter2”', typed('"', "”")),
        ('password ＝ "hunter2"', typed("=", "＝")),
        ("password = ＂hunter2＂", typed('"', "＂")),
        ('open_hours = ("08:00"，"22:00")', typed(",", "，")),
        ('open_hours = ("08:00"、"22:00")', typed(",", "、")),
        ('open_hours = （"08:00", "22:00")', typed("(", "（")),
        ("＃ hunter2", typed("#", "＃")),
        ("port = ３３０６", "type figures with the input method switched to English"),
        ("port\u3000= 3306", "it holds a space or sign that can't be seen: delete it, and type it again"),
        ("password = hunter2–hunter2", "texts stand in quotes"),
        (' password = "hunter2"', MARGIN),
        ('\tpassword = "hunter2"', MARGIN),
        ("password：“hunter2”", NOTHING),
    ],
)
def test_what_people_type_is_answered_with_what_to_do(tmp_path: Path, line: str, hint: str) -> None:
    """Backslashes of Windows, quotes of a word processor, signs of a Chinese input method: one line each."""
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, f'camera = "1"\n{line}\n')
    assert str(error.value) == f"{tmp_path / 'config.py'}: line 2: not valid Python ({hint})"
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('password: "hunter2"', "write password = ..., with = in place of :"),
        ("camera: hunter2", "write camera = ..., with = in place of :"),
        ('names[0]: "hunter2"', NOTHING),
        ('{"password": "hunter2"}', NOTHING),
        ('{\n  "password": "hunter2",\n  "is_true": true\n}', NOTHING),
        ('password == "hunter2"', NOTHING),
        ("hunter2", NOTHING),
        ("4711", NOTHING),
    ],
)
def test_a_line_that_sets_nothing(tmp_path: Path, line: str, hint: str) -> None:
    """Python takes a colon for `=`, and JSON, without a word: the rows would go under another camera."""
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, f'ssid = "1"\n{line}\n')
    assert str(error.value) == f"{tmp_path / 'config.py'}: line 2: {hint}"


def test_what_sets_nothing_and_is_meant_so(tmp_path: Path) -> None:
    """A text for whoever reads it, a call, and a setting with its type."""
    text = '"""Of the north gate."""\nimport os\nos.getpid()\ndef f(): ...\ncamera: str = "north"'
    assert loaded(tmp_path, text).camera == "north"
    text = 'import sys\nsys.path and sys.path.append("/opt")\n[print for _ in (print(end=""),)]\n'
    assert loaded(tmp_path, text + 'camera: str\ncamera = "north"').camera == "north"


def test_an_indent_that_does_not_fit(tmp_path: Path) -> None:
    """Of a line that belongs into an `if` nobody should take the space away."""
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, 'if True:\n        ssid = "1"\n    camera = "north"\n')
    assert MARGIN not in str(error.value)


def test_rich_text(tmp_path: Path) -> None:
    """An editor for letters keeps more than the text."""
    with pytest.raises(ConfigurationError, match=r"is an RTF file: save it as plain text"):
        loaded(tmp_path, '{\\rtf1\\ansi\ncamera = "1"\n}')


def test_a_backslash_that_python_only_warns_of(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    r"""In "C:\data" it means itself; Python's warning would show the line."""
    chosen = loaded(tmp_path, r'watch_folder = "C:\data"' + "\n" + r'password = "a\d-hunter2"')
    assert (str(chosen.watch_folder), capfd.readouterr().err) == (r"C:\data", "")


def test_a_folder_named_config_py(tmp_path: Path) -> None:
    """A container makes one for a file that was not there when it started."""
    (tmp_path / "config.py").mkdir()
    for required in (True, False):
        with pytest.raises(ConfigurationError, match="is a folder, and must be a file: move it elsewhere"):
            load(tmp_path / "config.py", required=required)


@pytest.mark.parametrize("script", ["uploadData.py", "callAPI.py"])
def test_the_folder_in_place_of_its_file(sqlite_venue: Venue, script: str) -> None:
    """Somebody gives the folder of config.py: the file is named, and nothing is made beside the folder."""
    beside = sorted(sqlite_venue.home.parent.iterdir())
    command = [sys.executable, str(PROJECT / script), "--config", str(sqlite_venue.home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    file = sqlite_venue.home / "config.py"
    assert f"{sqlite_venue.home} is a folder: give the file, {file}\n" in done.stderr
    assert f"{sqlite_venue.home} 是資料夾：請寫出檔案，也就是 {file}\n" in done.stderr
    assert done.returncode == 2
    assert sorted(sqlite_venue.home.parent.iterdir()) == beside


def test_a_link_to_a_file_that_is_gone(tmp_path: Path) -> None:
    """Somebody has made settings: all defaults would be wrong."""
    (tmp_path / "config.py").symlink_to(tmp_path / "gone.py")
    with pytest.raises(ConfigurationError, match="can't be read: No such file"):
        load(tmp_path / "config.py", required=False)


@pytest.mark.parametrize("name", ["config.py.txt", "config.txt", "Config.py.TXT", "CONFIG.PY"])
def test_a_config_under_another_name(tmp_path: Path, name: str) -> None:
    """Notepad adds .txt and Windows hides it: the file that is not used is named."""
    path = tmp_path / "config.py"
    (tmp_path / name).touch()
    assert str(misnamed(path)).startswith(
        f"{path} is missing: rename {name}, which is there and not used, to config"
    )
    with pytest.raises(ConfigurationError, match=f"rename {name}"):
        load(path, required=True)
    path.touch()
    assert misnamed(path) is None


def test_nothing_like_a_config(tmp_path: Path) -> None:
    """A newcomer has none, and that is well."""
    for name in ("config.py.example", "readme.txt", "other.py"):
        (tmp_path / name).touch()
    assert misnamed(tmp_path / "config.py") is None
    assert misnamed(tmp_path / "none" / "config.py") is None


def test_the_log_says_that_the_config_has_another_name(tmp_path: Path) -> None:
    """The scripts go on with all defaults, as without config.py; here they are copied, with no config.py."""
    for name in ("visitorsflow", "callAPI.py"):
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, tmp_path / name)
    (tmp_path / "config.py.txt").write_text("camera = 1")
    command = [sys.executable, str(tmp_path / "callAPI.py"), "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    assert "config.py is missing: rename config.py.txt, which is there" in done.stderr
    assert "rename config.py.txt" in (tmp_path / "log" / "callAPI.log").read_text("utf-8")


@pytest.mark.parametrize(
    "raw", ["password = “hunter2”".encode(), b'watch_folder = "C:\\Users"', b'watch_folder = "a\\0b"']
)
def test_what_people_type_is_exit_2(sqlite_venue: Venue, raw: bytes) -> None:
    """One line in the log of each script, one in both languages at the terminal, and nothing runs."""
    (sqlite_venue.home / "config.py").write_bytes(raw)
    for script in ("uploadData", "callAPI"):
        done = sqlite_venue.run(f"{script}.py")
        log = (sqlite_venue.home / "log" / f"{script}.log").read_text("utf-8")
        assert (done.returncode, len(done.stderr.splitlines()), len(log.splitlines())) == (2, 2, 1)
        assert "hunter2" not in done.stderr + log
