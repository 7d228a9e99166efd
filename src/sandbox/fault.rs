//! Faults: what goes wrong, where, and how often.
//!
//! Invariant: a fault's name says whether the call was executed. `dropped`, `error-before`, `garbage-before`
//! and the busy ones leave the store as it was; all others execute first. Written as text,
//! `name[:argument][@endpoint]=probability`, e.g. `lost-reply=0.05`, `slow:2s@list=0.1`, `error-before@all=1`.

use std::str::FromStr;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::limit::{BusyDress, RetryAfter};

const NAMES: &str = "lost-reply, dropped, error-before, error-after, busy-429, busy-429-retry-after[:SECONDS], \
    busy-200, busy-403, busy-503, garbage-before, garbage-after, truncated, slow[:DURATION], reset, no-id, \
    page-short, list-insert, list-delete";

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Executes, then closes the connection without a byte of reply.
    LostReply,
    /// Closes the connection without executing.
    Dropped,
    /// HTTP 500, not executed.
    ErrorBefore,
    /// HTTP 500 after executing.
    ErrorAfter,
    /// HTTP 429 without `Retry-After`, not executed.
    Busy429,
    /// HTTP 429 with `Retry-After`, not executed.
    Busy429RetryAfter(RetryAfter),
    /// A busy refusal inside HTTP 200, not executed.
    Busy200,
    /// HTTP 403 with a busy message, not executed.
    Busy403,
    /// HTTP 503 without `Retry-After`, not executed.
    Busy503,
    /// HTTP 200 with an HTML page, not executed.
    GarbageBefore,
    /// HTTP 200 with an HTML page after executing.
    GarbageAfter,
    /// Executes, then sends the head and half of the body and closes the connection.
    Truncated,
    /// Executes, then keeps the reply back for so long.
    Slow(Duration),
    /// Executes, then resets the connection (TCP RST).
    Reset,
    /// Executes and answers success, but without `_id`.
    NoId,
    /// A page of the list after the first holds only half of what it should.
    PageShort,
    /// A customer is added before a page of the list after the first is made.
    ListInsert,
    /// The newest customer is deleted before a page of the list after the first is made.
    ListDelete,
}

impl FaultKind {
    /// Returns the name used in text and in counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LostReply => "lost-reply",
            Self::Dropped => "dropped",
            Self::ErrorBefore => "error-before",
            Self::ErrorAfter => "error-after",
            Self::Busy429 => "busy-429",
            Self::Busy429RetryAfter(_) => "busy-429-retry-after",
            Self::Busy200 => "busy-200",
            Self::Busy403 => "busy-403",
            Self::Busy503 => "busy-503",
            Self::GarbageBefore => "garbage-before",
            Self::GarbageAfter => "garbage-after",
            Self::Truncated => "truncated",
            Self::Slow(_) => "slow",
            Self::Reset => "reset",
            Self::NoId => "no-id",
            Self::PageShort => "page-short",
            Self::ListInsert => "list-insert",
            Self::ListDelete => "list-delete",
        }
    }

    /// Returns the dress of a busy fault.
    pub(super) fn busy_dress(self) -> Option<BusyDress> {
        match self {
            Self::Busy429 => Some(BusyDress::Http429 { retry_after: None }),
            Self::Busy429RetryAfter(after) => Some(BusyDress::Http429 {
                retry_after: Some(after),
            }),
            Self::Busy200 => Some(BusyDress::envelope()),
            Self::Busy403 => Some(BusyDress::Http403 {
                message: "Server is busy, max request frequency is 20/min".to_owned(),
            }),
            Self::Busy503 => Some(BusyDress::Http503 { retry_after: None }),
            _ => None,
        }
    }

    /// Tells whether the fault can take effect at `endpoint` at all.
    pub(super) const fn fits(self, endpoint: Endpoint) -> bool {
        match self {
            Self::NoId => matches!(endpoint, Endpoint::Add | Endpoint::Update | Endpoint::Find),
            Self::PageShort | Self::ListInsert | Self::ListDelete => {
                matches!(endpoint, Endpoint::List)
            }
            _ => true,
        }
    }

    const fn hits_by_default(self, endpoint: Endpoint) -> bool {
        match self {
            Self::LostReply
            | Self::ErrorAfter
            | Self::GarbageAfter
            | Self::Truncated
            | Self::Reset => endpoint.writes(),
            Self::NoId => matches!(endpoint, Endpoint::Add),
            _ => self.fits(endpoint),
        }
    }
}

/// Which calls a fault may hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The kind's usual ones: add, update and delete for what happens after executing, add for `no-id`, list
    /// for the paging faults, every call for the rest.
    #[default]
    Usual,
    /// Every call the fault fits.
    All,
    /// One endpoint.
    Only(Endpoint),
}

/// A scripted fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often, from 0 to 1.
    pub probability: f64,
    /// Where.
    pub target: Target,
}

impl Fault {
    /// Makes a fault that hits each of its kind's usual calls with this probability.
    pub const fn new(kind: FaultKind, probability: f64) -> Self {
        Self {
            kind,
            probability,
            target: Target::Usual,
        }
    }

    /// Restricts the fault to one endpoint.
    #[must_use]
    pub const fn at(self, endpoint: Endpoint) -> Self {
        Self {
            target: Target::Only(endpoint),
            ..self
        }
    }

    /// Tells whether the fault may hit a call to `endpoint`.
    pub(super) fn aims_at(&self, endpoint: Endpoint) -> bool {
        match self.target {
            Target::Usual => self.kind.hits_by_default(endpoint),
            Target::All => self.kind.fits(endpoint),
            Target::Only(only) => only == endpoint && self.kind.fits(endpoint),
        }
    }
}

/// Why a text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no `=`.
    #[error("`{0}` is no fault; hint: write name=probability, e.g. lost-reply=0.05")]
    Shape(String),
    /// The name is not known.
    #[error("unknown fault `{0}`; hint: one of {NAMES}")]
    Name(String),
    /// The endpoint is not known.
    #[error("unknown endpoint `{0}`; hint: one of all, add, update, list, find, delete, fields")]
    Endpoint(String),
    /// The fault has no effect at that endpoint.
    #[error("`{0}` has no effect at `{1}`")]
    Misplaced(&'static str, Endpoint),
    /// The probability is not a number from 0 to 1.
    #[error("probability `{0}` is not a number from 0 to 1")]
    Probability(String),
    /// The argument after the colon does not fit.
    #[error(
        "argument `{0}` does not fit; hint: slow:2s, slow:500ms or busy-429-retry-after:3 (seconds)"
    )]
    Argument(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (call, probability) = text
            .split_once('=')
            .ok_or_else(|| FaultError::Shape(text.to_owned()))?;
        let probability = probability
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|number| (0.0..=1.0).contains(number))
            .ok_or_else(|| FaultError::Probability(probability.to_owned()))?;
        let (kind, endpoint) = match call.split_once('@') {
            Some((kind, endpoint)) => (kind, Some(endpoint.trim())),
            None => (call, None),
        };
        let (name, argument) = match kind.split_once(':') {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (kind.trim(), None),
        };
        let kind = kind_of(name, argument)?;
        let target = match endpoint {
            None => Target::Usual,
            Some("all") => Target::All,
            Some(endpoint) => Endpoint::ALL
                .into_iter()
                .find(|known| known.name() == endpoint)
                .map(Target::Only)
                .ok_or_else(|| FaultError::Endpoint(endpoint.to_owned()))?,
        };
        if let Target::Only(endpoint) = target
            && !kind.fits(endpoint)
        {
            return Err(FaultError::Misplaced(kind.name(), endpoint));
        }
        Ok(Self {
            kind,
            probability,
            target,
        })
    }
}

fn kind_of(name: &str, argument: Option<&str>) -> Result<FaultKind, FaultError> {
    let kind = match name {
        "lost-reply" => FaultKind::LostReply,
        "dropped" => FaultKind::Dropped,
        "error-before" => FaultKind::ErrorBefore,
        "error-after" => FaultKind::ErrorAfter,
        "busy-429" => FaultKind::Busy429,
        "busy-429-retry-after" => {
            let seconds = match argument {
                None => 1,
                Some(text) => text
                    .parse()
                    .map_err(|_| FaultError::Argument(text.to_owned()))?,
            };
            return Ok(FaultKind::Busy429RetryAfter(RetryAfter::Seconds(seconds)));
        }
        "busy-200" => FaultKind::Busy200,
        "busy-403" => FaultKind::Busy403,
        "busy-503" => FaultKind::Busy503,
        "garbage-before" => FaultKind::GarbageBefore,
        "garbage-after" => FaultKind::GarbageAfter,
        "truncated" => FaultKind::Truncated,
        "slow" => {
            let delay = match argument {
                None => Duration::from_secs(3),
                Some(text) => {
                    duration(text).ok_or_else(|| FaultError::Argument(text.to_owned()))?
                }
            };
            return Ok(FaultKind::Slow(delay));
        }
        "reset" => FaultKind::Reset,
        "no-id" => FaultKind::NoId,
        "page-short" => FaultKind::PageShort,
        "list-insert" => FaultKind::ListInsert,
        "list-delete" => FaultKind::ListDelete,
        _ => return Err(FaultError::Name(name.to_owned())),
    };
    match argument {
        None => Ok(kind),
        Some(text) => Err(FaultError::Argument(text.to_owned())),
    }
}

fn duration(text: &str) -> Option<Duration> {
    if let Some(ms) = text.strip_suffix("ms") {
        return ms.parse().ok().map(Duration::from_millis);
    }
    let seconds = text.strip_suffix('s').unwrap_or(text);
    Duration::try_from_secs_f64(seconds.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for name in NAMES.split(", ") {
            let name = name.split('[').next().unwrap();
            let fault: Fault = format!("{name}=0.25").parse().unwrap();
            assert_eq!(fault.kind.name(), name);
            assert!((fault.probability - 0.25).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn arguments_and_endpoints_are_read() {
        let slow: Fault = "slow:20ms@list=1".parse().unwrap();
        assert_eq!(slow.kind, FaultKind::Slow(Duration::from_millis(20)));
        assert!(slow.aims_at(Endpoint::List) && !slow.aims_at(Endpoint::Add));
        let lost: Fault = "lost-reply=1".parse().unwrap();
        assert!(lost.aims_at(Endpoint::Delete) && !lost.aims_at(Endpoint::List));
        let lost: Fault = "lost-reply@all=1".parse().unwrap();
        assert!(lost.aims_at(Endpoint::List));
    }

    #[test]
    fn errors_say_what_is_possible() {
        let error = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert!(error("lost=0.5").contains("lost-reply"));
        assert!(error("lost-reply").contains("name=probability"));
        assert!(error("reset=1.5").contains("from 0 to 1"));
        assert!(error("reset=NaN").contains("from 0 to 1"));
        assert!(error("reset@here=1").contains("one of all, add"));
        assert!(error("no-id@delete=1").contains("no effect"));
        assert!(error("reset:3=1").contains("argument"));
        assert!(error("slow:-1s=1").contains("argument"));
    }
}
