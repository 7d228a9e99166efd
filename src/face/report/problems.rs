//! The problems of a job, as a report tells them: how often each kind occurs, equal ones together with what to do, and
//! the rows that are not done. All three are bounded, however many rows there are.

use std::collections::{BTreeMap, BTreeSet};

use super::frame::shown;
use crate::face::count_bars::CountBars;
use crate::job::examples::{Example, ExampleCounts, Examples, is_wrong};
use crate::job::report::Report;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, JournalError, JournalRow, RowCursor, RowSet, RowState};
use crate::lang::hint::Hints;
use crate::lang::say::{report, summary};
use crate::lang::{self, Lang, sheets};
use crate::model::{Action, Code, Problem, Record, RowNumber, Status, column_letters};
use crate::results::layout::{Lead, SheetLayout};
use crate::results::locate::{LocatedRow, locate};
use crate::results::result::sheet_hints;
use crate::stored::customer::StoredCustomer;

/// The most problems that are told apart, and the most rows that are listed.
const MOST_GROUPS: usize = 200;
const MOST_ROWS: usize = 200;

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

/// What is to be known of rows that are done or need nothing.
pub(super) struct RemarkLine {
    pub title: &'static str,
    pub code: String,
    pub rows: u64,
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
    pub remarks: Vec<RemarkLine>,
}

/// A job whose problems are told.
pub(super) struct ProblemSource<'a> {
    pub folder: &'a JobFolder,
    pub spec: &'a JobSpec,
    pub journal: &'a Journal,
    pub report: &'a Report,
    /// Whether it is a plan: then its sheet is a preview, whose rows are sorted.
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
        let layout = layout.with_hints(sheet_hints(self.spec, self.hints));
        let located = if self.is_plan {
            BTreeMap::new()
        } else {
            // Without the copy of the source, rows have the addresses of the source and no names.
            locate(self.folder, (self.spec, self.journal), &layout, &wanted).unwrap_or_default()
        };
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
            rows: found
                .rows
                .iter()
                .map(|row| words.line(row))
                .collect::<Result<_, _>>()?,
            more_rows: self.not_done().saturating_sub(listed),
            remarks: found.remarks(self.lang),
        })
    }

    fn not_done(&self) -> u64 {
        let wrong = [Status::Invalid, Status::Failed, Status::Unknown];
        let wrong = wrong.map(|status| self.report.status(status));
        wrong.into_iter().sum::<u64>() + self.report.left_alone
    }

    /// Walks through the rows that have problems.
    fn collect(&self) -> Result<FoundProblems, JournalError> {
        let mut found = FoundProblems::default();
        let mut rows = RowCursor::over(RowSet::WithProblems);
        while let Some(batch) = rows.next_batch(self.journal)? {
            for row in batch {
                // While a process works on the job, a row on its way is only that.
                let is_on_its_way = row.state == RowState::Sending && self.is_running;
                if is_not_done(&row) && !is_on_its_way {
                    found.add(row);
                } else {
                    for problem in &row.problems {
                        *found.others.entry(problem.code).or_default() += 1;
                    }
                }
            }
        }
        Ok(found)
    }
}

/// Returns whether a person has to look at a row: it is not done, or fields of it were left alone.
fn is_not_done(row: &JournalRow) -> bool {
    let is_left = |problem: &Problem| problem.code == Code::LeftAlone;
    is_wrong(row.state) || row.problems.iter().any(is_left)
}

/// What a walk through the problems has found.
#[derive(Default)]
struct FoundProblems {
    groups: ExampleCounts,
    kinds: BTreeMap<Code, u64>,
    others: BTreeMap<Code, u64>,
    rows: Vec<JournalRow>,
}

impl FoundProblems {
    fn add(&mut self, row: JournalRow) {
        for problem in &row.problems {
            *self.kinds.entry(problem.code).or_default() += 1;
            self.groups.add(row.number, problem, "");
        }
        if self.rows.len() < MOST_ROWS {
            self.rows.push(row);
        }
    }

    fn remarks(&self, lang: Lang) -> Vec<RemarkLine> {
        let lines = self.others.iter().map(|(code, rows)| RemarkLine {
            title: lang::title(*code, lang),
            code: code.to_string(),
            rows: *rows,
        });
        lines.collect()
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
        let name = self.located.get(&example.row);
        let name = name.map_or(String::new(), |row| shown(&row.name));
        let address = self.address(example.row, example.problem.column);
        ProblemGroup {
            rows: example.times,
            code: example.problem.code.to_string(),
            message: shown(&words.message),
            tip: shown(&words.tip),
            first: summary::place(self.source.lang, &address, &[&name]),
        }
    }

    fn line(&self, row: &JournalRow) -> Result<WrongRowLine, JournalError> {
        let status = match row.state {
            RowState::At(status) => status,
            RowState::Sending => Status::Unknown,
        };
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
        Ok(WrongRowLine {
            place: self.place(row.number, column),
            name: shown(&self.name(row)?),
            class: status.as_str(),
            outcome: if is_left {
                sheets::left_alone(lang)
            } else if self.source.is_plan {
                sheets::planned(status, action, lang)
            } else {
                lang::outcome(status, action, lang)
            },
            problems: problems.collect(),
        })
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

    /// Returns the name of a row's customer: as the source says it, else as it is sent or stored.
    fn name(&self, row: &JournalRow) -> Result<String, JournalError> {
        let located = self.located.get(&row.number).map(|row| row.name.as_str());
        let named = located.filter(|name| !name.is_empty());
        if let Some(name) = named.or(row.record.as_ref().and_then(Record::name)) {
            return Ok(name.to_owned());
        }
        if row.customer.is_none() {
            return Ok(String::new());
        }
        let images = self.source.journal.images(row.number)?;
        // An image that cannot be read back has no name; what it is needed for says so.
        let stored = StoredCustomer::of_image(images.before.as_ref().or(images.after.as_ref()));
        Ok(stored
            .ok()
            .flatten()
            .map_or_else(String::new, |its| its.name()))
    }
}
