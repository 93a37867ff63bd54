//! Declared against applied: whether a product keeps longer, by its own setting, than the register says. Only what
//! is certain counts: periods of the register are taken at their longest (a month has 31 days, a year 366), those of
//! a product at their shortest. Where a product states its setting is known to `source`.

use crate::domain::register::{ClockField, CountMethod, Dataset, ProductSetting, WholeUntil};

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// A period that is rounded up to the end of the fiscal year ends at most this much later.
const FISCAL_YEAR_DAYS: i64 = 366;

/// How long a product keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeps {
    /// At least so many seconds.
    Seconds(i64),
    /// Until somebody deletes by hand.
    ForEver,
}

impl Keeps {
    /// So many days, which may be a fraction.
    #[must_use]
    pub fn days(days: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "beyond the range, the longest period that can be told")]
        Self::Seconds((days.max(0.0) * DAY_SECONDS as f64) as i64)
    }
}

/// What a product says of one of its cameras, paths or domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// What it keeps longest, such as `continuous recordings`.
    pub what: &'static str,
    /// How long.
    pub keeps: Keeps,
}

impl Stated {
    /// The one that is kept longest; the first of equals.
    #[must_use]
    pub fn loosest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(|longest, other| if other.keeps > longest.keeps { other } else { longest })
    }
}

/// Says in what a product is looser than the register, for people; nothing where it is not, or where that is not
/// certain: without a `keep`, or where a period runs from the end of a contract.
#[must_use]
pub fn looser(dataset: &Dataset, setting: &ProductSetting, stated: &[Stated]) -> Option<String> {
    let from_contract = |from: &[ClockField]| from.contains(&ClockField::ContractEnds);
    if dataset.keep.iter().any(|keep| from_contract(&keep.from)) {
        return None;
    }
    let longest = dataset.keep.iter().map(|keep| {
        let until = keep.until_end_of.map_or(0, |WholeUntil::FiscalYearEnd| FISCAL_YEAR_DAYS);
        let counted = i64::from(keep.count == CountMethod::CivilCode);
        (keep.period.at_most_days() + until + counted, keep)
    });
    let (days, keep) = longest.max_by_key(|(days, _)| *days)?;
    let limit = Keeps::Seconds(days.saturating_mul(DAY_SECONDS));
    let over: Vec<Stated> = stated.iter().copied().filter(|one| one.keeps > limit).collect();
    let Stated { what, keeps } = Stated::loosest(over.iter().copied())?;
    let rounded = if keep.until_end_of.is_some() { " and to the end of the fiscal year" } else { "" };
    Some(format!(
        "{} keeps {what} of {} {}; the register says {}{rounded}",
        setting.product.as_str(),
        of_which(setting, over.len(), stated.len()),
        how_long(keeps, over.iter().all(|one| one.keeps == keeps)),
        keep.period,
    ))
}

/// Of which cameras, by their number.
fn of_which(setting: &ProductSetting, over: usize, all: usize) -> String {
    let member = setting.product.member();
    match (&setting.member, over, all) {
        (Some(_), ..) => format!("this {member}"),
        (None, 1, 1) => format!("its one {member}"),
        (None, over, all) if over == all => format!("all {member}s"),
        (None, over, all) => format!("{over} of {all} {member}s"),
    }
}

fn how_long(keeps: Keeps, all_alike: bool) -> String {
    let Keeps::Seconds(seconds) = keeps else { return "for ever".to_owned() };
    let unit = [(DAY_SECONDS, "day"), (60 * 60, "hour"), (60, "minute")];
    let (length, name) = unit.into_iter().find(|(length, _)| seconds % length == 0).unwrap_or((1, "second"));
    let (number, up_to) = (seconds / length, if all_alike { "" } else { "up to " });
    format!("for {up_to}{number} {name}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::RootName;
    use crate::domain::period::Period;
    use crate::domain::register::{FieldConditions, Keep, Product, Root, SettingOf, SettingPlace};
    use crate::rule::fixture;

    fn keep(period: &str) -> Keep {
        Keep {
            conditions: FieldConditions::new(),
            period: period.parse::<Period>().unwrap(),
            from: vec![ClockField::Field(0)],
            until_end_of: None,
            count: CountMethod::Calendar,
            extra: None,
        }
    }

    fn setting(member: Option<&str>) -> ProductSetting {
        let root = Root { name: RootName::new("nvr").unwrap(), path: "/".into(), must_be_mount: false };
        ProductSetting {
            product: Product::Frigate,
            of: SettingOf::Recordings,
            member: member.map(str::to_owned),
            place: SettingPlace::File { root, file: "config.yml".to_owned() },
        }
    }

    fn stated(days: f64) -> Stated {
        Stated { what: "recordings", keeps: Keeps::days(days) }
    }

    const FOR_EVER: Stated = Stated { what: "exports", keeps: Keeps::ForEver };

    fn told(keeps: Vec<Keep>, all: &[Stated]) -> Option<String> {
        let dataset = Dataset { keep: keeps, ..fixture::World::new().dataset };
        looser(&dataset, &setting(None), all)
    }

    #[test]
    fn only_what_is_certainly_longer_counts() {
        assert_eq!(told(vec![keep("14 days")], &[stated(14.0)]), None);
        assert_eq!(told(vec![keep("14 days")], &[stated(3.0)]), None);
        assert!(told(vec![keep("14 days")], &[stated(14.1)]).is_some());
        assert_eq!(told(vec![keep("6 months")], &[stated(186.0)]), None, "half a year may have 184 days, or 186 here");
        assert!(told(vec![keep("6 months")], &[stated(187.0)]).is_some());
        assert_eq!(told(vec![keep("1 year")], &[stated(366.0)]), None);
        assert!(told(vec![keep("100 years")], &[FOR_EVER]).is_some());
        assert_eq!(told(vec![keep("14 days"), keep("1 year")], &[stated(90.0)]), None, "the longest period counts");
        assert_eq!(told(vec![], &[FOR_EVER]), None, "nothing to compare with");
        assert_eq!(told(vec![keep("14 days")], &[]), None, "the product keeps nothing");
        let fiscal = Keep { until_end_of: Some(WholeUntil::FiscalYearEnd), ..keep("1 year") };
        assert_eq!(told(vec![fiscal], &[stated(700.0)]), None);
        let contract = Keep { from: vec![ClockField::ContractEnds], ..keep("1 day") };
        assert_eq!(told(vec![contract], &[FOR_EVER]), None);
    }

    #[test]
    fn it_is_told_by_numbers() {
        let fortnight = || vec![keep("14 days")];
        let text = |all: &[Stated]| told(fortnight(), all).unwrap();
        assert_eq!(
            text(&[stated(30.0)]),
            "frigate keeps recordings of its one camera for 30 days; the register says 14 days"
        );
        assert_eq!(
            text(&[stated(30.0), stated(30.0)]),
            "frigate keeps recordings of all cameras for 30 days; the register says 14 days"
        );
        assert_eq!(
            text(&[stated(30.0), stated(20.5), stated(7.0)]),
            "frigate keeps recordings of 2 of 3 cameras for up to 30 days; the register says 14 days"
        );
        assert_eq!(
            text(&[stated(14.5)]),
            "frigate keeps recordings of its one camera for 348 hours; the register says 14 days"
        );
        assert_eq!(
            text(&[stated(30.0), FOR_EVER]),
            "frigate keeps exports of all cameras for ever; the register says 14 days"
        );
        let dataset = Dataset { keep: fortnight(), ..fixture::World::new().dataset };
        let one = looser(&dataset, &setting(Some("door")), &[stated(30.0)]).unwrap();
        assert_eq!(one, "frigate keeps recordings of this camera for 30 days; the register says 14 days");
    }
}
