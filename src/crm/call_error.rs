//! A failed call and what its failure means: plain data, which decorators and jobs act on.

use std::time::Duration;

use super::proxy;
use super::tls::code_of;
use super::wire::YES;
use crate::model::{Code, Fact};

/// What a failed call means for the row and for the job (`docs/design/replies.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The connection could not be made, nothing of the request was written, or a stop was asked for before it left:
    /// nothing happened.
    NotSent,
    /// The server said no, and a repetition would be refused as well: the row's problem.
    Refused,
    /// The server said that the customer does not exist: the row's problem.
    Gone,
    /// The server said that it is too busy, and did nothing: slow down and try again.
    Busy,
    /// The server refuses the signature.
    BadSignature,
    /// The server does not know the appid.
    UnknownAppid,
    /// The account may not do this.
    NoPermission,
    /// Everything else after the request was handed to the client: it may have happened.
    Unknown,
}

impl Class {
    /// Returns whether no further call of this job can succeed.
    pub fn is_fatal(self) -> bool {
        matches!(
            self,
            Self::BadSignature | Self::UnknownAppid | Self::NoPermission
        )
    }
}

/// A failed call, with everything that helps a person to see why it failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What the failure means for the row and the job.
    pub class: Class,
    /// What is wrong, for a person: the server's own message where there is one.
    pub message: Fact,
    /// The envelope's `code`, as text; [`CallError::QUOTA`] when a counted quota kept the call back.
    pub code: Option<String>,
    /// The HTTP status, where a reply came.
    pub http_status: Option<u16>,
    /// The envelope's `traceId`.
    pub trace_id: Option<String>,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// What the reply claims, where it proves nothing; only with [`Class::Unknown`]. [`Class::Busy`] slows the pace
    /// down; a fatal class ends the job, with this row in doubt.
    pub sounds_like: Option<Class>,
}

impl CallError {
    /// The `code` of a call that was not made because a quota of hours or days is spent.
    pub const QUOTA: &'static str = "quota";

    /// Returns whether the server said yes, but its reply lacks what a yes must bring. A repetition would get the same.
    pub fn is_unreadable_yes(&self) -> bool {
        let is_ok = self
            .http_status
            .is_some_and(|status| (200..300).contains(&status));
        self.class == Class::Unknown && is_ok && self.code.as_deref() == Some(YES)
    }

    /// Returns the code of a failure that TLS explains: a certificate, or one side that does not use TLS.
    pub fn tls_code(&self) -> Option<Code> {
        code_of(&self.message)
    }

    /// Returns the code of a failure that TLS or the proxy explains.
    pub fn connection_code(&self) -> Option<Code> {
        self.tls_code().or_else(|| proxy::code_of(&self.message))
    }
}
