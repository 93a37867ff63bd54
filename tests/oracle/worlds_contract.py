"""The contract's own configuration with rich data for each dataset, by seed."""
import datetime as dt
import os
import random
import shutil

from build import World, write_bytes, write_csv, write_sqlite, write_xlsx

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = dt.datetime.fromisoformat("2027-02-28T12:00:00+09:00")
FRIGATE = ("CREATE TABLE recordings (id VARCHAR(30) NOT NULL PRIMARY KEY, camera VARCHAR(20) NOT NULL, path VARCHAR(255) NOT NULL,"
           " start_time DATETIME, end_time DATETIME, duration REAL, motion INTEGER, objects INTEGER, dBFS INTEGER, segment_size REAL, regions INTEGER);"
           "CREATE UNIQUE INDEX recordings_path ON recordings(path);"
           "CREATE INDEX recordings_camera_start_time_end_time ON recordings(camera, start_time DESC, end_time DESC);"
           "CREATE INDEX recordings_start_time ON recordings(start_time DESC);"
           "CREATE TABLE event (id VARCHAR(30) PRIMARY KEY, label TEXT, camera TEXT, start_time DATETIME, end_time DATETIME);")
CONSENTS = "CREATE TABLE consents (email TEXT, phone, purpose TEXT, given_at TEXT, withdrawn_at TEXT);"


def naive(moment):
    return moment.replace(tzinfo=None)


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.canaries = set()

    def remember(self, text):
        self.canaries.add(text)
        return text

    # --- recordings -----------------------------------------------------------------------
    def recordings(self, folder):
        pick = self.random
        due = dt.datetime(2026, 8, 28, 12)
        for number in range(400):
            if number < 120:
                moment = due + dt.timedelta(seconds=pick.choice([-1, 0, 1, -86400, 86400, 3 * 86400, 3 * 86400 + 1, 3 * 86400 - 1, 30 * 86400 + 1]))
            else:
                moment = due + dt.timedelta(seconds=pick.randrange(-400 * 86400, 180 * 86400))
            if pick.random() < 0.05:
                moment = moment.replace(hour=0, minute=0, second=0)
            called = pick.choice(["600", "0312345678", "03-1234-5678", "12345678-123456", "20200101-000000", "q-7", "unknown"])
            caller = pick.choice(["09012345678", "090-1234-5678", "unknown", "+819012345678", "87654321-654321"])
            kind = pick.choice(["in", "out", "q", "rg", "external", "internal", "exten"])
            stamp = moment.strftime("%Y%m%d-%H%M%S")
            shape = pick.random()
            if shape < 0.03:
                name = f"{kind}-{called}-memo{number}.wav"
            elif shape < 0.06:
                name = f"{kind}-{called}-{caller}-{pick.choice(['20260230-101010', '20261301-000000', '20260101-246060', '00000000-000000'])}-{number}.1.wav"
            else:
                name = f"{kind}-{called}-{caller}-{stamp}-17{number:08d}.{number}.{pick.choice(['wav'] * 9 + ['gsm'])}"
            if moment.hour == 0 and pick.random() < 0.5:
                moment -= dt.timedelta(days=1)  # a call across midnight lies in the earlier day's folder
            path = os.path.join(folder, "data/monitor", moment.strftime("%Y/%m/%d") if pick.random() < 0.95 else "", self.remember(name))
            write_bytes(path, b"RIFF")

    # --- cameras --------------------------------------------------------------------------
    def cameras(self, folder):
        pick, at, day = self.random, NOW.timestamp(), 86400
        rows = []
        for number in range(600):
            camera = pick.choice(["lobby", "vault-1", "vault-2", "gate", "vault", "old-vault-3", "vault-"])
            edge = pick.choice([30, 90]) * day
            start = pick.choice([at - edge, at - edge + pick.choice([-1, 1, 0.25, -0.25]), at - pick.uniform(0, 200 * day), at - pick.uniform(20 * day, 40 * day)])
            shape = pick.random()
            if shape < 0.04:
                start = pick.choice([None, 0, "", "abc", "2026-01-01 00:00:00", 0.0, b"\x01"])
            rows.append((f"{at - number:.6f}-k{number:05d}x", camera, self.remember(f"/media/frigate/recordings/{camera}/kanariya{number}.mp4"), start, None, 10.0))
        write_sqlite(os.path.join(folder, "data/frigate.db"), FRIGATE,
                     [("recordings", ["id", "camera", "path", "start_time", "end_time", "duration"], rows)], wal=pick.random() < 0.5)

    # --- people, ledgers ------------------------------------------------------------------
    def people(self, count=60):
        pick = self.random
        self.emails = [self.remember(f"kanariya.{number}@example.{pick.choice(['com', 'org', 'net'])}") for number in range(count)]
        self.phones = [f"0{pick.choice(['90', '80', '70'])}{pick.randrange(10**8):08d}" for _ in range(count)]
        self.canaries |= set(self.phones)

    def spell_email(self, text):
        pick = self.random
        shape = pick.random()
        if shape < 0.55:
            return text
        if shape < 0.65:
            return text.upper()
        if shape < 0.75:
            return f"  {text} "
        if shape < 0.85:
            return "".join(chr(ord(one) + 0xFEE0) for one in text)
        return pick.choice(["", "なし", text.replace("@", "@@"), text.replace("@", ""), text.replace(".", " "), "@example.com", text + " ,x"])

    def spell_phone(self, text):
        pick = self.random
        return pick.choice([text, text, text[1:], f"{text[:3]}-{text[3:7]}-{text[7:]}", "+81" + text[1:], f"0081-{text[1:3]}-{text[3:7]}-{text[7:]}",
                            "81" + text[1:], "".join(chr(ord(one) + 0xFEE0) for one in text), f"+81 (0){text[1:3]} {text[3:7]} {text[7:]}",
                            "", "内線 12", text + "x", "12345"] if pick.random() < 0.9 else [""])

    def instant_text(self, moment):
        """A moment in one of the ISO spellings (whole seconds)."""
        pick, utc = self.random, moment.astimezone(dt.timezone.utc)
        return pick.choice([naive(moment).isoformat(), naive(moment).isoformat(" "), moment.isoformat(), naive(utc).isoformat() + "Z",
                            utc.isoformat(), naive(moment).date().isoformat()])

    def consents(self, folder):
        pick, rows = self.random, []
        purposes = ["seminar-information", "情報提供", "sending-materials", "資料送付", "survey-analysis", "集計", "direct-marketing", "", None, "謎", " 情報提供 "]
        for number in range(260):
            person = pick.randrange(45)
            given = NOW - dt.timedelta(seconds=pick.choice([0, -1, 1, 86400, pick.randrange(0, 1000 * 86400), 730 * 86400, 730 * 86400 + 1, 730 * 86400 - 1]))
            withdrawn = None
            shape = pick.random()
            if shape < 0.2:
                withdrawn = self.instant_text(given + dt.timedelta(seconds=pick.choice([0, 0, 1, 86400, pick.randrange(0, 300 * 86400)])))
            elif shape < 0.24:
                withdrawn = ""
            given_text = self.instant_text(given)
            if pick.random() < 0.05:
                given_text, withdrawn = pick.choice([("", "2026-05-01"), ("", ""), (None, None), ("?", None)])
            use_email = pick.random() < 0.6
            rows.append((self.spell_email(self.emails[person]) if use_email else None,
                         self.spell_phone(self.phones[person]) if not use_email or pick.random() < 0.5 else pick.choice([None, ""]),
                         pick.choice(purposes), given_text, withdrawn))
        write_sqlite(os.path.join(folder, "data/consents.db"), CONSENTS, [("consents", ["email", "phone", "purpose", "given_at", "withdrawn_at"], rows)])

    def do_not_call(self, folder):
        pick, rows = self.random, [["tel", "since", "memo"]]
        for _ in range(25):
            since = NOW - dt.timedelta(seconds=pick.choice([0, -1, 1, 86400, -86400, pick.randrange(0, 800 * 86400)]))
            rows.append([self.spell_phone(pick.choice(self.phones[:45])), pick.choice([self.instant_text(since), naive(since).date().isoformat(), ""]), "金糸雀CANARY"])
        write_csv(os.path.join(folder, "data/lists/do-not-call.csv"), rows, pick.choice(["utf-8", "cp932", "utf-8-sig"]))

    # --- lists ----------------------------------------------------------------------------
    def japanese_date(self, day):
        pick = self.random
        era = day.year - 2018
        word = "元" if era == 1 else str(era)
        plain = pick.choice([
            f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day:%Y-%m-%d}",
            *([f"令和{word}年{day.month}月{day.day}日", f"R{era}.{day.month}.{day.day}", f"R{era:02d}/{day.month:02d}/{day.day:02d}"] if day >= dt.date(2019, 5, 1)
              else [f"平成{day.year - 1988}年{day.month}月{day.day}日", f"H{day.year - 1988}.{day.month}.{day.day}"])])
        if pick.random() < 0.2:
            plain = "".join(chr(ord(one) + 0xFEE0) if "0" <= one <= "9" or one in "RH./" else one for one in plain)
        return plain

    def seminar(self, folder):
        pick = self.random
        for number in range(3):
            header = ["受付番号", pick.choice(["メールアドレス", "E-mail"]), "開催日", "利用目的", "氏名"]
            rows = []
            for row in range(90):
                edge = dt.date(2026, 2, 27)
                day = edge + dt.timedelta(days=pick.choice([-1, 0, 1, 2, pick.randrange(-800, 300)]))
                date = self.japanese_date(day)
                if pick.random() < 0.06:
                    date = pick.choice(["", "未定", "令和6年2月30日", "2025/2/29", "0000-00-00", "4/1", "2026年", "昭和45年1月1日"])
                purpose = pick.choice(["情報提供"] * 4 + ["資料送付", "集計", "販売促進", "", "　", " 情報提供 ", "seminar-information", "direct-marketing"])
                email = self.spell_email(pick.choice(self.emails))
                memo = pick.choice(["金糸雀CANARY", '二行の\nCANARY', 'a,"CANARY"', "ソ表能十予CANARY", ""])
                rows.append([f"K{row // 2 if pick.random() < 0.1 else row}", email, date, purpose, memo])
            order = list(range(5))
            pick.shuffle(order)
            rows.insert(20, [""] * 5)
            table = [[row[index] for index in order] for row in [header] + rows]
            text_rows = table + [["合計", "", "", "", ""]]
            path = os.path.join(folder, "data/lists/seminar", self.remember(f"kanariya{number}_最新.csv"))
            write_csv(path, text_rows, "cp932", newline=pick.choice(["\r\n", "\n"]))
            with open(path, "ab") as file:
                file.write(b"X1,short\r\n" if pick.random() < 0.7 else b"")
                file.write(b"X2,a,b,c,d,e,f\r\n" if pick.random() < 0.5 else b"")
                file.write(b"X3,,,,,,,\r\n\r\n" if pick.random() < 0.5 else b"")
        if pick.random() < 0.4:
            write_csv(os.path.join(folder, "data/lists/seminar/broken.csv"), [["受付番号", "住所", "開催日", "利用目的"], ["1", "x", "R6.4.1", "情報提供"]], "cp932")

    def purchased(self, folder):
        pick = self.random
        rows = [["例示リスト株式会社 CANARY"], []] if pick.random() < 0.5 else []
        rows.append(["No", "氏名", "電話番号", "取得日"])
        for number in range(150):
            day = dt.date(2025, 8, 27) + dt.timedelta(days=pick.choice([-1, 0, 1, 2, pick.randrange(-300, 300)]))
            serial = (day - dt.date(1899, 12, 30)).days
            date = pick.choice([day, day, dt.datetime.combine(day, dt.time(10, 30)), day.isoformat(), serial, day.isoformat() + " 11:00:00"])
            if pick.random() < 0.05:
                date = pick.choice([None, "不明", "2025/08/27", 0, "0000-00-00"])
            text = self.spell_phone(pick.choice(self.phones))
            phone = int(text) if text.isascii() and text.isdigit() and pick.random() < 0.6 else text
            rows.append([number + 1, "金糸雀CANARY", phone or None, date])
        rows.insert(60, [])
        rows.append(["合計", None, None, None])
        write_xlsx(os.path.join(folder, "data/lists/purchased/list-2025.xlsx"), rows,
                   other_sheets=("表紙",) if pick.random() < 0.5 else ())

    def others(self, folder):
        pick = self.random
        for number in range(2):
            rows = [["customer_no", "name"]] + [[f"C{number}-{row}", "金糸雀CANARY"] for row in range(pick.randrange(1, 40))]
            write_csv(os.path.join(folder, "data/lists/acme", self.remember(f"kanariya-acme{number}.csv")), rows)
        rows = [["id", "applied_at", "name"]]
        for number in range(120):
            day = pick.choice([dt.date(2025, 3, 31), dt.date(2025, 4, 1), dt.date(2024, 4, 1), dt.date(2024, 3, 31), dt.date(2024, 2, 29),
                               dt.date(2023, 1, 1) + dt.timedelta(days=pick.randrange(1500))])
            date = day.strftime("%Y/%m/%d") if pick.random() < 0.94 else pick.choice(["", "2025/02/30", "R6.4.1", "2025-04-01", "0000/00/00"])
            rows.append([f"A{number}", date, "金糸雀CANARY"])
        write_csv(os.path.join(folder, "data/lists/applicants.csv"), rows, pick.choice(["utf-8", "utf-8-sig", "cp932"]))


def contract_world(seed):
    world, maker = World(f"contract-{seed}"), Maker(seed)

    def config(folder):
        shutil.copytree(os.path.join(HERE, "..", "contract"), folder, dirs_exist_ok=True)

    def data(folder):
        maker.people()
        for make in (maker.recordings, maker.cameras, maker.consents, maker.do_not_call, maker.seminar, maker.purchased, maker.others):
            make(folder)
        world.canaries |= maker.canaries | {"金糸雀", "CANARY", "kanariya"}
    world.config_source = config
    world.list_items = True
    world.file(data)
    world.steps = [("dry", NOW.isoformat()), ("scan", NOW.isoformat()), ("scan", NOW.isoformat()), ("scan", "2027-03-01T00:00:00+09:00"),
                   ("scan", "2027-04-01T00:00:00+09:00")]
    return world


def find_worlds(seed):
    for number in range(4):
        yield contract_world(seed * 100 + number)
