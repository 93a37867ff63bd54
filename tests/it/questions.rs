//! Questions about findings and items: `findings`, `items`, `explain`, `evidence verify`.

use crate::world::{NOW, World, counts, finding_id, without_ordinals};
use purposed::app::items::{ItemsRequest, items};
use purposed::app::listing::ListForm;
use purposed::app::scan::Watch;
use purposed::app::session::{Session, load};
use purposed::app::{AppError, Environment};
use purposed::domain::instant::Instant;
use purposed::store::Access;
use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64};

#[test]
fn findings_are_what_the_scan_said() {
    let world = World::contract();
    assert_eq!(world.run(&["findings"]).code, 1, "there is no store yet");
    let scan = world.scan(NOW);
    let answer = world.run(&["findings", "--format", "json"]);
    let findings: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(findings["findings"], scan["findings"]);
    let one = world.run(&["findings", "applicants"]);
    insta::assert_snapshot!(one.stdout);
}

#[test]
fn items_are_listed_from_the_source_and_asking_leaves_a_trace() {
    let world = World::contract();
    let scan = world.scan(NOW);
    let expired = finding_id(&scan, "seminar-attendees", "expired");
    let csv = world.run(&["items", &expired, "--now", NOW]);
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    insta::assert_snapshot!(without_digests(&csv.stdout));
    let lines = world.run(&["items", &expired, "--now", NOW, "--format", "jsonl"]);
    let first: serde_json::Value = serde_json::from_str(lines.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["fields"]["email"], "canary1@example.jp");
    let database = fs::read(world.path("state/purposed.db")).unwrap();
    let log = fs::read(world.path("state/purposed.db-wal")).unwrap_or_default();
    let trace = format!("\"finding\":\"{expired}\"");
    let traces = [database, log].concat();
    assert!(memchr::memmem::find(&traces, trace.as_bytes()).is_some(), "asking left no trace");
    assert_eq!(world.run(&["evidence", "verify"]).code, 0);
}

/// A reader who goes away after some lines, and notes how long the evidence was when the first one came.
struct Leaving<'a> {
    session: &'a Session,
    lines: usize,
    evidence_at_first: Option<u64>,
}

impl Write for Leaving<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = || self.session.store.head().unwrap().0;
        self.evidence_at_first.get_or_insert_with(length);
        if self.lines == 0 {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        self.lines -= 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_who_goes_away_leaves_a_trace_of_what_was_shown() {
    let world = World::contract();
    let expired = finding_id(&world.scan(NOW), "support-recordings", "expired");
    let environment = Environment {
        credentials_directory: None,
        state_directory: None,
        user: "admin".to_owned(),
        temporary_folder: world.path("tmp"),
    };
    let session = Session::open(load(&world.path("purposed.toml")).unwrap(), &environment, Access::Write).unwrap();
    let before = session.store.head().unwrap().0;
    let now = Instant::from(NOW.parse::<jiff::Timestamp>().unwrap());
    let request = ItemsRequest { finding: expired.clone(), form: ListForm::JsonLines, excepted: false };
    let mut out = Leaving { session: &session, lines: 1, evidence_at_first: None };
    let ended = items(&session, &request, "admin", now, &Unwatched::default(), &mut out);
    assert!(matches!(ended, Err(AppError::File { .. })), "{ended:?}");
    assert_eq!(out.evidence_at_first, Some(before + 1), "asking is noted before anything is shown");
    assert_eq!(session.store.head().unwrap().0, before + 2);
    drop(session);
    let traces = fs::read(world.path("state/purposed.db")).unwrap();
    let trace = format!(r#"{{"act":"listed","finding":"{expired}","items":2,"who":"admin"}}"#);
    assert!(memchr::memmem::find(&traces, trace.as_bytes()).is_some(), "how much was shown is not noted");
}

/// Follows nothing.
#[derive(Default)]
struct Unwatched(AtomicU64, AtomicBool);

impl Watch for Unwatched {
    fn begins(&self, _what: &str) {}

    fn items(&self) -> &AtomicU64 {
        &self.0
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.1
    }
}

#[test]
fn a_source_that_is_away_is_told_by_its_datasets_name() {
    let world = World::contract();
    let expired = finding_id(&world.scan(NOW), "support-recordings", "expired");
    fs::rename(world.path("data/monitor"), world.path("data/away")).unwrap();
    let items = world.run(&["items", &expired, "--now", NOW]);
    let explained = world.run_with_input(&["explain", "support-recordings", "-", "--now", NOW], "2026/08/28/x.wav");
    for answer in [items, explained] {
        assert_eq!(answer.code, 1, "{}", answer.stderr);
        assert!(answer.stderr.contains("the source of `support-recordings` could not be read"), "{}", answer.stderr);
    }
}

#[test]
fn cells_of_a_list_are_no_formulas() {
    let world = World::contract();
    world.append("data/lists/applicants.csv", "\"=cmd|' /C calc'!A0\",Canary,2020/01/01\n");
    let scan = world.scan(NOW);
    let listed = world.run(&["items", &finding_id(&scan, "applicants", "expired"), "--now", NOW]);
    assert!(listed.stdout.contains(",'=cmd|' /C calc'!A0,"), "{}", listed.stdout);
}

#[test]
fn secret_communications_are_not_shown() {
    let world = World::contract();
    let register = fs::read_to_string(world.path("register/datasets.toml")).unwrap();
    world.write(
        "register/datasets.toml",
        register.replace("[datasets.applicants]\n", "[datasets.applicants]\nsecrecy = true\n"),
    );
    let scan = world.scan(NOW);
    let id = finding_id(&scan, "applicants", "expired");
    let items = world.run(&["items", &id, "--now", NOW]);
    assert_eq!((items.code, items.stdout.as_str()), (2, ""));
    let explained = world.run(&["explain", "applicants", "applicants.csv:2", "--now", NOW]);
    assert_eq!((explained.code, explained.stdout.as_str()), (2, ""));
}

#[test]
fn of_secret_communications_only_clock_and_id_are_read() {
    let world = World::contract();
    let register = fs::read_to_string(world.path("register/datasets.toml")).unwrap();
    let secret = register
        .replace("[datasets.applicants]\n", "[datasets.applicants]\nsecrecy = true\n")
        .replace("id = \"id\"\napplied_at", "caller = \"name\"\napplied_at");
    assert_ne!(secret, register);
    world.write("register/datasets.toml", secret);
    world.scan(NOW);
    world.write("data/lists/applicants.csv", "id,name,applied_at\nA-1,Other,2025/03/31\nA-2,Canary,2025/04/01\n");
    let again = world.scan(NOW);
    assert_eq!(counts(&again, "applicants", "retention", "expired"), Some([1, 0, 1, 0]), "the name is not read");
}

#[test]
fn fields_that_a_preset_of_calls_maps_are_not_read_under_secrecy() {
    let world = World::contract();
    // A column that cannot be read: SQLite computes it only where it is asked for.
    world.sql(
        "data/pbx.db",
        "CREATE TABLE legs (uniqueid TEXT, calldate TEXT); INSERT INTO legs VALUES ('1', '2020-01-01 12:00:00');
         CREATE VIEW cdr AS SELECT uniqueid, calldate, abs(-9223372036854775807 - length(uniqueid)) AS accountcode,
             abs(-9223372036854775807 - length(uniqueid)) AS recordingfile FROM legs",
    );
    let server = fs::read_to_string(world.path("purposed.toml")).unwrap();
    world.write(
        "purposed.toml",
        server.replace("[connections]\n", "[connections]\npbx-index = \"sqlite:data/pbx.db\"\n"),
    );
    let dataset = |answer: &str, more: &str| {
        format!(
            "[datasets.calls]\ndivision = \"support\"\ncategory = \"call-recordings\"\npurposes = \"support-quality\"\n\
             secrecy = {answer}\nkeep = {{ for = \"1 year\", from = \"recorded_at\" }}\n\
             source = {{ preset = \"freepbx\", connection = \"pbx-index\"{more} }}\n"
        )
    };
    let scan = |answer: &str, more: &str| {
        world.write("register/calls.toml", dataset(answer, more));
        let answer = world.run(&["scan", "calls", "--now", NOW, "--format", "json", "--dry-run"]);
        serde_json::from_str::<serde_json::Value>(&answer.stdout).unwrap_or_else(|_| panic!("{}", answer.stderr))
    };
    let secret = scan("true", "");
    assert_eq!(secret["scans"][0]["status"], "complete", "{secret:#}");
    assert_eq!(counts(&secret, "calls", "retention", "expired"), Some([1, 1, 0, 0]));
    // The same without secrecy, where the account makes up an item's identity: the column is read, and cannot be.
    let open = scan("false", ", identity = [\"id\", \"department\"]");
    assert_ne!(open["scans"][0]["status"], "complete", "{open:#}");
}

#[test]
fn a_verdict_is_explained_down_to_the_arithmetic() {
    let world = World::contract();
    world.scan(NOW);
    let row = world.run(&["explain", "seminar-attendees", "seminar/partner-a.csv:3", "--now", NOW]);
    assert_eq!(row.code, 0, "{}", row.stderr);
    insta::assert_snapshot!("explained-row", row.stdout);
    let recording = world.run_with_input(
        &["explain", "support-recordings", "-", "--now", NOW],
        "2026/08/31/out-0312345678-09012345678-20260831-115959-1788145199.2.wav\n",
    );
    insta::assert_snapshot!("explained-recording", without_ordinals(&recording.stdout));
    let made_up = world
        .run_with_input(&["explain", "applicants", "-", "--now", NOW], r#"{"id": "x", "applied_at": "2024/02/29"}"#);
    insta::assert_snapshot!("explained-made-up", made_up.stdout);
}

#[test]
fn who_asks_for_a_verdict_leaves_a_trace_unless_the_item_is_made_up() {
    let world = World::contract();
    world.scan(NOW);
    let entries = || {
        let verified = world.run(&["evidence", "verify"]).stdout;
        let head = verified.trim().rsplit(' ').next().unwrap().to_owned();
        head.split(':').next().unwrap().parse::<u64>().unwrap()
    };
    let before = entries();
    let made_up = r#"{"id": "x", "applied_at": "2024/02/29"}"#;
    assert_eq!(world.run_with_input(&["explain", "applicants", "-", "--now", NOW], made_up).code, 0);
    assert_eq!(entries(), before);
    assert_eq!(world.run(&["explain", "applicants", "applicants.csv:2", "--now", NOW]).code, 0);
    assert_eq!(entries(), before + 1);
    let nobody = world.run_with_input(&["explain", "applicants", "-", "--now", NOW], "A-99");
    assert!(nobody.code == 2 && nobody.stderr.contains("`applicants` has no such item now"), "{}", nobody.stderr);
    assert_eq!(entries(), before + 2, "looking in vain tells something, too");
    for path in world.files("state") {
        let content = fs::read(&path).unwrap();
        assert!(!content.windows(4).any(|window| window == b"A-99"), "{}", path.display());
    }
}

#[test]
fn a_simulated_store_is_asked_about_its_own_present() {
    let world = World::contract();
    let id = finding_id(&world.scan(NOW), "applicants", "expired");
    let items = world.run(&["items", &id]);
    assert_eq!(items.stdout.lines().count(), 2, "one that is due by then: {}", items.stdout);
    assert!(items.stderr.contains("judged at its latest instant, 2027-02-28T03:00:00"), "{}", items.stderr);
    let explained = world.run(&["explain", "applicants", "applicants.csv:2"]);
    assert!(explained.stdout.starts_with("judged at 2027-02-28T12:00:00+09:00"), "{}", explained.stdout);
    assert!(explained.stderr.contains("the store is simulated"), "{}", explained.stderr);
    assert_eq!(world.run(&["explain", "applicants", "applicants.csv:2", "--now", NOW]).stderr, "");
}

#[test]
fn personal_data_is_refused_on_the_command_line() {
    let world = World::contract();
    let refused = world.run(&["explain", "applicants", "A-1", "--now", NOW]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("standard input"), "{}", refused.stderr);
}

#[test]
fn altered_evidence_is_found() {
    let world = World::contract();
    world.scan(NOW);
    let verified = world.run(&["evidence", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    let head = verified.stdout.trim().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(world.run(&["evidence", "verify", "--head", &head]).code, 0);
    let last = if head.ends_with('0') { '1' } else { '0' };
    let other = format!("{}{last}", &head[..head.len() - 1]);
    assert_eq!(world.run(&["evidence", "verify", "--head", &other]).code, 2);
    world.sql("state/purposed.db", "UPDATE evidence SET body = replace(body, 'complete', 'completE')");
    assert_eq!(world.run(&["evidence", "verify"]).code, 2);
    let nowhere = World::contract();
    assert_eq!(nowhere.run(&["evidence", "verify"]).code, 1, "no store, so it could not run");
}

/// A list without its digests, which differ with the key.
fn without_digests(list: &str) -> String {
    list.lines()
        .map(|line| {
            let cells = line.split(',').map(|cell| {
                let is_digest = cell.len() == 32 && cell.bytes().all(|byte| byte.is_ascii_hexdigit());
                if is_digest { "DIGEST" } else { cell }
            });
            cells.collect::<Vec<_>>().join(",") + "\n"
        })
        .collect()
}
