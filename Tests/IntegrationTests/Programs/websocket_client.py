"""A WebSocket client: text, a binary message of 1 MiB, a ping, an orderly end: websocket_client.py URL."""

import asyncio
import random
import sys

import websockets


async def main(url):
    async with websockets.connect(url, max_size=1 << 22) as socket:
        await socket.send("hello, mesh")
        assert await asyncio.wait_for(socket.recv(), 20) == "hello, mesh"

        # The library compresses; what is random stays as long as it is.
        block = random.Random(7).randbytes(1 << 20)
        await socket.send(block)
        assert await asyncio.wait_for(socket.recv(), 20) == block

        await asyncio.wait_for(await socket.ping(b"are you there"), 20)
        for number in range(200):
            await socket.send(str(number))
        for number in range(200):
            assert await asyncio.wait_for(socket.recv(), 20) == str(number)
        await socket.close(1000, "done")
        assert socket.close_code == 1000, socket.close_code
    print("all right")


asyncio.run(asyncio.wait_for(main(sys.argv[1]), 40))
