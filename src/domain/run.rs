//! A run: one scan of one dataset as the run ledger keeps it, whether it was asked for or scheduled.

use super::instant::Instant;
use super::name::DatasetName;
use super::observation::ScanStatus;
use serde::{Deserialize, Serialize};

/// Why a scan ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunTrigger {
    /// Its schedule said so.
    Schedule,
    /// Its schedule had said so while the daemon was down.
    CatchUp,
    /// Somebody asked for it.
    Hand,
}

impl RunTrigger {
    /// Every trigger.
    pub const ALL: &'static [Self] = &[Self::Schedule, Self::CatchUp, Self::Hand];

    /// The trigger's name in output and store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::CatchUp => "catch-up",
            Self::Hand => "hand",
        }
    }

    /// The trigger with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|trigger| trigger.as_str() == text)
    }
}

impl Run {
    /// The failure of a run whose process ended before it did.
    pub const CUT_OFF: &'static str = "cut off: the process ended before the scan did";
    /// The failure of a run that was stopped.
    pub const STOPPED: &'static str = "stopped on request";

    /// Whether it was begun and its process ended before it did.
    #[must_use]
    pub fn was_cut_off(&self) -> bool {
        self.failure.as_deref() == Some(Self::CUT_OFF)
    }

    /// Whether it neither ended nor was cut off: it goes on, as far as the store knows.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended_at.is_none() && self.failure.is_none()
    }
}

/// Scans that did not happen when they should have, and the one that made up for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtUp {
    /// The number of the run that made up for them.
    pub run: i64,
    /// The dataset.
    pub dataset: DatasetName,
    /// How many instants of its schedule passed without a scan.
    pub missed: u64,
    /// When it had been scanned before; nothing when never.
    pub scanned_before: Option<Instant>,
    /// When it was scanned again.
    pub scanned_at: Instant,
}

/// One scan of one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its number, in the order of starting.
    pub number: i64,
    /// The dataset.
    pub dataset: DatasetName,
    /// Why it ran.
    pub trigger: RunTrigger,
    /// The instant that its schedule named; nothing for one by hand.
    pub scheduled_at: Option<Instant>,
    /// How many earlier instants of its schedule passed without a scan.
    pub missed: u64,
    /// When it began.
    pub started_at: Instant,
    /// When it ended; nothing while it runs, or when it was cut off.
    pub ended_at: Option<Instant>,
    /// How it ended; nothing while it runs, or when it failed before it saw anything.
    pub status: Option<ScanStatus>,
    /// How many items there were.
    pub items: u64,
    /// How many problems were told.
    pub problems: u64,
    /// Why nothing came of it, without discovered names.
    pub failure: Option<String>,
}
