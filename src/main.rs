//! The `purposed` binary. Everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    purposed::cli::run().into()
}
