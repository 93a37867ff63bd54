//! Tests of the configuration as a whole: texts in, problems or a register out.

mod contract;
mod generated;
mod layers;
mod leaves;
mod nasty;
mod problems;
mod world;
