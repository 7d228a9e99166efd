//! Writes the sheet of a check: the rows that have problems, or every row, each with what is wrong and what to do.
//!
//! A person mends the sheet and imports it like the file itself. So the sheet keeps what identifies a row: its `_id`,
//! and if the checked file is a result sheet, its `_status`, `_job` and `_row`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::job::error::JobError;
use crate::job::examples::Example;
use crate::job::spec::SheetPlan;
use crate::journal::Journal;
use crate::lang::hint::Hints;
use crate::lang::say::check::CheckedCounts;
use crate::lang::sheets::{CheckedOutcome, SummaryLabel};
use crate::lang::{Lang, sheets};
use crate::model::{Code, Key, Problem, Row, Schema};
use crate::results::layout::{AnswerCells, Lead, SheetLayout};
use crate::results::place::folder_of;
use crate::results::places::RowPlaces;
use crate::results::side;
use crate::results::side::Summary;
use crate::source::ferry_sheet::{self, FerrySheet, FieldColumn, WorkbookKind};
use crate::source::kept_mapping::KeptMapping;
use crate::table::{CellStyle, Format, OutCell, TableWriter, Workbook, create_writer};

/// The facts in the summary of a check.
#[derive(Debug)]
pub(crate) struct CheckFacts<'a> {
    /// The checked file, as it was typed.
    pub source: &'a Path,
    /// How many rows there are, and what would become of them.
    pub counts: CheckedCounts,
    /// How often each problem occurs.
    pub codes: &'a BTreeMap<Code, u64>,
    /// The keys that rows were compared by, for when the sheet comes back.
    pub keys: &'a [Key],
    /// The mapping that rows were read with; `None` where the headers alone say the same.
    pub mapping: Option<KeptMapping>,
    /// How many calls the check cost.
    pub calls: u64,
    /// How long the check took.
    pub elapsed: Duration,
}

/// The sheet of a check while it is written.
pub(crate) struct CheckedSheet<'a> {
    path: PathBuf,
    writer: Box<dyn TableWriter>,
    format: Format,
    layout: SheetLayout<'a>,
    places: RowPlaces,
}

impl<'a> CheckedSheet<'a> {
    /// Starts the file: CSV if its extension is `.csv`, else a workbook.
    pub(crate) fn create(
        path: &Path,
        source: &Workbook,
        plans: &'a [SheetPlan],
        schema: &Schema,
        lang: Lang,
        hints: &Hints,
    ) -> Result<Self, JobError> {
        let is_csv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let format = if is_csv { Format::Csv } else { Format::Xlsx };
        let mut leads = vec![Lead::Result];
        if plans.iter().any(|plan| plan.columns.has_id()) {
            leads.push(Lead::Id);
        }
        leads.extend([Lead::Error, Lead::Tip, Lead::Row, Lead::ErrorCode]);
        if plans.iter().any(|plan| plan.columns.is_result()) {
            leads.extend([Lead::Status, Lead::Job]);
        }
        let mut layout = SheetLayout::new(plans, schema, &leads, lang)
            .with_hints(hints.written_to(path))
            .with_doubts(schema);
        if !is_csv {
            layout.dress_as(source);
        }
        layout.require_fitting(Some(path))?;
        let mut writer = create_writer(format, folder_of(path))?;
        layout.start(sheets::checked_rows(lang), writer.as_mut())?;
        Ok(Self {
            path: path.to_path_buf(),
            writer,
            format,
            layout,
            places: RowPlaces::default(),
        })
    }

    /// Whether the file lists all problems in a sheet of its own, so that they must be kept until the end.
    pub(crate) fn lists_problems(&self) -> bool {
        self.format == Format::Xlsx
    }

    /// Writes a row.
    pub(crate) fn write(
        &mut self,
        row: &Row,
        outcome: CheckedOutcome,
        problems: &[Problem],
    ) -> Result<(), JobError> {
        let plan = self.layout.plans.get(usize::from(row.number.sheet));
        let label = self.layout.label(row.number);
        let answer = AnswerCells {
            result: outcome.words(self.layout.lang),
            style: match outcome {
                CheckedOutcome::Valid => CellStyle::Good,
                CheckedOutcome::Skipped | CheckedOutcome::United => CellStyle::Muted,
                CheckedOutcome::Unknown => CellStyle::Warn,
                CheckedOutcome::Wrong => CellStyle::Bad,
            },
            problems,
            row: if plan.is_some_and(|plan| plan.columns.is_result()) {
                OutCell::Blank
            } else {
                self.layout.number(row.number, &label)
            },
            status: "",
            action: "",
            id: "",
            job: "",
            sent_at: "",
            changes: "",
            changed_cells: &[],
            is_filtered: false,
            is_listed: !problems.is_empty(),
        };
        self.layout
            .write(self.writer.as_mut(), row, &answer, &mut self.places)
    }

    /// Fills in where examples stand in the sheet, and whose rows they are.
    pub(crate) fn locate(&self, examples: &mut [Example]) {
        self.layout.locate(&self.places, examples);
    }

    /// Writes the list of problems from the journal, and the summary, and puts the file in its place.
    pub(crate) fn finish(
        mut self,
        journal: Option<&Journal>,
        facts: CheckFacts<'_>,
    ) -> Result<PathBuf, JobError> {
        if let Some(journal) = journal.filter(|_| self.lists_problems()) {
            let writer = self.writer.as_mut();
            side::write_problems(writer, journal, &self.layout, &self.places, |_| true)?;
            let lang = self.layout.lang;
            let counts = &facts.counts;
            let always = [
                (CheckedOutcome::Valid, counts.adds + counts.updates),
                (CheckedOutcome::Wrong, counts.invalid),
            ];
            let where_any = [
                (CheckedOutcome::Skipped, counts.skipped - counts.united),
                (CheckedOutcome::United, counts.united),
                (CheckedOutcome::Unknown, counts.unknown),
            ];
            let where_any = where_any.into_iter().filter(|(_, count)| *count > 0);
            let outcomes = always.into_iter().chain(where_any);
            let outcomes = outcomes.map(|(outcome, count)| (outcome.words(lang).to_owned(), count));
            let summary = Summary {
                heading: SummaryLabel::CheckHeading,
                facts: vec![(SummaryLabel::Source, facts.source.display().to_string())],
                calls: facts.calls,
                seconds: facts.elapsed.as_secs_f64(),
                outcomes: outcomes.collect(),
                rows: counts.rows,
                codes: facts.codes.clone(),
            };
            let summary = summary.with_doubts(&self.places);
            summary.write(writer, lang)?;
            let sheet = FerrySheet {
                kind: Some(WorkbookKind::Check),
                has_rules: ferry_sheet::has_rules(self.layout.plans),
                keys: facts.keys.iter().map(Key::to_text).collect(),
                mapping: facts.mapping,
                columns: FieldColumn::of_source(self.layout.plans),
                ..FerrySheet::default()
            };
            sheet.write(writer)?;
        }
        self.writer.finish(&self.path)?;
        Ok(self.path)
    }
}
