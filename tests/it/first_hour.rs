//! The first hour of an administrator: what `purposed inspect` proposes of databases and folders that nobody laid out for
//! it, with odd names, and that it can be pasted.

use crate::drafts::all_load;
use crate::inspect::{CATEGORIES, inspected, meaning};
use crate::presets::{cases, fill_mariadb, url};
use crate::servers::{mariadb, psql, servers};
use crate::world::{SALES, World};
use serde_json::Value;

fn company(places: &str) -> World {
    let world = World::with_places(places);
    world.write("register/register.toml", format!("{SALES}{CATEGORIES}"));
    if let Some(servers) = servers() {
        world.write("password", &servers["password"]);
    }
    world
}

/// A customer database as it grew: names in Japanese, in mixed case and of reserved words, a view, a table without a
/// date, one of another schema, and many that hold nobody.
const CRM: &str = r#"
CREATE TABLE "顧客マスタ" ("顧客ID" serial PRIMARY KEY, "氏名" text, "メール" text, "電話番号" text, "生年月日" date,
    "更新日時" timestamp, "登録日時" timestamp, "メルマガ同意" boolean, "備考" text, "担当者コード" text);
INSERT INTO "顧客マスタ" ("氏名", "メール", "電話番号", "生年月日", "登録日時", "更新日時", "メルマガ同意", "備考", "担当者コード")
    SELECT '金糸雀', 'canary' || n || '@example.jp', '03-1234-5678', '1980-01-01', timestamp '2012-01-01' + n * interval '1 hour',
        timestamp '2012-01-01' + n * interval '1 hour', n % 2 = 0, 'canary', 'Canary' FROM generate_series(1, 30000) AS n;
INSERT INTO "顧客マスタ" ("登録日時", "更新日時") VALUES ('1970-01-01', '1970-01-01'), ('infinity', 'infinity');
CREATE INDEX ON "顧客マスタ" ("登録日時");
CREATE TABLE "Order" ("Id" bigint, "User" text, "select" int, "CreatedAt" timestamptz, "E-Mail Address" varchar(100));
INSERT INTO "Order" VALUES (1, 'Canary', 1, '2026-01-01 00:30:00+09', 'canary@example.jp');
CREATE VIEW customers AS SELECT "氏名" AS name, "メール" AS email FROM "顧客マスタ";
CREATE TABLE "MixedCase" ("firstName" text, "mobilePhone" text, "optedOut" boolean);
INSERT INTO "MixedCase" VALUES ('Canary', '09012345678', true);
CREATE TABLE newsletter (email text, unsubscribed_at timestamptz, subscribed boolean);
INSERT INTO newsletter VALUES ('canary@example.jp', NULL, true), ('canary@example.jp', '2026-01-01', false);
CREATE TABLE survey (id int, answers jsonb, submitted timestamptz, respondent_name text);
INSERT INTO survey VALUES (1, '{"a": "canary"}', '2026-01-01', 'Canary');
CREATE TABLE calls (call_id int, duration int, billsec int, started_at timestamptz, caller text);
INSERT INTO calls VALUES (1, 0, 1, '2026-01-01', '0312345678');
CREATE TABLE no_rows (id int, email text, created_at timestamp);
CREATE SCHEMA hr;
CREATE TABLE hr.employees (emp_no int PRIMARY KEY, last_name text, hire_date date, "マイナンバー" text);
INSERT INTO hr.employees VALUES (1, 'Canary', '2019-04-01', '123456789012');
GRANT USAGE ON SCHEMA hr TO purposed;
DO $$ BEGIN FOR n IN 1..20 LOOP EXECUTE format('CREATE TABLE misc_%s (id int, label text)', n); END LOOP; END $$;
ANALYZE;
"#;

#[test]
fn a_crm_with_odd_names() {
    let Some(servers) = servers() else { return };
    psql(servers, "postgres", "CREATE DATABASE first_hour");
    psql(servers, "first_hour", CRM);
    let world = company(&format!("[connections]\n{}", url("postgresql", "first_hour").replace("database =", "crm =")));
    let (text, list) = inspected(&world, &["crm"]);
    insta::assert_snapshot!("first_hour_crm", text);
    assert_eq!(list["tables"].as_array().unwrap().len(), 29);

    let (text, customers) = inspected(&world, &["crm", "顧客マスタ"]);
    insta::assert_snapshot!("first_hour_customers", text);
    // An index tells the years of all rows; without one, the sample's are said to be that.
    let years = |column: &str| {
        let clock = &meaning(&customers, column)["clock"];
        (clock["first_year"].clone(), clock["last_year"].clone(), clock["of_all_rows"].clone())
    };
    assert_eq!(years("登録日時"), (2012.into(), 2015.into(), true.into()));
    assert_eq!(years("更新日時"), (2012.into(), 2012.into(), false.into()));

    let draft = |table: &str| inspected(&world, &["crm", table]).1["draft"].as_str().unwrap().to_owned();
    let order = draft("Order");
    assert!(order.contains("id = \"Id\"") && order.contains("email = \"E-Mail Address\""), "{order}");
    assert!(draft("newsletter").contains("# keep ="), "nobody's data was collected when they unsubscribed");
    assert!(draft("MixedCase").contains("# stopped = { column = \"optedOut\", values = { \"true\" = \"refused\""));
    let employees = draft("hr.employees");
    assert!(employees.contains("schema = \"hr\"") && employees.contains("id = \"emp_no\""), "{employees}");
    let calls = draft("calls");
    assert!(calls.contains("\nsecrecy = true"), "{calls}");
    let (text, order) = inspected(&world, &["crm", "Order"]);
    assert!(text.contains("1 row, looked at") && text.contains("in 2026\n"), "the year is the organisation's: {text}");
    assert_eq!(meaning(&order, "CreatedAt")["clock"]["of_all_rows"], true);
    let (text, calls) = inspected(&world, &["crm", "calls"]);
    for column in ["duration", "billsec"] {
        assert_eq!(meaning(&calls, column)["meaning"], "number", "{text}");
    }
    assert_eq!(meaning(&inspected(&world, &["crm", "survey"]).1, "answers")["meaning"], "binary");
    let (text, _) = inspected(&world, &["crm", "customers"]);
    assert!(text.contains("a view, whose rows are not counted"), "{text}");
    assert!(!draft("no_rows").contains("format"), "a column of a type for time needs none");

    assert!(all_load("crm", &world, "crm").len() >= 8);
}

/// Call records of another name than a preset's, and some of whose columns are missing, ask for secrecy all the same.
#[test]
fn call_records_under_other_names() {
    let world = company("[connections]\npbx = \"sqlite:pbx.db\"");
    world.sql(
        "pbx.db",
        "CREATE TABLE calls_2026 (dst TEXT, src TEXT, clid TEXT, start TEXT, accountcode TEXT, uniqueid TEXT, billsec INTEGER);
         INSERT INTO calls_2026 VALUES ('0312345678', '09012345678', '\"Canary\" <0312345678>', '2026-05-01 10:00:00', '', '1.1', 5);
         CREATE VIEW seen AS SELECT * FROM calls_2026;
         CREATE TABLE old (clid TEXT, dst TEXT, src TEXT, stamp TEXT, record_name TEXT, caller_id_name TEXT);
         INSERT INTO old VALUES ('0312345678', '0312345678', '0312345678', '2026-05-01 10:00:00', 'canary', '0312345678');",
    );
    for table in ["calls_2026", "seen"] {
        let (text, detail) = inspected(&world, &["pbx", table]);
        let draft = detail["draft"].as_str().unwrap();
        assert!(draft.contains("preset = \"asterisk-cdr\""), "{text}");
        assert!(draft.contains(&format!("\ntable = \"{table}\"\n")) && draft.contains("\nsecrecy = true "), "{text}");
    }
    let (text, old) = inspected(&world, &["pbx", "old"]);
    let draft = old["draft"].as_str().unwrap();
    assert!(draft.contains("\nsecrecy = true ") && draft.contains("\nphone = \"src\"\n"), "{text}");
    assert!(!draft.contains("= \"clid\""), "{text}");
    assert_eq!(meaning(&old, "caller_id_name")["meaning"], "name", "{text}");
    assert_eq!(meaning(&old, "record_name")["meaning"], "path", "{text}");
    assert_eq!(all_load("calls", &world, "pbx").len(), 3);
}

/// A dataset's draft loads and reaches its source.
fn can_be_pasted(world: &World, draft: &str) {
    world.write("register/draft.toml", draft);
    let check = world.run(&["check", "--connect"]);
    assert_eq!(check.code, 0, "{}\n{draft}", check.stderr);
    let scan = world.run(&["scan", "--now", "2027-02-28T12:00:00+09:00", "--format", "json", "--dry-run"]);
    let scan: Value = serde_json::from_str(&scan.stdout).unwrap();
    assert_eq!(scan["scans"][0]["status"], "complete", "{scan:#}\n{draft}");
    assert!(scan["scans"][0]["items"].as_u64().unwrap() > 0, "{scan:#}\n{draft}");
    world.write("register/draft.toml", "");
}

/// What a preset reads by a query is read in another schema, too.
#[test]
fn a_preset_of_another_schema_can_be_pasted() {
    let Some(servers) = servers() else { return };
    mariadb(servers, "CREATE DATABASE first_hour_own");
    fill_mariadb(&cases()["mautic"], "first-hour-mautic");
    let crm = url("mariadb", "first_hour_own").replace("database =", "crm =");
    psql(servers, "postgres", "CREATE DATABASE first_hour_schemas");
    psql(
        servers,
        "first_hour_schemas",
        "CREATE SCHEMA \"Tel\"; GRANT USAGE ON SCHEMA \"Tel\" TO purposed;
         CREATE TABLE \"Tel\".v_xml_cdr (xml_cdr_uuid uuid PRIMARY KEY, domain_name text, start_epoch bigint, record_path text, record_name text);
         INSERT INTO \"Tel\".v_xml_cdr VALUES (gen_random_uuid(), 'example', 1772247600, '/canary', 'canary.wav');
         GRANT SELECT ON \"Tel\".v_xml_cdr TO purposed;",
    );
    let pbx = url("postgresql", "first_hour_schemas").replace("database =", "pbx =");
    let world = company(&format!("[connections]\n{crm}\n{pbx}"));
    for (place, table, preset) in [("crm", "first-hour-mautic.leads", "mautic"), ("pbx", "Tel.v_xml_cdr", "fusionpbx")]
    {
        let (text, detail) = inspected(&world, &[place, table]);
        let draft = detail["draft"].as_str().unwrap();
        assert!(draft.contains(&format!("preset = \"{preset}\"")), "{text}");
        can_be_pasted(&world, draft);
    }
}

/// No period is drafted from a column without dates, and one from a column with few of them says so.
#[test]
fn a_column_without_dates_is_no_clock() {
    let world = company("[connections]\ncrm = \"sqlite:crm.db\"");
    world.sql(
        "crm.db",
        "CREATE TABLE mails (id INTEGER PRIMARY KEY, email TEXT, hold_date DATETIME, added DATETIME);
         INSERT INTO mails (email) VALUES ('canary1@example.jp'), ('canary2@example.jp'), ('canary3@example.jp');",
    );
    let draft = |world: &World| inspected(world, &["crm", "mails"]).1["draft"].as_str().unwrap().to_owned();
    let none = draft(&world);
    assert!(none.contains("\n# keep =") && none.contains("no date was seen in it: \"hold_date\""), "{none}");
    assert!(!none.contains("_at ="), "{none}");
    can_be_pasted(&world, &none);
    world.sql("crm.db", "UPDATE mails SET hold_date = '2026-05-05' WHERE id = 1");
    let few = draft(&world);
    assert!(few.contains("\ncollected_at = \"hold_date\"\n#   2 of 3 that were looked at have no date"), "{few}");
    world.sql("crm.db", "UPDATE mails SET added = '2026-05-05'");
    let all = draft(&world);
    assert!(all.contains("\ncollected_at = \"added\"\n") && !all.contains("that were looked at"), "{all}");
}

#[test]
fn what_consent_a_column_says_can_be_pasted_as_it_is() {
    let world = company("[connections]\ncrm = \"sqlite:crm.db\"");
    world.sql(
        "crm.db",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, created_at TEXT, newsletter INTEGER, opt_out INTEGER);
         INSERT INTO people (email, created_at, newsletter, opt_out) VALUES ('canary1@example.jp', '2027-01-01', 1, 0),
             ('canary2@example.jp', '2027-01-01', 0, 0), ('canary3@example.jp', '2027-01-01', 1, 1);",
    );
    let (_, table) = inspected(&world, &["crm", "people"]);
    let draft = table["draft"].as_str().unwrap();
    let draft = draft.replace("# mail_ok", "mail_ok").replace("# stopped", "stopped");
    let answers = "consent = { row = \"mail_ok\" }\nopt_outs = { row = \"stopped\" }\n";
    let register = format!("{SALES}{CATEGORIES}").replace("ground = \"contract\"", "ground = \"consent\"");
    world.write("register/register.toml", register);
    let draft = draft.replace("\n[datasets.crm-people.source]", &format!("{answers}\n[datasets.crm-people.source]"));
    world.write("register/draft.toml", &draft);
    let scan = world.run(&["scan", "--now", "2027-02-28T12:00:00+09:00", "--format", "json", "--dry-run"]);
    assert_eq!(scan.code, 0, "{}\n{draft}", scan.stderr);
    let scan: Value = serde_json::from_str(&scan.stdout).unwrap();
    let refused = scan["findings"].as_array().unwrap().iter().find(|one| one["reason"] == "refused").unwrap();
    assert_eq!((&refused["items"], scan["findings"].as_array().unwrap().len()), (&2.into(), 1), "{scan:#}\n{draft}");
}

#[test]
fn an_exchange_among_other_databases() {
    let Some(servers) = servers() else { return };
    mariadb(
        servers,
        "CREATE DATABASE first_hour; CREATE DATABASE first_hour_elsewhere;
         CREATE TABLE first_hour_elsewhere.people (id int, email varchar(50)); USE first_hour; SET sql_mode = '';
         CREATE TABLE cdr (id int AUTO_INCREMENT PRIMARY KEY, calldate datetime NOT NULL, clid varchar(80), src varchar(80),
             dst varchar(80), duration int, billsec int, accountcode varchar(20), uniqueid varchar(32), KEY (calldate));
         INSERT INTO cdr (calldate, clid, src, duration, billsec, uniqueid) SELECT '2015-01-01' + INTERVAL seq HOUR,
             'Canary <0312345678>', '0312345678', 0, 0, seq FROM seq_1_to_20000;
         INSERT INTO cdr (calldate) VALUES ('0000-00-00 00:00:00');",
    );
    let world = company(&format!("[connections]\n{}", url("mariadb", "first_hour").replace("database =", "pbx =")));
    let (text, list) = inspected(&world, &["pbx"]);
    let names: Vec<&Value> = list["tables"].as_array().unwrap().iter().map(|table| &table["name"]).collect();
    assert_eq!(names, ["cdr"], "{text}");
    // Other tests have databases, too.
    assert!(list["elsewhere"].as_u64().unwrap() >= 1 && text.contains("of other databases"), "{text}");
    let (text, cdr) = inspected(&world, &["pbx", "cdr"]);
    let clock = &meaning(&cdr, "calldate")["clock"];
    assert_eq!((&clock["first_year"], &clock["last_year"]), (&2015.into(), &2017.into()), "{text}");
    assert_eq!(meaning(&cdr, "duration")["meaning"], "number");
    let (_, people) = inspected(&world, &["pbx", "first_hour_elsewhere.people"]);
    assert!(people["draft"].as_str().unwrap().contains("schema = \"first_hour_elsewhere\""), "{people:#}");
    all_load("exchange", &world, "pbx");
}

#[test]
fn a_connection_is_left_alone_in_its_hours() {
    // One of these is to be left alone now, whenever that is.
    let halves = ["00:00-12:00", "12:00-00:00"];
    let places: String = halves.iter().enumerate().fold(String::from("[connections]\n"), |places, (half, hours)| {
        format!("{places}crm{half} = {{ url = \"sqlite:crm.db\", avoid = \"{hours}\" }}\n")
    });
    let world = company(&places);
    world.sql("crm.db", "CREATE TABLE people (id INTEGER, email TEXT);");
    let answers = ["crm0", "crm1"].map(|name| world.run(&["inspect", name]));
    let refused: Vec<_> = answers.iter().filter(|answer| answer.code != 0).collect();
    assert_eq!(refused.len(), 1, "{} {}", answers[0].stderr, answers[1].stderr);
    assert_eq!((refused[0].code, refused[0].stdout.as_str()), (2, ""));
    assert!(refused[0].stderr.contains("is to be left alone until"), "{}", refused[0].stderr);
    assert!(refused[0].stderr.contains("hint: look at it then, or with `--anyway`"), "{}", refused[0].stderr);
    for name in ["crm0", "crm1"] {
        inspected(&world, &[name, "--anyway"]);
        inspected(&world, &[name, "people", "--anyway"]);
    }
}

#[test]
fn lists_as_people_leave_them() {
    let world = company("[roots]\nlists = \"lists\"\none = \"one\"");
    world.write(
        "lists/金糸雀.csv",
        "\u{feff}No.,お名前,E-Mail,TEL,ご登録日,メルマガ可否\r\n1,金糸雀,canary@example.jp,03-1234-5678,2024/04/01,○\r\n\
         2,金糸雀,canary2@example.jp,,R6.4.2,×\r\n",
    );
    world.write(
        "lists/canary.txt",
        "Canary Taro;canary@example.jp;2024-05-05;0312345678\nCanary;canary2@example.jp;2025-05-05;\n",
    );
    world.write(
        "lists/cdr-csv/Master.csv",
        "\"\",\"0312345678\",\"100\",\"default\",\"Canary\",\"SIP/1\",\"SIP/2\",\"Dial\",\"x\",\"2024-05-01 10:00:00\",\
         \"2024-05-01 10:00:01\",\"2024-05-01 10:01:00\",60,59,\"ANSWERED\",\"DOCUMENTATION\"\n",
    );
    let named = "セミナー参加者名簿,,,\n作成日 2024/4/1,,,\nお名前,ﾒｰﾙｱﾄﾞﾚｽ,携帯,申込日\n金糸雀,canary@example.jp,090-1234-5678,2024/4/1\n\
                 金糸雀,,09012345678,2024年4月2日\n合計,,,2\n";
    world.write("lists/canary/金糸雀.tab", encoding_rs::SHIFT_JIS.encode(&named.replace(',', "\t")).0);
    let (text, root) = inspected(&world, &["lists"]);
    let drafts = root["drafts"].as_array().unwrap();
    let with = |part: &str| {
        let draft = drafts.iter().map(|draft| draft.as_str().unwrap()).find(|draft| draft.contains(part));
        draft.unwrap_or_else(|| panic!("{part}: {text}"))
    };
    with("preset = \"asterisk-master-csv\"");
    with("exclude = [\"**/Master.csv\"]");
    with("collected_at = { column = \"申込日\", format = \"japanese\" }");
    let headerless = with("columns = [\"column 1\", \"column 2\", \"column 3\", \"column 4\"]");
    assert!(
        headerless.contains("email = \"column 2\"\nphone = \"column 4\"\ncollected_at = \"column 3\""),
        "{headerless}"
    );
    world.write("register/draft.toml", headerless);
    let scan = world.run(&["scan", "--now", "2027-02-28T12:00:00+09:00", "--format", "json", "--dry-run"]);
    let scan: Value = serde_json::from_str(&scan.stdout).unwrap();
    assert_eq!((&scan["scans"][0]["items"], &scan["findings"][0]["items"]), (&2.into(), &2.into()), "{scan:#}");
    world.write("register/draft.toml", "");
    all_load("lists", &world, "lists");

    world.write("one/Canary.wav", b"RIFF");
    assert!(inspected(&world, &["one"]).0.starts_with(" 1 file beneath `one`\n"));
}
