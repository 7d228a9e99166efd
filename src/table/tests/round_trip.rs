//! The property that matters most: any table written by us reads back equal.

use proptest::prelude::*;

use super::*;

/// Text with what tends to break: guards, quotes, breaks, zeros, escapes, controls, emoji, padding.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,6}",
        2 => "[张三李四公司①Ａ０]{1,4}",
        1 => prop::sample::select(vec![
            "=", "+", "-", "@", "'", "''", "\"", ",", ";", "\t", "\n", "\r\n", "\r", "\n\n", "0", "007", "-5", "+86 138",
            "_x0041_", "_x000D_", "_x", "\u{1}", "\u{b}", "\u{3000}", "\u{A0}", "\u{200B}", "\u{FEFF}", "\u{FFFE}", "👨\u{200D}👩", "&", "<b>",
            "]]>", "#N/A", "TRUE", "1e5", "330106199001011234", "2024-11-14", "sep=;", "\u{0}",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// What a cell is when it comes back: without the two things that no format carries.
fn expected(text: &str) -> Option<String> {
    cell::text(&text.replace('\0', ""))
}

fn is_lossy_in_xlsx(text: &str) -> bool {
    let has_control = text
        .chars()
        .any(|character| character < ' ' && !matches!(character, '\n' | '\t' | '\r'));
    has_control && text.contains("_x")
}

fn check(format: Format, plain: bool, table: &[Vec<String>]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(if format == Format::Csv {
        "t.csv"
    } else {
        "t.xlsx"
    });
    let mut writer = if plain {
        create_plain_csv_writer(folder.path())
    } else {
        create_writer(format, folder.path())
    }
    .unwrap();
    let columns = vec![
        Column {
            header: "甲".to_owned(),
            ..Column::default()
        },
        Column {
            header: "乙".to_owned(),
            ..Column::default()
        },
    ];
    let spec = SheetSpec {
        name: "表".to_owned(),
        columns,
        hidden: false,
        role: SheetRole::Data,
    };
    writer.start_sheet(spec).unwrap();
    for row in table {
        let cells: Vec<_> = row
            .iter()
            .map(|text| StyledCell::plain(OutCell::Text(text)))
            .collect();
        writer.write_row(&cells).unwrap();
    }
    writer.finish(&path).unwrap();
    let options = ReadOptions {
        delimiter: (format == Format::Csv).then_some(b','),
        ..ReadOptions::default()
    };
    let rows = read_all(&Workbook::open(&path, &options).unwrap(), 0).unwrap();
    let mut expected_rows = vec!["1: A=甲 B=乙".to_owned()];
    for (row, number) in table.iter().zip(2..) {
        let cells: Vec<String> = row
            .iter()
            .zip(0..)
            .filter_map(|(text, column)| {
                expected(text)
                    .map(|text| format!("{}={text}", crate::model::column_letters(column)))
            })
            .collect();
        if !cells.is_empty() {
            expected_rows.push(format!("{number}: {}", cells.join(" ")));
        }
    }
    prop_assert_eq!(shown(&rows), expected_rows);
    let all_text = rows
        .iter()
        .flat_map(|row| &row.cells)
        .all(|cell| cell.kind == CellKind::Text);
    prop_assert!(all_text);
    Ok(())
}

fn any_table() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(any_text(), 1..4), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn csv_reads_back_equal(table in any_table()) {
        check(Format::Csv, false, &table)?;
    }

    #[test]
    fn xlsx_reads_back_equal(table in any_table()) {
        prop_assume!(!table.iter().flatten().any(|text| is_lossy_in_xlsx(text)));
        check(Format::Xlsx, false, &table)?;
    }

    #[test]
    fn plain_csv_of_harmless_text_reads_back_equal(table in prop::collection::vec(prop::collection::vec("[a-z张三\"\n,]{0,5}", 1..4), 0..8)) {
        check(Format::Csv, true, &table)?;
    }
}
