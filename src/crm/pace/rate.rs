//! Limits as people write them: `5/s`, `600/min`, `100 per 20 s` as `100/20s`, `100000/day`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{Phrase, Saying};

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;

/// A limit: at most `calls` in any `period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls per period, at least 1.
    pub calls: u64,
    /// Length of the window: whole seconds, from 1 second to 31 days.
    pub period: Duration,
}

/// The error of a text that is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a rate: write 5/s, 600/min, 2000/h, 100000/day, or several with commas between them"
)]
pub struct NotARate(pub String);

impl NotARate {
    /// Returns the same as a phrase for people.
    pub fn reason(&self) -> Phrase {
        Phrase::new(Saying::NotARate).with("value", &self.0)
    }
}

impl Rate {
    /// Makes a rate of so many calls in so many seconds.
    pub const fn new(calls: u64, period_seconds: u64) -> Self {
        Self {
            calls,
            period: Duration::from_secs(period_seconds),
        }
    }

    /// Returns whether the window is an hour or longer. Such windows are counted across runs; shorter ones are spaced.
    pub fn is_counted(self) -> bool {
        self.period.as_secs() >= HOUR
    }

    /// Returns the distance between calls that are spread evenly at this rate.
    pub(super) fn spacing(self) -> Duration {
        self.period.div_f64(self.calls as f64)
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        parse_rate(text).ok_or_else(|| NotARate(text.trim().to_owned()))
    }
}

fn parse_rate(text: &str) -> Option<Rate> {
    let (calls, period) = text.split_once('/')?;
    let calls: u64 = digits(calls.trim())?;
    let period = period.trim();
    let unit_start = period.find(|letter: char| !letter.is_ascii_digit())?;
    let (times, unit) = period.split_at(unit_start);
    let times = if times.is_empty() { 1 } else { digits(times)? };
    let unit = match unit.trim().to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" | "秒" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" | "分" | "分钟" => MINUTE,
        "h" | "hour" | "hours" | "小时" | "时" => HOUR,
        "d" | "day" | "days" | "天" | "日" => DAY,
        _ => return None,
    };
    let seconds = unit.checked_mul(times)?;
    let fits = (1..=1_000_000_000).contains(&calls) && (1..=31 * DAY).contains(&seconds);
    fits.then(|| Rate::new(calls, seconds))
}

fn digits(text: &str) -> Option<u64> {
    // `u64::from_str` would take a sign.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        let (unit, name) = [(DAY, "day"), (HOUR, "h"), (MINUTE, "min"), (1, "s")]
            .into_iter()
            .find(|(unit, _)| seconds.is_multiple_of(*unit))
            .unwrap_or((1, "s"));
        match seconds / unit {
            1 => write!(formatter, "{}/{name}", self.calls),
            times => write!(formatter, "{}/{times}{name}", self.calls),
        }
    }
}

/// One or several rates that all hold at once; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates(Vec<Rate>);

impl Default for Rates {
    /// Returns 5 calls a second (contract.md, *Limits and refusals*).
    fn default() -> Self {
        Self(vec![Rate::new(5, 1)])
    }
}

impl Rates {
    /// Returns the rates, in the order in which they were written.
    pub fn as_slice(&self) -> &[Rate] {
        &self.0
    }

    /// Returns the windows that are spaced. The default stands in where the setting has only hours and days: a day's
    /// calls must not leave at once.
    pub(super) fn spaced(&self) -> Vec<Rate> {
        let short: Vec<Rate> = self.select(|rate| !rate.is_counted());
        if short.is_empty() {
            return Self::default().0;
        }
        short
    }

    /// Returns the windows that are counted across runs.
    pub fn counted_windows(&self) -> Vec<Rate> {
        self.select(Rate::is_counted)
    }

    fn select(&self, wanted: impl Fn(Rate) -> bool) -> Vec<Rate> {
        self.0
            .iter()
            .copied()
            .filter(|rate| wanted(*rate))
            .collect()
    }
}

impl FromStr for Rates {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let rates: Result<Vec<Rate>, _> = text.split([',', ',', ';']).map(str::parse).collect();
        rates.map(Self)
    }
}

impl fmt::Display for Rates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, rate) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str(", ")?;
            }
            rate.fmt(formatter)?;
        }
        Ok(())
    }
}

impl Serialize for Rates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Rate::to_string))
    }
}

impl<'de> Deserialize<'de> for Rates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum WrittenRates {
            One(String),
            Several(Vec<String>),
        }
        let text = match WrittenRates::deserialize(deserializer)? {
            WrittenRates::One(text) => text,
            WrittenRates::Several(texts) => texts.join(","),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_written() {
        for (text, shown) in [
            ("5/s", "5/s"),
            (" 5 / sec ", "5/s"),
            ("600/min", "600/min"),
            ("20/m", "20/min"),
            ("100/20s", "100/20s"),
            ("2000/h", "2000/h"),
            ("100000/Day", "100000/day"),
            ("5/秒, 600/分钟", "5/s, 600/min"),
            ("10/s,600/min;100000/d", "10/s, 600/min, 100000/day"),
            ("1/60s", "1/min"),
        ] {
            let rates: Rates = text.parse().unwrap();
            assert_eq!(rates.to_string(), shown);
            assert_eq!(shown.parse(), Ok(rates));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "5",
            "/s",
            "5/",
            "0/s",
            "-5/s",
            "+5/s",
            "5.5/s",
            "5/fortnight",
            "5/0s",
            "5/s,",
            "5/s/s",
            "5 s",
            "99999999999/s",
            "1/400d",
            "5/s 6/min",
        ] {
            assert!(text.parse::<Rates>().is_err(), "{text}");
        }
    }

    #[test]
    fn settings_take_a_text_or_a_list() {
        #[derive(Deserialize)]
        struct Settings {
            rate: Rates,
        }
        for text in ["rate = '10/s, 600/min'", "rate = ['10/s', '600/min']"] {
            let settings: Settings = toml::from_str(text).unwrap();
            assert_eq!(settings.rate.to_string(), "10/s, 600/min");
        }
        assert!(toml::from_str::<Settings>("rate = []").is_err());
    }

    #[test]
    fn a_days_calls_do_not_leave_at_once() {
        let rates: Rates = "100000/day".parse().unwrap();
        assert_eq!(rates.spaced(), [Rate::new(5, 1)]);
        assert_eq!(rates.counted_windows(), [Rate::new(100_000, DAY)]);
    }
}
