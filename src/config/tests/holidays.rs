//! Files of holidays, in the forms in which people have them.

use crate::config::holidays::{Fault, read};
use jiff::civil::date;
use proptest::prelude::*;

fn faults(text: &str) -> Vec<(u32, String)> {
    let faults = read(text.as_bytes()).unwrap_err();
    faults.into_iter().map(|Fault { line, message }| (line, message)).collect()
}

#[test]
fn the_file_of_the_cabinet_office_is_read_as_it_is() {
    let text = "国民の祝日・休日月日,国民の祝日・休日名称\r\n1955/1/1,元日\r\n1955/1/15,成人の日\r\n2027/11/23,勤労感謝の日\r\n";
    let (cp932, ..) = encoding_rs::SHIFT_JIS.encode(text);
    let expected = [date(1955, 1, 1), date(1955, 1, 15), date(2027, 11, 23)];
    assert!(!cp932.starts_with("国".as_bytes()));
    assert_eq!(read(&cp932).unwrap().into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(read(text.as_bytes()).unwrap().len(), 3);
    assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap().len(), 3);
}

#[test]
fn own_files_are_short() {
    let days =
        read(b"# closed at the turn of the year\n2026-12-29\n2026-12-30 , rest\n\"2026/12/31\";\"x\"\n\n,,\n").unwrap();
    assert_eq!(days.into_iter().collect::<Vec<_>>(), [date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31)]);
}

#[test]
fn faults_are_told_with_their_lines() {
    assert_eq!(faults("2027/2/29\n"), [(1, "`2027/2/29` is not a date".to_owned())]);
    assert_eq!(
        faults("day\n2027-01-01\nname\n27/1/1\n2027-1-1-1\n2027/001/1\n元日,2027/1/1\n"),
        [
            (3, "`name` is not a date".to_owned()),
            (4, "`27/1/1` is not a date".to_owned()),
            (5, "`2027-1-1-1` is not a date".to_owned()),
            (6, "`2027/001/1` is not a date".to_owned()),
            (7, "the line does not begin with a date".to_owned()),
        ]
    );
    assert_eq!(faults(""), [(0, "there is no holiday in the file".to_owned())]);
    assert_eq!(faults("day,name\n"), [(0, "there is no holiday in the file".to_owned())]);
    let many = faults(&"2027/1/x\n".repeat(25));
    assert_eq!((many.len(), many[10].clone()), (11, (0, "15 more lines do not begin with a date".to_owned())));
    assert_eq!(read(b"\xff\xfe2\x000\x00").unwrap_err()[0].message, "the file is UTF-16");
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _answered = read(&bytes);
    }
}
