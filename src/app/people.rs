//! Members of staff as commands name them: the register's people, two of them where one would be too few, and whoever
//! may decide.

use super::{AppError, did_you_mean};
use crate::domain::exception::Exception;
use crate::domain::name::{DatasetName, DivisionName, PersonName};
use crate::domain::register::Register;

/// The register's person with this name.
pub(super) fn person(register: &Register, name: &str) -> Result<PersonName, AppError> {
    register.people.keys().find(|known| known.as_str() == name).cloned().ok_or_else(|| {
        let hint = did_you_mean(name, register.people.keys().map(PersonName::as_str));
        AppError::Argument(format!("there is no person `{name}` in the register's `[people]`{hint}"))
    })
}

/// Refuses that somebody approves what they asked for or did themselves, under the same name or the same address.
pub(super) fn apart(register: &Register, doer: &PersonName, approver: &PersonName) -> Result<(), AppError> {
    let address = |name| register.people.get(name).map(|person| person.email.trim().to_lowercase());
    if doer == approver {
        return Err(AppError::Argument(format!(
            "`{approver}` cannot approve it: nobody approves what they asked for\n  hint: name somebody else"
        )));
    }
    if address(doer) == address(approver) {
        return Err(AppError::Argument(format!(
            "`{approver}` cannot approve it: they have the same address as `{doer}`\n  hint: name somebody else"
        )));
    }
    Ok(())
}

/// Refuses whoever may not decide about the data of a division: the privacy manager may, and the division's person in
/// charge and deputy. The auditor looks on.
pub(super) fn may_decide(register: &Register, division: &DivisionName, who: &PersonName) -> Result<(), AppError> {
    let organisation = &register.organisation;
    if *who == organisation.privacy_manager {
        return Ok(());
    }
    if organisation.auditor.as_ref() == Some(who) {
        return Err(AppError::Argument(format!(
            "`{who}` may not decide it: an auditor looks on\n  hint: {}",
            deciders(register, division)
        )));
    }
    if answers_for(register, division, who) {
        return Ok(());
    }
    Err(AppError::Argument(format!(
        "`{who}` may not decide it: they do not answer for division `{division}`\n  hint: {}",
        deciders(register, division)
    )))
}

/// Refuses whoever may not review or release a hold: the privacy manager may, and whoever approved it. Where the
/// approver is not in the register any more, the division's own people may, too.
pub(super) fn may_end_hold(
    register: &Register,
    division: Option<&DivisionName>,
    hold: &Exception,
    who: &PersonName,
) -> Result<(), AppError> {
    let manager = &register.organisation.privacy_manager;
    let is_orphaned = !register.people.contains_key(&hold.approved_by);
    let by_division = division.filter(|_| is_orphaned);
    if who == manager
        || *who == hold.approved_by
        || by_division.is_some_and(|division| answers_for(register, division, who))
    {
        return Ok(());
    }
    Err(AppError::Argument(format!(
        "`{who}` may not decide about the hold `{}`\n  hint: the privacy manager `{manager}` may, and whoever approved it",
        hold.id
    )))
}

/// The division that answers for a dataset, as the register has it now.
pub(super) fn division_of<'a>(register: &'a Register, dataset: &DatasetName) -> Option<&'a DivisionName> {
    register.datasets.get(dataset).map(|dataset| &dataset.division)
}

fn answers_for(register: &Register, division: &DivisionName, who: &PersonName) -> bool {
    let division = register.divisions.get(division);
    division.is_some_and(|division| division.person_in_charge == *who || division.deputy.as_ref() == Some(who))
}

/// Who may decide, in words.
fn deciders(register: &Register, division: &DivisionName) -> String {
    let mut names = vec![format!("the privacy manager `{}`", register.organisation.privacy_manager)];
    if let Some(known) = register.divisions.get(division) {
        names.extend(std::iter::once(&known.person_in_charge).chain(&known.deputy).map(|name| format!("`{name}`")));
    }
    format!("one of these may: {}", names.join(", "))
}
