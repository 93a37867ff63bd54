"""Dates and due instants for the oracle: reading values, calendar arithmetic, zones.

Deliberately slow and plain. Nothing here knows of datasets or rules.
"""
import datetime as dt
import re
import unicodedata
from zoneinfo import ZoneInfo

EMPTY = "empty"
UNREADABLE = "unreadable"
UTC = dt.timezone.utc
ERAS = {
    "明治": 1868, "M": 1868, "大正": 1912, "T": 1912, "昭和": 1926, "S": 1926,
    "平成": 1989, "H": 1989, "令和": 2019, "R": 2019,
}
SENTINELS = {dt.date(1970, 1, 1), dt.date(1899, 12, 30), dt.date(1899, 12, 31)}


class Clock:
    """A point that a period counts from: a day, or an instant."""

    def __init__(self, day=None, instant=None):
        self.day = day
        self.instant = instant

    def __repr__(self):
        return f"Clock({self.day or self.instant})"

    def instant_in(self, zone):
        """The instant itself; of a day its first moment."""
        return self.instant if self.instant else start_of_day(self.day, zone)

    def local_day(self, zone):
        return self.day if self.day else self.instant.astimezone(zone).date()


def to_instant(local, zone):
    """Local wall time to an instant: the later one in an overlap, moved forward in a gap."""
    earlier = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    is_gap = earlier.astimezone(zone).replace(tzinfo=None) != local
    return earlier if is_gap else max(earlier, later)


def start_of_day(day, zone):
    """The first moment of a day."""
    midnight = dt.datetime.combine(day, dt.time())
    return midnight.replace(tzinfo=zone, fold=0).astimezone(UTC)


def parse_period(text):
    """`1 year 6 months` -> (months, days)."""
    months = days = 0
    words = text.split()
    assert len(words) % 2 == 0, text
    for number, unit in zip(words[::2], words[1::2]):
        count = int(number)
        unit = unit.rstrip("s")
        if unit == "year":
            months += 12 * count
        elif unit == "month":
            months += count
        elif unit == "week":
            days += 7 * count
        elif unit == "day":
            days += count
        else:
            raise ValueError(text)
    return months, days


def days_in_month(year, month):
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (following - dt.timedelta(days=1)).day


def add_months(value, months):
    """Value (date or naive datetime) plus months, the day clamped to the month."""
    index = value.year * 12 + value.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return value.replace(year=year, month=month, day=min(value.day, days_in_month(year, month)))


def add_period(value, period, sign=1):
    months, days = period
    return add_months(value, sign * months) + dt.timedelta(days=sign * days)


def next_fiscal_year(day, starts):
    """The first day of the fiscal year after the one that contains `day`."""
    month, first = (int(part) for part in starts.split("-"))
    candidate = dt.date(day.year, month, first)
    return candidate if candidate > day else dt.date(day.year + 1, month, first)


def due_instant(clock, period, zone, until_end_of=None, fiscal_starts="04-01", count=None):
    """When clock + period has run out, as the contract says."""
    if count == "civil-code":
        return civil_code_due(clock.local_day(zone), period, zone)
    if clock.day:
        last = add_period(clock.day, period)
        if until_end_of == "fiscal-year":
            return start_of_day(next_fiscal_year(last, fiscal_starts), zone)
        return start_of_day(last + dt.timedelta(days=1), zone)
    local = add_period(clock.instant.astimezone(zone).replace(tzinfo=None), period)
    if until_end_of == "fiscal-year":
        return start_of_day(next_fiscal_year(local.date(), fiscal_starts), zone)
    return to_instant(local, zone)


def civil_code_due(day, period, zone):
    """Counting begins on the next day and ends with the day before the corresponding day."""
    months, days = period
    begin = day + dt.timedelta(days=1)
    index = begin.year * 12 + begin.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if begin.day <= days_in_month(year, month):
        corresponding = dt.date(year, month, begin.day)
    else:  # no corresponding day: ends with the last day of the month
        corresponding = dt.date(year, month, days_in_month(year, month)) + dt.timedelta(days=1)
    return start_of_day(corresponding + dt.timedelta(days=days), zone)


def warn_from(due, warns, zone):
    """When the longest warning begins, or None without warnings."""
    begins = []
    for text in warns:
        local = add_period(due.astimezone(zone).replace(tzinfo=None), parse_period(text), -1)
        begins.append(to_instant(local, zone))
    return min(begins) if begins else None


# --- reading values ---------------------------------------------------------------------------

ISO = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d:?\d\d)?)?$")
JAPANESE = [
    re.compile(r"^(明治|大正|昭和|平成|令和)(元|\d{1,2})年(\d{1,2})月(\d{1,2})日$"),
    re.compile(r"^(明治|大正|昭和|平成|令和|[MTSHR])(元|\d{1,2})[./-](\d{1,2})[./-](\d{1,2})$"),
]
WESTERN = [
    re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$"),
    re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})$"),
    re.compile(r"^(\d{4})(\d\d)(\d\d)$"),
]


def make_day(year, month, day):
    try:
        value = dt.date(year, month, day)
    except ValueError:
        return UNREADABLE
    return UNREADABLE if value in SENTINELS else Clock(day=value)


def make_local(local, zone):
    """Naive local time to a clock."""
    if local.date() in SENTINELS:
        return UNREADABLE
    return Clock(instant=to_instant(local, zone))


def make_instant(instant, zone):
    if instant.astimezone(zone).date() in SENTINELS or instant.astimezone(UTC).date() in SENTINELS:
        return UNREADABLE
    return Clock(instant=instant.astimezone(UTC))


def read_iso(text, zone):
    match = ISO.match(text)
    if not match:
        return UNREADABLE
    year, month, day = (int(part) for part in match.group(1, 2, 3))
    if match.group(4) is None:
        return make_day(year, month, day)
    try:
        fraction = int((match.group(7) or "0").ljust(9, "0")[:6])
        local = dt.datetime(year, month, day, int(match.group(4)), int(match.group(5)),
                            int(match.group(6) or 0), fraction)
    except ValueError:
        return UNREADABLE
    offset = match.group(8)
    if offset is None:
        return make_local(local, zone)
    if local.date() in SENTINELS:
        return UNREADABLE
    if offset in "Zz":
        delta = dt.timedelta()
    else:
        digits = offset[1:].replace(":", "")
        delta = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        delta = -delta if offset[0] == "-" else delta
    return make_instant((local - delta).replace(tzinfo=UTC), zone)


def read_japanese(text, zone):
    folded = unicodedata.normalize("NFKC", text).strip()
    for pattern in JAPANESE:
        match = pattern.match(folded)
        if match:
            number = 1 if match.group(2) == "元" else int(match.group(2))
            if number == 0:
                return UNREADABLE
            return make_day(ERAS[match.group(1)] + number - 1, int(match.group(3)), int(match.group(4)))
    for pattern in WESTERN:
        match = pattern.match(folded)
        if match:
            return make_day(*(int(part) for part in match.groups()))
    return read_iso(folded, zone)


def read_serial(number, zone, epoch_1904):
    if number < 0 or number > 2958465:
        return UNREADABLE
    if not epoch_1904 and int(number) == 60:  # 29 February 1900, which never was
        return UNREADABLE
    base = dt.datetime(1904, 1, 1) if epoch_1904 else dt.datetime(1899, 12, 31 if number < 60 else 30)
    if number == int(number):
        return make_day(*(base + dt.timedelta(days=int(number))).timetuple()[:3])
    return make_local(base + dt.timedelta(seconds=round(number * 86400)), zone)


UNIX = {"unix-seconds": 1, "unix-milliseconds": 1000, "unix-microseconds": 1_000_000,
        "ticks-90khz": 90_000}


def read_number(value, scale, zone):
    try:
        number = float(value) if not isinstance(value, int) else value
        instant = dt.datetime(1970, 1, 1, tzinfo=UTC) + dt.timedelta(
            microseconds=round(number * 1_000_000 / scale) if isinstance(number, float)
            else number * 1_000_000 // scale)
    except (ValueError, OverflowError):
        return UNREADABLE
    return make_instant(instant, zone)


HAS_TIME = re.compile(r"%[HIMSTRsf]")


def read_strptime(text, pattern, zone):
    try:
        local = dt.datetime.strptime(text, pattern)
    except ValueError:
        return UNREADABLE
    if local.tzinfo:
        return make_instant(local, zone)
    if HAS_TIME.search(pattern):
        return make_local(local, zone)
    return make_day(local.year, local.month, local.day)


def read_date(value, formats, zone, workbook=False, epoch_1904=False):
    """EMPTY, UNREADABLE or a Clock."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return EMPTY
    if isinstance(value, bytes) or isinstance(value, bool) or isinstance(value, dt.time):
        return UNREADABLE
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return make_day(value.year, value.month, value.day)
        return make_local(value, zone)
    if isinstance(value, dt.date):
        return make_day(value.year, value.month, value.day)
    if workbook and isinstance(value, (int, float)) and value == int(value):
        clock = read_serial(value, zone, epoch_1904)
        if clock is not UNREADABLE or 0 <= value <= 2958465:
            return clock
    for one in formats or ["iso"]:
        clock = read_one(value, one, zone, epoch_1904)
        if clock is not UNREADABLE:
            return clock
    return UNREADABLE


def read_one(value, one, zone, epoch_1904):
    if one in UNIX:
        return read_number(value, UNIX[one], zone)
    if one == "excel":
        try:
            return read_serial(float(value), zone, epoch_1904)
        except ValueError:
            return UNREADABLE
    if isinstance(value, float):
        value = str(int(value)) if value == int(value) else repr(value)
    text = str(value).strip()
    if one == "iso":
        return read_iso(text, zone)
    if one == "japanese":
        return read_japanese(text, zone)
    return read_strptime(text, one, zone)
