"""Small help with text that people read."""


def printable(text: str) -> str:
    r"""The text with everything that could move a cursor or forge a line made visible.

    >>> printable("a\n\udcff.json")
    'a\\n\\udcff.json'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def counted(number: int, what: str) -> str:
    """The number with its noun.

    >>> counted(1, "file"), counted(3, "file")
    ('1 file', '3 files')
    """
    return f"{number} {what}{'s' * (number != 1)}"
