"""Bytes both ways at once on each of several connections: duplex_client.py URL CONNECTIONS MEGABYTES.

Each connection sends its megabytes to /echo, which sends them back while they arrive, and compares every byte. It never is
more than half of them ahead of what came back: whoever holds an answer until its request is over is waited for in vain.
"""

import asyncio
import sys

import aiohttp

# The pattern repeats after a prime number of bytes, so that a lost or repeated buffer shows.
PERIOD = 65521
PATTERN = bytes((i * 31) & 0xFF for i in range(PERIOD)) * 17


async def one(session, total):
    sent = received = 0
    more = asyncio.Event()

    async def body():
        nonlocal sent
        while sent < total:
            while sent - received > total // 2:
                more.clear()
                await more.wait()
            at = sent % PERIOD
            piece = PATTERN[at : at + min(1_000_003, total - sent)]
            sent += len(piece)
            yield piece

    async with session.post("/echo", data=body()) as answer:
        assert answer.status == 200, answer
        async for piece in answer.content.iter_any():
            at = received % PERIOD
            assert piece == PATTERN[at : at + len(piece)], f"differs near byte {received}"
            received += len(piece)
            more.set()
    assert received == total, f"{received} of {total}"


async def main(url, connections, megabytes):
    timeout = aiohttp.ClientTimeout(total=110)
    total = megabytes * 1_000_000
    async with aiohttp.ClientSession(url, timeout=timeout) as session:
        await asyncio.gather(*(one(session, total) for _ in range(connections)))
    print("all right")


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
