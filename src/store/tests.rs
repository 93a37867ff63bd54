//! Tests of the store as its callers use it.
