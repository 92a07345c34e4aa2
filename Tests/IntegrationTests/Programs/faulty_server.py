"""A server that does what servers should not, one path for each fault: faulty_server.py ADDRESS PORT."""

import socket
import struct
import sys
import threading

ANSWERS = {
    # Fewer bytes than announced, and closed.
    "/short": b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this",
    # Closed within a chunked body.
    "/cut": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    # A body that ends where the connection does.
    "/unframed": b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nto the end\n",
}


def serve(connection):
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        path = head.split(b" ")[1].split(b"?")[0].decode()
        if path == "/never":
            connection.recv(1)
        elif path == "/reset":
            connection.sendall(ANSWERS["/short"])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.sendall(ANSWERS[path])


listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
