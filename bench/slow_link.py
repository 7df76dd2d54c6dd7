"""A link to a server on loopback over which every answer comes later; it ends when its input does.

    python bench/slow_link.py --port 5000 --delay 0.05

prints its own address.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence

_CHUNK = 1 << 16


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what is read until it ends, each piece after the delay in seconds."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(_CHUNK):
            loop.call_later(delay, writer.write, piece)
    loop.call_later(delay, writer.close)


async def serve(port: int, delay: float) -> None:
    """Link whoever connects with the server on that port, until standard input ends."""

    async def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, server_writer, 0), pass_on(server_reader, writer, delay))

    async with await asyncio.start_server(link, "127.0.0.1", 0, backlog=256) as server:
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, required=True, metavar="SECONDS")
    given = parser.parse_args(arguments)
    asyncio.run(serve(given.port, given.delay))


if __name__ == "__main__":
    main()
