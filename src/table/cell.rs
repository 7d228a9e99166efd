//! Cell → text: the rules that make cells of the same content the same text, whatever the file's format.
//!
//! * Text is trimmed at its ends of white space (full-width and no-break spaces too) and of characters that nobody sees:
//!   zero-width ones, marks of direction, controls, soft hyphens. Inside it only line breaks change, to LF.
//! * A whole number has no `.0` and no exponent. From 10¹⁵ on it has more than 15 digits, of which
//!   Excel lost the last ones when they were typed: it is marked [`CellKind::Imprecise`].
//! * Other numbers show 15 significant digits, as Excel's General does: 0.1 + 0.2 is `0.3`.
//! * Number formats stand in `number_format.rs`: those that pad with zeros or show percent change the text; all others
//!   do not, and the bare number is passed on.
//! * Dates are `yyyy-MM-dd`, with ` HH:mm:ss` if there is a time, rounded to the second once, on the
//!   whole serial, so that 23:59:59.9 becomes the next day and not 24:00:00.
//!
//! Serial dates: ECMA-376 part 1, 18.17.4. The 1900 system counts a 29 February 1900 that never was;
//! serial 60 gives that date, as Excel shows it, for the checks to refuse.

use calamine::{Data, ExcelDateTime, ExcelDateTimeType};
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Unit};

use crate::model::{CellKind, UNCALCULATED, number_text, trimmed};

const DAY_SECONDS: i64 = 86_400;
/// 9999-12-31 in the 1900 system, the last day that Excel knows.
const LAST_DAY_1900: i64 = 2_958_465;
/// The same day in the 1904 system.
const LAST_DAY_1904: i64 = 2_957_003;
/// The first whole number of 16 digits.
const SIXTEEN_DIGITS: f64 = 1e15;

/// The text of a cell and the kind that the spreadsheet gave it; `None` for a blank cell.
pub(super) type Content = Option<(String, CellKind)>;

/// Returns text without the white space and the unseen characters at its ends.
pub fn trim(text: &str) -> &str {
    trimmed(text)
}

/// Returns text as it is passed on, or `None` if it is blank.
pub(super) fn text(raw: &str) -> Option<String> {
    let trimmed = trim(raw);
    if trimmed.is_empty() {
        None
    } else if trimmed.contains('\r') {
        Some(trimmed.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Some(trimmed.to_owned())
    }
}

/// Returns a cell of a workbook as text, or `None` if it is blank.
pub(super) fn from_data(data: &Data) -> Option<(String, CellKind)> {
    match data {
        Data::Empty => None,
        Data::String(raw) => text(raw).map(as_text),
        Data::Float(value) => Some(number(*value)),
        Data::Int(value) => Some(number(*value as f64)),
        Data::Bool(value) => Some(boolean(*value)),
        Data::DateTime(value) => Some(date_time(*value)),
        Data::DateTimeIso(raw) => iso_date(raw),
        Data::DurationIso(raw) => iso_duration(raw),
        Data::Error(error) => Some((error.to_string(), CellKind::Error)),
    }
}

fn as_text(text: String) -> (String, CellKind) {
    (text, CellKind::Text)
}

/// Returns the text and kind of a formula whose value was never calculated.
pub(super) fn uncalculated() -> (String, CellKind) {
    (UNCALCULATED.to_owned(), CellKind::Uncalculated)
}

/// Returns a boolean as a spreadsheet shows it.
pub(super) fn boolean(value: bool) -> (String, CellKind) {
    let text = if value { "TRUE" } else { "FALSE" };
    (text.to_owned(), CellKind::Bool)
}

/// Returns an error value as it is shown. One that shows nothing is an error all the same.
pub(super) fn error(shown: &str) -> (String, CellKind) {
    let text = match trim(shown) {
        "" => "#UNKNOWN!",
        text => text,
    };
    (text.to_owned(), CellKind::Error)
}

/// Returns a number as a person sees it.
pub(super) fn number(value: f64) -> (String, CellKind) {
    if !value.is_finite() {
        return ("#NUM!".to_owned(), CellKind::Error);
    }
    if value.abs() >= SIXTEEN_DIGITS {
        return (value.to_string(), CellKind::Imprecise);
    }
    (number_text(value), CellKind::Number)
}

fn date_time(value: ExcelDateTime) -> (String, CellKind) {
    let kind = if value.is_duration() {
        ExcelDateTimeType::TimeDelta
    } else {
        ExcelDateTimeType::DateTime
    };
    // calamine has no getter for the date system, but comparing tells it.
    let is_1904 = value == ExcelDateTime::new(value.as_f64(), kind, true);
    serial(value.as_f64(), value.is_duration(), is_1904)
}

/// Returns a serial date, time or duration as text. A number that is no date in Excel (negative, beyond 9999) stays a
/// number.
pub(super) fn serial(value: f64, is_duration: bool, is_1904: bool) -> (String, CellKind) {
    let last_day = if is_1904 {
        LAST_DAY_1904
    } else {
        LAST_DAY_1900
    };
    let in_range = value > -1.0 && value < (last_day + 1) as f64;
    let seconds = if in_range {
        (value * DAY_SECONDS as f64).round() as i64
    } else {
        -1
    };
    if seconds < 0 || seconds >= (last_day + 1) * DAY_SECONDS {
        return number(value);
    }
    if is_duration {
        return (clock(seconds), CellKind::Time);
    }
    if value < 1.0 {
        return (clock(seconds % DAY_SECONDS), CellKind::Time);
    }
    let (days, seconds) = (seconds / DAY_SECONDS, seconds % DAY_SECONDS);
    let (year, month, day, ..) =
        ExcelDateTime::new(days as f64, ExcelDateTimeType::DateTime, is_1904).to_ymd_hms_milli();
    let mut text = String::with_capacity("yyyy-MM-dd HH:mm:ss".len());
    push_digits(&mut text, i64::from(year / 100));
    push_digits(&mut text, i64::from(year % 100));
    text.push('-');
    push_digits(&mut text, i64::from(month));
    text.push('-');
    push_digits(&mut text, i64::from(day));
    push_time(&mut text, seconds);
    (text, CellKind::Date)
}

/// Returns the date or time of a cell of type `d`, which holds ISO 8601. Any other text stays text.
pub(super) fn iso_date(raw: &str) -> Option<(String, CellKind)> {
    let text = text(raw)?;
    let local = text.strip_suffix('Z').unwrap_or(&text);
    if let Ok(moment) = local.parse::<DateTime>()
        && let Ok(moment) = moment.round(Unit::Second)
    {
        let time = moment.time();
        let seconds = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        let mut text = moment.date().to_string();
        push_time(&mut text, seconds);
        return Some((text, CellKind::Date));
    }
    match local
        .parse::<Time>()
        .and_then(|time| time.round(Unit::Second))
    {
        Ok(time) => Some((time.strftime("%H:%M:%S").to_string(), CellKind::Time)),
        Err(_) => Some((text, CellKind::Text)),
    }
}

fn iso_duration(raw: &str) -> Option<(String, CellKind)> {
    let text = text(raw)?;
    match text.parse::<SignedDuration>() {
        Ok(duration) if !duration.is_negative() => {
            Some((clock(duration.as_secs_f64().round() as i64), CellKind::Time))
        }
        _ => Some((text, CellKind::Text)),
    }
}

fn push_time(text: &mut String, seconds: i64) {
    if seconds != 0 {
        text.push(' ');
        push_clock(text, seconds);
    }
}

fn clock(seconds: i64) -> String {
    let mut text = String::with_capacity("HH:mm:ss".len());
    push_clock(&mut text, seconds);
    text
}

fn push_clock(text: &mut String, seconds: i64) {
    let hours = seconds / 3600;
    if hours < 100 {
        push_digits(text, hours);
    } else {
        text.push_str(&hours.to_string());
    }
    text.push(':');
    push_digits(text, seconds / 60 % 60);
    text.push(':');
    push_digits(text, seconds % 60);
}

/// Appends two digits. `format!` would take several times as long, and date columns are long.
fn push_digits(text: &mut String, number: i64) {
    text.push(char::from(b'0' + (number / 10 % 10) as u8));
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
#[path = "cell_tests.rs"]
mod tests;
