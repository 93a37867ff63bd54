//! Tests of the configuration as a whole: texts in, problems or a register out.

mod contract;
mod nasty;
mod world;
