//! The company's lists, as they come in: attendee lists of three partners in CP932 whose headers differ, a
//! purchased workbook, data entrusted by a client, applicants, and who asked not to be called.

use super::{Chance, Company, person};
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};
use std::fmt::Write as _;
use std::io;

/// Writes all of them.
pub(super) fn write(company: &Company, chance: &mut Chance) -> io::Result<()> {
    seminars(company, chance)?;
    purchased(company, chance).map_err(io::Error::other)?;
    trade_fair(company, chance)?;
    entrusted(company)?;
    applicants(company, chance)?;
    requests(company)?;
    do_not_call(company)
}

/// Three seminars: one too old by now, one that soon is, and a recent one.
fn seminars(company: &Company, chance: &mut Chance) -> io::Result<()> {
    const HEADERS: &[(&str, u32)] = &[
        ("受付番号,氏名,メールアドレス,開催日,利用目的", 500),
        ("氏名,受付番号,E-mail,利用目的,開催日", 352),
        ("受付番号,氏名,会社名,メールアドレス,利用目的,開催日", 90),
    ];
    for (ordinal, (header, days)) in (1_u32..).zip(HEADERS) {
        let held_on = company.day(*days);
        let mut text = format!("{header}\r\n");
        for row in 0..220 {
            let person = person(ordinal * 300 + row);
            let purpose = match chance.below(40) {
                0 => "",
                1 | 2 => "集計",
                3 => "景品の発送",
                number if number % 2 == 0 => "資料送付",
                _ => "情報提供",
            };
            let email = if chance.percent(2) { "不明".to_owned() } else { person.email };
            let date = if chance.percent(2) { "未定".to_owned() } else { japanese(held_on) };
            let cells = header.split(',').map(|column| match column {
                "受付番号" => format!("S{ordinal}-{row:04}"),
                "氏名" => person.name.clone(),
                "会社名" => "株式会社例示".to_owned(),
                "開催日" => date.clone(),
                "利用目的" => purpose.to_owned(),
                _ => email.clone(),
            });
            let mut line = cells.collect::<Vec<String>>().join(",");
            if row == 140 && ordinal == 2 {
                line.push_str(",要確認,再送"); // Somebody's notes, in cells that have no header.
            }
            text.push_str(&line);
            text.push_str("\r\n");
        }
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
        company.write(&format!("data/lists/seminar/partner-{ordinal}.csv"), &cp932)?;
    }
    Ok(())
}

/// A day as Japanese offices write it: 令和8年3月31日.
fn japanese(date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match year - 2018 {
        1 if date >= jiff::civil::date(2019, 5, 1) => format!("令和元年{month}月{day}日"),
        era_year if era_year > 1 => format!("令和{era_year}年{month}月{day}日"),
        _ => format!("{year}年{month}月{day}日"),
    }
}

/// A purchased list: a title above the header, real dates, and telephone numbers that a spreadsheet took for
/// numbers.
fn purchased(company: &Company, chance: &mut Chance) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let date_format = Format::new().set_num_format("yyyy/mm/dd");
    let sheet = workbook.add_worksheet();
    sheet.set_name("名簿")?;
    sheet.write_string(0, 0, "購入名簿(部外秘)")?;
    for (column, title) in (0_u16..).zip(["No", "氏名", "電話番号", "取得日"]) {
        sheet.write_string(2, column, title)?;
    }
    for row in 0..400 {
        let person = person(1_200 + row);
        let obtained_on = company.day(if chance.percent(30) { 560 } else { 200 + chance.below(60) });
        let line = row + 3;
        sheet.write_number(line, 0, f64::from(row + 1))?;
        sheet.write_string(line, 1, person.name)?;
        let digits: String = person.phone.chars().filter(char::is_ascii_digit).collect();
        match digits.parse::<f64>() {
            Ok(number) if chance.percent(20) => sheet.write_number(line, 2, number)?,
            _ => sheet.write_string(line, 2, person.phone)?,
        };
        let (year, month, day) = (obtained_on.year(), obtained_on.month(), obtained_on.day());
        let year = u16::try_from(year).unwrap_or(1900);
        let cell = ExcelDateTime::from_ymd(year, month.unsigned_abs(), day.unsigned_abs())?;
        sheet.write_datetime_with_format(line, 3, &cell, &date_format)?;
    }
    let path = company.path("data/lists/purchased/list.xlsx").map_err(XlsxError::IoError)?;
    workbook.save(path)
}

/// Business cards from a trade fair: nobody wrote down how they were obtained.
fn trade_fair(company: &Company, chance: &mut Chance) -> io::Result<()> {
    let mut text = String::from("id,name,phone,obtained_on\n");
    for row in 0..60 {
        let person = person(1_700 + row);
        let day = company.day(100 + chance.below(3));
        let _ = writeln!(text, "{row},{},{},{day}", person.name, person.phone);
    }
    company.write("data/lists/trade-fair/cards.csv", text.as_bytes())
}

/// Data of a client whose contract has ended.
fn entrusted(company: &Company) -> io::Result<()> {
    let mut text = String::from("customer_no,name,amount\n");
    for row in 0..150 {
        let _ = writeln!(text, "C{row:05},{},{}", person(3_000 + row).name, 1_200 + row * 7);
    }
    company.write("data/lists/acme/billing.csv", text.as_bytes())
}

/// Applicants of the last four years.
fn applicants(company: &Company, chance: &mut Chance) -> io::Result<()> {
    let mut text = String::from("id,name,applied_at\n");
    for row in 0..120 {
        let day = company.day(chance.below(1_400));
        let _ = writeln!(text, "A{row:04},{},{}", person(4_000 + row).name, day.strftime("%Y/%m/%d"));
    }
    company.write("data/lists/applicants.csv", text.as_bytes())
}

/// Disclosure requests: over the time that the company wants them, under the time that it must keep them.
fn requests(company: &Company) -> io::Result<()> {
    let mut text = String::from("id\tname\treceived_on\n");
    for row in 0..40 {
        let _ = writeln!(text, "R{row:03}\t{}\t{}", person(5_000 + row).name, company.day(20 + row * 30));
    }
    company.write("data/lists/disclosure-requests.tsv", text.as_bytes())
}

/// People who asked not to be called.
fn do_not_call(company: &Company) -> io::Result<()> {
    let mut text = String::from("tel,since\n");
    for row in 0..25 {
        let _ = writeln!(text, "{},{}", person(1_200 + row * 16).phone, company.day(30 + row * 3));
    }
    company.write("data/lists/do-not-call.csv", text.as_bytes())
}
