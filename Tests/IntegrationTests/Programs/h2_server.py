"""A server on h2 whose answers depend on the path, without TLS or with it: h2_server.py ADDRESS PORT [CHAIN KEY].

It takes 20 streams on a connection."""

import asyncio
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings

# What was asked before, whatever the connection.
asked = {}


class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.conn = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8", validate_inbound_headers=False)
        )
        self.requests = {}
        self.waiting = {}
        self.conn.initiate_connection()
        self.conn.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 20})
        # Before the client has said anything.
        self.flush()

    def flush(self):
        self.transport.write(self.conn.data_to_send())

    def data_received(self, data):
        for event in self.conn.receive_data(data):
            stream = getattr(event, "stream_id", 0)
            if isinstance(event, h2.events.RequestReceived):
                self.requests[stream] = [dict(event.headers), b"", []]
                self.begin(stream)
            elif isinstance(event, h2.events.DataReceived):
                self.conn.acknowledge_received_data(event.flow_controlled_length, stream)
                if stream in self.requests:
                    self.requests[stream][1] += event.data
            elif isinstance(event, h2.events.TrailersReceived):
                self.requests[stream][2] = event.headers
            elif isinstance(event, h2.events.StreamEnded) and stream in self.requests:
                self.end(stream)
            elif isinstance(event, h2.events.StreamReset):
                self.requests.pop(stream, None)
                print("reset", int(event.error_code), flush=True)
            elif isinstance(event, h2.events.WindowUpdated):
                for one in list(self.waiting):
                    self.pump(one)
        self.flush()

    def send(self, stream, body, trailers=None):
        self.waiting[stream] = (body, trailers)
        self.pump(stream)

    def pump(self, stream):
        body, trailers = self.waiting[stream]
        while body:
            room = min(self.conn.local_flow_control_window(stream), self.conn.max_outbound_frame_size, len(body))
            if room == 0:
                self.waiting[stream] = (body, trailers)
                return
            self.conn.send_data(stream, body[:room])
            body = body[room:]
        del self.waiting[stream]
        if trailers:
            self.conn.send_headers(stream, trailers, end_stream=True)
        else:
            self.conn.end_stream(stream)

    def begin(self, stream):
        """As soon as the head is here."""
        path = self.requests[stream][0][":path"]
        asked[path] = asked.get(path, 0) + 1
        what, _, argument = path[1:].partition("/")
        if what == "reset":
            self.conn.reset_stream(stream, int(argument))
        elif what == "cut":
            self.conn.send_headers(stream, [(":status", "200")])
            self.conn.send_data(stream, b"part")
            self.conn.reset_stream(stream, int(argument))
        elif what == "refuse" and asked[path] <= int(argument):
            self.conn.reset_stream(stream, 7)
        elif what == "goodbye" and asked[path] == 1:
            # What came last was not looked at.
            self.conn.close_connection(0, None, stream - 2 if stream > 1 else 0)
            self.flush()
            self.transport.close()
        elif what == "early":
            self.conn.send_headers(stream, [(":status", "413")], end_stream=True)
            self.conn.reset_stream(stream, 0)
        elif what == "hang":
            print("begun", flush=True)
        else:
            return
        if what != "hang":
            self.requests.pop(stream, None)

    def end(self, stream):
        """When the request is whole."""
        fields, body, trailers = self.requests[stream]
        what = fields[":path"][1:].partition("/")[0].partition("?")[0]
        if what == "hang":
            return
        del self.requests[stream]
        if what == "only":
            self.conn.send_headers(stream, [(":status", "200"), ("x-own", "1")], end_stream=True)
        elif what == "hints":
            self.conn.send_headers(stream, [(":status", "103"), ("link", "</a>")])
            self.conn.send_headers(stream, [(":status", "200"), ("content-length", "5")])
            self.send(stream, b"hello")
        elif fields[":method"] == "HEAD":
            self.conn.send_headers(stream, [(":status", "200"), ("content-length", "12345")], end_stream=True)
        elif what == "fields":
            names = sorted(name for name in fields)
            self.conn.send_headers(stream, [(":status", "200")])
            self.send(stream, ("\n".join(f"{name}: {fields[name]}" for name in names)).encode())
        else:
            head = [(":status", "200"), ("content-length", str(len(body)))]
            self.conn.send_headers(stream, head)
            self.send(stream, body, [("x-sum", str(sum(body) % 256)), ("x-asked", dict(trailers).get("x-asked", ""))])


async def main(address, port, *files):
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        context.set_alpn_protocols(["h2"])
    server = await asyncio.get_running_loop().create_server(Server, address, int(port), ssl=context)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
