"""The daemon at rest: how much memory it holds, and how often it wakes between its ticks."""
import os
import signal
import subprocess
import time

import registers

DATASETS = 50
# Between these seconds of a minute there is no tick: whoever wakes then wakes for nothing.
QUIET = (15, 55)


def at_rest(binary, folder):
    """Starts a daemon with 50 datasets and watches it for a quiet part of a minute; bytes resident, and wake-ups."""
    os.makedirs(folder)
    config = registers.write_many(folder, DATASETS)
    daemon = subprocess.Popen([binary, "run", "--config", config], stderr=subprocess.DEVNULL)
    try:
        wait_for(os.path.join(os.path.dirname(config), "state", "control.sock"), daemon)
        time.sleep(60)  # at least one tick, with all that it does, is over
        until_second(QUIET[0])
        before = wake_ups(daemon.pid)
        until_second(QUIET[1])
        return resident_bytes(daemon.pid), wake_ups(daemon.pid) - before
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=30)


def wait_for(path, process):
    for _ in range(600):
        if os.path.exists(path):
            return
        if process.poll() is not None:
            raise RuntimeError(f"the daemon ended with {process.returncode}")
        time.sleep(0.1)
    raise RuntimeError("the daemon did not start within a minute")


def until_second(second):
    time.sleep((second - time.time() % 60) % 60)


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["VmRSS"].split()[0]) * 1024


def wake_ups(pid):
    """How often its threads have gone to sleep of their own accord."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))
    return total
