//! Did-you-mean: the known name that a mistaken one was probably meant to be.

/// The known name closest to `name`, if any is close enough to be meant.
#[must_use]
pub fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 3).max(1);
    let is_near = |distance: usize, candidate: &str| {
        // Names that begin alike and end otherwise (`facility`, `facilities`) are near though many letters differ.
        (distance <= allowed && distance < candidate.chars().count()) || strsim::jaro_winkler(name, candidate) > 0.9
    };
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| is_near(*distance, candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(name: &str, candidate: &str) -> usize {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let (name, candidate) = (plain(name), plain(candidate));
    // One name may be the other cut short (`support` for `support-recordings`): that costs little.
    if candidate.len() > name.len() && name.len() >= 4 && candidate.starts_with(&name) {
        return 1;
    }
    strsim::damerau_levenshtein(&name, &candidate)
}

/// A hint: the closest known name, else all of them when they are few, else `otherwise`.
#[must_use]
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    match closest(name, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if known.is_empty() || known.len() > 12 => otherwise.to_owned(),
        None => format!("known: {}", list(known)),
    }
}

/// Names in backticks, with commas between.
#[must_use]
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
