//! What belongs to this server rather than to the organisation: where it keeps its state, how its letters
//! leave, and where its secrets lie. No secret itself is held here.

pub use crate::domain::register::SecretSource;

use crate::domain::name::SiteName;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of one server, all paths absolute.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of `purposed.toml`, from which relative paths start.
    pub folder: PathBuf,
    /// The folder of the database and the evidence.
    pub state: PathBuf,
    /// The site whose datasets this server scans, beside those without one; all datasets without it.
    pub site: Option<SiteName>,
    /// The address that the daemon listens on.
    pub listen: SocketAddr,
    /// How many datasets are scanned at the same time. A scan uses all cores already.
    pub scans_at_once: u16,
    /// Where the key of digests lies; `digest.key` beside the state without it.
    pub digest_key: Option<SecretSource>,
    /// How letters leave. Always there after [`crate::config::load()`]: without `[mail]`, into a maildir
    /// beside the state.
    pub mail: Option<MailSettings>,
    /// A folder with the administrator's own templates of letters.
    pub letter_templates: Option<PathBuf>,
}

impl Settings {
    /// The folder of the state where neither the configuration nor the service manager names one.
    pub const DEFAULT_STATE: &'static str = "/var/lib/purposed";
}

/// How letters leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The sender: a mailbox that can be parsed, such as `Privacy Office <privacy@example.co.jp>`.
    pub from: String,
    /// The way out.
    pub transport: MailTransport,
    /// Where messages that could not be delivered come back to.
    pub bounces: Option<BounceSettings>,
}

/// Where messages that could not be delivered come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceSettings {
    /// The address: what follows `+` in it names the letter.
    pub address: String,
    /// The mailbox that the address fills. It is only read.
    pub mailbox: BounceMailbox,
}

/// A mailbox in the file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BounceMailbox {
    /// A folder in the maildir format.
    Maildir(PathBuf),
    /// A file in the mbox format.
    Mbox(PathBuf),
}

impl MailTransport {
    /// The longest that an attempt to deliver one letter may take where nothing is written.
    pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_mins(10);
}

/// The way that letters take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTransport {
    /// Into a folder in the maildir format.
    Maildir {
        /// The folder.
        path: PathBuf,
    },
    /// To a mail server.
    Smtp {
        /// Its host name or address.
        host: String,
        /// Its port.
        port: u16,
        /// How the conversation is protected.
        tls: Tls,
        /// The user to log in as.
        user: Option<String>,
        /// The password to log in with; present when `user` is.
        password: Option<SecretSource>,
        /// How long an attempt to deliver one letter may take.
        time_limit: Duration,
    },
    /// To a program that takes a message on its standard input, as sendmail does.
    Sendmail {
        /// The program.
        command: PathBuf,
    },
}

/// How an SMTP conversation is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Begins in the clear and must be upgraded: port 587.
    #[default]
    Starttls,
    /// TLS from the first byte: port 465.
    Tls,
    /// No protection: this machine only.
    None,
}
