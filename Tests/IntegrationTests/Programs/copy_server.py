"""A server of HTTP/2 in TLS that says what it is asked: copy_server.py ADDRESS PORT CHAIN KEY.

Calls of `Hang` it never answers: of these it says how much time they have, and how they are given up.
"""

import asyncio
import ssl
import sys

import h2.config
import h2.connection
import h2.events


class Server(asyncio.Protocol):
    def connection_made(self, transport):
        print("connected", flush=True)
        self.transport = transport
        self.conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.requests = {}
        self.conn.initiate_connection()
        transport.write(self.conn.data_to_send())

    def data_received(self, data):
        for event in self.conn.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.requests[event.stream_id] = [dict(event.headers), 0]
            elif isinstance(event, h2.events.DataReceived):
                self.conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self.requests[event.stream_id][1] += len(event.data)
            elif isinstance(event, h2.events.StreamEnded):
                fields, count = self.requests.pop(event.stream_id)
                print(fields[":method"], fields[":path"], count, flush=True)
                if fields[":path"].endswith("/Hang"):
                    print("time", fields.get("grpc-timeout"), flush=True)
                    continue
                self.conn.send_headers(event.stream_id, [(":status", "200")])
                self.conn.send_data(event.stream_id, b"copied", end_stream=True)
            elif isinstance(event, h2.events.StreamReset):
                print("reset", int(event.error_code), flush=True)
        self.transport.write(self.conn.data_to_send())


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[3:5])
    context.set_alpn_protocols(["h2"])
    server = await asyncio.get_running_loop().create_server(Server, sys.argv[1], int(sys.argv[2]), ssl=context)
    await server.serve_forever()


asyncio.run(main())
