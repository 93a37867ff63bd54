//! Tests of the whole program, black box where they can be. What one module promises is tested beside it.

#[cfg(test)]
mod mail;
