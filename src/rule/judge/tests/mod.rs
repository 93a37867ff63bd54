//! What the contract's sentences about judging mean, one by one.

mod consent;
mod opt_outs;
mod retention;
mod whole;
