//! Who stays of a sheet of duplicates, so that no customer is lost with its copies.
//!
//! What would go wrong: the mark of the one that stays was cleared by mistake, its row was taken out of the sheet, or a
//! colleague has deleted that customer meanwhile. Then the others are all that is left of it. So a customer of a group is
//! deleted only if another one of the same group is marked, and is there: when the job is planned, and again whenever it
//! goes on after a stop.

use std::collections::HashMap;

use crate::job::error::JobError;
use crate::job::spec::{JobSpec, SheetPlan};
use crate::journal::Journal;
use crate::lang::sheets::{GROUP, KEEP};
use crate::lookup::customers::Lookup;
use crate::mapping::Mapper;
use crate::model::{Code, CustomerId, Problem, Row, RowNumber, Status};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::source::rows::{BATCH_ROWS, SourceRows};
use crate::stored::found::Found;
use crate::table::Workbook;

/// What people write for a customer that stays.
const KEEPS: &[&str] = &["yes", "y", "x", "1", "true", "是", "√", "✓", "✔"];
/// What people write for one that goes, beside nothing.
const GOES: &[&str] = &["no", "n", "0", "false", "否"];

/// What a row says of its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeepMark {
    Keeps,
    Goes,
    Unclear,
}

impl KeepMark {
    fn of(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        if KEEPS.contains(&text.as_str()) {
            Self::Keeps
        } else if text.is_empty() || GOES.contains(&text.as_str()) {
            Self::Goes
        } else {
            Self::Unclear
        }
    }
}

/// What is known of the ones that stay of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupStay {
    /// A row is marked.
    Marked,
    /// The customer of a marked row is there.
    There,
}

/// The columns of a sheet of duplicates.
#[derive(Debug, Clone, Copy)]
struct KeepColumns {
    group: u32,
    keep: u32,
}

/// Why a row's customer is not deleted.
pub(super) struct NotDeleted {
    pub status: Status,
    pub problem: Problem,
}

/// A row that marks its customer as one that stays.
#[derive(Debug)]
struct MarkedRow {
    number: RowNumber,
    group: Option<u64>,
    id: CustomerId,
}

/// The marks of all sheets.
#[derive(Debug, Default)]
pub(super) struct Keepers {
    /// For each sheet its columns, if it shows duplicates.
    sheets: Vec<Option<KeepColumns>>,
    /// The groups of which somebody is marked.
    groups: HashMap<u64, GroupStay>,
    marked: Vec<MarkedRow>,
}

impl Keepers {
    /// Reads the marks of a file; of one that shows no duplicates there are none.
    pub fn read(spec: &JobSpec, workbook: &Workbook, mappers: &[Mapper]) -> Result<Self, JobError> {
        let sheet = FerrySheet::read(workbook)?.unwrap_or_default();
        let is_ours = sheet.kind == Some(WorkbookKind::Duplicates);
        let mut keepers = Self::of(&spec.sheets, is_ours)?;
        if keepers.have_columns() {
            let mut rows = SourceRows::new(workbook, &spec.sheets);
            while let Some(row) = rows.read_row()? {
                let mapper = mappers.get(usize::from(row.number.sheet));
                keepers.note(&row, mapper.and_then(|mapper| mapper.draft(&row).id));
            }
        }
        Ok(keepers)
    }

    /// Finds the columns. Fails for a sheet of duplicates that has lost one of them; `is_ours` says that the workbook is
    /// one.
    fn of(sheets: &[SheetPlan], is_ours: bool) -> Result<Self, JobError> {
        let columns = |sheet: &SheetPlan| {
            let at = |header: &str| {
                let mut columns = sheet.columns.columns.iter();
                let column = columns.find(|column| column.header.trim() == header);
                column.map(|column| column.column)
            };
            let gone = |column| {
                let problem = Problem::new(Code::KeepColumnMissing).with("column", column);
                Err(JobError::Input(vec![problem]))
            };
            match (at(GROUP), at(KEEP)) {
                (Some(group), Some(keep)) => Ok(Some(KeepColumns { group, keep })),
                (Some(_), None) => gone(KEEP),
                (None, Some(_)) => gone(GROUP),
                (None, None) if is_ours => gone(KEEP),
                (None, None) => Ok(None),
            }
        };
        Ok(Self {
            sheets: sheets.iter().map(columns).collect::<Result<_, _>>()?,
            ..Self::default()
        })
    }

    fn columns(&self, row: &Row) -> Option<KeepColumns> {
        *self.sheets.get(usize::from(row.number.sheet))?
    }

    /// Returns whether a sheet shows duplicates.
    fn have_columns(&self) -> bool {
        self.sheets.iter().any(Option::is_some)
    }

    /// Returns how many customers are looked up to know that they are there.
    pub fn marked_rows(&self) -> u64 {
        self.marked.len() as u64
    }

    fn is_marked(&self, row: &Row) -> bool {
        let columns = self.columns(row);
        columns.is_some_and(|columns| KeepMark::of(cell_text(row, columns.keep)) == KeepMark::Keeps)
    }

    fn note(&mut self, row: &Row, id: Option<CustomerId>) {
        if !self.is_marked(row) {
            return;
        }
        let (number, group) = (row.number, self.group(row));
        if let Some(group) = group {
            self.groups.entry(group).or_insert(GroupStay::Marked);
        }
        self.marked
            .extend(id.map(|id| MarkedRow { number, group, id }));
    }

    fn group(&self, row: &Row) -> Option<u64> {
        cell_text(row, self.columns(row)?.group).trim().parse().ok()
    }

    /// Looks up the customers of the marked rows, and notes in the journal which these are.
    pub fn look_up(
        &mut self,
        lookup: &mut Lookup<'_>,
        journal: &mut Journal,
    ) -> Result<(), JobError> {
        for rows in self.marked.chunks(BATCH_ROWS) {
            let stored = lookup.find_ids(rows.iter().map(|row| row.id.clone()).collect())?;
            journal.in_transaction(|journal| {
                for row in rows {
                    journal.see(&kept(&row.id), row.number)?;
                    let is_there = matches!(stored.get(&row.id), Some(Found::Stored(_)));
                    if let Some(group) = row.group.filter(|_| is_there) {
                        self.groups.insert(group, GroupStay::There);
                    }
                }
                Ok::<(), JobError>(())
            })?;
        }
        Ok(())
    }

    /// Returns why a row's customer is not deleted, as far as the file alone tells.
    pub fn refusal(&self, row: &Row, id: &CustomerId) -> Option<NotDeleted> {
        let columns = self.columns(row)?;
        let invalid = |problem: Problem, column| {
            Some(NotDeleted {
                status: Status::Invalid,
                problem: problem.at(column),
            })
        };
        match KeepMark::of(cell_text(row, columns.keep)) {
            KeepMark::Keeps => {
                return Some(NotDeleted {
                    status: Status::Skipped,
                    problem: Problem::new(Code::KeptByMark).with("id", id.as_str()),
                });
            }
            KeepMark::Unclear => {
                let unclear = Problem::new(Code::UnclearKeep);
                let value = cell_text(row, columns.keep);
                return invalid(unclear.with("value", value), columns.keep);
            }
            KeepMark::Goes => {}
        }
        let Some(group) = self.group(row) else {
            let none = Problem::new(Code::NoGroup).with("id", id.as_str());
            return invalid(none, columns.group);
        };
        if self.groups.contains_key(&group) {
            return None;
        }
        let nobody = Problem::new(Code::NobodyKept).with("group", group.to_string());
        invalid(nobody, columns.keep)
    }

    /// Returns why a row's customer is not deleted, by what is stored. To be called after [`Keepers::look_up`].
    pub fn objection(
        &self,
        row: &Row,
        id: &CustomerId,
        journal: &Journal,
    ) -> Result<Option<Problem>, JobError> {
        let Some(columns) = self.columns(row) else {
            return Ok(None);
        };
        if journal.seen(&kept(id))?.is_some() {
            let elsewhere = Problem::new(Code::KeptElsewhere).with("id", id.as_str());
            return Ok(Some(elsewhere.at(columns.keep)));
        }
        let group = self.group(row).unwrap_or_default();
        let is_safe = self.groups.get(&group) == Some(&GroupStay::There);
        Ok((!is_safe).then(|| {
            let gone = Problem::new(Code::KeeperGone).with("group", group.to_string());
            gone.with("id", id.as_str()).at(columns.keep)
        }))
    }
}

fn cell_text(row: &Row, column: u32) -> &str {
    row.cell(column).map_or("", |cell| cell.text.as_str())
}

/// Returns the value under which the journal knows a customer that stays.
fn kept(id: &CustomerId) -> String {
    format!("_keep {id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_clear_or_nothing_is_guessed() {
        for text in ["yes", " YES ", "是", "x", "1", "TRUE", "√"] {
            assert_eq!(KeepMark::of(text), KeepMark::Keeps, "{text}");
        }
        for text in ["", "  ", "no", "否", "0"] {
            assert_eq!(KeepMark::of(text), KeepMark::Goes, "{text}");
        }
        for text in ["?", "delete", "留", "2", "yes or no"] {
            assert_eq!(KeepMark::of(text), KeepMark::Unclear, "{text}");
        }
    }
}
