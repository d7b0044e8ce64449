"""As many rows at once as a slow server takes within its time limit. Pure: what happened is passed in."""


class Portion:
    """Starts with `most` rows; after a time-out half as many, `least` at least, later twice as many again."""

    def __init__(self, most: int, least: int) -> None:
        self._most = most
        self._least = least
        self.rows = most

    @property
    def is_whole(self) -> bool:
        """Has nothing shown that the server is slow."""
        return self.rows == self._most

    def of(self, count: int) -> int:
        """The same part of `count` as is left of the most rows; 1 at least."""
        return max(1, count * self.rows // self._most)

    def timed_out(self) -> None:
        """The server did not take them within its time limit."""
        self.rows = max(self._least, self.rows // 2)

    def stored(self, rows: int, seconds: float, limit: float) -> None:
        """The server took so many rows in so many seconds: twice as many, if they would need half of `limit`.

        A few rows show nothing of a whole portion.
        """
        if rows >= self.rows and 2 * seconds <= limit / 2:
            self.rows = min(self._most, 2 * self.rows)
