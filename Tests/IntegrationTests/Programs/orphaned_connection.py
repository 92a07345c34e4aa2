"""Connects to a socket, leaves the connection to a child, and ends: whoever connected is gone while the connection lives.

Usage: orphaned_connection.py SOCKET RELAY   The child relays what connects to RELAY to the connection, and says so.
"""

import os
import select
import socket
import sys

agent = socket.socket(socket.AF_UNIX)
agent.connect(sys.argv[1])
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[2])
listener.listen()
parent = os.getpid()
if os.fork() > 0:
    os._exit(0)
# The kernel gives it another parent once that has ended.
while os.getppid() == parent:
    select.select([], [], [], 0.001)
print("orphaned", flush=True)
client, _ = listener.accept()
ends = {client: agent, agent: client}
while True:
    for end in select.select(list(ends), [], [])[0]:
        data = end.recv(65536)
        if not data:
            os._exit(0)
        ends[end].sendall(data)
