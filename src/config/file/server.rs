//! `purposed.toml`: what belongs to this server.

use super::leaf::{MailboxText, ZoneText};
use super::measure::{AtLeastOne, HoursText};
use super::placed::Placed;
use super::shape::{Names, OneOrMany, Short};
use crate::config::settings::Tls;
use schemars::JsonSchema;
use serde::Deserialize;

/// `purposed.toml`: what belongs to this server. Relative paths, here and in the register, start at the
/// folder of this file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ServerFile {
    /// The version of the configuration language: `1`. Must be there.
    pub version: Option<Placed<u32>>,
    /// The files of the register: a path or glob, or a list of them. Must be there.
    pub register: Option<OneOrMany<String>>,
    /// Folders of own presets: each file `NAME.toml` in them is the preset `NAME`, and comes before a built-in
    /// one of the same name. Default: none.
    pub presets: Option<OneOrMany<String>>,
    /// The service itself.
    pub service: Option<Placed<ServiceFile>>,
    /// How letters leave. Default: into the maildir `letters` in the state folder.
    pub mail: Option<Placed<MailFile>>,
    /// Databases that the register calls by name. A text is short for `{ url = ... }`.
    pub connections: Names<Short<ConnectionFile>>,
    /// Folders that the register calls by name. A text is short for `{ path = ... }`.
    pub roots: Names<Short<RootFile>>,
}

/// The service itself.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ServiceFile {
    /// The folder of the database and the evidence. Default: `/var/lib/purposed`.
    pub state: Option<Placed<String>>,
    /// The site of this server: it scans the datasets of this site and those without one. Default: all.
    pub site: Option<Placed<String>>,
    /// The address and port that the daemon listens on. Default: `127.0.0.1:8470`.
    pub listen: Option<Placed<String>>,
    /// How many datasets the daemon scans at the same time. One scan uses all cores already. Default: `1`.
    pub scans_at_once: Option<Placed<AtLeastOne>>,
    /// Where the key of digests lies. Default: `digest.key` beside the state, made at the first start.
    pub digest_key: Option<Placed<Short<SecretFile>>>,
}

/// Where a secret lies: exactly one of the two. A secret itself is never written into the configuration.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { credential = \"name\" }")]
pub struct SecretFile {
    /// The name of a systemd credential.
    pub credential: Option<Placed<String>>,
    /// A file that holds the secret.
    pub file: Option<Placed<String>>,
}

/// How letters leave: at most one of `maildir`, `smtp` and `sendmail`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct MailFile {
    /// The sender, such as `Privacy Office <privacy-office@example.co.jp>`. Must be there.
    pub from: Option<Placed<MailboxText>>,
    /// A folder with templates of your own, such as `ja/letter.txt.jinja`, in place of the built-in ones.
    pub templates: Option<Placed<String>>,
    /// Into a folder in the maildir format.
    pub maildir: Option<Placed<MaildirFile>>,
    /// To a mail server.
    pub smtp: Option<Placed<SmtpFile>>,
    /// To a program that takes a message on its standard input.
    pub sendmail: Option<Placed<SendmailFile>>,
    /// Where messages that could not be delivered come back to. Default: to `from`, and nobody reads them.
    pub bounces: Option<Placed<BouncesFile>>,
}

/// Where messages that could not be delivered come back to: an address of their own, and the mailbox that it fills,
/// exactly one of `maildir` and `mbox`. The mailbox is only read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct BouncesFile {
    /// The address, such as `bounces@example.co.jp`. Letters leave in the name of `bounces+NUMBER.CODE@example.co.jp`,
    /// and the mail server must deliver all of these to the mailbox. Must be there.
    pub address: Option<Placed<String>>,
    /// A folder in the maildir format.
    pub maildir: Option<Placed<String>>,
    /// A file in the mbox format.
    pub mbox: Option<Placed<String>>,
}

/// Into a folder in the maildir format.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct MaildirFile {
    /// The folder. Must be there.
    pub path: Option<Placed<String>>,
}

/// To a mail server.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SmtpFile {
    /// The host name or address. Must be there.
    pub host: Option<Placed<String>>,
    /// The port. Default: 587 for `starttls`, 465 for `tls`, 25 for `none`.
    pub port: Option<Placed<u16>>,
    /// How the conversation is protected; `none` only to this machine itself. Default: `starttls`.
    pub tls: Option<Placed<Tls>>,
    /// The user to log in as. Default: no login.
    pub user: Option<Placed<String>>,
    /// Where the password lies.
    pub password: Option<Placed<Short<SecretFile>>>,
    /// How long an attempt to deliver one letter may take, in seconds: 2 to 3600. Servers may examine a message for
    /// minutes. Default: 600.
    pub time_limit_seconds: Option<Placed<u32>>,
}

/// To a program that takes a message on its standard input.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct SendmailFile {
    /// The program. Default: `/usr/sbin/sendmail`.
    pub command: Option<Placed<String>>,
}

/// A database that the register calls by name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct ConnectionFile {
    /// `sqlite:PATH`, `postgresql://USER@HOST[:PORT]/DATABASE` or `mysql://USER@HOST[:PORT]/DATABASE` (also
    /// `mariadb:`). A Unix socket: `postgresql:///DATABASE?user=USER&host=FOLDER`,
    /// `mysql:///DATABASE?user=USER&socket=FILE`. TLS: `?sslmode=` with `verify-full` (the default, but on this machine
    /// itself), `verify-ca`, `require`, `prefer` or `disable`, and `sslrootcert=FILE` for an authority of your own. Must
    /// be there.
    pub url: Option<Placed<String>>,
    /// Where the password lies; never in the URL.
    pub password: Option<Placed<Short<SecretFile>>>,
    /// The zone of its times without one. Default: the organisation's.
    pub time_zone: Option<Placed<ZoneText>>,
    /// How many seconds a server's connection may take to be ready. Default: 10.
    pub connect_timeout_seconds: Option<Placed<u32>>,
    /// How many seconds one statement may take in a server, its rows fetched. Default: 3600.
    pub statement_timeout_seconds: Option<Placed<u32>>,
    /// Hours of the day in the organisation's zone, also over midnight, in which no scan begins by its schedule: it waits
    /// until they end. A scan by hand runs; `inspect` asks for `--anyway`. Default: none.
    pub avoid: Option<Placed<HoursText>>,
}

/// A folder that the register calls by name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct RootFile {
    /// The folder. Must be there.
    pub path: Option<Placed<String>>,
    /// Whether the folder must be the root of a mounted file system to count as reachable. Default: `false`.
    pub must_be_mount: Option<Placed<bool>>,
}
