//! Reads the ledgers that datasets look up into memory, and notes the sick ones.

use super::{Cancelled, Context};
use crate::domain::item::Item;
use crate::domain::name::LedgerName;
use crate::domain::observation::{Observation, Problem};
use crate::domain::register::{Dataset, Ledger};
use crate::domain::verdict::Reason;
use crate::rule::{LedgerReader, LedgerRows, LedgerTable};
use crate::source::{self, Part, Receiver, Receivers, Request, SourceError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The ledgers of one run.
#[derive(Debug, Default)]
pub struct Ledgers {
    /// The healthy ones.
    pub tables: BTreeMap<LedgerName, LedgerTable>,
    /// The sick ones, each with its reason and what is wrong, told without discovered names.
    pub sick: BTreeMap<LedgerName, (Reason, String)>,
}

impl Ledgers {
    /// Notes in `observation` what the ledgers of `dataset` had.
    pub(super) fn report(&self, dataset: &Dataset, observation: &mut Observation) {
        for name in dataset.ledgers() {
            if let Some(table) = self.tables.get(name) {
                observation.ledger_events.insert(name.to_string(), table.events());
            } else if let Some((reason, why)) = self.sick.get(name) {
                observation.whole_reasons.insert(*reason, 0);
                observation.problems.push(Problem {
                    reason: reason.as_str().to_owned(),
                    items: 0,
                    example: format!("ledger `{name}`: {why}"),
                });
            }
        }
    }
}

/// Reads the ledgers that `datasets` look up. `known_events` says how many events each had when last read.
///
/// # Errors
/// [`Cancelled`] when stopped; a ledger that cannot be read whole is sick, which is no error.
pub fn load_ledgers<'a>(
    context: &Context<'_>,
    datasets: impl Iterator<Item = &'a Dataset>,
    known_events: &BTreeMap<String, u64>,
) -> Result<Ledgers, Cancelled> {
    let mut ledgers = Ledgers::default();
    let names: BTreeSet<LedgerName> = datasets.flat_map(Dataset::ledgers).cloned().collect();
    for name in names {
        let Some(ledger) = context.register.ledgers.get(&name) else { continue };
        let events_before = known_events.get(name.as_str()).copied().unwrap_or_default();
        match load(context, &name, ledger)? {
            Ok(table) if table.events() == 0 && events_before > 0 => {
                let why = format!("it had {events_before} entries and has none now");
                ledgers.sick.insert(name, (Reason::LedgerEmpty, why));
            }
            Ok(table) => {
                ledgers.tables.insert(name, table);
            }
            Err(Sick::NoFile) if events_before > 0 => {
                let why = format!("it had {events_before} entries, and no file matches now");
                ledgers.sick.insert(name, (Reason::LedgerEmpty, why));
            }
            Err(Sick::NoFile) => {
                ledgers.sick.insert(name, (Reason::LedgerUnreachable, "no file matches".to_owned()));
            }
            Err(Sick::Unread(why)) => {
                ledgers.sick.insert(name, (Reason::LedgerUnreachable, why));
            }
        }
    }
    Ok(ledgers)
}

/// Why a ledger could not be read whole.
enum Sick {
    /// No file matches.
    NoFile,
    /// Anything else, told without discovered names.
    Unread(String),
}

/// Reads one ledger whole, or says why it cannot be.
fn load(context: &Context<'_>, name: &LedgerName, ledger: &Ledger) -> Result<Result<LedgerTable, Sick>, Cancelled> {
    let Some(reader) = LedgerReader::new(context.register, name, context.subject_key).map(Arc::new) else {
        return Ok(Err(Sick::Unread("it is not in the register".to_owned())));
    };
    let wanted = reader.fields_needed();
    let request = Request {
        source: &ledger.source,
        wanted: &wanted,
        narrowing: None,
        only_part: None,
        cancel: context.cancel,
        progress: context.progress,
    };
    let gather = Gather { reader, rows: Mutex::default() };
    let report = match source::read(&request, &gather) {
        Ok(report) => report,
        Err(SourceError::Cancelled) => return Err(Cancelled),
        Err(SourceError::Unreachable(why) | SourceError::Unfit(why)) => return Ok(Err(Sick::Unread(why))),
    };
    if report.parts.is_empty() && report.problems.is_empty() {
        return Ok(Err(Sick::NoFile));
    }
    if report.parts.iter().any(|part| !part.whole) || !report.problems.is_empty() {
        let why = report.problems.into_iter().map(|problem| problem.example).next();
        return Ok(Err(Sick::Unread(why.unwrap_or_else(|| "it could not be read to its end".to_owned()))));
    }
    let rows = gather.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Ok(LedgerTable::build(rows)))
}

/// Gathers the events of a ledger on every thread.
struct Gather {
    reader: Arc<LedgerReader>,
    rows: Mutex<Vec<LedgerRows>>,
}

impl Receivers for Gather {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        Box::new(GatherRows { all: self, rows: self.reader.rows() })
    }
}

/// Gathers on one thread. Rows that cannot be read say nothing.
struct GatherRows<'a> {
    all: &'a Gather,
    rows: LedgerRows,
}

impl Receiver for GatherRows<'_> {
    fn item(&mut self, item: &Item<'_>) {
        self.rows.row(item);
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        self.all.rows.lock().unwrap_or_else(PoisonError::into_inner).push(self.rows);
    }
}
