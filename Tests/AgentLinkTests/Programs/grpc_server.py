"""A gRPC server that is not ours: grpc_server.py SOCKET. It says `ready` when it listens, and ends with its input.

Messages are plain bytes; what each method does stands beside it.
"""

import sys
import threading
from concurrent import futures

import grpc


def echo(request, context):
    return request


def fail(request, context):
    """Ends with the code that the first byte says and the rest as its message, before any answer (trailers only)."""
    code = next(c for c in grpc.StatusCode if c.value[0] == request[0])
    context.abort(code, request[1:].decode())


def fail_late(request, context):
    """One message, then the end that `fail` makes."""
    yield b"first"
    fail(request, context)


def count(request, context):
    """As many messages as the request says, each its own number."""
    for number in range(int(request)):
        yield str(number).encode()


def chat(requests, context):
    """Each message back as it comes."""
    yield from requests


def huge(request, context):
    """A message of as many bytes as the request says."""
    return bytes(int(request))


def stall(request, context):
    """Three messages, then silence until the client gives up or the server is killed."""
    for number in range(3):
        yield str(number).encode()
    ended = threading.Event()
    context.add_callback(ended.set)
    ended.wait()


def hang(request, context):
    """No answer at all."""
    ended = threading.Event()
    context.add_callback(ended.set)
    ended.wait()
    return b""


def told(request, context):
    """What the client said beside its message: deadline in seconds, and the field that the Workload API asks for."""
    fields = dict(context.invocation_metadata())
    left = context.time_remaining()
    # Without a deadline it is none, or hundreds of years.
    seconds = "none" if left is None or left > 1e6 else str(round(left))
    return f"{seconds} {fields.get('workload.spiffe.io', 'absent')}".encode()


def silent(request, context):
    """Ends well without any message."""
    return iter(())


def junk(request, context):
    """What no protobuf message begins with: a field of the wire type 7."""
    return b"\x0f\xff"


METHODS = {
    "Echo": grpc.unary_unary_rpc_method_handler(echo),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "FailLate": grpc.unary_stream_rpc_method_handler(fail_late),
    "Count": grpc.unary_stream_rpc_method_handler(count),
    "Chat": grpc.stream_stream_rpc_method_handler(chat),
    "Huge": grpc.unary_unary_rpc_method_handler(huge),
    "Stall": grpc.unary_stream_rpc_method_handler(stall),
    "Hang": grpc.unary_unary_rpc_method_handler(hang),
    "Silent": grpc.unary_stream_rpc_method_handler(silent),
    "Junk": grpc.unary_unary_rpc_method_handler(junk),
    "Told": grpc.unary_unary_rpc_method_handler(told),
}


def main():
    options = [("grpc.max_send_message_length", 64 << 20), ("grpc.max_receive_message_length", 64 << 20)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=options)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("weft.test.Peer", METHODS),))
    server.add_insecure_port(f"unix:{sys.argv[1]}")
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    server.stop(0).wait()


if __name__ == "__main__":
    main()
