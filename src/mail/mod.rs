//! Sends letters: composes the message and hands it to a mail server, to a sendmail program, or into a maildir.
//! It decides nothing about whom to tell what, and it keeps no queue: every outcome is returned, and whoever
//! holds the outbox tries again.
//!
//! No outcome carries an address or a server's own words, since replies like to quote the recipient.

pub mod bounces;
mod envelope;
mod maildir;
mod message;
mod probe;
mod sendmail;
mod smtp;
mod status;

#[cfg(test)]
mod tests;

pub use envelope::{Claim, SignedSenders};
pub use maildir::maildir_file;
pub use message::compose;
pub use smtp::TimeLimits;

use crate::config::{MailSettings, MailTransport};
use crate::domain::letter::Delivery;
use crate::secret::Secret;
use lettre::Address;
use lettre::message::Mailbox;
use std::path::PathBuf;

/// Why a message or a transport could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The sender is not a mailbox.
    #[error("the sender is not a mailbox: write it like `Privacy Office <privacy-office@example.co.jp>`")]
    Sender,
    /// The recipient is not an address.
    #[error("the recipient's address cannot be read")]
    Recipient,
    /// A message id must look like `left@right`.
    #[error("a message id must look like `left@right`, in printable ASCII without spaces")]
    MessageId,
    /// The message could not be put together.
    #[error("the message could not be put together")]
    Message,
    /// The conversation would be readable on the network.
    #[error(
        "without TLS, mail is sent to this machine only (`localhost`, `127.0.0.1`, `::1`): use `starttls` or `tls`"
    )]
    Unprotected,
    /// The certificates that TLS needs could not be used.
    #[error("TLS could not be prepared: the host name or a trusted certificate cannot be used")]
    Tls,
    /// A password without a user, or a user without a password.
    #[error("a mail server is logged in to with a user and a password: one of them is missing")]
    Login,
}

/// Delivers messages, each to one recipient.
#[derive(Debug)]
pub struct Transport {
    sender: Address,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Maildir(PathBuf),
    Smtp(smtp::Server),
    Sendmail { command: PathBuf, limits: TimeLimits },
}

impl Transport {
    /// A transport for these settings, with the password that their source holds.
    ///
    /// # Errors
    /// [`MailError`] when the sender is no mailbox, the login is half there, or mail would go unprotected beyond
    /// this machine.
    pub fn new(settings: &MailSettings, password: Option<Secret>) -> Result<Self, MailError> {
        let limits = match &settings.transport {
            MailTransport::Smtp { time_limit, .. } => TimeLimits::of(*time_limit),
            MailTransport::Maildir { .. } | MailTransport::Sendmail { .. } => TimeLimits::default(),
        };
        Self::with(settings, password, limits, None)
    }

    /// The same with other time limits, and with a certificate authority (PEM) that is trusted beside those of the
    /// machine.
    ///
    /// # Errors
    /// As [`Transport::new`], and when the authority cannot be read.
    pub fn with(
        settings: &MailSettings,
        password: Option<Secret>,
        limits: TimeLimits,
        authority: Option<&[u8]>,
    ) -> Result<Self, MailError> {
        let mailbox: Mailbox = settings.from.parse().map_err(|_| MailError::Sender)?;
        let way = match &settings.transport {
            MailTransport::Maildir { path } => Way::Maildir(path.clone()),
            MailTransport::Sendmail { command } => Way::Sendmail { command: command.clone(), limits },
            MailTransport::Smtp { host, port, tls, user, .. } => {
                let login = match (user, password) {
                    (Some(user), Some(password)) => Some((user.clone(), password)),
                    (None, None) => None,
                    _ => return Err(MailError::Login),
                };
                Way::Smtp(smtp::Server::new(host, *port, *tls, login, limits, authority)?)
            }
        };
        Ok(Self { sender: mailbox.email, way })
    }

    /// Hands a composed message over for one recipient, with an envelope sender of its own or the address of `From`.
    /// May take as long as the time limits allow; dropping the future closes the connection.
    pub async fn deliver(&self, sender: Option<&str>, to: &str, message: &[u8], message_id: &str) -> Delivery {
        let Ok(recipient) = to.parse::<Address>() else {
            return Delivery::Permanent(MailError::Recipient.to_string());
        };
        let Ok(sender) = sender.map_or_else(|| Ok(self.sender.clone()), str::parse) else {
            return Delivery::Unavailable(MailError::Sender.to_string());
        };
        match &self.way {
            Way::Maildir(path) => maildir::deliver(path, message, message_id).await,
            Way::Smtp(server) => server.deliver(&sender, &recipient, message).await,
            Way::Sendmail { command, limits } => {
                sendmail::deliver(command, &sender, &recipient, message, *limits).await
            }
        }
    }
}

/// Line endings as programs on this machine expect them.
fn local_line_endings(message: &[u8]) -> Vec<u8> {
    let mut local = Vec::with_capacity(message.len());
    let mut bytes = message.iter().peekable();
    while let Some(byte) = bytes.next() {
        if *byte != b'\r' || bytes.peek() != Some(&&b'\n') {
            local.push(*byte);
        }
    }
    local
}
