//! Members of staff as commands name them: the register's people, and two of them where one would be too few.

use super::{AppError, did_you_mean};
use crate::domain::name::PersonName;
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
