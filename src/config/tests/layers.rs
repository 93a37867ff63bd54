//! Templates, defaults, presets, shared sources, and what the effective values are.

use super::world::{DATASET, ORGANISATION, SERVER, SOURCE, faults, faults_of, loaded, with_files};
use crate::config::{MailTransport, origin};
use crate::domain::register::{DateFormat, FieldAccess, Place, Relation};

const TEMPLATES: &str = "[defaults]\nwarn = [\"7 days\", \"1 month\"]\n\
    [templates.list]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = \"support\"\n\
    keep = { for = \"1 year\", from = \"since\" }\n\
    source = { root = \"lists\", files = \"*.csv\", fields = { id = \"No\", since = \"Since\" } }\n\
    [datasets.one]\ntemplate = \"list\"\n\
    [datasets.two]\ntemplate = \"list\"\nwarn = []\nsource.fields.since = { column = \"Seit\", format = \"iso\" }\n\
    source.header_row = 3\n";

#[test]
fn own_keys_replace_and_fields_merge() {
    let register = loaded(TEMPLATES).register;
    let (one, two) = (&register.datasets["one"], &register.datasets["two"]);
    assert_eq!(one.warn.iter().map(ToString::to_string).collect::<Vec<_>>(), ["1 month", "7 days"]);
    assert!(two.warn.is_empty());
    let Place::Lists { header_row, files, .. } = &two.source.place else { panic!("not a list") };
    assert_eq!((*header_row, files.as_slice()), (Some(3), ["*.csv".to_owned()].as_slice()));
    assert_eq!(two.source.fields.len(), 2);
    let since = two.source.field("since").unwrap();
    assert_eq!(two.source.fields[since].access, FieldAccess::Column(vec!["Seit".to_owned()]));
    assert_eq!(one.source.fields[one.source.field("since").unwrap()].formats, []);
}

#[test]
fn presets_give_way_to_what_is_written() {
    let register = loaded(
        "[sources.index]\npreset = \"moonfire\"\nconnection = \"nvr\"\n\
         query = \"SELECT * FROM recording\"\nfields.camera = \"short_name\"\nfields.id = \"uuid\"\n\
         [datasets.films]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = \"support\"\nsources = { items = \"index\" }\n\
         keep = { for = \"30 days\", from = \"recorded_at\", where = { camera = [1, \"gate-*\"] } }\n",
    )
    .register;
    let films = &register.datasets["films"];
    let Place::Sqlite { relation, .. } = &films.source.place else { panic!("not a database") };
    assert_eq!(*relation, Relation::Query("SELECT * FROM recording".to_owned()));
    let field = |name: &str| &films.source.fields[films.source.field(name).unwrap()];
    assert_eq!(field("id").access, FieldAccess::Column(vec!["uuid".to_owned()]));
    assert_eq!(field("recorded_at").formats, [DateFormat::Ticks90Khz]);
    assert_eq!(films.keep[0].conditions["camera"], ["1", "gate-*"]);
    assert_eq!(films.source.time_zone.iana_name(), Some("UTC"));
}

#[test]
fn what_belongs_to_another_kind_of_place_gives_way_with_it() {
    let template = |source: &str| {
        format!(
            "[templates.any]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = \"support\"\nsource = {{ {source} }}\n"
        )
    };
    let server = format!("{SERVER}crm = \"postgresql://purposed@db.example.co.jp/crm\"\n");
    for (lower, upper, place) in [
        ("connection = \"crm\", schema = \"s\", table = \"t\"", "root = \"lists\"\nsource.files = \"*.csv\"", "Lists"),
        (
            "connection = \"crm\", schema = \"s\", table = \"t\"",
            "query = \"SELECT 1\"",
            "schema: None, relation: Query",
        ),
        (
            "connection = \"crm\", schema = \"s\", table = \"t\"",
            "table = \"u\"",
            "schema: Some(\"s\"), relation: Table(\"u\")",
        ),
        (
            "root = \"lists\", files = \"*.csv\", encoding = \"cp932\", sheet = \"a\", columns = [\"b\"]",
            "connection = \"crm\"\nsource.table = \"t\"",
            "Server",
        ),
        (
            "root = \"lists\", files = \"*.csv\", encoding = \"cp932\", sheet = \"a\", header_row = 2",
            "connection = \"crm\"\nsource.table = \"t\"",
            "Server",
        ),
    ] {
        let register = format!("{}[datasets.own]\ntemplate = \"any\"\nsource.{upper}\n", template(lower));
        let files =
            [("purposed.toml", server.as_str()), ("register/a.toml", ORGANISATION), ("register/b.toml", &register)];
        let loaded = super::world::load_files(&files);
        let loaded = loaded.unwrap_or_else(|problems| panic!("{}", super::world::told(&problems)));
        let found = format!("{:?}", loaded.register.datasets["own"].source.place);
        assert!(found.contains(place), "{found}");
    }
}

#[test]
fn presets_of_calls_make_somebody_answer_for_secrecy() {
    let dataset = |more: &str| {
        let dataset = DATASET.replace("since", "recorded_at");
        format!("{ORGANISATION}{dataset}source = {{ preset = \"freepbx-recordings\", root = \"lists\" }}\n{more}")
    };
    let faults = |register: &str| faults_of(&[("purposed.toml", SERVER), ("register/a.toml", register)]);
    let unanswered = faults(&dataset(""));
    assert!(unanswered.contains("does not say whether it has communications of subscribers"), "{unanswered}");
    for answer in ["true", "false"] {
        assert_eq!(faults(&dataset(&format!("secrecy = {answer}\n"))), "");
    }
    let of_category = dataset("").replace("[categories.lists]\n", "[categories.lists]\nsecrecy = false\n");
    assert_eq!(faults(&of_category), "");
}

#[test]
fn under_secrecy_nothing_may_ask_for_more_than_clock_and_id() {
    let register = |more: &str| {
        format!(
            "{DATASET}secrecy = true\n[datasets.leads.source]\nroot = \"lists\"\nfiles = \"*.csv\"\n{more}\
             [datasets.leads.source.fields]\nid = \"No\"\nsince = \"Since\"\nemail = \"Mail\"\nline = {{ value = \"a\" }}\n"
        )
    };
    let harmless = "identity = [\"file\", \"id\", \"since\", \"line\"]\n";
    assert_eq!(faults(&register(harmless)), "");
    let purpose = register("").replace("line =", "purpose =");
    assert_eq!(faults(&purpose), "", "the register's own word is not read");
    let start = "is under `secrecy`, only clock and `id` are read:";
    let keep = "from = \"since\", where = { line = \"a\", id = \"x*\", since = \"2*\"";
    let of_keep = |more: &str| register("").replace("from = \"since\"", &format!("{keep}{more} }}"));
    assert_eq!(faults(&of_keep("")), "");
    let ledger = "[ledgers.stop]\nkind = \"opt-outs\"\nsource = { root = \"lists\", files = \"x.csv\", fields = { email = \"m\" } }\n";
    for (register, place, told) in [
        (
            register("").replace("keep = ", "where = { email = \"*.jp\", id = \"1*\" }\nkeep = "),
            "5:11",
            "`where` asks for the field `email`",
        ),
        (of_keep(", email = \"*.jp\""), "5:89", "`where` asks for the field `email`"),
        (register("identity = [\"id\", \"email\"]\n"), "10:19", "`identity` asks for the field `email`"),
        (purpose.replace("{ value = \"a\" }", "\"Use\""), "14:1", "each item's field `purpose` would be judged"),
        (register("").replace("secrecy = ", "consent = { row = \"email\" }\nsecrecy = "), "6:11", "`consent` asks"),
        (
            register(ledger).replace("secrecy = ", "opt_outs = { ledger = \"stop\", by = \"email\" }\nsecrecy = "),
            "6:12",
            "`opt_outs` asks",
        ),
    ] {
        let problems = faults(&register);
        assert!(
            problems.starts_with(&format!("register/b.toml:{place}: the dataset `leads` {start} {told}")),
            "{problems}"
        );
        assert_eq!(problems.lines().count(), 2, "{problems}");
    }
}

#[test]
fn own_presets_come_first_and_their_faults_are_placed() {
    let server = format!("presets = \"presets\"\n{SERVER}");
    let register = DATASET.to_owned() + "source = { preset = \"frigate\", root = \"lists\" }\n";
    let files = [
        ("purposed.toml", server.as_str()),
        ("register/a.toml", ORGANISATION),
        ("register/b.toml", &register),
        ("presets/frigate.toml", "files = \"*.csv\"\nfields.since = \"Since\"\nfields.id = { colum = \"x\" }\n"),
    ];
    assert_eq!(
        faults_of(&files),
        "presets/frigate.toml:3:15: unknown key `colum` in `fields.id`\n  hint: did you mean `column`?\n"
    );
}

#[test]
fn zones_come_from_the_closest() {
    let server = SERVER.replace("\"sqlite:data/nvr.db\"", "{ url = \"sqlite:data/nvr.db\", time_zone = \"UTC\" }");
    let register = format!(
        "{DATASET}source = {{ connection = \"nvr\", table = \"t\", fields = {{ since = {{ column = \"s\", time_zone = \"Europe/Berlin\" }} }} }}\n\
         [datasets.other]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = \"support\"\n\
         source = {{ connection = \"nvr\", table = \"t\", time_zone = \"America/New_York\" }}\n"
    );
    let files = [("purposed.toml", server.as_str()), ("register/a.toml", ORGANISATION), ("register/b.toml", &register)];
    let register = super::world::load_files(&files).unwrap().register;
    let leads = &register.datasets["leads"].source;
    assert_eq!(leads.time_zone.iana_name(), Some("UTC"));
    assert_eq!(leads.fields[0].time_zone.as_ref().unwrap().iana_name(), Some("Europe/Berlin"));
    assert_eq!(register.datasets["other"].source.time_zone.iana_name(), Some("America/New_York"));
}

#[test]
fn categories_hand_down() {
    let register = ORGANISATION.replace(
        "purposes = [\"support\", \"mailing\"]",
        "purposes = [\"support\", \"mailing\"]\nsecrecy = true\ncollected = \"indirect\"\nspecial = \"minor\"",
    );
    let dataset = format!("{DATASET}special = [\"face\", \"minor\"]\n{SOURCE}");
    let files = [("purposed.toml", SERVER), ("register/a.toml", &register), ("register/b.toml", &dataset)];
    let leads = super::world::load_files(&files).unwrap().register.datasets["leads"].clone();
    assert!(leads.secrecy);
    assert_eq!(leads.special.len(), 2);
    assert_eq!(leads.collected, Some(crate::domain::register::Collected::Indirect));
}

#[test]
fn without_mail_letters_stay_beside_the_state() {
    let server = "version = 1\nregister = \"register/*.toml\"\n[service]\nstate = \"state\"\n[roots]\nlists = \"l\"\n";
    let files = [
        ("purposed.toml", server),
        ("register/a.toml", ORGANISATION),
        ("register/b.toml", &format!("{DATASET}{SOURCE}")),
    ];
    let loaded = super::world::load_files(&files).unwrap();
    let mail = loaded.settings.mail.unwrap();
    assert_eq!(mail.from, "privacy@example.co.jp");
    assert_eq!(mail.transport, MailTransport::Maildir { path: loaded.settings.state.join("letters") });
    assert!(loaded.warnings[0].message.starts_with("nobody gets a letter"));
}

#[test]
fn every_value_knows_its_origin() {
    let files = [("purposed.toml", SERVER), ("register/a.toml", ORGANISATION), ("register/b.toml", TEMPLATES)];
    let lines = with_files(&files, |folder| {
        let prefix = format!("{}/", folder.display());
        let lines = origin(&folder.join("purposed.toml"), "two")?;
        Ok(lines.iter().fold(String::new(), |text, line| {
            text + &format!("{} = {}  # {}\n", line.key, line.value, line.origin.replace(&prefix, ""))
        }))
    });
    insta::assert_snapshot!(lines.unwrap());
    let unknown = with_files(&files, |folder| origin(&folder.join("purposed.toml"), "too")).unwrap_err();
    assert_eq!(unknown[0].hint.as_deref(), Some("did you mean `two`?"));
}

#[test]
fn the_digest_follows_the_text() {
    let digest = |register: &str| loaded(register).digest;
    let register = format!("{DATASET}{SOURCE}");
    assert_eq!(digest(&register), digest(&register));
    assert_ne!(digest(&register), digest(&format!("{register}# a remark\n")));
}

#[test]
fn a_slice_is_conditions_on_fields_of_the_source() {
    let leads = |conditions: &str| format!("{DATASET}where = {{ {conditions} }}\n{SOURCE}");
    let register = loaded(&leads("email = [\"a*\", \"b\"], id = 1")).register;
    let own = &register.datasets["leads"];
    assert_eq!(format!("{:?}", own.slice), "{\"email\": [\"a*\", \"b\"], \"id\": [\"1\"]}");
    assert_eq!(own.shared_source, None, "its own");
    let problems = faults(&leads("emial = \"a\", id = []"));
    assert!(problems.contains("register/b.toml:6:11: the dataset `leads` has no field `emial`"), "{problems}");
    assert!(problems.contains("did you mean `email`?") && problems.contains("nothing can match `id`"), "{problems}");
}

#[test]
fn a_source_in_slices_is_under_secrecy_as_a_whole_or_not_at_all() {
    let register = |slice: &str, secrecy: &str| {
        let dataset = DATASET.replace("keep =", &format!("source = \"shared\"\n{slice}keep ="));
        let source = SOURCE.replace("datasets.leads.source", "sources.shared");
        format!("{dataset}{secrecy}{}{source}", dataset.replace("leads", "calls"))
    };
    let slice = "where = { id = \"1*\" }\n";
    let problems = faults(&register(slice, "secrecy = true\n"));
    assert!(
        problems.starts_with(
            "register/b.toml:1:11: the source `shared` is shared in slices, and `leads` is under `secrecy` where \
             `calls` is not\n"
        ),
        "{problems}"
    );
    assert_eq!(faults(&register("", "secrecy = true\n")), "");
    assert_eq!(faults(&register(slice, "")), "");
    let shared = loaded(&register(slice, "")).register.datasets["calls"].shared_source.clone();
    assert_eq!(shared.map(|name| name.to_string()), Some("shared".to_owned()));
}
