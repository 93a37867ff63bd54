//! One test for each class of problem: message, place and hint.

use super::world::{DATASET, ORGANISATION, SERVER, SOURCE, faults, faults_of, loaded};

/// The problems of the small register with `from` replaced by `to`.
fn changed(from: &str, to: &str) -> String {
    let register = format!("{DATASET}{SOURCE}");
    assert!(register.contains(from), "`{from}` is not in the register");
    faults(&register.replace(from, to))
}

/// The problems of the small register with this behind it.
fn with(more: &str) -> String {
    faults(&format!("{DATASET}{SOURCE}{more}"))
}

/// The problems of the small register with the server's file changed.
fn server(from: &str, to: &str) -> String {
    assert!(SERVER.contains(from), "`{from}` is not in the server's file");
    let register = format!("{DATASET}{SOURCE}");
    faults_of(&[
        ("purposed.toml", &SERVER.replace(from, to)),
        ("register/a.toml", ORGANISATION),
        ("register/b.toml", &register),
    ])
}

fn assert_one(problems: &str, place_and_message: &str, hint: &str) {
    let wanted = if hint.is_empty() {
        format!("{place_and_message}\n")
    } else {
        format!("{place_and_message}\n  hint: {hint}\n")
    };
    assert_eq!(problems, wanted);
}

#[test]
fn names_of_other_things() {
    let problems = changed("division = \"sales\"", "division = \"salse\"");
    assert_one(&problems, "register/b.toml:2:12: there is no division `salse`", "did you mean `sales`?");
    let problems = changed("category = \"lists\"", "category = \"calls\"");
    assert_one(&problems, "register/b.toml:3:12: there is no category `calls`", "known: `lists`");
    let problems = changed("[\"support\"]", "[\"suport\"]");
    assert_one(&problems, "register/b.toml:4:13: there is no purpose `suport`", "did you mean `support`?");
    let problems = changed("root = \"lists\"", "root = \"list\"");
    assert_one(&problems, "register/b.toml:7:8: there is no root `list`", "did you mean `lists`?");
    let problems = changed("root = \"lists\"\nfiles = \"*.csv\"", "connection = \"nvrs\"\ntable = \"t\"");
    assert_one(&problems, "register/b.toml:7:14: there is no connection `nvrs`", "did you mean `nvr`?");
}

#[test]
fn senders_that_no_letter_can_be_written_for() {
    for sender in ["privacy@例え.example", "窓口 <privacy@例え.example>"] {
        assert_one(
            &server("privacy@example.co.jp", sender),
            "purposed.toml:4:8: the domain `例え.example` is not written in ASCII",
            "write it as mail servers know it, such as `xn--fsqu00a.example`",
        );
    }
    assert_eq!(server("privacy@example.co.jp", "窓口 <privacy@xn--r8jz45g.example>"), "");
}

#[test]
fn purposes_that_are_not_published() {
    let more = "[purposes.billing]\nground = \"contract\"\n";
    let problems = faults(&format!("{DATASET}{SOURCE}{more}").replace("[\"support\"]", "[\"support\", \"billing\"]"));
    let hint = "it has published `support`, `mailing`; publish it first, or choose one of these";
    assert_one(&problems, "register/b.toml:4:24: the category `lists` has not published the purpose `billing`", hint);
}

#[test]
fn divisions_and_people() {
    let problems = with("[divisions.support]\n");
    assert_one(
        &problems,
        "register/b.toml:12:1: the division `support` has no person in charge",
        "write `person_in_charge = \"...\"`, one of `[people]`",
    );
    let problems = with("[people]\npic2 = {}\n");
    assert_one(
        &problems,
        "register/b.toml:13:8: the person `pic2` has no `email`",
        "write `email = \"name@example.co.jp\"`",
    );
    let problems = with("[people]\npic = { email = \"other@example.co.jp\" }\n");
    assert_one(
        &problems,
        "register/b.toml:13:1: the person `pic` is given twice",
        "it is first given at register/a.toml:7:1; keep one of them",
    );
}

#[test]
fn names_given_twice() {
    let problems = with("[datasets.leads]\nsite = \"osaka\"\n");
    assert_one(
        &problems,
        "register/b.toml:12:11: `leads` is given twice",
        "it is first given at register/b.toml:1:1; keep one of them",
    );
    let problems = changed("fields.id = \"No\"", "fields.id = \"No\"\nfields.id = \"Nr\"");
    assert_one(
        &problems,
        "register/b.toml:10:8: `id` is given twice",
        "it is first given at register/b.toml:9:1; keep one of them",
    );
    let organisation = "[organisation]\nname = \"Other\"\n";
    assert_one(
        &with(organisation),
        "register/b.toml:12:1: `[organisation]` is given twice",
        "it is first given at register/a.toml:1:1; keep one of them",
    );
    let files = [
        ("purposed.toml", SERVER),
        ("register/a.toml", ORGANISATION),
        ("register/b.toml", &format!("{DATASET}{SOURCE}[defaults]\nwarn = \"1 day\"\n")),
        ("register/c.toml", "[datasets.leads]\n[defaults]\nwarn = []\n"),
    ];
    assert_eq!(
        faults_of(&files),
        "register/c.toml:1:11: the dataset `leads` is given twice\n  hint: it is first given at register/b.toml:1:11; keep one of them\n\
         register/c.toml:3:8: `warn` in `[defaults]` is given twice\n  hint: it is first given at register/b.toml:13:8; keep one of them\n"
    );
}

#[test]
fn a_table_given_twice_is_told_once() {
    let problems = with("[datasets.leads]\ndivision = \"sales\"\n[datasets.leads.source]\nroot = \"lists\"\n");
    assert_eq!(
        problems,
        "register/b.toml:12:11: `leads` is given twice\n  hint: it is first given at register/b.toml:1:1; keep one of them\n\
         register/b.toml:14:17: `source` is given twice\n  hint: it is first given at register/b.toml:6:1; keep one of them\n"
    );
}

#[test]
fn files_have_no_columns_even_where_the_root_is_unknown() {
    let problems = changed("root = \"lists\"\nfiles = \"*.csv\"", "root = \"list\"\nfiles = \"*.wav\"");
    assert!(problems.contains("register/b.toml:7:8: there is no root `list`"), "{problems}");
    assert!(
        problems.contains("register/b.toml:9:13: the field `id` is a column, and a file has no columns"),
        "{problems}"
    );
}

#[test]
fn fields_that_the_source_does_not_have() {
    let problems = changed("from = \"since\"", "from = [\"since\", \"sinec\"]");
    assert_one(&problems, "register/b.toml:5:43: the dataset `leads` has no field `sinec`", "did you mean `since`?");
    let problems = changed("keep = {", "keep = { where = { camera = \"x\" },");
    let hint = "map it under `fields` of the source; it has `id`, `since`, `email`";
    assert_one(&problems, "register/b.toml:5:20: the dataset `leads` has no field `camera`", hint);
    let problems = changed("files = \"*.csv\"", "files = \"*.csv\"\nidentity = [\"file\", \"key\"]");
    assert_one(&problems, "register/b.toml:9:21: the dataset `leads` has no field `key`", hint);
    let ledger = "[ledgers.yes]\nkind = \"consents\"\nsource = { root = \"lists\", files = \"yes.csv\", \
        fields = { email = \"m\", phone = \"p\", given_at = \"g\" } }\n";
    let register =
        format!("{DATASET}consent = {{ ledger = \"yes\", by = [\"email\", \"phone\", \"id\"] }}\n{SOURCE}{ledger}");
    let problems = faults(&register);
    assert_eq!(
        problems,
        "register/b.toml:6:44: the dataset `leads` has no field `phone`\n  hint: map it under `fields` of the source; it has `id`, `since`, `email`\n\
         register/b.toml:6:53: the ledger `yes` has no field `id`\n  hint: map it under `fields` of the source; it has `email`, `phone`, `given_at`\n"
    );
}

#[test]
fn clocks_of_contracts() {
    let problems = changed("from = \"since\"", "from = \"contract.ends\"");
    assert_one(
        &problems,
        "register/b.toml:5:33: the clock `contract.ends` needs a `contract`",
        "write `contract = \"...\"`, one of `[contracts]`",
    );
    let problems = changed("from = \"since\" }", "from = \"contract.ends\" }\ncontract = \"acme\"");
    assert_one(&problems, "register/b.toml:6:12: there is no contract `acme`", "declare it as `[contracts.acme]`");
}

#[test]
fn passwords_never_stand_in_urls_or_messages() {
    for url in ["postgresql://u:hunter2@db/crm", "mysql://db/crm?user=u&password=hunter2", "sqlserver://u:hunter2@db/x"]
    {
        let problems = server("sqlite:data/nvr.db", url);
        assert!(problems.contains("purposed.toml:11:7: a password stands in the URL\n"), "{problems}");
        assert!(!problems.contains("hunter2"), "{problems}");
    }
    let problems = server("sqlite:data/nvr.db", "postgresql://u@db");
    assert_one(&problems, "purposed.toml:11:7: the URL names no database", "write `postgresql://USER@HOST/DATABASE`");
}

#[test]
fn what_belongs_to_database_servers_and_what_to_files() {
    let connection = |table: &str| server("nvr = \"sqlite:data/nvr.db\"", &format!("[connections.nvr]\n{table}"));
    assert_one(
        &connection("url = \"mysql://u@db/crm\"\nstatement_timeout_seconds = 0"),
        "purposed.toml:13:29: 0 is no time-out",
        "write a number of seconds from 1 to 2000000, such as 3600",
    );
    assert_one(
        &connection("url = \"sqlite:x.db\"\nconnect_timeout_seconds = 5"),
        "purposed.toml:13:27: a database in a file has no time-outs",
        "take it out",
    );
    let source = |text: &str| changed("root = \"lists\"\nfiles = \"*.csv\"", &format!("connection = \"nvr\"\n{text}"));
    assert_one(
        &source("table = \"t\"\nschema = \"s\""),
        "register/b.toml:9:10: `schema` does not belong here: a SQLite database has none",
        "take it out",
    );
}

#[test]
fn what_must_be_in_the_server_file() {
    assert_one(
        &server("version = 1\n", ""),
        "purposed.toml:1:1: `version` is missing",
        "begin the file with `version = 1`",
    );
    let problems = server("register/*.toml", "registers/*.toml");
    assert_one(
        &problems,
        "purposed.toml:2:12: no register file matches `registers/*.toml`",
        "relative paths start at this file's folder",
    );
    let problems = faults_of(&[("purposed.toml", SERVER), ("register/a.toml", "")]);
    assert!(problems.starts_with("purposed.toml: the register has no `[organisation]`\n"), "{problems}");
    let problems = faults_of(&[("other.toml", "")]);
    assert_eq!(problems, "purposed.toml: there is no such file\n");
}

#[test]
fn files_of_one_division() {
    let problems = faults(&format!("division = \"sales\"\n{DATASET}{SOURCE}"));
    assert_eq!(problems, "");
    let problems = faults(&format!("division = \"sale\"\n{DATASET}{SOURCE}"));
    assert_eq!(
        problems,
        "register/b.toml:1:12: there is no division `sale`\n  hint: did you mean `sales`?\n\
         register/b.toml:3:12: the dataset `leads` is of division `sales` in a file of `sale`\n  \
         hint: move it to another file; register/b.toml:1:12 says whose this one is\n"
    );
}

#[test]
fn warnings_do_not_fail() {
    let register = format!("{DATASET}{SOURCE}").replace("[\"support\"]", "[\"support\", \"mailing\"]");
    let warnings = loaded(&register).warnings;
    assert_eq!(
        warnings.iter().map(|warning| warning.message.as_str()).collect::<Vec<_>>(),
        ["the purpose `mailing` needs consent, and nothing says where it is on record"]
    );
    let warnings = loaded(&format!("{DATASET}{SOURCE}").replace("keep = {", "# keep = {")).warnings;
    assert_eq!(warnings[0].message, "the dataset `leads` has no `keep`: nothing says how long it may be held");
}
