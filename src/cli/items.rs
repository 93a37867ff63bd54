//! `purposed items FINDING`.

use super::acting;
use super::arguments::{Items, ListFormat};
use super::output::{Answer, Exit};
use super::progress::Progress;
use crate::app::act::Request;
use crate::app::items::ItemsRequest;
use crate::app::listing::ListForm;
use std::io::{BufWriter, Write as _, stdout};

pub(super) fn run(arguments: &Items) -> Answer {
    let request = Request::Items(ItemsRequest {
        finding: arguments.finding.clone(),
        form: match arguments.format {
            ListFormat::Csv => ListForm::Csv,
            ListFormat::Jsonl => ListForm::JsonLines,
        },
    });
    let mut out = BufWriter::new(stdout());
    let now = arguments.now.as_deref();
    acting::perform_watched(&arguments.config.path, request, now, &Progress::silent(), &mut out)?;
    out.flush()?;
    Ok(Exit::Success)
}
