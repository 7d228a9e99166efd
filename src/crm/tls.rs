//! TLS failures in words that help, and the authorities that are trusted.
//!
//! ferry trusts what the system trusts; `ca_file` adds a company's own authority and removes none. The reason of a
//! refused certificate lies deep in the error, so each level of it is searched.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::bad_setting::BadSetting;
use super::cause::levels_below;
use crate::model::{Code, Fact, Phrase, Saying};

/// Whom a client trusts.
pub(super) enum Trust {
    /// Nobody: plain HTTP needs no certificates, so the system's are not loaded and need not exist.
    Nobody,
    /// The authorities of the system, and these.
    System(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// Makes a client's configuration. ring is named as the provider, so that no other is linked.
    pub(super) fn client(self) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone());
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = match self {
            Self::Nobody => builder.with_root_certificates(RootCertStore::empty()),
            Self::System(more) => {
                // Windows asks twice where there are further authorities, even if there are none of them.
                let verifier = if more.is_empty() {
                    Verifier::new(provider)?
                } else {
                    Verifier::new_with_extra_roots(more, provider)?
                };
                let builder = builder.dangerous();
                builder.with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Reads the certificates of a PEM file.
pub(super) fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, BadSetting> {
    let about = |cause: String| {
        let phrase = Phrase::new(Saying::PathAndCause).with("path", path.to_string_lossy());
        BadSetting::new("ca_file", phrase.with("cause", cause))
    };
    let bytes = std::fs::read(path).map_err(|error| about(error.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(about("-----BEGIN CERTIFICATE----- ?".to_owned())),
        Err(error) => Err(about(error.to_string())),
    }
}

/// Returns what is wrong with TLS, where some level of an error says so.
pub(super) fn reason(error: &(dyn Error + 'static)) -> Option<Phrase> {
    let found = levels_below(error).find_map(|error| error.downcast_ref::<rustls::Error>());
    match found {
        Some(found) => reason_of(found),
        None => is_said(error, "tls handshake eof").then(|| Saying::TlsBrokeOff.into()),
    }
}

/// Returns what an error of TLS means, where ferry has words for it.
pub(super) fn reason_of(error: &rustls::Error) -> Option<Phrase> {
    match error {
        rustls::Error::InvalidCertificate(error) => Some(certificate(error)),
        rustls::Error::NoCertificatesPresented => {
            Some(Phrase::new(Saying::CertificateBad).with("cause", "no certificate"))
        }
        // The verifier has no error of its own for this.
        rustls::Error::General(said) if said.contains("No CA certificates") => {
            Some(Saying::NoAuthorities.into())
        }
        // A server that speaks HTTP, or anything else, answers like this.
        rustls::Error::InvalidMessage(_) => Some(Saying::NotTls.into()),
        _ => None,
    }
}

/// `CERT_E_CHAINING` of Windows: the server has not sent the certificate of an issuer that nobody knows. The words before
/// the number are in the system's language.
const NO_CHAIN: &str = "os error -2146762486";

fn certificate(error: &CertificateError) -> Phrase {
    match error {
        CertificateError::UnknownIssuer => Saying::CertificateNotTrusted.into(),
        // Windows does not tell one from the other.
        CertificateError::Expired if cfg!(windows) => Saying::CertificateOutOfTime.into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Saying::CertificateExpired.into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Saying::CertificateNotYetValid.into()
        }
        CertificateError::NotValidForName => Saying::CertificateOfOther.into(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().map(|name| bare_name(name));
            Phrase::new(Saying::CertificateOfOther).with("names", Fact::list(names))
        }
        CertificateError::Revoked => Saying::CertificateRevoked.into(),
        CertificateError::Other(said) if said.to_string().contains(NO_CHAIN) => {
            Saying::CertificateNotTrusted.into()
        }
        CertificateError::Other(said) => {
            Phrase::new(Saying::CertificateBad).with("cause", said.to_string())
        }
        other => Phrase::new(Saying::CertificateBad).with("cause", other.to_string()),
    }
}

/// Returns a name of a certificate without its kind: `DnsName("a.b")` is a.b.
fn bare_name(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_end_matches(')').trim_matches('"')
}

/// Words by which web servers refuse a request that should have come in TLS: nginx, Apache, Go, and others.
const WANTS_TLS: &[&str] = &[
    "https port",
    "ssl-enabled server port",
    "https server",
    "use https",
];

/// Returns whether a reply to plain HTTP says that the server wants TLS.
pub(super) fn is_expected(status: u16, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default());
    let text = text.to_lowercase().replace('-', " ");
    status == 400
        && WANTS_TLS
            .iter()
            .any(|words| text.contains(&words.replace('-', " ")))
}

/// Returns whether the answer to plain HTTP was no HTTP, such as the alert of a TLS server.
pub(super) fn is_no_http(error: &(dyn Error + 'static)) -> bool {
    is_said(error, "invalid HTTP version")
}

/// Returns whether a level of the error has these words; for causes without a type of their own.
fn is_said(error: &(dyn Error + 'static), words: &str) -> bool {
    levels_below(error).any(|error| error.to_string().contains(words))
}

/// Returns the code of the problem, where TLS explains the failure.
pub(super) fn code_of(message: &Fact) -> Option<Code> {
    let Fact::Phrase(phrase) = message else {
        return None;
    };
    match phrase.saying {
        Saying::CertificateNotTrusted
        | Saying::CertificateExpired
        | Saying::CertificateNotYetValid
        | Saying::CertificateOutOfTime
        | Saying::CertificateOfOther
        | Saying::CertificateRevoked
        | Saying::CertificateBad => Some(Code::CertificateRefused),
        Saying::NotTls => Some(Code::NoTlsThere),
        Saying::TlsExpected => Some(Code::TlsWanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_windows_says_of_a_certificate_is_understood() {
        let said = |words: &str| {
            let error = io::Error::other(words);
            certificate(&CertificateError::Other(rustls::OtherError(Arc::new(
                error,
            ))))
        };
        assert_eq!(
            said("无法建立证书链。 (os error -2146762486)"),
            Saying::CertificateNotTrusted.into()
        );
        let other = said("Wrong. (os error -2146762481)");
        assert_eq!(
            other,
            Phrase::new(Saying::CertificateBad).with("cause", "Wrong. (os error -2146762481)")
        );
    }
}
