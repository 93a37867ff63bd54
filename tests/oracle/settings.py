"""The oracle's reading of a configuration: merged register, datasets with templates and defaults applied.

Nothing is validated: the oracle is only given configurations that are right.
"""
import datetime as dt
import glob
import os
import tomllib
from zoneinfo import ZoneInfo

PRESETS = {
    "frigate": {
        "table": "recordings", "items": "rows",
        "fields": {"id": "id", "camera": "camera", "path": "path",
                   "recorded_at": {"column": "start_time", "format": "unix-seconds"}},
    },
    "moonfire": {
        "query": "SELECT r.composite_id AS id, c.short_name AS camera, r.start_time_90k AS start_time_90k"
                 " FROM recording r JOIN stream s ON s.id = r.stream_id JOIN camera c ON c.id = s.camera_id",
        "items": "rows",
        "fields": {"id": "id", "camera": "camera",
                   "recorded_at": {"column": "start_time_90k", "format": "ticks-90khz"}},
    },
}


def as_list(value):
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def merge_source(lower, upper):
    """What is written in `upper` wins; fields merge one by one."""
    merged = {**lower, **upper}
    if "fields" in lower or "fields" in upper:
        merged["fields"] = {**lower.get("fields", {}), **upper.get("fields", {})}
    return merged


class Settings:
    def __init__(self, folder):
        self.folder = folder
        server = load(os.path.join(folder, "purposed.toml"))
        documents = [server]
        for pattern in as_list(server.get("register")):
            for path in sorted(glob.glob(os.path.join(folder, pattern))):
                documents.append(load(path))
        sections = {}
        for document in documents:
            default_division = document.get("division")
            for key, value in document.items():
                if isinstance(value, dict):
                    target = sections.setdefault(key, {})
                    for name, entry in value.items():
                        if key in ("datasets", "ledgers") and default_division:
                            entry = {"division": default_division, **entry}
                        target[name] = entry
        self.sections = sections
        organisation = sections.get("organisation", {})
        self.zone = ZoneInfo(organisation.get("time_zone", "Asia/Tokyo"))
        self.fiscal_starts = organisation.get("fiscal_year_starts", "04-01")
        self.purposes = sections.get("purposes", {})
        self.categories = sections.get("categories", {})
        self.contracts = sections.get("contracts", {})
        self.site = sections.get("service", {}).get("site")
        self.datasets = {name: self.dataset(entry) for name, entry in sections.get("datasets", {}).items()}
        if self.site:
            self.datasets = {name: entry for name, entry in self.datasets.items()
                             if entry.get("site") in (None, self.site)}
        self.ledgers = {name: {**entry, "source": self.source(entry["source"])}
                        for name, entry in sections.get("ledgers", {}).items()}

    def dataset(self, own):
        merged = dict(self.sections.get("defaults", {}))
        template = self.sections.get("templates", {}).get(own.get("template"), {})
        for layer in (template, own):
            for key, value in layer.items():
                if key == "source" and isinstance(merged.get("source"), dict) and isinstance(value, dict):
                    merged["source"] = merge_source(merged["source"], value)
                else:
                    merged[key] = value
        reference = merged.get("source")
        if reference is None:
            reference = merged["sources"]["items"]
        merged["source"] = self.source(reference)
        return merged

    def source(self, reference):
        source = self.sections["sources"][reference] if isinstance(reference, str) else reference
        if "preset" in source:
            source = merge_source(PRESETS[source["preset"]], source)
        return source

    def root(self, name):
        value = self.sections["roots"][name]
        path = value if isinstance(value, str) else value["path"]
        return os.path.join(self.folder, path)

    def connection(self, name):
        value = self.sections["connections"][name]
        url = value if isinstance(value, str) else value["url"]
        path = url.removeprefix("sqlite:").removeprefix("//")
        return os.path.join(self.folder, path)

    def zone_of(self, source, field):
        """Field over source over connection over organisation."""
        for holder in (field, source):
            if holder.get("time_zone"):
                return ZoneInfo(holder["time_zone"])
        if "connection" in source:
            value = self.sections["connections"][source["connection"]]
            if isinstance(value, dict) and value.get("time_zone"):
                return ZoneInfo(value["time_zone"])
        return self.zone

    def purpose_key(self, text):
        """The purpose that a list's own spelling means, or None."""
        import unicodedata

        def folded(value):
            return unicodedata.normalize("NFKC", value).strip()
        text = folded(text)
        for key, purpose in self.purposes.items():
            if text == key or text in [folded(value) for value in purpose.get("values", [])]:
                return key
        return None

    def ground(self, key):
        return self.purposes[key].get("ground", "consent")


def load(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def as_day(value):
    """A TOML date, or one written as text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
