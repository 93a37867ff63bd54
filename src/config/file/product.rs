//! Where a product states its own retention.

use super::leaf::GlobText;
use super::placed::Placed;
use crate::domain::register::{Product, SettingOf};
use schemars::JsonSchema;
use serde::Deserialize;

/// Where the product that holds a dataset's items states its own retention: a file (`root` and `file`) or its database
/// (`connection`).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { product = \"frigate\", root = \"nvr-config\", file = \"config.yml\" }"
)]
pub struct ProductSettingFile {
    /// `frigate`, `fusionpbx`, `mediamtx`, `motioneye` or `zoneminder`. Must be there.
    pub product: Option<Placed<Product>>,
    /// What of it is asked for: `recordings` or `exports` of Frigate, `calls` or `recordings` of `FusionPBX`,
    /// `media`, `recordings` or `pictures` of motionEye. Default: the first of these; `recordings` elsewhere.
    pub of: Option<Placed<SettingOf>>,
    /// The folder of the configuration, one of `[roots]` of `purposed.toml`.
    pub root: Option<Placed<String>>,
    /// The configuration file, by its path relative to the root. Default: `config.yml` for Frigate, `mediamtx.yml`,
    /// and the glob `camera-*.conf` for motionEye.
    pub file: Option<Placed<GlobText>>,
    /// The product's database, one of `[connections]`. Default: that of the dataset's source.
    pub connection: Option<Placed<String>>,
    /// The one camera that the dataset is of. Default: all of them, and then the loosest counts.
    pub camera: Option<Placed<String>>,
    /// The same for a path of `MediaMTX`.
    pub path: Option<Placed<String>>,
    /// The same for a domain of `FusionPBX`.
    pub domain: Option<Placed<String>>,
}
