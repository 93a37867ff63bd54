//! Products that state their own retention, and where a product's setting lies. What the settings mean is known to
//! `source`; whether they are looser than the register, to `rule`.

use super::server::ServerSpec;
use super::source::Root;
use crate::domain::name::ConnectionName;
use std::path::PathBuf;

/// A product that keeps and deletes by a setting of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// Frigate: its `config.yml`.
    Frigate,
    /// `FusionPBX`: default and domain settings, in PostgreSQL.
    FusionPbx,
    /// `MediaMTX`: its `mediamtx.yml`.
    MediaMtx,
    /// motionEye: one `camera-N.conf` for each camera.
    MotionEye,
    /// `ZoneMinder`: its filters, in MariaDB.
    ZoneMinder,
}

impl Product {
    /// Its name as people write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Frigate => "Frigate",
            Self::FusionPbx => "FusionPBX",
            Self::MediaMtx => "MediaMTX",
            Self::MotionEye => "motionEye",
            Self::ZoneMinder => "ZoneMinder",
        }
    }

    /// Its name in the register and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Frigate => "frigate",
            Self::FusionPbx => "fusionpbx",
            Self::MediaMtx => "mediamtx",
            Self::MotionEye => "motioneye",
            Self::ZoneMinder => "zoneminder",
        }
    }

    /// Whether its settings lie in a database rather than in files.
    #[must_use]
    pub const fn is_in_database(self) -> bool {
        matches!(self, Self::FusionPbx | Self::ZoneMinder)
    }

    /// What one of those that have a setting of their own is called.
    #[must_use]
    pub const fn member(self) -> &'static str {
        match self {
            Self::Frigate | Self::MotionEye | Self::ZoneMinder => "camera",
            Self::MediaMtx => "path",
            Self::FusionPbx => "domain",
        }
    }

    /// The kinds of data that have settings apart; the first is meant where the register says nothing.
    #[must_use]
    pub const fn kinds(self) -> &'static [SettingOf] {
        match self {
            Self::Frigate => &[SettingOf::Recordings, SettingOf::Exports],
            Self::FusionPbx => &[SettingOf::Calls, SettingOf::Recordings],
            Self::MediaMtx | Self::ZoneMinder => &[SettingOf::Recordings],
            Self::MotionEye => &[SettingOf::Media, SettingOf::Recordings, SettingOf::Pictures],
        }
    }
}

/// The kind of data that a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SettingOf {
    /// Footage, or the recordings of calls.
    Recordings,
    /// Clips that somebody exported.
    Exports,
    /// Single pictures.
    Pictures,
    /// Footage and pictures.
    Media,
    /// Call records.
    Calls,
}

impl SettingOf {
    /// Its name in the register.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recordings => "recordings",
            Self::Exports => "exports",
            Self::Pictures => "pictures",
            Self::Media => "media",
            Self::Calls => "calls",
        }
    }
}

/// Where a product states how long it keeps the items of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductSetting {
    /// The product.
    pub product: Product,
    /// What of it is asked for.
    pub of: SettingOf,
    /// The camera, path or domain that the dataset is of; all of them without it, and then the loosest counts.
    pub member: Option<String>,
    /// Where the setting lies.
    pub place: SettingPlace,
}

impl ProductSetting {
    /// The keys of the product that say it, for the person who shortens it; nothing where it has none.
    #[must_use]
    pub const fn keys(&self) -> Option<&'static str> {
        Some(match (self.product, self.of) {
            (Product::Frigate, SettingOf::Exports) => return None,
            (Product::Frigate, _) => "record: continuous, motion, alerts, detections, retain",
            (Product::FusionPbx, SettingOf::Recordings) => "call_recordings / filesystem_retention_days",
            (Product::FusionPbx, _) => "cdr / database_retention_days",
            (Product::MediaMtx, _) => "recordDeleteAfter",
            (Product::MotionEye, SettingOf::Recordings) => "Preserve Movies",
            (Product::MotionEye, SettingOf::Pictures) => "Preserve Pictures",
            (Product::MotionEye, _) => "Preserve Movies, Preserve Pictures",
            (Product::ZoneMinder, _) => "Filters",
        })
    }
}

/// The place of a product's setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingPlace {
    /// A file beneath a root.
    File {
        /// The folder.
        root: Root,
        /// The path relative to it; for motionEye a glob.
        file: String,
    },
    /// The product's own database.
    Database {
        /// The connection's name.
        connection: ConnectionName,
        /// What it leads to.
        engine: SettingEngine,
    },
}

/// What a connection to a product's database leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingEngine {
    /// The file of a SQLite database.
    File(PathBuf),
    /// A database server.
    Server(Box<ServerSpec>),
}
