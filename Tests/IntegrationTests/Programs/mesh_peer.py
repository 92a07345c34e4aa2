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
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
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
    """A connection whose first request got half of its answer; None where it is over before."""
    stream, frames = served(raw, directory)
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


def serve_half(raw, directory, number):
    """Half of an answer, then the connection's end."""
    stream = half_answered(raw, directory)
    if stream:
        stream.close()


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
