//! Which columns a drafted dataset maps to which fields, from which clock its period runs, and what is remarked of the
//! columns that it leaves out.

use super::draft::{padded, quoted};
use super::guess::Column;
use super::meaning::{self, Meaning};

/// The fields that rules ask for, each with its column.
pub(super) struct Fields<'c> {
    pub(super) plain: Vec<(&'static str, &'c Column)>,
    pub(super) clock: Option<(&'static str, &'c Column)>,
}

impl<'c> Fields<'c> {
    pub(super) fn of(columns: &'c [Column]) -> Self {
        // The more a guess rests on, the better: a primary key, and values that have the shape of the name.
        let first = |meaning: Meaning| {
            let these = columns.iter().filter(|column| column.may_read && column.meaning == meaning);
            let these = these.filter(|column| meaning != Meaning::Phone || !meaning::is_name_and_number(&column.name));
            // Among numbers as good as each other the caller's goes first.
            these.min_by_key(|column| (std::cmp::Reverse(column.rests_on.len()), !meaning::is_of_caller(&column.name)))
        };
        let wanted = [
            ("id", Meaning::Id),
            ("email", Meaning::Email),
            ("phone", Meaning::Phone),
            ("purpose", Meaning::Purpose),
            ("camera", Meaning::Camera),
            ("path", Meaning::Path),
        ];
        let plain = wanted.into_iter().filter_map(|(field, meaning)| Some((field, first(meaning)?))).collect();
        let clocks = columns.iter().filter(|column| column.may_read && column.meaning == Meaning::Clock);
        let clocks = clocks.filter(|column| !is_of_ending(&column.name) && !column.is_dateless());
        let clock = clocks.min_by_key(|column| rank(column)).map(|column| (clock_field(&column.name), column));
        Self { plain, clock }
    }

    /// Lines about columns that are not mapped and may matter.
    pub(super) fn remarks(&self, columns: &[Column]) -> String {
        let is_mapped = |column: &Column| {
            let mapped = self.plain.iter().chain(&self.clock);
            mapped.into_iter().any(|(_, mapped)| mapped.name == column.name)
        };
        let mut text = String::new();
        for column in columns.iter().filter(|column| column.may_read && !is_mapped(column)) {
            let name = quoted(&column.name);
            text.push_str(&match column.meaning {
                Meaning::Consent => {
                    let (yes, no) = column.yes_and_no.unwrap_or(("...", "..."));
                    let values = format!("{{ \"{yes}\" = \"given\", \"{no}\" = \"refused\" }}");
                    format!(
                        "# mail_ok = {{ column = {name}, values = {values} }}\n\
                         #   which values agree? Then `consent = {{ row = \"mail_ok\" }}` above\n"
                    )
                }
                Meaning::OptOut => {
                    let (stop, go) = column.yes_and_no.unwrap_or(("...", "..."));
                    let values = format!("{{ \"{stop}\" = \"refused\", \"{go}\" = \"given\" }}");
                    format!(
                        "# stopped = {{ column = {name}, values = {values} }}\n\
                         #   which values say stop? Then `opt_outs = {{ row = \"stopped\" }}` above\n"
                    )
                }
                Meaning::Clock if column.is_dateless() => {
                    format!("# looks like a clock, but no date was seen in it: {name}\n")
                }
                Meaning::Phone if meaning::is_name_and_number(&column.name) => {
                    format!("# a name and a number in one, which is no key: {name}\n")
                }
                Meaning::Clock | Meaning::Email | Meaning::Phone | Meaning::KeepFlag => {
                    format!("# another {}: {name}\n", column.meaning.as_str())
                }
                _ => continue,
            });
        }
        text
    }
}

/// Whether a clock tells when somebody refused or left, or when something was deleted or looked at: a period never runs
/// from that.
fn is_of_ending(name: &str) -> bool {
    let name = name.to_lowercase();
    let parts = [
        "unsub",
        "optout",
        "opt_out",
        "optedout",
        "opted_out",
        "blacklist",
        "blocklist",
        "delete",
        "removed",
        "login",
        "logged",
        "password",
        "leaving",
        "left_",
        "停止",
        "拒否",
        "オプトアウト",
        "削除",
        "退会",
        "退職",
        "ログイン",
    ];
    parts.iter().any(|part| name.contains(part))
}

/// How likely a clock is the one from which a period runs: when it was recorded or collected, rather than changed.
fn rank(column: &Column) -> u8 {
    let name = column.name.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let by_name = if has(&["update", "modif", "change", "更新", "変更", "delete", "削除", "login", "last"]) {
        4
    } else if has(&["expir", "until", "end", "終了", "期限", "optin", "opt_in", "同意", "停止"]) {
        3
    } else {
        let is_of_beginning = has(&[
            "creat", "calldate", "start", "record", "collect", "regist", "added", "登録", "取得", "申込", "受付",
            "開催",
        ]);
        u8::from(!is_of_beginning)
    };
    let is_read = column.clock.is_some_and(|clock| clock.format.is_some());
    by_name * 2 + u8::from(!is_read || column.is_sparse())
}

/// What the clock of a column is called in a register.
fn clock_field(column: &str) -> &'static str {
    let column = column.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| column.contains(part));
    if has(&["call", "start", "record", "録音", "録画", "通話"]) {
        "recorded_at"
    } else if has(&["update", "modif", "更新", "変更"]) {
        "updated_at"
    } else if has(&["event", "開催"]) {
        "event_date"
    } else {
        "collected_at"
    }
}

/// The line of a clock.
pub(super) fn clock_line(field: &str, column: &Column) -> String {
    let name = quoted(&column.name);
    let Some(clock) = column.clock else { return format!("{field} = {name}\n") };
    match (clock.format, clock.or) {
        (Some("iso"), _) => format!("{field} = {name}\n"),
        (Some(format), Some(or)) => padded(
            &format!("{field} = {{ column = {name}, format = {} }}", quoted(format)),
            &format!("or is it `{or}`? What was looked at does not say"),
        ),
        (Some(format), None) => format!("{field} = {{ column = {name}, format = {} }}\n", quoted(format)),
        (None, _) => padded(&format!("{field} = {name}"), "no date was seen: which `format`?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_runs_from_no_ending() {
        for name in ["unsubscribed_at", "deleted_at", "lastLogin", "配信停止日", "退会日"] {
            assert!(is_of_ending(name), "{name}");
        }
        for name in ["created_at", "calldate", "登録日", "registered"] {
            assert!(!is_of_ending(name), "{name}");
        }
    }
}
