"""What is in a file, and a number that tells one content from another.

Size and time do not: a file system counts time in steps (4 ms on Linux, 2 s on a USB stick), records
are of one length, and a copy brings the time of its original.
"""

import os


def digest(raw: bytes) -> int:
    """Valid in this process only: Python chooses its hash anew at each start."""
    return hash(raw)


def content(fd: int, size: int) -> bytes:
    """The first `size` bytes of a file that has just been opened for reading, or all where it has fewer."""
    raw = part = os.read(fd, size)
    while part and len(raw) < size:  # a disk may give it in parts
        part = os.read(fd, size - len(raw))
        raw += part
    return raw
