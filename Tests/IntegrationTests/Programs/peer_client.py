"""A client at an agent's port for other hosts that is not ours: Python's TLS and PyPI's grpcio.

Usage: peer_client.py ADDRESS:PORT call [CHAIN KEY] | bytes HEX [stay] | hello half|left | silent COUNT   Says one JSON value.
"""

import json
import select
import socket
import ssl
import sys
import threading
import time

LIMIT_S = 30


def say(value):
    print(json.dumps(value), flush=True)


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=LIMIT_S)


def context(files):
    """TLS that believes whom it meets: what is tried is whether the agent believes it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_alpn_protocols(["h2"])
    if files:
        made.load_cert_chain(*files)
    return made


def relay(plain, secure, alerts):
    """Carries bytes between gRPC, which cannot be told to expect a name that is no DNS name, and TLS."""
    try:
        while True:
            ready = [secure] if secure.pending() else select.select([plain, secure], [], [])[0]
            for one, other in ((plain, secure), (secure, plain)):
                if one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    other.sendall(data)
    except OSError as error:
        alerts.append(str(error))
    finally:
        plain.close()
        secure.close()


def call(address, *files):
    """One call of Trust, which every host of the mesh may make; says its status and what TLS was told."""
    import grpc

    alerts = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        plain, _ = listener.accept()
        try:
            relay(plain, context(files).wrap_socket(connect(address)), alerts)
        except OSError as error:
            alerts.append(str(error))
            plain.close()
        finally:
            listener.close()

    threading.Thread(target=serve, daemon=True).start()
    channel = grpc.insecure_channel(f"127.0.0.1:{listener.getsockname()[1]}")
    trust = channel.unary_unary("/weft.peer.v1.Peers/Trust", lambda value: value, lambda value: value)
    try:
        trust(b"", timeout=LIMIT_S)
        say({"code": "OK", "details": "", "tls": alerts})
    except grpc.RpcError as error:
        say({"code": error.code().name, "details": error.details(), "tls": alerts})


def until_closed(stream):
    """Seconds until the agent closes it."""
    began = time.monotonic()
    stream.settimeout(LIMIT_S)
    try:
        while stream.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - began


def send(address, data, leaves=False):
    with connect(address) as stream:
        stream.sendall(data)
        say({"closed_s": 0 if leaves else until_closed(stream)})


def hello():
    """The first flight of a handshake."""
    sent = ssl.MemoryBIO()
    try:
        context(()).wrap_bio(ssl.MemoryBIO(), sent).do_handshake()
    except ssl.SSLWantReadError:
        return sent.read()


def silent(address, count):
    """That many connections at once that say nothing; says how many were closed within a second, and how long the others lasted."""
    streams = [connect(address) for _ in range(int(count))]
    began = time.monotonic()
    ends = {}
    while len(ends) < len(streams) and time.monotonic() - began < LIMIT_S:
        for one in select.select([one for one in streams if one not in ends], [], [], 1)[0]:
            ends[one] = until_closed(one) + time.monotonic() - began
    say({"at_once": sum(end < 1 for end in ends.values()), "later": sum(end >= 1 for end in ends.values())})


if __name__ == "__main__":
    where, command, *rest = sys.argv[1:]
    if command == "call":
        call(where, *rest)
    elif command == "bytes":
        send(where, bytes.fromhex(rest[0]))
    elif command == "hello":
        first = hello()
        send(where, first[: len(first) // 2] if rest[0] == "half" else first, leaves=rest[0] == "left")
    else:
        silent(where, *rest)
