//! Writes the preview of a plan: every source row with what would become of it. Cells of an update are `old → new`;
//! cells of an add that are stored in another form are shown in that form. The preview of an undo leaves out rows that
//! are not taken back.
//!
//! Rows that would change a stored customer come first, then those that would add one, then those with problems. Rows
//! that would do nothing come last, and a filter hides them. The source is read once for each of these kinds.
//!
//! A preview is made to be read. It is refused as input, because importing it would store the arrows.

use std::path::PathBuf;

use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization;

use crate::job::error::JobError;
use crate::job::examples::Example;
use crate::job::spec::{JobSpec, SheetPlan};
use crate::journal::{JobFolder, Journal, JournalRow, RowSet, RowState};
use crate::lang::{Lang, sheets};
use crate::model::{
    Action, Field, FieldKey, Kind, Monitor, Problem, Row, RowNumber, Schema, Slot, Status, Task,
};
use crate::results::ahead::AnsweredSource;
use crate::results::answers::{AnsweredRow, united_with};
use crate::results::changes;
use crate::results::changes::{FieldChange, ShownChange};
use crate::results::layout::{AnswerCells, Lead};
use crate::results::place::{folder_of, usable_path, wanted_plan_path};
use crate::results::places::RowPlaces;
use crate::results::result::{ResultOptions, ResultSheet, layout_of};
use crate::results::side;
use crate::source::copy;
use crate::source::ferry_sheet::{self, FerrySheet, FieldColumn, WorkbookKind};
use crate::stored::OwnerNames;
use crate::stored::cell;
use crate::stored::cell::{shown, text_of};
use crate::stored::customer::StoredCustomer;
use crate::stored::value::to_json;
use crate::table::{Format, TableWriter, Workbook, create_writer};

/// How many changes a report of a plan holds at most.
const SHOWN_CHANGES: usize = 100;
/// The most rows that a filter hides. The library keeps each hidden row in memory.
const MOST_FILTERED: u64 = 20_000;

/// The part of a preview in which a row stands, in the order of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PreviewPart {
    /// Rows that would change or take away a stored customer.
    Changes,
    /// Rows that would add a customer.
    Adds,
    /// Rows with problems.
    Wrong,
    /// Rows that would do nothing.
    Idle,
}

impl PreviewPart {
    const ALL: [Self; 4] = [Self::Changes, Self::Adds, Self::Wrong, Self::Idle];

    fn of(status: Status, action: Action) -> Self {
        match (status, action) {
            (Status::Pending, Action::Add) => Self::Adds,
            (Status::Pending | Status::Ok, _) => Self::Changes,
            (Status::Invalid | Status::Failed | Status::Unknown, _) => Self::Wrong,
            (Status::Unchanged | Status::Skipped, _) => Self::Idle,
        }
    }
}

/// A preview that was written.
#[derive(Debug)]
pub(crate) struct PlanSheet {
    /// Where the preview is.
    pub path: PathBuf,
    /// The first changes, at most [`SHOWN_CHANGES`].
    pub changes: Vec<ShownChange>,
    /// How many rows give their customer another owner.
    pub owner_changes: u64,
    /// The places of the rows with problems.
    places: RowPlaces,
}

impl PlanSheet {
    /// Fills in whose rows examples are. Their addresses stay those of the source, which is what a person mends.
    pub(crate) fn name(&self, examples: &mut [Example]) {
        for example in examples {
            if let Some(place) = self.places.of(example.row) {
                place.name.clone_into(&mut example.name);
            }
        }
    }
}

/// Writes the preview of a plan, always as a workbook. A file that cannot be replaced is left alone: the preview goes
/// under a numbered name, and the monitor is told.
pub(crate) fn write_plan(
    folder: &JobFolder,
    spec: &JobSpec,
    journal: &Journal,
    options: &ResultOptions,
    monitor: &dyn Monitor,
) -> Result<PlanSheet, JobError> {
    let fresh = options.output.is_none();
    let wanted = match &options.output {
        Some(path) => path.clone(),
        None => wanted_plan_path(spec, options.lang),
    };
    let target = usable_path(&wanted, fresh, folder);
    if target != wanted && !(fresh && wanted.exists()) {
        monitor.notice(
            &Problem::new(crate::model::Code::ResultRenamed)
                .with("wanted", wanted.to_string_lossy())
                .with("path", target.to_string_lossy()),
        );
    }
    let mut writer = create_writer(Format::Xlsx, folder_of(&target))?;
    let mut preview = PreviewSheet {
        sheet: ResultSheet {
            layout: layout_of(spec, &Lead::OF_PLAN, options),
            is_preview: true,
            ..ResultSheet::new(folder, spec, journal, options)
        },
        match_schema: spec.match_schema(),
        owners: options.owners.clone(),
        lang: options.lang,
        changes: Vec::new(),
        owner_changes: 0,
    };
    monitor.start_task(Task::Write, Some(journal.counts()?.total()));
    let places = preview.write_rows(writer.as_mut(), monitor)?;
    let sheet = &preview.sheet;
    side::write_problems(writer.as_mut(), journal, &sheet.layout, &places, |row| {
        sheet.is_listed(sheet.status(row))
    })?;
    let summary = sheet.summary()?.with_doubts(&places);
    summary.write(writer.as_mut(), options.lang)?;
    let kind = if spec.kind.takes_away() {
        WorkbookKind::Rehearsal
    } else {
        WorkbookKind::Plan
    };
    let sheet = FerrySheet {
        has_rules: ferry_sheet::has_rules(&spec.sheets),
        columns: FieldColumn::of_source(&spec.sheets),
        ..FerrySheet::of_job(kind, spec)
    };
    sheet.write(writer.as_mut())?;
    writer.finish(&target)?;
    monitor.finish_task(Task::Write);
    Ok(PlanSheet {
        path: target,
        changes: preview.changes,
        owner_changes: preview.owner_changes,
        places,
    })
}

struct PreviewSheet<'a> {
    sheet: ResultSheet<'a>,
    match_schema: Schema,
    owners: OwnerNames,
    lang: Lang,
    changes: Vec<ShownChange>,
    owner_changes: u64,
}

impl PreviewSheet<'_> {
    fn write_rows(
        &mut self,
        writer: &mut dyn TableWriter,
        monitor: &dyn Monitor,
    ) -> Result<RowPlaces, JobError> {
        let name = sheets::preview(self.lang, &self.sheet.spec.kind);
        let workbook = copy::open(self.sheet.folder, &self.sheet.spec.source)?;
        self.sheet.layout.dress_as(&workbook);
        self.sheet.layout.start(name, writer)?;
        let mut places = RowPlaces::default();
        for part in PreviewPart::ALL {
            self.write_part(part, &workbook, writer, &mut places, monitor)?;
        }
        Ok(places)
    }

    /// Returns how many rows stand in a part. Where rows are united, the rows below the first stand where it does.
    fn rows_of(&self, part: PreviewPart) -> Result<u64, JobError> {
        let counts = self.sheet.journal.counts()?;
        Ok(counts.sum(|state, action| match state {
            RowState::At(status) => PreviewPart::of(status, action) == part,
            RowState::Sending => part == PreviewPart::Wrong,
        }))
    }

    fn write_part(
        &mut self,
        part: PreviewPart,
        workbook: &Workbook,
        writer: &mut dyn TableWriter,
        places: &mut RowPlaces,
        monitor: &dyn Monitor,
    ) -> Result<(), JobError> {
        let count = self.rows_of(part)?;
        // Rows that the journal does not have stand in the last part, which no count tells.
        if count == 0 && part != PreviewPart::Idle {
            return Ok(());
        }
        let source = AnsweredSource {
            workbook,
            sheets: &self.sheet.spec.sheets,
            folder: self.sheet.folder,
            set: RowSet::All,
        };
        let is_filtered = part == PreviewPart::Idle && count <= MOST_FILTERED;
        source.read_ahead(|rows| {
            while let Some(row) = rows.read_row()? {
                if self.part_of(&row) == Some(part) {
                    self.write_row(&row, part, is_filtered, writer, places)?;
                    monitor.advance(Task::Write, 1);
                }
            }
            Ok(())
        })
    }

    /// Returns the part in which a row stands; `None` for a row that the sheet leaves out.
    fn part_of(&self, AnsweredRow { answer, .. }: &AnsweredRow) -> Option<PreviewPart> {
        match answer {
            Some(answer) => Some(PreviewPart::of(self.sheet.status(answer), answer.action)),
            None => (!self.sheet.spec.kind.is_undo()).then_some(PreviewPart::Idle),
        }
    }

    fn write_row(
        &mut self,
        AnsweredRow { row, answer }: &AnsweredRow,
        part: PreviewPart,
        is_filtered: bool,
        writer: &mut dyn TableWriter,
        places: &mut RowPlaces,
    ) -> Result<(), JobError> {
        let status = answer
            .as_ref()
            .map_or(Status::Pending, |answer| self.sheet.status(answer));
        let changes = match answer {
            Some(answer) => self.changes_of(answer)?,
            None => Vec::new(),
        };
        let words = self.in_words(&changes);
        let mut cells = self.in_cells(row.number, &changes);
        if let Some(answer) = answer.as_ref().filter(|_| part == PreviewPart::Adds) {
            cells = self.as_stored(row, answer);
        }
        if let Some(answer) = answer {
            self.keep_examples(answer, self.sheet.layout.name(row), &changes)?;
        }
        let united = answer.as_ref().and_then(united_with);
        let united = united.map(|row| {
            let action = answer.as_ref().map_or(Action::None, |answer| answer.action);
            let outcome = sheets::planned(status, action, self.lang);
            sheets::united_with(self.lang, row, outcome)
        });
        let action = answer.as_ref().map_or(Action::None, |answer| answer.action);
        let action = if status == Status::Pending && united.is_none() {
            action
        } else {
            Action::None
        };
        let label = self.sheet.layout.label(row.number);
        let id = answer.as_ref().and_then(|answer| answer.customer.as_ref());
        let said = AnswerCells {
            result: match &united {
                Some(united) => united,
                None => sheets::planned(status, action, self.lang),
            },
            style: crate::results::result::style_of(match (status, action) {
                _ if united.is_some() => Status::Skipped,
                (Status::Pending, Action::Add) => Status::Ok,
                (Status::Pending, _) => Status::Unknown,
                (Status::Unchanged, _) => Status::Skipped,
                (status, _) => status,
            }),
            problems: answer.as_ref().map_or(&[][..], |answer| &answer.problems),
            row: self.sheet.layout.number(row.number, &label),
            status: status.as_str(),
            action: action.as_str(),
            id: id.map_or("", |id| id.as_str()),
            job: self.sheet.spec.id.as_str(),
            sent_at: "",
            changes: &words,
            changed_cells: &cells,
            is_filtered: is_filtered && answer.is_some(),
            is_listed: self.sheet.is_listed(status),
        };
        self.sheet.layout.write(writer, row, &said, places)
    }

    /// Returns the cells of a row to add whose values are stored in another form than the source shows: source column
    /// and the form that is stored.
    fn as_stored(&self, row: &Row, answer: &JournalRow) -> Vec<(u32, String)> {
        let plan = self.sheet.spec.sheets.get(usize::from(row.number.sheet));
        let (Some(plan), Some(record)) = (plan, answer.record.as_ref()) else {
            return Vec::new();
        };
        let columns = plan.columns.columns.iter();
        let cells = columns.filter_map(|column| {
            let (key, slot) = column.target.place()?;
            let source = row.cell(column.column)?;
            let field = self.sheet.spec.schema.field(key.as_str());
            let Some(value) = record.get(key.as_str()) else {
                // A word that counts as blank, or that the mapping takes for blank.
                return Some((column.column, sheets::blank(self.lang).to_owned()));
            };
            let value = to_json(value);
            if field.is_some_and(|field| field.kind.is_value_list()) && values_of(&value) > 1 {
                // A cell may hold several values, of which a place shows one. The values of rows that are united with
                // this one stand in no cell of it.
                let is_shown = slot != Slot::Whole || row_holds(row, plan, key, &value);
                return (!is_shown).then(|| (column.column, text_of(field, &value)));
            }
            let shown = shown(field, slot, &value);
            let text = cell::text(&shown);
            let is_same = shown.is_shown_by(&source.text) || is_same_list(&text, &source.text);
            let differs = !text.is_empty() && !is_same;
            differs.then(|| (column.column, self.named(field, text)))
        });
        cells.collect()
    }

    fn schema_of(&self, row: &JournalRow) -> &Schema {
        if row.is_matched {
            &self.match_schema
        } else {
            &self.sheet.spec.schema
        }
    }

    /// Returns the fields that a planned update would change; none for a row of any other kind.
    fn changes_of(&self, row: &JournalRow) -> Result<Vec<FieldChange>, JobError> {
        if row.state != RowState::At(Status::Pending) {
            return Ok(Vec::new());
        }
        changes::changes_of(row, self.schema_of(row), self.sheet.journal)
    }

    fn label(&self, key: &FieldKey) -> &str {
        let field = self.sheet.spec.schema.field(key.as_str());
        field.map_or("", |field| field.label.as_str())
    }

    fn change_texts(&self, change: &FieldChange) -> (String, String) {
        let field = self.sheet.spec.schema.field(change.key.as_str());
        let text = |value| self.named(field, text_of(field, value));
        (text(&change.before), text(&change.after))
    }

    fn named(&self, field: Option<&Field>, text: String) -> String {
        self.owners.in_words(field, text, self.lang)
    }

    fn in_words(&self, changes: &[FieldChange]) -> String {
        let each = changes.iter().map(|change| {
            let (old, new) = self.change_texts(change);
            let change_text = sheets::old_and_new(self.lang, &old, &new);
            let between = self.lang.pick(": ", "：");
            format!("{}{between}{change_text}", self.label(&change.key))
        });
        each.collect::<Vec<_>>().join("\n")
    }

    /// Returns the cells of a row that would change: source column, and old and new value as one text.
    fn in_cells(&self, row: RowNumber, changes: &[FieldChange]) -> Vec<(u32, String)> {
        let Some(sheet) = self.sheet.spec.sheets.get(usize::from(row.sheet)) else {
            return Vec::new();
        };
        let columns = sheet.columns.columns.iter();
        let cells = columns.filter_map(|column| {
            let (key, slot) = column.target.place()?;
            let change = changes.iter().find(|change| change.key == *key)?;
            let field = self.sheet.spec.schema.field(key.as_str());
            let is_first = matches!(slot, Slot::Whole | Slot::Value(1));
            let (old, new) = if is_first && !has_columns(sheet, field, change) {
                // What changes has no column of its own: the first one shows the whole list.
                self.change_texts(change)
            } else {
                let text = |value| self.named(field, cell::text(&shown(field, slot, value)));
                (text(&change.before), text(&change.after))
            };
            (old != new).then(|| (column.column, sheets::old_and_new(self.lang, &old, &new)))
        });
        cells.collect()
    }

    /// Keeps the first changes for the terminal, and counts the changes of owners.
    fn keep_examples(
        &mut self,
        row: &JournalRow,
        name: &str,
        changes: &[FieldChange],
    ) -> Result<(), JobError> {
        let mut name = name.to_owned();
        if name.is_empty() && !changes.is_empty() && self.changes.len() < SHOWN_CHANGES {
            let before = self.sheet.journal.images(row.number)?.before;
            let stored = StoredCustomer::of_image(before.as_ref())?;
            name = stored.map_or_else(String::new, |stored| stored.name());
        }
        for change in changes {
            let field = self.sheet.spec.schema.field(change.key.as_str());
            if field.is_some_and(|field| field.kind == Kind::Owner) {
                self.owner_changes += 1;
            }
            if self.changes.len() < SHOWN_CHANGES
                && let Some(id) = &row.customer
            {
                let (old, new) = self.change_texts(change);
                self.changes.push(ShownChange {
                    row: row.number,
                    id: id.clone(),
                    name: name.clone(),
                    field: self.label(&change.key).to_owned(),
                    old,
                    new,
                });
            }
        }
        Ok(())
    }
}

/// Returns whether a row's own cells for a field hold every value of a list, however they are written.
fn row_holds(row: &Row, plan: &SheetPlan, key: &FieldKey, list: &Json) -> bool {
    let letters_of = |text: &str| -> String {
        let letters = text.nfkc().flat_map(char::to_lowercase);
        letters.filter(|letter| letter.is_alphanumeric()).collect()
    };
    let columns = plan.columns.columns.iter();
    let of_field =
        columns.filter(|column| column.target.place().is_some_and(|(its, _)| its == key));
    let cells = of_field.filter_map(|column| row.cell(column.column));
    let held = cells.fold(String::new(), |held, cell| {
        held + "\n" + &letters_of(&cell.text)
    });
    let values = list.as_array().into_iter().flatten();
    let mut texts = values.filter_map(|entry| entry.get("value").unwrap_or(entry).as_str());
    texts.all(|text| held.contains(&letters_of(text)))
}

/// Returns whether each position of a list that changes, and each memo, has a column of its own in the sheet.
fn has_columns(plan: &SheetPlan, field: Option<&Field>, change: &FieldChange) -> bool {
    if !field.is_some_and(|field| field.kind.is_value_list()) {
        return true;
    }
    let has = |wanted: Slot| {
        let mut columns = plan.columns.columns.iter();
        columns.any(|column| {
            let place = column.target.place();
            place.is_some_and(|(key, slot)| *key == change.key && slot == wanted)
        })
    };
    let differs = |slot| shown(field, slot, &change.before) != shown(field, slot, &change.after);
    let most = values_of(&change.before).max(values_of(&change.after));
    let positions = 1..=u16::try_from(most).unwrap_or(u16::MAX);
    let mut slots = positions.flat_map(|position| [Slot::Value(position), Slot::Memo(position)]);
    slots.all(|slot| {
        let is_first = slot == Slot::Value(1);
        !differs(slot) || has(slot) || (is_first && has(Slot::Whole))
    })
}

/// Returns how many values a list has.
fn values_of(value: &Json) -> usize {
    value.as_array().map_or(1, Vec::len)
}

/// Returns whether two texts hold the same words, whatever stands between them.
fn is_same_list(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split([';', '；', ',', '，', '、', '/', '\n']);
        parts.map(|part| part.trim().to_owned()).collect()
    };
    words(one) == words(other)
}
