//! Signed envelope senders: `bounces+NUMBER.CODE@example.co.jp`. A message that comes back to one tells which letter
//! it is about, and the code, which covers the letter's number and its recipient, that it was really sent by us.

use crate::domain::digest::DigestKey;

/// The letters of a code. Lower case, since some servers change the case of addresses.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The bytes of a code: 80 bits in 16 letters.
const CODE_BYTES: usize = 10;
/// The letters of a code.
const CODE_LETTERS: usize = 16;

/// Makes signed senders, and recognises them.
#[derive(Debug, Clone)]
pub struct SignedSenders {
    user: String,
    domain: String,
    key: DigestKey,
}

/// What a returned message says that it is about. Nothing of it is proven before [`SignedSenders::is_ours`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The number of the letter.
    pub letter: i64,
    code: [u8; CODE_LETTERS],
}

impl SignedSenders {
    /// Senders at this address, signed with this key; nothing where it is no address.
    #[must_use]
    pub fn new(address: &str, key: DigestKey) -> Option<Self> {
        let (user, domain) = address.rsplit_once('@')?;
        Some(Self { user: user.to_owned(), domain: domain.to_owned(), key })
    }

    /// The envelope sender of a letter to this recipient.
    #[must_use]
    pub fn sender(&self, letter: i64, recipient: &str) -> String {
        let code = self.code(letter, recipient);
        let code: String = code.iter().map(|byte| char::from(*byte)).collect();
        format!("{}+{letter}.{code}@{}", self.user, self.domain)
    }

    /// The claim in an address, if it has the form of one.
    #[must_use]
    pub fn claim(&self, address: &str) -> Option<Claim> {
        let (user, domain) = address.rsplit_once('@')?;
        if !domain.eq_ignore_ascii_case(&self.domain) || user.len() > 64 || !user.is_ascii() {
            return None;
        }
        let (own, extension) = user.split_at_checked(self.user.len())?;
        let (number, code) = extension.strip_prefix('+')?.split_once('.')?;
        let code = <[u8; CODE_LETTERS]>::try_from(code.to_ascii_lowercase().as_bytes()).ok()?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_own = own.eq_ignore_ascii_case(&self.user);
        (is_own && is_number).then_some(())?;
        Some(Claim { letter: number.parse().ok()?, code })
    }

    /// Whether we sent the letter of the claim to this recipient. Takes the same time for every wrong code.
    #[must_use]
    pub fn is_ours(&self, claim: &Claim, recipient: &str) -> bool {
        let expected = self.code(claim.letter, recipient);
        expected.iter().zip(&claim.code).fold(0, |difference, (left, right)| difference | (left ^ right)) == 0
    }

    fn code(&self, letter: i64, recipient: &str) -> [u8; CODE_LETTERS] {
        let mut message = letter.to_be_bytes().to_vec();
        message.extend_from_slice(recipient.as_bytes());
        let hash = self.key.authenticate(&message);
        let mut bits = hash[..CODE_BYTES].iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut code = [0; CODE_LETTERS];
        for letter in code.iter_mut().rev() {
            *letter = ALPHABET[usize::try_from(bits % 32).unwrap_or_default()];
            bits /= 32;
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn senders() -> SignedSenders {
        SignedSenders::new("bounces@example.co.jp", DigestKey::new([7; 32])).unwrap()
    }

    const TO: &str = "support-pic@example.co.jp";

    #[test]
    fn a_sender_is_recognised_whatever_its_case() {
        let sender = senders().sender(42, TO);
        assert!(sender.starts_with("bounces+42.") && sender.ends_with("@example.co.jp"), "{sender}");
        for text in [sender.clone(), sender.to_uppercase()] {
            let claim = senders().claim(&text).unwrap();
            assert_eq!(claim.letter, 42);
            assert!(senders().is_ours(&claim, TO));
        }
        assert_ne!(sender, senders().sender(43, TO));
        let longest = SignedSenders::new(&format!("{}@x.jp", "b".repeat(27)), DigestKey::new([7; 32])).unwrap();
        assert!(longest.sender(i64::MAX, TO).split('@').next().unwrap().len() <= 64);
    }

    #[test]
    fn what_was_not_signed_for_this_letter_and_recipient_is_not_ours() {
        let claim = senders().claim(&senders().sender(42, TO)).unwrap();
        assert!(!senders().is_ours(&claim, "mori@example.co.jp"));
        assert!(!senders().is_ours(&Claim { letter: 43, ..claim.clone() }, TO));
        let others = SignedSenders::new("bounces@example.co.jp", DigestKey::new([8; 32])).unwrap();
        assert!(!others.is_ours(&claim, TO));
    }

    #[test]
    fn other_addresses_claim_nothing() {
        let code = "a".repeat(16);
        for address in [
            "bounces@example.co.jp".to_owned(),
            format!("bounces+42.{code}@example.net"),
            format!("other+42.{code}@example.co.jp"),
            format!("bounces+.{code}@example.co.jp"),
            format!("bounces++42.{code}@example.co.jp"),
            format!("bounces+-42.{code}@example.co.jp"),
            format!("bounces+42.{code}a@example.co.jp"),
            format!("bounces+99999999999999999999.{code}@example.co.jp"),
        ] {
            assert_eq!(senders().claim(&address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_no_other_code_is_ours(text in "\\PC{0,80}", code in "[a-z2-7]{16}") {
            let _none_or_some = senders().claim(&text);
            let claim = senders().claim(&format!("bounces+42.{code}@example.co.jp")).unwrap();
            prop_assert!(!senders().is_ours(&claim, TO) || senders().sender(42, TO).contains(&code));
        }
    }
}
