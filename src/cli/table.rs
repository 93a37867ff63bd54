//! Tables for people: their columns fit in 80 characters, one row a line, and are plain without colour.

use crate::app::deliver::Delivered;
use crate::app::recipients::RecipientsAnswer;
use crate::app::scan::ScanAnswer;
use crate::domain::finding::{Finding, FindingState};
use crate::domain::instant::Instant;
use crate::notify::count;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use jiff::tz::TimeZone;

/// An empty table with this header; the columns in `right` are aligned to the right.
pub(super) fn table(header: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for index in right {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A table of rows, or of nothing but its header.
pub(super) fn of(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut of = table(header, &[]);
    rows.for_each(|row| {
        of.add_row(row);
    });
    lines(&of)
}

/// The table's lines without trailing blanks.
pub(super) fn lines(table: &Table) -> String {
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The answer of `scan`: what was seen of each dataset, the problems, the findings, the letters.
pub(super) fn scan(answer: &ScanAnswer) -> String {
    let mut seen = table(&["dataset", "status", "items", "undecidable"], &[2, 3]);
    for scan in &answer.scans {
        seen.add_row([
            scan.dataset.to_string(),
            scan.status.as_str().to_owned(),
            count(scan.items),
            count(scan.undecidable),
        ]);
    }
    let mut text = format!("{}\n", lines(&seen));
    for scan in &answer.scans {
        for problem in &scan.problems {
            let items = if problem.items == 0 { String::new() } else { format!(" ({})", count(problem.items)) };
            text.push_str(&format!(" {}: {}{items}\n   {}\n", scan.dataset, problem.reason, problem.example));
        }
    }
    if answer.scans.iter().any(|scan| !scan.problems.is_empty()) {
        text.push('\n');
    }
    text.push_str(&findings(&answer.findings, &answer.time_zone));
    text.push_str(&format!("\n {}\n", letters(answer)));
    text
}

/// What became of the letters.
fn letters(answer: &ScanAnswer) -> String {
    let delivery = &answer.delivery;
    if answer.dry_run {
        return "dry run: nothing was stored, no letter was sent".to_owned();
    }
    let told = [
        ("letters delivered", delivery.accepted),
        ("not delivered, tried again later", delivery.waiting),
        ("refused for good (see `purposed recipients`)", delivery.refused),
        ("given up after days (see `purposed recipients`)", delivery.given_up),
    ];
    let told: Vec<String> = told
        .into_iter()
        .enumerate()
        .filter(|(index, (_, letters))| *letters > 0 || *index == 0)
        .map(|(_, (what, letters))| format!("{what}: {letters}"))
        .collect();
    if *delivery == Delivered::default() {
        return "no letter: nothing is new, or it waits for its send time".to_owned();
    }
    told.join("; ")
}

/// The people whom letters do not reach, each with what the mail server said beneath.
pub(super) fn recipients(answer: &RecipientsAnswer) -> String {
    if answer.unreachable.is_empty() {
        return " letters reach everybody\n".to_owned();
    }
    let mut table = table(&["  person", "address", "since", "how"], &[]);
    for person in &answer.unreachable {
        let since = day(person.since, &answer.time_zone);
        table.add_row([format!("  {}", person.person), person.email.clone(), since, person.cause.as_str().to_owned()]);
    }
    let rows = lines(&table);
    let mut rows = rows.lines();
    let mut text = format!("{}\n", rows.next().unwrap_or_default());
    for (person, row) in answer.unreachable.iter().zip(rows) {
        text.push_str(&format!("{row}\n    {}\n", person.why));
        if person.is_manager {
            text.push_str("    the privacy manager: nobody else can be told\n");
        }
    }
    text
}

/// The findings, one a row beneath the name of their dataset.
pub(super) fn findings(findings: &[Finding], zone: &TimeZone) -> String {
    if findings.is_empty() {
        return " no finding is open\n".to_owned();
    }
    let shows_excepted = findings.iter().any(|finding| finding.excepted > 0);
    let header = ["  finding", "rule: reason", "items", "new", "gone", "excepted", "due since"];
    let shown = |column: &usize| *column != 5 || shows_excepted;
    let columns: Vec<usize> = (0..header.len()).filter(shown).collect();
    let header: Vec<&str> = columns.iter().map(|column| header[*column]).collect();
    let mut table = table(&header, if shows_excepted { &[2, 3, 4, 5] } else { &[2, 3, 4] });
    for finding in findings {
        let mut row = [
            format!("  {}", finding.key.id()),
            format!("{}: {}", finding.key.reason.rule(), finding.key.reason),
            count(finding.items),
            count(finding.new),
            count(finding.gone),
            count(finding.excepted),
            finding.earliest_due.map_or_else(String::new, |due| day(due, zone)),
        ];
        table.add_row(columns.iter().map(|column| std::mem::take(&mut row[*column])));
    }
    let rows = lines(&table);
    let mut rows = rows.lines();
    let mut text = format!("{}\n", rows.next().unwrap_or_default());
    let mut dataset = None;
    for (finding, row) in findings.iter().zip(rows) {
        if dataset != Some(&finding.key.dataset) {
            dataset = Some(&finding.key.dataset);
            text.push_str(&format!(" {}\n", finding.key.dataset));
        }
        text.push_str(&format!("{row}\n"));
        if let Some(kept) = finding.kept_by_product.filter(|kept| *kept > 0) {
            text.push_str(&format!(
                "    {} of them the product was told to keep: they are due all the same\n",
                count(kept)
            ));
        }
        if let Some(plan) = finding.acknowledgement.as_ref().filter(|_| finding.state == FindingState::Acknowledged) {
            text.push_str(&format!("    {} answers for it: until {}\n", plan.by, plan.until));
        }
    }
    text
}

/// An instant to the minute.
pub(super) fn minute(at: Instant, zone: &TimeZone) -> String {
    at.timestamp().to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The day of an instant.
pub(super) fn day(at: Instant, zone: &TimeZone) -> String {
    at.timestamp().to_zoned_datetime(zone.clone()).date().to_string()
}
