//! A cell of a source on its way into a sheet that comes back: a number stays a number, a date a date, in the format
//! that it had.
//!
//! The invariant: what is written here is read back as the same text and the same kind. So a cell is written as a
//! number only if the function that reads numbers makes its very text of it; any other cell is written as text. The
//! fingerprint of a row is made of these texts and is therefore the same.

use super::number_format::NumberFormat;
use super::write::{KeptNumber, NumberCode, NumberLook, OutCell};
use super::{cell, fit};
use crate::model::{Cell, CellKind};

/// From this length on Excel shows a whole number in scientific notation unless its format says otherwise.
const LONG_NUMBER: usize = 12;
const DAY_SECONDS: f64 = 86_400.0;

/// A number format of a source's cells, and of the column that it is most frequent in.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnFormat {
    code: NumberCode,
    reads_as: NumberFormat,
}

impl ColumnFormat {
    pub(super) fn new(code: NumberCode, reads_as: NumberFormat) -> Self {
        Self { code, reads_as }
    }

    /// Returns the format as a column of a sheet takes it.
    pub fn code(&self) -> NumberCode {
        self.code.clone()
    }

    /// Returns whether the format shows dates or times.
    pub fn is_of_dates(&self) -> bool {
        matches!(self.reads_as, NumberFormat::Date | NumberFormat::Duration)
    }

    /// Returns the number behind what the format shows, if it shows something else.
    fn behind(&self, source: &Cell, seen: Option<&Cell>) -> Option<f64> {
        match seen {
            Some(cell) => match cell.kind {
                CellKind::Shown(stored) => {
                    let number = stored.value();
                    self.shows(number, cell).then_some(number)
                }
                _ => None,
            },
            None => {
                (source.text == "0" && self.reads_as.show(0.0, false).0.is_empty()).then_some(0.0)
            }
        }
    }

    fn shows(&self, number: f64, cell: &Cell) -> bool {
        self.reads_as.show(number, false) == (cell.text.clone(), cell.kind)
    }
}

/// Returns a cell of a source as it is written; `format` is the cell's own, if it is known. `seen` is the cell as a person sees it: in
/// a column of numbers the cell is what is stored instead, and a 0 that the format hides is seen nowhere.
pub fn kept<'a>(
    source: &'a Cell,
    seen: Option<&Cell>,
    format: Option<&'a ColumnFormat>,
) -> OutCell<'a> {
    let text = source.text.as_str();
    let behind = format.and_then(|format| format.behind(source, seen));
    let number = match source.kind {
        _ if behind.is_some() => behind.map(|number| (number, NumberLook::OfSource)),
        CellKind::Bool if text == "TRUE" => return OutCell::Bool(true),
        CellKind::Bool if text == "FALSE" => return OutCell::Bool(false),
        CellKind::Error => return OutCell::Error(text),
        CellKind::Number | CellKind::Imprecise => plain_number(source, format),
        CellKind::Text => percentage(source, format),
        CellKind::Date => date(source, format),
        CellKind::Time => time(source, format),
        CellKind::Obscured => obscured(source, format),
        CellKind::Shown(_) | CellKind::Bool | CellKind::Uncalculated => None,
    };
    number.map_or(OutCell::Text(text), |(number, look)| {
        let code = format.filter(|_| look == NumberLook::OfSource);
        OutCell::Kept(KeptNumber {
            number,
            text,
            look,
            code: code.map(|format| &format.code),
        })
    })
}

/// Returns the number of a cell, with its look, if its format shows it as the cell's text.
fn in_format(
    source: &Cell,
    format: Option<&ColumnFormat>,
    number: f64,
) -> Option<(f64, NumberLook)> {
    format
        .filter(|format| format.shows(number, source))
        .map(|_| (number, NumberLook::OfSource))
}

fn plain_number(source: &Cell, format: Option<&ColumnFormat>) -> Option<(f64, NumberLook)> {
    let text = source.text.as_str();
    let plain = text.parse::<f64>().ok().filter(|number| number.is_finite());
    // A number that no date format can show is in that format all the same, and would be shown as #####.
    let format = format.filter(|format| !format.is_of_dates());
    if let Some(kept) = plain.and_then(|number| in_format(source, format, number)) {
        return Some(kept);
    }
    let number = plain.filter(|number| cell::number(*number) == (text.to_owned(), source.kind))?;
    let is_long = text.len() >= LONG_NUMBER && text.bytes().all(|byte| byte.is_ascii_digit());
    let look = if is_long {
        NumberLook::Digits
    } else {
        NumberLook::General
    };
    Some((number, look))
}

/// Returns the number behind a text such as `15%` that a format of percentages shows. Such a cell is read as text.
fn percentage(source: &Cell, format: Option<&ColumnFormat>) -> Option<(f64, NumberLook)> {
    let hundredths = source.text.strip_suffix('%')?;
    let number = format!("{hundredths}e-2").parse::<f64>().ok()?;
    in_format(source, format, number)
}

/// Returns the number or date behind a text whose format shows something that is not known.
fn obscured(source: &Cell, format: Option<&ColumnFormat>) -> Option<(f64, NumberLook)> {
    let number = source.text.parse().ok();
    let number = number.or_else(|| fit::date(&source.text).map(|date| date.serial));
    in_format(source, format, number?)
}

fn date(source: &Cell, format: Option<&ColumnFormat>) -> Option<(f64, NumberLook)> {
    let date = fit::date(&source.text)?;
    let look = if date.has_time {
        NumberLook::DateTime
    } else {
        NumberLook::Date
    };
    in_format(source, format, date.serial).or_else(|| {
        let reads_back =
            cell::serial(date.serial, false, false) == (source.text.clone(), source.kind);
        reads_back.then_some((date.serial, look))
    })
}

/// Returns a time of day or a duration, such as `26:30:00`, as a part or multiple of a day.
fn time(source: &Cell, format: Option<&ColumnFormat>) -> Option<(f64, NumberLook)> {
    let mut parts = source.text.splitn(3, ':').map(str::parse::<u32>);
    let mut part = || parts.next()?.ok().map(f64::from);
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    let days = (hours * 3600.0 + minutes * 60.0 + seconds) / DAY_SECONDS;
    in_format(source, format, days).or_else(|| {
        let reads_back = cell::serial(days, true, false) == (source.text.clone(), source.kind);
        reads_back.then_some((days, NumberLook::Clock))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::StoredNumber;

    fn cell_of(text: String, kind: CellKind) -> Cell {
        Cell {
            column: 0,
            text,
            kind,
            format: None,
        }
    }

    fn format(code: &str) -> ColumnFormat {
        ColumnFormat::new(NumberCode::Code(code.to_owned()), NumberFormat::of(code))
    }

    /// Returns what a workbook gives back of a cell that is written.
    fn read_back(written: OutCell<'_>, format: Option<&ColumnFormat>) -> (String, CellKind) {
        match written {
            OutCell::Kept(kept) => match (kept.look, format) {
                (NumberLook::OfSource, Some(format)) => format.reads_as.show(kept.number, false),
                (NumberLook::General | NumberLook::Digits | NumberLook::OfSource, _) => {
                    cell::number(kept.number)
                }
                (NumberLook::Date | NumberLook::DateTime, _) => {
                    cell::serial(kept.number, false, false)
                }
                (NumberLook::Clock, _) => cell::serial(kept.number, true, false),
            },
            OutCell::Bool(value) => cell::boolean(value),
            OutCell::Error(text) => (text.to_owned(), CellKind::Error),
            OutCell::Text(text) => (text.to_owned(), CellKind::Text),
            other => panic!("{other:?} is written for no cell"),
        }
    }

    #[test]
    fn cells_keep_their_kinds() {
        use CellKind::{Date, Imprecise, Number, Obscured, Shown, Text, Time};
        for (code, text, kind, number, look) in [
            ("General", "12.5", Number, 12.5, NumberLook::OfSource),
            (
                "0000",
                "0571",
                Shown(StoredNumber::new(571.0)),
                571.0,
                NumberLook::OfSource,
            ),
            (
                "\"KH\"0000",
                "KH0012",
                Shown(StoredNumber::new(12.0)),
                12.0,
                NumberLook::OfSource,
            ),
            (
                "[=1]\"男\";[=2]\"女\"",
                "男",
                Shown(StoredNumber::new(1.0)),
                1.0,
                NumberLook::OfSource,
            ),
            ("[DBNum1]0", "12", Obscured, 12.0, NumberLook::OfSource),
            ("#,##0.00", "-1234.5", Number, -1234.5, NumberLook::OfSource),
            ("0%", "7%", Text, 0.07, NumberLook::OfSource),
            ("0.00%", "-12.5%", Text, -0.125, NumberLook::OfSource),
            (
                "yyyy/m/d",
                "2024-11-14",
                Date,
                45610.0,
                NumberLook::OfSource,
            ),
            ("0000", "2024-11-14", Date, 45610.0, NumberLook::Date),
            ("h:mm", "06:00:00", Time, 0.25, NumberLook::OfSource),
            ("h:mm", "30:00:00", Time, 1.25, NumberLook::Clock),
            (
                "yyyy/m/d",
                "138001380001",
                Number,
                138_001_380_001.0,
                NumberLook::Digits,
            ),
            ("yyyy/m/d", "4000000", Number, 4e6, NumberLook::General),
            (
                "@",
                "1000000000000000000",
                Imprecise,
                1e18,
                NumberLook::OfSource,
            ),
        ] {
            let source = cell_of(text.to_owned(), kind);
            let form = format(code);
            let own = form.code();
            let of_source = (look == NumberLook::OfSource).then_some(&own);
            let expected = OutCell::Kept(KeptNumber {
                number,
                text,
                look,
                code: of_source,
            });
            assert_eq!(
                kept(&source, Some(&source), Some(&form)),
                expected,
                "{code} {text}"
            );
        }
        for (text, kind) in [("0571", Text), ("15%", Text), ("1900-02-29", Date)] {
            let source = cell_of(text.to_owned(), kind);
            assert_eq!(kept(&source, Some(&source), None), OutCell::Text(text));
        }
        let source = cell_of("#N/A".to_owned(), CellKind::Error);
        assert_eq!(kept(&source, Some(&source), None), OutCell::Error("#N/A"));
    }

    #[test]
    fn a_column_of_numbers_keeps_what_its_format_hides() {
        let number = cell_of("1".to_owned(), CellKind::Number);
        let seen = cell_of("男".to_owned(), CellKind::Shown(StoredNumber::new(1.0)));
        let words = format("[=1]\"男\";[=2]\"女\"");
        let hiding = format("0;-0;;@");
        let looks = |written: OutCell<'_>| match written {
            OutCell::Kept(kept) => (kept.number.to_string(), kept.text.to_owned(), kept.look),
            other => panic!("{other:?} is no number"),
        };
        let said = |text: &str, look| (text.to_owned(), text.to_owned(), look);
        assert_eq!(
            looks(kept(&number, Some(&seen), Some(&words))),
            said("1", NumberLook::OfSource)
        );
        let zero = cell_of("0".to_owned(), CellKind::Number);
        assert_eq!(
            looks(kept(&zero, None, Some(&hiding))),
            said("0", NumberLook::OfSource)
        );
        // A format that shows the number does not hide it.
        assert_eq!(
            looks(kept(&zero, None, Some(&words))),
            said("0", NumberLook::General)
        );
    }

    /// Formats of which some show numbers, some dates, some ids.
    const CODES: [&str; 16] = [
        "General",
        "0",
        "0.00",
        "#,##0.00",
        "0000",
        "\"KH\"0000",
        "000-0000",
        "0%",
        "0.0%",
        "yyyy/m/d",
        "h:mm:ss",
        "[h]:mm:ss",
        "[=1]\"男\";[=2]\"女\"",
        "\"已付\";\"未付\"",
        "0;-0;;@",
        "[DBNum1]0",
    ];

    proptest! {
        /// The loss against which this guards: a number comes back as another text, has another fingerprint, and its
        /// row is added twice.
        #[test]
        fn a_number_comes_back_as_it_was(
            value in prop_oneof![
                any::<f64>(),
                -1e16_f64..1e16,
                (-1_000_000_000_i64..1_000_000_000).prop_map(|number| number as f64 / 1000.0),
                (0_i64..10_000_000_000_000_000).prop_map(|number| number as f64),
                0.0..60_000.0,
            ],
            shown in 0..CODES.len(),
            written in 0..CODES.len() + 1,
            is_1904: bool,
        ) {
            let (text, kind) = NumberFormat::of(CODES[shown]).show(value, is_1904);
            // A cell that shows nothing is no cell.
            prop_assume!(!text.is_empty());
            let source = cell_of(text.clone(), kind);
            let column = CODES.get(written).map(|code| format(code));
            let (back, back_kind) = read_back(kept(&source, Some(&source), column.as_ref()), column.as_ref());
            prop_assert_eq!(&back, &text);
            let is_number = matches!(kind, CellKind::Number | CellKind::Shown(_) | CellKind::Imprecise);
            // A number whose format the column has not is written as text, and then it is one.
            prop_assert!(back_kind == kind || (back_kind == CellKind::Text && (shown != written || !is_number)));
        }

        /// Any text that a file holds comes back as it was, whatever its column's format makes of numbers.
        #[test]
        fn a_text_stays_the_same_text(text in "\\PC{1,12}|[0-9]{1,4}(\\.[0-9]{1,3})?%", written in 0..CODES.len()) {
            let source = cell_of(text.clone(), CellKind::Text);
            let column = format(CODES[written]);
            prop_assert_eq!(read_back(kept(&source, Some(&source), Some(&column)), Some(&column)).0, text);
        }
    }
}
