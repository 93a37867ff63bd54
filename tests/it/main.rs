//! Tests of the whole program, black box where they can be. What one module promises is tested beside it.

mod canaries;
mod check;
mod commands;
mod mail;
mod questions;
mod scans;
mod world;
