"""Lets things go wrong in the midst of scans, then checks that nothing was lost. See README.md."""

import argparse
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from checks import all_is_well
from company import Company
from post import Post

# Where the program writes; what fails elsewhere is not its own.
WRITTEN = ("purposed.db", "purposed.db-wal", "purposed.db-shm", "evidence.head", "evidence.head.draft")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
CALLS = ("pwrite64", "write", "fsync,fdatasync", "rename,renameat,renameat2", "ftruncate")


def kill(company, post, options):
    """Kills scans at any moment; where they were is left to chance."""
    began = time.monotonic()
    assert company.run("scan").returncode == 0
    whole = time.monotonic() - began
    cut = 0
    for _ in range(options.kills):
        company.change()
        scan = company.start("scan")
        time.sleep(company.random.uniform(0.001, whole))
        scan.kill()
        cut += scan.wait() == -signal.SIGKILL
    assert cut > options.kills // 4, f"only {cut} of {options.kills} scans were cut off: too slow or too fast"
    all_is_well(company, post, cut)
    return f"{cut} of {options.kills} scans killed"


def inject(company, post, options):
    """Fails each of the first calls of each kind that the state sees, one a run."""
    assert company.run("scan").returncode == 0
    paths = [argument for name in WRITTEN for argument in ("-P", str(company.state / name))]
    runs = failed = 0
    for calls in CALLS:
        for fault in FAULTS:
            for number in injection_points(company, paths, calls, options.points):
                company.change()
                trace = ["strace", "-f", "-qq", "-o", "/dev/null", *paths, "-e", f"trace={calls}",
                         "-e", f"inject={calls}:{fault}:when={number}"]
                scan = subprocess.run(trace + company.command("scan"), capture_output=True, timeout=120, check=False)
                runs += 1
                failed += scan.returncode != 0
        all_is_well(company, post, runs)
    assert failed > 0, "no fault was ever felt: the test tests nothing"
    return f"{failed} of {runs} runs with a fault failed"


def injection_points(company, paths, calls, most):
    """At most so many of the numbers of the calls that one run makes, the first and the last among them."""
    company.change()
    counted = subprocess.run(["strace", "-f", "-qq", *paths, "-e", f"trace={calls}", "-o", "/dev/stderr",
                              *company.command("scan")], capture_output=True, text=True, timeout=120, check=False)
    count = sum("(" in line and "resumed>" not in line for line in counted.stderr.splitlines())
    return sorted({1 + round(step * (count - 1) / max(1, most - 1)) for step in range(most)}) if count else []


def daemon(company, post, options):
    """Kills the daemon while it scans for a command."""
    cut = 0
    for _ in range(max(1, options.kills // 8)):
        company.change()
        service = company.start("run")
        wait_for(company.state / "control.sock", service)
        scan = company.start("scan")
        time.sleep(company.random.uniform(0.001, 0.4))
        service.kill()
        service.wait()
        scan.wait(timeout=60)
        cut += 1
    all_is_well(company, post, cut)
    return f"the daemon was killed {cut} times"


def wait_for(socket, service):
    """Until the daemon takes commands: its socket is newer than the daemon."""
    began = time.time()
    while time.time() - began < 30:
        assert service.poll() is None, f"the daemon ended with {service.returncode}"
        if socket.exists() and socket.stat().st_mtime >= began - 1:
            return
        time.sleep(0.01)
    raise AssertionError("the daemon never opened its socket")


KINDS = {"kill": kill, "inject": inject, "daemon": daemon}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=KINDS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--points", type=int, default=6, help="faults per kind of call and fault")
    options = parser.parse_args()
    for name in options.only or KINDS:
        began = time.monotonic()
        post = Post()
        with tempfile.TemporaryDirectory(prefix="purposed-faults-") as folder:
            chance = random.Random(f"{options.seed} {name}")
            company = Company(pathlib.Path(folder), options.binary.resolve(), post.port, random=chance)
            told = KINDS[name](company, post, options)
        post.close()
        print(f"{name}: {told}, {len(post.taken)} letters taken, nothing lost ({time.monotonic() - began:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
