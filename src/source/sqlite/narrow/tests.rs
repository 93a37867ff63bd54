//! Narrowing by itself: what is narrowed at all, and how the cut is represented.

use super::*;
use crate::source::date_shape::day_after;
use jiff::tz::TimeZone;

fn cut(format: &DateFormat, not_after: Instant) -> Option<Cut> {
    Cut::new("c", format, not_after, day_after(not_after, &TimeZone::UTC)?)
}

#[test]
fn formats_out_of_the_order_of_time_are_not_narrowed() {
    let instant = Instant::from_microseconds(1_800_000_000_000_000);
    for format in [DateFormat::Japanese, DateFormat::Excel, DateFormat::Pattern("%d.%m.%Y".to_owned())] {
        assert_eq!(cut(&format, instant), None, "{format:?}");
    }
}

#[test]
fn a_cut_at_which_stand_ins_for_unknown_dates_would_be_lost_is_not_made() {
    for microseconds in [-86_400_000_000, 0, i64::MAX, 7_258_118_400_000_000] {
        let instant = Instant::from_microseconds(microseconds);
        assert_eq!(cut(&DateFormat::UnixSeconds, instant), None, "{microseconds}");
    }
}

#[test]
fn the_cut_is_in_the_representation_of_the_column() {
    let instant = Instant::from_microseconds(1_700_000_000_000_000);
    let first = |format| cut(&format, instant).unwrap().parameters[0].clone();
    assert_eq!(first(DateFormat::UnixSeconds), Parameter::Real(1_700_000_000.001));
    assert_eq!(first(DateFormat::UnixMilliseconds), Parameter::Integer(1_700_000_000_001));
    assert_eq!(first(DateFormat::UnixMicroseconds), Parameter::Integer(1_700_000_000_000_001));
    assert_eq!(first(DateFormat::Ticks90Khz), Parameter::Integer(153_000_000_000_001));
    assert_eq!(first(DateFormat::Iso), Parameter::Text("2023-11-18".to_owned()));
    assert_eq!(first(DateFormat::Pattern("%Y/%m/%d".to_owned())), Parameter::Text("2023/11/18".to_owned()));
}
