//! Delivery to a mail server. Every message has a connection and an envelope of its own: a refused recipient costs
//! nobody else their letter, and a connection that was given up is never used again.
//!
//! The conversation is led step by step rather than through lettre's own transport, because what a failure means
//! depends on where it happened: before the final dot nothing was delivered, after it nobody knows.

mod probe;

use super::MailError;
use super::status::{Status, is_final};
use crate::config::Tls;
use crate::domain::letter::Delivery;
use crate::secret::Secret;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// How long a delivery may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// To connect.
    pub connect: Duration,
    /// Until the server is ready for the message, connecting included. Servers may greet slowly on purpose.
    pub ready: Duration,
    /// For the whole attempt. Servers may examine a message for minutes before they answer its final dot.
    pub whole: Duration,
    /// For the farewell, which changes nothing any more.
    pub farewell: Duration,
}

impl TimeLimits {
    /// The limits of an attempt that may take so long as a whole.
    #[must_use]
    pub fn of(whole: Duration) -> Self {
        let ready = Duration::from_mins(2).min(whole / 2);
        let (connect, farewell) = (Duration::from_secs(30).min(ready), Duration::from_secs(5).min(ready));
        Self { connect, ready, whole, farewell }
    }
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self::of(Duration::from_mins(10))
    }
}

/// A mail server that letters are handed to.
pub(super) struct Server {
    host: String,
    port: u16,
    protection: Option<(Tls, TlsParameters)>,
    credentials: Option<Credentials>,
    limits: TimeLimits,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// A step of the conversation, for the words of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greeting,
    Tls,
    Login,
    Sender,
    Recipient,
    Data,
    Message,
}

impl Step {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "the greeting",
            Self::Tls => "starting TLS",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Data => "the announcement of the message",
            Self::Message => "the message",
        }
    }

    /// Whether a failure here says nothing of the recipient. The sender is the same for all letters.
    const fn is_before_the_recipient(self) -> bool {
        matches!(self, Self::Greeting | Self::Tls | Self::Login | Self::Sender)
    }
}

/// What went wrong, and where.
struct Failure {
    step: Step,
    error: SmtpError,
}

impl Server {
    pub(super) fn new(
        host: &str,
        port: u16,
        tls: Tls,
        login: Option<(String, Secret)>,
        limits: TimeLimits,
        authority: Option<&[u8]>,
    ) -> Result<Self, MailError> {
        let protection = match tls {
            Tls::None if !is_this_machine(host) => return Err(MailError::Unprotected),
            Tls::None => None,
            Tls::Starttls | Tls::Tls => Some((tls, tls_parameters(host, authority)?)),
        };
        let credentials = login.map(|(user, password)| Credentials::new(user, password.reveal().to_owned()));
        Ok(Self { host: host.to_owned(), port, protection, credentials, limits })
    }

    pub(super) async fn deliver(&self, sender: &Address, recipient: &Address, message: &[u8]) -> Delivery {
        let at_recipient = AtomicBool::new(false);
        let attempt = async {
            let prepared = timeout(self.limits.ready, self.prepare(sender, recipient, &at_recipient)).await;
            let mut connection = match prepared {
                Err(_) => return Ok(too_slow(at_recipient.load(Ordering::Relaxed))),
                Ok(outcome) => outcome.map_err(|failure| failure.delivery())?,
            };
            let sent = connection.message(message).await;
            if sent.is_ok() {
                let _ = timeout(self.limits.farewell, connection.quit()).await;
            }
            sent.map(|_| Delivery::Accepted).map_err(|error| Failure { step: Step::Message, error }.delivery())
        };
        match timeout(self.limits.whole, attempt).await {
            Ok(Ok(delivery) | Err(delivery)) => delivery,
            // `ready` is over long before: the message was on its way.
            Err(_) => Delivery::Unknown("the mail server did not confirm the message in time".to_owned()),
        }
    }

    /// Everything up to the point where the server waits for the message.
    async fn prepare(
        &self,
        sender: &Address,
        recipient: &Address,
        at_recipient: &AtomicBool,
    ) -> Result<AsyncSmtpConnection, Failure> {
        let at = |step: Step| move |error: SmtpError| Failure { step, error };
        let mut connection = self.connect().await?;
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await.map_err(at(Step::Login))?;
        }
        // The message itself is plain ASCII; an address may not be.
        let international = !(AsRef::<str>::as_ref(sender).is_ascii() && AsRef::<str>::as_ref(recipient).is_ascii());
        let parameters = if international && connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            vec![MailParameter::SmtpUtfEight]
        } else {
            Vec::new()
        };
        connection.command(Mail::new(Some(sender.clone()), parameters)).await.map_err(at(Step::Sender))?;
        at_recipient.store(true, Ordering::Relaxed);
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).await.map_err(at(Step::Recipient))?;
        connection.command(Data).await.map_err(at(Step::Data))?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::default();
        let implicit = match &self.protection {
            Some((Tls::Tls, parameters)) => Some(parameters.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.limits.connect), &hello, implicit, None)
                .await
                .map_err(|error| {
                    let tls = matches!(self.protection, Some((Tls::Tls, _))) && is_about_tls(&error);
                    Failure { step: if tls { Step::Tls } else { Step::Greeting }, error }
                })?;
        if let Some((Tls::Starttls, parameters)) = &self.protection {
            connection
                .starttls(parameters.clone(), &hello)
                .await
                .map_err(|error| Failure { step: Step::Tls, error })?;
        }
        Ok(connection)
    }
}

impl Failure {
    /// What the failure means for the letter.
    fn delivery(&self) -> Delivery {
        let Self { step, error } = self;
        let place = step.as_str();
        if let Some(code) = error.status() {
            let enhanced = error.source().and_then(|text| Status::at_start(&text.to_string()));
            let reply = enhanced.map_or_else(|| code.to_string(), |enhanced| format!("{code} {enhanced}"));
            let number = u16::from(code);
            // 530, 534, 535 and 538 speak of the login wherever they come.
            let login = matches!(number, 530 | 534 | 535 | 538);
            let text = format!("the mail server refused {place} with {reply}");
            return if step.is_before_the_recipient() || login {
                Delivery::Unavailable(text)
            } else if is_final(number, enhanced) {
                // Once the recipient was accepted, a refusal is of the letter, unless it says otherwise.
                let is_of_recipient = *step == Step::Recipient || enhanced.is_some_and(Status::is_proof);
                if is_of_recipient { Delivery::Permanent(text) } else { Delivery::Rejected(text) }
            } else {
                Delivery::Transient(text)
            };
        }
        if *step == Step::Message {
            return Delivery::Unknown("the connection broke before the message was confirmed".to_owned());
        }
        let what = if *step == Step::Tls && error.is_client() {
            "the mail server does not offer STARTTLS"
        } else if *step == Step::Tls && is_about_tls(error) {
            "TLS could not be agreed on: the mail server's certificate is not trusted here, or is not for this host"
        } else if *step == Step::Login && error.is_client() {
            "the mail server offers no login that we know (PLAIN, LOGIN)"
        } else if *step == Step::Greeting {
            "the mail server could not be reached or did not greet"
        } else if *step == Step::Sender {
            "the connection broke at the sender"
        } else {
            return Delivery::Transient(format!("the connection broke at {place}"));
        };
        Delivery::Unavailable(what.to_owned())
    }
}

/// The outcome of a conversation that did not come to the message in time.
fn too_slow(at_recipient: bool) -> Delivery {
    let text = "the mail server did not answer in time".to_owned();
    if at_recipient { Delivery::Transient(text) } else { Delivery::Unavailable(text) }
}

/// Whether a failure lies in TLS itself (rustls reports it as invalid data) rather than in the connection.
fn is_about_tls(error: &SmtpError) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        source = cause.source();
    }
    error.is_tls()
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn tls_parameters(host: &str, authority: Option<&[u8]>) -> Result<TlsParameters, MailError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = authority {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|_| MailError::Tls)?);
    }
    builder.build_rustls().map_err(|_| MailError::Tls)
}
