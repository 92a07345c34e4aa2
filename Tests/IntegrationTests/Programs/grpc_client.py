"""What a program on grpcio does, against grpc_server.py: grpc_client.py ADDRESS:PORT all|cancel|linger|code METHOD."""

import sys
import threading

import grpc

channel = grpc.insecure_channel(sys.argv[1], [("grpc.enable_http_proxy", 0)])


def unary(name):
    return channel.unary_unary(f"/test.Echo/{name}")


def everything():
    answer, call = unary("Unary").with_call(b"hello", metadata=(("x-asked", "yes"),), timeout=20)
    assert answer == b"hello", answer
    assert dict(call.initial_metadata())["x-first"] == "1"
    last = dict(call.trailing_metadata())
    assert last["x-last"] == "yes" and last["x-raw-bin"] == b"\0\1\xff", last

    # As large in both directions as a whole window, and larger.
    for size in (0, 1, 65_535, 65_536, 3_000_000):
        assert unary("Unary")(b"u" * size, timeout=20) == b"u" * size

    answer = channel.stream_unary("/test.Echo/Count")((b"c" * 10_000 for _ in range(300)), timeout=20)
    assert answer == b"3000000", answer

    sizes = [len(part) for part in channel.unary_stream("/test.Echo/Many")(b"500 4000", timeout=20)]
    assert sizes == [4000] * 500, len(sizes)

    # One is sent when the one before has come back: neither direction waits for the other to end.
    turns = threading.Semaphore(1)

    def one_by_one():
        for index in range(200):
            turns.acquire()
            yield str(index).encode()

    seen = 0
    for part in channel.stream_stream("/test.Echo/Echo")(one_by_one(), timeout=20):
        assert part == str(seen).encode()
        seen += 1
        turns.release()
    assert seen == 200, seen

    # Both directions are full at once.
    parts = channel.stream_stream("/test.Echo/Echo")((b"e" * 60_000 for _ in range(200)), timeout=30)
    assert sum(len(part) for part in parts) == 12_000_000

    try:
        unary("Fail")(b"", timeout=20)
        raise AssertionError("no failure")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
        assert error.details() == "as wanted, é", error
        assert dict(error.trailing_metadata())["x-why"] == "asked for"

    def without_end():
        while True:
            yield b"x" * 1000

    try:
        list(channel.stream_stream("/test.Echo/Early")(without_end(), timeout=20))
        raise AssertionError("no failure")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error

    # More than may be streams of one connection at once.
    calls = [unary("Unary").future(str(index).encode(), timeout=30) for index in range(400)]
    assert [call.result() for call in calls] == [str(index).encode() for index in range(400)]


def cancel():
    call = unary("Hang").future(b"", timeout=60)
    sys.stdin.readline()  # until the server has begun
    call.cancel()
    try:
        call.result()
    except grpc.FutureCancelledError:
        pass


def linger():
    """A stream that is open while the proxy begins to end."""
    turns = threading.Semaphore(0)

    def slowly():
        for index in range(20):
            yield str(index).encode()
            turns.acquire()

    for number, part in enumerate(channel.stream_stream("/test.Echo/Echo")(slowly(), timeout=30)):
        assert part == str(number).encode()
        if number == 0:
            print("open", flush=True)
            sys.stdin.readline()  # until the proxy has been told to end
        turns.release()
    assert number == 19, number


def code():
    """Says what one call comes to."""
    try:
        print("answer", unary(sys.argv[3])(b"asked", timeout=30).decode())
    except grpc.RpcError as error:
        print(error.code().name, error.details())


{"all": everything, "cancel": cancel, "linger": linger, "code": code}[sys.argv[2]]()
print("all right")
