//! What the product that holds a dataset's items says of its own retention, held against the register.

use super::Cancelled;
use crate::domain::observation::{Observation, Problem, ScanStatus};
use crate::domain::register::Dataset;
use crate::domain::verdict::Reason;
use crate::rule::product_setting::looser;
use crate::source::product_setting::{SettingError, read};
use std::sync::atomic::AtomicBool;

/// What is to be said of a product's setting.
#[derive(Debug, PartialEq, Eq)]
pub enum SettingLook {
    /// The product keeps longer than the register says, told for people.
    Looser(String),
    /// The setting is not known, told for people with a hint.
    Unread(String),
}

/// Looks at the setting of the product that holds the dataset's items. Nothing where there is none to look at, or
/// where it is as the register says.
///
/// # Errors
/// [`Cancelled`] when it was stopped.
pub fn look_at_setting(dataset: &Dataset, cancel: &AtomicBool) -> Result<Option<SettingLook>, Cancelled> {
    let Some(setting) = &dataset.product_setting else { return Ok(None) };
    match read(setting, cancel) {
        Ok(stated) => Ok(looser(dataset, setting, &stated).map(SettingLook::Looser)),
        Err(SettingError::Unread(why)) => Ok(Some(SettingLook::Unread(why))),
        Err(SettingError::Cancelled) => Err(Cancelled),
    }
}

impl SettingLook {
    /// The reason that it gives, and how it is told.
    #[must_use]
    pub fn told(&self) -> (Reason, &str) {
        match self {
            Self::Looser(how) => (Reason::ProductSetting, how),
            Self::Unread(why) => (Reason::SettingUnreadable, why),
        }
    }

    /// Notes it in an observation whose items are counted. Where the source is not there, nothing tells of what the
    /// setting would be looser.
    pub(super) fn note(self, observation: &mut Observation) {
        let (reason, example) = self.told();
        let items = match reason {
            Reason::ProductSetting if observation.status == ScanStatus::Failed => return,
            Reason::ProductSetting => observation.items,
            _ => 0,
        };
        observation.whole_reasons.insert(reason, items);
        let reason = reason.as_str().to_owned();
        observation.problems.push(Problem { reason, items, example: example.to_owned() });
    }
}
