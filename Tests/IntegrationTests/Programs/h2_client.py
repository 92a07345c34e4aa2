"""What a program on h2 does, against h2_server.py: h2_client.py ADDRESS PORT AUTHORITY."""

import socket
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events


class Client:
    def __init__(self, address, port, authority):
        self.authority = authority
        self.socket = socket.create_connection((address, int(port)), timeout=20)
        self.conn = h2.connection.H2Connection(
            # CONNECT has no path, which h2 does not know.
            h2.config.H2Configuration(header_encoding="utf-8", validate_outbound_headers=False)
        )
        self.conn.initiate_connection()
        self.flush()
        self.answers = {}

    def flush(self):
        self.socket.sendall(self.conn.data_to_send())

    def begin(self, method, path, fields=(), end=True):
        stream = self.conn.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "http"), (":path", path), (":authority", self.authority)]
        if method == "CONNECT":
            pseudo = [(":method", method), (":authority", "192.0.2.1:80")]
        self.conn.send_headers(stream, pseudo + list(fields), end_stream=end)
        self.answers[stream] = {"head": None, "hints": [], "body": b"", "trailers": None, "end": False, "reset": None}
        self.flush()
        return stream

    def turn(self):
        data = self.socket.recv(65536)
        assert data, "the connection ended"
        for event in self.conn.receive_data(data):
            answer = self.answers.get(getattr(event, "stream_id", 0))
            if isinstance(event, h2.events.InformationalResponseReceived):
                answer["hints"].append(dict(event.headers))
            elif isinstance(event, h2.events.ResponseReceived):
                answer["head"] = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                answer["body"] += event.data
                self.conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.TrailersReceived):
                answer["trailers"] = dict(event.headers)
            elif isinstance(event, h2.events.StreamEnded):
                answer["end"] = True
            elif isinstance(event, h2.events.StreamReset):
                answer["reset"] = int(event.error_code)
        self.flush()

    def finish(self, stream):
        answer = self.answers[stream]
        while not answer["end"] and answer["reset"] is None:
            self.turn()
        return answer

    def ask(self, method, path, body=None, fields=(), trailers=None):
        stream = self.begin(method, path, fields, end=body is None)
        if body is not None:
            self.send(stream, body, trailers)
        return self.finish(stream)

    def send(self, stream, body, trailers=None):
        while body:
            room = min(self.conn.local_flow_control_window(stream), self.conn.max_outbound_frame_size, len(body))
            if room == 0:
                self.turn()
                continue
            self.conn.send_data(stream, body[:room])
            self.flush()
            body = body[room:]
        if trailers:
            self.conn.send_headers(stream, trailers, end_stream=True)
        else:
            self.conn.end_stream(stream)
        self.flush()


client = Client(*sys.argv[1:4])

# A length and trailers beside it, both ways, of all sizes; and nothing where nothing was said.
for size in (0, 1, 16_384, 65_536, 1_000_000):
    body = bytes(index % 251 for index in range(size))
    answer = client.ask("POST", "/echo", body, trailers=[("x-asked", "yes")])
    assert answer["head"][":status"] == "200" and answer["head"]["content-length"] == str(size), answer["head"]
    assert answer["body"] == body and answer["trailers"] == {"x-sum": str(sum(body) % 256), "x-asked": "yes"}
answer = client.ask("GET", "/only")
assert answer["head"] == {":status": "200", "x-own": "1"} and answer["end"], answer
answer = client.ask("HEAD", "/head")
assert answer["head"]["content-length"] == "12345" and answer["body"] == b"" and answer["end"], answer
answer = client.ask("GET", "/hints")
assert [hint[":status"] for hint in answer["hints"]] == ["103"] and answer["body"] == b"hello", answer

# Fields arrive as they were sent, with what the mesh adds.
made_up = [("cookie", "a=1"), ("cookie", "b=2"), ("x-weft-destination", "1"), ("x-weft-protocol", "h9"), ("te", "trailers")]
fields = dict(line.split(": ", 1) for line in client.ask("GET", "/fields?a=b", fields=made_up)["body"].decode().split("\n"))
assert fields[":path"] == "/fields?a=b" and fields[":authority"] == client.authority and fields["te"] == "trailers", fields
assert fields["cookie"] == "a=1; b=2" and not any(name.startswith("x-weft-") and name != "x-weft-hops" for name in fields), fields

# Resets keep their code, before the head and behind it; an answer before the request is whole is an answer.
for code in (1, 2, 8, 11, 13):
    assert client.ask("GET", f"/reset/{code}")["reset"] == code, code
    answer = client.ask("GET", f"/cut/{code}")
    assert answer["head"][":status"] == "200" and answer["reset"] == code and not answer["end"], answer
stream = client.begin("POST", "/early", end=False)
answer = client.finish(stream)
assert answer["head"][":status"] == "413", answer

# What a server has not looked at is asked again, whatever it is.
assert client.ask("POST", "/refuse/1", b"again")["body"] == b"again"
assert client.ask("POST", "/goodbye/1", b"moved")["body"] == b"moved"

# A connection is nothing to ask for in a stream.
answer = client.ask("CONNECT", "")
assert answer["head"][":status"] == "400", answer

# All at once, more than the server takes on one connection: each gets its own.
streams = [client.begin("GET", f"/fields?{index}") for index in range(90)]
for index, stream in enumerate(streams):
    answer = client.finish(stream)
    assert f":path: /fields?{index}\n".encode() in answer["body"], answer

# What is given up is given up at the other end.
stream = client.begin("GET", "/hang")
sys.stdin.readline()  # until the server has begun
client.conn.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
client.flush()
assert client.ask("GET", "/only")["end"]
print("all right")
