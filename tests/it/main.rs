//! Tests of the whole program, black box where they can be. What one module promises is tested beside it.
//!
//! `cfg(test)` tells the lints that these are tests, where unwrapping is right.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod canaries;
#[cfg(test)]
mod check;
#[cfg(test)]
mod closure;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod daemon;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod first_hour;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod joined;
#[cfg(test)]
mod keep_flags;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod presets;
#[cfg(test)]
mod product_settings;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod reconciliation;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod web;
#[cfg(test)]
mod world;
