"""A proxy that refuses whatever its agent pushes, by PyPI's grpcio and bytes of its own.

Usage: refusing_proxy.py SOCKET SERVICE...   Subscribes to these services and says a JSON line for each response: how many resources
it refused. It does so until its input ends.
"""

import json
import queue
import sys
import threading

import grpc

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
TYPE = "type.googleapis.com/weft.mesh.v1.Service"


def varint(value):
    data = b""
    while value >= 128:
        data, value = data + bytes([value & 127 | 128]), value >> 7
    return data + bytes([value])


def text(number, value):
    """A field of bytes (protobuf's wire type 2)."""
    data = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(message):
    """Fields of bytes of a message: number and value; responses have no others that matter."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = number()
        if key & 7 == 2:
            size = number()
            yield key >> 3, message[at : at + size]
            at += size
        else:
            number()


def main(path, services):
    requests = queue.Queue()
    # DeltaDiscoveryRequest: node 1, type_url 2, resource_names_subscribe 3, response_nonce 6, error_detail 7.
    requests.put(text(1, text(1, "refusing")) + text(2, TYPE) + b"".join(text(3, one) for one in services))
    threading.Thread(target=lambda: (sys.stdin.read(), requests.put(None)), daemon=True).start()
    channel = grpc.insecure_channel("unix:" + path)
    call = channel.stream_stream(METHOD, lambda value: value, lambda value: value)(iter(requests.get, None))
    try:
        for response in call:
            parts = list(fields(response))
            nonce = next(value for number, value in parts if number == 5)
            # google.rpc.Status: code 1 (INVALID_ARGUMENT), message 2.
            requests.put(text(2, TYPE) + text(6, nonce) + text(7, b"\x08\x03" + text(2, "nothing pleases me")))
            print(json.dumps({"resources": sum(number in (2, 6) for number, _ in parts)}), flush=True)
    except grpc.RpcError as error:
        print(json.dumps({"error": error.code().name}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
