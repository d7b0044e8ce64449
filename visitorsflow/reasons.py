"""A reason is a value: which text of the table in `words.reasons`, and what is put into it.

The log has it in English (`str`), staff read it in the venue's language (`Words.say`). What only a server or
the system says is quoted as it is.
"""

import contextlib
import difflib
import errno
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from visitorsflow.words import Language
from visitorsflow.words.reasons import TEXTS

# The errors of a system that have a text of ours; of all others its own words are quoted.
_KNOWN = frozenset(
    number
    for name in (
        "ENOSPC",
        "EDQUOT",
        "EACCES",
        "EPERM",
        "EROFS",
        "ENOENT",
        "ESTALE",
        "EIO",
        "ETIMEDOUT",
        "ENOTDIR",
        "EISDIR",
        "EEXIST",
    )
    if (number := getattr(errno, name, None))
)


class Reason:
    """`key` names the text; each value is a text, a number, or another reason.

    >>> str(Reason("no answer from", place="/share"))
    '/share does not answer'
    """

    __slots__ = ("key", "values")

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values: Mapping[str, object] = values

    def text(self, language: Language) -> str:
        """In one language. A key that is not known, as from a newer version's row, is shown as it is."""
        if self.key not in TEXTS:
            return self.key
        values = {k: v.text(language) if isinstance(v, Reason) else v for k, v in self.values.items()}
        return TEXTS[self.key][get_args(Language).index(language)].format(**values)

    def __str__(self) -> str:
        return self.text("en")

    def __repr__(self) -> str:
        return f"Reason({self.key!r}, {dict(self.values)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reason) and (self.key, self.values) == (other.key, other.values)

    def __hash__(self) -> int:
        return hash((self.key, tuple(self.values.items())))

    def as_json(self) -> list[Any]:
        """The key and its values, as they are kept in a table; `from_json` reads them."""
        return [
            self.key,
            {k: v.as_json() if isinstance(v, Reason) else v for k, v in self.values.items()},
        ]


def quoted(text: object) -> Reason:
    """The words of a server, of the system, or of a person."""
    return Reason("quoted", text=str(text))


def lines_of(reasons: Sequence[Reason]) -> Reason:
    """Several reasons, at least one, as one of as many lines."""
    first, *others = reasons
    return Reason("lines", first=first, others=lines_of(others)) if others else first


def os_reason(error: OSError) -> Reason:
    """The reason of a system's error, without the path."""
    if error.errno is not None and error.errno in _KNOWN:
        return Reason(errno.errorcode[error.errno])
    return quoted(error.strerror or error)


def nearest(name: str, known: Iterable[str]) -> Reason | str:
    """A hint to the known name that is most like this one; "" when none is."""
    folded = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), folded, 1)
    return Reason("did you mean", name=folded[close[0]]) if close else ""


def from_json(kept: Any) -> Reason:
    """Read what `as_json` has made. Raises ValueError for anything else."""
    match kept:
        case [str(key), dict(values)]:
            return Reason(key, **{k: from_json(v) if isinstance(v, list) else v for k, v in values.items()})
    raise ValueError(f"no reason: {json.dumps(kept)}")


def kept(text: str) -> Reason:
    """Read what a table keeps: a reason's JSON; any other text, as an API's reply or an old row's, is quoted.

    >>> [str(kept(text)) for text in ('["ENOSPC", {}]', '["OK", {}]', '["unread", {}]', "no")]
    ['No space left on device', '["OK", {}]', '["unread", {}]', 'no']
    """
    with contextlib.suppress(ValueError, TypeError, LookupError, RecursionError):
        reason = from_json(json.loads(text))
        if reason.key in TEXTS and str(reason):
            return reason
    return quoted(text)
