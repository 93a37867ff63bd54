//! `purposed schema`.

use super::arguments::{Schema, SchemaOf};
use super::output::{Answer, Exit, print};
use crate::config::{self, FileKind};

pub(super) fn run(arguments: &Schema) -> Answer {
    let schema = match arguments.of {
        SchemaOf::Server => config::json_schema(FileKind::Server),
        SchemaOf::Register => config::json_schema(FileKind::Register),
        SchemaOf::Preset => config::json_schema(FileKind::Preset),
    };
    print(&schema)?;
    Ok(Exit::Success)
}
