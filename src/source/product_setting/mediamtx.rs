//! `MediaMTX`'s `mediamtx.yml`: `recordDeleteAfter` of each path, else of `pathDefaults` (before 1.3 of the file
//! itself), a duration as Go writes it, with days. 0 keeps for ever, and a day is the default.

use super::{Text, Unclear, yaml};
use crate::domain::register::Product;
use crate::rule::product_setting::{Keeps, Stated};
use regex::Regex;
use serde_json::Value;

const KEY: &str = "recordDeleteAfter";
const WHAT: &str = "recordings";

/// What each path that is recorded keeps.
pub(super) fn stated(texts: &[Text], member: Option<&str>) -> Result<Vec<Stated>, Unclear> {
    let tree = texts.first().map(|text| yaml::read(&text.content)).transpose()?.unwrap_or_default();
    let paths = yaml::at(&tree, "paths").and_then(Value::as_object);
    let mut paths: Vec<(&str, &Value)> =
        paths.into_iter().flatten().map(|(name, path)| (name.as_str(), path)).collect();
    if let Some(member) = member {
        let exact = paths.iter().find(|(name, _)| *name == member).copied();
        match exact {
            Some(exact) => paths = vec![exact],
            None => paths.retain(|(name, _)| takes(name, member)),
        }
        if paths.is_empty() {
            return Err(Unclear::no_member(Product::MediaMtx));
        }
    }
    let mut all = Vec::new();
    for (_, path) in paths {
        if layered(path, &tree, "record").and_then(yaml::boolean).unwrap_or(false) {
            let keeps = match layered(path, &tree, KEY) {
                None => Keeps::days(1.0),
                Some(value) => read(value).ok_or_else(unclear)?,
            };
            all.push(Stated { what: WHAT, keeps });
        }
    }
    Ok(all)
}

/// Whether a path's settings are for streams of this name: patterns begin with a tilde.
fn takes(name: &str, stream: &str) -> bool {
    match name.strip_prefix('~') {
        Some(pattern) => Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(stream)),
        None => matches!(name, "all" | "all_others"),
    }
}

fn layered<'a>(path: &'a Value, tree: &'a Value, key: &str) -> Option<&'a Value> {
    let defaults = tree.get("pathDefaults");
    [Some(path), defaults, Some(tree)].into_iter().flatten().find_map(|layer| yaml::at(layer, key))
}

fn read(value: &Value) -> Option<Keeps> {
    let nanoseconds = match value {
        Value::String(text) => duration(text)?,
        // A bare zero is a duration without a unit.
        Value::Number(number) if number.as_f64() == Some(0.0) => 0,
        _ => return None,
    };
    let seconds = i64::try_from(nanoseconds / 1_000_000_000).ok()?;
    Some(if nanoseconds == 0 { Keeps::ForEver } else { Keeps::Seconds(seconds) })
}

/// A duration of Go in nanoseconds: numbers with units, such as `1d`, `720h`, `1h30m` or `1.5h`. Negative ones delete
/// nothing that could be meant.
pub(super) fn duration(text: &str) -> Option<u128> {
    const UNITS: [(&str, f64); 8] =
        [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86_400e9)];
    let mut rest = text.trim().trim_start_matches('+');
    if rest == "0" {
        return Some(0);
    }
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters =
            after.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        nanoseconds += number.parse::<f64>().ok()? * length;
        rest = after;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "digits have no sign; `as` saturates")]
    (!text.trim().is_empty()).then_some(nanoseconds as u128)
}

fn unclear() -> Unclear {
    Unclear::why(format!("`{KEY}` is no duration"), "write it as MediaMTX does, such as `14d` or `336h`")
}
