"""What can go wrong, sorted by who can mend it and when.

VisitorsFlowError
├── ConfigurationError      a person must mend the settings or the table; the scripts exit with 2
├── TemporaryError          the same thing may work later; nothing was lost, try again
│   ├── DatabaseAway
│   ├── FolderTrouble
│   ├── TelegramAway
│   └── ReportRefused
└── PermanentError          trying again the same way will never work
    ├── NotCrossings
    └── TelegramRefused
"""


class VisitorsFlowError(Exception):
    """The root: its text is one line that a person at the venue can act on."""


class ConfigurationError(VisitorsFlowError):
    """Raised at start by the settings, the table's check and the command lines.

    `advice` is what to type to mend it (SQL, mostly; several lines), or "".
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class TemporaryError(VisitorsFlowError):
    """It could not be done now."""


class DatabaseAway(TemporaryError):
    """Raised by `database` when a transaction could not be committed, for whatever reason."""


class FolderTrouble(TemporaryError):
    """Raised by `inbox` when the watched folder can't be listed or a file can't be read or moved."""


class TelegramAway(TemporaryError):
    """Raised by `telegram` when a message could not be delivered now.

    `retry_after` is how many seconds Telegram asked to wait, or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ReportRefused(TemporaryError):
    """Raised by `api` when the API can't be reached or did not accept the totals."""


class PermanentError(VisitorsFlowError):
    """It will not work, however often it is tried."""


class NotCrossings(PermanentError):
    """Raised by `inbox` and `crossings` for a file that, as it is now, holds no list of crossings.

    It may still be being written: only when it has stopped changing is it rejected.
    """


class TelegramRefused(PermanentError):
    """Raised by `telegram` when a person must act first: sign in, or mend `telegram_to`."""
