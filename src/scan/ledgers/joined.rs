//! Ledgers that lie in the same database as the lists that ask them: only what concerns those lists is fetched. Who is
//! asked about and was in no list then is noticed by the table; the ledger is then read whole.

use super::{Cancelled, Context, Gather, Loaded};
use crate::domain::item::Item;
use crate::domain::name::{LedgerName, SourceName};
use crate::domain::observation::Problem;
use crate::domain::register::{Dataset, FieldAccess, KeyField, Ledger, SourceSpec};
use crate::rule::{AskedRows, LedgerReader, SubjectKey};
use crate::scan::tally::place_of;
use crate::source::joined::{self, Asker};
use crate::source::{Part, Receiver, Receivers, SourceError};
use std::sync::{Arc, Mutex, PoisonError};

/// How problems call keys that are not stored as their field declares.
pub(super) const NOT_NORMALISED: &str = "not-normalised";

/// A list that asks a ledger.
pub(super) struct List<'a> {
    spec: &'a SourceSpec,
    shared: Option<&'a SourceName>,
    keys: Vec<KeyField>,
}

/// The lists by which `datasets` ask a ledger. None where a database cannot answer for them all: one of them lies
/// elsewhere, or a key is not declared to be stored as it is compared.
pub(super) fn lists<'a>(name: &LedgerName, ledger: &Ledger, datasets: &[&'a Dataset]) -> Vec<List<'a>> {
    let mut lists: Vec<List<'a>> = Vec::new();
    for dataset in datasets {
        let keys: Vec<KeyField> = dataset.keys_to(name).cloned().collect();
        if keys.is_empty() {
            continue;
        }
        if !can_join(ledger, &dataset.source, &keys) {
            return Vec::new();
        }
        let shared = dataset.shared_source.as_ref();
        let same = lists.iter_mut().find(|list| shared.is_some() && list.shared == shared);
        match same {
            Some(list) => list.keys.extend(keys),
            None => lists.push(List { spec: &dataset.source, shared, keys }),
        }
    }
    for list in &mut lists {
        list.keys.sort_by_key(|key| (key.field, key.ledger_field));
        list.keys.dedup();
    }
    lists
}

fn can_join(ledger: &Ledger, list: &SourceSpec, keys: &[KeyField]) -> bool {
    let connection = |source: &'_ SourceSpec| source.place.in_database().map(|(connection, ..)| connection.clone());
    let is_normalised = |source: &SourceSpec, field: usize| {
        let field = source.fields.get(field);
        field.is_some_and(|field| field.normalised && matches!(field.access, FieldAccess::Column(_)))
    };
    let are_normalised =
        |key: &KeyField| is_normalised(list, key.field) && is_normalised(&ledger.source, key.ledger_field);
    let (one, other) = (connection(&ledger.source), connection(list));
    one.is_some() && one == other && keys.iter().all(are_normalised)
}

/// What came of a join.
#[derive(Default)]
pub(super) struct Attempt {
    /// The ledger; `None` where it is to be read whole.
    pub(super) loaded: Option<Loaded>,
    /// What was wrong with the lists.
    pub(super) problems: Vec<Problem>,
}

/// Reads what a ledger says of those in the lists.
pub(super) fn load(
    context: &Context<'_>,
    (name, ledger): (&LedgerName, &Ledger),
    reader: &Arc<LedgerReader>,
    lists: &[List<'_>],
) -> Result<Attempt, Cancelled> {
    let keys: Vec<Keys<'_>> = lists.iter().map(|list| Keys::new(list, context.subject_key)).collect();
    let askers = keys.iter().map(|keys| Asker { list: keys.list.spec, keys: &keys.list.keys, receivers: keys });
    let askers: Vec<Asker<'_>> = askers.collect();
    let wanted = reader.fields_needed();
    let request = context.request(&ledger.source, &wanted);
    let gather = Gather { reader: Arc::clone(reader), rows: Mutex::default() };
    let report = match joined::read(&request, &askers, &gather) {
        Err(SourceError::Cancelled) => return Err(Cancelled),
        Ok(Some(report)) => report,
        Ok(None) | Err(_) => return Ok(Attempt::default()),
    };
    drop(askers);
    let (mut asked, mut problems) = (Vec::new(), Vec::new());
    for keys in keys {
        let spec = keys.list.spec;
        let (rows, broken) = keys.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
        asked.extend(rows);
        problems.extend(broken.problem(name, spec));
    }
    let entries = report.parts.iter().map(|part| part.items).sum();
    let loaded = gather.loaded(name, entries);
    // Of a list whose keys are not as declared, somebody would be asked about who is missing here; and where nothing that
    // was fetched says anything, the rest may be as mute.
    let is_enough = problems.is_empty() && (loaded.entries > 0 || entries == 0);
    let narrowed = |loaded: Loaded| Loaded { table: loaded.table.narrowed_to(asked), ..loaded };
    Ok(Attempt { loaded: is_enough.then(|| if entries == 0 { loaded } else { narrowed(loaded) }), problems })
}

/// Rows of a list that have a key that is not as declared.
#[derive(Default, Clone, Copy)]
struct Broken {
    rows: u64,
    first: u64,
}

impl Broken {
    fn problem(self, name: &LedgerName, list: &SourceSpec) -> Option<Problem> {
        let example = || {
            let place = place_of(list, 1, self.first);
            format!("{place}: a key is not stored as `normalised` promises, so the ledger `{name}` was read whole")
        };
        (self.rows > 0).then(|| Problem { reason: NOT_NORMALISED.to_owned(), items: self.rows, example: example() })
    }
}

/// Takes the keys of a list.
struct Keys<'a> {
    list: &'a List<'a>,
    subject_key: SubjectKey,
    taken: Mutex<(Vec<AskedRows>, Broken)>,
}

impl<'a> Keys<'a> {
    fn new(list: &'a List<'a>, subject_key: SubjectKey) -> Self {
        Self { list, subject_key, taken: Mutex::default() }
    }
}

impl Receivers for Keys<'_> {
    fn open<'a>(&'a self, _part: &Part) -> Box<dyn Receiver + 'a> {
        let rows = AskedRows::new(self.list.spec, &self.list.keys, self.subject_key);
        Box::new(KeyRows { all: self, rows, broken: Broken::default() })
    }
}

struct KeyRows<'a> {
    all: &'a Keys<'a>,
    rows: AskedRows,
    broken: Broken,
}

impl Receiver for KeyRows<'_> {
    fn item(&mut self, item: &Item<'_>) {
        if !self.rows.row(item) {
            if self.broken.rows == 0 {
                self.broken.first = item.place;
            }
            self.broken.rows += 1;
        }
    }

    fn unreadable(&mut self, _place: u64, _why: &str) {}

    fn close(self: Box<Self>) {
        let mut taken = self.all.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0.push(self.rows);
        // A list in a database is one part, which one thread takes.
        taken.1 = self.broken;
    }
}
