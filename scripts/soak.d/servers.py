"""The servers that are not HTTP: servers.py ADDRESS WORDS_PORT BANNER_PORT.

On the first port what comes is sent back while it comes; on the second the server speaks first and then echoes.
"""

import asyncio
import sys

BANNER = b"220 greetings\r\n"
PIECE = 65536


async def echo(reader, writer):
    try:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except OSError:
        pass  # a client that resets is what clients here are for
    finally:
        writer.close()


async def greet(reader, writer):
    writer.write(BANNER)
    await echo(reader, writer)


async def main(address, words, banner):
    await asyncio.start_server(echo, address, words, backlog=1024)
    await asyncio.start_server(greet, address, banner, backlog=1024)
    await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
