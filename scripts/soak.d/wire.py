"""A client's connection, byte by byte: what HTTP libraries do not let one do."""

import collections
import itertools
import os
import re
import socket
import struct

PATIENCE_S = 40  # above every time-out of proxy and servers: whoever has not answered by then hangs
# In each request's target, by which the proxies' records of it are found: a port is not the client's own any more where NAT
# had to change it. What stands behind it in a target is no digit.
MARK = re.compile(rb"soak=(\d+-\d+)")
_numbers = itertools.count()


def marked(path):
    return f"{path}{'&' if '?' in path else '?'}soak={os.getpid()}-{next(_numbers)}"


class Wrong(Exception):
    """What was seen and should not be: one line."""


class Broken(Exception):
    """The connection ended, in order or not, before an answer was whole: right or wrong is for the caller to say."""


class Wire:
    def __init__(self, address, port, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        self.held = b""
        self.port = 0
        self.sent = 0
        self.unsent = ""  # why not more
        self.answered = ""  # the last answer's status, and the proxy's reason where it is the proxy's own
        self.marks = collections.deque()  # of the request under way, and of those behind it
        self.is_answered = False  # that request is, and whatever comes is about the next
        try:
            self.socket.connect((address, port))
            self.port = self.socket.getsockname()[1]
        except TimeoutError:
            raise Wrong(f"no handshake with {address}:{port} within {PATIENCE_S} s") from None
        except OSError as error:
            raise Broken(f"connect: {error}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def told(self, what):
        """With what tells of a cause: how far it came, and by what the proxies' records of it are found."""
        parts = [f"{what}, from port {self.port}"]
        parts += [f"soak={mark}" for mark in list(self.marks)[:1]]
        parts += [f"{self.sent} bytes sent"] + ([self.unsent] if self.unsent else [])
        parts += [f"last answered {self.answered}"] if self.answered else []
        return ", ".join(parts)

    def broken(self, what):
        return Broken(self.told(what))

    def wrong(self, what):
        return Wrong(self.told(what))

    def turn(self):
        """What follows is about the next request."""
        if self.is_answered and self.marks:
            self.marks.popleft()
        self.is_answered = False

    def send(self, data):
        self.turn()
        self.marks += [mark.decode() for mark in MARK.findall(data)]
        left = memoryview(data)
        try:
            while left:
                count = self.socket.send(left)
                self.sent += count
                left = left[count:]
        except TimeoutError:
            self.unsent = f"{len(left)} of {len(data)} bytes were not taken within {PATIENCE_S} s"
            raise self.wrong("a hang") from None
        except OSError as error:
            self.unsent = f"{len(left)} of {len(data)} bytes were not taken: {error}"
            raise self.broken(f"send: {error}") from None

    def some(self, most=65536):
        """What has come, at most so much; empty at the end."""
        if self.held:
            part, self.held = self.held[:most], self.held[most:]
            return part
        try:
            return self.socket.recv(most)
        except TimeoutError:
            raise self.wrong(f"silence for {PATIENCE_S} s") from None
        except OSError as error:
            raise self.broken(f"receive: {error}") from None

    def exactly(self, count):
        whole = bytearray()
        while len(whole) < count:
            part = self.some(min(count - len(whole), 1 << 20))
            if not part:
                raise self.broken(f"the end after {len(whole)} of {count} bytes")
            whole += part
        return bytes(whole)

    def line(self):
        return self.until(b"\r\n")[:-2]

    def until(self, mark):
        text = b""
        while mark not in text:
            part = self.some()
            if not part:
                raise self.broken(f"the end after {len(text)} bytes" if text else "the end instead of an answer")
            text += part
        end = text.index(mark) + len(mark)
        self.held = text[end:] + self.held
        return text[:end]

    def head(self):
        """(status, fields) of the next answer that is no interim one."""
        self.turn()
        while True:
            lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            parts = lines[0].split(" ")
            if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
                raise self.wrong(f"no status line: {lines[0][:80]!r}")
            status = int(parts[1])
            if status >= 200 or status == 101:
                fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
                self.answered = " ".join([str(status), fields.get("x-weft-reason", "")]).strip()
                return status, fields

    def pieces(self, fields):
        """The body's pieces, by its framing (RFC 9112, 6.3)."""
        if fields.get("transfer-encoding") == "chunked":
            while size := int(self.line().split(b";")[0], 16):
                yield self.exactly(size)
                self.exactly(2)
            while self.line():
                pass
        elif "content-length" in fields:
            left = int(fields["content-length"])
            while left:
                part = self.some(min(left, 65536))
                if not part:
                    raise self.broken(f"the end {left} bytes before the body's")
                left -= len(part)
                yield part
        else:
            while part := self.some():
                yield part

    def answer(self):
        """(status, fields, body) of the next answer."""
        status, fields = self.head()
        body = b"".join(self.pieces(fields))
        self.is_answered = True
        return status, fields, body

    def expect(self, status, wanted, what):
        if status == 503:
            raise self.broken(f"{what}: 503")  # right where a proxy beside the servers has just ended, and only there
        if status not in wanted:
            raise self.wrong(f"{what}: {status}")

    def finish(self):
        """A FIN: nothing more will be sent, and everything is still read."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self.broken(f"shutdown: {error}") from None

    def abort(self):
        """Ends both halves, so that another thread which still sends or reads fails at once."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is gone already

    def reset(self):
        """An RST instead of a FIN: SO_LINGER of no time (socket(7))."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def get(path, host="web", *fields):
    return "".join(f"{line}\r\n" for line in (f"GET {marked(path)} HTTP/1.1", f"Host: {host}", *fields, "")).encode()


def post(path, length, host="api", *fields):
    """`length` None: chunked."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return "".join(f"{line}\r\n" for line in (f"POST {marked(path)} HTTP/1.1", f"Host: {host}", framing, *fields, "")).encode()


def chunk(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
