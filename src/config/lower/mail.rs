//! How letters leave this server, and where those that could not be delivered come back to.

use super::server::{ServerLowering, is_loopback};
use crate::config::file::{BouncesFile, MailFile, Placed, SmtpFile};
use crate::config::settings::{BounceMailbox, BounceSettings, MailSettings, MailTransport, Tls};
use crate::config::text::Span;
use lettre::Address;
use std::path::PathBuf;
use std::time::Duration;

/// A local part has at most 64 octets; `+`, a number of up to 19 digits, a full stop and a code of 16 are added.
const LONGEST_BOUNCE_USER: usize = 64 - 1 - 19 - 1 - 16;

impl ServerLowering<'_> {
    pub(super) fn mail(&mut self, mail: &Placed<MailFile>) -> Option<MailSettings> {
        if mail.from.is_none() {
            let hint = "write `from = \"Privacy Office <privacy-office@example.co.jp>\"`".to_owned();
            self.report.missing(&[mail.span], "from", "`[mail]` has no `from`", hint);
        }
        let ways = [
            mail.maildir.as_ref().map(|way| way.span),
            mail.smtp.as_ref().map(|way| way.span),
            mail.sendmail.as_ref().map(|way| way.span),
        ];
        let mut given: Vec<Span> = ways.into_iter().flatten().collect();
        given.sort_unstable();
        for second in given.iter().skip(1) {
            let hint = "keep one of `[mail.maildir]`, `[mail.smtp]` and `[mail.sendmail]`".to_owned();
            self.report.problem(*second, "letters can leave one way only", hint);
        }
        if given.is_empty()
            && !["maildir", "smtp", "sendmail"].iter().any(|key| self.report.was_removed(mail.span, key))
        {
            let hint = "add `[mail.smtp]`, `[mail.sendmail]` or `[mail.maildir]`".to_owned();
            self.report.warning(
                mail.span,
                "no way out: letters stay in the maildir `letters` in the state folder",
                hint,
            );
        }
        let maildir = mail.maildir.as_ref().and_then(|maildir| {
            if maildir.path.is_none() {
                let hint = "write `path = \"outbox\"`".to_owned();
                self.report.missing(&[maildir.span], "path", "`[mail.maildir]` has no `path`", hint);
            }
            maildir.path.as_ref().map(|path| MailTransport::Maildir { path: self.path(path) })
        });
        let smtp = mail.smtp.as_ref().and_then(|smtp| self.smtp(smtp));
        let sendmail = mail.sendmail.as_ref().map(|sendmail| MailTransport::Sendmail {
            command: sendmail
                .command
                .as_ref()
                .map_or_else(|| "/usr/sbin/sendmail".into(), |command| self.path(command)),
        });
        let transport = maildir.or(smtp).or(sendmail).unwrap_or(MailTransport::Maildir { path: PathBuf::new() });
        let bounces = mail.bounces.as_ref().and_then(|bounces| self.bounces(bounces));
        Some(MailSettings { from: mail.from.as_ref()?.value.0.clone(), transport, bounces })
    }

    fn smtp(&mut self, smtp: &Placed<SmtpFile>) -> Option<MailTransport> {
        let tls = smtp.tls.as_ref().map_or(Tls::default(), |tls| tls.value);
        if smtp.host.is_none() {
            let hint = "write `host = \"mail.example.co.jp\"`".to_owned();
            self.report.missing(&[smtp.span], "host", "`[mail.smtp]` has no `host`", hint);
        }
        if let (Some(host), Some(given)) = (&smtp.host, &smtp.tls)
            && tls == Tls::None
            && !is_loopback(&host.value)
        {
            let message = format!("letters to `{}` would travel in the clear", host.value);
            self.report.problem(
                given.span,
                message,
                "use `starttls` or `tls`; `none` is for this machine itself".to_owned(),
            );
        }
        let password = smtp.password.as_ref().and_then(|password| self.secret(password, "password"));
        match (&smtp.user, &smtp.password) {
            (Some(user), None) if !self.report.was_removed(smtp.span, "password") => {
                let hint = "write `password = { credential = \"smtp\" }`".to_owned();
                self.report.problem(user.span, "`user` has no `password`", hint);
            }
            (None, Some(password)) if !self.report.was_removed(smtp.span, "user") => {
                self.report.problem(password.span, "`password` has no `user`", "write `user = \"name\"`".to_owned());
            }
            _ => {}
        }
        let default_port = match tls {
            Tls::Starttls => 587,
            Tls::Tls => 465,
            Tls::None => 25,
        };
        Some(MailTransport::Smtp {
            host: smtp.host.as_ref()?.value.clone(),
            port: smtp.port.as_ref().map_or(default_port, |port| port.value),
            tls,
            user: smtp.user.as_ref().map(|user| user.value.clone()),
            password,
            time_limit: self.time_limit(smtp.time_limit_seconds.as_ref()),
        })
    }

    fn time_limit(&mut self, seconds: Option<&Placed<u32>>) -> Duration {
        let Some(seconds) = seconds else { return MailTransport::DEFAULT_TIME_LIMIT };
        if !(2..=3600).contains(&seconds.value) {
            let message = format!("a time limit of {} seconds cannot be kept", seconds.value);
            self.report.problem(seconds.span, message, "write 2 to 3600; 600 is the default".to_owned());
        }
        Duration::from_secs(u64::from(seconds.value))
    }

    fn bounces(&mut self, bounces: &Placed<BouncesFile>) -> Option<BounceSettings> {
        let address = bounces.address.as_ref().map(|address| self.bounce_address(address));
        if address.is_none() && !self.report.was_removed(bounces.span, "address") {
            let hint = "write `address = \"bounces@example.co.jp\"`".to_owned();
            self.report.missing(&[bounces.span], "address", "`[mail.bounces]` has no `address`", hint);
        }
        let mailbox = match (&bounces.maildir, &bounces.mbox) {
            (Some(maildir), None) => Some(BounceMailbox::Maildir(self.path(maildir))),
            (None, Some(mbox)) => Some(BounceMailbox::Mbox(self.path(mbox))),
            (Some(_), Some(mbox)) => {
                let hint = "keep the one that the mail server fills".to_owned();
                self.report.problem(mbox.span, "returned messages lie in one mailbox only", hint);
                None
            }
            (None, None) => {
                if !["maildir", "mbox"].iter().any(|key| self.report.was_removed(bounces.span, key)) {
                    let hint = "write `maildir = \"/path\"` or `mbox = \"/path\"`".to_owned();
                    let message = "`[mail.bounces]` does not say where returned messages lie";
                    self.report.missing(&[bounces.span], "maildir", message, hint);
                }
                None
            }
        };
        Some(BounceSettings { address: address??, mailbox: mailbox? })
    }

    /// The address that returned messages go to. Its local part grows by `+`, the number of a letter and a code.
    fn bounce_address(&mut self, address: &Placed<String>) -> Option<String> {
        let hint = || "write an address of its own, such as `bounces@example.co.jp`".to_owned();
        let Ok(parsed) = address.value.parse::<Address>() else {
            self.report.problem(address.span, format!("`{}` is not a mail address", address.value), hint());
            return None;
        };
        let user = parsed.user();
        if user.len() > LONGEST_BOUNCE_USER || !user.is_ascii() || user.starts_with('"') {
            let message = format!(
                "what stands before the @ must be plain ASCII of at most {LONGEST_BOUNCE_USER} characters: a letter's \
                 number and a code are added to it"
            );
            self.report.problem(address.span, message, hint());
            return None;
        }
        Some(address.value.clone())
    }
}
