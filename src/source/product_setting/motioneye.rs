//! motionEye's `camera-N.conf`: lines of a key and its value; what only motionEye knows stands behind `# @`. Movies
//! stay `@preserve_movies` days and pictures `@preserve_pictures` days; 0, the default, is for ever. Cameras of other
//! systems are not cleaned by this one, nor is a kind of media that is switched off: those say nothing here.

use super::{Text, Unclear};
use crate::domain::register::{Product, SettingOf};
use crate::rule::product_setting::{Keeps, Stated};
use std::collections::BTreeMap;

/// The settings of one camera.
type Settings<'a> = BTreeMap<&'a str, &'a str>;

/// What each camera keeps.
pub(super) fn stated(texts: &[Text], of: SettingOf, member: Option<&str>) -> Result<Vec<Stated>, Unclear> {
    let mut cameras: Vec<(&Text, Settings<'_>)> = texts.iter().map(|text| (text, read(&text.content))).collect();
    if let Some(member) = member {
        cameras.retain(|(text, settings)| is_called(text, settings, member));
        if cameras.is_empty() {
            return Err(Unclear::no_member(Product::MotionEye));
        }
    }
    let mut all = Vec::new();
    for (_, settings) in &cameras {
        if is_of_another_system(settings) {
            continue;
        }
        let mut kinds = Vec::new();
        if of != SettingOf::Pictures && records_movies(settings) {
            kinds.push(Stated { what: "movies", keeps: days(settings, "@preserve_movies")? });
        }
        if of != SettingOf::Recordings && takes_pictures(settings) {
            kinds.push(Stated { what: "pictures", keeps: days(settings, "@preserve_pictures")? });
        }
        all.extend(Stated::loosest(kinds));
    }
    Ok(all)
}

/// The keys and values of a file; the last of a key counts.
fn read(content: &str) -> Settings<'_> {
    let lines = content.lines().filter_map(|line| {
        let line = line.trim();
        let line = match line.strip_prefix('#') {
            Some(comment) => comment.trim_start().strip_prefix('@').map(|_| comment.trim_start())?,
            None => line.strip_prefix(';').map_or(line, |_| ""),
        };
        let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        (!key.is_empty()).then(|| (key, value.trim()))
    });
    lines.collect()
}

/// Whether a camera has this name, or this number in the name of its file.
fn is_called(text: &Text, settings: &Settings<'_>, name: &str) -> bool {
    let file = text.path.rsplit('/').next().unwrap_or_default();
    let number = file.strip_prefix("camera-").and_then(|rest| rest.strip_suffix(".conf"));
    number == Some(name) || ["@name", "camera_name"].iter().any(|key| settings.get(key).is_some_and(|own| *own == name))
}

/// Whether another motionEye, or the camera itself, has the media.
fn is_of_another_system(settings: &Settings<'_>) -> bool {
    matches!(settings.get("@proto").copied(), Some("motioneye" | "mjpeg"))
}

fn is_on(settings: &Settings<'_>, keys: &[&str]) -> bool {
    let is_off =
        |value: &str| matches!(value.to_ascii_lowercase().as_str(), "" | "off" | "0" | "no" | "false" | "none");
    keys.iter().any(|key| settings.get(key).is_some_and(|value| !is_off(value)))
}

fn records_movies(settings: &Settings<'_>) -> bool {
    is_on(
        settings,
        &["movie_output", "movie_output_motion", "ffmpeg_output_movies", "movie_extpipe_use", "use_extpipe"],
    )
}

fn takes_pictures(settings: &Settings<'_>) -> bool {
    is_on(settings, &["picture_output", "output_pictures", "snapshot_interval", "@manual_snapshots"])
}

fn days(settings: &Settings<'_>, key: &str) -> Result<Keeps, Unclear> {
    let Some(text) = settings.get(key) else { return Ok(Keeps::ForEver) };
    match text.parse::<u32>() {
        Ok(0) => Ok(Keeps::ForEver),
        Ok(days) => Ok(Keeps::days(days.into())),
        Err(_) => Err(Unclear::why(format!("`{key}` is no number of days"), "set it in motionEye's own pages")),
    }
}
