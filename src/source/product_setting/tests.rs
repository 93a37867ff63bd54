//! Products' own configurations as they are found: old and new keys, comments, anchors, nonsense.

use super::{SettingError, Text, Unclear, frigate, mediamtx, motioneye, read, zoneminder};
use crate::domain::name::{ConnectionName, RootName};
use crate::domain::register::{Product, ProductSetting, Root, SettingEngine, SettingOf, SettingPlace};
use crate::rule::product_setting::{Keeps, Stated};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use zoneminder::Filter;

/// What was stated, told shortly: `movies 14`, with `ever` for ever.
fn told(stated: Result<Vec<Stated>, Unclear>) -> Vec<String> {
    let one = |Stated { what, keeps }| match keeps {
        Keeps::ForEver => format!("{what} ever"),
        Keeps::Seconds(seconds) => format!("{what} {}", seconds as f64 / 86_400.0),
    };
    match stated {
        Ok(stated) => stated.into_iter().map(one).collect(),
        Err(Unclear::Why(why, _)) => vec![format!("unclear: {why}")],
        Err(Unclear::Cancelled) => vec!["cancelled".to_owned()],
    }
}

fn text(content: &str) -> Vec<Text> {
    vec![Text { path: "config.yml".to_owned(), content: content.to_owned() }]
}

fn of_frigate(content: &str, of: SettingOf, camera: Option<&str>) -> Vec<String> {
    told(frigate::stated(&text(content), of, camera))
}

fn recordings(content: &str) -> Vec<String> {
    of_frigate(content, SettingOf::Recordings, None)
}

const FRIGATE_NEW: &str = r"
mqtt:
  enabled: false   # no broker here
record:
  enabled: True
  continuous: {days: 3}
  motion:
    days: 7
  alerts: &kept
    retain:
      days: 30
      mode: motion
  detections:
    <<: *kept
cameras:
  door:
    ffmpeg:
      inputs:
        - path: rtsp://viewer:{FRIGATE_RTSP_PASSWORD}@10.0.0.2:554/live
          roles: [detect, record]
  yard:
    record:
      continuous:
        days: 45
  attic:
    record: {enabled: no}
  cellar:
    enabled: false
version: 0.17-0
";

#[test]
fn frigate_keeps_as_long_as_the_longest_of_its_settings() {
    assert_eq!(recordings(FRIGATE_NEW), ["recordings of alerts 30", "continuous recordings 45"]);
    assert_eq!(of_frigate(FRIGATE_NEW, SettingOf::Recordings, Some("door")), ["recordings of alerts 30"]);
    assert_eq!(of_frigate(FRIGATE_NEW, SettingOf::Recordings, Some("attic")), [] as [&str; 0], "it records nothing");
    let unknown = of_frigate(FRIGATE_NEW, SettingOf::Recordings, Some("roof"));
    assert_eq!(unknown, ["unclear: it knows no camera of the name that `product_setting` gives"]);
}

#[test]
fn frigate_of_earlier_years_is_understood() {
    let old = "record:\n  enabled: true\n  retain:\n    days: 21\n    mode: all\ncameras:\n  door: {}\n";
    assert_eq!(recordings(old), ["recordings 21"]);
    let own =
        format!("{old}  yard:\n    record:\n      retain: {{days: 2.5}}\n      alerts: {{retain: {{days: 1}}}}\n");
    assert_eq!(recordings(&own), ["recordings 21", "recordings of detections 10"]);
    let events = "record:\n  enabled: true\n  events:\n    retain:\n      default: 5\n      objects:\n        person: 60\ncameras: {door: }\n";
    assert_eq!(recordings(events), ["recordings of some objects 60"]);
    assert_eq!(recordings("record: {enabled: true, retain_days: 40}\ncameras: {a: {}}"), ["recordings 40"]);
    assert_eq!(recordings("record: {enabled: true}\ncameras: {a: {}}"), ["recordings of alerts 10"], "its own default");
}

#[test]
fn frigate_that_records_nothing_keeps_nothing_and_exports_stay() {
    assert_eq!(recordings("cameras:\n  door: {}\n"), [] as [&str; 0]);
    assert_eq!(recordings(""), [] as [&str; 0]);
    assert_eq!(of_frigate("cameras: {a: {}, b: {}}", SettingOf::Exports, None), ["exports ever", "exports ever"]);
}

#[test]
fn what_is_no_configuration_is_said_without_quoting_it() {
    assert_eq!(recordings("record:\n  enabled: true\n bad: secret\n: x"), ["unclear: it is not YAML at line 3"]);
    assert_eq!(recordings("- a\n- b\n"), ["unclear: it is no table of settings"]);
    let days = "record: {enabled: true, continuous: {days: soon}}\ncameras: {a: {}}";
    assert_eq!(recordings(days), ["unclear: `record.continuous.days` does not say what it should"]);
    let bomb: String = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let below = level - 1;
        text + &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}]\n")
    });
    assert!(recordings(&bomb)[0].starts_with("unclear: it is not YAML"), "aliases are replayed within bounds");
}

fn paths(content: &str, path: Option<&str>) -> Vec<String> {
    told(mediamtx::stated(&text(content), path))
}

const MEDIAMTX: &str = r"
# Default settings
pathDefaults:
  record: yes
  recordPath: ./recordings/%path/%Y-%m-%d_%H-%M-%S-%f
  # Set to 0s to disable automatic deletion.
  recordDeleteAfter: 14d
paths:
  door:
    source: rtsp://10.0.0.2
  yard:
    recordDeleteAfter: 720h
  archive:
    recordDeleteAfter: 0s
  live:
    record: no
  '~^hall-\d+$':
    recordDeleteAfter: 1h30m
  all_others:
";

#[test]
fn mediamtx_says_it_for_each_path() {
    let all = ["recordings 14", "recordings 30", "recordings ever", "recordings 0.0625", "recordings 14"];
    let mut stated = paths(MEDIAMTX, None);
    let mut wanted = all.map(str::to_owned).to_vec();
    stated.sort();
    wanted.sort();
    assert_eq!(stated, wanted);
    assert_eq!(paths(MEDIAMTX, Some("yard")), ["recordings 30"]);
    assert_eq!(paths(MEDIAMTX, Some("live")), [] as [&str; 0]);
    let hall = paths(MEDIAMTX, Some("hall-2"));
    assert!(hall.contains(&"recordings 0.0625".to_owned()) && hall.len() == 2, "{hall:?}");
    assert_eq!(
        paths("paths: {a: }", Some("b")),
        ["unclear: it knows no path of the name that `product_setting` gives"]
    );
    assert_eq!(paths("record: yes\nrecordDeleteAfter: 48h\npaths:\n  all:\n", None), ["recordings 2"], "before 1.3");
    assert_eq!(paths("pathDefaults: {record: true}\npaths: {a: {}}", None), ["recordings 1"], "its own default");
    let wrong = paths("pathDefaults: {record: true, recordDeleteAfter: 14 days}\npaths: {a: {}}", None);
    assert_eq!(wrong, ["unclear: `recordDeleteAfter` is no duration"]);
}

#[test]
fn durations_are_those_of_go() {
    let seconds = |text| mediamtx::duration(text).map(|nanoseconds| nanoseconds / 1_000_000_000);
    let known =
        [("1d", 86_400), ("24h0m0s", 86_400), ("1.5h", 5_400), ("1d2h", 93_600), ("0", 0), ("0s", 0), ("90m", 5_400)];
    for (text, wanted) in known {
        assert_eq!(seconds(text), Some(wanted), "{text}");
    }
    for text in ["", " ", "d", "1", "14 days", "1w", "-1h", "1h-", "1..5h", "h1", "１d"] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

fn cameras(files: &[(&str, &str)], of: SettingOf, camera: Option<&str>) -> Vec<String> {
    let text = |(path, content): &(&str, &str)| Text { path: (*path).to_owned(), content: (*content).to_owned() };
    told(motioneye::stated(&files.iter().map(text).collect::<Vec<_>>(), of, camera))
}

const DOOR: &str = "# @name Front door\n# @enabled on\n# @proto v4l2\n# @preserve_movies 14\n# @preserve_pictures 0\n\
                    # @manual_snapshots off\n# a note of 2019: preserve_movies 0\ntarget_dir /var/lib/motioneye/Camera1\n\
                    movie_output on\npicture_output off\nsnapshot_interval 0\n";
const YARD: &str =
    "# @preserve_movies 0\nmovie_output on\npicture_output best\n# @preserve_pictures 7\ncamera_name Yard\n";

#[test]
fn motioneye_says_it_for_each_camera() {
    let files =
        [("camera-1.conf", DOOR), ("camera-2.conf", YARD), ("camera-3.conf", "# @proto mjpeg\nmovie_output on\n")];
    assert_eq!(cameras(&files, SettingOf::Media, None), ["movies 14", "movies ever"]);
    assert_eq!(cameras(&files, SettingOf::Recordings, None), ["movies 14", "movies ever"]);
    assert_eq!(cameras(&files, SettingOf::Pictures, None), ["pictures 7"]);
    assert_eq!(cameras(&files, SettingOf::Media, Some("Front door")), ["movies 14"]);
    assert_eq!(cameras(&files, SettingOf::Media, Some("2")), ["movies ever"]);
    assert_eq!(cameras(&files, SettingOf::Media, Some("Yard")), ["movies ever"]);
    assert_eq!(
        cameras(&[("camera-1.conf", "movie_output on\n")], SettingOf::Media, None),
        ["movies ever"],
        "its default"
    );
    let old = [("camera-1.conf", "ffmpeg_output_movies on\n#@preserve_movies 3\r\n")];
    assert_eq!(cameras(&old, SettingOf::Media, None), ["movies 3"]);
    let wrong = [("camera-1.conf", "# @preserve_movies long\nmovie_output on\n")];
    assert_eq!(cameras(&wrong, SettingOf::Media, None), ["unclear: `@preserve_movies` is no number of days"]);
    assert!(cameras(&files, SettingOf::Media, Some("9"))[0].starts_with("unclear: it knows no camera"));
}

#[test]
fn zoneminders_filters_bound_ages_or_do_not() {
    let terms = |terms: &str| zoneminder::read(&format!(r#"{{"terms":[{terms}],"limit":"100"}}"#));
    let age = |days: i64, monitors: Option<&[&str]>| Filter::Age {
        seconds: days * 86_400,
        monitors: monitors.map(|all| all.iter().map(ToString::to_string).collect()),
    };
    let archived = r#"{"attr":"Archived","op":"=","val":"0"}"#;
    let older = |value: &str| format!(r#"{{"cnj":"and","attr":"StartDateTime","op":"<","val":"{value}"}}"#);
    assert_eq!(terms(&format!("{archived},{}", older("-30 days"))), age(30, None));
    assert_eq!(terms(&older("now - 1 month")), age(28, None));
    assert_eq!(terms(&older("2 weeks ago")), age(14, None));
    assert_eq!(terms(&older("-10day")), age(10, None));
    assert_eq!(terms(&older("2026-01-01 00:00:00")), Filter::NoAge);
    assert_eq!(terms(&older("30 days")), Filter::Unclear);
    let monitor = r#"{"cnj":"and","attr":"MonitorId","op":"=","val":"2"}"#;
    assert_eq!(terms(&format!("{},{monitor}", older("-7 days"))), age(7, Some(&["2"])));
    let ended = r#"{"cnj":"and","attr":"EndDateTime","op":"IS NOT","val":"NULL"}"#;
    assert_eq!(terms(&format!("{},{ended}", older("-7 days"))), age(7, None));
    let full = r#"{"cnj":"and","attr":"DiskPercent","op":">=","val":"95"}"#;
    assert_eq!(terms(&format!("{archived},{full},{ended}")), Filter::NoAge, "the purge that comes with it");
    let short = r#"{"cnj":"and","attr":"Length","op":"<","val":5}"#;
    assert_eq!(terms(&format!("{},{short}", older("-7 days"))), Filter::NoAge);
    let or = older("-7 days").replace("and", "or");
    assert_eq!(terms(&format!("{archived},{or}")), Filter::Unclear);
    assert_eq!(zoneminder::read("not JSON"), Filter::Unclear);
}

fn of_root(folder: &Path, product: Product, file: &str) -> ProductSetting {
    let root = Root { name: RootName::new("nvr-config").unwrap(), path: folder.to_owned(), must_be_mount: false };
    let of = product.kinds()[0];
    ProductSetting { product, of, member: None, place: SettingPlace::File { root, file: file.to_owned() } }
}

#[test]
fn files_are_opened_beneath_their_root() {
    let folder = tempfile::tempdir().unwrap();
    let go = |product, file| read(&of_root(folder.path(), product, file), &AtomicBool::new(false));
    let why = |product, file| match go(product, file) {
        Err(SettingError::Unread(why)) => why.split("; hint: ").next().unwrap_or_default().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why(Product::Frigate, "config/config.yml"),
        "setting of frigate: root `nvr-config`, file `config/config.yml`: it is not there"
    );
    assert!(why(Product::MotionEye, "camera-*.conf").ends_with("no file matches"));
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/config.yml"), FRIGATE_NEW).unwrap();
    std::fs::write(folder.path().join("camera-1.conf"), YARD).unwrap();
    assert_eq!(go(Product::Frigate, "config/config.yml").map(|all| all.len()), Ok(2));
    assert_eq!(go(Product::MotionEye, "camera-*.conf").map(|all| all.len()), Ok(1));
    assert!(why(Product::Frigate, "config").ends_with("it is not a file"));
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.yml")).unwrap();
    assert!(why(Product::Frigate, "link.yml").ends_with("a link stands in its place"));
    std::fs::write(folder.path().join("bytes.yml"), [0xff, 0xfe]).unwrap();
    assert!(why(Product::Frigate, "bytes.yml").ends_with("it is not UTF-8"));
}

/// The setting of a product whose tables are made in a file.
fn in_database(folder: &Path, product: Product, of: SettingOf, member: Option<&str>) -> ProductSetting {
    let engine = SettingEngine::File(folder.join("data.db"));
    let place = SettingPlace::Database { connection: ConnectionName::new("product").unwrap(), engine };
    ProductSetting { product, of, member: member.map(str::to_owned), place }
}

fn asked(setting: &ProductSetting) -> Vec<String> {
    match read(setting, &AtomicBool::new(false)) {
        Err(SettingError::Unread(why)) => vec![why],
        stated => told(stated.map_err(|_| Unclear::Cancelled)),
    }
}

fn make(folder: &Path, statements: &str) {
    use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("data.db")).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        connection.execute(AssertSqlSafe(statements.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn fusionpbx_says_it_for_each_domain() {
    let folder = tempfile::tempdir().unwrap();
    make(
        folder.path(),
        "CREATE TABLE v_default_settings (default_setting_category TEXT, default_setting_subcategory TEXT,
            default_setting_name TEXT, default_setting_value TEXT, default_setting_enabled TEXT);
         CREATE TABLE v_domains (domain_uuid TEXT, domain_name TEXT);
         CREATE TABLE v_domain_settings (domain_uuid TEXT, domain_setting_category TEXT, domain_setting_subcategory TEXT,
            domain_setting_value TEXT, domain_setting_enabled TEXT);
         INSERT INTO v_default_settings VALUES ('cdr', 'database_retention_days', 'numeric', '730', 'true'),
            ('call_recordings', 'filesystem_retention_days', 'numeric', '90', 'false'),
            ('email', 'smtp_password', 'text', 'secret', 'true');
         INSERT INTO v_domains VALUES ('1', 'a.example.com'), ('2', 'b.example.com');
         INSERT INTO v_domain_settings VALUES ('2', 'cdr', 'database_retention_days', '30', 'true'),
            ('1', 'cdr', 'database_retention_days', '10', 'false'),
            ('2', 'call_recordings', 'filesystem_retention_days', '60', 'true');",
    );
    let ask = |of, member| asked(&in_database(folder.path(), Product::FusionPbx, of, member));
    assert_eq!(ask(SettingOf::Calls, None), ["call records 730", "call records 30"]);
    assert_eq!(ask(SettingOf::Calls, Some("b.example.com")), ["call records 30"]);
    assert_eq!(
        ask(SettingOf::Recordings, None),
        ["call recordings ever", "call recordings 60"],
        "what is off deletes nothing"
    );
    assert!(ask(SettingOf::Calls, Some("c.example.com"))[0].contains("it knows no domain of the name"));
}

#[test]
fn zoneminder_says_it_for_each_camera() {
    let folder = tempfile::tempdir().unwrap();
    let gone = asked(&in_database(folder.path(), Product::ZoneMinder, SettingOf::Recordings, None));
    assert!(gone[0].starts_with("setting of zoneminder: connection `product`: "), "{gone:?}");
    make(
        folder.path(),
        r#"CREATE TABLE Filters (Name TEXT, Query_json TEXT, AutoDelete INTEGER, Background INTEGER);
           CREATE TABLE Monitors (Id INTEGER, Name TEXT);
           INSERT INTO Monitors VALUES (1, 'Door'), (2, 'Yard');
           INSERT INTO Filters VALUES
             ('PurgeWhenFull', '{"terms":[{"attr":"Archived","op":"=","val":"0"},{"cnj":"and","attr":"DiskPercent","op":">=","val":"95"}]}', 1, 1),
             ('Old', '{"terms":[{"attr":"StartDateTime","op":"<","val":"-5 days"}]}', 1, 0),
             ('Yard', '{"terms":[{"attr":"StartDateTime","op":"<","val":"-30 days"},{"cnj":"and","attr":"MonitorName","op":"=","val":"Yard"}]}', 1, 1);"#,
    );
    let ask = |member| asked(&in_database(folder.path(), Product::ZoneMinder, SettingOf::Recordings, member));
    assert_eq!(ask(None), ["events ever", "events 30"]);
    assert_eq!(ask(Some("Yard")), ["events 30"]);
    assert_eq!(ask(Some("2")), ["events 30"]);
    make(folder.path(), r#"INSERT INTO Filters VALUES ('Odd', '{"terms":[{"cnj":"or","attr":"Notes"}]}', 1, 1);"#);
    assert!(ask(Some("Door"))[0].contains("conditions that are not understood here: 1"));
    assert_eq!(ask(Some("Yard")), ["events 30"]);
}
