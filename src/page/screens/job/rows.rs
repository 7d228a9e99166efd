//! The rows of a job, a page at a time: what became of each, and why.

use std::time::Duration;

use serde::Deserialize;

use crate::face::failure::Failure;
use crate::job::spec::JobSpec;
use crate::journal::{FoundRows, Journal, JournalRow, RowFilter};
use crate::lang;
use crate::lang::{Lang, page, sheets};
use crate::model::{Action, Code, Record, RowNumber, Status, column_letters, visible};
use crate::page::links::quoted;
use crate::page::said;
use crate::results::changes::shown_changes;
use crate::stored::OwnerNames;
use crate::stored::customer::StoredCustomer;

/// How many rows a page has.
const PAGE: usize = 100;

/// How long rows are looked for before the screen is shown with what was found so far.
const PATIENCE: Duration = Duration::from_millis(600);

/// Which rows are asked for, as the address says it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::page::screens) struct RowsQuery {
    status: String,
    code: String,
    text: String,
    /// The key of the last row of the page before.
    after: String,
}

/// A field that a row changes.
pub(in crate::page::screens) struct RowChange {
    pub field: String,
    pub old: String,
    pub new: String,
}

/// A problem of a row.
pub(in crate::page::screens) struct RowProblem {
    pub code: String,
    /// The cell of the source, such as `F7`; empty where the problem is of no cell.
    pub cell: String,
    pub message: String,
    pub tip: String,
}

/// A row.
pub(in crate::page::screens) struct RowLine {
    pub number: String,
    pub name: String,
    pub id: String,
    pub class: &'static str,
    pub outcome: &'static str,
    pub changes: Vec<RowChange>,
    pub problems: Vec<RowProblem>,
}

/// A status to choose.
pub(in crate::page::screens) struct StatusChoice {
    pub name: &'static str,
    pub words: String,
    pub is_chosen: bool,
}

/// A page of rows, with what chooses them.
pub(in crate::page::screens) struct RowsView {
    pub query: RowsQuery,
    pub statuses: Vec<StatusChoice>,
    pub lines: Vec<RowLine>,
    /// The query of the first page; empty on it.
    pub first: String,
    /// The query of the next page; empty behind the last one.
    pub next: String,
    /// The row up to which was looked, where not every row was; empty else.
    pub looked_to: String,
    /// Whether the rows of a status can be downloaded from where they are shown.
    pub has_files: bool,
}

impl RowsView {
    /// Reads a page of a job's rows.
    pub fn of(reader: &RowsReader<'_>, query: RowsQuery) -> Result<Self, Failure> {
        let RowsReader {
            journal,
            is_running,
            lang,
            ..
        } = *reader;
        let filter = RowFilter {
            status: Status::parse(&query.status),
            code: Code::parse(&query.code.trim().to_uppercase()).ok(),
            text: Some(query.text.clone()),
            is_running,
        };
        let after = query.after.parse().ok().map(RowNumber::from_key);
        // No row has a problem that there is not.
        let is_no_code = filter.code.is_none() && !query.code.trim().is_empty();
        let FoundRows {
            mut rows,
            looked_to,
        } = if is_no_code {
            FoundRows::default()
        } else {
            journal.search(&filter, after, PAGE + 1, Some(PATIENCE))?
        };
        let has_more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let last = rows.last().filter(|_| has_more);
        let last = last.map(|row| row.number).or(looked_to);
        let last = last.map(RowNumber::to_key);
        let lines = rows.iter().map(|row| reader.line(row));
        let lines = lines.collect::<Result<Vec<_>, Failure>>()?;
        let choice = |status: &Status| StatusChoice {
            name: status.as_str(),
            words: sheets::status(lang, *status),
            is_chosen: filter.status == Some(*status),
        };
        Ok(Self {
            statuses: Status::ALL.iter().map(choice).collect(),
            lines,
            looked_to: looked_to.map_or_else(String::new, |row| row.row.to_string()),
            next: last.map_or_else(String::new, |last| query.behind(&last.to_string())),
            first: if query.after.is_empty() {
                String::new()
            } else {
                query.behind("")
            },
            has_files: true,
            query,
        })
    }
}

impl RowsQuery {
    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether all rows are asked for.
    pub fn is_all(&self) -> bool {
        self.status.is_empty() && self.code.is_empty() && self.text.is_empty()
    }

    fn behind(&self, last: &str) -> String {
        format!(
            "?status={}&code={}&text={}&after={last}#rows",
            quoted(&self.status),
            quoted(&self.code),
            quoted(&self.text)
        )
    }
}

fn is_united(row: &JournalRow) -> bool {
    let mut problems = row.problems.iter();
    problems.any(|problem| problem.code == Code::MergedInto)
}

/// Reads the rows of a job, and puts them into words.
pub(in crate::page::screens) struct RowsReader<'a> {
    pub spec: &'a JobSpec,
    pub journal: &'a Journal,
    /// Whether the rows are decided and not sent.
    pub is_plan: bool,
    pub is_running: bool,
    pub owners: &'a OwnerNames,
    pub lang: Lang,
}

impl RowsReader<'_> {
    fn line(&self, row: &JournalRow) -> Result<RowLine, Failure> {
        let status = row.state.status(self.is_running);
        let action = match status {
            Status::Ok | Status::Failed | Status::Unknown | Status::Pending => row.action,
            _ => Action::None,
        };
        let is_left = status == Status::Invalid
            && row
                .problems
                .iter()
                .any(|problem| sheets::is_left_alone(problem.code));
        let outcome = if is_left {
            sheets::left_alone(self.lang)
        } else if is_united(row) {
            sheets::united(self.lang)
        } else if self.is_plan {
            sheets::planned(status, action, self.lang)
        } else {
            lang::outcome(status, action, self.lang)
        };
        let id = row.customer.as_ref().map(ToString::to_string);
        Ok(RowLine {
            number: self.spec.row_label(row.number),
            name: visible(&self.name(row)?).into_owned(),
            id: id.unwrap_or_default(),
            class: status.as_str(),
            outcome,
            changes: self.changes(row, status)?,
            problems: self.problems(row),
        })
    }

    /// Returns the name of the row's customer: as it is sent, else as it is stored.
    fn name(&self, row: &JournalRow) -> Result<String, Failure> {
        if let Some(name) = row.record.as_ref().and_then(Record::name) {
            return Ok(name.to_owned());
        }
        if row.customer.is_none() {
            return Ok(String::new());
        }
        let images = self.journal.images(row.number)?;
        // An image that cannot be read back has no name; what it is needed for says so.
        let stored = StoredCustomer::of_image(images.before.as_ref().or(images.after.as_ref()));
        Ok(stored
            .ok()
            .flatten()
            .map_or_else(String::new, |its| its.name()))
    }

    fn changes(&self, row: &JournalRow, status: Status) -> Result<Vec<RowChange>, Failure> {
        if !matches!(status, Status::Pending | Status::Ok) {
            return Ok(Vec::new());
        }
        let changes = shown_changes(row, self.spec, self.journal, self.owners, self.lang)?;
        let changes = changes.into_iter().map(|change| RowChange {
            field: change.field,
            old: self.shown(&change.old),
            new: self.shown(&change.new),
        });
        Ok(changes.collect())
    }

    fn shown(&self, text: &str) -> String {
        if text.is_empty() {
            page::say(self.lang, "blank").to_owned()
        } else {
            visible(text).into_owned()
        }
    }

    fn problems(&self, row: &JournalRow) -> Vec<RowProblem> {
        let problems = row.problems.iter().map(|problem| {
            let words = said::problem(problem, self.lang);
            let cell = problem
                .column
                .map(|column| format!("{}{}", column_letters(column), row.number.row));
            RowProblem {
                code: problem.code.to_string(),
                cell: cell.unwrap_or_default(),
                message: visible(&words.message).into_owned(),
                tip: visible(&words.tip).into_owned(),
            }
        });
        problems.collect()
    }
}
