//! Connections: the file of a SQLite database, or a database server. The URL itself is never part of a
//! message: it may hold a password. How a server's URL is taken apart is in `server_url`.

use super::server::ServerLowering;
use super::server_url;
use crate::config::file::{ConnectionFile, Placed, Short};
use crate::config::suggest;
use crate::domain::hours::DayHours;
use crate::domain::name::ConnectionName;
use crate::domain::register::{ServerKind, ServerSpec};
use jiff::tz::TimeZone;
use std::path::PathBuf;
use std::time::Duration;

/// A connection that sources may name.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its name.
    pub name: ConnectionName,
    /// What it leads to.
    pub place: ConnectionPlace,
    /// The zone of its times without one.
    pub time_zone: Option<TimeZone>,
    /// When no scan begins by its schedule.
    pub avoid: Option<DayHours>,
}

/// What a connection leads to.
#[derive(Debug, Clone)]
pub enum ConnectionPlace {
    /// The file of a SQLite database.
    File(PathBuf),
    /// A database server.
    Server(Box<ServerSpec>),
}

/// How long a connection may take to be ready, without a word about it.
const CONNECT_TIMEOUT_SECONDS: u32 = 10;
/// How long a statement may take, without a word about it.
const STATEMENT_TIMEOUT_SECONDS: u32 = 3600;
/// The longest time-out: what PostgreSQL counts in milliseconds must fit its integers.
const LONGEST_TIMEOUT_SECONDS: u32 = 2_000_000;

impl ServerLowering<'_> {
    pub(super) fn connection(
        &mut self,
        name: &Placed<String>,
        connection: &Placed<Short<ConnectionFile>>,
    ) -> Option<Connection> {
        let connection_name = self.name(name, ConnectionName::new);
        let table = match &connection.value {
            Short::Text(text) => {
                &ConnectionFile { url: Some(Placed::new(connection.span, text.clone())), ..ConnectionFile::default() }
            }
            Short::Table(table) => table,
        };
        let Some(url) = &table.url else {
            if let Some(password) = &table.password {
                self.secret(password, "password");
            }
            let message = format!("the connection `{}` has no `url`", name.value);
            let hint = "write `url = \"sqlite:/path/to/file.db\"`".to_owned();
            self.report.missing(&[connection.span], "url", message, hint);
            return None;
        };
        let place = self.connection_place(url, table)?;
        let time_zone = table.time_zone.as_ref().map(|zone| zone.value.0.clone());
        let avoid = table.avoid.as_ref().map(|hours| hours.value.0);
        Some(Connection { name: connection_name?, place, time_zone, avoid })
    }

    fn connection_place(&mut self, url: &Placed<String>, table: &ConnectionFile) -> Option<ConnectionPlace> {
        let sqlite = "write `sqlite:PATH`; relative paths start at this file's folder".to_owned();
        let password = table.password.as_ref().map(|password| self.secret(password, "password"));
        let Some((scheme, rest)) = url.split_once(':') else {
            self.report.problem(url.span, "a connection is a URL, and this has no scheme", sqlite);
            return None;
        };
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "sqlite" && server_url::has_password(rest) {
            let hint = "take it out of the URL; write `password = { credential = \"name\" }` or `password = { file = \"/path\" }`";
            self.report.problem(url.span, "a password stands in the URL", hint.to_owned());
            return None;
        }
        let kind = match scheme.as_str() {
            "sqlite" => return self.file(url, rest, table).map(ConnectionPlace::File),
            "postgres" | "postgresql" => ServerKind::Postgresql,
            "mysql" | "mariadb" => ServerKind::Mysql,
            _ => {
                let known = ["sqlite", "postgresql", "mysql", "mariadb"];
                let hint = suggest::hint(&scheme, known, &sqlite);
                self.report.problem(url.span, format!("`{scheme}` is not a kind of connection"), hint);
                return None;
            }
        };
        let connect_timeout = self.timeout(table.connect_timeout_seconds.as_ref(), CONNECT_TIMEOUT_SECONDS);
        let statement_timeout = self.timeout(table.statement_timeout_seconds.as_ref(), STATEMENT_TIMEOUT_SECONDS);
        let mut read = server_url::read(kind, &url.value)
            .map_err(|(message, hint)| self.report.problem(url.span, message, hint))
            .ok()?;
        if let Some((message, hint)) = read.warning.take() {
            self.report.warning(url.span, message, hint);
        }
        Some(ConnectionPlace::Server(Box::new(ServerSpec {
            kind,
            address: read.address,
            user: read.user,
            password: password.map_or(Some(None), |password| password.map(Some))?,
            database: read.database,
            tls: read.tls,
            authorities: read.authorities.map(|path| self.folder.join(path)),
            connect_timeout,
            statement_timeout,
        })))
    }

    fn timeout(&mut self, seconds: Option<&Placed<u32>>, default: u32) -> Duration {
        let Some(seconds) = seconds else { return Duration::from_secs(default.into()) };
        if !(1..=LONGEST_TIMEOUT_SECONDS).contains(&seconds.value) {
            let hint = format!("write a number of seconds from 1 to {LONGEST_TIMEOUT_SECONDS}, such as {default}");
            self.report.problem(seconds.span, format!("{} is no time-out", seconds.value), hint);
        }
        Duration::from_secs(seconds.value.into())
    }

    /// The file of a SQLite database.
    fn file(&mut self, url: &Placed<String>, rest: &str, table: &ConnectionFile) -> Option<PathBuf> {
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() || path == ":memory:" {
            let hint = "write `sqlite:PATH`; relative paths start at this file's folder".to_owned();
            self.report.problem(url.span, "the URL names no file", hint);
            return None;
        }
        if path.contains('?') {
            let hint = "take out what follows `?`: sources are always opened read-only".to_owned();
            self.report.problem(url.span, "the URL has parameters", hint);
            return None;
        }
        if let Some(password) = &table.password {
            self.report.problem(password.span, "a database in a file has no password", "take it out".to_owned());
        }
        for timeout in [&table.connect_timeout_seconds, &table.statement_timeout_seconds].into_iter().flatten() {
            self.report.problem(timeout.span, "a database in a file has no time-outs", "take it out".to_owned());
        }
        Some(self.folder.join(path))
    }
}
