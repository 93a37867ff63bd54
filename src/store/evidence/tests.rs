//! Tests of the chain: whatever is altered, cut or swapped is found.
