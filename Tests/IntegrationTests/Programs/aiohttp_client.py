"""What a program on aiohttp does, against web_server.py: aiohttp_client.py URL."""

import asyncio
import sys

import aiohttp


async def main(url):
    timeout = aiohttp.ClientTimeout(total=40)
    async with aiohttp.ClientSession(url, timeout=timeout) as session:

        async def one(number):
            body = f"{number}:".encode() * (number * 97 + 1)
            async with session.post("/echo", data=body) as answer:
                assert answer.status == 200, answer
                assert await answer.read() == body, number

        await asyncio.gather(*(one(number) for number in range(300)))

        async def slowly():
            for number in range(50):
                yield f"{number},".encode()
                await asyncio.sleep(0)

        async with session.post("/echo", data=slowly()) as answer:
            assert await answer.text() == "".join(f"{n}," for n in range(50))

        form = aiohttp.FormData()
        form.add_field("file", b"z" * 200_000, filename="z.bin")
        form.add_field("word", "yes")
        async with session.post("/form", data=form) as answer:
            assert await answer.json() == {"file": 200_000, "word": 3}

        async with session.post("/digest", data=b"b" * 1_000_000, expect100=True) as answer:
            assert (await answer.text()).startswith("1000000 ")

        async with session.put("/digest", data=b"b" * 1_000_000, compress="deflate") as answer:
            assert (await answer.text()).startswith("1000000 ")

    print("all right")


asyncio.run(main(sys.argv[1]))
