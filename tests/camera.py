"""A simulated camera: writes files in every way they come, and keeps the truth about them.

As a command: python -m tests.camera FOLDER --every 1 --records 20
"""

import argparse
import os
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.venue import CAMERA, Record, Row, as_json, crossing, truth

FIRST = datetime(2018, 5, 31)


class Camera:
    """`write()` writes the next file, in the next way; `truth` is what the table must hold of all of them."""

    def __init__(self, folder: Path, name: str = CAMERA, records: int = 5, first: datetime = FIRST) -> None:
        self.folder = folder
        self.name = name
        self.truth: set[Row] = set()
        self.files = 0
        self._records = records
        self._next = first
        self._random = random.Random(name)
        self._elsewhere = folder.parent / f"{folder.name}-outside"
        self._elsewhere.mkdir(exist_ok=True)
        self._ways: list[Callable[[str], None]] = [
            self.in_one_go,
            self._in_pieces,
            self._renamed,
            self._moved_in,
            self._hard_linked,
            self._in_a_sub_folder,
            self._twice_the_same,
            self._rewritten_with_more,
            self._a_sign_of_life,
        ]

    def write(self) -> str:
        """Write one file whole, and return its name."""
        self._next += timedelta(seconds=1)
        name = f"{self._next:%Y%m%d%H%M%S}.json"
        self._ways[self.files % len(self._ways)](name)
        self.files += 1
        return name

    def _content(self, name: str, count: int | None = None) -> bytes:
        """Some crossings, a few of them alike; the truth knows them from now on."""
        draw = self._random.randrange
        records: list[Record] = [
            crossing(name[:14], person=draw(4), state=draw(3), frame=draw(9))
            for _ in range(self._records if count is None else count)
        ]
        return self._told(name, records)

    def _told(self, name: str, records: list[Record]) -> bytes:
        self.truth |= truth(name, records, self.name)
        return as_json(records)

    def in_one_go(self, name: str) -> None:
        (self.folder / name).write_bytes(self._content(name))

    def _in_pieces(self, name: str) -> None:
        raw = self._content(name)
        for piece in (raw[:1], raw[1:50], raw[50:]):
            with (self.folder / name).open("ab") as stream:
                stream.write(piece)

    def _renamed(self, name: str) -> None:
        part = self.folder / f"{name}.tmp"
        part.write_bytes(self._content(name))
        part.rename(self.folder / name)

    def _moved_in(self, name: str) -> None:
        (self._elsewhere / name).write_bytes(self._content(name))
        (self._elsewhere / name).rename(self.folder / name)

    def _hard_linked(self, name: str) -> None:
        (self._elsewhere / name).write_bytes(self._content(name))
        os.link(self._elsewhere / name, self.folder / name)
        (self._elsewhere / name).unlink()

    def _in_a_sub_folder(self, name: str) -> None:
        (self.folder / "lane 2").mkdir(exist_ok=True)
        (self.folder / "lane 2" / name).write_bytes(self._content(name))

    def _twice_the_same(self, name: str) -> None:
        raw = self._content(name)
        for _ in range(2):
            (self.folder / name).write_bytes(raw)

    def _rewritten_with_more(self, name: str) -> None:
        first = [crossing(name[:14], person) for person in range(3)]
        more = [*first, crossing(name[:14]), *(crossing(name[:14], person) for person in range(9, 12))]
        for records in (first, more):
            (self.folder / name).write_bytes(self._told(name, records))

    def _a_sign_of_life(self, name: str) -> None:
        (self.folder / name).write_bytes(self._content(name, 0))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.camera", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=float, default=1, help="seconds between two files")
    parser.add_argument("--records", type=int, default=20, help="crossings a file")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now().replace(microsecond=0)  # noqa: DTZ005
    camera = Camera(options.folder, records=options.records, first=now)
    try:
        while True:
            print(camera.write(), len(camera.truth), "crossings so far", flush=True)
            time.sleep(options.every)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
