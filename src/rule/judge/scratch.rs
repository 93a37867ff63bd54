//! Room that a judge works in: buffers and what was resolved before, one per thread, so that judging an
//! item allocates nothing.

use super::entries::ConsentScratch;
use super::purposes::PurposeScratch;
use super::retention::RetentionScratch;

/// Room for one thread of one judge.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) purposes: PurposeScratch,
    pub(super) retention: RetentionScratch,
    pub(super) consent: ConsentScratch,
}
