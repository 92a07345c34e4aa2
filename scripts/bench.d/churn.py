"""W10's change: applies a file each second.

Usage: `churn.py WEFT SOCKET FILE...`. Prints a JSON list of how long each command took, in milliseconds.
"""

import json
import subprocess
import sys
import time

weft, agent, *files = sys.argv[1:]
took = []
due = time.monotonic()
for file in files:
    time.sleep(max(0, due - time.monotonic()))
    start = time.monotonic()
    subprocess.run([weft, "apply", "-f", file, "--agent-socket", agent], stdout=subprocess.DEVNULL, check=True)
    took.append(round((time.monotonic() - start) * 1000))
    due += 1
print(json.dumps(took))
