//! The configuration: whether it can be used, who may change it, and whether its secrets can be read by the service
//! and by nobody else.

use super::{Check, Subject};
use crate::config::{MailTransport, SecretSource};
use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

const ABOUT: &str = "configuration";

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let register = &subject.loaded.register;
    let what = format!(
        "{} with {} divisions and {} datasets",
        subject.config_file.display(),
        register.divisions.len(),
        register.datasets.len()
    );
    let mut checks = vec![Check::ok(ABOUT, what)];
    let warnings = subject.loaded.warnings.len();
    if warnings > 0 {
        checks.push(Check::warning(ABOUT, format!("warnings: {warnings}"), "see `purposed check`"));
    }
    checks.extend(files(subject).into_iter().filter_map(exposed_to_writers));
    checks.extend(secrets(subject).into_iter().map(|(what, source)| secret(&what, source, subject)));
    if subject.is_root {
        checks.push(Check::warning(
            ABOUT,
            "this is root, who may do everything: what the service's own user may do is not seen",
            "run `runuser -u purposed -- purposed doctor`",
        ));
    }
    checks
}

/// Every file that was read, and the folders that they lie in: whoever may write there can replace them.
fn files<'a>(subject: &Subject<'a>) -> BTreeSet<&'a Path> {
    let files = subject.loaded.snapshot.paths().chain([subject.config_file]);
    files.flat_map(|file| file.parent().into_iter().chain([file])).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// Whoever may write a file of the configuration decides who is told what.
fn exposed_to_writers(path: &Path) -> Option<Check> {
    let metadata = std::fs::metadata(path).ok()?;
    let is_sticky_folder = metadata.is_dir() && metadata.permissions().mode() & 0o1000 != 0;
    (metadata.permissions().mode() & 0o002 != 0 && !is_sticky_folder).then(|| {
        let what = format!("`{}` can be changed by everybody", path.display());
        Check::failed(ABOUT, what, format!("`chmod o-w {}`", path.display()))
    })
}

/// The secrets that the configuration names, each with its use.
fn secrets<'a>(subject: &Subject<'a>) -> Vec<(String, &'a SecretSource)> {
    let settings = &subject.loaded.settings;
    let mut secrets = Vec::new();
    if let Some(source) = &settings.digest_key {
        secrets.push(("the digest key".to_owned(), source));
    }
    if let Some(MailTransport::Smtp { password: Some(source), host, .. }) =
        settings.mail.as_ref().map(|mail| &mail.transport)
    {
        secrets.push((format!("the password for `{host}`"), source));
    }
    secrets
}

fn secret(what: &str, source: &SecretSource, subject: &Subject<'_>) -> Check {
    let folder = subject.environment.credentials_directory.as_deref();
    if let (SecretSource::Credential(name), None) = (source, folder) {
        return Check::warning(
            ABOUT,
            format!("{what} is the credential `{name}`, which systemd gives to the service alone: not looked at"),
            "see that the unit has `LoadCredential=` or `LoadCredentialEncrypted=` with that name",
        );
    }
    if let Err(error) = source.read(folder) {
        return Check::failed(ABOUT, format!("{what} cannot be used: {error}"), "let the service's user read it");
    }
    let SecretSource::File(path) = source else { return Check::ok(ABOUT, format!("{what} can be read")) };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.mode() & 0o007 != 0 => {
            let shown = format!("{what} in `{}` can be read by everybody", path.display());
            Check::failed(ABOUT, shown, format!("`chmod 600 {}`", path.display()))
        }
        _ => Check::ok(ABOUT, format!("{what} can be read")),
    }
}
