//! Reconciliation told as stories: one dataset, scan after scan.
