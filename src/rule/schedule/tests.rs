//! Schedules: what is read, what comes when, and agreement with another reader of cron lines.

mod reading;
