//! Dates as they are written in Japan: eras (`令和6年4月1日`, `R6.4.1`, `㋿元年5月1日`), `2024年4月1日`,
//! `2024/4/1`, `20240401`, full-width digits, with or without a weekday and a time of day; and ISO. A
//! text without a year or an era letter (`4/1`, `6.4.1`) is no date.

use super::Moment;
use super::iso::{self, digits};
use crate::rule::calendar::{DAY_MICROSECONDS, date_from, day_number};
use crate::rule::text::folded;

/// Era names with the year before their first.
const ERAS: &[(&str, i64)] = &[
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("明治", 1867),
    ("令", 2018),
    ("平", 1988),
    ("昭", 1925),
    ("大", 1911),
    ("明", 1867),
    ("R", 2018),
    ("r", 2018),
    ("H", 1988),
    ("h", 1988),
    ("S", 1925),
    ("s", 1925),
    ("T", 1911),
    ("t", 1911),
    ("M", 1867),
    ("m", 1867),
];

/// Reads a whole text without white space at its ends.
pub(super) fn parse(text: &str) -> Option<Moment> {
    if let Some(moment) = iso::parse(text.as_bytes()) {
        return Some(moment);
    }
    let mut buffer = String::new();
    let text = folded(text, &mut buffer);
    if let Some(moment) = iso::parse(text.as_bytes()) {
        return Some(moment);
    }
    let mut rest = Rest(text);
    let era = rest.era();
    let (year, month, day) = rest.compact(era.is_some()).or_else(|| rest.separated(era.is_some()))?;
    let date = date_from(era.unwrap_or(0) + year, month, day)?;
    rest.weekday();
    if rest.0.is_empty() {
        return Some(Moment::Date(date));
    }
    let of_day = rest.time_of_day()?;
    rest.0.trim_start().is_empty().then_some(Moment::Local(day_number(date) * DAY_MICROSECONDS + of_day))
}

/// What is left of the text.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Takes an era's name; gives the year before its first.
    fn era(&mut self) -> Option<i64> {
        let (name, base) = ERAS.iter().find(|(name, _)| self.0.starts_with(name))?;
        self.0 = self.0[name.len()..].trim_start();
        if name.len() == 1 {
            self.0 = self.0.strip_prefix('.').unwrap_or(self.0).trim_start();
        }
        Some(*base)
    }

    /// Takes digits without separators: `20240401`, `20240401103000`, after an era `060401`.
    fn compact(&mut self, after_era: bool) -> Option<(i64, i64, i64)> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let year = if after_era { 2 } else { 4 };
        let is_whole = length == year + 4 || !after_era && matches!(length, 12 | 14);
        let number = self.0.as_bytes().get(..year + 4).filter(|_| is_whole)?;
        let numbers = (digits(&number[..year])?, digits(&number[year..year + 2])?, digits(&number[year + 2..])?);
        self.0 = &self.0[year + 4..];
        (numbers.0 > 0).then_some(numbers)
    }

    /// Takes `6年4月1日`, `2024/4/1`, `6.4.1` and the like.
    fn separated(&mut self, after_era: bool) -> Option<(i64, i64, i64)> {
        let year = match self.0.strip_prefix('元') {
            Some(rest) if after_era => {
                self.0 = rest;
                1
            }
            _ => self.number(if after_era { 1..=2 } else { 4..=4 }).filter(|year| *year > 0)?,
        };
        let first = self.separator('年')?;
        let month = self.number(1..=2)?;
        let second = self.separator('月')?;
        let day = self.number(1..=2)?;
        if first != second {
            return None;
        }
        if first == '年' {
            self.0 = self.0.trim_start().strip_prefix('日')?;
        }
        Some((year, month, day))
    }

    fn number(&mut self, lengths: std::ops::RangeInclusive<usize>) -> Option<i64> {
        let text = self.0.trim_start();
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let number = digits(&text.as_bytes()[..length]).filter(|_| lengths.contains(&length))?;
        self.0 = &text[length..];
        Some(number)
    }

    /// Takes a separator: the word itself (told as `年`), or one of `/`, `-`, `.` in any of their shapes.
    fn separator(&mut self, word: char) -> Option<char> {
        let text = self.0.trim_start();
        let character = text.chars().next()?;
        self.0 = &text[character.len_utf8()..];
        match character {
            _ if character == word => Some('年'),
            '/' | '.' => Some(character),
            '-' | 'ー' | '−' | '\u{2010}'..='\u{2015}' => Some('-'),
            _ => None,
        }
    }

    /// Takes a weekday in parentheses; whether it is the right one is nobody's promise.
    fn weekday(&mut self) {
        let text = self.0.trim_start();
        if let Some((inside, rest)) = text.strip_prefix('(').and_then(|text| text.split_once(')')) {
            let day = inside.trim().trim_end_matches("曜日").trim_end_matches('曜');
            if matches!(day, "日" | "月" | "火" | "水" | "木" | "金" | "土") {
                self.0 = rest;
            }
        }
    }

    /// Takes `10:30`, `10:30:15`, `午後1時5分`, `103000`: microseconds of the day.
    fn time_of_day(&mut self) -> Option<i64> {
        self.0 = self.0.trim_start_matches('T').trim_start();
        let noon = match self.0.chars().next()? {
            '午' => {
                let later = self.0.starts_with("午後");
                self.0 = self.0.strip_prefix("午前").or_else(|| self.0.strip_prefix("午後"))?.trim_start();
                Some(later)
            }
            _ => None,
        };
        if noon.is_none()
            && let Some((of_day, rest)) = iso::time_of_day(self.0.as_bytes())
        {
            self.0 = &self.0[self.0.len() - rest.len()..];
            return Some(of_day);
        }
        let hour = self.number(1..=2)?;
        let hour = match noon {
            None => hour,
            Some(_) if hour > 12 => return None,
            Some(later) => hour % 12 + if later { 12 } else { 0 },
        };
        if !self.0.trim_start().starts_with([':', '時']) {
            return None;
        }
        let minute = self.clock_part(':', '時')?;
        let second = self.clock_part(':', '分')?;
        self.0 = self.0.strip_prefix('秒').unwrap_or(self.0);
        (hour < 24 && minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * 1_000_000)
    }

    /// Takes a sign and the number after it; a sign without a number (`10時`) stands for zero.
    fn clock_part(&mut self, sign: char, word: char) -> Option<i64> {
        let text = self.0.trim_start();
        let Some(rest) = text.strip_prefix([sign, word]) else {
            return Some(0);
        };
        let is_word = text.starts_with(word);
        self.0 = rest;
        self.number(1..=2).or_else(|| is_word.then_some(0))
    }
}
