//! The whole program on real database servers, started once for these tests by `tests/database-server`: a list in
//! PostgreSQL, and its consents and opt-outs in MariaDB.

use crate::world::{SALES, World, counts};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const NOW: &str = "2027-02-28T12:00:00+09:00";

/// The servers' settings; nothing where none can run, which is said aloud.
#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
pub fn servers() -> Option<&'static BTreeMap<String, String>> {
    static SERVERS: OnceLock<Option<BTreeMap<String, String>>> = OnceLock::new();
    let servers = SERVERS.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/database-server");
        let output = Command::new(script).args(["start", &std::process::id().to_string()]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(77) {
            eprintln!("no real database servers here: {said}");
            return None;
        }
        assert!(output.status.success(), "{said}");
        let settings = String::from_utf8(output.stdout).unwrap();
        let settings = settings.lines().filter_map(|line| line.split_once('='));
        Some(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    });
    servers.as_ref()
}

/// Runs statements through a server's own client, and gives what it answers.
fn client(mut command: Command, statements: &str) -> String {
    use std::io::Write as _;
    let mut client = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    client.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The same in a database of PostgreSQL.
pub fn psql(servers: &BTreeMap<String, String>, database: &str, statements: &str) -> String {
    let mut command = Command::new("psql");
    command.args(["-qAt", "-v", "ON_ERROR_STOP=1", "-U", "admin", "-d", database]);
    command.args(["-h", &servers["postgresql_socket"], "-p", &servers["postgresql"]]);
    client(command, statements)
}

/// The same in MariaDB.
pub fn mariadb(servers: &BTreeMap<String, String>, statements: &str) -> String {
    let mut command = Command::new("mariadb");
    command.args([
        "--no-defaults",
        "--default-character-set=utf8mb4",
        "-N",
        "-u",
        "admin",
        "-S",
        &servers["mariadb_socket"],
    ]);
    client(command, statements)
}

const PEOPLE: &str =
    "CREATE SCHEMA \"顧客\"; CREATE TABLE \"顧客\".people (id uuid DEFAULT gen_random_uuid(), \"E-mail\" text,
    purpose text, collected timestamp, PRIMARY KEY (id));
    INSERT INTO \"顧客\".people (\"E-mail\", purpose, collected) VALUES
        ('canary1@example.jp', 'mailing', '2026-02-28 12:00:00'),
        ('canary2@example.jp', 'mailing', '2026-02-28 12:00:01'),
        ('Canary3@Example.JP', 'mailing', '2026-12-01 00:00:00'),
        ('canary4@example.jp', 'mailing', NULL), ('canary5@example.jp', 'mailing', 'infinity'),
        ('canary6@example.jp', 'mailing', '1970-01-01');";

const LEDGERS: &str = "CREATE DATABASE crm; USE crm; SET sql_mode = '';
    CREATE TABLE consents (mail varchar(100) CHARACTER SET latin1, given datetime, withdrawn datetime) ENGINE = InnoDB;
    INSERT INTO consents VALUES ('canary1@example.jp', '2026-01-01 00:00:00', '0000-00-00 00:00:00'),
        ('canary2@example.jp', '2026-01-01 00:00:00', NULL), ('CANARY3@example.jp', '2026-01-01 00:00:00', '2026-06-01'),
        ('canary4@example.jp', '2026-01-01 00:00:00', NULL);
    CREATE TABLE blacklist (mail varchar(100), added timestamp NULL) ENGINE = MyISAM;
    INSERT INTO blacklist VALUES ('canary2@example.jp', '2026-05-05 00:00:00');
    CREATE VIEW stopped AS SELECT mail, added FROM blacklist;";

const DATASETS: &str = r#"
[purposes.mailing]
[categories.lists]
purposes = ["mailing"]
[datasets.people]
division = "sales"
category = "lists"
purposes = ["mailing"]
keep = { for = "1 year", from = "collected_at" }
warn = []
consent = { ledger = "consents", by = "email" }
opt_outs = [{ ledger = "stopped", by = "email" }]
[datasets.people.source]
connection = "crm"
schema = "顧客"
table = "people"
fields = { id = "id", email = "E-mail", purpose = "purpose", collected_at = "collected" }
[ledgers.consents]
kind = "consents"
[ledgers.consents.source]
connection = "lists"
query = "SELECT mail, given, withdrawn FROM consents"
fields = { email = "mail", given_at = "given", withdrawn_at = "withdrawn" }
[ledgers.stopped]
kind = "opt-outs"
[ledgers.stopped.source]
connection = "lists"
table = "stopped"
fields = { email = "mail", opted_out_at = "added" }
"#;

/// A company whose data lies in the servers' database of this name.
fn company(servers: &BTreeMap<String, String>, name: &str) -> World {
    let (authority, user) = (&servers["authority"], "purposed");
    let world = World::with_places(&format!(
        "[connections.crm]\nurl = \"postgresql://{user}@localhost:{}/{name}?sslmode=verify-full&sslrootcert={authority}\"\n\
             password = {{ file = \"password\" }}\ntime_zone = \"UTC\"\n\
             [connections.lists]\nurl = \"mariadb://{user}@127.0.0.1:{}/{name}\"\npassword = {{ file = \"password\" }}\n",
        servers["postgresql"], servers["mariadb"],
    ));
    world.write("password", &servers["password"]);
    world.write("register/register.toml", format!("{SALES}{DATASETS}"));
    psql(servers, "postgres", &format!("CREATE DATABASE {name}"));
    psql(servers, name, PEOPLE);
    mariadb(servers, &LEDGERS.replace("crm", name));
    world
}

#[test]
fn a_list_and_its_ledgers_are_read_from_two_servers() {
    let Some(servers) = servers() else { return };
    let world = company(servers, "whole");
    // The zone of the list is UTC: 2026-02-28 12:00:00 is 21:00 in Tokyo, a year before which is not yet over.
    let scan = world.scan(NOW);
    assert_eq!(scan["scans"][0]["status"], "complete", "{scan:#}");
    assert_eq!(scan["scans"][0]["items"], 6);
    let of = |reason: &str, rule: &str| counts(&scan, "people", rule, reason).map(|counts| counts[0]);
    assert_eq!(of("expired", "retention"), None);
    assert_eq!(of("undated", "retention"), Some(3));
    assert_eq!(of("opted-out", "consent"), Some(1));
    // A withdrawal without a readable date is one: the zero date, too.
    assert_eq!(of("withdrawn", "consent"), Some(2));
    assert_eq!(of("missing", "consent"), Some(2));

    let later = "2027-02-28T21:00:00+09:00";
    let scan = world.scan(later);
    assert_eq!(counts(&scan, "people", "retention", "expired"), Some([1, 1, 0, 0]));
    psql(servers, "whole", "DELETE FROM \"顧客\".people WHERE \"E-mail\" LIKE 'canary1@%'");
    let scan = world.scan("2027-02-28T21:00:01+09:00");
    assert_eq!(scan["scans"][0]["items"], 5);
    assert_eq!(counts(&scan, "people", "retention", "expired"), Some([1, 1, 0, 1]));
    for path in world.files("outbox").iter().chain(&world.files("state")) {
        let content = std::fs::read(path).unwrap();
        assert!(!String::from_utf8_lossy(&content).to_lowercase().contains("canary"), "{}", path.display());
    }
    only_reading_was_asked_for(servers);
}

/// Whether the server's own log of the role's statements has nothing in it that is not for reading.
fn only_reading_was_asked_for(servers: &BTreeMap<String, String>) {
    let log = std::fs::read_to_string(format!("{}/postgresql.log", servers["folder"])).unwrap();
    let of_role = log.lines().filter_map(|line| line.strip_prefix("purposed purposed: LOG:  "));
    let is_statement = |kind: &str| kind == "statement" || kind.starts_with("execute ");
    let statements = of_role.filter_map(|line| line.split_once(": ")).filter(|(kind, _)| is_statement(kind));
    let statements: Vec<&str> = statements.map(|(_, text)| text.trim()).collect();
    assert!(statements.len() > 10, "{log}");
    for statement in statements {
        let is_beginning = statement.starts_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ");
        let is_select = statement.split_whitespace().next() == Some("SELECT");
        assert!(is_beginning || is_select, "{statement}");
    }
}

#[test]
fn what_is_missing_in_a_server_is_told_when_connecting() {
    let Some(servers) = servers() else { return };
    let world = company(servers, "missing");
    let answer = world.run(&["check", "--connect"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);

    let settings = std::fs::read_to_string(world.path("purposed.toml")).unwrap();
    world.write("purposed.toml", settings.replace("purposed@", "writer@"));
    let register =
        format!("{SALES}{DATASETS}").replace("table = \"stopped\"", "table = \"stopped; DROP TABLE blacklist\"");
    world.write("register/register.toml", register.replace("email = \"E-mail\"", "email = \"Mail\""));
    let answer = world.run(&["check", "--connect"]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    insta::assert_snapshot!(answer.stderr);
    let scan = world.scan(NOW);
    assert_eq!(scan["scans"][0]["status"], "partial", "{scan:#}");
}
