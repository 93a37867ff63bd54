//! The acts of purposed, one file each. Effects meet here: configuration, sources, store and mail; the
//! command line, the daemon and the console call the same functions.

pub mod demo;
