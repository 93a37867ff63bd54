//! Reads the ledgers that datasets look up into memory, and notes the sick ones.

mod joined;

use super::{Cancelled, Context};
use crate::domain::item::Item;
use crate::domain::name::LedgerName;
use crate::domain::observation::{Observation, Problem};
use crate::domain::register::{Dataset, Ledger};
use crate::domain::verdict::Reason;
use crate::rule::{LedgerReader, LedgerRows, LedgerTable};
use crate::source::{self, Part, Receiver, Receivers, SourceError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The ledgers of one run.
#[derive(Debug, Default)]
pub struct Ledgers {
    /// The healthy ones.
    pub tables: BTreeMap<LedgerName, LedgerTable>,
    /// The sick ones, each with its reason and what is wrong, told without discovered names.
    pub sick: BTreeMap<LedgerName, (Reason, String)>,
    /// How many entries the healthy ones have, whether fetched or not.
    entries: BTreeMap<LedgerName, u64>,
    /// What else is wrong with them, and with how they are asked.
    problems: BTreeMap<LedgerName, Vec<Problem>>,
}

impl Ledgers {
    /// Notes in `observation` what the ledgers of `dataset` had.
    pub(super) fn report(&self, dataset: &Dataset, observation: &mut Observation) {
        for name in dataset.ledgers() {
            if let Some(entries) = self.entries.get(name) {
                observation.ledger_events.insert(name.to_string(), *entries);
            } else if let Some((reason, why)) = self.sick.get(name) {
                observation.whole_reasons.insert(*reason, 0);
                observation.problems.push(Problem {
                    reason: reason.as_str().to_owned(),
                    items: 0,
                    example: format!("ledger `{name}`: {why}"),
                });
            }
            observation.problems.extend(self.problems.get(name).into_iter().flatten().cloned());
        }
    }

    /// Reads those ledgers whole that were asked about somebody who was in no list when they were joined with the lists:
    /// a list has grown since. `true`: there were some, and what was judged by these ledgers must be judged again.
    ///
    /// # Errors
    /// [`Cancelled`] when stopped.
    pub fn widen(&mut self, context: &Context<'_>, known_entries: &BTreeMap<String, u64>) -> Result<bool, Cancelled> {
        let lacking = self.tables.iter().filter(|(_, table)| table.lacked_somebody()).map(|(name, _)| name.clone());
        let lacking: Vec<LedgerName> = lacking.collect();
        for name in &lacking {
            self.tables.remove(name);
            self.entries.remove(name);
            let problems = self.problems.remove(name);
            self.load(context, name, &[], known_entries)?;
            // What was wrong with the lists still is.
            if let (Some(problems), false) = (problems, self.problems.contains_key(name)) {
                self.problems.insert(name.clone(), problems);
            }
        }
        Ok(!lacking.is_empty())
    }

    /// Adds a ledger, healthy or sick: joined with the lists of `datasets` if that is possible, else whole.
    fn load(
        &mut self,
        context: &Context<'_>,
        name: &LedgerName,
        datasets: &[&Dataset],
        known_entries: &BTreeMap<String, u64>,
    ) -> Result<(), Cancelled> {
        let Some(ledger) = context.register.ledgers.get(name) else { return Ok(()) };
        let entries_before = known_entries.get(name.as_str()).copied().unwrap_or_default();
        let sick = match load(context, name, ledger, datasets)? {
            Ok(loaded) if loaded.entries == 0 && entries_before > 0 => {
                (Reason::LedgerEmpty, format!("it had {entries_before} entries and has none now"))
            }
            Ok(loaded) => {
                self.tables.insert(name.clone(), loaded.table);
                self.entries.insert(name.clone(), loaded.entries);
                if !loaded.problems.is_empty() {
                    self.problems.insert(name.clone(), loaded.problems);
                }
                return Ok(());
            }
            Err(Sick::NoFile) if entries_before > 0 => {
                (Reason::LedgerEmpty, format!("it had {entries_before} entries, and no file matches now"))
            }
            Err(Sick::NoFile) => (Reason::LedgerUnreachable, "no file matches".to_owned()),
            Err(Sick::Unread(why)) => (Reason::LedgerUnreachable, why),
        };
        self.sick.insert(name.clone(), sick);
        Ok(())
    }
}

/// Reads the ledgers that `datasets` look up, whole. `known_entries` says how many entries each had when last read.
///
/// # Errors
/// [`Cancelled`] when stopped; a ledger that cannot be read whole is sick, which is no error.
pub fn load_ledgers<'a>(
    context: &Context<'_>,
    datasets: impl Iterator<Item = &'a Dataset>,
    known_entries: &BTreeMap<String, u64>,
) -> Result<Ledgers, Cancelled> {
    let mut ledgers = Ledgers::default();
    for name in datasets.flat_map(Dataset::ledgers).cloned().collect::<BTreeSet<LedgerName>>() {
        ledgers.load(context, &name, &[], known_entries)?;
    }
    Ok(ledgers)
}

/// The same for a scan of `datasets`: where a database can tell what concerns their items, no more is fetched. After
/// every pass, ask [`Ledgers::widen`].
///
/// # Errors
/// As [`load_ledgers`].
pub fn load_ledgers_for(
    context: &Context<'_>,
    datasets: &[&Dataset],
    known_entries: &BTreeMap<String, u64>,
) -> Result<Ledgers, Cancelled> {
    let mut ledgers = Ledgers::default();
    for name in datasets.iter().flat_map(|dataset| dataset.ledgers()).cloned().collect::<BTreeSet<LedgerName>>() {
        ledgers.load(context, &name, datasets, known_entries)?;
    }
    Ok(ledgers)
}

/// A ledger that was read.
struct Loaded {
    table: LedgerTable,
    /// How many rows it has; 0 where none says anything.
    entries: u64,
    problems: Vec<Problem>,
}

/// Why a ledger could not be read whole.
enum Sick {
    /// No file matches.
    NoFile,
    /// Anything else, told without discovered names.
    Unread(String),
}

/// Reads one ledger, or says why it cannot be.
fn load(
    context: &Context<'_>,
    name: &LedgerName,
    ledger: &Ledger,
    datasets: &[&Dataset],
) -> Result<Result<Loaded, Sick>, Cancelled> {
    let Some(reader) = LedgerReader::new(context.register, name, context.subject_key).map(Arc::new) else {
        return Ok(Err(Sick::Unread("it is not in the register".to_owned())));
    };
    let lists = joined::lists(name, ledger, datasets);
    let mut problems = Vec::new();
    if !lists.is_empty() {
        let attempt = joined::load(context, (name, ledger), &reader, &lists)?;
        if let Some(loaded) = attempt.loaded {
            return Ok(Ok(loaded));
        }
        problems = attempt.problems;
    }
    let loaded = load_whole(context, name, ledger, reader)?;
    Ok(loaded.map(|mut loaded| {
        loaded.problems.extend(problems);
        loaded
    }))
}

/// Reads one ledger whole, or says why it cannot be.
fn load_whole(
    context: &Context<'_>,
    name: &LedgerName,
    ledger: &Ledger,
    reader: Arc<LedgerReader>,
) -> Result<Result<Loaded, Sick>, Cancelled> {
    let wanted = reader.fields_needed();
    let request = context.request(&ledger.source, &wanted);
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
    Ok(Ok(gather.loaded(name, report.parts.iter().map(|part| part.items).sum())))
}

/// Gathers the events of a ledger on every thread.
struct Gather {
    reader: Arc<LedgerReader>,
    rows: Mutex<Vec<LedgerRows>>,
}

impl Gather {
    /// The ledger of what was gathered, which has so many rows.
    fn loaded(self, name: &LedgerName, rows: u64) -> Loaded {
        let gathered = self.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        let broken: u64 = gathered.iter().map(LedgerRows::not_normalised).sum();
        let example = format!("ledger `{name}`: entries have a key that is not stored as `normalised` promises");
        let problem = Problem { reason: joined::NOT_NORMALISED.to_owned(), items: broken, example };
        let table = LedgerTable::build(gathered);
        let entries = if table.events() == 0 { 0 } else { rows };
        Loaded { table, entries, problems: if broken > 0 { vec![problem] } else { Vec::new() } }
    }
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
