"""A company with three divisions, each with a folder of recordings, in a folder of its own."""

import copy
import json
import shutil
import subprocess

DIVISIONS = ("sapporo", "osaka", "fukuoka")

SERVER = """version = 1
register = ["register.toml"]
[service]
state = "state"
listen = "127.0.0.1:{web_port}"
[mail]
from = "Privacy Office <privacy-office@example.co.jp>"
[mail.smtp]
host = "127.0.0.1"
port = {mail_port}
tls = "none"
[roots]
"""

REGISTER = """[organisation]
name = "Example"
contact_point = "privacy@example.co.jp"
privacy_manager = "manager"
time_zone = "Asia/Tokyo"
[people.manager]
email = "manager@example.co.jp"
[purposes.support]
name = "Support"
ground = "notice"
[categories.calls]
name = "Calls"
purposes = ["support"]
"""

DIVISION = """[people.{name}-chief]
email = "{name}@example.co.jp"
language = "en"
[divisions.{name}]
name = "{name}"
person_in_charge = "{name}-chief"
[datasets.{name}-calls]
name = "{name} calls"
division = "{name}"
category = "calls"
purposes = ["support"]
schedule = "30 2 * * *"
warn = []
[datasets.{name}-calls.source]
root = "{name}"
files = "*.wav"
[datasets.{name}-calls.source.fields]
recorded_at = {{ name = '(\\d{{8}})', format = "%Y%m%d" }}
[[datasets.{name}-calls.keep]]
for = "6 months"
from = "recorded_at"
"""


class Company:
    """The configuration and the data; `state` is where the program keeps what it knows."""

    def __init__(self, folder, binary, mail_port, web_port=0, random=None):
        self.folder, self.binary, self.random = folder, binary, random
        self.state = folder / "state"
        self.config = folder / "purposed.toml"
        roots = "".join(f'{name} = "data/{name}"\n' for name in DIVISIONS)
        self.config.write_text(SERVER.format(mail_port=mail_port, web_port=web_port) + roots)
        (folder / "register.toml").write_text(REGISTER + "".join(DIVISION.format(name=name) for name in DIVISIONS))
        self.recordings = 0
        for name in DIVISIONS:
            (folder / "data" / name).mkdir(parents=True)
            for year in ("2024", "2030"):
                for _ in range(40):
                    self._record(name, year)

    def in_peace(self):
        """The same company with a state of its own, which nobody gets letters of."""
        peace = copy.copy(self)
        peace.state, peace.config = self.folder / "peace", self.folder / "peace.toml"
        shutil.rmtree(peace.state, ignore_errors=True)
        text = self.config.read_text().replace('state = "state"', 'state = "peace"')
        server, roots = text.split("[mail]")[0], text.split("[roots]")[1]
        peace.config.write_text(f"{server}[roots]{roots}")
        return peace

    def _record(self, division, year):
        self.recordings += 1
        month, day = self.random.randint(1, 12), self.random.randint(1, 28)
        name = f"{year}{month:02}{day:02}-{self.recordings}.wav"
        (self.folder / "data" / division / name).write_bytes(b"RIFF")

    def change(self):
        """Some more recordings that are held too long, so that somebody must be told."""
        for name in self.random.sample(DIVISIONS, self.random.randint(1, 3)):
            for _ in range(self.random.randint(1, 5)):
                self._record(name, "2024")

    def command(self, *arguments):
        command, *rest = arguments
        return [str(self.binary), command, *rest[:1 if command in NESTED else 0], "--config", str(self.config),
                *rest[1 if command in NESTED else 0:]]

    def start(self, *arguments, **options):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(self.command(*arguments), **(quiet | options))

    def run(self, *arguments):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=120, check=False)

    def findings(self):
        """How many items each finding has."""
        answer = self.run("findings", "--format", "json")
        assert answer.returncode == 0, answer.stderr
        findings = json.loads(answer.stdout)["findings"]
        return {(finding["dataset"], finding["reason"]): finding["items"] for finding in findings}


NESTED = ("evidence",)
