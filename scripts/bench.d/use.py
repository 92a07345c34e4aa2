"""Asks once for each of the given hosts: `use.py ADDRESS PORT HOST,HOST...`. Exit 1 unless each answers 200."""

import http.client
import sys

for host in sys.argv[3].split(","):
    connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=10)
    connection.request("GET", "/", headers={"Host": host})
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        sys.exit(f"{host} is answered {status}")
