"""Writes the configurations that the benchmarks scan with."""
import os

SERVER = """version = 1
register = ["register.toml"]
[service]
state = "state"
[mail]
from = "privacy-office@example.co.jp"
[mail.maildir]
path = "outbox"
[roots]
data = "{data}"
[connections]
nvr = "sqlite:{data}/footage.db"
"""

ORGANISATION = """
[organisation]
name = { en = "Example Inc.", ja = "例示株式会社" }
contact_point = "privacy@example.co.jp"
privacy_manager = "manager"
time_zone = "Asia/Tokyo"
[people]
manager = { name = "Privacy manager", email = "manager@example.co.jp", language = "en" }
[divisions.office]
name = { en = "Office", ja = "総務部" }
person_in_charge = "manager"
[purposes.seminar-information]
name = { en = "To inform", ja = "情報提供のため" }
values = ["情報提供"]
[purposes.sending-materials]
name = { en = "To send materials", ja = "資料送付のため" }
values = ["資料送付"]
[purposes.survey-analysis]
name = { en = "To analyse", ja = "集計のため" }
values = ["集計"]
[purposes.quality]
name = { en = "To improve", ja = "改善のため" }
ground = "notice"
[categories.all]
name = { en = "Everything", ja = "すべて" }
purposes = ["seminar-information", "sending-materials", "survey-analysis", "quality"]
"""

DATASET = """
[datasets.subject]
name = { en = "Subject", ja = "対象" }
division = "office"
category = "all"
schedule = "0 3 * * *"
warn = []
"""

LIST = DATASET + """purposes = ["seminar-information", "sending-materials"]
keep = { for = "1 year", from = "collected_at" }
consent = { ledger = "consents", by = "email", valid_for = "2 years" }
[datasets.subject.source]
root = "data"
files = "list.csv"
items = "rows"
[datasets.subject.source.fields]
id = "id"
email = "email"
collected_at = "collected_at"
purpose = "purpose"
[ledgers.consents]
kind = "consents"
division = "office"
[ledgers.consents.source]
root = "data"
files = "ledger.csv"
items = "rows"
[ledgers.consents.source.fields]
email = "email"
purpose = "purpose"
given_at = "given_at"
withdrawn_at = "withdrawn_at"
"""

RECORDINGS = DATASET + """purposes = ["quality"]
keep = { for = "KEEP", from = "recorded_at" }
[datasets.subject.source]
root = "data"
files = "**/*.wav"
items = "files"
[datasets.subject.source.fields]
recorded_at = CLOCK
"""

NAME_CLOCK = r"""{ name = '-(\d{8}-\d{6})-', format = "%Y%m%d-%H%M%S" }"""
FILE_CLOCK = "{ file_time = true }"

FOOTAGE = DATASET + """purposes = ["quality"]
keep = { for = "30 days", from = "recorded_at" }
[datasets.subject.source]
preset = "frigate"
connection = "nvr"
"""

FLAGGED = DATASET + """purposes = ["quality"]
keep = { for = "1 year", from = "collected_at" }
[datasets.subject.source]
root = "data"
files = "flagged.csv"
items = "rows"
[datasets.subject.source.fields]
id = "id"
collected_at = "collected_at"
"""


ARCHIVE = DATASET + """purposes = ["quality"]
keep = { for = "30 days", from = "recorded_at" }
sources = { items = "index", files = "files" }
[sources.index]
connection = "archive"
table = "recordings"
[sources.index.fields]
id = "id"
path = "path"
recorded_at = { column = "start_time", format = "unix-seconds" }
[sources.files]
root = "data"
files = "files/**/*.mp4"
items = "files"
product_paths = { "/media/recorder" = "files" }
"""


def recordings(keep, clock):
    return RECORDINGS.replace("KEEP", keep).replace("CLOCK", clock)


CALLS = DATASET + """purposes = ["quality"]
keep = { for = "30 days", from = "called_at" }
[datasets.subject.source]
connection = "calls"
table = "calls"
fields = { id = "id", caller = "caller", called_at = "called_at" }
"""


def write(folder, data, dataset, connections=""):
    """Writes a configuration into a new folder and gives the path of its main file."""
    os.makedirs(folder)
    path = os.path.join(folder, "purposed.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(SERVER.format(data=data) + connections)
    with open(os.path.join(folder, "register.toml"), "w", encoding="utf-8") as file:
        file.write(ORGANISATION + dataset)
    return path


def write_many(folder, datasets):
    """Writes a configuration with so many datasets, all of which are due far from now, into a folder."""
    data = os.path.join(folder, "data")
    os.makedirs(data)
    one = recordings("1 year", NAME_CLOCK)
    text = "".join(one.replace("datasets.subject", f"datasets.subject-{number}") for number in range(datasets))
    return write(os.path.join(folder, "configuration"), data, text.replace("0 3 * * *", "0 3 1 1 *"))
