//! Tests of the configuration as a whole: texts in, problems or a register out.

mod contract;
mod copies;
mod generated;
mod headerless;
mod holidays;
mod layers;
mod leaves;
mod letters;
mod nasty;
mod problems;
mod product_settings;
mod snapshots_of_files;
mod world;
