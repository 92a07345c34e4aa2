"""A server of HTTP/1.1 alone in TLS: http1_tls_server.py ADDRESS PORT CHAIN KEY [ALPN].

Says what it was offered, and each request; answers by path. ALPN is what it knows, `http/1.1` unless given, `none` for nothing.
"""

import http.server
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def do_GET(self):
        body = self.body()
        print(self.command, self.path, len(body), flush=True)
        if self.path == "/trailers":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Trailer", "x-last")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n0\r\nx-last: yes\r\n\r\n")
            return
        if self.path == "/interim":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n")
        answer = body or f"{self.headers['Host']} {self.request_version}".encode()
        self.send_response(204 if self.path == "/nothing" else 200)
        if self.path != "/nothing":
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD" and self.path != "/nothing":
            self.wfile.write(answer)

    do_POST = do_HEAD = do_GET

    def log_message(self, *arguments):
        pass


def hear(connection, direction, version, content, kind, data):
    if direction == "read" and kind == ssl._TLSMessageType.CLIENT_HELLO:
        offers = {b"\x02h2\x08http/1.1": "both", b"\x02h2": "h2", b"\x08http/1.1": "http/1.1"}
        print("offered", next((name for found, name in offers.items() if found in data), "nothing"), flush=True)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[3:5])
known = sys.argv[5] if len(sys.argv) > 5 else "http/1.1"
if known != "none":
    context.set_alpn_protocols([known])
context._msg_callback = hear


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def get_request(self):
        connection, address = self.socket.accept()
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, address):
        pass


Server((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
