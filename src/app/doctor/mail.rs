//! The way of letters, gone as far as one can without sending any.

use super::{Check, Subject};
use crate::app::deliver::transport;
use crate::app::picture::letters_stay_here;
use crate::config::{MailTransport, Tls};

const ABOUT: &str = "mail";

pub(super) fn look(subject: &Subject<'_>) -> Vec<Check> {
    let Some(settings) = &subject.loaded.settings.mail else { return vec![nobody()] };
    let mut checks = vec![Check::ok(ABOUT, format!("letters are from {}", settings.from))];
    if letters_stay_here(subject.loaded) {
        checks.push(nobody());
    }
    let transport = match transport(settings, subject.environment) {
        Ok(transport) => transport,
        Err(error) => {
            checks.push(unusable(&error.to_string()));
            return checks;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let probed = match runtime {
        Ok(runtime) => runtime.block_on(transport.probe()),
        Err(error) => Err(format!("no network can be used: {error}")),
    };
    checks.push(match probed {
        Ok(()) => Check::ok(ABOUT, reached(&settings.transport)),
        Err(why) => Check::failed(ABOUT, format!("{}: {why}", way(&settings.transport)), hint(&settings.transport)),
    });
    checks
}

fn nobody() -> Check {
    let what = "nobody gets a letter: they stay in a maildir beside the state";
    Check::warning(ABOUT, what, "add `[mail.smtp]` with `host`")
}

/// A credential that only the service has is no fault.
fn unusable(error: &str) -> Check {
    let hint =
        "run it as the service does: `systemd-run --pipe -p User=purposed -p LoadCredential=... purposed doctor`";
    Check::warning(ABOUT, format!("the way of letters was not tried: {error}"), hint)
}

fn way(transport: &MailTransport) -> String {
    match transport {
        MailTransport::Maildir { path } => format!("the maildir `{}`", path.display()),
        MailTransport::Sendmail { command } => format!("the program `{}`", command.display()),
        MailTransport::Smtp { host, port, .. } => format!("the mail server `{host}:{port}`"),
    }
}

fn reached(transport: &MailTransport) -> String {
    let way = way(transport);
    match transport {
        MailTransport::Maildir { .. } => format!("{way} can be written"),
        MailTransport::Sendmail { .. } => format!("{way} can be started"),
        MailTransport::Smtp { tls, user, .. } => {
            let protection = match tls {
                Tls::Starttls => " with STARTTLS",
                Tls::Tls => " with TLS",
                Tls::None => " on this machine",
            };
            let login = if user.is_some() { ", and the login is accepted" } else { ", without a login" };
            format!("{way} answers{protection}{login}")
        }
    }
}

const fn hint(transport: &MailTransport) -> &'static str {
    match transport {
        MailTransport::Maildir { .. } => "let the service's user write there",
        MailTransport::Sendmail { .. } => "name the right program, or use `[mail.smtp]`",
        MailTransport::Smtp { .. } => "see host, port, `tls`, user and password under `[mail.smtp]`, and the firewall",
    }
}
