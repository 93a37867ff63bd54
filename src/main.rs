//! The `purposed` binary. Everything it does is in the library.

fn main() {}
