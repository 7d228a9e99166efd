//! The signature over appid, nonce and timestamp.
//!
//! The exact string is not published (contract.md, *Signature*), so it is a template, and digest and
//! encoding are settings. The template is parsed once; a call only fills it in.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hyper::header::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::bad_setting::BadSetting;
use crate::model::{Phrase, Saying};

/// How calls are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signing {
    /// A template over `{appid} {nonce} {timestamp} {secret}`. Default `{appid}{nonce}{timestamp}`.
    pub string: String,
    /// Default `hmac-sha256`.
    pub digest: DigestAlgorithm,
    /// Default `base64`.
    pub encoding: Encoding,
    /// The names of the headers.
    pub headers: SignHeaders,
}

/// The digest over the filled-in template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestAlgorithm {
    /// Keyed with the secret.
    #[default]
    HmacSha256,
    /// Not keyed: the template must hold the secret.
    Sha256,
    /// Keyed with the secret.
    HmacSha1,
}

impl DigestAlgorithm {
    /// Returns the word of the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::Sha256 => "sha256",
            Self::HmacSha1 => "hmac-sha1",
        }
    }
}

/// How the digest becomes text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// With padding.
    #[default]
    Base64,
    /// Lower case.
    Hex,
}

impl Encoding {
    /// Returns the word of the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
        }
    }
}

/// The names of the four headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignHeaders {
    /// Default `appid`.
    pub appid: String,
    /// Default `nonce`.
    pub nonce: String,
    /// Default `timestamp`, in Unix seconds.
    pub timestamp: String,
    /// Default `signature`.
    pub signature: String,
}

impl Default for SignHeaders {
    fn default() -> Self {
        Self {
            appid: "appid".to_owned(),
            nonce: "nonce".to_owned(),
            timestamp: "timestamp".to_owned(),
            signature: "signature".to_owned(),
        }
    }
}

impl Default for Signing {
    fn default() -> Self {
        Self::new(PLAIN, DigestAlgorithm::HmacSha256, Encoding::Base64)
    }
}

const PLAIN: &str = "{appid}{nonce}{timestamp}";
const QUERY: &str = "appid={appid}&nonce={nonce}&timestamp={timestamp}";

/// Schemes worth trying, likeliest first: the vendor's signatures have 32 bytes, so SHA-256 leads.
const CANDIDATES: [(&str, DigestAlgorithm, Encoding); 16] = [
    (PLAIN, DigestAlgorithm::HmacSha256, Encoding::Base64),
    (QUERY, DigestAlgorithm::HmacSha256, Encoding::Base64),
    (
        "{appid}{timestamp}{nonce}",
        DigestAlgorithm::HmacSha256,
        Encoding::Base64,
    ),
    (
        "{appid}\n{nonce}\n{timestamp}",
        DigestAlgorithm::HmacSha256,
        Encoding::Base64,
    ),
    (
        "{appid}{nonce}{timestamp}{secret}",
        DigestAlgorithm::Sha256,
        Encoding::Base64,
    ),
    (
        "{secret}{appid}{nonce}{timestamp}",
        DigestAlgorithm::Sha256,
        Encoding::Base64,
    ),
    (
        "{appid}{secret}{nonce}{timestamp}",
        DigestAlgorithm::Sha256,
        Encoding::Base64,
    ),
    (
        "{appid}{timestamp}{nonce}{secret}",
        DigestAlgorithm::Sha256,
        Encoding::Base64,
    ),
    (
        "appid={appid}&nonce={nonce}&timestamp={timestamp}&secret={secret}",
        DigestAlgorithm::Sha256,
        Encoding::Base64,
    ),
    (PLAIN, DigestAlgorithm::HmacSha256, Encoding::Hex),
    (QUERY, DigestAlgorithm::HmacSha256, Encoding::Hex),
    (
        "{appid}{nonce}{timestamp}{secret}",
        DigestAlgorithm::Sha256,
        Encoding::Hex,
    ),
    (PLAIN, DigestAlgorithm::HmacSha1, Encoding::Base64),
    (QUERY, DigestAlgorithm::HmacSha1, Encoding::Base64),
    (PLAIN, DigestAlgorithm::HmacSha1, Encoding::Hex),
    (QUERY, DigestAlgorithm::HmacSha1, Encoding::Hex),
];

impl Signing {
    /// Makes a scheme with the usual header names.
    pub fn new(string: &str, digest: DigestAlgorithm, encoding: Encoding) -> Self {
        Self {
            string: string.to_owned(),
            digest,
            encoding,
            headers: SignHeaders::default(),
        }
    }

    /// Returns the schemes that `ferry doctor` tries, at most 16: the default first, then the likeliest.
    pub fn candidates() -> Vec<Self> {
        CANDIDATES
            .iter()
            .map(|&(string, digest, encoding)| Self::new(string, digest, encoding))
            .collect()
    }

    /// Checks the template and the header names; the error names the bad setting.
    pub fn validate(&self) -> Result<(), BadSetting> {
        let parts = parse_template(&self.string)?;
        if self.digest == DigestAlgorithm::Sha256 && !parts.contains(&TemplatePart::Secret) {
            let reason = Phrase::new(Saying::SecretNotSigned).with("placeholder", "{secret}");
            return Err(BadSetting::new("sign.string", reason));
        }
        let headers = [
            ("appid", &self.headers.appid),
            ("nonce", &self.headers.nonce),
            ("timestamp", &self.headers.timestamp),
            ("signature", &self.headers.signature),
        ];
        for (name, header) in headers {
            if HeaderName::from_bytes(header.as_bytes()).is_err() {
                let reason = Phrase::new(Saying::NotAHeaderName).with("value", header);
                return Err(BadSetting::new(format!("sign.headers.{name}"), reason));
            }
        }
        let distinct: BTreeSet<String> = headers
            .iter()
            .map(|(_, header)| header.to_ascii_lowercase())
            .collect();
        if distinct.len() < headers.len() {
            return Err(BadSetting::new("sign.headers", Saying::SameHeaders));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Literal(String),
    Appid,
    Nonce,
    Timestamp,
    Secret,
}

fn parse_template(template: &str) -> Result<Vec<TemplatePart>, BadSetting> {
    let refuse = |reason: Phrase| Err(BadSetting::new("sign.string", reason));
    let mut parts = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let end = rest.find(['{', '}']).unwrap_or(rest.len());
        if end > 0 {
            parts.push(TemplatePart::Literal(rest[..end].to_owned()));
            rest = &rest[end..];
            continue;
        }
        let close = rest.find('}').filter(|_| rest.starts_with('{'));
        let Some(close) = close else {
            return refuse(Phrase::new(Saying::LoneBrace).with("value", template));
        };
        parts.push(match &rest[1..close] {
            "appid" => TemplatePart::Appid,
            "nonce" => TemplatePart::Nonce,
            "timestamp" => TemplatePart::Timestamp,
            "secret" => TemplatePart::Secret,
            other => {
                let reason = Phrase::new(Saying::UnknownPlaceholder)
                    .with("value", format!("{{{other}}}"))
                    .with("known", "{appid} {nonce} {timestamp} {secret}");
                return refuse(reason);
            }
        });
        rest = &rest[close + 1..];
    }
    if parts.is_empty() {
        return refuse(Saying::IsEmpty.into());
    }
    Ok(parts)
}

/// Signs calls of one account by one scheme.
pub(super) struct Signer {
    parts: Vec<TemplatePart>,
    digest: DigestAlgorithm,
    encoding: Encoding,
    appid: String,
    secret: SecretString,
}

impl Signer {
    /// Parses the template; fails as [`Signing::validate`] does.
    pub(super) fn new(
        signing: &Signing,
        appid: &str,
        secret: &SecretString,
    ) -> Result<Self, BadSetting> {
        signing.validate()?;
        Ok(Self {
            parts: parse_template(&signing.string)?,
            digest: signing.digest,
            encoding: signing.encoding,
            appid: appid.to_owned(),
            secret: secret.clone(),
        })
    }

    /// Returns the text of the signature header.
    pub(super) fn sign(&self, nonce: &str, timestamp: &str) -> String {
        match self.digest {
            DigestAlgorithm::HmacSha256 => self.keyed::<Hmac<Sha256>>(nonce, timestamp),
            DigestAlgorithm::HmacSha1 => self.keyed::<Hmac<Sha1>>(nonce, timestamp),
            DigestAlgorithm::Sha256 => {
                let mut digest = Sha256::new();
                self.feed(nonce, timestamp, |bytes| digest.update(bytes));
                self.encode(&digest.finalize())
            }
        }
    }

    fn keyed<M: Mac + KeyInit>(&self, nonce: &str, timestamp: &str) -> String {
        let key = self.secret.expose_secret().as_bytes();
        // HMAC takes keys of any length; other MACs do not, hence the error.
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
            return String::new();
        };
        self.feed(nonce, timestamp, |bytes| mac.update(bytes));
        self.encode(&mac.finalize().into_bytes())
    }

    fn feed(&self, nonce: &str, timestamp: &str, mut take: impl FnMut(&[u8])) {
        for part in &self.parts {
            let text = match part {
                TemplatePart::Literal(text) => text,
                TemplatePart::Appid => &self.appid,
                TemplatePart::Nonce => nonce,
                TemplatePart::Timestamp => timestamp,
                TemplatePart::Secret => self.secret.expose_secret(),
            };
            take(text.as_bytes());
        }
    }

    fn encode(&self, bytes: &[u8]) -> String {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        match self.encoding {
            Encoding::Base64 => STANDARD.encode(bytes),
            Encoding::Hex => bytes
                .iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .map(|nibble| char::from(HEX[usize::from(nibble)]))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(signing: &Signing) -> String {
        let signer = Signer::new(signing, "1090", &"test-secret".into());
        signer.unwrap().sign("123456", "1687792901")
    }

    #[test]
    fn the_known_answer_of_the_contract() {
        assert_eq!(
            signed(&Signing::default()),
            "EhQk5Dpkjji13/2V62ibeB1tfDDuh91XAjadNiGyF2s="
        );
        let hex = Signing::new(PLAIN, DigestAlgorithm::HmacSha256, Encoding::Hex);
        assert_eq!(
            signed(&hex),
            "121424e43a648e38b5dffd95eb689b781d6d7c30ee87dd5702369d3621b2176b"
        );
    }

    #[test]
    fn a_plain_digest_is_over_the_filled_in_template() {
        let scheme = Signing::new(
            "{appid}|{secret}",
            DigestAlgorithm::Sha256,
            Encoding::Base64,
        );
        let expected = STANDARD.encode(Sha256::digest(b"1090|test-secret"));
        assert_eq!(signed(&scheme), expected);
        let sha1 = Signing::new(PLAIN, DigestAlgorithm::HmacSha1, Encoding::Hex);
        assert_eq!(signed(&sha1).len(), 40);
    }

    #[test]
    fn candidates_are_valid_few_and_different() {
        let candidates = Signing::candidates();
        assert!(candidates.len() <= 16);
        assert_eq!(candidates[0], Signing::default());
        let signatures: BTreeSet<String> = candidates.iter().map(signed).collect();
        assert_eq!(signatures.len(), candidates.len());
    }
}
