//! A progress line on a terminal; nothing where standard error is not one.

use super::interrupt;
use crate::app::scan::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(200);

/// The progress line of a scan.
pub(super) struct Progress {
    bar: ProgressBar,
    items: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
    cancelled: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts the line.
    pub(super) fn new() -> Self {
        Self::on(ProgressDrawTarget::stderr())
    }

    /// No line.
    pub(super) fn silent() -> Self {
        Self::on(ProgressDrawTarget::hidden())
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {human_pos} items, {per_sec}") {
            bar.set_style(style);
        }
        let (items, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let ticker = (!bar.is_hidden()).then(|| {
            let (bar, items, done) = (bar.clone(), Arc::clone(&items), Arc::clone(&done));
            std::thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    bar.set_position(items.load(Ordering::Relaxed));
                    std::thread::sleep(TICK);
                }
            })
        });
        Self { bar, items, done, cancelled: Arc::default(), ticker }
    }

    /// The same, stopped by signals.
    pub(super) fn stopped_by_signals(self) -> Self {
        interrupt::listen(Arc::clone(&self.cancelled));
        self
    }

    /// Clears the line.
    pub(super) fn finish(mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(ticker) = self.ticker.take() {
            let joined = ticker.join();
            debug_assert!(joined.is_ok(), "drawing a line cannot fail");
        }
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn begins(&self, what: &str) {
        self.items.store(0, Ordering::Relaxed);
        self.bar.set_message(what.to_owned());
    }

    fn items(&self) -> &AtomicU64 {
        &self.items
    }

    fn cancelled(&self) -> &AtomicBool {
        &self.cancelled
    }
}
