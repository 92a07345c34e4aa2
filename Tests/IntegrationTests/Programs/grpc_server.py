"""A gRPC server on grpcio, which speaks HTTP/2, without TLS or with it: grpc_server.py ADDRESS PORT [CHAIN KEY]."""

import itertools
import sys
import threading
from concurrent import futures

import grpc


def unary(request, context):
    fields = dict(context.invocation_metadata())
    context.send_initial_metadata((("x-first", "1"),))
    context.set_trailing_metadata((("x-last", fields.get("x-asked", "none")), ("x-raw-bin", b"\0\1\xff")))
    return request


def count(requests, context):
    return str(sum(len(request) for request in requests)).encode()


def many(request, context):
    number, size = map(int, request.split())
    for index in range(number):
        yield bytes([index % 256]) * size


def echo(requests, context):
    yield from requests


def fail(request, context):
    context.set_trailing_metadata((("x-why", "asked for"),))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "as wanted, é")


def early(requests, context):
    next(requests)
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "one was enough")


def hang(request, context):
    ended = threading.Event()
    context.add_callback(ended.set)
    print("left", context.time_remaining(), flush=True)
    print("begun", flush=True)
    ended.wait(60)
    print("cancelled" if not context.is_active() else "still here", flush=True)
    return b""


flaky_calls = itertools.count(1)


def flaky(request, context):
    number = next(flaky_calls)
    print("flaky", number, flush=True)
    if number < 3:
        context.abort(grpc.StatusCode.UNAVAILABLE, f"not before the third, this is {number}")
    return request


HANDLERS = {
    "Unary": grpc.unary_unary_rpc_method_handler(unary),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "Flaky": grpc.unary_unary_rpc_method_handler(flaky),
    "Hang": grpc.unary_unary_rpc_method_handler(hang),
    "Count": grpc.stream_unary_rpc_method_handler(count),
    "Many": grpc.unary_stream_rpc_method_handler(many),
    "Echo": grpc.stream_stream_rpc_method_handler(echo),
    "Early": grpc.stream_stream_rpc_method_handler(early),
}

server = grpc.server(futures.ThreadPoolExecutor(32))
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Echo", HANDLERS)])
address = f"{sys.argv[1]}:{sys.argv[2]}"
if len(sys.argv) > 3:
    chain, key = (open(path, "rb").read() for path in sys.argv[3:5])
    assert server.add_secure_port(address, grpc.ssl_server_credentials([(key, chain)]))
else:
    assert server.add_insecure_port(address)
server.start()
server.wait_for_termination()
