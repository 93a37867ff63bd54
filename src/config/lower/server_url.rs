//! Takes the URL of a database server apart. Nothing of the URL is told in a problem, since it may hold a
//! password in a place where nobody expects one.

use super::server::is_loopback;
use crate::config::suggest;
use crate::domain::register::{ServerAddress, ServerKind, ServerTls};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::path::PathBuf;
use url::Url;

/// A message and a hint.
type Told = (String, String);

/// What a server's URL says.
#[derive(Debug)]
pub struct ServerUrl {
    /// Where the server listens.
    pub address: ServerAddress,
    /// The role.
    pub user: String,
    /// The database.
    pub database: String,
    /// How the conversation is protected.
    pub tls: ServerTls,
    /// A file with the certificates of trusted authorities, as written.
    pub authorities: Option<PathBuf>,
    /// What is allowed and yet probably not meant.
    pub warning: Option<Told>,
}

/// The parameters that a URL may have, by the names that the servers' own clients know.
const PARAMETERS: [&str; 7] = ["host", "user", "socket", "sslmode", "ssl-mode", "sslrootcert", "ssl-ca"];

/// Reads the URL of a server of this kind.
pub fn read(kind: ServerKind, text: &str) -> Result<ServerUrl, Told> {
    let form = form(kind);
    let url = Url::parse(text).map_err(|_| ("the URL cannot be read".to_owned(), form.clone()))?;
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        if !PARAMETERS.contains(&name.as_ref()) {
            let message = "the URL has a parameter that is not known".to_owned();
            return Err((message, format!("known: {}", suggest::list(PARAMETERS))));
        }
        if parameters.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            return Err(said_twice(&name));
        }
    }
    let mut parameter = |names: &[&str]| names.iter().find_map(|name| parameters.remove(*name));
    let user = Some(decoded(url.username())).filter(|user| !user.is_empty()).or_else(|| parameter(&["user"]));
    let user = user.ok_or_else(|| ("the URL names no role to log in as".to_owned(), form.clone()))?;
    let database = decoded(url.path().trim_start_matches('/'));
    if database.is_empty() {
        return Err(("the URL names no database".to_owned(), form));
    }
    let socket = parameter(&["socket"]);
    let host = url.host_str().map(decoded).filter(|host| !host.is_empty()).or_else(|| parameter(&["host"]));
    if socket.is_some() && host.as_ref().is_some_and(|host| !is_loopback(host)) {
        let hint = "a socket is on this machine: take `socket` or the host out".to_owned();
        return Err(("the URL names a host and a socket".to_owned(), hint));
    }
    let address = address(kind, &url, host, socket).ok_or(("the URL names no host".to_owned(), form))?;
    let given = parameter(&["sslmode", "ssl-mode"]);
    let authorities = parameter(&["sslrootcert", "ssl-ca"]).map(PathBuf::from);
    // What is left was said before the path already, or by another name of the same parameter.
    if let Some(name) = parameters.keys().next() {
        return Err(said_twice(name));
    }
    let (tls, warning) = tls(given.as_deref(), &address)?;
    Ok(ServerUrl { address, user, database, tls, authorities, warning })
}

/// A parameter, one of those that are known, says again what the URL has said.
fn said_twice(parameter: &str) -> Told {
    (format!("the URL's `{parameter}` says something a second time"), "keep the one that is meant".to_owned())
}

/// How a URL of this kind is written.
fn form(kind: ServerKind) -> String {
    let scheme = match kind {
        ServerKind::Postgresql => "postgresql",
        ServerKind::Mysql => "mysql",
    };
    format!("write `{scheme}://USER@HOST/DATABASE`")
}

/// Where the server listens. A host that is a path is a Unix socket, as PostgreSQL's own clients read it.
fn address(kind: ServerKind, url: &Url, host: Option<String>, socket: Option<String>) -> Option<ServerAddress> {
    let default_port = match kind {
        ServerKind::Postgresql => 5432,
        ServerKind::Mysql => 3306,
    };
    let port = url.port().unwrap_or(default_port);
    if let Some(path) = socket.or_else(|| host.clone().filter(|host| host.starts_with('/'))) {
        return Some(ServerAddress::Socket { path: PathBuf::from(path), port });
    }
    let host = host?.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(ServerAddress::Tcp { host, port })
}

/// How the conversation is protected. This machine itself is trusted without a word; others are verified.
fn tls(given: Option<&str>, address: &ServerAddress) -> Result<(ServerTls, Option<Told>), Told> {
    let is_local = match address {
        ServerAddress::Socket { .. } => true,
        ServerAddress::Tcp { host, .. } => is_loopback(host),
    };
    let Some(given) = given else {
        return Ok((if is_local { ServerTls::IfOffered } else { ServerTls::Full }, None));
    };
    let tls = match given.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" => ServerTls::Off,
        "prefer" | "preferred" => ServerTls::IfOffered,
        "require" | "required" => ServerTls::Unverified,
        "verify-ca" => ServerTls::Authority,
        "verify-full" | "verify-identity" => ServerTls::Full,
        _ => {
            let hint = "write `verify-full`, `verify-ca`, `require`, `prefer` or `disable`".to_owned();
            return Err(("the URL's `sslmode` is not known".to_owned(), hint));
        }
    };
    let hint = || "use `sslmode=verify-full`, with `sslrootcert=FILE` for an authority of your own".to_owned();
    let warning = match tls {
        ServerTls::Off | ServerTls::IfOffered if !is_local => {
            Some(("what is read from this server may travel in the clear".to_owned(), hint()))
        }
        ServerTls::Unverified if !is_local => {
            Some(("whether this is the right server is not verified".to_owned(), hint()))
        }
        _ => None,
    };
    Ok((tls, warning))
}

/// Whether what follows a scheme holds a password: before the host, or among the parameters.
pub fn has_password(rest: &str) -> bool {
    let authority = rest.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    let before_host = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters);
    let is_secret = |name: &str| matches!(name.to_ascii_lowercase().as_str(), "password" | "passwd" | "pwd");
    before_host || parameters.split('&').any(|parameter| is_secret(parameter.split('=').next().unwrap_or_default()))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ServerUrl {
        let kind = if text.starts_with("postgres") { ServerKind::Postgresql } else { ServerKind::Mysql };
        super::read(kind, text).unwrap()
    }

    fn tcp(host: &str, port: u16) -> ServerAddress {
        ServerAddress::Tcp { host: host.to_owned(), port }
    }

    #[test]
    fn a_url_is_taken_apart() {
        let url = read("postgresql://read%20only@db.example.co.jp/crm");
        assert_eq!((url.address, url.user.as_str()), (tcp("db.example.co.jp", 5432), "read only"));
        assert_eq!((url.database.as_str(), url.tls, url.warning), ("crm", ServerTls::Full, None));
        let url = read("mariadb://u@[::1]:3307/%E9%A1%A7%E5%AE%A2?ssl-ca=ca.pem");
        assert_eq!((url.address, url.database.as_str()), (tcp("::1", 3307), "顧客"));
        assert_eq!((url.tls, url.authorities), (ServerTls::IfOffered, Some("ca.pem".into())));
    }

    #[test]
    fn unix_sockets_have_their_clients_own_forms() {
        let socket = |path: &str, port| ServerAddress::Socket { path: path.into(), port };
        let url = read("postgresql:///crm?host=/run/postgresql&user=u");
        assert_eq!((url.address, url.user.as_str()), (socket("/run/postgresql", 5432), "u"));
        assert_eq!(read("postgresql://u@%2Frun%2Fpg:5433/crm").address, socket("/run/pg", 5433));
        assert_eq!(read("mysql://u@localhost/crm?socket=/run/m.sock").address, socket("/run/m.sock", 3306));
    }

    #[test]
    fn other_machines_are_verified_unless_said_otherwise_and_that_is_told() {
        for (mode, tls) in [
            ("disable", ServerTls::Off),
            ("PREFERRED", ServerTls::IfOffered),
            ("require", ServerTls::Unverified),
            ("VERIFY_CA", ServerTls::Authority),
            ("verify-full", ServerTls::Full),
        ] {
            let far = read(&format!("mysql://u@db.example.co.jp/crm?ssl-mode={mode}"));
            assert_eq!(far.tls, tls);
            assert_eq!(far.warning.is_some(), !matches!(tls, ServerTls::Authority | ServerTls::Full), "{mode}");
            assert!(read(&format!("mysql://u@127.0.0.1/crm?ssl-mode={mode}")).warning.is_none());
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_told_without_the_url() {
        for (url, message) in [
            ("postgresql://db/crm", "the URL names no role to log in as"),
            ("postgresql://u@db", "the URL names no database"),
            ("postgresql:///crm?user=u", "the URL names no host"),
            ("postgresql://u@db/crm?sslmode=maybe", "the URL's `sslmode` is not known"),
            ("postgresql://u@db/crm?target=x", "the URL has a parameter that is not known"),
            ("postgresql://u@db:port/crm", "the URL cannot be read"),
            ("postgresql://u@db/crm?host=/run/postgresql", "the URL's `host` says something a second time"),
            ("postgresql://u@db/crm?user=v", "the URL's `user` says something a second time"),
            (
                "postgresql://u@db/crm?sslmode=prefer&sslmode=disable",
                "the URL's `sslmode` says something a second time",
            ),
            (
                "postgresql://u@db/crm?sslmode=prefer&ssl-mode=disable",
                "the URL's `ssl-mode` says something a second time",
            ),
            ("postgresql://u@db/crm?ssl-ca=a&sslrootcert=b", "the URL's `ssl-ca` says something a second time"),
            ("postgresql://u@db/crm?socket=/run/postgresql", "the URL names a host and a socket"),
        ] {
            assert_eq!(super::read(ServerKind::Postgresql, url).unwrap_err().0, message);
        }
    }
}
