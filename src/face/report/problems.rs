//! The problems of a job, as a report tells them: how often each kind occurs, equal ones together with what to do, and
//! the rows that are not done. All three are bounded, however many rows there are.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::shown;
use crate::face::count_bars::CountBars;
use crate::job::examples::{Example, ExampleCounts, Examples};
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, JournalError, JournalRow, RowCursor, RowSet};
use crate::lang::hint::Hints;
use crate::lang::say::{report, summary};
use crate::lang::{self, Lang, sheets};
use crate::model::{Action, Code, Problem, RowNumber, Status, column_letters, shortened};
use crate::results::layout::{Lead, SheetLayout};
use crate::results::locate::{LocatedRow, locate};
use crate::results::result::sheet_hints;

/// The most problems that are told apart, and the most rows that are listed.
const MOST_GROUPS: usize = 50;
const MOST_ROWS: usize = 100;

/// Equal problems of one or more rows.
pub(super) struct ProblemGroup {
    pub rows: u64,
    pub code: String,
    pub message: String,
    pub tip: String,
    /// Where the first of them stands, and whose row it is.
    pub first: String,
}

/// A row that is not done.
pub(super) struct WrongRowLine {
    pub place: String,
    pub name: String,
    pub class: &'static str,
    pub outcome: &'static str,
    pub problems: Vec<String>,
}

/// The problems of a job.
pub(super) struct ReportProblems {
    pub kinds: CountBars,
    pub groups: Vec<ProblemGroup>,
    /// How many further problems there are.
    pub more_problems: u64,
    pub rows: Vec<WrongRowLine>,
    /// How many further rows are not done.
    pub more_rows: u64,
    /// How many rows are not done, without those in doubt.
    pub left: u64,
}

/// A job whose problems are told.
pub(super) struct ProblemSource<'a> {
    pub folder: &'a JobFolder,
    pub spec: &'a JobSpec,
    pub journal: &'a Journal,
    pub is_plan: bool,
    pub is_running: bool,
    pub lang: Lang,
    pub hints: &'a Hints,
}

impl ProblemSource<'_> {
    /// Reads the problems.
    pub fn read(&self) -> Result<ReportProblems, JournalError> {
        let mut found = self.collect()?;
        let groups = std::mem::take(&mut found.groups);
        let Examples { shown, more } = groups.first(MOST_GROUPS);
        let firsts = shown.iter().map(|example| example.row);
        let wanted: BTreeSet<RowNumber> = firsts
            .chain(found.rows.iter().map(|row| row.number))
            .collect();
        let layout = SheetLayout::new(
            &self.spec.sheets,
            &self.spec.schema,
            &Lead::OF_JOB,
            self.lang,
        );
        let layout = layout.with_hints(sheet_hints(self.spec, self.hints).without_paths());
        // Without the copy of the source, rows have the addresses of the source and no names.
        let located = locate(self.folder, (self.spec, self.journal), &layout, &wanted);
        let mut located = located.unwrap_or_default();
        if self.is_plan {
            // A preview is sorted, and a plan is mended in its source.
            for row in located.values_mut() {
                row.row = None;
            }
        }
        let words = RowWords {
            source: self,
            layout,
            located,
        };
        let listed = found.rows.len() as u64;
        Ok(ReportProblems {
            kinds: CountBars::of_problems(&found.kinds, self.lang),
            groups: words.groups(&shown),
            more_problems: more,
            rows: found.rows.iter().map(|row| words.line(row)).collect(),
            more_rows: found.all - listed,
            left: found.left,
        })
    }

    /// Walks through the rows that may not be done.
    fn collect(&self) -> Result<FoundProblems, JournalError> {
        let mut found = FoundProblems::default();
        let mut rows = RowCursor::over(RowSet::WithProblemsOrSending);
        while let Some(batch) = rows.next_batch(self.journal)? {
            for row in batch {
                let status = row.state.status(self.is_running);
                if is_not_done(&row, status) {
                    found.add(row, status);
                }
            }
        }
        Ok(found)
    }
}

/// Returns whether a person has to look at a row: it is not done, or fields of it were left alone.
fn is_not_done(row: &JournalRow, status: Status) -> bool {
    let is_wrong = matches!(status, Status::Invalid | Status::Failed | Status::Unknown);
    let is_left = |problem: &Problem| problem.code == Code::LeftAlone;
    is_wrong || row.problems.iter().any(is_left)
}

/// What a walk through the problems has found.
#[derive(Default)]
struct FoundProblems {
    groups: ExampleCounts,
    kinds: BTreeMap<Code, u64>,
    /// The first rows.
    rows: Vec<JournalRow>,
    /// How many rows there are, with and without those in doubt.
    all: u64,
    left: u64,
}

impl FoundProblems {
    fn add(&mut self, row: JournalRow, status: Status) {
        self.all += 1;
        self.left += u64::from(status != Status::Unknown);
        for problem in &row.problems {
            *self.kinds.entry(problem.code).or_default() += 1;
            self.groups.add(row.number, problem, "");
        }
        if self.rows.len() < MOST_ROWS {
            self.rows.push(row);
        }
    }
}

/// Puts rows into words.
struct RowWords<'a> {
    source: &'a ProblemSource<'a>,
    layout: SheetLayout<'a>,
    located: BTreeMap<RowNumber, LocatedRow>,
}

impl RowWords<'_> {
    /// Returns the groups in words. What to do is said once; further groups with the same remedy point to it.
    fn groups(&self, examples: &[Example]) -> Vec<ProblemGroup> {
        let mut said = BTreeSet::new();
        let groups = examples.iter().map(|example| {
            let group = self.group(example);
            if said.insert((group.code.clone(), group.tip.clone())) {
                group
            } else {
                let tip = report::as_above(self.source.lang).to_owned();
                ProblemGroup { tip, ..group }
            }
        });
        groups.collect()
    }

    fn group(&self, example: &Example) -> ProblemGroup {
        let words = self.layout.words(&example.problem);
        let name = self.name(example.row);
        let address = self.address(example.row, example.problem.column);
        ProblemGroup {
            rows: example.times,
            code: example.problem.code.to_string(),
            message: shown(&words.message),
            tip: shown(&words.tip),
            first: summary::place(self.source.lang, &address, &[&name]),
        }
    }

    fn line(&self, row: &JournalRow) -> WrongRowLine {
        let status = row.state.status(self.source.is_running);
        let action = match status {
            Status::Invalid => Action::None,
            _ => row.action,
        };
        let is_left = status == Status::Invalid
            && row
                .problems
                .iter()
                .any(|problem| sheets::is_left_alone(problem.code));
        let lang = self.source.lang;
        let column = row.problems.iter().find_map(|problem| problem.column);
        let problems = row.problems.iter().map(|problem| {
            let message = shown(&self.layout.words(problem).message);
            format!("{message} [{}]", problem.code)
        });
        WrongRowLine {
            place: self.place(row.number, column),
            name: self.name(row.number),
            class: status.as_str(),
            outcome: if is_left {
                sheets::left_alone(lang)
            } else if self.source.is_plan {
                sheets::planned(status, action, lang)
            } else {
                lang::outcome(status, action, lang)
            },
            problems: problems.collect(),
        }
    }

    /// Returns the address of a cell in the sheet that is to be mended. A plan is mended in its source.
    fn address(&self, row: RowNumber, column: Option<u32>) -> String {
        let located = self.located.get(&row).and_then(|located| located.row);
        match (located, column) {
            (Some(place), _) => self.layout.cell(row, column, place),
            (None, Some(column)) => {
                let cell = format!("{}{}", column_letters(column), row.row);
                match self.layout.label(row).rsplit_once('!') {
                    Some((sheet, _)) => format!("{sheet}!{cell}"),
                    None => cell,
                }
            }
            (None, None) => summary::source_row(self.source.lang, &self.layout.label(row)),
        }
    }

    /// Returns the address, and the row of the source where that is another one.
    fn place(&self, row: RowNumber, column: Option<u32>) -> String {
        let address = self.address(row, column);
        let located = self.located.get(&row).and_then(|located| located.row);
        let label = self.layout.label(row);
        let is_same = located.is_none_or(|place| place.to_string() == label);
        if is_same {
            return address;
        }
        let source = summary::source_row(self.source.lang, &label);
        summary::place(self.source.lang, &address, &[&source])
    }

    /// Returns the name of a row's customer, as the source has it; blank where it has none.
    fn name(&self, row: RowNumber) -> String {
        let located = self.located.get(&row);
        located.map_or_else(String::new, |row| shown(&shortened(&row.name)))
    }
}
