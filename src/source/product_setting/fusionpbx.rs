//! `FusionPBX`'s default settings, and those of its domains in their place: call records stay
//! `cdr / database_retention_days`, recordings `call_recordings / filesystem_retention_days`. Only what is enabled
//! counts, and where nothing is, nothing is deleted. The maintenance service that reads these may still be off.

use super::Unclear;
use super::database::Database;
use crate::domain::register::{Product, SettingOf};
use crate::rule::product_setting::{Keeps, Stated};

/// What each domain keeps.
pub(super) fn stated(database: &Database<'_>, of: SettingOf, member: Option<&str>) -> Result<Vec<Stated>, Unclear> {
    let (category, subcategory, what) = match of {
        SettingOf::Recordings => ("call_recordings", "filesystem_retention_days", "call recordings"),
        _ => ("cdr", "database_retention_days", "call records"),
    };
    let default = format!(
        "SELECT default_setting_value AS days FROM v_default_settings \
         WHERE default_setting_category = '{category}' AND default_setting_subcategory = '{subcategory}' \
         AND CAST(default_setting_enabled AS varchar(5)) = 'true'"
    );
    let own = format!(
        "SELECT d.domain_name AS domain, s.domain_setting_value AS days FROM v_domains d \
         LEFT JOIN v_domain_settings s ON s.domain_uuid = d.domain_uuid \
         AND s.domain_setting_category = '{category}' AND s.domain_setting_subcategory = '{subcategory}' \
         AND CAST(s.domain_setting_enabled AS varchar(5)) = 'true'"
    );
    let defaults = database.rows(&default, ["days"])?;
    let default = defaults.last().map_or("", |[days]| days.as_str());
    let mut domains = database.rows(&own, ["domain", "days"])?;
    if let Some(member) = member {
        domains.retain(|[domain, _]| domain == member);
        if domains.is_empty() {
            return Err(Unclear::no_member(Product::FusionPbx));
        }
    }
    let keeps = |days: &str| Stated { what, keeps: read(if days.trim().is_empty() { default } else { days }) };
    Ok(domains.iter().map(|[_, days]| keeps(days)).collect())
}

/// What is no number, or zero, deletes nothing.
fn read(days: &str) -> Keeps {
    match days.trim().parse::<f64>() {
        Ok(days) if days > 0.0 && days.is_finite() => Keeps::days(days),
        _ => Keeps::ForEver,
    }
}
