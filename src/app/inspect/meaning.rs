//! What a column may mean, judged by its name alone: the words of English and Japanese headings. Which values it holds
//! is looked at in `shape`; both come together in `guess`. Pure.

use super::words::{CALL_COLUMNS, CLOCK_NAMES, CLOCKS, ENGLISH, JAPANESE, NOT_A_PERSON, QUANTITIES, TABLES};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

/// What a column may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// What makes a row itself.
    Id,
    /// A date or time from which a period may run.
    Clock,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A person's name.
    Name,
    /// A postal address.
    Address,
    /// When a person was born.
    BirthDate,
    /// An address in a network, or a device.
    Network,
    /// Whether somebody agreed.
    Consent,
    /// Whether somebody refused.
    OptOut,
    /// What it is held for.
    Purpose,
    /// Where a file lies.
    Path,
    /// Which camera.
    Camera,
    /// A product's own mark that keeps a row.
    KeepFlag,
    /// A company or department.
    Organisation,
    /// Notes that somebody wrote: anything may stand in them.
    FreeText,
    /// A row of another table.
    Reference,
    /// A number of the state's for a person.
    StateNumber,
    /// Yes or no.
    Flag,
    /// Pictures, documents and the like, which are not looked into.
    Binary,
    /// A number.
    Number,
    /// A text.
    Text,
    /// Nothing is known.
    Unknown,
}

impl Meaning {
    /// The word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Clock => "clock",
            Self::Email => "e-mail",
            Self::Phone => "telephone",
            Self::Name => "name",
            Self::Address => "address",
            Self::BirthDate => "date of birth",
            Self::Network => "network address",
            Self::Consent => "consent",
            Self::OptOut => "opt-out",
            Self::Purpose => "purpose",
            Self::Path => "path",
            Self::Camera => "camera",
            Self::KeepFlag => "keep flag",
            Self::Organisation => "organisation",
            Self::FreeText => "free text",
            Self::Reference => "reference",
            Self::StateNumber => "state number",
            Self::Flag => "yes or no",
            Self::Binary => "binary",
            Self::Number => "number",
            Self::Text => "text",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it tells something of a person by itself.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(
            self,
            Self::Email
                | Self::Phone
                | Self::Name
                | Self::Address
                | Self::BirthDate
                | Self::Network
                | Self::StateNumber
        )
    }
}

/// What a name of a column says, if anything.
#[must_use]
pub fn of_name(name: &str) -> Option<Meaning> {
    let name: String = name.nfkc().collect();
    if name.chars().any(|character| character.is_alphabetic() && !character.is_ascii()) {
        return of_japanese(name.trim());
    }
    of_words(&words(&name))
}

fn of_japanese(name: &str) -> Option<Meaning> {
    let found = JAPANESE.iter().find(|(parts, _)| parts.iter().any(|part| name.contains(part)));
    let found = found.map(|(_, meaning)| *meaning);
    let is_key = ["ID", "id", "コード", "番号"].iter().any(|end| name.ends_with(end));
    match found {
        // 顧客ID, 担当者コード: what somebody is called by, and no name.
        None if is_key => Some(Meaning::Id),
        Some(Meaning::Name | Meaning::Organisation) if is_key => Some(Meaning::Reference),
        Some(Meaning::BirthDate) => found,
        // 同意日, 配信停止日時: when somebody did.
        _ if name.ends_with('日') || name.ends_with("日時") => Some(Meaning::Clock),
        Some(_) => found,
        None if name == "姓" || name == "名" => Some(Meaning::Name),
        None => None,
    }
}

fn of_words(words: &[String]) -> Option<Meaning> {
    let has = |word: &str| words.iter().any(|known| known == word);
    let has_both = |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    let says_when = words.iter().any(|word| CLOCKS.contains(&word.as_str()));
    let whole = words.concat();
    if matches!(whole.as_str(), "id" | "uuid" | "guid" | "uniqueid" | "no" | "key") || has("uuid") {
        return Some(Meaning::Id);
    }
    if has_both("opt", "out") || has_both("opted", "out") || has_both("do", "not") || has_both("on", "hold") {
        return Some(if says_when { Meaning::Clock } else { Meaning::OptOut });
    }
    if has_both("opt", "in") || has_both("opted", "in") {
        return Some(if says_when { Meaning::Clock } else { Meaning::Consent });
    }
    if words.len() > 1 && words.last().is_some_and(|last| last == "id") {
        return Some(Meaning::Reference);
    }
    if CLOCK_NAMES.contains(&whole.as_str()) {
        return Some(Meaning::Clock);
    }
    let is_known = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let found = ENGLISH.iter().find(|(known, _)| is_known(known) || known.contains(&whole.as_str()));
    match found.map(|(_, meaning)| *meaning) {
        Some(Meaning::BirthDate) => Some(Meaning::BirthDate),
        _ if says_when && !has("zone") => Some(Meaning::Clock),
        Some(Meaning::Email) if words.iter().any(|word| matches!(word.as_str(), "count" | "status" | "sent")) => None,
        Some(Meaning::Phone) if has("name") => Some(Meaning::Name),
        Some(Meaning::Name) if words.iter().any(|word| NOT_A_PERSON.contains(&word.as_str())) => None,
        found => found,
    }
}

/// The words of a name in lower case: `emailAddress`, `email_address` and `E-mail address` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in name.chars() {
        let begins = character.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    if let Some(start) = words.windows(2).position(|pair| pair[0] == "e" && pair[1] == "mail") {
        words.splice(start..start + 2, ["email".to_owned()]);
    }
    words
}

/// Whether a column's name says that it counts or measures something.
#[must_use]
pub fn is_quantity(name: &str) -> bool {
    let name: String = name.nfkc().collect();
    let words = words(&name);
    QUANTITIES.iter().any(|quantity| {
        let is_word = |word: &String| word == quantity;
        if quantity.is_ascii() { words.iter().any(is_word) } else { name.contains(quantity) }
    }) || QUANTITIES.contains(&words.concat().as_str())
}

/// Whether a table's name says that it holds calls.
#[must_use]
pub fn is_of_calls(table: &str) -> bool {
    let table = table.nfkc().collect::<String>().to_lowercase();
    ["cdr", "call", "recording", "voicemail", "通話", "録音"].iter().any(|part| table.contains(part))
}

/// Whether a column holds `"Name" <number>`, as exchanges write who calls.
#[must_use]
pub fn is_name_and_number(column: &str) -> bool {
    words(column).concat() == "clid"
}

/// Whether a column's name says that its number is the caller's.
#[must_use]
pub fn is_of_caller(column: &str) -> bool {
    let words = words(column);
    words.concat() == "src" || words.iter().any(|word| word.starts_with("caller"))
}

/// Whether columns are those of call records: two or more are known as such.
#[must_use]
pub fn are_of_calls<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let name = |name: &str| words(&name.nfkc().collect::<String>()).concat();
    names.filter(|known| CALL_COLUMNS.contains(&name(known).as_str())).count() >= 2
}

/// Whether a table's name says that it holds people or their calls.
#[must_use]
pub fn is_of_people(table: &str) -> bool {
    let table = table.nfkc().collect::<String>().to_lowercase();
    TABLES.iter().any(|part| table.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_records_are_known_by_two_of_their_columns() {
        for names in [&["calldate", "clid"][..], &["id", "caller_id_number", "Start Stamp"], &["発信番号", "通話時間"]]
        {
            assert!(are_of_calls(names.iter().copied()), "{names:?}");
        }
        for names in [&["email", "phone", "created_at"][..], &["id", "duration", "title"], &[]] {
            assert!(!are_of_calls(names.iter().copied()), "{names:?}");
        }
    }

    #[test]
    fn headings_of_both_languages_are_understood() {
        for (name, meaning) in [
            ("id", Meaning::Id),
            ("xml_cdr_uuid", Meaning::Id),
            ("contact_id", Meaning::Reference),
            ("E-mail", Meaning::Email),
            ("emailAddress", Meaning::Email),
            ("ＥＭＡＩＬ", Meaning::Email),
            ("phone_mobile", Meaning::Phone),
            ("caller_id_name", Meaning::Name),
            ("record_name", Meaning::Path),
            ("recordName", Meaning::Path),
            ("caller_id_number", Meaning::Phone),
            ("src", Meaning::Phone),
            ("created_at", Meaning::Clock),
            ("calldate", Meaning::Clock),
            ("start", Meaning::Clock),
            ("do_not_email", Meaning::OptOut),
            ("optin_time", Meaning::Clock),
            ("is_opt_out", Meaning::OptOut),
            ("date_of_birth", Meaning::BirthDate),
            ("recordingfile", Meaning::Path),
            ("Archived", Meaning::KeepFlag),
            ("last_name", Meaning::Name),
            ("氏名", Meaning::Name),
            ("メールアドレス", Meaning::Email),
            ("登録日", Meaning::Clock),
            ("同意日", Meaning::Clock),
            ("配信可否", Meaning::Consent),
            ("生年月日", Meaning::BirthDate),
            ("ﾒｰﾙｱﾄﾞﾚｽ", Meaning::Email),
            ("受付番号", Meaning::Id),
            ("顧客ID", Meaning::Id),
            ("担当者コード", Meaning::Reference),
            ("マイナンバー", Meaning::StateNumber),
            ("user_agent", Meaning::Network),
            ("optedout", Meaning::OptOut),
            ("optedOutAt", Meaning::Clock),
            ("電話番号", Meaning::Phone),
        ] {
            assert_eq!(of_name(name), Some(meaning), "{name}");
        }
        for name in ["disposition", "billsec", "list_name", "time_zone", "x", "", "状態"] {
            assert_eq!(of_name(name), None, "{name}");
        }
    }
}
