//! The property that any table that ferry writes reads back equal.

use proptest::prelude::*;

use super::*;
use crate::model::CUT_MARKER;

/// Makes text of pieces that tend to break: guards, quotes, line breaks, zeros, escapes, controls, emoji, padding.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,6}",
        2 => "[张三李四公司①Ａ０]{1,4}",
        1 => prop::sample::select(vec![
            "=", "+", "-", "@", "'", "''", "\"", ",", ";", "\t", "\n", "\r\n", "\r", "\n\n", "0", "007", "-5", "+86 138",
            "_x0041_", "_x000D_", "_x", "\u{1}", "\u{b}", "\u{3000}", "\u{A0}", "\u{200B}", "\u{FEFF}", "\u{FFFE}", "👨\u{200D}👩", "❤\u{FE0F}", "\u{FE0F}", "\u{202D}",
            "\u{AD}", "&", "<b>",
            "]]>", "#N/A", "TRUE", "1e5", "330106199001011234", "2024-11-14", "sep=;", "\u{0}",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Returns a cell's text as it reads back: without white space and unseen characters at its ends, with LF as line break,
/// and without NUL, which no format carries. This follows the rule, and does not call the reader's functions.
fn expected(text: &str) -> Option<String> {
    let text = text.replace('\0', "");
    let mut text = text.trim_start_matches(is_padding);
    while let Some(last) = text.chars().next_back().filter(|last| is_padding(*last)) {
        let rest = &text[..text.len() - last.len_utf8()];
        // The coloured form of an emoji, and the flag of a region, are written with characters that are padding alone.
        let is_emoji =
            |letter: char| matches!(letter, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
        let is_tag = |letter: char| matches!(letter, '\u{e0020}'..='\u{e007f}');
        let before = rest.chars().next_back();
        let is_part = before.is_some_and(|before| match last {
            '\u{fe0f}' => is_emoji(before) || before == '\u{fe0f}',
            last => is_tag(last) && (is_tag(before) || is_emoji(before) || before == '\u{fe0f}'),
        });
        if is_part {
            break;
        }
        text = rest;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    (!text.is_empty()).then_some(text)
}

fn is_padding(letter: char) -> bool {
    let fillers = "\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{3164}\u{feff}\u{ffa0}";
    letter.is_whitespace()
        || letter.is_control()
        || fillers.contains(letter)
        || matches!(letter, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}')
        || matches!(letter, '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns a cell's text as it reads back from a format. In XLSX, control characters of a text that looks like an
/// escape become U+FFFD, because they would read back as another letter.
fn expected_in(format: Format, text: &str) -> Option<String> {
    let breaks = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "");
    let is_control = |letter: char| letter < ' ' && !matches!(letter, '\n' | '\t');
    let letters: Vec<char> = breaks.chars().collect();
    let looks_escaped = |window: &[char]| match window {
        ['_', 'x', digits @ .., last] => {
            is_control(*last) && digits.iter().all(char::is_ascii_hexdigit)
        }
        _ => false,
    };
    if format == Format::Xlsx && letters.windows(7).any(looks_escaped) {
        return expected(&breaks.replace(is_control, "\u{FFFD}"));
    }
    expected(text)
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
                expected_in(format, text)
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

/// Makes a row of up to 600 columns, most of them blank.
fn wide_row() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec((0..600_usize, any_text()), 0..6).prop_map(|cells| {
        let width = cells
            .iter()
            .map(|(column, _)| column + 1)
            .max()
            .unwrap_or(0);
        let mut row = vec![String::new(); width];
        for (column, text) in cells {
            row[column] = text;
        }
        row
    })
}

/// Makes a letter of one or of two UTF-16 units, in which Excel counts.
fn any_letter() -> impl Strategy<Value = char> {
    prop::sample::select(vec!['a', '长', 'é', '👍', '𠮷'])
}

/// Checks a cell of `units` UTF-16 units, or one less, against Excel's limit.
fn check_length(letter: char, units: usize) -> Result<(), TestCaseError> {
    const LIMIT: usize = 32_767;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.xlsx");
    let text = letter.to_string().repeat(units / letter.len_utf16());
    let is_cut = text.encode_utf16().count() > LIMIT;
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let spec = SheetSpec {
        name: "表".to_owned(),
        columns: Vec::new(),
        hidden: false,
        role: SheetRole::Data,
    };
    writer.start_sheet(spec).unwrap();
    writer
        .write_row(&[StyledCell::plain(OutCell::Text(&text))])
        .unwrap();
    prop_assert_eq!(writer.cut_cells(), u64::from(is_cut));
    writer.finish(&path).unwrap();
    let rows = read_all(&open(&path), 0).unwrap();
    let read = &rows[0].cells[0].text;
    if is_cut {
        let kept = read.strip_suffix(CUT_MARKER);
        prop_assert!(kept.is_some_and(|kept| text.starts_with(kept)));
        let length = read.encode_utf16().count();
        prop_assert!(length <= LIMIT && length + letter.len_utf16() > LIMIT);
    } else {
        prop_assert_eq!(read, &text);
    }
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
        check(Format::Xlsx, false, &table)?;
    }

    #[test]
    fn many_columns_read_back_equal(rows in prop::collection::vec(wide_row(), 1..4)) {
        check(Format::Csv, false, &rows)?;
        check(Format::Xlsx, false, &rows)?;
    }

    #[test]
    fn text_at_the_limit_is_whole_and_beyond_it_cut(letter in any_letter(), length in 32_700_usize..32_800) {
        check_length(letter, length)?;
    }

    #[test]
    fn plain_csv_of_harmless_text_reads_back_equal(table in prop::collection::vec(prop::collection::vec("[a-z张三\"\n,]{0,5}", 1..4), 0..8)) {
        check(Format::Csv, true, &table)?;
    }
}

/// Number formats that people's columns have: plain, decimals, currency, ids, percent, dates and times.
const CODES: [&str; 12] = [
    "General",
    "0.00",
    "\"¥\"#,##0.00",
    "00000000",
    "\"KH\"0000",
    "0.0%",
    "yyyy/m/d",
    "yyyy-mm-dd hh:mm:ss",
    "h:mm",
    "[h]:mm:ss",
    "[>=100]\"大\";\"小\"",
    "[DBNum1]0",
];

/// Writes a column of numbers, each in one of [`CODES`], as a person's program does.
fn save_numbers(path: &Path, numbers: &[(f64, usize)]) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "n").unwrap();
    for (row, (number, code)) in (1..).zip(numbers) {
        let format = rust_xlsxwriter::Format::new().set_num_format(CODES[*code]);
        sheet
            .write_number_with_format(row, 0, *number, &format)
            .unwrap();
    }
    book.save(path).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What a result sheet does: the numbers of a source are written into another sheet, each in its own format, and
    /// are read again. Text, and with it the fingerprint of the row, stays, and so do kind and format.
    #[test]
    fn numbers_of_a_source_come_back_from_a_sheet_that_keeps_them(
        numbers in prop::collection::vec((prop_oneof![
            61.0..100_000.0,
            -1e6..0.0,
            100.0..1e6,
            (0_i64..2_000_000_000_000).prop_map(|number| number as f64),
            (-100_000_i64..100_000).prop_map(|number| number as f64 / 100.0),
        ].prop_map(|number| {
            // Excel's 29 February 1900, the serial 60, is kept as text.
            if (60.0..61.0).contains(&number) { number + 1.0 } else { number }
        }), 0..CODES.len()), 1..20),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.xlsx"), folder.path().join("to.xlsx"));
        save_numbers(&from, &numbers);
        let source = open(&from);
        let formats = source.formats(0, 1);
        let format = formats.of_columns().next().map(|(_, format)| format);
        let rows = read_all(&source, 0).unwrap();
        let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
        let columns = vec![Column {
            header: "n".to_owned(),
            number_format: format.map(ColumnFormat::code),
            ..Column::default()
        }];
        let spec = SheetSpec { name: "S".to_owned(), columns, hidden: false, role: SheetRole::Data };
        writer.start_sheet(spec).unwrap();
        let mut in_their_formats: Vec<&Row> = Vec::new();
        for row in &rows[1..] {
            let cell = kept(&row.cells[0], row.cell(0), formats.of(&row.cells[0]));
            if matches!(cell, OutCell::Kept(kept) if kept.look == NumberLook::OfSource) {
                in_their_formats.push(row);
            }
            writer.write_row(&[StyledCell::plain(cell)]).unwrap();
        }
        writer.finish(&to).unwrap();
        let back = read_all(&open(&to), 0).unwrap();
        let texts = |rows: &[Row]| -> Vec<String> {
            rows.iter().map(|row| row.cells[0].text.clone()).collect()
        };
        prop_assert_eq!(texts(&back), texts(&rows));
        let kinds_of = |rows: &[Row]| -> Vec<CellKind> { rows.iter().map(|row| row.cells[0].kind).collect() };
        prop_assert_eq!(kinds_of(&back), kinds_of(&rows));
        let formats_back = open(&to).formats(0, 1);
        for row in in_their_formats {
            let came_back = &back[row.number.row as usize - 1].cells[0];
            prop_assert_eq!(formats_back.of(came_back), formats.of(&row.cells[0]), "{:?}", row);
        }
    }
}

/// A 0 that is blank to a person is a number where its field is one, and stays in its format.
#[test]
fn a_zero_that_its_format_hides_comes_back_in_that_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let format = rust_xlsxwriter::Format::new().set_num_format("0;-0;;@");
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "n").unwrap();
    sheet.write_string(0, 1, "m").unwrap();
    for (row, number) in [(1, 0.0), (2, 5.0)] {
        sheet
            .write_number_with_format(row, 0, number, &format)
            .unwrap();
        sheet.write_number(row, 1, 1.0).unwrap();
    }
    book.save(&path).unwrap();
    let source = open(&path);
    let formats = source.formats(0, 1);
    let columns: Vec<u32> = formats.of_columns().map(|(column, _)| column).collect();
    assert_eq!(columns, [0]);
    for (row, number) in read_all(&source, 0).unwrap()[1..].iter().zip([0.0, 5.0]) {
        let cells = row.with_numbers(|_| true);
        let written = kept(&cells[0], row.cell(0), formats.of(&cells[0]));
        let OutCell::Kept(written) = written else {
            panic!("{written:?}");
        };
        assert_eq!(written.number.to_string(), number.to_string());
        assert_eq!(written.code, Some(&NumberCode::Code("0;-0;;@".to_owned())));
        assert_eq!(formats.of(&cells[1]), None);
    }
}
