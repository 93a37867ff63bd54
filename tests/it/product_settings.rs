//! Declared against applied, in the whole program: what products say of their own retention, found, told, kept while
//! it cannot be read, and settled.

use crate::presets::zoneminder_schema;
use crate::servers::{mariadb, psql, servers};
use crate::world::{World, counts};

const NOW: &str = "2027-02-28T12:00:00+09:00";

/// A company with two cameras: one of Frigate's, one of `MediaMTX`'s.
fn company() -> World {
    let world = World::empty();
    world.write(
        "purposed.toml",
        "version = 1\nregister = \"register.toml\"\n[service]\nstate = \"state\"\n\
         [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n\
         [roots]\nmedia = \"media\"\nnvr-config = \"nvr\"\n[connections]\nnvr = \"sqlite:nvr/frigate.db\"\n",
    );
    world.write(
        "register.toml",
        r#"
[organisation]
name = "Example"
contact_point = "privacy@example.co.jp"
privacy_manager = "boss"
[people]
boss = { email = "boss@example.co.jp", language = "en" }
[divisions.facilities]
person_in_charge = "boss"
[purposes]
security = { ground = "notice" }
[categories.footage]
purposes = ["security"]
[templates.footage]
division = "facilities"
category = "footage"
purposes = ["security"]
keep = { for = "14 days", from = "recorded_at" }
[datasets.cameras]
template = "footage"
source = { preset = "frigate", connection = "nvr" }
product_setting = { product = "frigate", root = "nvr-config", file = "config/config.yml" }
[datasets.door]
template = "footage"
source = { preset = "mediamtx", root = "media", time_zone = "Asia/Tokyo" }
product_setting = { product = "mediamtx", root = "nvr-config", path = "door" }
"#,
    );
    world.sql(
        "nvr/frigate.db",
        "CREATE TABLE recordings (id TEXT PRIMARY KEY, camera TEXT, path TEXT, start_time DATETIME);
         INSERT INTO recordings VALUES ('1', 'canary-door', 'a', 1803700000.0), ('2', 'yard', 'b', 1803780000.0);",
    );
    world.write("media/door/2027-02-27_10-00-00-000000.mp4", "x");
    world.write("nvr/config/config.yml", frigate(14));
    world.write("nvr/mediamtx.yml", "pathDefaults:\n  record: yes\npaths:\n  door:\n    recordDeleteAfter: 336h\n");
    world
}

fn frigate(days: u32) -> String {
    format!(
        "# the door and the yard\nrecord:\n  enabled: true\n  continuous: {{days: {days}}}\ncameras:\n  canary-door: {{}}\n  \
         yard:\n    record: {{continuous: {{days: 3}}}}\n"
    )
}

fn example(scan: &serde_json::Value, dataset: &str) -> String {
    let scans = scan["scans"].as_array().unwrap();
    let of = scans.iter().find(|one| one["dataset"] == dataset).unwrap();
    assert_eq!(of["status"], "complete", "{scan:#}");
    of["problems"][0]["example"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_looser_setting_is_a_finding_until_it_is_shortened() {
    let world = company();
    let well = world.scan(NOW);
    assert_eq!(well["findings"].as_array().map(Vec::len), Some(0), "equal is not looser: {well:#}");

    world.write("nvr/config/config.yml", frigate(30));
    world.write("nvr/mediamtx.yml", "pathDefaults:\n  record: yes\n  recordDeleteAfter: 0s\npaths:\n  door:\n");
    let loose = world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(counts(&loose, "cameras", "retention", "product-setting"), Some([2, 2, 0, 0]));
    assert_eq!(counts(&loose, "door", "retention", "product-setting"), Some([1, 1, 0, 0]));
    let told = "frigate keeps continuous recordings of 1 of 2 cameras for 30 days; the register says 14 days";
    assert_eq!(example(&loose, "cameras"), told);
    assert_eq!(example(&loose, "door"), "mediamtx keeps recordings of this path for ever; the register says 14 days");
    let explained = world.run_with_input(&["explain", "cameras", "-"], "1");
    assert!(
        explained.stdout.contains(&format!("retention: product-setting (the whole dataset): {told}")),
        "{}",
        explained.stdout
    );

    let letter = world.letters().concat().replace("=\n", "");
    let letter = letter.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(letter.contains("Frigate is set to keep this data longer than the retention period"), "{letter}");
    assert!(!letter.contains("canary"), "the names of cameras stay where they are");

    world.write("nvr/config/config.yml", "record:\n  enabled: true\n continuous: canary\n");
    let torn = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&torn, "cameras", "retention", "product-setting"), Some([2, 0, 2, 0]), "what was known stays");
    assert_eq!(counts(&torn, "cameras", "source", "setting-unreadable"), Some([0, 0, 0, 0]));
    let why = "setting of frigate: root `nvr-config`, file `config/config.yml`: it is not YAML at line 3; hint: ";
    assert!(example(&torn, "cameras").starts_with(why), "{torn:#}");
    let check = world.run(&["check", "--connect"]);
    assert!(check.code != 0 && check.stderr.contains(why), "{}{}", check.stdout, check.stderr);

    world.write("nvr/config/config.yml", frigate(7));
    let settled = world.scan("2027-03-03T12:00:00+09:00");
    assert_eq!(counts(&settled, "cameras", "retention", "product-setting"), None);
    assert_eq!(counts(&settled, "cameras", "source", "setting-unreadable"), None);
    assert_eq!(counts(&settled, "door", "retention", "product-setting"), Some([1, 0, 1, 0]));
}

#[test]
fn an_unreadable_setting_hides_no_other_finding() {
    let world = company();
    std::fs::remove_file(world.path("nvr/config/config.yml")).unwrap();
    let scan = world.scan("2027-05-01T12:00:00+09:00");
    assert_eq!(counts(&scan, "cameras", "retention", "expired"), Some([2, 2, 0, 0]));
    assert_eq!(counts(&scan, "cameras", "source", "setting-unreadable"), Some([0, 0, 0, 0]));
    assert_eq!(counts(&scan, "cameras", "retention", "product-setting"), None);
}

/// The same company with a dataset in a database server, and the product's settings beside it.
fn with_server(source: &str, product: &str, kind: &str, database: &str) -> World {
    let world = company();
    let port = &servers().unwrap()[kind];
    world.write("password", servers().unwrap()["password"].as_str());
    let url = format!("{kind}://purposed@127.0.0.1:{port}/{database}?sslmode=disable");
    world.append("purposed.toml", &format!("product = {{ url = \"{url}\", password = {{ file = \"password\" }} }}\n"));
    world.append(
        "register.toml",
        &format!(
            "[datasets.server]\ntemplate = \"footage\"\nsecrecy = false\nproduct_setting = {{ {product} }}\n\
             source = {{ connection = \"product\", {source} }}\n"
        ),
    );
    world
}

#[test]
fn zoneminders_filters_are_read_in_debians_own_schema() {
    let Some(servers) = servers() else { return };
    let Some(schema) = zoneminder_schema() else { return };
    mariadb(
        servers,
        &format!(
            "CREATE DATABASE zm_settings CHARACTER SET utf8mb4; USE zm_settings;\n{schema}\nDELETE FROM Events; DELETE FROM Monitors;
             INSERT INTO Monitors (Id, Name) VALUES (1, '入口'), (2, 'Lobby');
             INSERT INTO Events (MonitorId, Name, StateId, StartDateTime) VALUES (1, 'Event- 1', 1, '2027-02-27 12:00:00');"
        ),
    );
    let world = with_server(
        "preset = \"zoneminder\", time_zone = \"Asia/Tokyo\"",
        "product = \"zoneminder\"",
        "mariadb",
        "zm_settings",
    );
    let scan = world.scan(NOW);
    assert_eq!(example(&scan, "server"), "zoneminder keeps events of all cameras for ever; the register says 14 days");
    let filter = |days: u32| {
        format!(
            r#"USE zm_settings; DELETE FROM Filters WHERE Name = 'By age';
               INSERT INTO Filters (Name, Query_json, AutoDelete, Background) VALUES ('By age',
                 '{{"terms":[{{"attr":"Archived","op":"=","val":"0"}},{{"cnj":"and","attr":"StartDateTime","op":"<","val":"-{days} days"}}]}}', 1, 1);"#
        )
    };
    mariadb(servers, &filter(30));
    let scan = world.scan("2027-03-01T12:00:00+09:00");
    assert_eq!(
        example(&scan, "server"),
        "zoneminder keeps events of all cameras for 30 days; the register says 14 days"
    );
    mariadb(servers, &filter(14));
    let scan = world.scan("2027-03-02T12:00:00+09:00");
    assert_eq!(counts(&scan, "server", "retention", "product-setting"), None);
}

#[test]
fn fusionpbx_is_asked_for_its_retention_alone() {
    let Some(servers) = servers() else { return };
    psql(servers, "postgres", "CREATE DATABASE fusionpbx_settings");
    psql(
        servers,
        "fusionpbx_settings",
        "CREATE TABLE v_domains (domain_uuid uuid PRIMARY KEY, domain_name text, domain_enabled boolean);
         CREATE TABLE v_default_settings (default_setting_uuid uuid, default_setting_category text,
             default_setting_subcategory text, default_setting_name text, default_setting_value text,
             default_setting_order numeric, default_setting_enabled boolean, default_setting_description text);
         CREATE TABLE v_domain_settings (domain_uuid uuid, domain_setting_uuid uuid, domain_setting_category text,
             domain_setting_subcategory text, domain_setting_name text, domain_setting_value text,
             domain_setting_order numeric, domain_setting_enabled boolean, domain_setting_description text);
         CREATE TABLE v_xml_cdr (xml_cdr_uuid uuid, domain_uuid uuid, start_epoch numeric);
         INSERT INTO v_domains VALUES ('00000000-0000-0000-0000-000000000001', 'a.example.com', true),
             ('00000000-0000-0000-0000-000000000002', 'b.example.com', true);
         INSERT INTO v_default_settings VALUES
             (NULL, 'cdr', 'database_retention_days', 'numeric', '730', NULL, true, ''),
             (NULL, 'call_recordings', 'filesystem_retention_days', 'numeric', '90', NULL, true, '');
         INSERT INTO v_domain_settings VALUES ('00000000-0000-0000-0000-000000000002', NULL, 'cdr',
             'database_retention_days', 'numeric', '14', NULL, true, '');
         INSERT INTO v_xml_cdr VALUES ('00000000-0000-0000-0000-000000000009', NULL, 1803700000);
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO purposed",
    );
    let source = "table = \"v_xml_cdr\", fields = { id = \"xml_cdr_uuid\", \
                  recorded_at = { column = \"start_epoch\", format = \"unix-seconds\" } }";
    let of = |more: &str| {
        let world = with_server(source, &format!("product = \"fusionpbx\"{more}"), "postgresql", "fusionpbx_settings");
        example(&world.scan(NOW), "server")
    };
    let told = "fusionpbx keeps call records of 1 of 2 domains for 730 days; the register says 14 days";
    assert_eq!(of(""), told);
    assert_eq!(of(", domain = \"b.example.com\""), "");
    let told = "fusionpbx keeps call recordings of all domains for 90 days; the register says 14 days";
    assert_eq!(of(", of = \"recordings\""), told);
}
