"""A server of HTTP/2 in TLS that says its settings and half of a further record: half_record_server.py ADDRESS PORT CHAIN KEY."""

import socket
import ssl
import sys

SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
PING = bytes([0, 0, 8, 6, 0, 0, 0, 0, 0]) + b"12345678"

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[3:5])
context.set_alpn_protocols(["h2"])
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))


def serve(connection):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            connection.sendall(outgoing.read())
            incoming.write(connection.recv(65536))
    tls.write(SETTINGS)
    connection.sendall(outgoing.read())
    tls.write(PING)
    connection.sendall(outgoing.read()[:12])
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    print("left", flush=True)


while True:
    serve(listener.accept()[0])
