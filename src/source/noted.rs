//! What is said once about a whole file: words that count as blank, signs that were left out, question marks, hidden
//! rows. Each is counted over all rows, so that a million cells make one line.

use std::ops::RangeInclusive;

use crate::job::spec::SheetPlan;
use crate::model::{CellNotes, Code, Monitor, Problem, RowNumber, column_letters};

/// How many ranges of hidden rows are named.
const NAMED_RANGES: usize = 5;

/// The notes on the cells of a file's rows, added up.
#[derive(Debug, Default)]
pub(crate) struct NotedCells {
    blank_words: u64,
    null_words: u64,
    wrapped_digits: u64,
    question_marks: u64,
    seen_owners: u64,
    /// The row and the column of the first cell with question marks.
    first_marks: Option<(RowNumber, u32)>,
}

impl NotedCells {
    /// Adds the notes on one row.
    pub(crate) fn add(&mut self, number: RowNumber, notes: CellNotes) {
        self.blank_words += u64::from(notes.blank_words);
        self.null_words += u64::from(notes.null_words);
        self.wrapped_digits += u64::from(notes.wrapped_digits);
        self.question_marks += u64::from(notes.question_marks);
        self.seen_owners += u64::from(notes.seen_owners);
        if self.first_marks.is_none() {
            self.first_marks = notes.first_marks.map(|column| (number, column));
        }
    }

    /// Says what was noted. Rows are of these sheets.
    pub(crate) fn tell(&self, sheets: &[SheetPlan], monitor: &dyn Monitor) {
        let counted = |code, count: u64| {
            if count > 0 {
                monitor.notice(&Problem::new(code).with("count", count.to_string()));
            }
        };
        counted(Code::BlankWords, self.blank_words);
        counted(Code::NullWords, self.null_words);
        counted(Code::WrappedDigits, self.wrapped_digits);
        counted(Code::SeenOwners, self.seen_owners);
        if let Some((number, column)) = self.first_marks {
            let cell = format!("{}{}", column_letters(column), number.row);
            let sheet = sheets.get(usize::from(number.sheet));
            let cell = match sheet.filter(|_| sheets.len() > 1) {
                Some(sheet) => format!("{}!{cell}", sheet.name),
                None => cell,
            };
            let problem = Problem::new(Code::QuestionMarks)
                .with("count", self.question_marks.to_string())
                .with("cell", cell);
            monitor.notice(&problem);
        }
    }
}

/// The hidden rows below the headers of the sheets that were read.
#[derive(Debug, Default)]
pub(crate) struct HiddenRows {
    count: u64,
    ranges: Vec<String>,
}

impl HiddenRows {
    /// Counts the hidden rows of a sheet that lie below its header; `sheet` names it where there are several.
    pub(crate) fn add(
        &mut self,
        header_row: u32,
        hidden: Vec<RangeInclusive<u32>>,
        sheet: Option<&str>,
    ) {
        for range in hidden {
            let (first, last) = (
                header_row.saturating_add(1).max(*range.start()),
                *range.end(),
            );
            if first > last {
                continue;
            }
            self.count += u64::from(last - first) + 1;
            if self.ranges.len() <= NAMED_RANGES {
                let prefix = sheet.map_or_else(String::new, |sheet| format!("{sheet}!"));
                self.ranges.push(if first == last {
                    format!("{prefix}{first}")
                } else {
                    format!("{prefix}{first}-{last}")
                });
            }
        }
    }

    /// Returns the notice that hidden rows are read; `None` where there are none.
    pub(crate) fn notice(&self) -> Option<Problem> {
        let mut ranges = self.ranges.clone();
        if ranges.len() > NAMED_RANGES {
            ranges.truncate(NAMED_RANGES);
            ranges.push("…".to_owned());
        }
        (self.count > 0).then(|| {
            Problem::new(Code::HiddenRows)
                .with("count", self.count.to_string())
                .with("rows", ranges.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_are_counted_below_the_header() {
        let mut hidden = HiddenRows::default();
        assert_eq!(hidden.notice(), None);
        hidden.add(3, vec![1..=2, 3..=5, 9..=9], None);
        let notice = hidden.notice().expect("a notice");
        assert_eq!((notice.fact("count"), notice.fact("rows")), ("3", "4-5, 9"));
        hidden.add(
            1,
            (5..15).map(|row| 2 * row..=2 * row).collect(),
            Some("二"),
        );
        let notice = hidden.notice().expect("a notice");
        assert_eq!(notice.fact("count"), "13");
        assert!(notice.fact("rows").ends_with("二!14, …"), "{notice:?}");
    }
}
