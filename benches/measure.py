"""Runs a command and tells its wall-clock time and peak memory.

The kernel counts the parent's memory at the moment of the start as the child's, so this process stays small: data is
made, and databases are asked, in processes of their own.
"""
import os
import statistics
import subprocess
import time


class Run:
    """What one run of a command took and said."""

    def __init__(self, seconds, peak_bytes, output, status):
        self.seconds, self.peak_bytes, self.output, self.status = seconds, peak_bytes, output, status


def run(command, expected=(0,), output=None):
    """Runs `command` (a list of words); its standard output goes to the file `output`, or is returned."""
    target = open(output, "wb") if output else subprocess.PIPE
    try:
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.PIPE)
        text = process.stdout.read() if not output else b""
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if output:
            target.close()
    if process.returncode not in expected:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{errors.decode(errors='replace')[-2000:]}")
    return Run(seconds, usage.ru_maxrss * 1024, text.decode(errors="replace"), process.returncode)


class Series:
    """Several runs of one thing: the median of their times, the greatest of their peaks."""

    def __init__(self):
        self.runs = []

    def add(self, one):
        self.runs.append(one)
        return one

    @property
    def seconds(self):
        return statistics.median(one.seconds for one in self.runs)

    @property
    def peak_bytes(self):
        return max(one.peak_bytes for one in self.runs)

    @property
    def last(self):
        return self.runs[-1]


def side_by_side(rounds, *acts):
    """Runs the acts in turn, `rounds` times, after one round that warms the caches and does not count."""
    for act in acts:
        act()
    series = [Series() for _ in acts]
    for _ in range(rounds):
        for one, act in zip(series, acts):
            one.add(act())
    return series


def folder_bytes(folder):
    """The size of all files beneath a folder."""
    return sum(os.path.getsize(os.path.join(base, name)) for base, _, names in os.walk(folder) for name in names)
