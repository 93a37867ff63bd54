"""Random worlds: registers, lists, tables, ledgers and rules composed at random from a seed.

Only what the contract decides without doubt is generated; doubtful corners have hand-made worlds or none.
"""
import datetime as dt
import os
import random
from zoneinfo import ZoneInfo

import dates
from build import World, write_bytes, write_csv, write_sqlite, write_xlsx

ZONES = ["Asia/Tokyo", "Asia/Tokyo", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]
PERIODS = ["10 days", "30 days", "90 days", "2 weeks", "1 month", "6 months", "1 year", "18 months", "2 years", "1 year 6 months", "1 month 10 days"]
PURPOSES = {"dm": ("consent", ["案内", "ＤＭ"]), "news": ("consent", ["情報提供"]), "care": ("notice", ["サポート"]),
            "law": ("law", []), "survey": ("consent", ["集計"])}
KINDS = ["vault-1", "vault-2", "lobby", "gate", "safe"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.world = World(f"random-{seed}")
        self.zone_name = self.pick(ZONES)
        self.zone = ZoneInfo(self.zone_name)
        self.fiscal = self.pick(["04-01", "04-01", "01-01", "10-01", "07-15"])
        local = dt.datetime(2027, 2, 28, 12) + dt.timedelta(days=self.pick([0, 0, 1, 31, 32, -59, 200, 366]), hours=self.pick([0, 0, -12, 5]))
        self.now = dates.to_instant(local, self.zone)
        self.emails = [f"kanariya.{number}@example.{self.pick(['com', 'org'])}" for number in range(14)]
        self.phones = [f"090{self.random.randrange(10**8):08d}" for _ in range(14)]
        self.members = [f"KANARIYA-{number}" for number in range(14)]
        self.lists = []
        self.world.canaries |= {"kanariya", "KANARIYA", "金糸雀", *self.phones}

    def pick(self, options):
        return self.random.choice(options)

    def chance(self, share):
        return self.random.random() < share

    # --- dates ---------------------------------------------------------------------------
    def edge_moment(self, periods):
        """A local naive time whose due lies near now for one of the periods."""
        local = self.now.astimezone(self.zone).replace(tzinfo=None)
        shape = self.random.random()
        if shape < 0.65:
            months, days = dates.parse_period(self.pick(periods))
            local = dates.add_months(local - dt.timedelta(days=days), -months)
            local += dt.timedelta(days=self.pick([-1, 0, 0, 0, 1, 2, 3]), seconds=self.pick([-1, 0, 0, 1]))
        else:
            local -= dt.timedelta(seconds=self.random.randrange(-40 * 86400, 1400 * 86400))
        return local

    def spell(self, local, form):
        """A moment in a form: (cell)."""
        if form == "japanese":
            return self.pick([f"{local.year}年{local.month}月{local.day}日", f"{local:%Y/%m/%d}", f"{local.year}/{local.month}/{local.day}", f"{local:%Y%m%d}",
                              f"令和{local.year - 2018}年{local.month}月{local.day}日", f"R{local.year - 2018}.{local.month}.{local.day}", f"{local:%Y-%m-%d}",
                              f"Ｒ{local.year - 2018}．{local.month}．{local.day}"])
        if form == "iso":
            instant = dates.to_instant(local, self.zone)
            return self.pick([f"{local:%Y-%m-%d}", local.isoformat(), local.isoformat(" "), instant.replace(tzinfo=None).isoformat() + "Z",
                              instant.isoformat()])
        if form == "%Y/%m/%d":
            return f"{local:%Y/%m/%d}"
        if form == "%d.%m.%Y %H:%M:%S":
            return f"{local:%d.%m.%Y %H:%M:%S}"
        seconds = round(dates.to_instant(local, self.zone).timestamp())
        scale = dates.UNIX[form]
        return seconds * scale + (self.pick([0, 0, 1, -1]) if scale > 1 else 0)

    def bad_date(self, form):
        if form in dates.UNIX:
            return self.pick([None, 0])
        return self.pick(["", "不明", "2024-02-30", "2023/2/29", "0000-00-00", "1970-01-01"])

    # --- keys ----------------------------------------------------------------------------
    def email_cell(self):
        text = self.pick(self.emails)
        return self.pick([text, text, text, text.upper(), f" {text} ", "".join(chr(ord(one) + 0xFEE0) for one in text), "", text.replace("@", "@@"), "x@"])

    def phone_cell(self):
        text = self.pick(self.phones)
        return self.pick([text, text, f"{text[:3]}-{text[3:7]}-{text[7:]}", "+81" + text[1:], "0081" + text[1:], text[1:], "81" + text[1:],
                          "".join(chr(ord(one) + 0xFEE0) for one in text), "", "123", text + " x"])

    def member_cell(self):
        return self.pick([self.pick(self.members)] * 5 + [""])

    def key_cell(self, field):
        return {"email": self.email_cell, "phone": self.phone_cell, "member": self.member_cell}[field]()

    def purpose_text(self):
        key = self.pick(list(PURPOSES))
        return self.pick([key, *PURPOSES[key][1], f" {key} "])

    # --- register ------------------------------------------------------------------------
    def make(self):
        world = self.world
        world.register["organisation"].update(time_zone=self.zone_name, fiscal_year_starts=self.fiscal)
        for key, (ground, values) in PURPOSES.items():
            world.purpose(key, ground, values)
        world.category("general", list(PURPOSES))
        world.root("lists")
        self.consent_ledgers = [self.consent_ledger(f"consents-{number}") for number in range(self.pick([1, 1, 2]))]
        self.opt_out_ledgers = [self.opt_out_ledger(f"stops-{number}") for number in range(self.pick([0, 1, 1]))]
        for number in range(self.pick([2, 3, 4])):
            self.dataset(f"set-{number}")
        now = self.now.astimezone(self.zone)
        world.steps = [("scan", now.isoformat())]
        for days in (1, self.pick([0, 2, 31, 90]), self.pick([0, 1, 1, 2]), 1):
            if self.lists and self.chance(0.5):
                world.steps.extend(self.mutation() for _ in range(self.pick([1, 1, 2])))
            if self.chance(0.6):
                now = dates.to_instant(now.replace(tzinfo=None) + dt.timedelta(days=days), self.zone).astimezone(self.zone)
                world.steps.append(("scan", now.isoformat()))
        return world

    def put(self, name, columns, rows, kind, shared):
        """Writes rows as a list or table; returns the source without fields."""
        if kind == "sqlite":
            self.world.server["connections"][name] = f"sqlite:data/{name}.db"
            script = f'CREATE TABLE t ({", ".join(columns)});' + (f"CREATE INDEX i ON t({shared});" if shared else "")
            self.world.file(lambda folder: write_sqlite(os.path.join(folder, f"data/{name}.db"), script, [("t", columns, rows)], wal=len(rows) % 2 == 0))
            return {"connection": name, "table": "t"}
        table = [columns] + [["" if cell is None else cell for cell in row] for row in rows]
        if kind == "xlsx":
            self.world.file(lambda folder: write_xlsx(os.path.join(folder, f"data/lists/{name}.xlsx"), [columns] + rows))
            return {"root": "lists", "files": f"{name}.xlsx", "items": "rows", "sheet": "名簿"}
        extension, delimiter = ("tsv", "\t") if kind == "tsv" else ("csv", ",")
        files = self.split(table[1:], 1 if shared is None else self.pick([1, 2, 3]))
        encodings = [self.pick(["utf-8", "utf-8-sig", "cp932", "utf-16"]) for _ in files]
        for number, (part, encoding) in enumerate(zip(files, encodings)):
            path = f"data/lists/{name}/kanariya{number}.{extension}"

            def write(folder, rows, path=path, encoding=encoding):
                write_csv(os.path.join(folder, path), [columns] + rows, encoding, delimiter)
            if shared and self.chance(0.2):
                part.insert(0, self.pick([["KANARIYA-short"], ["KANARIYA-long"] * (len(columns) + 1)]))
            if shared:
                part.append(self.pick([[""] * len(columns), ["合計"] + [""] * (len(columns) - 1), part[-1]]))
                self.lists.append((path, write, part))
            self.world.file(lambda folder, write=write, part=part: write(folder, part))
        return {"root": "lists", "files": f"{name}/*.{extension}", "items": "rows"}

    def split(self, rows, count):
        edges = sorted(self.random.sample(range(1, len(rows)), count - 1)) if len(rows) > count else []
        return [rows[begin:end] for begin, end in zip([0] + edges, edges + [len(rows)])]

    def mutation(self):
        """A step that erases rows of one list, deletes it, empties it, or brings it back."""
        path, write, part = self.pick(self.lists)
        shape = self.random.random()
        if shape < 0.5:
            kept = [row for number, row in enumerate(part) if number == 0 or self.chance(self.pick([0.2, 0.6, 0.9]))]
            return "change", lambda folder: write(folder, kept)
        if shape < 0.65:
            return "change", lambda folder: delete_one_of_several(os.path.join(folder, path))
        if shape < 0.75:
            return "change", lambda folder: write(folder, [])
        return "change", lambda folder: write(folder, part)

    def consent_ledger(self, name):
        keys = self.random.sample(["email", "phone", "member"], self.pick([1, 2, 3]))
        with_purpose, rows = self.chance(0.8), []
        for _ in range(40):
            given = self.edge_moment(["1 year", "2 years", "10 days"])
            withdrawn = None
            if self.chance(0.3):
                withdrawn = self.spell(given + dt.timedelta(seconds=self.pick([0, 1, 86400, 40 * 86400])), "iso")
            rows.append([self.key_cell(key) for key in keys] + ([self.pick([self.purpose_text(), self.purpose_text(), "", "謎"])] if with_purpose else [])
                        + [self.spell(given, "iso") if self.chance(0.95) else "", withdrawn])
        columns = keys + (["purpose"] if with_purpose else []) + ["given_at", "withdrawn_at"]
        source = self.put(name, columns, rows, self.pick(["sqlite", "csv", "tsv"]), None)
        self.world.ledger(name, "consents", {**source, "fields": {column: column for column in columns}})
        return name, keys

    def opt_out_ledger(self, name):
        keys = self.random.sample(["email", "phone", "member"], self.pick([1, 2]))
        with_purpose, rows = self.chance(0.4), []
        for _ in range(8):
            rows.append([self.key_cell(key) for key in keys] + ([self.pick([self.purpose_text(), ""])] if with_purpose else [])
                        + [self.spell(self.edge_moment(["10 days", "1 year"]), "iso") if self.chance(0.9) else ""])
        columns = keys + (["purpose"] if with_purpose else []) + ["opted_out_at"]
        source = self.put(name, columns, rows, self.pick(["sqlite", "csv"]), None)
        self.world.ledger(name, "opt-outs", {**source, "fields": {column: column for column in columns}})
        return name, keys

    # --- datasets ------------------------------------------------------------------------
    def dataset(self, name):
        if self.chance(0.2):
            return self.recordings(name)
        kind = self.pick(["sqlite", "sqlite", "csv", "csv", "tsv", "xlsx"])
        form = self.pick(["unix-seconds", "unix-milliseconds", "unix-microseconds", "ticks-90khz", "iso", "%d.%m.%Y %H:%M:%S"]) if kind == "sqlite" else (
            "iso" if kind == "xlsx" else self.pick(["iso", "japanese", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S"]))
        more, periods = self.rules()
        purpose_mode = self.pick([None, "one", "split"])
        fields = {"id": "id", "at": "at" if form == "iso" else {"column": "at", "format": form}, "second": {"column": "second", "format": ["iso", "japanese"]},
                  "kind": "kind", "email": "email", "phone": "phone", "member": {"column": "member", "type": "text"},
                  "ok": {"column": "ok", "values": {"○": "given", "×": "refused"}}, "stopped": {"column": "stopped", "values": {"停止": "refused"}}}
        columns = ["id", "at", "second", "kind", "email", "phone", "member", "ok", "stopped"]
        if purpose_mode:
            fields["purpose"] = {"column": "purpose", "split": ";"} if purpose_mode == "split" else "purpose"
            columns.append("purpose")
        rows = [self.row(number, form, periods, purpose_mode, kind) for number in range(self.pick([5, 30, 60]))]
        if kind == "xlsx":
            order = columns
        else:
            order = self.random.sample(columns, len(columns))
        rows = [[row[column] for column in order] for row in rows]
        source = self.put(name, order, rows, kind, "at")
        self.world.dataset(name, {**source, "fields": fields}, self.random.sample(list(PURPOSES), self.pick([1, 2, 3])), **more)

    def rules(self):
        """Keys of a dataset about its rules, and the periods in them."""
        periods = self.random.sample(PERIODS, 3)
        more = {"warn": self.pick([[], [], ["30 days", "7 days"], ["1 month"]])}

        def keep(period):
            extra = self.pick([{}, {}, {}, {"until_end_of": "fiscal-year"}, {"count": "civil-code"}])
            return {"for": period, "from": self.pick(["at", "at", ["second", "at"]]), **extra}
        shape = self.random.random()
        if shape < 0.5:
            more["keep"] = keep(periods[0])
        elif shape < 0.9:
            more["keep"] = [{"where": self.pick([{"kind": "vault-*"}, {"kind": ["vault-1", "g*"]}, {"kind": "safe"}]), **keep(periods[0])}, keep(periods[1])]
        if "keep" in more and self.chance(0.25):
            more["keep_at_least"] = {"for": periods[2], "from": "at", "basis": "law"}
        entries = []
        if self.chance(0.7):
            for ledger, keys in self.random.sample(self.consent_ledgers, self.pick(range(1, len(self.consent_ledgers) + 1))):
                by = self.random.sample(keys, self.random.randrange(1, len(keys) + 1))
                entries.append({"ledger": ledger, "by": by if len(by) > 1 or self.chance(0.3) else by[0],
                                **({"valid_for": self.pick(["1 year", "2 years", "10 days"])} if self.chance(0.5) else {})})
            if self.chance(0.3):
                entries.append({"row": "ok"})
        if entries:
            more["consent"] = entries if len(entries) > 1 or self.chance(0.5) else entries[0]
            stops = [{"ledger": ledger, "by": self.pick(keys)} for ledger, keys in self.opt_out_ledgers if self.chance(0.6)]
            if self.chance(0.2):
                stops.append({"row": "stopped"})
            if stops:
                more["opt_outs"] = stops
        return more, periods

    def row(self, number, form, periods, purpose_mode, kind):
        moment = self.edge_moment(periods)
        at = self.bad_date(form) if self.chance(0.06) else self.spell(moment, form)
        if kind == "xlsx" and self.chance(0.5):
            at = self.pick([moment.date(), moment.replace(second=0, minute=30)])
        pieces = [self.pick([self.purpose_text(), self.purpose_text(), "謎"]) for _ in range(self.pick([1, 2]) if purpose_mode == "split" else 1)]
        return {"id": f"KANARIYA{number}", "at": at, "second": self.spell(self.edge_moment(periods), "japanese") if self.chance(0.5) else "",
                "kind": self.pick(KINDS), "email": self.email_cell(), "phone": self.phone_cell(), "member": self.member_cell(),
                "ok": self.pick(["○", "○", "×", "", "?"]), "stopped": self.pick(["", "", "", "停止"]),
                "purpose": "" if self.chance(0.1) else ";".join(pieces)}

    def recordings(self, name):
        more, periods = self.rules()
        for key in ("consent", "opt_outs"):
            more.pop(key, None)
        for one in (more.get("keep") if isinstance(more.get("keep"), list) else [more.get("keep", {})]):
            if "from" in one:
                one["from"] = "at"
        names = []
        for number in range(40):
            moment = self.edge_moment(periods)
            kind = self.pick(KINDS)
            stamp = moment.strftime("%Y%m%d-%H%M%S") if self.chance(0.95) else self.pick(["20260230-101010", "none"])
            names.append(f"{self.pick(['a', 'b/c', '.'])}/{kind}-{self.pick(self.phones)}-{stamp}-{number}.{self.pick(['wav'] * 5 + ['mp3'])}")
        self.world.root(name)
        self.world.file(lambda folder: [write_bytes(os.path.join(folder, "data", name, one), b"x") for one in names])
        self.world.dataset(name, {"root": name, "files": "**/*.wav", "items": "files", "fields": {
            "at": {"name": r"-(\d{8}-\d{6})-", "format": "%Y%m%d-%H%M%S"}, "kind": {"name": r"^([a-z]+(?:-\d)?)-"}}}, ["care"], **more)


def delete_one_of_several(path):
    """The last list of a dataset stays: what `empty` does then is told by hand-made worlds."""
    if os.path.exists(path) and len(os.listdir(os.path.dirname(path))) > 1:
        os.remove(path)


def find_worlds(seed, count):
    for number in range(count):
        yield Maker(seed * 10_000 + number).make()
