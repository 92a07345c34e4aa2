"""An HTTP server on aiohttp with what the tests ask for: web_server.py ADDRESS PORT."""

import asyncio
import hashlib
import sys

from aiohttp import web

# What /events and /poll wait for: the test says when the next event happens.
release = asyncio.Event()


async def echo(request):
    """Sends the body back, chunked, while it arrives."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    async for piece in request.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    return response


async def digest(request):
    """Says how long the body is and what its SHA-256 is."""
    length, sha = 0, hashlib.sha256()
    async for piece in request.content.iter_any():
        length += len(piece)
        sha.update(piece)
    return web.Response(text=f"{length} {sha.hexdigest()}\n")


async def pattern(request):
    """As many bytes as ?bytes= says, in pieces of no round size."""
    left = int(request.query["bytes"])
    response = web.StreamResponse(headers={"content-length": str(left)})
    await response.prepare(request)
    piece = bytes((i * 31) & 0xFF for i in range(65521))
    while left > 0:
        await response.write(piece[:left])
        left -= len(piece)
    return response


async def form(request):
    """Says which parts a form has, and how long each is."""
    parts = await request.post()
    sizes = {
        name: len(part) if isinstance(part, str) else len(part.file.read())
        for name, part in parts.items()
    }
    return web.json_response(sizes)


async def headers(request):
    """Says which header fields arrived."""
    return web.json_response({name.lower(): value for name, value in request.headers.items()})


async def numbers(request):
    """A chunked answer of a hundred small pieces."""
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for number in range(100):
        await response.write(f"{number}\n".encode())
    await response.write_eof()
    return response


async def events(request):
    """Server-sent events: the first at once, the second after /release."""
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"data: first\n\n")
    await release.wait()
    await response.write(b"data: second\n\n")
    return response


async def poll(request):
    """A long poll: answered after /release."""
    await release.wait()
    return web.Response(text="released\n")


async def let_go(request):
    release.set()
    return web.Response(status=204)


async def cookie(request):
    """Sets a cookie, and says which one came."""
    response = web.Response(text=request.cookies.get("seen", "none"))
    response.set_cookie("seen", "yes")
    return response


def main():
    app = web.Application(client_max_size=1 << 30)
    for path, handler in {
        "/echo": echo,
        "/digest": digest,
        "/pattern": pattern,
        "/form": form,
        "/headers": headers,
        "/numbers": numbers,
        "/events": events,
        "/poll": poll,
        "/release": let_go,
        "/cookie": cookie,
    }.items():
        app.router.add_route("*", path, handler)
    web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), print=None, access_log=None)


main()
