//! The arguments of what is declared: `purposed check`, `inspect`, `test`, `config`, `preset` and `schema`.

use super::{ConfigFile, Format};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// Also look at roots, tables and headers.
    #[arg(long)]
    pub(in crate::cli) connect: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Inspect {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// One of `[connections]` or `[roots]` of the server's configuration file.
    #[arg(value_name = "CONNECTION|ROOT")]
    pub(in crate::cli) place: String,
    /// A table or view of the connection, as the list of them names it.
    #[arg(value_name = "TABLE")]
    pub(in crate::cli) table: Option<String>,
    /// Look at a connection in its `avoid` hours, too.
    #[arg(long)]
    pub(in crate::cli) anyway: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Config {
    #[command(subcommand)]
    pub(in crate::cli) act: ConfigAct,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigAct {
    /// Show a dataset with every default, template and preset applied
    Show(ConfigShow),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigShow {
    #[command(flatten)]
    pub(in crate::cli) config: ConfigFile,
    /// The dataset.
    #[arg(value_name = "DATASET")]
    pub(in crate::cli) dataset: String,
    /// Show where each value comes from.
    #[arg(long)]
    pub(in crate::cli) origin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Preset {
    #[command(subcommand)]
    pub(in crate::cli) act: PresetAct,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PresetAct {
    /// List the presets
    List,
    /// Print a preset, to read or to copy
    Show {
        /// The preset.
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// Of which kind of file.
    #[arg(value_enum, default_value_t = SchemaOf::Server)]
    pub(in crate::cli) of: SchemaOf,
}

/// Kinds of configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    /// purposed.toml.
    Server,
    /// A file of the register.
    Register,
    /// A preset.
    Preset,
}
