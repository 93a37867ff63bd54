//! Reconciliation told as stories: one dataset, scan after scan, each remembered for the next.

use super::*;
use crate::domain::digest::Digest;
use crate::domain::finding::FindingState;
use crate::domain::observation::PartObservation;
use crate::domain::verdict::Reasons;
use std::collections::HashMap;

mod closure;
mod copies;
mod kept;

pub(super) const HOUR: i64 = 60 * 60 * 1_000_000;

/// A dataset and its memory, as the store would keep it.
pub(super) struct World {
    pub(super) known: Known,
    pub(super) facts: Facts,
    pub(super) now: Instant,
    /// How often a second look finds the items that it looks for.
    pub(super) still_there: HashMap<Digest, u64>,
    /// A second look reaches no end.
    pub(super) looks_in_vain: bool,
    /// How many items the last scan looked for a second time.
    pub(super) looked_for: usize,
}

/// What one scan sees: parts by name, each with its number of items, wholeness and flagged items.
#[derive(Debug, Clone)]
pub(super) struct Seen(pub(super) Observation);

pub(super) fn digest(number: u32) -> Digest {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

impl Seen {
    pub(super) fn nothing() -> Self {
        Self(Observation {
            dataset: DatasetName::new("calls").unwrap(),
            now: Instant::from_microseconds(0),
            status: ScanStatus::Complete,
            copies: BTreeMap::new(),
            source_is_empty: false,
            items: 0,
            undecidable: 0,
            problems: Vec::new(),
            parts: BTreeMap::new(),
            earliest_due: BTreeMap::new(),
            kept_by_product: None,
            whole_reasons: BTreeMap::new(),
            undecided: Reasons::NONE,
            unjudged: Reasons::NONE,
            ledger_events: BTreeMap::new(),
        })
    }

    pub(super) fn part(mut self, name: u32, items: u64, flagged: &[(u32, &[Reason])]) -> Self {
        let mut flagged: Vec<Flagged> = flagged
            .iter()
            .map(|(item, reasons)| Flagged {
                digest: digest(*item),
                reasons: reasons.iter().copied().collect(),
                excepted: Reasons::NONE,
            })
            .collect();
        flagged.sort_unstable();
        self.0.items += items;
        self.0.parts.insert(digest(name), PartObservation { items, whole: true, flagged });
        self
    }

    fn torn(mut self, name: u32) -> Self {
        self.0.status = ScanStatus::Partial;
        self.0.parts.get_mut(&digest(name)).unwrap().whole = false;
        self.whole(Reason::Partial, 0)
    }

    fn failed() -> Self {
        let mut seen = Self::nothing().whole(Reason::Unreachable, 0);
        seen.0.status = ScanStatus::Failed;
        seen
    }

    fn whole(mut self, reason: Reason, items: u64) -> Self {
        self.0.whole_reasons.insert(reason, items);
        self
    }

    fn due(mut self, reason: Reason, at: i64) -> Self {
        self.0.earliest_due.insert(reason, Instant::from_microseconds(at));
        self
    }

    fn ledger(mut self, events: u64) -> Self {
        self.0.ledger_events.insert("consents".to_owned(), events);
        self
    }

    fn sick_ledger(mut self) -> Self {
        self.0.undecided = Reasons::of_rule(crate::domain::verdict::Rule::Consent);
        self.whole(Reason::LedgerUnreachable, 0)
    }
}

impl World {
    pub(super) fn new() -> Self {
        let division = DivisionName::new("support").unwrap();
        let facts = Facts {
            division,
            may_be_empty: false,
            items_are_files: false,
            early_loss_percent: 10,
            exceptions: Exceptions::default(),
        };
        Self {
            known: Known::default(),
            facts,
            now: Instant::from_microseconds(0),
            still_there: HashMap::new(),
            looks_in_vain: false,
            looked_for: 0,
        }
    }

    fn after(&mut self, hours: i64) -> &mut Self {
        self.now = Instant::from_microseconds(self.now.microseconds() + hours * HOUR);
        self
    }

    /// What the store gives: no list for a part whose list is the one just seen, or after a failure.
    fn recall(&self, seen: &Observation) -> Known {
        let mut known = self.known.clone();
        for (key, part) in &mut known.parts {
            let is_same = seen.parts.get(key).is_some_and(|seen| Some(&seen.flagged) == part.flagged.as_ref());
            if is_same || seen.status == ScanStatus::Failed {
                part.flagged = None;
            }
        }
        known
    }

    pub(super) fn scan(&mut self, seen: Seen) -> Outcome {
        let mut observation = seen.0;
        observation.now = self.now;
        let known = self.recall(&observation);
        let departed = departed(&known, &observation, &self.facts);
        self.looked_for = departed.digests().count();
        let closure = Closure { look: self.look(&observation), departed };
        let outcome = reconcile(known, observation, &self.facts, &closure);
        self.remember(&outcome);
        outcome
    }

    fn look(&self, observation: &Observation) -> Look {
        if self.looks_in_vain {
            return Look::default();
        }
        let parts = observation.parts.iter().map(|(key, part)| (*key, part.whole)).collect();
        let is_whole = observation.status == ScanStatus::Complete;
        let copies = observation.copies.iter().map(|(key, copy)| (*key, copy.whole)).collect();
        Look { parts, is_whole, copies, found: self.still_there.clone() }
    }

    fn remember(&mut self, outcome: &Outcome) {
        for (key, change) in &outcome.parts {
            let part = self.known.parts.entry(*key).or_default();
            match change {
                PartChange::Measured(measure) => {
                    part.measure = *measure;
                    part.flagged.get_or_insert_default();
                }
                PartChange::Replaced(measure, flagged) => {
                    *part = KnownPart { measure: *measure, flagged: Some(flagged.clone()) };
                }
                PartChange::Dropped => drop(self.known.parts.remove(key)),
            }
        }
        for finding in &outcome.findings {
            self.known.findings.retain(|known| known.key != finding.key);
            self.known.findings.push(finding.clone());
        }
        self.known.hold = outcome.hold;
        self.known.confirmed = outcome.confirmed;
        self.known.ledger_events = outcome.ledger_events.clone();
    }
}

/// Every finding as `reason change new+continuing-gone`.
fn told(outcome: &Outcome) -> Vec<String> {
    let pairs = outcome.findings.iter().zip(&outcome.changes);
    pairs
        .map(|(finding, change)| {
            assert_eq!(finding.key, change.key);
            let (reason, change) = (finding.key.reason, change.reason.as_str());
            format!("{reason} {change} {}+{}-{}", finding.new, finding.continuing, finding.gone)
        })
        .collect()
}

const EXPIRED: &[Reason] = &[Reason::Expired];
const DUE_SOON: &[Reason] = &[Reason::DueSoon];
const MISSING: &[Reason] = &[Reason::Missing];

#[test]
fn items_come_go_on_and_leave() {
    let mut world = World::new();
    let first = world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, EXPIRED)]));
    assert_eq!(told(&first), ["expired first 2+0-0"]);
    let second = world.after(24).scan(Seen::nothing().part(1, 10, &[(2, EXPIRED), (3, EXPIRED), (4, EXPIRED)]));
    assert_eq!(told(&second), ["expired more 2+1-1"]);
    let third = world.after(24).scan(Seen::nothing().part(1, 8, &[(4, EXPIRED)]));
    assert_eq!(told(&third), ["expired fewer 0+1-2"]);
    let same = world.after(24).scan(Seen::nothing().part(1, 8, &[(4, EXPIRED)]));
    assert_eq!(told(&same), ["expired same 0+1-0"]);
    assert!(same.parts.is_empty());
    assert_eq!(same.findings[0].changed_at, third.findings[0].changed_at);
    let last = world.after(24).scan(Seen::nothing().part(1, 7, &[]));
    assert_eq!(told(&last), ["expired resolved 0+0-1"]);
    assert_eq!(last.findings[0].state, FindingState::Resolved);
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 7, &[]))), [""; 0]);
}

#[test]
fn a_finding_that_comes_again_is_the_same_one_with_a_new_first_day() {
    let mut world = World::new();
    let first = world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    world.after(24).scan(Seen::nothing().part(1, 10, &[]));
    let again = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    assert_eq!(told(&again), ["expired reopened 1+0-0"]);
    assert_eq!(again.findings[0].key.id(), first.findings[0].key.id());
    assert_eq!(again.findings[0].first_seen, world.now);
    assert_eq!(again.findings[0].state, FindingState::Open);
}

#[test]
fn what_falls_due_is_moved_and_never_resolved() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, DUE_SOON), (2, DUE_SOON)]));
    let some = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, DUE_SOON)]));
    assert_eq!(told(&some), ["due-soon moved 0+1-1", "expired first 1+0-0"]);
    let all = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, EXPIRED)]));
    assert_eq!(told(&all), ["due-soon moved 0+0-1", "expired more 1+1-0"]);
    assert_eq!(all.findings[0].state, FindingState::Resolved);
}

#[test]
fn what_truly_left_is_resolved_although_others_moved() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, DUE_SOON), (2, DUE_SOON)]));
    let last = world.after(24).scan(Seen::nothing().part(1, 9, &[(1, EXPIRED)]));
    assert_eq!(told(&last), ["due-soon resolved 0+0-2", "expired first 1+0-0"]);
}

#[test]
fn another_rule_is_no_place_to_move_to() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, &[Reason::Expired, Reason::Missing])]));
    let last = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, MISSING)]));
    assert_eq!(told(&last), ["missing same 0+1-0", "expired resolved 0+0-1"]);
}

#[test]
fn an_item_that_changes_its_list_goes_on() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, EXPIRED)]).part(2, 10, &[(3, EXPIRED)]));
    let moved =
        world.after(24).scan(Seen::nothing().part(1, 9, &[(1, EXPIRED)]).part(2, 11, &[(2, EXPIRED), (3, EXPIRED)]));
    assert_eq!(told(&moved), ["expired same 0+3-0"]);
}

#[test]
fn a_list_that_is_there_twice_counts_twice() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    let copied = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]).part(2, 10, &[(1, EXPIRED)]));
    assert_eq!(told(&copied), ["expired more 1+1-0"]);
}

#[test]
fn a_part_that_vanished_takes_its_items_along() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 90, &[(1, EXPIRED)]).part(2, 10, &[(2, EXPIRED)]));
    let gone = world.after(24).scan(Seen::nothing().part(1, 90, &[(1, EXPIRED)]));
    assert_eq!(told(&gone), ["expired fewer 0+1-1"]);
    assert_eq!(gone.parts.into_iter().collect::<Vec<_>>(), [(digest(2), PartChange::Dropped)]);
}

#[test]
fn a_torn_part_loses_nothing_and_shows_what_is_new() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, DUE_SOON)]).due(Reason::Expired, 5));
    let torn = Seen::nothing().part(1, 4, &[(2, EXPIRED), (3, EXPIRED)]).torn(1).due(Reason::Expired, 9);
    let torn = world.after(24).scan(torn);
    assert_eq!(told(&torn), ["due-soon moved 0+0-1", "expired more 2+1-0", "partial first 0+0-0"]);
    assert_eq!(torn.findings[1].earliest_due, Some(Instant::from_microseconds(5)));
    let blind = world.after(24).scan(Seen::nothing().part(1, 0, &[]).torn(1));
    assert_eq!(told(&blind), ["expired kept 0+3-0", "partial same 0+0-0"]);
    let well = world.after(24).scan(Seen::nothing().part(1, 10, &[(3, EXPIRED)]));
    assert_eq!(told(&well), ["expired fewer 0+1-2", "partial resolved 0+0-0"]);
}

#[test]
fn whole_parts_resolve_beside_a_torn_one() {
    let mut world = World::new();
    let first = Seen::nothing().part(1, 10, &[(1, EXPIRED)]).part(2, 10, &[(2, EXPIRED)]).part(3, 10, &[(3, EXPIRED)]);
    world.scan(first.whole(Reason::Incomplete, 30));
    // The third one is not seen at all: with a torn one beside it, that says nothing.
    let torn = Seen::nothing().part(1, 9, &[]).part(2, 1, &[]).torn(2).whole(Reason::Incomplete, 10);
    let torn = world.after(24).scan(torn);
    assert_eq!(told(&torn), ["incomplete fewer 0+29-1", "expired fewer 0+2-1", "partial first 0+0-0"]);
}

#[test]
fn a_shrunken_part_beside_a_torn_one_is_not_believed() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]).part(2, 90, &[(2, EXPIRED)]));
    let torn = || Seen::nothing().part(1, 2, &[]).part(2, 5, &[]).torn(2);
    assert_eq!(
        told(&world.after(24).scan(torn())),
        ["expired kept 0+2-0", "partial first 0+0-0", "shrunken first 0+0-0"]
    );
    assert_eq!(
        told(&world.after(24).scan(torn())),
        ["expired kept 0+2-0", "partial same 0+0-0", "shrunken same 0+0-0"]
    );
    let whole = world.after(1).scan(Seen::nothing().part(1, 2, &[]).part(2, 90, &[(2, EXPIRED)]));
    assert_eq!(told(&whole), ["expired kept 0+2-0", "partial resolved 0+0-0", "shrunken same 0+0-0"]);
}

#[test]
fn a_source_that_is_not_there_changes_nothing_else() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]).due(Reason::Expired, 5).whole(Reason::Incomplete, 10));
    let failed = world.after(24).scan(Seen::failed());
    assert_eq!(told(&failed), ["incomplete kept 0+10-0", "expired kept 0+1-0", "unreachable first 0+0-0"]);
    assert_eq!(failed.findings[1].earliest_due, Some(Instant::from_microseconds(5)));
    assert!(failed.parts.is_empty());
    let well = world.after(24).scan(Seen::nothing().part(1, 12, &[(1, EXPIRED)]).whole(Reason::Incomplete, 12));
    assert_eq!(told(&well), ["incomplete more 2+10-0", "expired same 0+1-0", "unreachable resolved 0+0-0"]);
}

#[test]
fn a_products_setting_stays_as_it_was_known_while_it_cannot_be_read() {
    let mut world = World::new();
    let seen = |items| Seen::nothing().part(1, items, &[]);
    let loose = world.scan(seen(10).whole(Reason::ProductSetting, 10));
    assert_eq!(told(&loose), ["product-setting first 10+0-0"]);
    let unread = world.after(24).scan(seen(12).whole(Reason::SettingUnreadable, 0));
    assert_eq!(told(&unread), ["product-setting kept 0+10-0", "setting-unreadable first 0+0-0"]);
    let failed = world.after(24).scan(Seen::failed());
    let kept = ["product-setting kept 0+10-0", "setting-unreadable kept 0+0-0", "unreachable first 0+0-0"];
    assert_eq!(told(&failed), kept);
    let read = world.after(24).scan(seen(12).whole(Reason::ProductSetting, 12));
    let again = ["product-setting more 2+10-0", "setting-unreadable resolved 0+0-0", "unreachable resolved 0+0-0"];
    assert_eq!(told(&read), again);
    assert_eq!(told(&world.after(24).scan(seen(12))), ["product-setting resolved 0+0-12"]);
}

#[test]
fn a_sick_ledger_leaves_consent_as_it_was() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, MISSING), (2, &[Reason::Missing, Reason::Expired])]).part(
        2,
        9,
        &[(9, MISSING)],
    ));
    let sick = Seen::nothing().part(1, 10, &[(2, EXPIRED), (3, &[Reason::Missing, Reason::Expired])]).sick_ledger();
    let sick = world.after(24).scan(sick);
    assert_eq!(told(&sick), ["missing kept 0+3-0", "expired more 1+1-0", "ledger-unreachable first 0+0-0"]);
    let well = world.after(24).scan(Seen::nothing().part(1, 10, &[(3, MISSING)]));
    assert_eq!(told(&well), ["missing more 1+0-3", "expired resolved 0+0-2", "ledger-unreachable resolved 0+0-0"]);
}

#[test]
fn an_empty_source_is_believed_when_a_second_scan_agrees() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    assert_eq!(told(&world.after(24).scan(Seen::nothing())), ["expired kept 0+1-0", "empty first 0+0-0"]);
    assert_eq!(told(&world.after(19).scan(Seen::nothing())), ["expired kept 0+1-0", "empty same 0+0-0"]);
    // What was known is gone; that no file matches stays to be told.
    assert_eq!(told(&world.after(1).scan(Seen::nothing())), ["expired resolved 0+0-1", "empty same 0+0-0"]);
    assert_eq!(told(&world.scan(Seen::nothing())), ["empty same 0+0-0"]);
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 10, &[]))), ["empty resolved 0+0-0"]);
}

#[test]
fn a_list_without_rows_is_empty_until_that_is_believed() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    let header_only = || Seen::nothing().part(1, 0, &[]);
    assert_eq!(told(&world.after(24).scan(header_only())), ["expired kept 0+1-0", "empty first 0+0-0"]);
    assert_eq!(told(&world.after(20).scan(header_only())), ["expired resolved 0+0-1", "empty resolved 0+0-0"]);
    assert_eq!(told(&world.after(20).scan(header_only())), [""; 0]);
}

#[test]
fn no_file_at_all_is_empty_even_at_first() {
    assert_eq!(told(&World::new().scan(Seen::nothing())), ["empty first 0+0-0"]);
    assert_eq!(told(&World::new().scan(Seen::nothing().part(1, 0, &[]))), [""; 0]);
    let mut folder = World::new();
    folder.facts.items_are_files = true;
    assert_eq!(told(&folder.scan(Seen::nothing().part(1, 0, &[]))), ["empty first 0+0-0"]);
    folder = World::new();
    folder.facts.may_be_empty = true;
    assert_eq!(told(&folder.scan(Seen::nothing())), [""; 0]);
}

#[test]
fn a_source_that_may_be_empty_resolves_at_once() {
    let mut world = World::new();
    world.facts.may_be_empty = true;
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 0, &[]))), ["expired resolved 0+0-1"]);
}

#[test]
fn a_shrunken_source_holds_back_until_confirmed() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, EXPIRED)]));
    let shrunken = world.after(24).scan(Seen::nothing().part(1, 4, &[(1, EXPIRED)]));
    assert_eq!(told(&shrunken), ["expired kept 0+2-0", "shrunken first 0+0-0"]);
    world.known.confirmed = true;
    let confirmed = world.after(1).scan(Seen::nothing().part(1, 4, &[(1, EXPIRED)]));
    assert_eq!(told(&confirmed), ["expired fewer 0+1-1", "shrunken resolved 0+0-0"]);
    assert!(!confirmed.confirmed);
    assert_eq!(told(&world.scan(Seen::nothing().part(1, 4, &[(1, EXPIRED)]))), ["expired same 0+1-0"]);
}

#[test]
fn files_without_a_row_wait_while_rows_may_be_lost() {
    const UNMANAGED: &[Reason] = &[Reason::FileWithoutRow];
    let mut world = World::new();
    // The files make up a part without items.
    world.scan(Seen::nothing().part(1, 10, &[]).part(2, 0, &[(101, UNMANAGED)]));
    let flood: Vec<(u32, &[Reason])> = (101..=107).map(|file| (file, UNMANAGED)).collect();
    let lost = || Seen::nothing().part(1, 4, &[]).part(2, 0, &flood);
    let shrunken = world.after(24).scan(lost());
    assert_eq!(told(&shrunken), ["file-without-row kept 0+1-0", "shrunken first 0+0-0"]);
    assert_eq!(world.looked_for, 0);
    let back = world.after(1).scan(Seen::nothing().part(1, 10, &[]).part(2, 0, &[(102, UNMANAGED)]));
    assert_eq!(told(&back), ["file-without-row more 1+0-1", "shrunken resolved 0+0-0"]);
    world.after(1).scan(lost());
    let agreed = world.after(20).scan(lost());
    assert_eq!(told(&agreed), ["file-without-row more 6+1-0", "shrunken resolved 0+0-0"]);
    // However many they are, they excuse no loss of rows.
    let shrunken = world.after(24).scan(Seen::nothing().part(1, 1, &[]).part(2, 0, &flood));
    assert_eq!(told(&shrunken), ["file-without-row kept 0+7-0", "shrunken reopened 0+0-0"]);
}

#[test]
fn a_clean_up_of_what_was_flagged_is_not_shrunken() {
    let mut world = World::new();
    let flagged: Vec<(u32, &[Reason])> = (1..=8).map(|item| (item, EXPIRED)).collect();
    world.scan(Seen::nothing().part(1, 10, &flagged));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 2, &[]))), ["expired resolved 0+0-8"]);
    // Exactly half is not over half.
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    assert_eq!(told(&world.after(24).scan(Seen::nothing().part(1, 5, &[]))), ["expired resolved 0+0-1"]);
}

#[test]
fn one_shrunken_list_among_many_is_noticed() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]).part(2, 90, &[]));
    let shrunken = world.after(24).scan(Seen::nothing().part(1, 2, &[]).part(2, 90, &[]));
    assert_eq!(told(&shrunken), ["expired kept 0+1-0", "shrunken first 0+0-0"]);
    let agreed = world.after(20).scan(Seen::nothing().part(1, 2, &[]).part(2, 90, &[]));
    assert_eq!(told(&agreed), ["expired resolved 0+0-1", "shrunken resolved 0+0-0"]);
    assert_eq!(told(&world.scan(Seen::nothing().part(1, 2, &[]).part(2, 90, &[]))), [""; 0]);
}

#[test]
fn a_failure_in_between_neither_agrees_nor_starts_again() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    world.after(24).scan(Seen::nothing());
    let failed = world.after(10).scan(Seen::failed());
    assert_eq!(told(&failed), ["expired kept 0+1-0", "empty kept 0+0-0", "unreachable first 0+0-0"]);
    let agreed = world.after(10).scan(Seen::nothing());
    assert_eq!(told(&agreed), ["expired resolved 0+0-1", "empty same 0+0-0", "unreachable resolved 0+0-0"]);
}

#[test]
fn a_source_that_comes_back_ends_the_hold() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    world.after(24).scan(Seen::nothing());
    let back = world.after(24).scan(Seen::nothing().part(1, 10, &[(1, EXPIRED)]));
    assert_eq!(told(&back), ["expired same 0+1-0", "empty resolved 0+0-0"]);
    assert_eq!(told(&world.after(1).scan(Seen::nothing())), ["expired kept 0+1-0", "empty reopened 0+0-0"]);
}

#[test]
fn an_empty_ledger_stays_one_that_had_events() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, &[]).ledger(5));
    world.scan(Seen::nothing().part(1, 10, &[]).ledger(0));
    assert_eq!(world.known.ledger_events["consents"], 5);
    world.scan(Seen::nothing().part(1, 10, &[]).ledger(7));
    assert_eq!(world.known.ledger_events["consents"], 7);
}
