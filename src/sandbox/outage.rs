//! Outages: times in which every call fails in the same way.
//!
//! Invariant: while an outage lasts, the CRM itself answers no call, signed or not. The outage's kind says whether
//! calls are executed nevertheless. Outages last for real time, as a client meets them.

use std::str::FromStr;
use std::time::{Duration, Instant};

use super::dress::Dress;
use super::endpoint::Endpoint;
use super::fault::{FaultKind, duration};

/// The longest time that a hanging call is kept before its connection is closed.
const HANG: Duration = Duration::from_secs(60);
/// The longest outage: longer ones would overflow an [`Instant`].
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// A time in which every call fails; parsed from `TIME:HOW[@CALLS]`, e.g. `6s:cut@100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// How long the outage lasts.
    pub lasts: Duration,
    /// What happens to every call.
    pub kind: OutageKind,
    /// The number of the add, from 1, with whose arrival the outage begins; 0 begins at once.
    pub from_add: u64,
}

/// What happens to every call during an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutageKind {
    /// Every call gets this fault.
    Fault(FaultKind),
    /// No call is answered; its connection closes when the outage ends, or after 60 s.
    Hang {
        /// Whether the call is executed first.
        executes: bool,
    },
    /// New connections are refused, and existing ones are closed.
    Refused,
}

impl OutageKind {
    /// Returns every name that text may use; all but `refused` may have `-after` appended.
    pub fn names() -> Vec<&'static str> {
        ["cut", "hang", "refused"]
            .into_iter()
            .chain(Dress::names())
            .collect()
    }

    pub(super) fn executes(self) -> bool {
        match self {
            Self::Fault(kind) => kind.executes(),
            Self::Hang { executes } => executes,
            Self::Refused => false,
        }
    }
}

impl FromStr for OutageKind {
    type Err = OutageError;

    fn from_str(text: &str) -> Result<Self, OutageError> {
        let (name, executes) = match text.strip_suffix("-after") {
            Some(name) => (name, true),
            None => (text, false),
        };
        Ok(match (name, executes) {
            ("hang", _) => Self::Hang { executes },
            ("refused", false) => Self::Refused,
            ("cut", false) => Self::Fault(FaultKind::Dropped),
            ("cut", true) => Self::Fault(FaultKind::LostReply),
            _ => {
                let unknown = |_| OutageError::Kind(text.to_owned());
                let dress: Dress = name.parse().map_err(unknown)?;
                Self::Fault(if executes {
                    FaultKind::After(dress)
                } else {
                    FaultKind::Before(dress)
                })
            }
        })
    }
}

/// Why a text is not an outage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutageError {
    /// The time is missing or is no duration, or the number of calls is no number.
    #[error("`{0}` is no outage; hint: write TIME:HOW or TIME:HOW@CALLS, e.g. 6s:cut@100")]
    Shape(String),
    /// No kind of outage has the name.
    #[error(
        "unknown outage `{0}`; hint: one of {list}; all but refused also as cut-after, which executes the call \
         first",
        list = OutageKind::names().join(", ")
    )]
    Kind(String),
}

impl OutageError {
    /// Returns the names that are possible in place of an unknown one; empty for other errors.
    pub fn possible(&self) -> Vec<&'static str> {
        match self {
            Self::Shape(_) => Vec::new(),
            Self::Kind(_) => OutageKind::names(),
        }
    }
}

impl FromStr for Outage {
    type Err = OutageError;

    fn from_str(text: &str) -> Result<Self, OutageError> {
        let shape = || OutageError::Shape(text.to_owned());
        let (lasts, rest) = text.split_once(':').ok_or_else(shape)?;
        let (kind, from_add) = match rest.split_once('@') {
            Some((kind, calls)) => (kind, calls.trim().parse().map_err(|_| shape())?),
            None => (rest, 0),
        };
        Ok(Self {
            lasts: duration(lasts.trim()).ok_or_else(shape)?,
            kind: kind.trim().parse()?,
            from_add,
        })
    }
}

/// The outages of a server: those to come, those under way, those that are over.
#[derive(Debug)]
pub(super) struct Outages {
    adds: u64,
    /// Each outage with its end, once it has begun.
    planned: Vec<(Outage, Option<Instant>)>,
}

/// An outage that a call has fallen into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Struck {
    pub(super) kind: OutageKind,
    ends: Instant,
}

impl Struck {
    /// Returns how long a call that arrived at `now` is kept before its connection closes.
    pub(super) fn silence(&self, now: Instant) -> Duration {
        match self.kind {
            OutageKind::Hang { .. } => self.ends.saturating_duration_since(now).min(HANG),
            _ => Duration::ZERO,
        }
    }
}

impl Outages {
    pub(super) fn new(outages: Vec<Outage>, now: Instant) -> Self {
        let planned = outages.into_iter().map(|outage| (outage, None)).collect();
        let mut outages = Self { adds: 0, planned };
        outages.begin(now);
        outages
    }

    /// Returns the outage that a call falls into. An add is counted first, and begins the outages that start with it.
    pub(super) fn meet(&mut self, endpoint: Endpoint, now: Instant) -> Option<Struck> {
        if endpoint == Endpoint::Add {
            self.adds += 1;
            self.begin(now);
        }
        self.planned.iter().find_map(|(outage, ends)| {
            let kind = outage.kind;
            ends.filter(|ends| now < *ends)
                .map(|ends| Struck { kind, ends })
        })
    }

    /// Returns the moment until which connections are refused.
    pub(super) fn refused_until(&self) -> Option<Instant> {
        self.planned
            .iter()
            .filter(|(outage, _)| outage.kind == OutageKind::Refused)
            .filter_map(|(_, ends)| *ends)
            .max()
    }

    fn begin(&mut self, now: Instant) {
        for (outage, ends) in &mut self.planned {
            if ends.is_none() && outage.from_add <= self.adds {
                *ends = Some(now + outage.lasts.min(FOR_EVER));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read() {
        let outage = |text: &str| text.parse::<Outage>();
        let expected = |kind, from_add| Outage {
            lasts: Duration::from_secs(6),
            kind,
            from_add,
        };
        let page: Dress = "503ra".parse().unwrap();
        for (text, kind, from_add) in [
            ("6s:cut@100", OutageKind::Fault(FaultKind::Dropped), 100),
            ("6s:cut-after", OutageKind::Fault(FaultKind::LostReply), 0),
            ("6s:503ra", OutageKind::Fault(FaultKind::Before(page)), 0),
            (
                "6s:503ra-after",
                OutageKind::Fault(FaultKind::After(page)),
                0,
            ),
            ("6s:hang", OutageKind::Hang { executes: false }, 0),
            ("6000ms:hang-after", OutageKind::Hang { executes: true }, 0),
            ("6s:refused@2", OutageKind::Refused, 2),
        ] {
            assert_eq!(outage(text), Ok(expected(kind, from_add)), "{text}");
        }
        for (text, part) in [
            ("cut", "TIME:HOW"),
            ("soon:cut", "TIME:HOW"),
            ("6s:cut@x", "TIME:HOW"),
            ("6s:fog", "cut, hang, refused, 503ra"),
            ("6s:refused-after", "one of"),
        ] {
            let error = outage(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn an_outage_begins_with_its_add_and_ends_with_its_time() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut outages = Outages::new(vec!["1s:cut@2".parse().unwrap()], start);
        assert!(outages.meet(Endpoint::List, at(0)).is_none());
        assert!(outages.meet(Endpoint::Add, at(100)).is_none());
        assert!(outages.meet(Endpoint::Add, at(200)).is_some());
        assert!(outages.meet(Endpoint::List, at(1199)).is_some());
        assert!(outages.meet(Endpoint::Add, at(1200)).is_none());
        assert!(outages.meet(Endpoint::Add, at(1300)).is_none());
    }

    #[test]
    fn silence_ends_with_the_outage_or_after_a_minute() {
        let start = Instant::now();
        for (lasts, silence) in [("5s", 4), ("10m", 60)] {
            let outage = format!("{lasts}:hang").parse().unwrap();
            let struck = Outages::new(vec![outage], start)
                .meet(Endpoint::Find, start + Duration::from_secs(1))
                .unwrap();
            let waits = struck.silence(start + Duration::from_secs(1));
            assert_eq!(waits, Duration::from_secs(silence));
        }
    }
}
