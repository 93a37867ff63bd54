//! The server's own file: paths, secrets, the way of letters, roots and connections.

use super::connection::Connection;
use crate::config::file::{Placed, RootFile, SecretFile, ServerFile, Short};
use crate::config::report::{Report, root_span};
use crate::config::settings::{SecretSource, Settings};
use crate::domain::name::{RootName, SiteName};
use crate::domain::register::Root;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// What the server's own file declares. What is declared wrongly is there as `None`, so that it is known.
#[derive(Debug)]
pub struct Server {
    /// The settings; the way of letters is still open where the file does not give one.
    pub settings: Settings,
    /// Roots, by name.
    pub roots: BTreeMap<String, Option<Root>>,
    /// Connections, by name.
    pub connections: BTreeMap<String, Option<Connection>>,
}

/// The globs of the register's files, each with its place.
pub fn register_globs(file: &ServerFile, base: usize, report: &mut Report) -> Vec<Placed<String>> {
    let root = root_span(base);
    let hint = || "write `register = [\"register/*.toml\"]`".to_owned();
    match &file.register {
        Some(globs) if globs.entries.is_empty() => report.problem(globs.span, "`register` names no file", hint()),
        Some(_) => {}
        None => report.missing(&[root], "register", "`register` is missing: where are the register's files?", hint()),
    }
    file.register.iter().flat_map(|globs| globs.entries.clone()).collect()
}

/// The folders of own presets, each with its place.
pub fn preset_folders(file: &ServerFile) -> Vec<Placed<String>> {
    file.presets.iter().flat_map(|folders| folders.entries.clone()).collect()
}

/// Reads the server's own file. `folder` is the absolute one that relative paths start at.
pub fn lower(file: &ServerFile, base: usize, folder: &Path, report: &mut Report) -> Server {
    let root = root_span(base);
    match &file.version {
        Some(version) if version.value != 1 => {
            let message = format!("version {} of the configuration language is not known", version.value);
            report.problem(version.span, message, "this version of purposed reads `version = 1`".to_owned());
        }
        Some(_) => {}
        None => {
            report.missing(&[root], "version", "`version` is missing", "begin the file with `version = 1`".to_owned());
        }
    }
    let mut lowering = ServerLowering { folder, report };
    let roots = file.roots.0.iter().map(|(name, value)| (name.value.clone(), lowering.root(name, value))).collect();
    let connections =
        file.connections.0.iter().map(|(name, value)| (name.value.clone(), lowering.connection(name, value))).collect();
    Server { settings: lowering.settings(file), roots, connections }
}

/// Reads the server's own file; what it says of connections is read in `connection`.
pub(super) struct ServerLowering<'a> {
    pub(super) folder: &'a Path,
    pub(super) report: &'a mut Report,
}

impl ServerLowering<'_> {
    fn settings(&mut self, file: &ServerFile) -> Settings {
        let service = file.service.as_ref();
        let state = service.and_then(|service| service.state.as_ref());
        let site = service.and_then(|service| service.site.as_ref()).and_then(|site| self.name(site, SiteName::new));
        let listen = service.and_then(|service| service.listen.as_ref());
        let scans_at_once = service.and_then(|service| service.scans_at_once.as_ref());
        let digest_key = service.and_then(|service| service.digest_key.as_ref());
        let mail = file.mail.as_ref().and_then(|mail| self.mail(mail));
        let templates = file.mail.as_ref().and_then(|mail| mail.templates.as_ref());
        Settings {
            folder: self.folder.to_owned(),
            state: state.map_or_else(|| PathBuf::from(Settings::DEFAULT_STATE), |path| self.path(path)),
            site,
            listen: self.listen(listen),
            scans_at_once: scans_at_once.map_or(1, |number| number.value.0),
            digest_key: digest_key.and_then(|source| self.secret(source, "digest_key")),
            mail,
            letter_templates: templates.map(|path| self.path(path)),
        }
    }

    fn listen(&mut self, listen: Option<&Placed<String>>) -> SocketAddr {
        let default = SocketAddr::from(([127, 0, 0, 1], 8470));
        let Some(listen) = listen else { return default };
        listen.value.parse().unwrap_or_else(|_| {
            let message = format!("`{}` is not an address and port", listen.value);
            self.report.problem(
                listen.span,
                message,
                "write an address and a port, such as `127.0.0.1:8470`".to_owned(),
            );
            default
        })
    }

    pub(super) fn path(&mut self, path: &Placed<String>) -> PathBuf {
        if path.value.trim().is_empty() {
            self.report.problem(
                path.span,
                "the path is empty",
                "write a path; relative ones start at this file's folder".to_owned(),
            );
        }
        self.folder.join(&path.value)
    }

    pub(super) fn name<N>(
        &mut self,
        name: &Placed<String>,
        make: fn(String) -> Result<N, crate::domain::name::NameError>,
    ) -> Option<N> {
        make(name.value.clone())
            .map_err(|_| {
                let hint = "use lower-case letters, digits and single hyphens, such as `nvr-media`";
                self.report.problem(name.span, format!("`{}` is not a name", name.value), hint.to_owned());
            })
            .ok()
    }

    pub(super) fn secret(&mut self, source: &Placed<Short<SecretFile>>, key: &str) -> Option<SecretSource> {
        let hint = || format!("write {key} = {{ credential = \"name\" }} or {key} = {{ file = \"/path\" }}");
        let Short::Table(table) = &source.value else {
            self.report.problem(source.span, format!("`{key}` holds the secret itself"), hint());
            return None;
        };
        match (&table.credential, &table.file) {
            (Some(credential), None) if !credential.is_empty() && !credential.contains('/') => {
                Some(SecretSource::Credential(credential.value.clone()))
            }
            (Some(credential), None) => {
                self.report.problem(credential.span, "a credential has a plain name", hint());
                None
            }
            (None, Some(file)) => Some(SecretSource::File(self.path(file))),
            (Some(_), Some(file)) => {
                self.report.problem(file.span, format!("`{key}` names two places"), hint());
                None
            }
            (None, None) => {
                if !self.report.was_removed(source.span, "file") {
                    let message = format!("`{key}` does not say where the secret lies");
                    self.report.missing(&[source.span], "credential", message, hint());
                }
                None
            }
        }
    }

    fn root(&mut self, name: &Placed<String>, root: &Placed<Short<RootFile>>) -> Option<Root> {
        let root_name = self.name(name, RootName::new);
        let (path, must_be_mount) = match &root.value {
            Short::Text(text) => (Some(Placed::new(root.span, text.clone())), false),
            Short::Table(table) => (table.path.clone(), table.must_be_mount.as_ref().is_some_and(|flag| flag.value)),
        };
        let Some(path) = path else {
            let message = format!("the root `{}` has no `path`", name.value);
            self.report.missing(&[root.span], "path", message, "write `path = \"/srv/...\"`".to_owned());
            return None;
        };
        Some(Root { path: self.path(&path), name: root_name?, must_be_mount })
    }
}

/// Whether a host is this machine itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
