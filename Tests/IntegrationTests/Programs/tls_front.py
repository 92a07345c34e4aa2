"""Takes TLS, and passes what is in it on to another server: programs' own TLS within that of a proxy.

Usage: tls_front.py ADDRESS:PORT TO:PORT CHAIN KEY [CLIENTS]     With CLIENTS, a certificate of theirs must be shown.
It says of each connection the name that was asked for, and whose certificate was shown.
"""

import socket
import ssl
import sys
import threading


def place(text):
    ip, port = text.rsplit(":", 1)
    return ip, int(port)


def relay(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(raw, context, target):
    asked = []
    context.sni_callback = lambda stream, name, _: asked.append(name)
    try:
        stream = context.wrap_socket(raw, server_side=True)
    except (ssl.SSLError, ConnectionError) as error:
        return print("refused", getattr(error, "reason", error), flush=True)
    shown = stream.getpeercert() or {}
    names = [value for part in shown.get("subject", ()) for key, value in part if key == "commonName"]
    print("asked", asked[0] if asked else None, "by", names[0] if names else None, flush=True)
    inner = socket.create_connection(target)
    back = threading.Thread(target=relay, args=(inner, stream), daemon=True)
    back.start()
    relay(stream, inner)
    back.join()


def main():
    address, to, chain, key, *clients = sys.argv[1:]
    listener = socket.create_server(place(address), backlog=16)
    print("listening", flush=True)
    while True:
        raw, _ = listener.accept()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        if clients:
            context.load_verify_locations(clients[0])
            context.verify_mode = ssl.CERT_REQUIRED
        threading.Thread(target=serve, args=(raw, context, place(to)), daemon=True).start()


main()
