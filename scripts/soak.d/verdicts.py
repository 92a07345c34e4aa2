"""What must hold, a line each."""

import sys

SHOWN = 12  # of one thing's reasons: enough to see a pattern


class Verdicts:
    def __init__(self):
        self.failed = 0

    def say(self, what, reasons, detail=""):
        """`reasons` tell why it does not hold; none: it does."""
        print(f"{'FAILED' if reasons else 'ok    '} {what}{': ' + detail if detail else ''}", flush=True)
        for reason in reasons[:SHOWN]:
            print(f"         {reason}")
        if len(reasons) > SHOWN:
            print(f"         and {len(reasons) - SHOWN} more")
        self.failed += bool(reasons)

    def finish(self):
        if self.failed:
            sys.exit(f"weft-soak: {self.failed} of what must hold did not")
