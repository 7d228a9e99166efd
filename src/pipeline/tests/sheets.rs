//! Result workbooks whose rows fill several sheets: links lead to the right sheet, and all rows come back.

use calamine::{Reader, Xlsx, open_workbook};

use crate::journal::RowState;
use crate::model::Status;
use crate::pipeline::tests::bench::{Manner, answers, context_of, run_import, sandbox};
use crate::results::result::write_short_result;

/// Makes a table of ten customers. Every second one has a date that is none.
fn table() -> String {
    let row = |number: u32| {
        let date = if number.is_multiple_of(2) {
            format!("第{number}周")
        } else {
            String::new()
        };
        format!("客户 {number},{date}\n")
    };
    let rows: String = (1..=10).map(row).collect();
    format!("客户名称,签约日期\n{rows}")
}

/// Returns the target of a formula such as `HYPERLINK("#'Results 2'!K3","B5")`: its sheet, its cell (0-based row and
/// column), and the text that it shows.
fn target_of(formula: &str) -> (String, (u32, u32), String) {
    let (link, rest) = formula.split_once("\",\"").unwrap();
    let (_, link) = link.split_once("#'").unwrap();
    let (sheet, cell) = link.split_once("'!").unwrap();
    let digits = cell.find(|letter: char| letter.is_ascii_digit()).unwrap();
    let (letters, row) = cell.split_at(digits);
    let column = letters.bytes().fold(0, |column, letter| {
        column * 26 + u32::from(letter - b'A') + 1
    });
    let shown = rest.trim_end_matches("\")").to_owned();
    (
        sheet.to_owned(),
        (row.parse::<u32>().unwrap() - 1, column - 1),
        shown,
    )
}

#[test]
fn a_result_of_several_sheets_leads_to_each_row_and_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (source, sheet) = (
        folder.path().join("list.csv"),
        folder.path().join("back.xlsx"),
    );
    std::fs::write(&source, table()).unwrap();
    let crm = sandbox();
    let (manner, state) = (Manner::default(), folder.path().join("state"));
    let context = context_of(&state, &crm, &manner);
    let report = run_import(&source, &context, &manner).unwrap();
    write_short_result(&context.state.job(&report.job).unwrap(), &sheet, 4).unwrap();

    let mut book: Xlsx<_> = open_workbook(&sheet).unwrap();
    // Each sheet holds a heading and three rows.
    assert_eq!(
        book.sheet_names(),
        [
            "Results",
            "Results 2",
            "Results 3",
            "Results 4",
            "Problems",
            "Problems 2",
            "Summary",
            "_ferry"
        ]
    );
    let mut linked = Vec::new();
    for problems in ["Problems", "Problems 2"] {
        let formulas = book.worksheet_formula(problems).unwrap();
        for (_, _, formula) in formulas.used_cells() {
            linked.push(target_of(formula));
        }
    }
    assert_eq!(linked.len(), 5);
    for ((sheet, cell, shown), number) in linked.into_iter().zip([2, 4, 6, 8, 10]) {
        // The name of the sheet, and the second of the source's columns behind four of ferry's.
        assert_eq!(shown, format!("{sheet}!F{}", cell.0 + 1));
        let range = book.worksheet_range(&sheet).unwrap();
        let value = range.get_value(cell).map(ToString::to_string);
        assert_eq!(value, Some(format!("第{number}周")), "{sheet} {cell:?}");
    }

    // All rows come back in order, and those that are done are left alone.
    let report = run_import(&sheet, &context, &manner).unwrap();
    let again: Vec<RowState> = answers(&report.job, &context)
        .into_iter()
        .map(|row| row.state)
        .collect();
    let expected = [Status::Skipped, Status::Invalid].map(RowState::At);
    assert_eq!(again, expected.repeat(5));
    assert_eq!(crm.customer_count(), 5);
}
