//! Writes what a template tells the person who fills it in: the notes on headers, and the sheet that explains each
//! field.

use crate::job::error::JobError;
use crate::lang::{Lang, say};
use crate::model::{Field, Kind, Slot};
use crate::pipeline::prose_sheet;
use crate::pipeline::template::layout::FormColumn;
use crate::table::TableWriter;

/// How many choices of a field are listed; of more, only the number is named.
const SHOWN_CHOICES: usize = 12;

/// Returns the note on a header: whether the column must be filled, what goes in, and an example.
pub(crate) fn header_note(column: &FormColumn<'_>, lang: Lang) -> String {
    let FormColumn {
        field, slot, name, ..
    } = column;
    let mut lines = vec![
        say::template::required(lang, column.required).to_owned(),
        say::template::what_goes_in(lang, field, *slot, name),
    ];
    lines.extend(fill_level(field, lang));
    let example = say::template::example(lang, field, *slot);
    if !example.is_empty() {
        lines.push(say::template::example_line(lang, &example));
    }
    lines.join("\n")
}

/// Returns the width of a column, in characters.
pub(crate) fn width(column: &FormColumn<'_>) -> f64 {
    let of_kind: usize = match column.field.kind {
        Kind::Textarea => 36,
        Kind::Text | Kind::Url | Kind::Email | Kind::EmailList => 24,
        Kind::Datetime | Kind::Owner => 20,
        Kind::Phone | Kind::PhoneList | Kind::MultiChoice => 18,
        _ => 14,
    };
    let letters = column.header.chars();
    // A Chinese character is two wide, and the filter's button three.
    let of_header: usize = letters
        .map(|letter| 1 + usize::from(!letter.is_ascii()))
        .sum();
    let width = of_kind.max(of_header + 3).min(60);
    f64::from(u32::try_from(width).unwrap_or(60))
}

/// Writes the explaining sheet, a row for each field. Returns the fields that it explains.
pub(crate) fn write<'a>(
    columns: &[FormColumn<'a>],
    lang: Lang,
    writer: &mut dyn TableWriter,
) -> Result<Vec<&'a Field>, JobError> {
    let widths = [18.0, 20.0, 46.0, 10.0, 30.0, 24.0, 14.0, 30.0];
    let headers = say::template::columns(lang).into_iter().zip(widths);
    prose_sheet::start(say::template::fields_sheet(lang), headers, writer)?;
    let mut fields: Vec<&Field> = Vec::new();
    let mut rest = columns;
    while let Some(first) = rest.first() {
        let length = rest
            .iter()
            .take_while(|column| column.field.key == first.field.key)
            .count();
        let (own, others) = rest.split_at(length);
        rest = others;
        fields.push(first.field);
        prose_sheet::write_row(&row(first.field, own, lang), writer)?;
    }
    Ok(fields)
}

fn row(field: &Field, columns: &[FormColumn<'_>], lang: Lang) -> [String; 8] {
    let headers: Vec<&str> = columns
        .iter()
        .map(|column| column.header.as_str())
        .collect();
    let mut said: Vec<String> = Vec::new();
    let mut examples: Vec<String> = Vec::new();
    for column in columns {
        let sentence = say::template::what_goes_in(lang, field, column.slot, column.name);
        said.push(if matches!(column.slot, Slot::Whole) {
            sentence
        } else {
            format!("{}{}{sentence}", column.header, lang.pick(": ", "："))
        });
        examples.push(say::template::example(lang, field, column.slot));
    }
    said.extend(fill_level(field, lang));
    examples.retain(|example| !example.is_empty());
    let required = if field.required {
        say::fields::required(lang)
    } else {
        ""
    };
    [
        field.label.clone(),
        headers.join("\n"),
        said.join("\n"),
        required.to_owned(),
        form_of(field, lang),
        examples.join("\n"),
        say::fields::kind(lang, field.kind),
        field.key.as_str().to_owned(),
    ]
}

fn form_of(field: &Field, lang: Lang) -> String {
    let mut choices: Vec<String> = match field.kind {
        Kind::Cascade => field.paths(),
        Kind::Choice | Kind::MultiChoice => {
            let choices = field.choices.iter();
            choices.map(|choice| choice.value.clone()).collect()
        }
        _ => Vec::new(),
    };
    let all = choices.len();
    if all > SHOWN_CHOICES {
        choices.truncate(SHOWN_CHOICES);
        choices.push(say::template::more_choices(lang, all));
    }
    choices.join("\n")
}

fn fill_level(field: &Field, lang: Lang) -> Option<String> {
    (field.kind == Kind::Cascade && field.fill_level > 1)
        .then(|| say::template::fill_level(lang, field.fill_level))
}
