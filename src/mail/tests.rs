//! Tests of the mail adapters.
