//! TLS failures in words that help, and the authorities that are trusted.
//!
//! ferry trusts what the system trusts; `ca_file` adds a company's own authority and removes none. The reason of a
//! refused certificate lies deep in the error, inside I/O errors that do not name it as their source. So each level
//! of the error is searched.

use std::error::Error;
use std::io;
use std::path::Path;

use reqwest::Certificate;
use rustls::CertificateError;

use super::bad_setting::BadSetting;
use crate::model::{Code, Fact, Phrase, Saying};

/// Reads the certificates of a PEM file.
pub(super) fn authorities(path: &Path) -> Result<Vec<Certificate>, BadSetting> {
    let about = |cause: String| {
        let phrase = Phrase::new(Saying::PathAndCause).with("path", path.to_string_lossy());
        BadSetting::new("ca_file", phrase.with("cause", cause))
    };
    let bytes = std::fs::read(path).map_err(|error| about(error.to_string()))?;
    match Certificate::from_pem_bundle(&bytes) {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(about("-----BEGIN CERTIFICATE----- ?".to_owned())),
        Err(error) => Err(about(error.to_string())),
    }
}

/// Returns what is wrong with TLS, where that is why a connection could not be made.
pub(super) fn reason(error: &reqwest::Error) -> Option<Phrase> {
    let Some(found) = rustls_error(error) else {
        return is_said(error, "tls handshake eof").then(|| Saying::TlsBrokeOff.into());
    };
    match found {
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
            let names = presented.iter().map(String::as_str);
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

fn rustls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An I/O error that wraps another error names that error's source as its own.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
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
pub(super) fn is_no_http(error: &reqwest::Error) -> bool {
    is_said(error, "invalid HTTP version")
}

/// Returns whether a cause of the error has these words; for causes without a type of their own.
fn is_said(error: &reqwest::Error, words: &str) -> bool {
    let mut next = error.source();
    while let Some(error) = next {
        if error.to_string().contains(words) {
            return true;
        }
        next = error.source();
    }
    false
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
    use std::sync::Arc;

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
