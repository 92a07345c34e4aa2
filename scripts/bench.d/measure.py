"""What a process has cost so far: CPU time in nanoseconds and memory in bytes, read from outside."""

import os
import time

CPUCLOCK_SCHED = 2  # linux/posix-timers.h: a process's time as the scheduler counts it, in nanoseconds


def cpu_ns(pid):
    """User and system time of the whole process, ended threads included.

    The process's CPU clock (clock_getcpuclockid(3)) is the scheduler's own sum; /proc/PID/stat would give the same in
    ticks of 10 ms. `cpu_ticks_ns` keeps that one as a cross-check in the JSON result.
    """
    return time.clock_gettime_ns(((~pid) << 3) | CPUCLOCK_SCHED)


def cpu_ticks_ns(pid):
    """utime + stime of /proc/PID/stat (proc(5))."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def memory(pid):
    """(resident, anonymous) bytes of /proc/PID/smaps_rollup."""
    values = {}
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup:
            parts = line.split()
            if len(parts) == 3 and parts[2] == "kB":
                values[parts[0].rstrip(":")] = int(parts[1]) * 1024
    return values["Rss"], values["Anonymous"]


class Cost:
    """The CPU time a process spends inside a `with`."""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        self.start = (cpu_ns(self.pid), cpu_ticks_ns(self.pid), time.monotonic())
        return self

    def __exit__(self, *_):
        self.ns = cpu_ns(self.pid) - self.start[0]
        self.ticks_ns = cpu_ticks_ns(self.pid) - self.start[1]
        self.seconds = time.monotonic() - self.start[2]
