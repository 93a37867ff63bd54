//! The contract's company, with five people to write to and a mail server of the test's choice.

use super::super::world::World;
use serde_json::Value;

/// Whom the first scan writes to.
pub const RECIPIENTS: [&str; 5] = [
    "billing-pic@example.co.jp",
    "facilities-pic@example.co.jp",
    "marketing-pic@example.co.jp",
    "people-pic@example.co.jp",
    "support-pic@example.co.jp",
];
pub const MANAGER: &str = "privacy-manager@example.co.jp";
pub const DEPUTY: &str = "support-deputy@example.co.jp";

const BILLING: &str = r#"
[people.billing-pic]
name = "Billing privacy lead"
email = "billing-pic@example.co.jp"
language = "en"
[divisions.billing]
name = "Billing"
person_in_charge = "billing-pic"
"#;

/// The company; its letters leave as `mail` says, the tables below `[mail]`.
pub fn company(mail: &str) -> World {
    let world = World::contract();
    rewrite(&world, "purposed.toml", |text| {
        let (before, rest) = text.split_once("[mail.maildir]").unwrap();
        let (_, after) = rest.split_once("[roots]").unwrap();
        format!("{before}{mail}\n[roots]{after}")
    });
    rewrite(&world, "register/datasets.toml", |text| {
        let (before, after) = text.split_once("[datasets.acme-billing]").unwrap();
        let after = after.replacen("division = \"support\"", "division = \"billing\"", 1);
        format!("{before}[datasets.acme-billing]{after}")
    });
    world.write("register/billing.toml", BILLING);
    world
}

/// Letters go to a mail server on this machine, with little patience.
pub fn smtp(port: u16) -> String {
    format!("[mail.smtp]\nhost = \"localhost\"\nport = {port}\ntls = \"none\"\ntime_limit_seconds = 2\n")
}

pub fn rewrite(world: &World, file: &str, change: impl Fn(String) -> String) {
    let text = std::fs::read_to_string(world.path(file)).unwrap();
    world.write(file, change(text));
}

/// Who cannot be reached, as `(person, cause, why)`.
pub fn unreachable(world: &World, now: &str) -> Vec<(String, String, String)> {
    let answer = world.run(&["recipients", "--format", "json", "--now", now]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let people = answer["unreachable"].as_array().unwrap().iter();
    people.map(|one| (text(&one["person"]), text(&one["cause"]), text(&one["why"]))).collect()
}
