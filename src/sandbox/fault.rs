//! Faults: what goes wrong with one call, and whether the call was executed.
//!
//! Invariant: a fault's name shows whether the call was executed. `dropped`, and every name with `before`, or with
//! `busy` and without `after`, leaves the store as it was; all others execute first. A reply in place of the CRM's is a
//! [`Dress`], sent before or after executing. A fault of the connection or inside the CRM's reply is a kind of its own.

use std::str::FromStr;
use std::time::Duration;

use super::dress::{Dress, RetryAfter, UnknownDress};
use super::endpoint::Endpoint;

/// The kind of a fault; parsed from `name[:argument]`, e.g. `busy-after:503ra`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Answers in this dress without executing.
    Before(Dress),
    /// Executes, then answers in this dress.
    After(Dress),
    /// Executes, then closes the connection without a byte of reply.
    LostReply,
    /// Closes the connection without executing.
    Dropped,
    /// Executes, then sends the head and half of the body and closes the connection.
    Truncated,
    /// Executes, then delays the reply by this time.
    Slow(Duration),
    /// Executes, then resets the connection (TCP RST).
    Reset,
    /// Executes and answers as always, with a byte order mark before the JSON.
    Bom,
    /// Executes and answers success, but without `_id`.
    NoId,
    /// Answers a list with `null` as `data`, and `count` beside it.
    NullData,
    /// Answers a list with `null` for the customers in `data`, and the right `count`.
    NullList,
    /// Answers a page after the first with half of its customers.
    PageShort,
    /// Adds a customer before a page after the first is read.
    ListInsert,
    /// Deletes the newest customer before a page after the first is read.
    ListDelete,
}

#[expect(
    non_upper_case_globals,
    reason = "they name whole faults, as the variants beside them do"
)]
impl FaultKind {
    /// HTTP 500, not executed.
    pub const ErrorBefore: Self = Self::Before(Dress::ERROR);
    /// HTTP 500 after executing.
    pub const ErrorAfter: Self = Self::After(Dress::ERROR);
    /// HTTP 200 with an HTML page, not executed.
    pub const GarbageBefore: Self = Self::Before(Dress::GARBAGE);
    /// HTTP 200 with an HTML page after executing.
    pub const GarbageAfter: Self = Self::After(Dress::GARBAGE);
    /// HTTP 429 without `Retry-After`, not executed.
    pub const Busy429: Self = Self::Before(Dress::LIMIT);
    /// A busy refusal inside HTTP 200, not executed.
    pub const Busy200: Self = Self::Before(Dress::LIMIT_IN_200);
    /// HTTP 403 with a busy message, not executed.
    pub const Busy403: Self = Self::Before(Dress::LIMIT_IN_403);
    /// HTTP 503 without `Retry-After`, not executed.
    pub const Busy503: Self = Self::Before(Dress::UNAVAILABLE);
}

/// The names, each with its kind when no argument is given. A kind with several names is printed under the first.
const NAMES: [(&str, FaultKind); 23] = [
    ("lost-reply", FaultKind::LostReply),
    ("dropped", FaultKind::Dropped),
    ("error-before", FaultKind::ErrorBefore),
    ("error-after", FaultKind::ErrorAfter),
    ("garbage-before", FaultKind::GarbageBefore),
    ("garbage-after", FaultKind::GarbageAfter),
    ("busy-429", FaultKind::Busy429),
    (
        "busy-429-retry-after",
        FaultKind::Before(Dress::LIMIT.retrying(RetryAfter::Seconds(1))),
    ),
    ("busy-200", FaultKind::Busy200),
    ("busy-403", FaultKind::Busy403),
    ("busy-503", FaultKind::Busy503),
    (BEFORE, FaultKind::Before(Dress::GATEWAY)),
    (AFTER, FaultKind::After(Dress::GATEWAY)),
    ("truncated", FaultKind::Truncated),
    ("slow", FaultKind::Slow(Duration::from_secs(3))),
    ("reset", FaultKind::Reset),
    ("bom", FaultKind::Bom),
    ("no-id", FaultKind::NoId),
    ("null-data", FaultKind::NullData),
    ("null-list", FaultKind::NullList),
    ("page-short", FaultKind::PageShort),
    ("list-insert", FaultKind::ListInsert),
    ("list-delete", FaultKind::ListDelete),
];

const BEFORE: &str = "busy-before";
const AFTER: &str = "busy-after";

impl FaultKind {
    /// Returns the fault of HTTP 429 with `Retry-After`, not executed.
    pub const fn busy_429_retry_after(after: RetryAfter) -> Self {
        Self::Before(Dress::LIMIT.retrying(after))
    }

    /// Returns every name that text may use.
    pub fn names() -> Vec<&'static str> {
        NAMES.iter().map(|(name, _)| *name).collect()
    }

    /// Returns the name in text and in counters: the one in the table, else `busy-before:DRESS` or `busy-after:DRESS`.
    pub fn name(self) -> String {
        let called_alike = |other: Self| match (self, other) {
            (Self::Slow(_), Self::Slow(_)) => true,
            (Self::Before(one), Self::Before(other)) => {
                one.name() == other.name()
                    && one.retry_after.is_some() == other.retry_after.is_some()
            }
            (one, other) => one == other,
        };
        let known = NAMES
            .iter()
            .find(|(name, kind)| ![BEFORE, AFTER].contains(name) && called_alike(*kind));
        match (known, self) {
            (Some((name, _)), _) => (*name).to_owned(),
            (None, Self::After(dress)) => format!("{AFTER}:{dress}"),
            (None, Self::Before(dress)) => format!("{BEFORE}:{dress}"),
            (None, _) => format!("{self:?}"),
        }
    }

    /// Returns whether the call is executed nevertheless.
    pub const fn executes(self) -> bool {
        !matches!(self, Self::Dropped | Self::Before(_))
    }

    /// Returns whether the fault changes the content of a success, and so has no effect on a refusal.
    pub(super) const fn needs_success(self) -> bool {
        matches!(
            self,
            Self::NoId
                | Self::NullData
                | Self::NullList
                | Self::PageShort
                | Self::ListInsert
                | Self::ListDelete
        )
    }

    /// Returns whether the fault can take effect at `endpoint`.
    pub(super) const fn fits(self, endpoint: Endpoint) -> bool {
        match self {
            Self::NoId => matches!(endpoint, Endpoint::Add | Endpoint::Update | Endpoint::Find),
            _ if self.needs_success() => matches!(endpoint, Endpoint::List),
            _ => true,
        }
    }

    const fn hits_by_default(self, endpoint: Endpoint) -> bool {
        match self {
            Self::LostReply | Self::After(_) | Self::Truncated | Self::Reset => endpoint.writes(),
            Self::NoId => matches!(endpoint, Endpoint::Add),
            _ => self.fits(endpoint),
        }
    }
}

impl FromStr for FaultKind {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (text.trim(), None),
        };
        let (_, kind) = NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| FaultError::Name(name.to_owned()))?;
        let Some(argument) = argument else {
            return Ok(*kind);
        };
        let misfit = || FaultError::Argument(argument.to_owned());
        let dress = || argument.parse().map_err(FaultError::Dress);
        match (name, kind) {
            (BEFORE, _) => Ok(Self::Before(dress()?)),
            (AFTER, _) => Ok(Self::After(dress()?)),
            (_, Self::Slow(_)) => duration(argument).map(Self::Slow).ok_or_else(misfit),
            (_, Self::Before(dress)) if dress.retry_after.is_some() => retry_after(argument)
                .map(|after| Self::Before(dress.retrying(after)))
                .ok_or_else(misfit),
            _ => Err(misfit()),
        }
    }
}

/// The calls that a fault may hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaultTarget {
    /// The usual calls of the kind: add, update and delete for replies that are lost, cut or replaced after executing;
    /// add for `no-id`; list for faults of a list; every call for the rest.
    #[default]
    Usual,
    /// Every call at which the fault can take effect.
    All,
    /// One endpoint.
    Only(Endpoint),
}

/// A fault with its probability and its calls; parsed from `name[:argument][@endpoint]=probability`, e.g.
/// `lost-reply=0.05`, `slow:2s@list=0.1`, `busy-after:503ra@all=1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The probability with which a call is hit, from 0 to 1.
    pub probability: f64,
    /// The calls that may be hit.
    pub target: FaultTarget,
}

impl Fault {
    /// Makes a fault that hits each of its kind's usual calls with this probability.
    pub const fn new(kind: FaultKind, probability: f64) -> Self {
        Self {
            kind,
            probability,
            target: FaultTarget::Usual,
        }
    }

    /// Restricts the fault to one endpoint.
    #[must_use]
    pub const fn at(self, endpoint: Endpoint) -> Self {
        Self {
            target: FaultTarget::Only(endpoint),
            ..self
        }
    }

    /// Returns whether the fault may hit a call to `endpoint`.
    pub(super) fn aims_at(&self, endpoint: Endpoint) -> bool {
        match self.target {
            FaultTarget::Usual => self.kind.hits_by_default(endpoint),
            FaultTarget::All => self.kind.fits(endpoint),
            FaultTarget::Only(only) => only == endpoint && self.kind.fits(endpoint),
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
    #[error("unknown fault `{0}`; hint: one of {list}", list = FaultKind::names().join(", "))]
    Name(String),
    /// The dress is not known.
    #[error(transparent)]
    Dress(#[from] UnknownDress),
    /// The endpoint is not known.
    #[error("unknown endpoint `{0}`; hint: one of all, add, update, list, find, delete, fields")]
    Endpoint(String),
    /// The fault has no effect at that endpoint.
    #[error("`{0}` has no effect at `{1}`")]
    Misplaced(String, Endpoint),
    /// The probability is not a number from 0 to 1.
    #[error("probability `{0}` is not a number from 0 to 1")]
    Probability(String),
    /// The argument after the colon does not fit.
    #[error(
        "argument `{0}` does not fit; hint: busy-after:503ra, slow:2s, slow:500ms, \
         busy-429-retry-after:3 (seconds) or busy-429-retry-after:date+3600"
    )]
    Argument(String),
}

impl FaultError {
    /// Returns the names that are possible in place of an unknown one; empty for other errors.
    pub fn possible(&self) -> Vec<&'static str> {
        match self {
            Self::Name(_) => FaultKind::names(),
            Self::Dress(_) => Dress::names(),
            _ => Vec::new(),
        }
    }
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
        let kind: FaultKind = kind.parse()?;
        let target = match endpoint {
            None => FaultTarget::Usual,
            Some("all") => FaultTarget::All,
            Some(endpoint) => Endpoint::ALL
                .into_iter()
                .find(|known| known.name() == endpoint)
                .map(FaultTarget::Only)
                .ok_or_else(|| FaultError::Endpoint(endpoint.to_owned()))?,
        };
        if let FaultTarget::Only(endpoint) = target
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

fn retry_after(text: &str) -> Option<RetryAfter> {
    match text.strip_prefix("date+") {
        Some(seconds) => seconds.parse().ok().map(RetryAfter::HttpDate),
        None => text.parse().ok().map(RetryAfter::Seconds),
    }
}

/// Reads a duration: `500ms`, `2s`, `2`, `1m`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = [("ms", 0.001), ("s", 1.0), ("m", 60.0)]
        .into_iter()
        .find_map(|(suffix, unit)| text.strip_suffix(suffix).map(|number| (number, unit)))
        .unwrap_or((text, 1.0));
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for (name, kind) in NAMES {
            let fault: Fault = format!("{name}=0.25").parse().unwrap();
            assert_eq!(fault.kind, kind);
            assert!((fault.probability - 0.25).abs() < f64::EPSILON);
            assert!(kind.name() == name || [BEFORE, AFTER].contains(&name));
        }
        for dress in Dress::all() {
            for kind in [FaultKind::Before(dress), FaultKind::After(dress)] {
                assert_eq!(kind.name().parse(), Ok(kind));
            }
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
        let stored: Fault = "busy-after:200busy@add=1".parse().unwrap();
        assert_eq!(stored.kind, FaultKind::After("200busy".parse().unwrap()));
        assert!(stored.aims_at(Endpoint::Add) && !stored.aims_at(Endpoint::Update));
        for (text, after) in [
            ("3600", RetryAfter::Seconds(3600)),
            ("date+31536000", RetryAfter::HttpDate(31_536_000)),
        ] {
            let kind = format!("busy-429-retry-after:{text}").parse();
            assert_eq!(kind, Ok(FaultKind::busy_429_retry_after(after)));
        }
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
        assert!(error("null-list@add=1").contains("no effect"));
        assert!(error("busy-after:501=1").contains("503ra, 503"));
        for text in [
            "reset:3=1",
            "slow:-1s=1",
            "busy-429:3=1",
            "busy-429-retry-after:date=1",
        ] {
            assert!(error(text).contains("argument"), "{text}");
        }
    }
}
