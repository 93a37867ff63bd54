//! A database server as a connection of `purposed.toml` describes it. How it is spoken to is known to
//! `source`; no secret itself is held here.

use std::path::PathBuf;
use std::time::Duration;

/// The language that a database server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerKind {
    /// PostgreSQL and what speaks its protocol.
    Postgresql,
    /// MySQL and MariaDB.
    Mysql,
}

/// Where a database server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAddress {
    /// A host name or address, and a port.
    Tcp {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket of this machine.
    Socket {
        /// The socket's file for MySQL; for PostgreSQL the folder that it lies in.
        path: PathBuf,
        /// The port, which names PostgreSQL's file in that folder.
        port: u16,
    },
}

/// How the conversation with a database server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerTls {
    /// Not at all.
    Off,
    /// TLS where the server offers it; its certificate is not verified.
    IfOffered,
    /// TLS; the certificate is not verified.
    Unverified,
    /// TLS; the certificate must be signed by a trusted authority.
    Authority,
    /// TLS; the certificate must be signed by a trusted authority, and for this very host.
    Full,
}

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A systemd credential, by its name.
    Credential(String),
    /// A file, by its absolute path.
    File(PathBuf),
}

/// A database server, and the role that reads from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSpec {
    /// Its language.
    pub kind: ServerKind,
    /// Where it listens.
    pub address: ServerAddress,
    /// The role to log in as.
    pub user: String,
    /// Where the role's password lies, if it needs one.
    pub password: Option<SecretSource>,
    /// The database.
    pub database: String,
    /// How the conversation is protected.
    pub tls: ServerTls,
    /// A file with the certificates of trusted authorities, in place of the system's.
    pub authorities: Option<PathBuf>,
    /// How long a connection may take to be ready.
    pub connect_timeout: Duration,
    /// How long one statement may take, its rows fetched.
    pub statement_timeout: Duration,
}
