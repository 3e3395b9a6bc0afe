"""A slow phone network: a relay in front of a server, which all of a browser's connections share.

Throttling by DevTools has to be set for each worker anew and misses what happens before that; a relay slows whoever
asks. Downwards 1.6 Mbit/s for all connections together; a new connection and each request wait for 150 ms.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

RATE = 1.6e6 / 8
"""Bytes a second."""
ROUND_TRIP = 0.15
"""Seconds."""
PIECE = 1460
"""Bytes that leave together, as in a packet; the connections take turns piece by piece."""


class Link:
    """The wire: one piece after another."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.free = 0.0
        """When the wire has sent all that was given to it."""

    def reserve(self, now: float, count: int) -> float:
        """Take the wire for so many bytes after what was promised before; return when they have arrived."""
        self.free = max(now, self.free) + count / self.rate
        return self.free


async def _relay(
    link: Link, upstream: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await asyncio.sleep(ROUND_TRIP)  # the handshake
    there, back = await asyncio.open_connection(*upstream)

    async def up() -> None:
        while data := await reader.read(65536):
            await asyncio.sleep(ROUND_TRIP)
            back.write(data)
            await back.drain()

    async def down() -> None:
        while data := await there.read(PIECE):
            await asyncio.sleep(link.reserve(time.perf_counter(), len(data)) - time.perf_counter())
            writer.write(data)
            await writer.drain()

    # Whichever side ends first ends the connection.
    tasks = [asyncio.create_task(up()), asyncio.create_task(down())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for side in (writer, back):
        side.close()
        with suppress(OSError):
            await side.wait_closed()


@contextmanager
def slow4g(url: str) -> Iterator[str]:
    """Put the slow network in front of a server; yield the URL at its near end."""
    parts = urlsplit(url)
    upstream = ("127.0.0.1", parts.port or 80)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    link = Link(RATE)

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(lambda r, w: _relay(link, upstream, r, w), "127.0.0.1", 0)

    async def close() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    yield f"http://localhost:{server.sockets[0].getsockname()[1]}{parts.path}"
    asyncio.run_coroutine_threadsafe(close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
