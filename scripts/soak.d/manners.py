"""What clients do, well or badly, each a function of a random source that returns what became of it in a word.

Wrong is raised where that may never happen, whatever policy is in force and whoever is replaced; Broken where it may for a
moment while a proxy is being replaced (main.py says how long).
"""

import base64
import hashlib
import struct
import threading
import time

from documents import (
    API, API_PORT, BANNER_PORT, FAULTY, SOCKET, SOCKET_PORT, WEB, WEB_PORT, WORDS, WORDS_PORT,
)
from network import SERVER
from servers import BANNER
from wire import Broken, Wire, Wrong, chunk, get, post

LARGEST_BODY = 3_000_000  # beyond every buffer on the way, so that either side is held up
CLOSED_PORT = 7  # nobody listens there


def pick(random, *places):
    """By the service's virtual address, or the server's own."""
    return places[random.randrange(len(places))]


def web(random):
    return pick(random, (WEB, 80), (SERVER, WEB_PORT))


def api(random):
    return pick(random, (API, 80), (SERVER, API_PORT))


def expect_named(wire, path, status, body):
    """The answer is the one to this path, which the server says in it."""
    wire.expect(status, (200,), path)
    if body != path.encode() + b"\n":
        raise Wrong(f"{path} was answered {body[:80]!r}")


def polite(random):
    """Some requests over one connection, which may be closed between two of them."""
    with Wire(*web(random)) as wire:
        for number in range(random.randrange(1, 9)):
            path = f"/polite/{random.getrandbits(32):x}"
            try:
                wire.send(get(path))
                status, fields, body = wire.answer()
            except Broken:
                if number == 0:
                    raise
                return "closed between"
            expect_named(wire, path, status, body)
            if fields.get("connection") == "close":
                return "asked to leave"
    return "answered"


def pipelined(random):
    """Many requests in one write: the answers come in their order, until the proxy says that it takes no more."""
    paths = [f"/pipelined/{number}" for number in range(random.randrange(2, 40))]
    with Wire(*web(random)) as wire:
        wire.send(b"".join(get(path) for path in paths))
        for path in paths:
            status, fields, body = wire.answer()
            expect_named(wire, path, status, body)
            if fields.get("connection") == "close":
                return "asked to leave"
    return "answered"


def echoed(random):
    """A chunked body that comes back while it is sent."""
    total = random.randrange(1, LARGEST_BODY)
    body = random.randbytes(total)
    with Wire(*api(random)) as wire:
        wire.send(post("/echo", None))

        def upload():
            try:
                at = 0
                while at < total:
                    size = random.randrange(1, 200_000)
                    wire.send(chunk(body[at : at + size]))
                    at += size
                wire.send(b"0\r\n\r\n")
            except (Broken, Wrong, OSError):
                pass  # who reads will see it too

        thread = threading.Thread(target=upload)
        thread.start()
        try:
            status, _, back = wire.answer()
        except BaseException:
            wire.abort()
            raise
        finally:
            thread.join()
        wire.expect(status, (200,), "/echo")
        if back != body:
            raise Wrong(f"/echo: {len(back)} bytes came back of {total}, or others")
    return "answered"


def digested(random):
    """A body of a known length, after a 100 (Continue) or before it."""
    body = random.randbytes(random.randrange(1, LARGEST_BODY))
    fields = ("Expect: 100-continue",) if random.random() < 0.3 else ()
    with Wire(*api(random)) as wire:
        wire.send(post("/digest", len(body), "api", *fields))
        wire.send(body)
        status, _, said = wire.answer()
        wire.expect(status, (200,), "/digest")
        if said.decode() != f"{len(body)} {hashlib.sha256(body).hexdigest()}\n":
            raise Wrong(f"/digest of {len(body)} bytes: {said[:100]!r}")
    return "answered"


def slow_reader(random):
    """Reads a large answer through a small window, and leaves in the midst of it every other time."""
    total = random.randrange(100_000, LARGEST_BODY)
    leaves = random.random() < 0.5
    with Wire(*api(random), receive_buffer=8192) as wire:
        wire.send(get(f"/pattern?bytes={total}", "api"))
        status, fields = wire.head()
        wire.expect(status, (200,), "/pattern")
        seen = 0
        for piece in wire.pieces(fields):
            seen += len(piece)
            if seen < 60_000:
                time.sleep(0.02)  # being slow is what this is for
            elif leaves:
                wire.reset()
                return "left"
        if seen != total:
            raise Wrong(f"/pattern: {seen} of {total} bytes")
    return "answered"


def reset_amid(random):
    """Resets within a head, within a body, before an answer or within it."""
    with Wire(*api(random)) as wire:
        whole = post("/echo", 1_000_000) + random.randbytes(200_000)
        if random.random() < 0.3:
            whole = get("/pattern?bytes=2000000", "api")
        wire.send(whole[: random.randrange(1, len(whole))] if random.random() < 0.6 else whole)
        if random.random() < 0.5:
            time.sleep(random.random() * 0.05)  # at any moment of what the proxy does
        wire.reset()
    return "left"


def half_closing(random):
    """Says that nothing more will come, and is answered all the same."""
    with Wire(*web(random)) as wire:
        wire.send(get("/half"))
        wire.finish()
        status, _, body = wire.answer()
        wire.expect(status, (200,), "/half")
        if body != b"/half\n":
            raise Wrong(f"/half was answered {body[:80]!r}")
    return "answered"


SMUGGLED = [
    b"POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"GET / HTTP/1.1\r\nHost : web\r\n\r\n", b"GET / HTTP/1.1\nHost: web\n\n", b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: web\r\nX: a\x00b\r\n\r\n", b"GET / HTTP/9.1\r\nHost: web\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: web\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: web\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + b"\x11" * 60,
]


def junk(random):
    """What is no request, or two in one: never answered well, and never left waiting."""
    kind = random.randrange(3)
    text = SMUGGLED[random.randrange(len(SMUGGLED))] if kind else random.randbytes(random.randrange(1, 5000))
    if kind == 2:
        text = bytearray(get("/junk") + post("/digest", 10) + b"0123456789")
        for _ in range(random.randrange(1, 5)):
            text[random.randrange(len(text))] = random.randrange(256)
    try:
        with Wire(*pick(random, web(random), api(random))) as wire:
            wire.send(bytes(text))
            wire.finish()
            answers = b"".join(iter(wire.some, b""))
    except Broken:
        return "reset"
    if kind == 1 and answers.startswith(b"HTTP/1.1 200"):
        raise Wrong(f"answered well: {bytes(text[:60])!r}")
    return answers[:12].decode("latin-1") if answers.startswith(b"HTTP/1.") else "closed"


def dribbling(random):
    """A head that comes byte by byte."""
    with Wire(*web(random)) as wire:
        for byte in get("/dribble"):
            wire.send(bytes([byte]))
            time.sleep(0.001)  # lest they come together after all
        status, _, body = wire.answer()
        wire.expect(status, (200,), "/dribble")
        if body != b"/dribble\n":
            raise Wrong(f"/dribble was answered {body[:80]!r}")
    return "answered"


def websocket(random):
    """Upgrades, has messages echoed (RFC 6455), and closes in order, or not at all."""
    with Wire(*pick(random, (SOCKET, 80), (SERVER, SOCKET_PORT))) as wire:
        key = base64.b64encode(random.randbytes(16)).decode()
        wire.send(get(
            "/", "socket", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}"))
        status, _ = wire.head()
        wire.expect(status, (101,), "the upgrade")
        for _ in range(random.randrange(1, 6)):
            message = random.randbytes(random.randrange(1, 60_000))
            wire.send(frame(0x82, message))
            if read_frame(wire) != (0x82, message):
                raise Wrong(f"a message of {len(message)} bytes did not come back")
        if random.random() < 0.3:
            wire.reset()
            return "left"
        wire.send(frame(0x88, struct.pack("!H", 1000)))
        if read_frame(wire)[0] != 0x88:
            raise Wrong("no close frame")
    return "answered"


def frame(kind, data):
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
    return bytes([kind]) + length + b"\0\0\0\0" + data  # a mask of zeros is a mask


def read_frame(wire):
    """The next frame that is no ping; the server sends one after 20 s, and takes silence for an answer for as long."""
    while True:
        kind, length = wire.exactly(2)
        if length == 126:
            length = struct.unpack("!H", wire.exactly(2))[0]
        data = wire.exactly(length)
        if kind != 0x89:
            return kind, data


def words(random):
    """Bytes of no protocol, echoed; half-closed at the end, and all of them come back."""
    body = random.randbytes(random.randrange(1, 300_000))
    with Wire(*pick(random, (WORDS, WORDS_PORT), (SERVER, WORDS_PORT))) as wire:
        thread = threading.Thread(target=_send_and_finish, args=(wire, body))
        thread.start()
        try:
            back = wire.exactly(len(body))
            if wire.some():
                raise Wrong("more came back than was sent")
        finally:
            thread.join()
        if back != body:
            raise Wrong(f"{len(body)} bytes came back changed")
    return "answered"


def _send_and_finish(wire, body):
    try:
        wire.send(body)
        wire.finish()
    except (Broken, Wrong):
        pass  # who reads will see it too


def greeted(random):
    """The server speaks first. Policy forbids it at times, also in the midst of it."""
    try:
        with Wire(SERVER, BANNER_PORT) as wire:
            if wire.exactly(len(BANNER)) != BANNER:
                raise Wrong("another greeting")
            wire.send(b"EHLO soak\r\n")
            if wire.exactly(11) != b"EHLO soak\r\n":
                raise Wrong("another echo")
            time.sleep(random.random())  # open while policies change
    except Broken:
        return "forbidden"
    return "answered"


def refused(_):
    """A port where nobody listens looks like one."""
    try:
        with Wire(SERVER, CLOSED_PORT) as wire:
            if wire.some():
                raise Wrong("somebody answers on a closed port")
            raise Wrong("a closed port ends in order")
    except Broken:
        return "refused"


def faulty(random):
    """A server that breaks off, resets, or never answers: the client hears of it in time."""
    path = pick(random, "/short", "/cut", "/reset", "/never", "/unframed")
    try:
        with Wire(FAULTY, 80) as wire:
            wire.send(get(path, "faulty"))
            if path == "/never" and random.random() < 0.8:
                time.sleep(random.random() * 0.2)  # patience ends at any moment
                wire.reset()
                return "left"
            if path == "/never":
                wire.finish()
                wire.socket.settimeout(3)
                try:
                    wire.socket.recv(1)
                except OSError:
                    pass  # 504 where a route says so; else whoever asked gives up
                return "left"
            status, _, body = wire.answer()
    except Broken:
        if path == "/unframed":
            raise
        return "broken off"
    if path != "/unframed" and status < 500:
        raise Wrong(f"{path}: {status} and a whole body of {len(body)} bytes")
    return f"{status}"


def judged(random):
    """What one policy denies and the others do not; a limit that one has."""
    if random.random() < 0.5:
        with Wire(*web(random)) as wire:
            wire.send(get("/denied"))
            status = wire.answer()[0]
        wire.expect(status, (200, 403), "/denied")
    else:
        with Wire(API, 80) as wire:
            wire.send(get("/headers", "api", "x-limited: yes"))
            status = wire.answer()[0]
        wire.expect(status, (200, 429), "/headers")
    return f"{status}"


def silent(random):
    """Connects and says nothing."""
    with Wire(*pick(random, web(random), (SERVER, WORDS_PORT))) as wire:
        time.sleep(random.random() * 2)
        if random.random() < 0.5:
            wire.reset()
    return "left"


ALL = {
    function.__name__: function
    for function in (
        polite, pipelined, echoed, digested, slow_reader, reset_amid, half_closing, junk, dribbling, websocket, words, greeted,
        refused, faulty, judged, silent,
    )
}
