//! What a column may mean, judged by its name alone: the words of English and Japanese headings. Which values it holds
//! is looked at in `shape`; both come together in `guess`. Pure.

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

/// Parts of Japanese headings, the most telling first.
const JAPANESE: [(&[&str], Meaning); 16] = [
    (&["生年月日", "誕生日"], Meaning::BirthDate),
    (&["マイナンバー", "個人番号"], Meaning::StateNumber),
    (&["配信停止", "オプトアウト", "拒否", "受信停止", "停止"], Meaning::OptOut),
    (&["同意", "許諾", "承諾", "可否", "配信希望", "オプトイン"], Meaning::Consent),
    (&["利用目的", "用途", "目的"], Meaning::Purpose),
    (&["会社", "企業", "団体", "法人", "部署", "勤務先", "所属"], Meaning::Organisation),
    (&["電話", "携帯", "ファックス", "ファクス"], Meaning::Phone),
    (&["メール", "メアド"], Meaning::Email),
    (&["氏名", "名前", "お名前", "フリガナ", "ふりがな", "カナ", "担当者", "契約者"], Meaning::Name),
    (&["住所", "郵便番号", "都道府県", "市区町村", "番地"], Meaning::Address),
    (&["カメラ"], Meaning::Camera),
    (&["ファイル", "パス"], Meaning::Path),
    (&["日時", "日付", "年月日", "時刻", "開始"], Meaning::Clock),
    (&["備考", "メモ", "コメント", "内容", "本文"], Meaning::FreeText),
    (&["番号", "コード"], Meaning::Id),
    (&["性別", "年齢"], Meaning::Text),
];

/// Words of English headings, the most telling first.
const ENGLISH: [(&[&str], Meaning); 15] = [
    (&["birth", "birthday", "birthdate", "born", "dob"], Meaning::BirthDate),
    (&["ssn", "mynumber"], Meaning::StateNumber),
    (
        &["optout", "unsubscribed", "unsubscribe", "unsub", "blacklisted", "blocklisted", "suppressed", "donotcontact"],
        Meaning::OptOut,
    ),
    (&["consent", "consented", "optin", "subscribed", "newsletter", "permission", "gdpr", "agreed"], Meaning::Consent),
    (&["archived", "locked", "retained", "retain", "hold", "protected", "keep"], Meaning::KeepFlag),
    (&["company", "organisation", "organization", "employer", "department"], Meaning::Organisation),
    (&["email", "mail", "emailaddress"], Meaning::Email),
    (
        &[
            "phone",
            "tel",
            "telephone",
            "mobile",
            "fax",
            "msisdn",
            "cell",
            "src",
            "dst",
            "clid",
            "cnum",
            "caller",
            "callerid",
            "callee",
            "ani",
            "dnis",
        ],
        Meaning::Phone,
    ),
    (&["ip", "ipaddr", "ipaddress", "mac", "useragent"], Meaning::Network),
    (&["purpose", "purposes"], Meaning::Purpose),
    (&["path", "filename", "file", "recordingfile", "recording"], Meaning::Path),
    (&["camera", "cam"], Meaning::Camera),
    (&["street", "city", "zip", "zipcode", "postcode", "postal", "prefecture", "address"], Meaning::Address),
    (
        &[
            "note",
            "notes",
            "comment",
            "comments",
            "memo",
            "description",
            "remarks",
            "message",
            "body",
            "transcript",
            "userfield",
        ],
        Meaning::FreeText,
    ),
    (
        &[
            "name",
            "firstname",
            "lastname",
            "surname",
            "fullname",
            "forename",
            "nickname",
            "kana",
            "cnam",
            "username",
            "attendee",
        ],
        Meaning::Name,
    ),
];

/// Words that say when something was.
const CLOCKS: [&str; 22] = [
    "date",
    "time",
    "timestamp",
    "datetime",
    "calldate",
    "created",
    "updated",
    "modified",
    "stamp",
    "epoch",
    "entered",
    "added",
    "registered",
    "started",
    "ended",
    "at",
    "when",
    "ctime",
    "mtime",
    "joined",
    "expires",
    "expiry",
];
/// Whole names that say so.
const CLOCK_NAMES: [&str; 5] = ["start", "end", "answer", "begin", "since"];
/// Words beside which `name` is no person's.
const NOT_A_PERSON: [&str; 18] = [
    "file", "host", "domain", "table", "column", "product", "list", "camera", "channel", "type", "group", "event",
    "campaign", "field", "display", "short", "monitor", "server",
];

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
    match found {
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
    if has_both("opt", "out") || has_both("do", "not") || has_both("on", "hold") {
        return Some(if says_when { Meaning::Clock } else { Meaning::OptOut });
    }
    if has_both("opt", "in") {
        return Some(if says_when { Meaning::Clock } else { Meaning::Consent });
    }
    if words.len() > 1 && words.last().is_some_and(|last| last == "id") {
        return Some(Meaning::Reference);
    }
    if CLOCK_NAMES.contains(&whole.as_str()) {
        return Some(Meaning::Clock);
    }
    let found = ENGLISH.iter().find(|(known, _)| words.iter().any(|word| known.contains(&word.as_str())));
    match found.map(|(_, meaning)| *meaning) {
        Some(Meaning::BirthDate) => Some(Meaning::BirthDate),
        _ if says_when && !has("zone") => Some(Meaning::Clock),
        Some(Meaning::Email) if words.iter().any(|word| matches!(word.as_str(), "count" | "status" | "sent")) => None,
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

/// Parts of names of tables that hold people or their calls.
const TABLES: [&str; 33] = [
    "cdr",
    "customer",
    "client",
    "contact",
    "subscriber",
    "member",
    "lead",
    "people",
    "person",
    "employee",
    "staff",
    "attendee",
    "participant",
    "patient",
    "applicant",
    "user",
    "account",
    "call",
    "recording",
    "voicemail",
    "visitor",
    "prospect",
    "顧客",
    "会員",
    "名簿",
    "社員",
    "従業員",
    "応募",
    "参加",
    "申込",
    "患者",
    "通話",
    "録音",
];

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
    fn headings_of_both_languages_are_understood() {
        for (name, meaning) in [
            ("id", Meaning::Id),
            ("xml_cdr_uuid", Meaning::Id),
            ("contact_id", Meaning::Reference),
            ("E-mail", Meaning::Email),
            ("emailAddress", Meaning::Email),
            ("ＥＭＡＩＬ", Meaning::Email),
            ("phone_mobile", Meaning::Phone),
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
            ("電話番号", Meaning::Phone),
        ] {
            assert_eq!(of_name(name), Some(meaning), "{name}");
        }
        for name in ["disposition", "billsec", "list_name", "time_zone", "x", "", "状態"] {
            assert_eq!(of_name(name), None, "{name}");
        }
    }
}
