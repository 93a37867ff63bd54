//! What a product was told to keep: counted beside the finding of what is expired, and never more than that.

use super::*;

impl Seen {
    fn kept(mut self, items: u64) -> Self {
        self.0.kept_by_product = Some(items);
        self
    }
}

/// How many items of the finding of what is expired the product keeps.
fn kept(outcome: &Outcome) -> Option<u64> {
    let mut findings = outcome.findings.iter();
    findings.find(|finding| finding.key.reason == Reason::Expired).and_then(|finding| finding.kept_by_product)
}

const TWO: &[(u32, &[Reason])] = &[(1, EXPIRED), (2, EXPIRED)];

#[test]
fn the_count_is_that_of_the_last_scan_and_makes_no_news() {
    let mut world = World::new();
    let first = world.scan(Seen::nothing().part(1, 10, TWO).kept(1));
    assert_eq!((told(&first), kept(&first)), (vec!["expired first 2+0-0".to_owned()], Some(1)));
    assert_eq!(first.kept_by_product, Some(1));
    let second = world.after(24).scan(Seen::nothing().part(1, 10, TWO).kept(2));
    assert_eq!((told(&second), kept(&second)), (vec!["expired same 0+2-0".to_owned()], Some(2)));
    let unmapped = world.after(24).scan(Seen::nothing().part(1, 10, TWO));
    assert_eq!((told(&unmapped), kept(&unmapped)), (vec!["expired same 0+2-0".to_owned()], None));
}

#[test]
fn it_is_of_what_is_expired_alone() {
    let mut world = World::new();
    let seen = world.scan(Seen::nothing().part(1, 10, &[(1, EXPIRED), (2, DUE_SOON), (3, MISSING)]).kept(1));
    let others = seen.findings.iter().filter(|finding| finding.key.reason != Reason::Expired);
    assert!(others.clone().count() == 2 && others.clone().all(|finding| finding.kept_by_product.is_none()));
    assert_eq!(kept(&seen), Some(1));
}

#[test]
fn what_a_scan_could_not_see_is_kept_as_it_was_known_and_no_more_than_there_is() {
    let mut world = World::new();
    world.scan(Seen::nothing().part(1, 10, TWO).part(2, 10, &[(3, EXPIRED)]).kept(3));
    let failed = world.after(24).scan(Seen::failed());
    assert_eq!((kept(&failed), failed.kept_by_product), (Some(3), None));
    let mut half = Seen::nothing().part(1, 10, TWO).part(2, 0, &[]).kept(2);
    half.0.parts.get_mut(&digest(2)).unwrap().whole = false;
    half.0.status = ScanStatus::Partial;
    assert_eq!(kept(&world.after(24).scan(half)), Some(3));
    let mut less = Seen::nothing().part(1, 10, &[(1, EXPIRED)]).part(2, 0, &[]).kept(0);
    less.0.parts.get_mut(&digest(2)).unwrap().whole = false;
    less.0.status = ScanStatus::Partial;
    assert_eq!(kept(&world.after(24).scan(less)), Some(2), "two items are left of the finding");
}
