//! Indexes in real database servers, as their products keep them, against files on this server.

use crate::servers::{mariadb, psql, servers};
use crate::world::{World, counts, finding_id};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, SystemTime};

const NOW: &str = "2027-02-28T12:00:00+09:00";
const LATER: &str = "2027-03-01T12:00:00+09:00";
/// A day before NOW, as seconds since the Unix epoch.
const YESTERDAY_SECONDS: u64 = 1_803_783_600 - 24 * 60 * 60;

/// An exchange whose calls lie in a database and whose recordings lie on this server; `index` and `files` are the keys
/// of both sources.
fn exchange(servers: &BTreeMap<String, String>, url: &str, index: &str, files: &str, recordings: &[&str]) -> World {
    let world = World::empty();
    world.write("password", &servers["password"]);
    world.write(
        "purposed.toml",
        format!(
            "version = 1\nregister = \"register.toml\"\n[service]\nstate = \"state\"\n\
             [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n\
             [roots]\naudio = \"audio\"\n\
             [connections.pbx]\nurl = \"{url}\"\npassword = {{ file = \"password\" }}\n"
        ),
    );
    world.write(
        "register.toml",
        format!(
            "[organisation]\nname = \"Example\"\ncontact_point = \"privacy@example.co.jp\"\nprivacy_manager = \"boss\"\n\
             [people]\nboss = {{ email = \"boss@example.co.jp\" }}\n[divisions.support]\nperson_in_charge = \"boss\"\n\
             [purposes.quality]\nground = \"notice\"\n[categories.calls]\npurposes = [\"quality\"]\n\
             [sources.index]\nconnection = \"pbx\"\n{index}\n[sources.audio]\nroot = \"audio\"\n{files}\n\
             [datasets.calls]\ndivision = \"support\"\ncategory = \"calls\"\npurposes = [\"quality\"]\nsecrecy = false\n\
             warn = []\nkeep = {{ for = \"3 years\", from = \"recorded_at\" }}\n\
             sources = {{ items = \"index\", files = \"audio\" }}\n"
        ),
    );
    for path in recordings {
        record(&world, path);
    }
    world
}

/// A recording that was made the day before.
fn record(world: &World, path: &str) {
    let path = format!("audio/{path}");
    world.write(&path, "canary");
    let file = fs::File::options().write(true).open(world.path(&path)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(YESTERDAY_SECONDS)).unwrap();
}

/// How many files have no row and how many rows no file, and what else the scan said.
fn scan(world: &World, now: &str) -> ([Option<[u64; 4]>; 2], Value) {
    let answer = world.run(&["scan", "--now", now, "--format", "json"]);
    assert!(matches!(answer.code, 0 | 3), "{}", answer.stderr);
    let scan: Value = serde_json::from_str(&answer.stdout).unwrap();
    let of = |reason| counts(&scan, "calls", "reconciliation", reason);
    ([of("file-without-row"), of("row-without-file")], scan)
}

const FUSIONPBX: &str =
    "CREATE TABLE v_xml_cdr (xml_cdr_uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(), domain_name text,
    start_epoch numeric, record_path text, record_name text, leg text);
    INSERT INTO v_xml_cdr (domain_name, start_epoch, record_path, record_name, leg) VALUES
    ('osaka', 1801191600.25, '/var/lib/freeswitch/recordings/osaka/archive/2027/Jan/29', 'a.mp3', 'a'),
    ('osaka', 1801191600.5, '/var/lib/freeswitch/recordings/osaka/archive/2027/Jan/29', 'a.mp3', 'b'),
    ('osaka', 1801191700, '/var/lib/freeswitch/recordings/osaka/archive/2027/Jan/29/', '山田.mp3', 'a'),
    ('tokyo', 1801191800, '/var/lib/freeswitch/recordings/tokyo/archive/2027/Jan/29', 'gone.mp3', 'a'),
    ('tokyo', 1801191900, NULL, NULL, 'a');";

const FUSIONPBX_FILES: &str = "files = \"**/*.mp3\"\nproduct_paths = { \"/var/lib/freeswitch/recordings\" = \".\" }";

fn postgresql(servers: &BTreeMap<String, String>, database: &str) -> String {
    psql(servers, "postgres", &format!("CREATE DATABASE {database}"));
    psql(servers, database, FUSIONPBX);
    format!(
        "postgresql://purposed@localhost:{}/{database}?sslmode=verify-full&sslrootcert={}",
        servers["postgresql"], servers["authority"]
    )
}

#[test]
fn an_index_in_postgresql_is_held_against_its_recordings() {
    let Some(servers) = servers() else { return };
    let url = postgresql(servers, "reconciled");
    let recordings =
        ["osaka/archive/2027/Jan/29/a.mp3", "osaka/archive/2027/Jan/29/山田.mp3", "tokyo/archive/2027/Jan/29/left.mp3"];
    let world = exchange(servers, &url, "preset = \"fusionpbx\"", FUSIONPBX_FILES, &recordings);
    let (both, scanned) = scan(&world, NOW);
    assert_eq!(both, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])], "{scanned:#}");
    assert_eq!((&scanned["scans"][0]["items"], &scanned["scans"][0]["status"]), (&5.into(), &"complete".into()));
    let listed = world.run(&["items", &finding_id(&scanned, "calls", "file-without-row"), "--now", NOW]);
    assert!(listed.stdout.contains("tokyo/archive/2027/Jan/29/left.mp3,"), "{} {}", listed.stdout, listed.stderr);

    let entered = "INSERT INTO v_xml_cdr (domain_name, start_epoch, record_path, record_name) VALUES
        ('tokyo', 1801191950, '/var/lib/freeswitch/recordings/tokyo/archive/2027/Jan/29', 'left.mp3');";
    psql(servers, "reconciled", entered);
    record(&world, "tokyo/archive/2027/Jan/29/gone.mp3");
    let (both, scanned) = scan(&world, LATER);
    assert_eq!(both, [None, None], "{scanned:#}");
}

#[test]
fn an_index_that_is_not_read_to_its_end_says_nothing_of_files() {
    let Some(servers) = servers() else { return };
    let url = postgresql(servers, "torn");
    // A row that fails when it is reached, behind others that were sent before.
    let query = "query = \"SELECT xml_cdr_uuid, start_epoch, \
                 record_path || '/' || record_name || left('', leg::integer) AS recording FROM v_xml_cdr\"\n\
                 fields = { id = \"xml_cdr_uuid\", path = \"recording\", \
                 recorded_at = { column = \"start_epoch\", format = \"unix-seconds\" } }";
    psql(
        servers,
        "torn",
        "DELETE FROM v_xml_cdr; INSERT INTO v_xml_cdr (domain_name, start_epoch, record_path, record_name, leg)
         SELECT 'osaka', 1801191600 + n, '/var/lib/freeswitch/recordings/osaka', n || '.mp3', '1'
         FROM generate_series(1, 3000) AS n;",
    );
    let recordings: Vec<String> = (1..=3000).map(|number| format!("osaka/{number}.mp3")).collect();
    let mut recordings: Vec<&str> = recordings.iter().map(String::as_str).collect();
    recordings.push("osaka/left.mp3");
    let world = exchange(servers, &url, query, FUSIONPBX_FILES, &recordings);
    assert_eq!(scan(&world, NOW).0, [Some([1, 1, 0, 0]), None]);

    psql(servers, "torn", "UPDATE v_xml_cdr SET leg = 'x' WHERE record_name IN ('2000.mp3', '2500.mp3')");
    record(&world, "osaka/new.mp3");
    let (both, scanned) = scan(&world, LATER);
    assert_eq!(both, [Some([1, 0, 1, 0]), None], "{scanned:#}");
    assert_ne!(scanned["scans"][0]["status"], "complete", "{scanned:#}");
}

const FREEPBX: &str = "CREATE TABLE cdr (calldate datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
    accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL DEFAULT '',
    recordingfile varchar(255) NOT NULL DEFAULT '') DEFAULT CHARSET = utf8mb4;
    INSERT INTO cdr (calldate, uniqueid, recordingfile) VALUES
    ('2027-01-29 00:00:01', '1.7', 'in-100-1.7.wav'), ('2027-01-29 00:00:01', '1.8', 'in-100-1.7.wav'),
    ('2027-01-29 00:00:02', '1.9', ''), ('2027-01-29 00:00:03', '2.0', 'out-山田-2.0.wav'),
    ('2027-01-29 00:00:04', '2.1', 'gone-2.1.wav');";

#[test]
fn bare_names_in_mariadb_are_held_against_recordings_in_any_folder() {
    let Some(servers) = servers() else { return };
    mariadb(servers, &format!("CREATE DATABASE reconciled; USE reconciled; SET sql_mode = ''; {FREEPBX}"));
    let url = format!("mariadb://purposed@127.0.0.1:{}/reconciled", servers["mariadb"]);
    let recordings = ["2027/01/29/in-100-1.7.wav", "2027/01/29/out-山田-2.0.wav", "2027/01/30/left-3.0.wav"];
    let index = "preset = \"freepbx\"\ntime_zone = \"Asia/Tokyo\"";
    let world = exchange(servers, &url, index, "files = \"**/*.wav\"\nmatched_by = \"name\"", &recordings);
    let (both, scanned) = scan(&world, NOW);
    assert_eq!(both, [Some([1, 1, 0, 0]), Some([1, 1, 0, 0])], "{scanned:#}");
    assert_eq!((&scanned["scans"][0]["items"], &scanned["scans"][0]["status"]), (&5.into(), &"complete".into()));

    mariadb(servers, "USE reconciled; DELETE FROM cdr WHERE uniqueid = '2.1';");
    fs::remove_file(world.path("audio/2027/01/30/left-3.0.wav")).unwrap();
    let (both, scanned) = scan(&world, LATER);
    assert_eq!(both, [None, None], "{scanned:#}");
    let waiting = world.run(&["disposal", "open", "--format", "json"]);
    let waiting: Value = serde_json::from_str(&waiting.stdout).unwrap();
    assert_eq!(waiting["waiting"].as_array().unwrap().len(), 2, "both are gone, and somebody says how: {waiting:#}");
}
