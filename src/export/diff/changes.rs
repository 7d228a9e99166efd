//! The changes between two exports: new customers, changed fields with both values, customers that are gone.
//!
//! Columns are matched by the key of their field and the place in it. A place of a list that one file has no column for
//! is blank there. A whole field that one file has no column for is not compared, and a notice says so. `updateTime`
//! and `updateAgent` are not compared, because they follow from other changes.

pub(crate) use crate::source::manifest::ChangeCounts;

use serde::{Deserialize, Serialize};

use crate::export::diff::file::ExportFile;
use crate::job::error::JobError;
use crate::journal::Baseline;
use crate::mapping::canonical;
use crate::model::CUSTOMER_NAME;
use crate::source::ferry_sheet::FieldColumn;
use crate::stored::customer::read;

/// Fields that the server changes with every change of another field.
const NO_CHANGES: &[&str] = &["updateTime", "updateAgent"];

/// The number of customers that are looked through at a time when those that are gone are collected.
const GONE_BATCH: u32 = 1000;

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// The customer is in the new export only.
    Added,
    /// A field holds something else.
    Changed,
    /// The customer is in the old export only.
    Gone,
}

/// One change of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The kind of the change.
    pub kind: ChangeKind,
    /// The customer's id.
    pub id: String,
    /// The customer's name, as the newer file has it.
    pub name: String,
    /// The header of the field that changed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// The value in the old export.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub old: String,
    /// The value in the new export.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub new: String,
}

/// A cell of the newer file.
pub(crate) trait NewCell {
    /// Returns the cell's text as people read it.
    fn text(&self) -> String;
    /// Returns whether the older file's cell shows the same value.
    fn is_same(&self, old: &str) -> bool;
}

impl NewCell for String {
    fn text(&self) -> String {
        self.clone()
    }

    fn is_same(&self, old: &str) -> bool {
        self == old || (is_date(self) && canonical(self) == canonical(old))
    }
}

/// Returns whether a text can only be a date. Some formats show a date without a time and the same date at midnight
/// alike.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() >= 10
        && text.as_bytes().get(4) == Some(&b'-')
        && text.as_bytes().get(7) == Some(&b'-')
}

/// The counterpart in the older file of a column of the newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pair {
    /// No counterpart: the column is not compared, or the older file does not have its field.
    Nothing,
    /// A blank cell: the older file has no column for this place of a list.
    Blank,
    /// A column of the older file.
    Column(usize),
}

/// A comparison of two exports.
pub(crate) struct Comparison {
    baseline: Baseline,
    old: Vec<FieldColumn>,
    /// The counterpart of each column of the newer file.
    pairs: Vec<Pair>,
    /// The columns of the older file that are compared and that the newer file lacks: places of lists.
    old_alone: Vec<usize>,
    new_headers: Vec<String>,
    old_name: Option<usize>,
    new_name: Option<usize>,
    counts: ChangeCounts,
}

impl Comparison {
    /// Reads the older file; `new` are the columns of the newer one.
    pub fn with(
        old: &ExportFile,
        new: &[FieldColumn],
        mut baseline: Baseline,
    ) -> Result<Self, JobError> {
        old.for_each_row(|id, cells| {
            let cells = serde_json::to_string(&cells).unwrap_or_default();
            baseline.insert(id, &cells)?;
            Ok(())
        })?;
        let columns = &old.columns;
        let is_left_out = |key: &str| NO_CHANGES.contains(&key);
        let pair_of = |new: &FieldColumn| {
            let same_field = |old: &FieldColumn| old.key == new.key && old.place == new.place;
            // A header counts only where one of the files does not tell the field of its column.
            let same_header = |old: &FieldColumn| {
                let is_told = old.key != old.header && new.key != new.header;
                old.header == new.header && !is_told
            };
            columns
                .iter()
                .position(same_field)
                .or_else(|| columns.iter().position(same_header))
        };
        let has_field = |key: &str| columns.iter().any(|column| column.key == key);
        let new_has_field = |key: &str| new.iter().any(|column| column.key == key);
        let mut counts = ChangeCounts::default();
        let mut pairs = Vec::with_capacity(new.len());
        for column in new {
            pairs.push(match pair_of(column) {
                _ if is_left_out(&column.key) => Pair::Nothing,
                Some(position) => Pair::Column(position),
                None if has_field(&column.key) => Pair::Blank,
                None => {
                    counts.only_new.push(column.header.clone());
                    Pair::Nothing
                }
            });
        }
        let mut old_alone = Vec::new();
        for (position, column) in columns.iter().enumerate() {
            let is_paired = pairs.contains(&Pair::Column(position));
            if is_left_out(&column.key) || is_paired {
                continue;
            }
            if new_has_field(&column.key) {
                old_alone.push(position);
            } else {
                counts.only_old.push(column.header.clone());
            }
        }
        let is_name = |key: &str| key == CUSTOMER_NAME;
        Ok(Self {
            baseline,
            pairs,
            old_alone,
            new_headers: new.iter().map(|column| column.header.clone()).collect(),
            old_name: columns
                .iter()
                .position(|column| is_name(&column.key))
                .or(Some(0)),
            new_name: new
                .iter()
                .position(|column| is_name(&column.key))
                .or(Some(0)),
            old: columns.clone(),
            counts,
        })
    }

    /// Compares a row of the newer file. Its cells are in the order of the columns that were named.
    pub fn add<C: NewCell>(&mut self, id: &str, cells: &[C]) -> Result<(), JobError> {
        let name = self.new_name.and_then(|at| cells.get(at));
        let name = name.map(NewCell::text).unwrap_or_default();
        let change = |kind, field: &str, old: &str, new: String| Change {
            kind,
            id: id.to_owned(),
            name: name.clone(),
            field: field.to_owned(),
            old: old.to_owned(),
            new,
        };
        let Some(before) = self.baseline.meet(id)? else {
            self.counts.added += 1;
            return self.keep_change(&change(ChangeKind::Added, "", "", String::new()));
        };
        let before: Vec<String> = read(&before)?;
        let mut changes = Vec::new();
        for ((cell, pair), header) in cells.iter().zip(&self.pairs).zip(&self.new_headers) {
            let old = match pair {
                Pair::Nothing => continue,
                Pair::Blank => "",
                Pair::Column(at) => before.get(*at).map_or("", String::as_str),
            };
            if !cell.is_same(old) {
                changes.push(change(ChangeKind::Changed, header, old, cell.text()));
            }
        }
        for at in &self.old_alone {
            let old = before.get(*at).map_or("", String::as_str);
            let header = self
                .old
                .get(*at)
                .map_or("", |column| column.header.as_str());
            if !old.is_empty() {
                changes.push(change(ChangeKind::Changed, header, old, String::new()));
            }
        }
        if changes.is_empty() {
            self.counts.unchanged += 1;
        } else {
            self.counts.changed += 1;
            self.counts.fields += changes.len() as u64;
        }
        changes
            .iter()
            .try_for_each(|change| self.keep_change(change))
    }

    /// Notes the customers that the newer file lacks as gone. To be called once, after the newer file's last row.
    pub fn finish(&mut self) -> Result<(), JobError> {
        let mut after = String::new();
        loop {
            let missed = self.baseline.missed_after(&after, GONE_BATCH)?;
            let Some((last, _)) = missed.last() else {
                return Ok(());
            };
            after.clone_from(last);
            self.counts.gone += missed.len() as u64;
            for (id, cells) in missed {
                let cells: Vec<String> = read(&cells)?;
                let name = self.old_name.and_then(|at| cells.get(at));
                let name = name.cloned().unwrap_or_default();
                self.keep_change(&Change {
                    kind: ChangeKind::Gone,
                    id,
                    name,
                    field: String::new(),
                    old: String::new(),
                    new: String::new(),
                })?;
            }
        }
    }

    fn keep_change(&mut self, change: &Change) -> Result<(), JobError> {
        let text = serde_json::to_string(change).unwrap_or_default();
        Ok(self.baseline.note(&text)?)
    }

    /// Returns how many customers differ.
    pub fn counts(&self) -> &ChangeCounts {
        &self.counts
    }

    /// Hands every change to `take`, in order.
    pub fn for_each(
        &self,
        mut take: impl FnMut(&Change) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        self.baseline.for_each_note(|text| {
            let change: Change = read(text)?;
            take(&change)
        })
    }
}
