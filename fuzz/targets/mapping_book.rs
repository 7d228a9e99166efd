//! A mapping workbook: it means the same as the TOML file that is written of it, and as the workbook that is.

#![no_main]

use crm_ferry::mapping::{
    MappingForm, UNDECIDED, Wording, blank_meaning, parse_book, parse_toml, suggested,
    suggestion_of, to_book, to_toml,
};
use crm_ferry::model::Row;
use crm_ferry_fuzz::sheets;
use libfuzzer_sys::fuzz_target;

/// What stands beside a suggestion that a person has to confirm.
const DOUBT: &str = "请确认";
/// The languages of a workbook.
const WORDINGS: [Wording; 2] = [Wording::Chinese, Wording::English];

fuzz_target!(|input: &[u8]| {
    let input = String::from_utf8_lossy(input);
    let book = sheets::sheets(&input);
    let mapping = match parse_book("m.xlsx", &book) {
        Ok(mapping) => mapping,
        Err(problems) => {
            assert!(!problems.is_empty());
            return;
        }
    };
    mapping.faults();
    let form = as_written(mapping.form);
    let text = to_toml(&form, &[], &[], &Default::default());
    match parse_toml("m.toml", &text) {
        Ok(read) => assert_eq!(read.form, form, "{text}"),
        Err(problems) => panic!("{problems:?}\n{text}"),
    }
    for wording in WORDINGS {
        let written = written(&form, wording);
        match parse_book("m.xlsx", &written) {
            Ok(read) => assert_eq!(read.form, form, "{written:?}"),
            Err(problems) => panic!("{problems:?}\n{written:?}"),
        }
    }
});

/// Returns a form with its suggestions as a workbook has them: one blank behind `?`, and none of `?` or 空白, which are
/// words of the sheet.
fn as_written(mut form: MappingForm) -> MappingForm {
    let words = form
        .columns
        .values_mut()
        .flat_map(|column| column.choices.values_mut());
    for meaning in words.chain(form.owner_ids.values_mut()) {
        let suggestion = suggestion_of(meaning).map(str::to_owned);
        match suggestion.as_deref() {
            Some(suggestion) if is_no_suggestion(suggestion) => UNDECIDED.clone_into(meaning),
            Some(suggestion) => *meaning = suggested(suggestion),
            None => {}
        }
    }
    form
}

/// Whether a word of the sheet stands where a suggestion could.
fn is_no_suggestion(text: &str) -> bool {
    text == UNDECIDED || WORDINGS.map(blank_meaning).contains(&text)
}

/// Returns the sheets of a mapping workbook as a reader gives them.
fn written(form: &MappingForm, wording: Wording) -> Vec<(String, Vec<Row>)> {
    let sheets = to_book(form, &[], &Default::default(), DOUBT, wording);
    let texts = sheets.iter().map(|sheet| {
        let header = sheet
            .headers
            .iter()
            .map(|header| (*header).to_owned())
            .collect();
        let rows = std::iter::once(&header)
            .chain(&sheet.rows)
            .map(|row: &Vec<String>| {
                let cells = row.iter().map(|text| text.replace('\n', "\u{b}"));
                cells.collect::<Vec<_>>().join("\t")
            });
        format!("{}\n{}", sheet.title, rows.collect::<Vec<_>>().join("\n"))
    });
    sheets::sheets(&texts.collect::<Vec<_>>().join("\u{c}"))
}
