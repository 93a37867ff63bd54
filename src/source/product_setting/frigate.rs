//! Frigate's `config.yml`. A segment of footage stays as long as the longest of the settings that it falls under:
//! all footage (`record.continuous`, before 0.17 `record.retain`), that with motion (`record.motion`), and that of
//! alerts and detections (before 0.14 `record.events`, at first `record.retain_days`). A camera's own keys win, one by
//! one. Exports are deleted by nobody.

use super::{Text, Unclear, yaml};
use crate::domain::register::{Product, SettingOf};
use crate::rule::product_setting::{Keeps, Stated};
use serde_json::Value;

/// The kinds of footage: what they are called, where their days are written in turn, and what holds otherwise.
/// `record.retain` may be of all footage or, by its mode, of that with motion.
const KINDS: [(&str, &[&str], f64); 5] = [
    ("continuous recordings", &["record.continuous.days"], 0.0),
    ("recordings", &["record.retain.days", "record.retain_days"], 0.0),
    ("recordings with motion", &["record.motion.days"], 0.0),
    ("recordings of alerts", &["record.alerts.retain.days", "record.events.retain.default"], 10.0),
    ("recordings of detections", &["record.detections.retain.days", "record.events.retain.default"], 10.0),
];
/// Days for single objects, before 0.14.
const OBJECTS: &str = "record.events.retain.objects";

/// What each camera that records keeps.
pub(super) fn stated(texts: &[Text], of: SettingOf, member: Option<&str>) -> Result<Vec<Stated>, Unclear> {
    let nothing = Value::Object(serde_json::Map::default());
    let tree = texts.first().map(|text| yaml::read(&text.content)).transpose()?.unwrap_or_default();
    let cameras = yaml::at(&tree, "cameras").and_then(Value::as_object);
    let mut cameras: Vec<(&str, &Value)> =
        cameras.into_iter().flatten().map(|(name, camera)| (name.as_str(), camera)).collect();
    if let Some(member) = member {
        cameras.retain(|(name, _)| *name == member);
        if cameras.is_empty() {
            return Err(Unclear::no_member(Product::Frigate));
        }
    }
    if of == SettingOf::Exports {
        return Ok(vec![Stated { what: "exports", keeps: Keeps::ForEver }; cameras.len().max(1)]);
    }
    if cameras.is_empty() {
        cameras.push(("", &nothing));
    }
    let mut all = Vec::new();
    for (_, camera) in cameras {
        let is_on = |path| own(camera, &tree, path).map(|value| yaml::boolean(value).ok_or_else(|| unclear(path)));
        let is_camera_on = yaml::at(camera, "enabled").and_then(yaml::boolean).unwrap_or(true);
        if is_camera_on && is_on("record.enabled").transpose()?.unwrap_or(false) {
            all.extend(Stated::loosest(kinds(camera, &tree)?));
        }
    }
    Ok(all)
}

/// How long each kind of a camera's footage is kept. Those that are not kept at all are left out, and where nothing is
/// kept, one says so.
fn kinds(camera: &Value, tree: &Value) -> Result<Vec<Stated>, Unclear> {
    let mut kinds = Vec::new();
    for (what, paths, otherwise) in KINDS {
        let mut days = otherwise;
        // What the camera says under any name comes before what all of them say.
        let written = [camera, tree].into_iter().flat_map(|layer| paths.iter().map(move |path| (layer, path)));
        for (layer, path) in written {
            if let Some(value) = yaml::at(layer, path) {
                days = yaml::number(value).ok_or_else(|| unclear(path))?;
                break;
            }
        }
        kinds.push(Stated { what, keeps: Keeps::days(days) });
    }
    if let Some(objects) = own(camera, tree, OBJECTS).and_then(Value::as_object) {
        for days in objects.values() {
            let days = yaml::number(days).ok_or_else(|| unclear(OBJECTS))?;
            kinds.push(Stated { what: "recordings of some objects", keeps: Keeps::days(days) });
        }
    }
    Ok(kinds)
}

/// What the camera says, or all of them.
fn own<'a>(camera: &'a Value, tree: &'a Value, path: &str) -> Option<&'a Value> {
    yaml::at(camera, path).or_else(|| yaml::at(tree, path))
}

fn unclear(path: &str) -> Unclear {
    Unclear::why(format!("`{path}` does not say what it should"), "let Frigate check its configuration")
}
