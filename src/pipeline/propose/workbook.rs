//! The mapping as a workbook that can be filled in without reading anything else: a sheet that explains it, drop-downs,
//! and the settings that few people need grouped out of sight.
//!
//! The words of the drop-downs are on a hidden sheet, one column for each place in a field: row 1 has the place's name,
//! row 2 the number of words, and the words begin in row 3. The drop-down of a choice looks up the field that its column
//! has in 字段对应 *now*, so it follows a field that a person changes.

use std::path::Path;

use crate::job::error::JobError;
use crate::lang::hint::Hints;
use crate::lang::{Lang, say};
use crate::mapping::{self, BookSheet, OfferedField, Wording};
use crate::model::column_letters;
use crate::pipeline::propose::ProposeRequest;
use crate::pipeline::prose_sheet;
use crate::table::{
    Allowed, CellStyle, Column, EntryRule, Format, OutCell, SheetRole, SheetSpec, StyledCell,
    TableWriter, create_writer,
};

/// The hidden sheet with the words of the drop-downs.
const WORDS_SHEET: &str = "_words";

/// What the drop-downs offer.
#[derive(Debug, Default)]
pub(super) struct Offers {
    /// The places in fields.
    pub fields: Vec<OfferedField>,
    /// The known owners, each as `id name`.
    pub owners: Vec<String>,
}

/// Returns the language of a workbook for a reader.
pub(super) fn wording(lang: Lang) -> Wording {
    lang.pick(Wording::English, Wording::Chinese)
}

/// Writes a mapping as a workbook.
pub(super) fn write_mapping(
    sheets: &[BookSheet],
    offers: &Offers,
    request: &ProposeRequest,
) -> Result<(), JobError> {
    let (lang, output) = (request.lang, request.output.as_path());
    let folder = output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut writer = create_writer(Format::Xlsx, folder.unwrap_or_else(|| Path::new(".")))?;
    explain(lang, &request.hints, writer.as_mut())?;
    let wording = wording(lang);
    let words = WordsSheet::of(offers, wording);
    for sheet in sheets {
        write_sheet(sheet, &words, lang, writer.as_mut())?;
    }
    words.write(writer.as_mut())?;
    Ok(writer.finish(output)?)
}

/// Writes the sheet that explains the others.
fn explain(lang: Lang, hints: &Hints, writer: &mut dyn TableWriter) -> Result<(), JobError> {
    let columns = say::map::guide_headers(lang).into_iter().zip([24.0, 96.0]);
    prose_sheet::start(say::map::guide_sheet(lang), columns, writer)?;
    for cells in say::map::guide(lang) {
        prose_sheet::write_row(&cells.map(|text| hints.copyable(text)), writer)?;
    }
    Ok(())
}

fn write_sheet(
    sheet: &BookSheet,
    words: &WordsSheet,
    lang: Lang,
    writer: &mut dyn TableWriter,
) -> Result<(), JobError> {
    let is_columns = sheet.key == "columns";
    let columns = sheet.headers.iter().zip(&sheet.keys).map(|(header, key)| {
        let allowed = words.allowed(sheet, key);
        Column {
            amber_while: open_formula(sheet),
            header: (*header).to_owned(),
            width: width(key),
            wrap_at: wrap_at(key),
            frozen: is_columns && ["letters", "header"].contains(key),
            folded: is_columns && mapping::is_expert(key),
            entry: allowed.map(|allowed| EntryRule {
                allowed,
                title: say::map::not_offered_title(lang).to_owned(),
                message: say::map::not_offered(lang).to_owned(),
                only_warns: true,
            }),
            ..Column::default()
        }
    });
    writer.start_sheet(SheetSpec {
        name: sheet.title.to_owned(),
        columns: columns.collect(),
        hidden: false,
        role: SheetRole::Data,
    })?;
    let count = sheet.keys.iter().position(|key| *key == "rows");
    for row in &sheet.rows {
        let cells = row.iter().enumerate().map(|(column, text)| {
            let rows = text.parse().ok().filter(|_| Some(column) == count);
            let cell = match rows {
                Some(rows) => OutCell::Count(rows),
                None if text.is_empty() => OutCell::Blank,
                None => OutCell::Text(text),
            };
            let is_long = sheet.keys.get(column).is_some_and(|key| wrap_at(key) > 0.0);
            StyledCell {
                cell,
                style: if is_long {
                    CellStyle::Wrapped
                } else {
                    CellStyle::Plain
                },
                note: None,
            }
        });
        writer.write_row(&cells.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Returns the formula of whether the first row below the heading is still to be decided, as the book is read: it has a
/// doubt, or a word has no meaning or a suggested one.
fn open_formula(sheet: &BookSheet) -> Option<String> {
    let cell = |key: &str| {
        let position = sheet.keys.iter().position(|known| *known == key)?;
        Some(format!(
            "${}2",
            column_letters(u32::try_from(position).ok()?)
        ))
    };
    let doubt = cell("doubt").map(|doubt| format!("{doubt}<>\"\""));
    let suggested = |cell: String| format!("LEFT({cell},1)=\"{}\"", mapping::UNDECIDED);
    let is_setting = sheet.key == "settings";
    let meaning = cell("meaning").or_else(|| cell("field")).map(suggested);
    let missing = cell("word").zip(cell("meaning")).filter(|_| !is_setting);
    let missing = missing.map(|(word, meaning)| format!("AND({word}<>\"\",{meaning}=\"\")"));
    let parts: Vec<String> = [doubt, meaning, missing].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("OR({})", parts.join(",")))
}

fn width(key: &str) -> f64 {
    match key {
        "note" | "doubt" | "sample" => 0.0,
        "header" | "field" => 18.0,
        "word" | "meaning" => 22.0,
        "letters" | "ignore" | "key" | "rows" | "confidence" => 8.0,
        _ => 12.0,
    }
}

/// The greatest width, in characters, of columns of long texts: all columns but the folded ones fit into the window of a
/// laptop.
fn wrap_at(key: &str) -> f64 {
    match key {
        "note" | "sample" => 32.0,
        "doubt" => 28.0,
        _ => 0.0,
    }
}

/// The hidden sheet: its columns, each with its title and its words.
struct WordsSheet {
    wording: Wording,
    columns: Vec<(String, Vec<String>)>,
}

impl WordsSheet {
    const FIELDS: &'static str = "_fields";
    const OWNERS: &'static str = "_owners";

    fn of(offers: &Offers, wording: Wording) -> Self {
        let blank = || [mapping::blank_meaning(wording).to_owned()];
        let names = offers.fields.iter().map(|field| field.name.clone());
        let owners = offers.owners.iter().cloned();
        let mut columns = vec![
            (Self::FIELDS.to_owned(), names.collect()),
            (Self::OWNERS.to_owned(), owners.chain(blank()).collect()),
        ];
        let with_words = offers.fields.iter().filter(|field| !field.words.is_empty());
        columns.extend(with_words.map(|field| {
            let words = field.words.iter().cloned();
            (field.name.clone(), words.chain(blank()).collect())
        }));
        Self { wording, columns }
    }

    /// Returns what may be entered into a column of a sheet, by the column's key.
    fn allowed(&self, sheet: &BookSheet, key: &str) -> Option<Allowed> {
        let is_sheet = |key: &str| sheet.key == key;
        if is_sheet("columns") && key == "field" {
            return self.range(Self::FIELDS).map(Allowed::WordsOf);
        }
        if is_sheet("columns") {
            let words = mapping::column_words(key, self.wording).into_iter();
            let words: Vec<String> = words.map(str::to_owned).collect();
            return (!words.is_empty()).then_some(Allowed::Words(words));
        }
        if is_sheet("owner_ids") && key == "meaning" {
            return self.range(Self::OWNERS).map(Allowed::WordsOf);
        }
        if is_sheet("constants") && key == "word" {
            return self.range(Self::FIELDS).map(Allowed::WordsOf);
        }
        (is_sheet("choices") && key == "meaning")
            .then(|| Allowed::WordsOf(choice_words(self.wording)))
    }

    /// Returns the formula of a column's words.
    fn range(&self, title: &str) -> Option<String> {
        let mut columns = self.columns.iter();
        let column = columns.position(|(known, _)| known == title)?;
        let count = self.columns.get(column)?.1.len().max(1);
        let letters = column_letters(u32::try_from(column).ok()?);
        let last = count + 2;
        Some(format!("{WORDS_SHEET}!${letters}$3:${letters}${last}"))
    }

    fn write(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let column = |(title, _): &(String, Vec<String>)| Column {
            header: title.clone(),
            ..Column::default()
        };
        writer.start_sheet(SheetSpec {
            name: WORDS_SHEET.to_owned(),
            columns: self.columns.iter().map(column).collect(),
            hidden: true,
            role: SheetRole::Side,
        })?;
        let counts = self.columns.iter();
        let counts = counts
            .map(|(_, words)| StyledCell::plain(OutCell::Count(words.len() as u64)))
            .collect::<Vec<_>>();
        writer.write_row(&counts)?;
        let longest = self.columns.iter().map(|(_, words)| words.len()).max();
        for row in 0..longest.unwrap_or(0) {
            let cells = self.columns.iter().map(|(_, words)| {
                let word = words.get(row);
                StyledCell::plain(word.map_or(OutCell::Blank, |word| OutCell::Text(word)))
            });
            writer.write_row(&cells.collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Returns the formula of the words for a row of 选项对照: those of the field that 字段对应 has for the row's column.
fn choice_words(wording: Wording) -> String {
    let columns = mapping::sheet_title("columns", wording);
    // 列 is the first column of both sheets, 字段 the fourth of 字段对应.
    let field = format!("INDEX('{columns}'!$D:$D,MATCH($A2,'{columns}'!$A:$A,0))");
    let column = format!("MATCH({field},{WORDS_SHEET}!$1:$1,0)");
    format!("OFFSET({WORDS_SHEET}!$A$3,0,{column}-1,INDEX({WORDS_SHEET}!$2:$2,{column}),1)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_of_choices_fits_and_names_the_right_columns() {
        assert!(choice_words(Wording::Chinese).encode_utf16().count() <= 255);
        let sheets = mapping::to_book(
            &mapping::MappingForm::default(),
            &[],
            &mapping::WordNotes::new(),
            "",
            Wording::Chinese,
        );
        let position = |sheet: usize, key: &str| {
            let mut keys = sheets[sheet].keys.iter();
            keys.position(|known| *known == key)
        };
        assert_eq!(position(0, "letters"), Some(0));
        assert_eq!(position(0, "field"), Some(3));
        assert_eq!(position(1, "letters"), Some(0));
    }
}
