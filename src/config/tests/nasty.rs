//! A register with many faults: each is told, in its place, at once.

use super::world::{DATASET, ORGANISATION, SERVER, SOURCE, faults, faults_of, loaded};

const NASTY_SERVER: &str = r#"version = 2
register = ["register/*.toml", "nowhere/*.toml"]
regsiter = "x"

[service]
state = 5
site = "Osaka"
listen = "8470"
scans_at_once = 0
digest_key = "hunter2"

[mail]
from = "privacy office"
[mail.smtp]
host = "mail.example.co.jp"
port = 99999
tls = "none"
user = "purposed"
[mail.maildir]
path = "outbox"

[connections]
crm = "postgresql://purposed:hunter2@db.example.co.jp/crm"
old = "oracle:thing"
memory = "sqlite::memory:"
bad = { url = "sqlite:x.db", time_zone = "Asia/Tokio", avoid = "09:00-18:00" }
[roots]
lists = { path = "/srv/lists", must_be_mount = "yes" }
"#;

const NASTY_ORGANISATION: &str = r#"[organisation]
name = { jp = "例" }
privacy_manager = "manger"
time_zone = "Mars/Olympus"
fiscal_year_starts = "02-29"
policy = { established = 2010-13-01 }

[people]
manager = { name = "管理者", email = "not an address", language = "de" }
Bad_Name = { email = "x@example.co.jp" }

[divisions.sales]
person_in_charge = "nobody"
[divisions.support]
name = "Support"

[purposes.mailing]
values = ["案内"]
[purposes.calls]
values = ["案内"]
ground = "wish"

[categories.lists]
purposes = ["mailing", "mialing"]
special = ["faces"]

[letters]
send = "24:00"
holidays = ["holidays.csv", "nowhere.csv"]
repeat = "0 days"
escalate_after = "5 days"
declare_within = "3 business days"
immediate = ["consent:opted", "retension", "consent:opted-out"]
summary = "moonday"
digest = "weekly"
[divisions.sales.letters]
send = "nine"
summary = "friday"
[exceptions]
longest_extension = "1 yr"
remind = 14

[roots]
x = "/srv"
"#;

const NASTY_DATASETS: &str = r#"division = "sales"

[datasets.leads]
division = "support"
category = "list"
purposes = ["calls", "mailing"]
schedule = "61 2 * * *"
time_zone = "Tokyo"
random_delay = "10 min"
baseline = "yes"
early_loss = 10
was = ["others"]
warn = ["1 mo"]
keep = { for = "6 moons", from = "sinse", until_end_of = "year" }
keep_at_least = [{ from = "since" }, { for = "3 business days", from = "contract.ends", where = { camra = "x[" } }]
consent = { ledger = "consens", by = "phone", valid_for = 2 }
opt_outs = [{ row = "stopp" }, { by = "email" }]
where = { a = "b" }
colour = "red"

[datasets.leads.source]
root = "list"
files = ["*.csv", "../*.csv"]
items = "row"
identity = ["file", "idd"]
fields.id = "No"
fields.since = { column = "いつ", format = "%Q" }
fields.email = { column = "Mail", path = "x" }
fields.phone = { path = '(\d{4}' }
fields.answer = { column = "可否", values = { "○" = "yes", "Ａ" = "given", "A" = "refused" } }
fields.none = { type = "text" }

[datasets.others]
template = "nowhere"
schedule = "@dayly"
random_delay = "2 days"
early_loss = "110 %"
category = "lists"
purposes = []
source = "shared"
sources = { items = "shared", copies = ["x", "shared"] }

[ledgers.consents]
kind = "consent"
source = "shraed"

[sources.shared]
preset = "frigat"
[sources.other]
preset = "frigate"
[sources.third]
connection = "nvr"
root = "lists"

[[tests]]
dataset = "lead"
now = "yesterday"
expect = ["retention:expird"]
"#;

#[test]
fn every_fault_is_told_in_its_place() {
    let files = [
        ("purposed.toml", NASTY_SERVER),
        ("register/a.toml", NASTY_ORGANISATION),
        ("register/b.toml", NASTY_DATASETS),
        ("holidays.csv", "day,name\n2027/1/1,New Year\n\n2027/13/1\nsoon,some day\n"),
    ];
    insta::assert_snapshot!(faults_of(&files));
}

#[test]
fn syntax_errors_hide_nothing_else() {
    let broken = "[datasets.a]\ndivision = sales\npurposes = [\"x\", \n[datasets.b\ncategory = \"lists\"\n\
        [datasets.c]\nwarn = [\"1 day\" \"2 days\"]\nwarn = []\nname = 'x\nschedule\n\
        keep = [\n  { for = \"1 year\", from = \"since\" }\n  { for = \"1 year\", from = \"since\" },\n]\n\
        [datasets.c]\nsite = \"tokyo\"\n[datasets.leads]\nsite = \"T\"\n";
    let files = [
        ("purposed.toml", SERVER),
        ("register/a.toml", ORGANISATION),
        ("register/b.toml", broken),
        ("register/c.toml", "[datasets.d]\nschedule = \"x\"\ndivision = \"sale\"\n"),
    ];
    insta::assert_snapshot!(faults_of(&files));
}

#[test]
fn line_ends_marks_and_wide_characters_keep_places() {
    let text = "\u{feff}# 名簿\r\n[datasets.leads]\r\nname = { ja = \"名簿\", en = \"leads\", fr = \"x\" }\r\n";
    let problems = faults(text);
    let unknown = "register/b.toml:3:35: unknown key `fr` in `datasets.leads.name`\n";
    assert!(problems.contains(unknown), "{problems}");
    assert!(problems.starts_with("register/b.toml:2:1: the dataset `leads` has no `category`"), "{problems}");
}

#[test]
fn a_small_register_loads() {
    let loaded = loaded(&format!("{DATASET}{SOURCE}"));
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.register.datasets["leads"].source.fields.len(), 3);
}
