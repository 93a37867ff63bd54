//! The words of English and Japanese headings and of names of tables, and what they mean. How they are looked up is in
//! `meaning`.

use super::meaning::Meaning;

/// Parts of Japanese headings, the most telling first.
pub const JAPANESE: [(&[&str], Meaning); 16] = [
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
pub const ENGLISH: [(&[&str], Meaning); 15] = [
    (&["birth", "birthday", "birthdate", "born", "dob"], Meaning::BirthDate),
    (&["ssn", "mynumber"], Meaning::StateNumber),
    (
        &[
            "optout",
            "optedout",
            "unsubscribed",
            "unsubscribe",
            "unsub",
            "blacklisted",
            "blocklisted",
            "suppressed",
            "donotcontact",
        ],
        Meaning::OptOut,
    ),
    (
        &["consent", "consented", "optin", "optedin", "subscribed", "newsletter", "permission", "gdpr", "agreed"],
        Meaning::Consent,
    ),
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
pub const CLOCKS: [&str; 22] = [
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
pub const CLOCK_NAMES: [&str; 5] = ["start", "end", "answer", "begin", "since"];
/// Words beside which `name` is no person's.
pub const NOT_A_PERSON: [&str; 34] = [
    "tag", "role", "job", "country", "class", "service", "item", "category", "module", "plugin", "database", "schema",
    "device", "project", "task", "queue", "file", "host", "domain", "table", "column", "product", "list", "camera",
    "channel", "type", "group", "event", "campaign", "field", "display", "short", "monitor", "server",
];

/// Words of what counts or measures, in English; parts of names in Japanese.
pub const QUANTITIES: [&str; 39] = [
    "duration", "billsec", "sec", "secs", "seconds", "minutes", "hours", "days", "talktime", "holdtime", "waittime",
    "ringtime", "length", "count", "counter", "number", "num", "total", "amount", "quantity", "qty", "size", "bytes",
    "age", "score", "level", "rank", "position", "sequence", "attempts", "retries", "visits", "frames", "秒", "時間",
    "回数", "件数", "数量", "金額",
];

/// Parts of names of tables that hold people or their calls.
pub const TABLES: [&str; 33] = [
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
