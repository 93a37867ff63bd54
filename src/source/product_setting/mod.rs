//! What products say of their own retention: one file per product. Only settings are read, nothing that a product
//! keeps, and no name of a camera leaves this module. Whether a setting is too loose is decided in `rule`.

mod database;
mod file;
mod frigate;
mod fusionpbx;
mod mediamtx;
mod motioneye;
#[cfg(test)]
mod tests;
mod yaml;
mod zoneminder;

use crate::domain::register::{Product, ProductSetting, SettingPlace};
use crate::rule::product_setting::Stated;
use std::sync::atomic::AtomicBool;

/// Why a setting is not known.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It could not be read, or not be understood. The text names only what the register names, and ends in a hint.
    #[error("{0}")]
    Unread(String),
    /// Stopped on request.
    #[error("stopped before the end")]
    Cancelled,
}

/// What the product says, for each camera, path or domain that the setting is about. Nothing where the product keeps
/// nothing. Blocks.
///
/// # Errors
/// [`SettingError`].
pub fn read(setting: &ProductSetting, cancel: &AtomicBool) -> Result<Vec<Stated>, SettingError> {
    stated(setting, cancel).map_err(|unclear| match unclear {
        Unclear::Cancelled => SettingError::Cancelled,
        Unclear::Why(why, hint) => {
            let place = place_of(&setting.place);
            SettingError::Unread(format!("setting of {}: {place}: {why}; hint: {hint}", setting.product.as_str()))
        }
    })
}

fn stated(setting: &ProductSetting, cancel: &AtomicBool) -> Result<Vec<Stated>, Unclear> {
    let (of, member) = (setting.of, setting.member.as_deref());
    match &setting.place {
        SettingPlace::File { root, file } => {
            let texts = file::texts(root, file, setting.product == Product::MotionEye, cancel)?;
            match setting.product {
                Product::MediaMtx => mediamtx::stated(&texts, member),
                Product::MotionEye => motioneye::stated(&texts, of, member),
                Product::Frigate | Product::FusionPbx | Product::ZoneMinder => frigate::stated(&texts, of, member),
            }
        }
        SettingPlace::Database { connection, engine } => {
            let database = database::Database { connection, engine, cancel };
            match setting.product {
                Product::FusionPbx => fusionpbx::stated(&database, of, member),
                _ => zoneminder::stated(&database, member),
            }
        }
    }
}

/// How messages call the place: by the names that the register gives.
fn place_of(place: &SettingPlace) -> String {
    match place {
        SettingPlace::File { root, file } => format!("root `{}`, file `{file}`", root.name.as_str()),
        SettingPlace::Database { connection, .. } => format!("connection `{connection}`"),
    }
}

/// Why a setting cannot be told: what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
enum Unclear {
    Why(String, String),
    Cancelled,
}

impl Unclear {
    fn why(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Why(why.into(), hint.into())
    }

    /// There is no such camera, path or domain.
    fn no_member(product: Product) -> Self {
        let member = product.member();
        Self::why(
            format!("it knows no {member} of the name that `product_setting` gives"),
            format!("correct `{member}`, or leave it out: then the loosest setting counts"),
        )
    }
}

/// One file of a configuration.
#[derive(Debug)]
struct Text {
    /// The path relative to the root.
    path: String,
    content: String,
}
