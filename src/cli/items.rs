//! `purposed items FINDING`.

use super::arguments::{Items, ListFormat};
use super::environment;
use super::output::{Answer, Exit};
use crate::app::items::{ItemsRequest, items};
use crate::app::listing::ListForm;
use std::io::{BufWriter, Write as _, stdout};

pub(super) fn run(arguments: &Items) -> Answer {
    let request = ItemsRequest {
        config: &arguments.config.path,
        finding: &arguments.finding,
        form: match arguments.format {
            ListFormat::Csv => ListForm::Csv,
            ListFormat::Jsonl => ListForm::JsonLines,
        },
        now: environment::instant(arguments.now.as_deref())?,
    };
    let mut out = BufWriter::new(stdout());
    environment::run(|| items(&request, &environment::read(), &mut out))?;
    out.flush()?;
    Ok(Exit::Success)
}
