"""The real server behind the proxies: nginx, one worker, which answers every request with 150 bytes and counts them."""

from network import DIRECT_PORT, HTTP_PORT, SERVER, run
from workload import LOAD_CPU

STATUS_PORT = 8081
SEEN_PATH = "/api/v1/seen"  # answers with the headers that a proxy may add, for probe.py


def serve(network):
    directory = network.directory
    paths = temporary_paths(f"{directory}/server")
    # 150 bytes: nginx's own head (Server, Date, Content-Type, Content-Length, Connection) and three of body.
    config = f"""
daemon off; master_process off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; client_header_buffer_size 8k; {paths}
  server {{
    listen {SERVER}:{HTTP_PORT} backlog=4096;
    listen {SERVER}:{DIRECT_PORT} backlog=4096;
    location / {{ return 200 "ok\\n"; }}
    location = {SEEN_PATH} {{ return 200 "$http_x_request_id $http_traceparent $http_x_forwarded_for\\n"; }}
  }}
  server {{ listen {SERVER}:{STATUS_PORT}; location / {{ stub_status; }} }}
}}
"""
    path = network.file("server.conf", config)
    nginx = network.start(network.server, ["nginx", "-p", directory, "-e", "stderr", "-c", path], LOAD_CPU)
    network.wait_for_listener(nginx, HTTP_PORT)


def temporary_paths(prefix):
    """nginx checks all of these at the start, used or not, and its defaults are root's."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {prefix}-{kind};" for kind in kinds)


def served(network):
    """nginx's own count of requests, asked inside its namespace so that the proxy has no part in it."""
    ask = (
        f"import socket; s = socket.create_connection(('{SERVER}', {STATUS_PORT}), timeout=20);"
        " s.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n'); print(s.makefile().read())"
    )
    # Without site and user paths, Python starts in half the time; a run asks four times and more.
    text = run("ip", "netns", "exec", network.server, "taskset", "-c", str(LOAD_CPU), "python3", "-S", "-E", "-c", ask)
    # "server accepts handled requests" and, a line below, their numbers.
    return int(text.split("requests", 1)[1].split()[2])
