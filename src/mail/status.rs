//! What a refusal for good says about the mailbox it was given for (RFC 3463, RFC 5321). Not every code that begins
//! with 5 speaks of the recipient: some speak of the sender, of the network between, or of somebody's rules.

/// An enhanced status code such as `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) class: u16,
    pub(super) subject: u16,
    pub(super) detail: u16,
}

impl Status {
    /// The code that this text is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|part| {
            let is_number = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse::<u16>().ok() } else { None }
        });
        let status = Self { class: numbers.next()??, subject: numbers.next()??, detail: numbers.next()?? };
        (numbers.next().is_none() && matches!(status.class, 2 | 4 | 5)).then_some(status)
    }

    /// The code that a reply's text begins with. The rest may quote an address.
    pub(super) fn at_start(text: &str) -> Option<Self> {
        Self::parse(text.split_whitespace().next()?)
    }

    /// Whether the code proves that nobody reads what is sent to this address. What is no proof:
    ///
    /// - `5.1.7`, `5.1.8`: the *sender's* address is bad;
    /// - `5.2.2`: the mailbox is full, which its owner can change;
    /// - `5.3.x`: the system as a whole, such as one without space;
    /// - `5.4.x`: routing. `5.4.4` is what Postfix says when a name server has no answer;
    /// - `5.6.x`: the form of this very message;
    /// - `5.7.x`: rules, such as a relay that lets nobody in, a list of bad senders, or greylisting that speaks too
    ///   strongly. But `5.7.17` and `5.7.18` (RFC 7293) say that the mailbox has another owner now.
    /// - `5.0.x`, `5.5.x`: anything at all. `5.0.0` is what Postfix makes of a reply without a code.
    pub(super) const fn is_proof(self) -> bool {
        matches!(self.subject, 1 | 2 | 7) && self.is_final()
    }

    /// Whether the code refuses for good, for a reason that will not pass. Where the recipient has just been named, even
    /// one that says nothing more is about the recipient.
    const fn is_final(self) -> bool {
        self.class == 5
            && match (self.subject, self.detail) {
                (1, 7 | 8) | (2, 2) | (3 | 4 | 6, _) => false,
                (7, detail) => matches!(detail, 17 | 18),
                _ => true,
            }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Whether a reply refuses for good what it answers, for a reason that will not pass. A plain 552 is a full mailbox.
pub(super) fn is_final(reply: u16, enhanced: Option<Status>) -> bool {
    (500..600).contains(&reply) && enhanced.map_or(reply != 552, Status::is_final)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_speak_of_the_mailbox_are_told_from_those_that_do_not() {
        let proof = |code: &str| Status::parse(code).unwrap().is_proof();
        for code in ["5.1.0", "5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.7.17"] {
            assert!(proof(code), "{code}");
        }
        for code in ["5.0.0", "5.5.0"] {
            assert!(!proof(code) && is_final(550, Status::parse(code)), "{code}");
        }
        for code in ["4.1.1", "5.1.8", "5.2.2", "5.3.4", "5.4.1", "5.4.4", "5.6.1", "5.7.1", "5.7.26", "2.1.5"] {
            assert!(!proof(code), "{code}");
        }
        assert!(is_final(550, None) && is_final(554, None));
        assert!(!is_final(552, None) && !is_final(450, None) && !is_final(550, Status::parse("5.7.1")));
    }

    #[test]
    fn what_is_no_code_is_not_read_as_one() {
        for text in ["", "5.1", "5.1.1.1", "3.1.1", "5.1.1234", "5.a.1", "+5.1.1", "5.1.１", "5..1"] {
            assert_eq!(Status::parse(text), None, "{text}");
        }
        assert_eq!(Status::at_start("5.1.1 <canary@example.net> unknown").unwrap().to_string(), "5.1.1");
        assert_eq!(Status::at_start("<canary@example.net> 5.1.1"), None);
    }
}
