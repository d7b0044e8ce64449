"""Numbers that are read from across the room. Pure."""

_BITS = {
    "0": ("███", "█ █", "█ █", "█ █", "███"),
    "1": (" █ ", "██ ", " █ ", " █ ", "███"),
    "2": ("███", "  █", "███", "█  ", "███"),
    "3": ("███", "  █", "███", "  █", "███"),
    "4": ("█ █", "█ █", "███", "  █", "  █"),
    "5": ("███", "█  ", "███", "  █", "███"),
    "6": ("███", "█  ", "███", "█ █", "███"),
    "7": ("███", "  █", "  █", "  █", "  █"),
    "8": ("███", "█ █", "███", "█ █", "███"),
    "9": ("███", "█ █", "███", "  █", "███"),
    "-": ("   ", "   ", "███", "   ", "   "),
}
HEIGHT = 5


def huge(number: str, scale: int) -> list[str]:
    """The digits of a number in HEIGHT rows, each digit 3 × `scale` cells wide.

    >>> print("\\n".join(row.rstrip() for row in huge("17", 1)))
     █  ███
    ██    █
     █    █
     █    █
    ███   █
    """
    rows = ["", "", "", "", ""]
    for index, digit in enumerate(number):
        for row, bits in enumerate(_BITS[digit]):
            gap = " " * scale if index else ""
            rows[row] += gap + "".join(bit * scale for bit in bits)
    return rows


def width(number: str, scale: int) -> int:
    """How many cells `huge` takes."""
    return (4 * len(number) - 1) * scale
