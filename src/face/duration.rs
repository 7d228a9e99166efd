//! Durations as people type them: `30s`, `500ms`, `2m`, `1h`, `90d`; a bare number is seconds.

use std::time::Duration;

use crate::model::{Phrase, Saying};

/// Reads a duration. An error says what is wrong.
pub(crate) fn parse(text: &str) -> Result<Duration, Phrase> {
    let refuse = |saying, value: &str| Phrase::new(saying).with("value", value);
    let text = text.trim();
    let split = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number
        .parse()
        .map_err(|_| refuse(Saying::NotADuration, text))?;
    let seconds = match unit.trim() {
        "ms" => number / 1000.0,
        "" | "s" | "sec" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86_400.0,
        other => {
            return Err(refuse(Saying::NotATimeUnit, other));
        }
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| refuse(Saying::DurationOutOfRange, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("500ms", 500),
            ("2m", 120_000),
            ("1.5h", 5_400_000),
            ("7", 7000),
        ] {
            assert_eq!(
                parse(text).map(|duration| duration.as_millis()),
                Ok(milliseconds),
                "{text}"
            );
        }
        assert!(parse("soon").is_err() && parse("3 weeks").is_err() && parse("-1s").is_err());
    }
}
