"""Proves that a proxy does what `full` is measured for; run in the client's namespace.

Usage: `probe.py ADDRESS PORT SEEN_PATH PATH`.

The server tells which headers reached it: trace headers and the client's address must. What the policy forbids, another
method and another path, must be refused with 403. Exit 1 with what is missing.
"""

import http.client
import re
import sys

FORMS = {
    "x-request-id": r"[0-9a-f-]{16,}",
    "traceparent": r"00-[0-9a-f-]{32,36}-[0-9a-f]{16}-0[01]",  # Envoy's holds a UUID with its dashes (http_peers.py)
    "x-forwarded-for": r"[0-9.]+",
}


def answer(method, path):
    connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=10)
    connection.request(method, path, headers={"Host": "web"})
    response = connection.getresponse()
    body = response.read().decode(errors="replace")
    connection.close()
    return response.status, body


status, seen = answer("GET", sys.argv[3])
parts = seen.rstrip("\n").split(" ")
if status != 200 or len(parts) != 3:
    sys.exit(f"GET {sys.argv[3]}: {status} {seen[:200]}")
for (name, form), value in zip(FORMS.items(), parts):
    if not re.fullmatch(form, value):
        sys.exit(f"the server saw {name}: '{value}'")
for method, path in (("POST", sys.argv[4]), ("GET", "/elsewhere")):
    status, _ = answer(method, path)
    if status != 403:
        sys.exit(f"{method} {path} was answered {status}, and the policy forbids it")
