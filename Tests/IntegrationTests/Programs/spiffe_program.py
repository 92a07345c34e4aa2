"""A program that has an identity of the SPIFFE Workload API, by PyPI's spiffe, which knows nothing of Weft.

Usage: spiffe_program.py SOCKET fetch|stream|token|judge|raw|flood|serve|dial ARGUMENT...   Each line it says is one JSON value.
"""

import json
import socket
import ssl
import sys
import tempfile

import grpc
from cryptography.hazmat.primitives import serialization
from spiffe import JwtSvid, TrustDomain, WorkloadApiClient
from spiffe._proto import workload_pb2, workload_pb2_grpc


def say(value):
    print(json.dumps(value), flush=True)


def pem(certificates):
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def as_json(context):
    svid = context.default_svid
    bundle = context.x509_bundle_set.get_bundle_for_trust_domain(svid.spiffe_id.trust_domain)
    key = svid.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "id": str(svid.spiffe_id),
        "ids": [str(one.spiffe_id) for one in context.x509_svids],
        "leaf": pem(svid.cert_chain[:1]),
        "intermediates": pem(svid.cert_chain[1:]),
        "key": key.decode(),
        "bundle": pem(sorted(bundle.x509_authorities, key=lambda one: one.serial_number)),
        "roots": len(bundle.x509_authorities),
    }


def fetch(path):
    """What it is given once."""
    with WorkloadApiClient(path) as client:
        say(as_json(client.fetch_x509_context(timeout=20)))
        domains = [str(one.trust_domain) for one in client.fetch_x509_bundles(timeout=20).bundles]
        say({"domains": domains})


def stream(path):
    """What it is given, until its input ends."""
    client = WorkloadApiClient(path)
    handler = client.stream_x509_contexts(
        lambda context: say(as_json(context)), lambda error: say({"error": str(error)}), retry_connect=False
    )
    sys.stdin.read()
    handler.cancel()


def token(path, *audiences):
    """The token that it is given for these audiences."""
    with WorkloadApiClient(path) as client:
        svid = client.fetch_jwt_svid(audience=set(audiences), timeout=20)
    say({"id": str(svid.spiffe_id), "token": svid.token, "audience": sorted(svid.audience)})


def judge(path, token, audience):
    """What the agent says of a token, and what this program does by the keys that the agent gives it."""

    def whose(read):
        try:
            return str(read().spiffe_id)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    with WorkloadApiClient(path) as client:
        bundle = client.fetch_jwt_bundles(timeout=20).get_bundle_for_trust_domain(TrustDomain("weft.local"))
        agent = whose(lambda: client.validate_jwt_svid(token, audience, timeout=20))
    program = whose(lambda: JwtSvid.parse_and_validate(token, bundle, {audience}))
    say({"agent": agent, "program": program, "keys": sorted(bundle.jwt_authorities)})


def raw(path, method, *fields):
    """One call by gRPC alone, with header fields of its own; says the status."""
    stub = workload_pb2_grpc.SpiffeWorkloadAPIStub(grpc.insecure_channel(path))
    calls = {
        "svid": lambda m: next(iter(stub.FetchX509SVID(workload_pb2.X509SVIDRequest(), metadata=m, timeout=20))),
        "bundles": lambda m: next(iter(stub.FetchX509Bundles(workload_pb2.X509BundlesRequest(), metadata=m, timeout=20))),
        "jwt": lambda m: stub.FetchJWTSVID(workload_pb2.JWTSVIDRequest(audience=["a"]), metadata=m, timeout=20),
        "keys": lambda m: next(iter(stub.FetchJWTBundles(workload_pb2.JWTBundlesRequest(), metadata=m, timeout=20))),
        "validate": lambda m: stub.ValidateJWTSVID(
            workload_pb2.ValidateJWTSVIDRequest(audience="a", svid="a.b.c"), metadata=m, timeout=20
        ),
    }
    try:
        calls[method]([tuple(field.split("=", 1)) for field in fields])
        say({"code": "OK", "details": ""})
    except grpc.RpcError as error:
        say({"code": error.code().name, "details": error.details()})


def flood(path, wanted):
    """Opens streams until one is refused; says how many it got and why no more."""
    calls = []
    for number in range(int(wanted)):
        # A hundred streams are all that a connection may have.
        if number % 100 == 0:
            channel = grpc.insecure_channel(path, options=[("grpc.use_local_subchannel_pool", 1)])
            stub = workload_pb2_grpc.SpiffeWorkloadAPIStub(channel)
        call = stub.FetchX509Bundles(workload_pb2.X509BundlesRequest(), metadata=[("workload.spiffe.io", "true")])
        try:
            next(iter(call))
        except grpc.RpcError as error:
            say({"open": len(calls), "code": error.code().name, "details": error.details()})
            return
        calls.append((channel, call))
    say({"open": len(calls), "code": "OK", "details": ""})


def tls(path, side):
    """TLS as this program's identity, for peers of its trust domain."""
    with WorkloadApiClient(path) as client:
        given = as_json(client.fetch_x509_context(timeout=20))
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=given["bundle"])
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(given["leaf"] + given["intermediates"] + given["key"])
        file.flush()
        context.load_cert_chain(file.name)
    return context


def peer_of(connection):
    return [value for kind, value in connection.getpeercert()["subjectAltName"] if kind == "URI"]


def serve(path, port):
    """Says who dials it, one after the other, and answers each."""
    context = tls(path, ssl.PROTOCOL_TLS_SERVER)
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        say({"ready": True})
        while True:
            plain, _ = listener.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.settimeout(20)
                    say({"peer": peer_of(connection), "read": connection.recv(100).decode()})
                    connection.sendall(b"well met")
            except OSError as error:
                say({"error": str(error)})


def dial(path, port):
    """Says whom it reached and what that answered."""
    context = tls(path, ssl.PROTOCOL_TLS_CLIENT)
    try:
        plain = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
        with context.wrap_socket(plain) as connection:
            connection.sendall(b"hello")
            say({"peer": peer_of(connection), "read": connection.recv(100).decode()})
    except OSError as error:
        say({"error": str(error)})


if __name__ == "__main__":
    commands = {
        "fetch": fetch,
        "stream": stream,
        "token": token,
        "judge": judge,
        "raw": raw,
        "flood": flood,
        "serve": serve,
        "dial": dial,
    }
    commands[sys.argv[2]]("unix:" + sys.argv[1], *sys.argv[3:])
