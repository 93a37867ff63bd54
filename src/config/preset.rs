//! Product presets: sources in files of their own, as data that a user can print, copy and change. Those
//! built in are here; own ones lie in the folders that `presets` of `purposed.toml` names.

/// A preset that comes with purposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Its text: a source in TOML, with comments.
    pub text: &'static str,
}

/// The files of `config/presets` with these names.
macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(Preset { name: $name, text: include_str!(concat!("../../config/presets/", $name, ".toml")) }),*]
    };
}

const BUILT_IN: &[Preset] = built_in![
    "asterisk-cdr",
    "brevo",
    "civicrm-opt-outs",
    "civicrm",
    "connpass",
    "eventbrite",
    "freepbx-recordings",
    "freepbx",
    "freeswitch-cdr",
    "frigate-events",
    "frigate-exports",
    "frigate-files",
    "frigate",
    "fusionpbx",
    "listmonk-optouts",
    "listmonk",
    "mailchimp-unsubscribed",
    "mailchimp",
    "mautic-do-not-contact",
    "mautic",
    "mediamtx",
    "moonfire",
    "motioneye",
    "phplist-blacklist",
    "phplist",
    "shinobi",
    "suitecrm-opt-outs",
    "suitecrm",
    "viseron",
    "zoneminder",
];

/// The presets that come with purposed, by name.
#[must_use]
pub fn list() -> &'static [Preset] {
    BUILT_IN
}

/// The text of a preset that comes with purposed.
#[must_use]
pub fn show(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|preset| preset.name == name).map(|preset| preset.text)
}

impl Preset {
    /// What it is for: the first line of its text.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }
}
