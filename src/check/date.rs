//! Reads dates as people write them, for the one form that the CRM takes.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;

/// Why a text is no usable date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDate {
    /// The text can be read in more than one way.
    Ambiguous,
    /// The text cannot be read.
    Unreadable,
}

/// Reads ISO dates, `2024/11/14`, `2024.11.14`, `2024年11月14日` and `20241114`, each with or without a time.
///
/// A date with its year at the end is read only where one order of day and month is possible. A year of two digits is
/// always ambiguous.
pub(super) fn parse(text: &str) -> Result<DateTime, NoDate> {
    let (date_text, time_text) = split_time(text);
    let date = parse_date(date_text.trim())?;
    let time = match time_text {
        Some(text) => parse_time(text.trim()).ok_or(NoDate::Unreadable)?,
        None => Time::midnight(),
    };
    Ok(date.to_datetime(time))
}

/// Reads a date in the form that the mapping names. A text in another form is read only if its year comes first. A day
/// in the place of the month is a mistake, and no other form is tried.
pub(super) fn parse_as(format: Option<&str>, text: &str) -> Result<DateTime, NoDate> {
    let Some(format) = format else {
        return parse(text);
    };
    let read = || {
        let fields = BrokenDownTime::parse(format, text).ok()?;
        let date = fields.to_date().ok()?;
        let time = fields.to_time().unwrap_or_else(|_| Time::midnight());
        Some(date.to_datetime(time))
    };
    let year_first = text.len() >= 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    match read() {
        Some(moment) => Ok(moment),
        None if year_first => parse(text),
        None => Err(NoDate::Unreadable),
    }
}

fn split_time(text: &str) -> (&str, Option<&str>) {
    if let Some(position) = text.find('日') {
        let (date, rest) = text.split_at(position + '日'.len_utf8());
        return (date, (!rest.trim().is_empty()).then_some(rest));
    }
    match text.split_once([' ', 'T']) {
        Some((date, time)) if !time.trim().is_empty() => (date, Some(time)),
        _ => (text, None),
    }
}

fn parse_date(text: &str) -> Result<Date, NoDate> {
    let text = text.trim_end_matches('日');
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = |range: std::ops::Range<usize>| {
            text.get(range)
                .and_then(|digits| digits.parse::<i16>().ok())
        };
        return match (number(0..4), number(4..6), number(6..8)) {
            (Some(year), Some(month), Some(day)) => civil(year, month, day),
            _ => Err(NoDate::Unreadable),
        };
    }
    let parts: Vec<&str> = text
        .split(['-', '/', '.', '年', '月'])
        .map(str::trim)
        .collect();
    let &[first, second, third] = parts.as_slice() else {
        return Err(NoDate::Unreadable);
    };
    let number = |digits: &str| {
        let plain = !digits.is_empty()
            && digits.len() <= 4
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain {
            digits.parse::<i16>().map_err(|_| NoDate::Unreadable)
        } else {
            Err(NoDate::Unreadable)
        }
    };
    let (one, two, three) = (number(first)?, number(second)?, number(third)?);
    match (first.len(), second.len(), third.len()) {
        (4, 1..=2, 1..=2) => civil(one, two, three),
        (1..=2, 1..=2, 4) => match (civil(three, two, one), civil(three, one, two)) {
            (Ok(date), Ok(other)) if date != other => Err(NoDate::Ambiguous),
            (Ok(date), _) | (_, Ok(date)) => Ok(date),
            _ => Err(NoDate::Unreadable),
        },
        (1..=2, 1..=2, 1..=2) => Err(NoDate::Ambiguous),
        _ => Err(NoDate::Unreadable),
    }
}

fn civil(year: i16, month: i16, day: i16) -> Result<Date, NoDate> {
    let narrow = |number: i16| i8::try_from(number).map_err(|_| NoDate::Unreadable);
    if !(1000..=9999).contains(&year) {
        return Err(NoDate::Unreadable);
    }
    Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| NoDate::Unreadable)
}

/// Reads a time: `9:05`, `09:05:30`, `9:05:30.000` (the fraction must be zero), `9时5分30秒`, `上午9:05`, `9:05 PM`.
fn parse_time(text: &str) -> Option<Time> {
    let mut rest = text.trim();
    let mut afternoon = None;
    for (word, is_afternoon) in [
        ("上午", false),
        ("下午", true),
        ("AM", false),
        ("PM", true),
        ("am", false),
        ("pm", true),
    ] {
        if let Some(shorter) = rest.strip_prefix(word).or_else(|| rest.strip_suffix(word)) {
            rest = shorter.trim();
            afternoon = Some(is_afternoon);
            break;
        }
    }
    let rest = rest.trim_end_matches('秒').trim_end_matches('分');
    let mut numbers = rest.split([':', '时', '分']).map(|part| {
        let whole = match part.split_once('.') {
            // The CRM could not store a fraction of a second.
            Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
            Some(_) => "",
            None => part,
        };
        (1..=2)
            .contains(&whole.len())
            .then(|| whole.parse::<i8>().ok())
            .flatten()
    });
    let mut hour = numbers.next()??;
    let minute = numbers.next()??;
    let second = numbers.next().unwrap_or(Some(0))?;
    if numbers.next().is_some() {
        return None;
    }
    match afternoon {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        Some(_) if hour > 12 => return None,
        _ => {}
    }
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_people_write() {
        for (text, read) in [
            ("2024-11-14", "2024-11-14 00:00:00"),
            ("2024/1/5", "2024-01-05 00:00:00"),
            ("2024.11.14", "2024-11-14 00:00:00"),
            ("2024年11月14日", "2024-11-14 00:00:00"),
            ("2024年11月14日 9时5分", "2024-11-14 09:05:00"),
            ("2024年11月14日09:05:06", "2024-11-14 09:05:06"),
            ("20241114", "2024-11-14 00:00:00"),
            ("2024-11-14 9:05", "2024-11-14 09:05:00"),
            ("2024-11-14T09:05:06", "2024-11-14 09:05:06"),
            ("2024/11/14 下午3:00", "2024-11-14 15:00:00"),
            ("2024/11/14 12:30 AM", "2024-11-14 00:30:00"),
            ("25/12/2024", "2024-12-25 00:00:00"),
            ("12/25/2024", "2024-12-25 00:00:00"),
            ("04/04/2024", "2024-04-04 00:00:00"),
        ] {
            let date = parse(text).map(|date| date.strftime("%Y-%m-%d %H:%M:%S").to_string());
            assert_eq!(date.as_deref(), Ok(read), "{text}");
        }
    }

    #[test]
    fn a_form_decides_and_a_year_in_front_needs_none() {
        for (format, text, read) in [
            ("%d/%m/%Y", "03/04/2024", Some("2024-04-03 00:00:00")),
            ("%d/%m/%Y", "3/4/2024", Some("2024-04-03 00:00:00")),
            ("%m/%d/%Y", "03/04/2024", Some("2024-03-04 00:00:00")),
            ("%m/%d/%Y", "25/12/2024", None),
            ("%y-%m-%d", "24-11-14", Some("2024-11-14 00:00:00")),
            ("%y-%m-%d", "2024-11-14", Some("2024-11-14 00:00:00")),
            ("%d/%m/%Y", "2024年11月14日", Some("2024-11-14 00:00:00")),
            (
                "%d/%m/%Y %H:%M",
                "03/04/2024 09:05",
                Some("2024-04-03 09:05:00"),
            ),
            ("%d/%m/%Y", "03/04/2024x", None),
        ] {
            let date = parse_as(Some(format), text)
                .map(|date| date.strftime("%Y-%m-%d %H:%M:%S").to_string());
            assert_eq!(date.ok().as_deref(), read, "{format} {text}");
        }
    }

    #[test]
    fn doubtful_and_impossible_dates_are_refused() {
        for text in ["03/04/2024", "24-11-14", "1/2/24"] {
            assert_eq!(parse(text), Err(NoDate::Ambiguous), "{text}");
        }
        for text in [
            "2024-02-30",
            "2024-13-01",
            "45610",
            "明天",
            "",
            "2024-11",
            "2024-11-14 25:00",
            "2024-11-14T01:00:00Z",
            "2024-11-14 01:00:00.5",
            "0000-01-01",
        ] {
            assert_eq!(parse(text), Err(NoDate::Unreadable), "{text}");
        }
    }
}
