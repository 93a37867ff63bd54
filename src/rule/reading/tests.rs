//! What the readers make of texts and numbers: every notation of the contract, and what is no date.

use super::*;
use crate::domain::item::SerialEpoch;
use crate::rule::fixture::{at, field, zone};
use jiff::civil::date;
use jiff::fmt::strtime;
use proptest::prelude::*;

fn reading(value: Value<'_>, formats: &[DateFormat]) -> ClockReading {
    let spec = FieldSpec { formats: formats.to_vec(), ..field("at") };
    read_clock(&value, &spec, &zone("Asia/Tokyo"))
}

fn text(text: &str, format: DateFormat) -> ClockReading {
    reading(Value::Text(text), &[format])
}

fn pattern(pattern: &str) -> DateFormat {
    DateFormat::Pattern(pattern.to_owned())
}

const NOT_A_DATE: ClockReading = ClockReading::Unreadable(Unreadable::NotADate);
const PLACEHOLDER: ClockReading = ClockReading::Unreadable(Unreadable::Placeholder);

#[test]
fn iso_dates_and_times() {
    assert_eq!(text(" 2024-04-01 ", DateFormat::Iso), ClockReading::Date(date(2024, 4, 1)));
    for (written, meant) in [
        ("2024-04-01T10:00", "2024-04-01T10:00:00+09:00"),
        ("2024-04-01 10:00:30", "2024-04-01T10:00:30+09:00"),
        ("2024-04-01T10:00:30.5", "2024-04-01T10:00:30.5+09:00"),
        ("2024-04-01 10:00:30,123456789", "2024-04-01T10:00:30.123456+09:00"),
        ("2024-04-01T10:00:00Z", "2024-04-01T10:00:00Z"),
        ("2024-04-01 10:00:00.25+00", "2024-04-01T10:00:00.25Z"),
        ("2024-04-01T10:00:00 -0530", "2024-04-01T10:00:00-05:30"),
        ("2024-04-01t10:00:00+05:45", "2024-04-01T10:00:00+05:45"),
    ] {
        assert_eq!(text(written, DateFormat::Iso), ClockReading::Instant(at(meant)), "{written}");
        assert_eq!(reading(Value::Text(written), &[]), ClockReading::Instant(at(meant)), "by default: {written}");
        assert_eq!(text(written, DateFormat::Japanese), ClockReading::Instant(at(meant)), "japanese: {written}");
    }
    for written in [
        "2024-13-01",
        "2023-02-29",
        "2024-04-31",
        "2024-00-10",
        "2024-4-1",
        "2024/04/01",
        "20240401",
        "2024-04-01T",
        "2024-04-01T24:00",
        "2024-04-01T10:60",
        "2024-04-01 10:00:60",
        "2024-04-01 1000",
        "2024-04-01T10:00+9",
        "2024-04-01T10:00:00.",
        "2024-04-01x",
        "45383",
        "令和6年4月1日",
        "n/a",
        "0000-01-01",
        "+024-04-01",
        "2024-04-0\u{0661}",
    ] {
        assert_eq!(text(written, DateFormat::Iso), NOT_A_DATE, "{written}");
    }
}

#[test]
fn placeholders_are_unknown_whatever_the_format() {
    for written in ["0000-00-00", "0000-00-00 00:00:00", "0000-00-00T10:00:00Z", "1970-01-01", "1970-01-01 00:00:00"] {
        assert_eq!(text(written, DateFormat::Iso), PLACEHOLDER, "{written}");
    }
    for written in ["1970-01-01T00:00:00Z", "1970-01-01 09:00:00", "1899-12-30", "1899-12-31 10:00"] {
        assert_eq!(text(written, DateFormat::Iso), PLACEHOLDER, "{written}");
    }
    for written in ["0000/00/00", "昭和45年1月1日", "S45.1.1", "1899/12/30", "18991231", "１９７０年１月１日"]
    {
        assert_eq!(text(written, DateFormat::Japanese), PLACEHOLDER, "{written}");
    }
    assert_eq!(text("19700101-000000", pattern("%Y%m%d-%H%M%S")), PLACEHOLDER);
    assert_eq!(text("0", DateFormat::UnixSeconds), PLACEHOLDER);
    assert_eq!(reading(Value::Real(0.0), &[DateFormat::UnixMilliseconds]), PLACEHOLDER);
    assert_eq!(reading(Value::Instant(Instant::from_microseconds(0)), &[]), PLACEHOLDER);
    assert_eq!(reading(Value::Date(date(1899, 12, 31)), &[]), PLACEHOLDER);
    assert_eq!(reading(Value::DateTime(date(1899, 12, 30).at(9, 30, 0, 0)), &[]), PLACEHOLDER);
    assert_eq!(text("1970-01-03", DateFormat::Iso), ClockReading::Date(date(1970, 1, 3)));
    assert_eq!(text("1899-12-29", DateFormat::Iso), ClockReading::Date(date(1899, 12, 29)));
}

#[test]
fn japanese_dates() {
    for (written, (year, month, day)) in [
        ("令和6年4月1日", (2024, 4, 1)),
        ("R6.4.1", (2024, 4, 1)),
        ("r6.4.1", (2024, 4, 1)),
        ("R06/04/01", (2024, 4, 1)),
        ("R6-4-1", (2024, 4, 1)),
        ("R060401", (2024, 4, 1)),
        ("R.6.4.1", (2024, 4, 1)),
        ("令6.4.1", (2024, 4, 1)),
        ("令和元年", (0, 0, 0)),
        ("令和元年5月1日", (2019, 5, 1)),
        ("令和1年5月1日", (2019, 5, 1)),
        ("㋿6年4月1日", (2024, 4, 1)),
        ("㍻31年4月30日", (2019, 4, 30)),
        ("㍼50年1月1日", (1975, 1, 1)),
        ("㍽15年12月25日", (1926, 12, 25)),
        ("㍾45年7月29日", (1912, 7, 29)),
        ("S50.1.1", (1975, 1, 1)),
        ("s64.1.7", (1989, 1, 7)),
        ("H31.4.30", (2019, 4, 30)),
        ("T1.7.30", (1912, 7, 30)),
        ("M45.7.29", (1912, 7, 29)),
        ("平成36年4月1日", (2024, 4, 1)),
        ("昭和100年1月1日", (0, 0, 0)),
        ("2024年4月1日", (2024, 4, 1)),
        ("2024年 4月 1日(月)", (2024, 4, 1)),
        ("２０２４年４月１日（月曜日）", (2024, 4, 1)),
        ("2024/4/1", (2024, 4, 1)),
        ("２０２４／０４／０１", (2024, 4, 1)),
        ("2024.4.1", (2024, 4, 1)),
        ("20240401", (2024, 4, 1)),
        ("２０２４０４０１", (2024, 4, 1)),
        ("Ｒ６．４．１", (2024, 4, 1)),
        ("令和６年０４月０１日", (2024, 4, 1)),
        ("2024-04-01", (2024, 4, 1)),
        ("２０２４−４−１", (2024, 4, 1)),
        ("\u{3000}令和6年4月1日 ", (2024, 4, 1)),
        ("令和6年2月29日", (2024, 2, 29)),
    ] {
        let expected = if year == 0 { NOT_A_DATE } else { ClockReading::Date(date(year, month, day)) };
        assert_eq!(text(written, DateFormat::Japanese), expected, "{written}");
    }
}

#[test]
fn japanese_texts_that_are_no_dates() {
    for written in [
        "令和6年2月30日",
        "令和7年2月29日",
        "2023/2/29",
        "R6.13.1",
        "20240431",
        "4/1",
        "6.4.1",
        "24/4/1",
        "2024年",
        "2024年4月",
        "2024年4月頃",
        "2024.4",
        "合計",
        "R0.4.1",
        "令和0年4月1日",
        "45383",
        "不明",
        "2024/4/1x",
        "2024/4-1",
        "2024年4月1",
        "2024/4/1 10",
        "2024/4/1 25:00",
        "元年4月1日",
        "2024元年4月1日",
        "202404011",
        "(2024/4/1)",
        "2024/4/1(晴)",
        "R2024.4.1",
    ] {
        assert_eq!(text(written, DateFormat::Japanese), NOT_A_DATE, "{written}");
    }
}

#[test]
fn japanese_dates_with_a_time_of_day() {
    for (written, meant) in [
        ("2024/4/1 9:05", "2024-04-01T09:05:00+09:00"),
        ("2024/4/1 10:30:15", "2024-04-01T10:30:15+09:00"),
        ("令和6年4月1日 10時30分", "2024-04-01T10:30:00+09:00"),
        ("令和6年4月1日10時", "2024-04-01T10:00:00+09:00"),
        ("2024年4月1日(月) 午後1時5分10秒", "2024-04-01T13:05:10+09:00"),
        ("2024年4月1日 午前12時", "2024-04-01T00:00:00+09:00"),
        ("20240401103000", "2024-04-01T10:30:00+09:00"),
        ("202404011030", "2024-04-01T10:30:00+09:00"),
        ("２０２４／４／１　１０：３０", "2024-04-01T10:30:00+09:00"),
    ] {
        assert_eq!(text(written, DateFormat::Japanese), ClockReading::Instant(at(meant)), "{written}");
    }
}

#[test]
fn numbers_of_seconds_and_finer_units() {
    let noon = ClockReading::Instant(at("2024-02-29T12:00:00+09:00"));
    assert_eq!(text("1709175600", DateFormat::UnixSeconds), noon);
    assert_eq!(reading(Value::Integer(1_709_175_600), &[DateFormat::UnixSeconds]), noon);
    assert_eq!(reading(Value::Real(1_709_175_600.0), &[DateFormat::UnixSeconds]), noon);
    assert_eq!(reading(Value::Cell(1_709_175_600.0, SerialEpoch::Y1900), &[DateFormat::UnixSeconds]), noon);
    assert_eq!(reading(Value::Integer(1_709_175_600_000), &[DateFormat::UnixMilliseconds]), noon);
    assert_eq!(text("1709175600000000", DateFormat::UnixMicroseconds), noon);
    assert_eq!(reading(Value::Integer(1_709_175_600 * 90_000), &[DateFormat::Ticks90Khz]), noon);
    let later =
        |microseconds: i64| ClockReading::Instant(Instant::from_microseconds(1_709_175_600_000_000 + microseconds));
    assert_eq!(text("1709175600.25", DateFormat::UnixSeconds), later(250_000));
    assert_eq!(reading(Value::Real(1_709_175_600.25), &[DateFormat::UnixSeconds]), later(250_000));
    assert_eq!(reading(Value::Integer(1_709_175_600 * 90_000 + 1), &[DateFormat::Ticks90Khz]), later(11));
    assert_eq!(text("1709175600000.5", DateFormat::UnixMilliseconds), later(500));
    assert_eq!(
        text("-86401.5", DateFormat::UnixSeconds),
        ClockReading::Instant(Instant::from_microseconds(-86_401_500_000))
    );
    for written in ["x", "1.7e9", "12:00", "--1", "1.2.3", "9999999999999", "2024-04-01"] {
        assert_eq!(text(written, DateFormat::UnixSeconds), NOT_A_DATE, "{written}");
    }
    assert_eq!(reading(Value::Real(f64::NAN), &[DateFormat::UnixSeconds]), NOT_A_DATE);
    assert_eq!(reading(Value::Real(f64::INFINITY), &[DateFormat::UnixSeconds]), NOT_A_DATE);
    assert_eq!(reading(Value::Integer(i64::MAX), &[DateFormat::UnixSeconds]), NOT_A_DATE);
}

#[test]
fn serial_days_of_workbooks() {
    let cell = |serial, epoch| reading(Value::Cell(serial, epoch), &[]);
    assert_eq!(cell(45_383.0, SerialEpoch::Y1900), ClockReading::Date(date(2024, 4, 1)));
    assert_eq!(cell(45_383.0, SerialEpoch::Y1904), ClockReading::Date(date(2028, 4, 2)));
    assert_eq!(cell(61.0, SerialEpoch::Y1900), ClockReading::Date(date(1900, 3, 1)));
    assert_eq!(cell(60.0, SerialEpoch::Y1900), NOT_A_DATE);
    assert_eq!(cell(59.0, SerialEpoch::Y1900), ClockReading::Date(date(1900, 2, 28)));
    assert_eq!(cell(1.0, SerialEpoch::Y1900), ClockReading::Date(date(1900, 1, 1)));
    assert_eq!(cell(0.0, SerialEpoch::Y1900), PLACEHOLDER);
    assert_eq!(cell(2_958_465.0, SerialEpoch::Y1900), ClockReading::Date(date(9999, 12, 31)));
    for serial in [-1.0, 2_958_466.0, 45_383.5, f64::NAN] {
        assert_eq!(cell(serial, SerialEpoch::Y1900), NOT_A_DATE, "{serial}");
    }
    // Whatever the formats are, but not against them.
    let as_cell = |format| reading(Value::Cell(45_383.0, SerialEpoch::Y1900), &[format]);
    assert_eq!(as_cell(DateFormat::Japanese), ClockReading::Date(date(2024, 4, 1)));
    assert_eq!(as_cell(pattern("%Y/%m/%d")), ClockReading::Date(date(2024, 4, 1)));
    let compact = Value::Cell(20_240_401.0, SerialEpoch::Y1900);
    assert_eq!(reading(compact, &[DateFormat::Japanese]), ClockReading::Date(date(2024, 4, 1)));
    assert_eq!(reading(compact, &[]), NOT_A_DATE);
}

#[test]
fn the_format_excel_reads_serials_anywhere() {
    assert_eq!(text("45383", DateFormat::Excel), ClockReading::Date(date(2024, 4, 1)));
    assert_eq!(text("45383.75", DateFormat::Excel), ClockReading::Instant(at("2024-04-01T18:00:00+09:00")));
    assert_eq!(reading(Value::Integer(45_383), &[DateFormat::Excel]), ClockReading::Date(date(2024, 4, 1)));
    let half = Value::Cell(45_383.5, SerialEpoch::Y1900);
    assert_eq!(reading(half, &[DateFormat::Excel]), ClockReading::Instant(at("2024-04-01T12:00:00+09:00")));
    for written in ["x", "-1", "1e5", "inf", "nan", ".", ""] {
        assert!(matches!(text(written, DateFormat::Excel), ClockReading::Unreadable(_)), "{written}");
    }
    assert_eq!(text("45383", DateFormat::Iso), NOT_A_DATE);
}

#[test]
fn real_dates_need_no_format() {
    assert_eq!(reading(Value::Date(date(2024, 4, 1)), &[]), ClockReading::Date(date(2024, 4, 1)));
    let time = Value::DateTime(date(2024, 4, 1).at(10, 30, 0, 0));
    assert_eq!(reading(time, &[DateFormat::Japanese]), ClockReading::Instant(at("2024-04-01T10:30:00+09:00")));
    let instant = at("2024-04-01T10:30:00Z");
    assert_eq!(reading(Value::Instant(instant), &[]), ClockReading::Instant(instant));
    assert_eq!(reading(Value::Boolean(true), &[]), NOT_A_DATE);
    assert_eq!(reading(Value::Bytes(b"\xff"), &[]), NOT_A_DATE);
}

#[test]
fn patterns() {
    for (written, directives, meant) in [
        ("20270201-101010", "%Y%m%d-%H%M%S", "2027-02-01T10:10:10+09:00"),
        ("2027-02-01 13", "%Y-%m-%d %H", "2027-02-01T13:00:00+09:00"),
        ("01.02.2027 7:05", "%d.%m.%Y %H:%M", "2027-02-01T07:05:00+09:00"),
        ("01/Feb/2027:07:05:09", "%d/%b/%Y:%H:%M:%S", "2027-02-01T07:05:09+09:00"),
        ("270201 0705", "%y%m%d %H%M", "2027-02-01T07:05:00+09:00"),
        ("2027-02-01T07:05:09", "%FT%T", "2027-02-01T07:05:09+09:00"),
        ("2027-02-01 07:05 +0000", "%Y-%m-%d %H:%M %z", "2027-02-01T07:05:00Z"),
        ("2027-02-01 07:05 PM", "%Y-%m-%d %I:%M %p", "2027-02-01T19:05:00+09:00"),
        ("1801465509", "%s", "2027-02-01T07:05:09Z"),
    ] {
        assert_eq!(text(written, pattern(directives)), ClockReading::Instant(at(meant)), "{written}");
    }
    for (written, directives) in [
        ("2027/2/1", "%Y/%m/%d"),
        ("2027年02月01日", "%Y年%m月%d日"),
        ("27 feb 1", "%y %b %d"),
        ("2027032", "%Y%j"),
        ("1 February 2027", "%d %B %Y"),
    ] {
        assert_eq!(text(written, pattern(directives)), ClockReading::Date(date(2027, 2, 1)), "{written}");
    }
    for (written, directives) in [
        ("2027/02/30", "%Y/%m/%d"),
        ("27/2/1", "%Y/%m/%d"),
        ("2027/2/1x", "%Y/%m/%d"),
        ("2027-2-1", "%Y/%m/%d"),
        ("2027/2/1 24:00", "%Y/%m/%d %H:%M"),
        ("2027/2", "%Y/%m"),
        ("2027/2/1", "%Q%"),
        ("２０２７/2/1", "%Y/%m/%d"),
    ] {
        assert_eq!(text(written, pattern(directives)), NOT_A_DATE, "{written}");
    }
}

#[test]
fn the_first_format_that_reads_counts() {
    let formats = [DateFormat::Japanese, pattern("%d.%m.%Y"), pattern("%Y/%m/%d %H:%M")];
    assert_eq!(reading(Value::Text("R6.4.1"), &formats), ClockReading::Date(date(2024, 4, 1)));
    assert_eq!(reading(Value::Text("01.04.2024"), &formats), ClockReading::Date(date(2024, 4, 1)));
    assert_eq!(reading(Value::Text("31.04.2024"), &formats), NOT_A_DATE);
}

#[test]
fn empty_is_running_only_where_that_is_said() {
    let running = FieldSpec { empty_is_running: true, ..field("at") };
    let by_name = FieldSpec { access: FieldAccess::Name("x".to_owned()), ..field("at") };
    let tokyo = zone("Asia/Tokyo");
    for blank in [Value::Empty, Value::Text(""), Value::Text(" \u{3000}")] {
        assert_eq!(read_clock(&blank, &running, &tokyo), ClockReading::Running);
        assert_eq!(reading(blank, &[]), ClockReading::Unreadable(Unreadable::Empty));
    }
    assert_eq!(read_clock(&Value::Text("x"), &running, &tokyo), NOT_A_DATE);
    assert_eq!(read_clock(&Value::Empty, &by_name, &tokyo), ClockReading::Unreadable(Unreadable::NoDateInName));
}

#[test]
fn the_zone_of_the_field_comes_before_that_of_the_source() {
    let utc = FieldSpec { time_zone: Some(zone("UTC")), ..field("at") };
    let value = Value::Text("2026-11-01 01:30:00");
    assert_eq!(read_clock(&value, &utc, &zone("Asia/Tokyo")), ClockReading::Instant(at("2026-11-01T01:30:00Z")));
    let overlap = read_clock(&value, &field("at"), &zone("America/New_York"));
    assert_eq!(overlap, ClockReading::Instant(at("2026-11-01T01:30:00-05:00")));
    let gap = read_clock(&Value::Text("2026-03-08 02:30:00"), &field("at"), &zone("America/New_York"));
    assert_eq!(gap, ClockReading::Instant(at("2026-03-08T03:30:00-04:00")));
}

proptest! {
    /// Compiled patterns read as `jiff` does, apart from years of fewer than four digits and signs.
    #[test]
    fn compiled_patterns_agree_with_jiff(
        which in 0_usize..6, year in 1000_i16..=9999, month in 0_u8..=14, day in 0_u8..=32,
        hour in 0_u8..=25, minute in 0_u8..=61, second in 0_u8..=59, width in 1_usize..=2, noise in "[0-9 ]{0,1}",
    ) {
        let (directives, written) = match which {
            0 => ("%Y/%m/%d", format!("{year}/{month:0width$}/{day:0width$}{noise}")),
            1 => ("%Y%m%d-%H%M%S", format!("{year}{month:02}{day:02}-{hour:02}{minute:02}{second:02}{noise}")),
            2 => ("%Y-%m-%d %H:%M:%S", format!("{year}-{month:02}-{day:02} {noise}{hour:0width$}:{minute:02}:{second:02}")),
            3 => ("%d.%m.%y", format!("{day:0width$}.{month:0width$}.{:02}", year % 100)),
            4 => ("%Y%m%d", format!("{year}{month:0width$}{day:0width$}")),
            _ => ("%Y-%m-%d %H", format!("{year}-{month:0width$}-{day:02}{noise} {hour:02}")),
        };
        let compiled = Pattern::new(directives);
        prop_assert!(compiled.is_simple());
        let expected = strtime::parse(directives, &written).ok().and_then(|parts| {
            let date = parts.to_date().ok()?;
            Some(match parts.hour() {
                Some(_) => Moment::Local(local_microseconds(date.to_datetime(parts.to_time().ok()?))),
                None => Moment::Date(date),
            })
        });
        prop_assert_eq!(compiled.parse(&written), expected, "{} {}", directives, written);
    }

    /// Whatever the text, reading it does not fail otherwise than by saying so.
    #[test]
    fn no_text_is_too_strange(written in "\\PC{0,24}|[0-9元年月日./:\\- RHSTM令和(]{0,20}") {
        for format in [DateFormat::Iso, DateFormat::Japanese, DateFormat::Excel, DateFormat::UnixSeconds, pattern("%Y年%m月%d日 %b")] {
            let _reading = text(&written, format);
        }
    }

    /// What `jiff` writes is read back.
    #[test]
    fn iso_times_are_read_as_jiff_reads_them(second in -60_000_000_000_i64..250_000_000_000, nanosecond in 0_i32..1_000_000_000) {
        let timestamp = jiff::Timestamp::new(second, nanosecond).unwrap();
        let written = timestamp.to_string();
        prop_assume!(!written.starts_with(['-', '0']));
        let microseconds = i64::try_from(timestamp.as_nanosecond().div_euclid(1000)).unwrap();
        let expected = Instant::from_microseconds(microseconds);
        prop_assert_eq!(iso::parse(written.as_bytes()), Some(Moment::Instant(expected)));
    }
}
