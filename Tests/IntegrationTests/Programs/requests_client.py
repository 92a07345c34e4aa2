"""What a program on requests does, against web_server.py: requests_client.py URL."""

import hashlib
import sys

import requests

url = sys.argv[1]


def pieces():
    """80 MB of a pattern whose length is prime, in pieces of no round size."""
    block = bytes((i * 31) & 0xFF for i in range(65521))
    for _ in range(1221):
        yield block


with requests.Session() as session:
    for _ in range(50):
        answer = session.get(f"{url}/numbers", timeout=20)
        assert answer.status_code == 200, answer
        assert answer.text.splitlines() == [str(n) for n in range(100)]

    sha, length = hashlib.sha256(), 0
    for piece in pieces():
        sha.update(piece)
        length += len(piece)
    expected = f"{length} {sha.hexdigest()}\n"
    answer = session.post(f"{url}/digest", data=pieces(), timeout=60)
    assert answer.text == expected, answer.text

    sha, length, total = hashlib.sha256(), 0, length
    with session.get(f"{url}/pattern?bytes={total}", stream=True, timeout=60) as answer:
        for piece in answer.iter_content(10007):
            sha.update(piece)
            length += len(piece)
    assert f"{length} {sha.hexdigest()}\n" == expected, length

    assert session.get(f"{url}/cookie", timeout=20).text == "none"
    assert session.get(f"{url}/cookie", timeout=20).text == "yes"

    answer = session.post(f"{url}/form", files={"a": b"x" * 100_000, "b": b""}, data={"c": "text"}, timeout=20)
    assert answer.json() == {"a": 100_000, "b": 0, "c": 4}, answer.text

    # An answer that is given up half way must not spoil the next one.
    with session.get(f"{url}/pattern?bytes=50000000", stream=True, timeout=20) as answer:
        next(answer.iter_content(1000))
    assert session.get(f"{url}/numbers", timeout=20).text.endswith("\n99\n")
    assert session.get(f"{url}/nowhere", timeout=20).status_code == 404
    assert session.head(f"{url}/cookie", timeout=20).headers["content-length"] == "3"

print("all right")
