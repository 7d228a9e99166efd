//! The hidden sheet `_ferry`: facts about a workbook that ferry wrote, for reading it back and for programs.
//!
//! Its rows have three cells. A fact is a name that begins with `_`, and a value. Below the fact [`COLUMNS`] each row is
//! a column: a header of the data sheets, the key of its field and the place in that field. A header may be called as a
//! fact is. Only [`FerrySheet`] writes and reads the sheet, so both agree.

use serde::{Deserialize, Serialize};

use crate::job::error::JobError;
use crate::job::spec::{JobSpec, SheetPlan};
use crate::mapping::Target;
use crate::model::Slot;
use crate::source::kept_mapping::KeptMapping;
use crate::table::{Column, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter, Workbook};

/// Title of the hidden sheet.
pub(crate) const FERRY_SHEET: &str = "_ferry";

/// The fact below which there are columns and no facts any more.
const COLUMNS: &str = "_columns";

/// The sheets that ferry writes beside the data, in both languages.
const SIDE_SHEETS: &[&str] = &[
    "Problems",
    "Changes",
    "Summary",
    "问题清单",
    "变更明细",
    "汇总",
    FERRY_SHEET,
];

/// The kind of a workbook that ferry wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkbookKind {
    /// The answers of an import.
    Result,
    /// The answers of a delete.
    Delete,
    /// The answers of an undo.
    Undo,
    /// The preview of a job.
    Plan,
    /// The preview of an undo or a delete, whose job is not kept.
    Rehearsal,
    /// The differences that a verification found.
    Verify,
    /// The differences between two exports.
    Diff,
    /// The rows of a check.
    Check,
    /// The customers of an export.
    Export,
    /// Customers that an account holds twice.
    Duplicates,
}

impl WorkbookKind {
    const ALL: [(Self, &str); 10] = [
        (Self::Result, "result"),
        (Self::Delete, "delete"),
        (Self::Undo, "undo"),
        (Self::Plan, "plan"),
        (Self::Rehearsal, "rehearsal"),
        (Self::Verify, "verify"),
        (Self::Diff, "diff"),
        (Self::Check, "check"),
        (Self::Export, "export"),
        (Self::Duplicates, "duplicates"),
    ];

    fn word(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(kind, _)| *kind == self)
            .map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, its)| *its == word).map(|(kind, _)| *kind)
    }
}

/// The content of the hidden sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FerrySheet {
    /// The kind of the workbook; `None` for a kind of a later ferry, which this one does not know.
    pub kind: Option<WorkbookKind>,
    /// The id of the job that wrote the workbook; empty for a check.
    pub job: String,
    /// The key of the account that the workbook belongs to.
    pub account: Option<String>,
    /// The keys by which the job recognised customers, as `--key` takes them.
    pub keys: Vec<String>,
    /// Whether an export is complete, or the list in which duplicates were looked for.
    pub complete: Option<bool>,
    /// The condition that customers of an export meet; empty for all customers.
    pub filter: Option<String>,
    /// Whether the mapping of the source had rules for cells: words, formats, owners, defaults.
    pub has_rules: bool,
    /// The mapping of a workbook that no job keeps it for.
    pub mapping: Option<KeptMapping>,
    /// The columns that hold fields, and with an empty key those that are left out.
    pub columns: Vec<FieldColumn>,
}

impl FerrySheet {
    /// Makes the sheet of a workbook that a job writes, with its kind, job and account.
    pub(crate) fn of_job(kind: WorkbookKind, spec: &JobSpec) -> Self {
        Self {
            kind: Some(kind),
            job: spec.id.to_string(),
            account: Some(spec.account.key.clone()),
            ..Self::default()
        }
    }

    /// Returns whether a workbook has the hidden sheet, that is, whether ferry wrote it.
    pub(crate) fn is_in(workbook: &Workbook) -> bool {
        let mut sheets = workbook.sheets().iter();
        sheets.any(|sheet| sheet.name == FERRY_SHEET)
    }

    /// Returns whether the workbook has the columns of an export: duplicates stand under the same.
    pub(crate) fn has_columns_of_export(&self) -> bool {
        matches!(
            self.kind,
            Some(WorkbookKind::Export | WorkbookKind::Duplicates)
        )
    }

    /// Reads the hidden sheet of a workbook; `None` if ferry did not write the workbook.
    pub(crate) fn read(workbook: &Workbook) -> Result<Option<Self>, JobError> {
        let mut sheets = workbook.sheets().iter();
        let Some(index) = sheets.position(|sheet| sheet.name == FERRY_SHEET) else {
            return Ok(None);
        };
        let mut sheet = Self::default();
        let mut mapping = String::new();
        let mut are_columns = false;
        let mut reader = workbook.rows(index, 0)?;
        while let Some(row) = reader.read_row()? {
            let text = |column| row.cell(column).map_or("", |cell| cell.text.as_str());
            let fact = || text(1).to_owned();
            match text(0) {
                COLUMNS if !are_columns => {
                    are_columns = true;
                    // The heading stands above.
                    sheet.columns.clear();
                }
                header if are_columns || !header.starts_with('_') => {
                    sheet.columns.push(FieldColumn {
                        header: header.to_owned(),
                        key: fact(),
                        place: text(2).to_owned(),
                    });
                }
                "_kind" => sheet.kind = WorkbookKind::from_word(text(1)),
                "_job" => sheet.job = fact(),
                "_account" => sheet.account = Some(fact()),
                "_key" => sheet.keys.push(fact()),
                "_complete" => sheet.complete = Some(text(1) == "true"),
                "_filter" => sheet.filter = Some(fact()),
                "_mapping" => mapping.push_str(text(1)),
                "_rules" => sheet.has_rules = text(1) == "true",
                _ => {}
            }
        }
        sheet.mapping = KeptMapping::parse(&mapping);
        Ok(Some(sheet))
    }

    /// Writes the sheet as the next one of a workbook. Of columns with the same header only the first is written.
    pub(crate) fn write(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let titles = ["column", "key", "place"].map(|header| Column {
            header: header.to_owned(),
            ..Column::default()
        });
        writer.start_sheet(SheetSpec {
            name: FERRY_SHEET.to_owned(),
            columns: titles.to_vec(),
            hidden: true,
            role: SheetRole::Side,
        })?;
        let mut write = |cells: [&str; 3]| {
            let cells = cells.map(|text| match text {
                "" => OutCell::Blank,
                text => OutCell::Text(text),
            });
            writer.write_row(&cells.map(StyledCell::plain))
        };
        if let Some(kind) = self.kind {
            write(["_kind", kind.word(), ""])?;
        }
        if !self.job.is_empty() {
            write(["_job", &self.job, ""])?;
        }
        if let Some(account) = &self.account {
            write(["_account", account, ""])?;
        }
        for key in &self.keys {
            write(["_key", key, ""])?;
        }
        if let Some(complete) = self.complete {
            write(["_complete", if complete { "true" } else { "false" }, ""])?;
        }
        if let Some(filter) = &self.filter {
            write(["_filter", filter, ""])?;
        }
        if self.has_rules {
            write(["_rules", "true", ""])?;
        }
        let mapping = self.mapping.as_ref().map(KeptMapping::to_cells);
        for part in mapping.unwrap_or_default() {
            write(["_mapping", &part, ""])?;
        }
        write([COLUMNS, "", ""])?;
        let mut written: Vec<&str> = Vec::new();
        for column in &self.columns {
            if !written.contains(&column.header.as_str()) {
                written.push(&column.header);
                write([&column.header, &column.key, &column.place])?;
            }
        }
        Ok(())
    }
}

/// A column of a file that ferry wrote, and the place of a field that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldColumn {
    /// The header.
    pub header: String,
    /// The key of the field.
    pub key: String,
    /// The place in the field: `2` for a value, `1.memo` for a memo, `.1` for a level, empty for the whole field.
    pub place: String,
}

impl FieldColumn {
    /// Makes a column that holds a place of a field.
    pub(crate) fn new(header: &str, key: &str, slot: Slot) -> Self {
        Self {
            header: header.to_owned(),
            key: key.to_owned(),
            place: match slot {
                Slot::Whole => String::new(),
                Slot::Value(position) => position.to_string(),
                Slot::Memo(position) => format!("{position}.memo"),
                Slot::Level(level) => format!(".{level}"),
            },
        }
    }

    /// Returns the columns of a source that feed fields, and those that are left out.
    pub(crate) fn of_source(sheets: &[SheetPlan]) -> Vec<Self> {
        let columns = sheets.iter().flat_map(|sheet| &sheet.columns.columns);
        let placed = columns.filter_map(|column| match column.target.place() {
            Some((key, slot)) => Some(Self::new(&column.header, key.as_str(), slot)),
            None if column.target == Target::Ignored => {
                Some(Self::new(&column.header, "", Slot::Whole))
            }
            None => None,
        });
        placed.collect()
    }
}

/// Returns whether the columns of a source are read by rules that a header cannot say.
pub(crate) fn has_rules(sheets: &[SheetPlan]) -> bool {
    sheets.iter().map(|sheet| &sheet.columns).any(|columns| {
        !columns.constants.is_empty()
            || !columns.merge.is_empty()
            || columns
                .columns
                .iter()
                .any(|column| !column.rule.says_nothing())
    })
}

/// Returns whether ferry writes a sheet of this name beside the data; `Problems 2` is one too.
pub(crate) fn is_side(name: &str) -> bool {
    let first = name
        .rsplit_once(' ')
        .filter(|(_, part)| part.parse::<u32>().is_ok());
    SIDE_SHEETS.contains(&first.map_or(name, |(first, _)| first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Format, ReadOptions, create_writer};

    #[test]
    fn a_header_is_never_read_as_a_fact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        let column = |header: &str| FieldColumn::new(header, "text_1", Slot::Whole);
        let names = [
            "column",
            "_account",
            "_complete",
            "_kind",
            "_columns",
            "_x",
            "名称",
        ];
        let sheet = FerrySheet {
            kind: Some(WorkbookKind::Result),
            job: "20261123-173015-a".to_owned(),
            account: Some("https://crm.example|1090".to_owned()),
            columns: names.map(column).to_vec(),
            ..FerrySheet::default()
        };
        let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
        sheet.write(writer.as_mut()).unwrap();
        writer.finish(&path).unwrap();
        let book = Workbook::open(&path, &ReadOptions::default()).unwrap();
        assert_eq!(FerrySheet::read(&book).unwrap(), Some(sheet));
    }
}
