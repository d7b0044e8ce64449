"""A connection of a browser: it answers one request, and nobody can hold it, or all of them, for long."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 100
REQUEST_SECONDS = 10.0  # until the whole request has come
ANSWER_SECONDS = 60.0  # until the whole answer has gone


class Connection(H11Protocol):
    """uvicorn's, with limits: it has none for a request that never ends, nor for how many there are.

    When there are too many, the oldest that has not asked yet makes room; else the new one is refused.
    """

    _limits: tuple[asyncio.TimerHandle, ...] = ()
    _came: float = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._came = self.loop.time()
        self._limits = (
            self.loop.call_later(REQUEST_SECONDS, self._drop_without_request),
            self.loop.call_later(REQUEST_SECONDS + ANSWER_SECONDS, transport.abort),
        )
        if len(self.connections) > MOST:
            silent = [one for one in self.connections if isinstance(one, Connection) and one.cycle is None]
            oldest = min(silent, key=lambda one: one._came, default=self)  # noqa: SLF001 - of its own kind
            oldest.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        for limit in self._limits:
            limit.cancel()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End it at once."""
        self.connections.discard(self)
        self.transport.abort()

    def _drop_without_request(self) -> None:
        if self.cycle is None:
            self.drop()
