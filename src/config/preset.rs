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
    "asterisk-master-csv",
    "brevo",
    "civicrm",
    "civicrm-opt-outs",
    "connpass",
    "eventbrite",
    "freepbx",
    "freepbx-recordings",
    "freeswitch-cdr",
    "frigate",
    "frigate-events",
    "frigate-exports",
    "frigate-files",
    "fusionpbx",
    "listmonk",
    "listmonk-consents",
    "listmonk-optouts",
    "mailchimp",
    "mailchimp-opt-ins",
    "mailchimp-unsubscribed",
    "mautic",
    "mautic-do-not-contact",
    "mediamtx",
    "moonfire",
    "motioneye",
    "phplist",
    "phplist-blacklist",
    "shinobi",
    "suitecrm",
    "suitecrm-opt-ins",
    "suitecrm-opt-outs",
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
