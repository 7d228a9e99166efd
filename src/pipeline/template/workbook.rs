//! Writes the workbook of a template: the sheet to be filled in, the sheet that explains each field, and the hidden
//! lists behind the drop-downs.
//!
//! The invariant: the check accepts every entry that a drop-down offers, as it stands.

use std::path::{Path, PathBuf};

use say::template::EntryRefusal;

use crate::job::error::JobError;
use crate::lang::{Lang, say};
use crate::model::{Kind, Schema, Slot, column_letters};
use crate::pipeline::template::layout::FormColumn;
use crate::pipeline::template::lists::{HiddenLists, ListCell};
use crate::pipeline::template::{explain, layout, lists};
use crate::source::sheets::LISTS_SHEET;
use crate::table::{
    Allowed, CellFormat, Column, EntryRule, Format, OutCell, SheetRole, SheetSpec, StyledCell,
    TableWriter, create_writer,
};

/// What to make a template of: the request of `ferry template`.
#[derive(Debug, Clone)]
pub struct TemplateRequest {
    /// The fields of the account.
    pub schema: Schema,
    /// Where the workbook goes. A file that is there is replaced.
    pub output: PathBuf,
    /// The language of titles, notes and messages. Headers are the account's labels.
    pub lang: Lang,
}

/// What a template holds.
#[derive(Debug, Clone, Default)]
pub struct TemplateReport {
    /// How many fields have a column.
    pub fields: usize,
    /// How many of these fields must be filled.
    pub required: usize,
    /// Labels of fields that no header can name.
    pub nameless: Vec<String>,
    /// The path of the workbook.
    pub output: PathBuf,
}

/// Writes the workbook. If that fails, a file that was there before is left as it was.
pub fn template(request: &TemplateRequest) -> Result<TemplateReport, JobError> {
    let lang = request.lang;
    let (columns, nameless) = layout::columns(&request.schema);
    let (form, lists) = form(&columns, lang);
    let folder = request
        .output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut writer = create_writer(Format::Xlsx, folder.unwrap_or_else(|| Path::new(".")))?;
    writer.start_sheet(SheetSpec {
        name: say::template::data_sheet(lang).to_owned(),
        columns: form,
        hidden: false,
        role: SheetRole::Data,
    })?;
    let fields = explain::write(&columns, lang, writer.as_mut())?;
    write_lists(&lists, writer.as_mut())?;
    writer.finish(&request.output)?;
    Ok(TemplateReport {
        fields: fields.len(),
        required: fields.iter().filter(|field| field.required).count(),
        nameless: nameless.into_iter().map(str::to_owned).collect(),
        output: request.output.clone(),
    })
}

/// Returns the columns of the sheet to be filled in, with the rule of what may be entered into each, and the lists
/// behind the rules.
pub(crate) fn form(columns: &[FormColumn<'_>], lang: Lang) -> (Vec<Column>, HiddenLists) {
    let mut lists = HiddenLists::new();
    let mut rules: Vec<Option<EntryRule>> = Vec::with_capacity(columns.len());
    for (position, column) in columns.iter().enumerate() {
        let field = column.field;
        let rule = |refusal: EntryRefusal, allowed: Allowed| EntryRule {
            allowed,
            title: refusal.title(lang).to_owned(),
            message: refusal.message(lang).to_owned(),
            only_warns: refusal == EntryRefusal::Choices,
        };
        match (field.kind, column.slot) {
            (Kind::Cascade, Slot::Level(1)) if !field.cascade.is_empty() => {
                let letters: Vec<String> = columns
                    .iter()
                    .enumerate()
                    .filter(|(_, other)| other.field.key == field.key)
                    .map(|(position, _)| letters(position))
                    .collect();
                let formulas = lists.add_cascade(field, &letters);
                rules.extend(formulas.into_iter().map(|formula| {
                    formula.map(|formula| rule(EntryRefusal::Level, Allowed::WordsOf(formula)))
                }));
            }
            (Kind::Choice | Kind::MultiChoice, _) => {
                let refusal = if field.kind == Kind::Choice {
                    EntryRefusal::Choice
                } else {
                    EntryRefusal::Choices
                };
                let words = choices(column);
                rules.push(
                    (!words.is_empty()).then(|| rule(refusal, allowed(field, words, &mut lists))),
                );
            }
            (Kind::Date, _) => rules.push(Some(rule(EntryRefusal::Date, Allowed::Date))),
            (Kind::Datetime, _) => rules.push(Some(rule(EntryRefusal::Datetime, Allowed::Date))),
            (Kind::Number, _) => rules.push(Some(rule(EntryRefusal::Number, Allowed::Number))),
            // The first level of a cascade has added the rules of its further levels.
            _ if rules.len() > position => {}
            _ => rules.push(None),
        }
    }
    let form = columns.iter().zip(rules).map(|(column, entry)| Column {
        header: column.header.clone(),
        width: explain::width(column),
        note: Some(explain::header_note(column, lang)),
        required: column.required,
        cells: match column.field.kind {
            Kind::Number => CellFormat::Number,
            Kind::Date => CellFormat::Date,
            Kind::Datetime => CellFormat::DateTime,
            _ => CellFormat::Text,
        },
        entry,
        ..Column::default()
    });
    (form.collect(), lists)
}

fn choices(column: &FormColumn<'_>) -> Vec<String> {
    lists::distinct(
        column
            .field
            .choices
            .iter()
            .map(|choice| choice.value.as_str()),
    )
}

fn allowed(field: &crate::model::Field, words: Vec<String>, lists: &mut HiddenLists) -> Allowed {
    if lists::fit_inline(&words) {
        Allowed::Words(words)
    } else {
        Allowed::WordsOf(lists.add_words(field.key.as_str(), words))
    }
}

fn letters(position: usize) -> String {
    column_letters(u32::try_from(position).unwrap_or(u32::MAX))
}

fn write_lists(lists: &HiddenLists, writer: &mut dyn TableWriter) -> Result<(), JobError> {
    writer.start_sheet(SheetSpec {
        name: LISTS_SHEET.to_owned(),
        columns: vec![Column::default(); lists.columns.len()],
        hidden: true,
        role: SheetRole::Data,
    })?;
    let text = |text| match text {
        "" => OutCell::Blank,
        text => OutCell::Text(text),
    };
    let titles = lists.columns.iter().map(|column| text(&column.title));
    let titles: Vec<_> = titles.map(StyledCell::plain).collect();
    writer.write_row(&titles)?;
    let height = lists.columns.iter().map(|column| column.cells.len()).max();
    for row in 0..height.unwrap_or(0) {
        let cells = lists
            .columns
            .iter()
            .map(|column| match column.cells.get(row) {
                Some(ListCell::Word(word)) => text(word),
                Some(ListCell::Count(count)) => OutCell::Count(*count),
                None => OutCell::Blank,
            });
        let cells: Vec<_> = cells.map(StyledCell::plain).collect();
        writer.write_row(&cells)?;
    }
    Ok(())
}
