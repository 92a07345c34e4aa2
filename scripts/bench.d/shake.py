"""A client of whole TLS 1.3 handshakes, one after the other, each with a certificate and none taken up from an earlier one.

Usage: `shake.py ADDRESS PORT SECONDS CHAIN KEY` with PEM files, or `shake.py ADDRESS PORT SECONDS --agent SOCKET` for the
identity that an agent gives this process (SPIFFE's Workload API). Prints how many there were.
"""

import os
import socket
import ssl
import sys
import tempfile
import time


def fields(message):
    """The fields of a Protocol Buffers message that are bytes, as (number, bytes)."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            varint()
            continue
        size = varint()
        yield tag >> 3, message[at:at + size]
        at += size


def certificates(chain):
    """The parts of concatenated DER (X.690 section 8.1: each says its length)."""
    at = 0
    while at < len(chain):
        first = chain[at + 1]
        octets = first & 0x7F if first & 0x80 else 0
        size = int.from_bytes(chain[at + 2:at + 2 + octets], "big") if octets else first
        end = at + 2 + octets + size
        yield chain[at:end]
        at = end


def fetched(agent, directory):
    import base64

    import grpc

    channel = grpc.insecure_channel(f"unix:{agent}", options=[("grpc.default_authority", "localhost")])
    call = channel.unary_stream("/SpiffeWorkloadAPI/FetchX509SVID")(
        b"", metadata=[("workload.spiffe.io", "true")], timeout=30)
    identity = dict(fields(next(value for number, value in fields(next(call)) if number == 1)))
    call.cancel()
    key = base64.encodebytes(identity[3]).decode()  # x509_svid_key, PKCS #8
    paths = os.path.join(directory, "chain.pem"), os.path.join(directory, "key.pem")
    with open(paths[0], "w") as file:
        file.write("".join(map(ssl.DER_cert_to_PEM_cert, certificates(identity[2]))))  # x509_svid
    with open(paths[1], "w") as file:
        file.write(f"-----BEGIN PRIVATE KEY-----\n{key}-----END PRIVATE KEY-----\n")
    return paths


address, port, seconds, *given = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.minimum_version = ssl.TLSVersion.TLSv1_3
# Whom it speaks to is not what is measured.
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.set_alpn_protocols(["h2"])
with tempfile.TemporaryDirectory() as directory:
    context.load_cert_chain(*(fetched(given[1], directory) if given[0] == "--agent" else given))
count, end = 0, time.monotonic() + float(seconds)
while time.monotonic() < end:
    with socket.create_connection((address, int(port)), 10) as raw, context.wrap_socket(raw) as stream:
        assert stream.selected_alpn_protocol() == "h2" and not stream.session_reused
        # The server's half is done when it closes.
        raw_half = socket.socket(fileno=os.dup(stream.fileno()))
        raw_half.shutdown(socket.SHUT_WR)
        raw_half.close()
        try:
            while stream.recv(4096):
                pass
        except OSError:  # an end without close_notify, of which some say nothing and others an alert
            pass
    count += 1
print(count)
