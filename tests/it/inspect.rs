//! `purposed inspect`: what lies behind a connection or beneath a root is told without a value of it, and the drafted
//! datasets load and can be scanned.

use crate::servers::{mariadb, psql, servers};
use crate::world::{SALES, World};
use serde_json::Value;

/// What stands in every made-up row and file name. None of it may ever be shown.
const CANARIES: [&str; 7] = ["canary", "Canary", "金糸雀", "0312345678", "03-1234-5678", "09012345678", "CANARY"];

pub const CATEGORIES: &str = r#"
[purposes.support]
ground = "contract"
[categories.calls]
purposes = ["support"]
"#;

/// A company with this register and these connections and roots, and with no dataset yet.
fn company(places: &str) -> World {
    let world = World::with_places(places);
    world.write("register/register.toml", format!("{SALES}{CATEGORIES}"));
    world
}

/// What is shown, in both forms; neither has a canary in it.
pub fn inspected(world: &World, arguments: &[&str]) -> (String, Value) {
    let mut all = vec!["inspect"];
    all.extend(arguments);
    let text = world.run(&all);
    assert_eq!((text.code, text.stderr.as_str()), (0, ""), "{}", text.stdout);
    all.extend(["--format", "json"]);
    let json = world.run(&all);
    assert_eq!(json.code, 0, "{}", json.stderr);
    for canary in CANARIES {
        assert!(!text.stdout.contains(canary), "`{canary}` is in\n{}", text.stdout);
        assert!(!json.stdout.contains(canary), "`{canary}` is in\n{}", json.stdout);
    }
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(answer["version"], 1);
    (text.stdout, answer["inspection"].clone())
}

/// The dataset that is drafted loads, and a scan of it is whole; gives what the scan saw.
fn draft_is_scanned(world: &World, draft: &str) -> Value {
    world.write("register/draft.toml", draft);
    let check = world.run(&["check"]);
    assert_eq!(check.code, 0, "{}\n{draft}", check.stderr);
    let scan = world.run(&["scan", "--now", "2027-02-28T12:00:00+09:00", "--format", "json", "--dry-run"]);
    assert_eq!(scan.code, 0, "{}{}\n{draft}", scan.stderr, scan.stdout);
    let scan: Value = serde_json::from_str(&scan.stdout).unwrap();
    assert_eq!(scan["scans"][0]["status"], "complete", "{scan:#}");
    scan["scans"][0].clone()
}

/// The text without the years in which files were last modified, and without their sizes.
fn without_years(text: &str) -> String {
    regex::Regex::new(r"(?m)^( *\d+) +[\d,]+ B {2}20\d\d ").unwrap().replace_all(text, "$1  N B  YEAR ").into_owned()
}

pub fn meaning<'a>(inspection: &'a Value, column: &str) -> &'a Value {
    let columns = inspection["details"].as_array().unwrap();
    columns.iter().find(|known| known["name"] == column).unwrap_or(&Value::Null)
}

#[test]
fn call_records_are_known_by_their_layout() {
    let world = company("[connections]\npbx = \"sqlite:pbx.db\"");
    world.sql(
        "pbx.db",
        "CREATE TABLE cdr (calldate TEXT, clid TEXT, src TEXT, dst TEXT, duration INTEGER, accountcode TEXT, uniqueid TEXT);
         INSERT INTO cdr VALUES ('2024-05-01 10:00:00', 'Canary <0312345678>', '0312345678', '09012345678', 5, '', '1.1'),
             ('2026-05-01 10:00:00', 'Canary', '0312345678', '09012345678', 7, 'canary', '1.2'),
             ('0000-00-00 00:00:00', '', '', '', 0, '', '1.3');
         CREATE TABLE versions (name TEXT, number INTEGER);",
    );
    let (text, list) = inspected(&world, &["pbx"]);
    assert_eq!(list["tables"][0]["name"], "cdr", "{list:#}");
    assert_eq!(list["tables"][0]["presets"][0], "asterisk-cdr");
    assert_eq!(list["tables"][0]["rows"]["rows"], 3);
    assert_eq!(list["tables"][1]["looks_personal"], serde_json::json!([]));
    insta::assert_snapshot!("inspect_connection", text);

    let (text, table) = inspected(&world, &["pbx", "cdr"]);
    insta::assert_snapshot!("inspect_table", text);
    assert_eq!(meaning(&table, "src")["meaning"], "phone");
    let clock = meaning(&table, "calldate");
    assert_eq!((&clock["clock"]["first_year"], &clock["placeholders"]), (&2024.into(), &1.into()), "{clock:#}");
    let draft = table["draft"].as_str().unwrap();
    assert!(draft.contains("preset = \"asterisk-cdr\"") && draft.contains("secrecy = true"), "{draft}");
    assert_eq!(draft_is_scanned(&world, draft)["items"], 3);
}

#[test]
fn the_path_of_a_recording_makes_it_freepbx() {
    let world = company("[connections]\npbx = \"sqlite:pbx.db\"");
    world.sql(
        "pbx.db",
        "CREATE TABLE cdr (calldate TEXT, src TEXT, uniqueid TEXT, accountcode TEXT, recordingfile TEXT);",
    );
    let (_, table) = inspected(&world, &["pbx", "CDR"]);
    assert_eq!(table["presets"][0], "freepbx");
    assert_eq!(table["sampled"], 0);
    draft_is_scanned_though_empty(&world, table["draft"].as_str().unwrap());
}

/// As [`draft_is_scanned`], for a table without rows.
fn draft_is_scanned_though_empty(world: &World, draft: &str) {
    world.write("register/draft.toml", draft);
    let check = world.run(&["check", "--connect"]);
    assert_eq!(check.code, 0, "{}\n{draft}", check.stderr);
}

#[test]
fn an_unknown_table_is_guessed_by_its_headings_and_its_values() {
    let world = company("[connections]\ncrm = \"sqlite:crm.db\"");
    world.sql(
        "crm.db",
        "CREATE TABLE \"顧客 \"\"名簿\" (\"受付番号\" INTEGER, \"氏名\" TEXT, \"メールアドレス\" TEXT, x TEXT, \"登録日\" TEXT,
             \"配信可否\" TEXT, stamp INTEGER, photo BLOB);
         INSERT INTO \"顧客 \"\"名簿\" VALUES (1, '金糸雀', 'canary1@example.jp', '03-1234-5678', '令和6年4月1日', '○', 1767225600, x'00'),
             (2, '金糸雀', 'Canary2@example.jp', '09012345678', '2025/4/1', '×', 1767225600, NULL), (3, '', '', '', '', '', NULL, NULL);",
    );
    let (_, list) = inspected(&world, &["crm"]);
    let name = list["tables"][0]["name"].as_str().unwrap();
    let (text, table) = inspected(&world, &["crm", name]);
    insta::assert_snapshot!("inspect_unknown_table", text);
    for (column, wanted) in [
        ("受付番号", "id"),
        ("氏名", "name"),
        ("メールアドレス", "email"),
        ("x", "phone"),
        ("登録日", "clock"),
        ("配信可否", "consent"),
        ("stamp", "clock"),
    ] {
        assert_eq!(meaning(&table, column)["meaning"], wanted, "{column}");
    }
    let seen = draft_is_scanned(&world, table["draft"].as_str().unwrap());
    assert_eq!((&seen["items"], &seen["undecidable"]), (&3.into(), &1.into()), "{seen:#}");
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let world =
        company("[connections]\ncrm = \"sqlite:crm.db\"\ngone = \"sqlite:gone.db\"\n[roots]\nshare = \"share\"");
    world.sql("crm.db", "CREATE TABLE people (id INTEGER); CREATE TABLE empty_one (x); DROP TABLE empty_one;");
    for (arguments, code, told) in [
        (&["crn"][..], 2, "did you mean `crm`?"),
        (&["nothing-like-it"], 2, "there is `crm`, `gone`, `share`"),
        (&["crm", "poeple"], 2, "did you mean `people`?"),
        (&["crm", "nothing-like-it"], 2, "it has `people`"),
        (&["gone"], 1, "hint: see the guide"),
    ] {
        let mut all = vec!["inspect"];
        all.extend(arguments);
        let answer = world.run(&all);
        assert_eq!((answer.code, answer.stdout.as_str()), (code, ""), "{arguments:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(told), "{arguments:?}: {}", answer.stderr);
    }
    world.sql("none.db", "CREATE TABLE x (y); DROP TABLE x;");
    let none = company("[connections]\nnone = \"sqlite:none.db\"");
    none.sql("none.db", "CREATE TABLE x (y); DROP TABLE x;");
    assert!(inspected(&none, &["none"]).0.contains("no table or view"));
}

#[test]
fn a_register_that_is_not_there_yet_is_no_hindrance() {
    let world = company("[connections]\ncrm = \"sqlite:crm.db\"");
    world.write("register/register.toml", "");
    world.sql("crm.db", "CREATE TABLE people (id INTEGER, email TEXT, created_at TEXT);");
    let (_, table) = inspected(&world, &["crm", "people"]);
    let draft = table["draft"].as_str().unwrap();
    assert!(draft.contains("division = \"to-be-declared\""), "{draft}");
    world.write("register/draft.toml", draft);
    let check = world.run(&["check"]);
    assert_eq!(check.code, 2);
    assert!(
        check.stderr.contains("register/draft.toml:2:12: there is no division `to-be-declared`"),
        "{}",
        check.stderr
    );
}

#[test]
fn two_servers_tell_what_they_hold() {
    let Some(servers) = servers() else { return };
    let (postgresql, maria) = (&servers["postgresql"], &servers["mariadb"]);
    let world = company(&format!(
        "[connections.pg]\nurl = \"postgresql://purposed@localhost:{postgresql}/inspected?sslmode=verify-full&sslrootcert={}\"\n\
         password = {{ file = \"password\" }}\ntime_zone = \"UTC\"\n\
         [connections.maria]\nurl = \"mariadb://purposed@127.0.0.1:{maria}/inspected\"\npassword = {{ file = \"password\" }}",
        servers["authority"]
    ));
    world.write("password", &servers["password"]);
    psql(servers, "postgres", "CREATE DATABASE inspected");
    psql(
        servers,
        "inspected",
        "CREATE SCHEMA \"顧客\"; CREATE TABLE \"顧客\".people (id uuid DEFAULT gen_random_uuid(), \"E-mail\" text, note jsonb,
             born date, collected timestamp, seen timestamptz);
         INSERT INTO \"顧客\".people (\"E-mail\", note, born, collected) SELECT 'canary' || n || '@example.jp', '{\"a\": \"canary\"}',
             '1980-01-01', timestamp '2019-01-01' + n * interval '1 hour' FROM generate_series(1, 20000) AS n;
         ANALYZE;
         CREATE VIEW seen AS SELECT \"E-mail\" FROM \"顧客\".people;",
    );
    let (text, list) = inspected(&world, &["pg"]);
    let people = list["tables"].as_array().unwrap().iter().find(|table| table["name"] == "顧客.people").unwrap();
    assert_eq!((&people["rows"]["kind"], &people["rows"]["rows"]), (&"about".into(), &20_000.into()), "{text}");
    let (text, table) = inspected(&world, &["pg", "顧客.people"]);
    assert_eq!(table["sampled"], 1000, "{text}");
    assert_eq!(meaning(&table, "E-mail")["rests_on"][1], "1,000 of 1,000 sampled have the shape of an e-mail address");
    assert_eq!(meaning(&table, "born")["meaning"], "birth-date");
    assert_eq!(meaning(&table, "collected")["clock"]["is_local"], true);
    let draft = table["draft"].as_str().unwrap();
    assert!(draft.contains("schema = \"顧客\""), "{draft}");
    assert_eq!(draft_is_scanned(&world, draft)["items"], 20_000);

    // A role that may read some columns is told which, and the draft names no other.
    let password = &servers["password"];
    let role = format!(
        "CREATE ROLE inspector LOGIN PASSWORD '{password}'; CREATE TABLE part (id integer, email text, phone text);
         INSERT INTO part VALUES (1, 'canary@example.jp', '0312345678'); GRANT SELECT (id, phone) ON part TO inspector;"
    );
    psql(servers, "inspected", &role);
    let settings = std::fs::read_to_string(world.path("purposed.toml")).unwrap();
    world.write("purposed.toml", settings.replace("postgresql://purposed@", "postgresql://inspector@"));
    let (text, part) = inspected(&world, &["pg", "part"]);
    assert_eq!((&meaning(&part, "email")["may_read"], &part["rows"]["rows"]), (&false.into(), &1.into()), "{text}");
    assert!(!part["draft"].as_str().unwrap().contains("email"), "{text}");
    assert_eq!(draft_is_scanned(&world, part["draft"].as_str().unwrap())["items"], 1);

    mariadb(
        servers,
        "CREATE DATABASE inspected; USE inspected; SET sql_mode = '';
         CREATE TABLE cdr (calldate datetime NOT NULL, clid varchar(80), src varchar(80), uniqueid varchar(32), accountcode varchar(20),
             recordingfile varchar(255)) ENGINE = MyISAM;
         INSERT INTO cdr VALUES ('2026-01-01 10:00:00', 'Canary', '0312345678', '1.1', '', 'canary.wav'), ('0000-00-00', '', '', '1.2', '', '');
         CREATE TABLE `odd``name` (`a \"b` varchar(50), photo longblob, kind enum('canary', 'other'));
         INSERT INTO `odd``name` VALUES ('canary@example.jp', x'00', 'canary');
         CREATE VIEW calls AS SELECT src FROM cdr;",
    );
    let (text, list) = inspected(&world, &["maria"]);
    // Tables of other tests' databases have their schema before their name.
    let names = list["tables"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap());
    let names: Vec<&str> = names.filter(|name| !name.contains('.')).collect();
    assert_eq!(names, ["cdr", "calls", "odd`name"], "{text}");
    assert_eq!(list["tables"][0]["rows"]["rows"], 2);
    let (_, odd) = inspected(&world, &["maria", "odd`name"]);
    assert_eq!(meaning(&odd, "a \"b")["meaning"], "email", "{odd:#}");
    let (text, table) = inspected(&world, &["maria", "cdr"]);
    assert_eq!(table["presets"][0], "freepbx", "{text}");
    assert_eq!(meaning(&table, "calldate")["placeholders"], 1, "{text}");
    assert_eq!(draft_is_scanned(&world, table["draft"].as_str().unwrap())["items"], 2);
}

#[test]
fn files_are_told_by_their_shapes_and_dated_by_their_names() {
    let world = company("[roots]\nmonitor = \"monitor\"\nempty = \"empty\"\nmissing = \"missing\"");
    for (day, number) in [("01", 1), ("02", 2), ("03", 3)] {
        world.write(&format!("monitor/2026/08/{day}/canary-0312345678-202608{day}-120000.{number}.wav"), b"RIFF");
    }
    world.write("monitor/Canary Taro.canary", b"x");
    world.write("empty/x/.keep", b"");
    let (text, root) = inspected(&world, &["monitor"]);
    // The year of the files is that of the test.
    insta::assert_snapshot!("inspect_root", without_years(&text));
    assert_eq!(root["endings"][0]["files"], 3);
    assert_eq!(
        root["shapes"][0]["what"],
        "<4 digits>/<2 digits>/<2 digits>/<letters>-<10 digits>-<8 digits>-<6 digits>.<digit>.wav"
    );
    let seen = draft_is_scanned(&world, root["drafts"][0].as_str().unwrap());
    assert_eq!((&seen["items"], &seen["undecidable"]), (&3.into(), &0.into()), "{seen:#}");
    assert!(text.contains("%Y%m%d %H%M%S"), "{text}");

    let missing = world.run(&["inspect", "missing"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("hint: see the guide"), "{}", missing.stderr);
    let table = world.run(&["inspect", "monitor", "cdr"]);
    assert_eq!(table.code, 2, "{}", table.stderr);
    assert_eq!(inspected(&world, &["empty"]).1["drafts"], serde_json::json!([]));
}

#[test]
fn a_preset_of_files_is_known_by_their_names() {
    let world = company("[roots]\nmonitor = \"monitor\"");
    for number in 1..=3 {
        let name = format!("2026/08/28/in-0312345678-09012345678-20260828-120000-178788600{number}.1.wav");
        world.write(&format!("monitor/{name}"), b"RIFF");
    }
    let (text, root) = inspected(&world, &["monitor"]);
    let draft = root["drafts"][0].as_str().unwrap();
    assert!(draft.contains("preset = \"freepbx-recordings\""), "{text}");
    assert_eq!(draft_is_scanned(&world, draft)["items"], 3);
}

#[test]
fn lists_are_told_by_their_headings_and_never_by_a_row() {
    let world = company("[roots]\nlists = \"lists\"");
    let list = "名簿 金糸雀,,,\r\n\r\n受付番号,氏名,メールアドレス,開催日\r\n1,金糸雀 一郎,canary1@example.jp,令和8年2月27日\r\n\
                2,金糸雀 二郎,,R8.2.28\r\n";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(list);
    world.write("lists/canary/金糸雀.csv", bytes);
    world.write("lists/headerless.tsv", "金糸雀\tcanary\t0312345678\ncanary\t金糸雀\t09012345678\n");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet().set_name("金糸雀").unwrap();
    for (column, text) in ["Name", "E-mail", "Registered"].into_iter().enumerate() {
        sheet.write(0, u16::try_from(column).unwrap(), text).unwrap();
    }
    sheet.write(1, 0, "Canary").unwrap();
    sheet.write(1, 1, "canary@example.jp").unwrap();
    workbook.save(world.path("lists/canary.xlsx")).unwrap();
    let (text, root) = inspected(&world, &["lists"]);
    insta::assert_snapshot!("inspect_lists", without_years(&text));
    let lists = root["lists"].as_array().unwrap();
    assert_eq!(lists.len(), 3, "{text}");
    assert_eq!(
        (&lists[2]["has_header"], &lists[2]["details"][2]["meaning"]),
        (&false.into(), &"phone".into()),
        "{text}"
    );
    let csv = lists.iter().find(|list| list["endings"][0] == "csv").unwrap();
    assert_eq!(meaning(csv, "開催日")["clock"]["format"], "japanese");
    let drafts = root["drafts"].as_array().unwrap();
    assert_eq!(drafts.len(), 3, "{text}");
    for (draft, items) in drafts.iter().zip([1, 2, 2]) {
        assert_eq!(draft_is_scanned(&world, draft.as_str().unwrap())["items"], items);
    }
}
