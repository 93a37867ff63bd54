"""Starts purposed as systemd would, with a notification socket of our own, and follows it through its life.

    test-service.py USER CONFIG URL

It must say READY=1, feed the watchdog, answer on URL, take a good and refuse a bad configuration over at SIGHUP
(RELOADING=1 with its instant, then READY=1, and the same process), and end with STOPPING=1 and 0 at SIGTERM.
Standard library only: it runs wherever the package is tested.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

WATCHDOG_SECONDS = 6
STOP_SECONDS = 10


class Service:
    def __init__(self, user, config):
        self.folder = tempfile.TemporaryDirectory(prefix="purposed-notify-")
        os.chmod(self.folder.name, 0o755)
        address = os.path.join(self.folder.name, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        os.chmod(address, 0o666)
        environment = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000)}
        self.process = subprocess.Popen(
            ["/usr/bin/purposed", "run", "--config", config], user=user, group=user, extra_groups=[],
            env=environment, stdin=subprocess.DEVNULL, umask=0o077)

    def wait_for(self, wanted, seconds=30):
        """The message that has a line `wanted`; the messages before it are looked at no further."""
        until = time.monotonic() + seconds
        seen = []
        while (left := until - time.monotonic()) > 0:
            if self.process.poll() is not None and wanted != "STOPPING=1":
                break
            self.socket.settimeout(min(left, 0.5))
            try:
                lines = self.socket.recv(65536).decode().splitlines()
            except TimeoutError:
                continue
            if wanted in lines:
                return lines
            seen += lines
        raise SystemExit(f"no {wanted} within {seconds} s (exit {self.process.poll()}); it said {seen}")

    def reload(self):
        asked = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.process.send_signal(signal.SIGHUP)
        lines = self.wait_for("RELOADING=1")
        instants = [int(line.split("=")[1]) for line in lines if line.startswith("MONOTONIC_USEC=")]
        if len(instants) != 1 or instants[0] < asked:
            raise SystemExit(f"RELOADING=1 without its instant: {lines}")
        self.wait_for("READY=1")

    def stop(self):
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.wait_for("STOPPING=1", STOP_SECONDS)
        status = self.process.wait(STOP_SECONDS)
        if status != 0 or time.monotonic() - began > STOP_SECONDS:
            raise SystemExit(f"it ended with {status} after {time.monotonic() - began:.1f} s")


def answers(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        if answer.status != 200:
            raise SystemExit(f"{url} answers {answer.status}")


def main(user, config, url):
    service = Service(user, config)
    try:
        service.wait_for("READY=1")
        answers(url)
        service.wait_for("WATCHDOG=1", WATCHDOG_SECONDS)
        service.wait_for("WATCHDOG=1", WATCHDOG_SECONDS)
        service.reload()
        good = pathlib.Path(config).read_text()
        pathlib.Path(config).write_text(good + "\n[no such thing")
        service.reload()
        answers(url)
        pathlib.Path(config).write_text(good)
        service.stop()
    finally:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
    print("started, fed the watchdog, reloaded, kept what it had when the configuration broke, stopped")


main(*sys.argv[1:])
