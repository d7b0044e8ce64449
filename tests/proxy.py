"""A small TCP proxy before the database: it can be cut, stalled, closed and healed."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Self


class Proxy:
    """Listens on a free loopback port of its own while the `with` lasts; every method is for any thread.

    `upstream` is the port, on `host`, to which new connections are led; those that are open stay where they
    are.
    """

    def __init__(self, upstream: int, host: str = "127.0.0.1") -> None:
        self.upstream = upstream
        self.host = host
        self.port = 0
        self.lost_commits = 0
        self._commits_to_lose = 0
        self._commits_to_swallow = 0
        self.swallowed_commits = 0
        self._refusing = False
        self._held: list[bytes] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Drop every connection now."""
        self._call(self._drop_all)

    def refuse(self) -> None:
        """Drop every connection, and each new one at once, until healed."""
        self._refusing = True
        self.cut()

    def stall(self) -> None:
        """Accept and say nothing, in both directions, until healed; then what was held back goes on."""
        self._call(self._open.clear)

    def holds(self, words: bytes) -> bool:
        """Does a request with these words wait in the stalled link."""
        return any(words in part for part in self._held)

    def lose_commits(self, count: int) -> None:
        """Let the server carry out the next commits, but lose its answer and the connection."""
        self._commits_to_lose = count

    def swallow_commits(self, count: int) -> None:
        """Have the link die without a word before the next commits arrive: the server goes on waiting."""
        self._commits_to_swallow = count

    def heal(self) -> None:
        """End all of the above."""
        self._refusing = False
        self._held = []
        self._commits_to_lose = self._commits_to_swallow = 0
        self._call(self._open.set)

    def _call(self, function: Callable[[], object]) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(function)
        self._loop.call_soon_threadsafe(done.set)
        assert done.wait(10)

    async def _start(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        self._drop_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _drop_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        self._writers |= ends
        try:
            if self._refusing:
                return
            answers, server = await asyncio.open_connection(self.host, self.upstream)
            ends.add(server)
            self._writers |= ends
            losing = asyncio.Event()
            pumps = [self._ask(reader, server, losing), self._answer(answers, writer, losing)]
            tasks = [asyncio.create_task(pump) for pump in pumps]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        except (OSError, asyncio.CancelledError):  # cancelled: the proxy ends
            return
        finally:
            for end in ends:
                end.transport.abort()
            self._writers -= ends

    async def _ask(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, losing: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(65536):
                if not self._open.is_set():
                    self._held.append(part)
                await self._open.wait()
                if self._commits_to_swallow and part.endswith(b"\x03COMMIT"):
                    self._commits_to_swallow -= 1
                    self.swallowed_commits += 1
                    await asyncio.Event().wait()
                if self._commits_to_lose and part.endswith(b"\x03COMMIT"):  # 3: COM_QUERY
                    self._commits_to_lose -= 1
                    losing.set()
                server.write(part)
                await server.drain()

    async def _answer(
        self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while part := await answers.read(65536):
                await self._open.wait()
                if losing.is_set():  # this is the server's word that it has committed
                    self.lost_commits += 1
                    return
                writer.write(part)
                await writer.drain()
