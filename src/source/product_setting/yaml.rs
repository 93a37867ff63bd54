//! Reads YAML as a tree, and what stands at a path of keys in it. Aliases are replayed within bounds, merge keys are
//! followed, and tags that a product has for itself are passed over.

use super::Unclear;
use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;

/// The document as a tree. An empty one is an empty table.
pub(super) fn read(text: &str) -> Result<Value, Unclear> {
    let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::LastWins };
    let hint = "let the product check its configuration; what was known of the setting stays";
    match serde_saphyr::from_str_with_options::<Value>(text, options) {
        Ok(tree @ Value::Object(_)) => Ok(tree),
        Ok(Value::Null) => Ok(Value::Object(serde_json::Map::default())),
        Ok(_) => Err(Unclear::why("it is no table of settings", hint)),
        // The parser's own words may quote a password.
        Err(error) => Err(match error.location().map(|location| location.line()).filter(|line| *line > 0) {
            Some(line) => Unclear::why(format!("it is not YAML at line {line}"), hint),
            None => Unclear::why("it is not YAML", hint),
        }),
    }
}

/// What stands at a dotted path. A key without a value is as good as none.
pub(super) fn at<'a>(tree: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(tree, |tree, key| tree.get(key)).filter(|value| !value.is_null())
}

/// A number, also where it is written as a text.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

/// Yes or no, in any of the ways in which YAML writes it.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "y" => Some(true),
            "false" | "no" | "off" | "0" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
