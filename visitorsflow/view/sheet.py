"""A day as a sheet for Excel: a row for each hour, columns for each camera's in and out, and the totals."""

import csv
import io
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from visitorsflow.facts import Hour
from visitorsflow.text import printable
from visitorsflow.words import Words


def show(hours: Sequence[Hour], start: datetime, end: datetime, words: Words) -> None:
    """Write the sheet of start <= time < end to standard output, as Excel opens it: UTF-8 with its mark."""
    sys.stdout.flush()
    sys.stdout.buffer.write(sheet(hours, start, end, words).encode("utf-8-sig"))
    sys.stdout.buffer.flush()


def sheet(hours: Sequence[Hour], start: datetime, end: datetime, words: Words) -> str:
    """The sheet as CSV: the hours that have begun before `end` on the day of `start`, and their sum.

    Every heading begins with a word of ours, so that no camera's name is taken for a formula.
    """
    counted = {(hour, camera): (came_in, went_out) for hour, camera, came_in, went_out in hours}
    cameras = sorted({hour.camera for hour in hours})
    of = [*(printable(camera) for camera in cameras), words("sheet total")]
    rows: list[list[int]] = []
    for hour in range(-(-(end - start) // timedelta(hours=1))):
        row = [number for camera in cameras for number in counted.get((hour, camera), (0, 0))]
        rows.append([*row, sum(row[::2]), sum(row[1::2])])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([start.date(), *(words(f"sheet {way}", of=one) for one in of for way in ("in", "out"))])
    writer.writerows([f"{hour:02}:00", *row] for hour, row in enumerate(rows))
    writer.writerow([words("sheet total"), *(sum(row[i] for row in rows) for i in range(2 * len(of)))])
    return text.getvalue()
