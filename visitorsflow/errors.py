"""The errors, sorted by who can fix them and when.

VisitorsFlowError
├── ConfigurationError      a person must fix the settings or the table; the scripts exit with 2
├── TemporaryError          the same thing may work later; nothing was lost, try again
│   ├── DatabaseAway
│   │   └── DatabaseRefuses
│   ├── FolderTrouble
│   ├── FolderTaken
│   ├── ChannelAway         every message waits, and is tried again
│   ├── NoAnswer
│   └── ReportRefused
└── PermanentError          trying again the same way will never work
    ├── NotCrossings
    ├── MessageRefused      this one message never; the next one may
    └── ChannelBlocked      every message waits until a person acts
"""

import json

from visitorsflow.reasons import Reason, quoted
from visitorsflow.words import Language


class VisitorsFlowError(Exception):
    """The root. Its reason is one line that a person at the venue can act on; a text is quoted as it is."""

    def __init__(self, reason: Reason | str) -> None:
        self.reason = reason if isinstance(reason, Reason) else quoted(reason)
        super().__init__(self.reason)

    def __str__(self) -> str:
        return str(self.reason)


class ConfigurationError(VisitorsFlowError):
    """Raised at start by the settings, the table's check and the command lines.

    `advice` is what to type to fix it (SQL, mostly; several lines), or "". `language` is that of config.py
    where only something else in it is wrong.
    """

    def __init__(
        self, reason: Reason | str, advice: Reason | str = "", language: Language | None = None
    ) -> None:
        super().__init__(reason)
        self.advice = advice
        self.language = language

    def text(self, language: Language) -> str:
        """The reason and the advice, in as many lines as they have."""
        advice = self.advice.text(language) if isinstance(self.advice, Reason) else self.advice
        return f"{self.reason.text(language)}\n{advice}".rstrip()


class TemporaryError(VisitorsFlowError):
    """It could not be done now."""


class DatabaseAway(TemporaryError):
    """Raised by `database` when a transaction could not be committed.

    `code` is the number that the server or its client gives the error; 0 where it has none. `timed_out`: the
    server did not answer in time.
    """

    def __init__(self, reason: Reason | str, code: int = 0, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.timed_out = timed_out


class DatabaseRefuses(DatabaseAway):
    """Raised by `database` when the server is there and refuses: no right, no room, read-only."""


class FolderTrouble(TemporaryError):
    """Raised by `inbox` when the watched folder can't be listed or a file can't be read or moved."""


class FolderTaken(TemporaryError):
    """Raised by `claim` when another uploader works on the folder."""


class ChannelAway(TemporaryError):
    """Raised by a channel when a message can't be delivered now, whatever the message is.

    `retry_after` is how many seconds the channel asks to wait at least, or None.
    """

    def __init__(self, reason: Reason | str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NoAnswer(TemporaryError):
    """Raised by `ask` when nobody answers a question at the terminal."""


class ReportRefused(TemporaryError):
    """Raised by `api` when the API can't be reached or did not accept the totals.

    `status` is that of HTTP, or None when there was no answer. `reply` is the text of the reply; where
    there is none that can be read, the reason, as `reasons.kept` reads it.
    """

    def __init__(self, reason: Reason | str, status: int | None = None, reply: str | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reply = json.dumps(self.reason.as_json(), ensure_ascii=False) if reply is None else reply


class PermanentError(VisitorsFlowError):
    """It will not work, however often it is tried."""


class NotCrossings(PermanentError):
    """Raised by `inbox` and `crossings` for a file that, as it is now, holds no list of crossings.

    It may still be being written: only when it has stopped changing is it rejected.
    """


class MessageRefused(PermanentError):
    """Raised by a channel that refuses a message for its own sake: its text, its picture."""


class ChannelBlocked(PermanentError):
    """Raised by a channel when no message can go until a person acts: signs in, or fixes `telegram_to`."""
