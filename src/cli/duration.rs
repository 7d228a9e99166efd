//! Durations as people type them: `30s`, `500ms`, `2m`, `1h`, `90d`; a bare number is seconds.

use std::time::Duration;

/// Reads a duration; the error says what is wrong.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let split = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number
        .parse()
        .map_err(|_| format!("“{text}” is no duration, write it as 30s"))?;
    let seconds = match unit.trim() {
        "ms" => number / 1000.0,
        "" | "s" | "sec" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        "d" => number * 86_400.0,
        other => {
            return Err(format!(
                "“{other}” is no unit of time, use ms, s, m, h or d"
            ));
        }
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("“{text}” is out of range"))
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_shown() {
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
        assert_eq!(show(Duration::from_millis(7250)), "7.2 s");
        assert_eq!(show(Duration::from_secs(200)), "3 min 20 s");
    }
}
