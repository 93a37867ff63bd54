//! The versions of the program, of SQLite, of the kernel and of the zone data.

use super::Check;
use crate::store;
use std::path::Path;

const ABOUT: &str = "versions";

/// Before this version, SQLite could lose or damage commits when a write-ahead log was reset.
const FIXED: [u32; 3] = [3, 51, 3];

/// Where systems keep their zone data.
const ZONE_DATA: &str = "/usr/share/zoneinfo/tzdata.zi";

pub(super) fn look() -> Vec<Check> {
    let system = rustix::system::uname();
    let kernel = format!("{} {}", system.sysname().to_string_lossy(), system.release().to_string_lossy());
    let own = format!("purposed {} on {kernel} ({})", env!("CARGO_PKG_VERSION"), system.machine().to_string_lossy());
    vec![Check::ok(ABOUT, own), sqlite(), zone_data(Path::new(ZONE_DATA))]
}

fn sqlite() -> Check {
    let Ok(version) = store::sqlite_version() else {
        return Check::failed(ABOUT, "SQLite does not say its version", "install purposed anew");
    };
    sqlite_check(&version)
}

fn sqlite_check(version: &str) -> Check {
    let numbers: Vec<u32> = version.split('.').filter_map(|number| number.parse().ok()).collect();
    if numbers.as_slice() >= FIXED.as_slice() {
        return Check::ok(ABOUT, format!("SQLite {version}, in which the reset of write-ahead logs is safe"));
    }
    let what = format!("SQLite {version} can lose commits when a write-ahead log is reset");
    Check::failed(ABOUT, what, "install a purposed that was built with SQLite 3.51.3 or later")
}

/// The first line of the system's zone data names its version: `# version 2026a`.
fn zone_data(path: &Path) -> Check {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let version = text.lines().next().and_then(|line| line.strip_prefix("# version "));
    match version {
        Some(version) => Check::ok(ABOUT, format!("zone data {version} of this system")),
        None if path.parent().is_some_and(|folder| folder.join("UTC").exists()) => {
            Check::ok(ABOUT, "zone data of this system, which does not say its version")
        }
        None => Check::warning(
            ABOUT,
            "zone data that the program brought along: this system has none",
            "install `tzdata`, which is updated when a country changes its clocks",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::doctor::Outcome;

    #[test]
    fn the_fix_of_the_log_reset_is_known_by_its_version() {
        for (version, outcome) in [
            ("3.51.3", Outcome::Ok),
            ("3.52.0", Outcome::Ok),
            ("4.0.0", Outcome::Ok),
            ("3.51.2", Outcome::Failed),
            ("3.7.0", Outcome::Failed),
            ("", Outcome::Failed),
        ] {
            assert_eq!(sqlite_check(version).outcome, outcome, "{version}");
        }
    }
}
