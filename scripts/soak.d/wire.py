"""A client's connection, byte by byte: what HTTP libraries do not let one do."""

import socket
import struct

PATIENCE_S = 40  # above every time-out of proxy and servers: whoever has not answered by then hangs


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

    def broken(self, what):
        """With the port, by which the proxies' records of it are found."""
        return Broken(f"{what}, from port {self.port}")

    def send(self, data):
        try:
            self.socket.sendall(data)
        except TimeoutError:
            raise Wrong(f"{len(data)} bytes were not taken within {PATIENCE_S} s") from None
        except OSError as error:
            raise self.broken(f"send: {error}") from None

    def some(self, most=65536):
        """What has come, at most so much; empty at the end."""
        if self.held:
            part, self.held = self.held[:most], self.held[most:]
            return part
        try:
            return self.socket.recv(most)
        except TimeoutError:
            raise Wrong(f"silence for {PATIENCE_S} s") from None
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
        while True:
            lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            parts = lines[0].split(" ")
            if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
                raise Wrong(f"no status line: {lines[0][:80]!r}")
            status = int(parts[1])
            if status >= 200 or status == 101:
                fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
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
        return status, fields, b"".join(self.pieces(fields))

    def finish(self):
        """A FIN: nothing more will be sent, and everything is still read."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self.broken(f"shutdown: {error}") from None

    def reset(self):
        """An RST instead of a FIN: SO_LINGER of no time (socket(7))."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def get(path, host="web", *fields):
    return "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", f"Host: {host}", *fields, "")).encode()


def post(path, length, host="api", *fields):
    """`length` None: chunked."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return "".join(f"{line}\r\n" for line in (f"POST {path} HTTP/1.1", f"Host: {host}", framing, *fields, "")).encode()


def chunk(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
