//! purposed keeps a company to its own privacy policy: it scans the places where personal information
//! lies, flags what is held beyond its purpose or without consent, and writes to the person in charge.
//!
//! Modules import downwards only (`tests/architecture.rs` holds them to it):
//!
//! ```text
//! main -> cli
//!         daemon                  ticks: what is due begins, and goes on for years
//!         web                     requests: health and metrics
//!         app                     one file per act; effects meet here
//!         scan                    drives sources through rules into an Observation
//!         source  store  mail     adapters: disk, database and network; never import each other
//!         config                  text -> Settings + Register
//!         rule    notify          pure: rules; findings -> notices -> letters
//!         domain                  pure: the words
//!         clock  secret  telemetry
//! ```

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod domain;
pub mod mail;
pub mod notify;
pub mod rule;
pub mod scan;
pub mod secret;
pub mod source;
pub mod store;
pub mod telemetry;
pub mod web;
