//! Writing: dates, styles, notes, links, charts, further sheets, forms, and whole files.

use std::io::Read;

use super::*;
use crate::model::CUT_MARKER;
use crate::table::xlsx_write::XlsxWriter;

fn columns(headers: &[&str]) -> Vec<Column> {
    headers
        .iter()
        .map(|header| Column {
            header: (*header).to_owned(),
            width: 12.0,
            ..Column::default()
        })
        .collect()
}

pub(super) fn data(name: &str, headers: &[&str]) -> SheetSpec {
    SheetSpec {
        name: name.to_owned(),
        columns: columns(headers),
        hidden: false,
        role: SheetRole::Data,
    }
}

fn side(name: &str, headers: &[&str]) -> SheetSpec {
    SheetSpec {
        role: SheetRole::Side,
        ..data(name, headers)
    }
}

const CELLS: [OutCell<'_>; 9] = [
    OutCell::Text("00123"),
    OutCell::Text("=1+1"),
    OutCell::Count(1_200),
    OutCell::Number(0.25),
    OutCell::DateTime("2024-11-14"),
    OutCell::DateTime("2024-11-14 08:30:05"),
    OutCell::DateTime("2024-02-30"),
    OutCell::Blank,
    OutCell::Link {
        text: "B5",
        sheet: "O'Neill \"表\"",
        cell: "B5",
    },
];

#[test]
fn every_kind_of_cell_in_both_formats() {
    use CellKind::{Date, Number, Text};
    let folder = tempfile::tempdir().unwrap();
    for (format, expected_kinds) in [
        (
            Format::Xlsx,
            [Text, Text, Number, Number, Date, Date, Text, Text],
        ),
        (Format::Csv, [Text; 8]),
    ] {
        let path = folder.path().join("cells");
        let mut writer = create_writer(format, folder.path()).unwrap();
        writer
            .start_sheet(data("O'Neill \"表\"", &["a"; 9]))
            .unwrap();
        writer.write_row(&CELLS.map(StyledCell::plain)).unwrap();
        writer.finish(&path).unwrap();
        let rows = read_all(&open(&path), 0).unwrap();
        assert_eq!(
            shown(&rows)[1],
            "2: A=00123 B==1+1 C=1200 D=0.25 E=2024-11-14 F=2024-11-14 08:30:05 G=2024-02-30 I=B5"
        );
        assert_eq!(kinds(&rows[1]), expected_kinds);
    }
}

#[test]
fn dates_of_every_age_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dates.xlsx");
    let dates = [
        "1899-12-31",
        "1900-01-01",
        "1900-02-28",
        "1900-03-01",
        "1970-01-01 00:00:01",
        "2024-02-29 23:59:59",
        "9999-12-31",
    ];
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(data("S", &[])).unwrap();
    for date in dates {
        writer
            .write_row(&[StyledCell::plain(OutCell::DateTime(date))])
            .unwrap();
    }
    writer.finish(&path).unwrap();
    let rows = read_all(&open(&path), 0).unwrap();
    let read: Vec<&str> = rows.iter().map(|row| row.cells[0].text.as_str()).collect();
    assert_eq!(read, dates);
}

#[test]
fn rows_beyond_the_last_go_on_in_a_further_sheet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.xlsx");
    let mut writer: Box<dyn TableWriter> = Box::new(
        XlsxWriter::create(folder.path())
            .unwrap()
            .with_rows_per_sheet(4),
    );
    writer.start_sheet(data("结果", &["n"])).unwrap();
    let mut places = Vec::new();
    for number in 0..7 {
        let place = writer.next_place().unwrap();
        places.push(format!("{} {}", place.sheet, place.row));
        writer
            .write_row(&[StyledCell::plain(OutCell::Count(number))])
            .unwrap();
    }
    writer.finish(&path).unwrap();
    assert_eq!(
        places,
        [
            "结果 2",
            "结果 3",
            "结果 4",
            "结果 2 2",
            "结果 2 3",
            "结果 2 4",
            "结果 3 2"
        ]
    );
    let workbook = open(&path);
    let names: Vec<_> = workbook
        .sheets()
        .iter()
        .map(|sheet| sheet.name.as_str())
        .collect();
    assert_eq!(names, ["结果", "结果 2", "结果 3"]);
    assert_eq!(
        shown(&read_all(&workbook, 2).unwrap()),
        ["1: A=n", "2: A=6"]
    );
}

#[test]
fn names_are_made_fit_and_hidden_sheets_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("names.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let long = "很".repeat(40);
    for name in [
        "_ferry", "a/b:c?", "A_B_C_", "", "'quoted'", "History", &long, &long,
    ] {
        writer
            .start_sheet(SheetSpec {
                hidden: name == "_ferry",
                ..data(name, &["x"])
            })
            .unwrap();
    }
    writer.finish(&path).unwrap();
    let workbook = open(&path);
    let names: Vec<_> = workbook
        .sheets()
        .iter()
        .map(|sheet| sheet.name.clone())
        .collect();
    assert_eq!(
        names[..6],
        [
            "_ferry",
            "a_b_c_",
            "A_B_C_ 2",
            "Sheet",
            "quoted",
            "History 2"
        ]
    );
    assert_eq!(names[6], "很".repeat(31));
    assert_eq!(names[7], format!("{} 2", "很".repeat(29)));
    let hidden: Vec<_> = workbook.sheets().iter().map(|sheet| sheet.hidden).collect();
    assert_eq!(
        hidden,
        [true, false, false, false, false, false, false, false]
    );
}

#[test]
fn long_text_is_cut_with_a_marker_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.xlsx");
    let texts = [
        "长".repeat(32_767),
        "长".repeat(32_768),
        "👍".repeat(16_384),
        "é".repeat(20_000),
    ];
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(data("S", &["x"])).unwrap();
    for text in &texts {
        writer
            .write_row(&[StyledCell::plain(OutCell::Text(text))])
            .unwrap();
    }
    assert_eq!(writer.cut_cells(), 2);
    writer.finish(&path).unwrap();
    let rows = read_all(&open(&path), 0).unwrap();
    let read: Vec<&str> = rows[1..]
        .iter()
        .map(|row| row.cells[0].text.as_str())
        .collect();
    assert!(read[0] == texts[0] && read[3] == texts[3]);
    for cut in &read[1..3] {
        assert!(
            cut.ends_with(CUT_MARKER) && (32_766..=32_767).contains(&cut.encode_utf16().count())
        );
    }
}

#[test]
fn styles_notes_and_charts_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("styled.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let mut spec = data("Results", &["_id", "name"]);
    spec.columns[0].note = Some("the customer's id".to_owned());
    spec.columns[1].required = true;
    writer.start_sheet(spec).unwrap();
    let styles = [
        CellStyle::Plain,
        CellStyle::Good,
        CellStyle::Bad,
        CellStyle::Warn,
        CellStyle::Muted,
        CellStyle::Header,
    ];
    for style in styles {
        let cell = StyledCell {
            cell: OutCell::Text("007"),
            style,
            note: Some("<why> & \u{1} how"),
        };
        writer
            .write_row(&[
                cell,
                StyledCell {
                    cell: OutCell::Blank,
                    ..cell
                },
            ])
            .unwrap();
    }
    let chart = ChartSpec {
        title: "Status".to_owned(),
        kind: ChartKind::Bar,
        label_column: 0,
        count_column: 1,
        first_row: 2,
        last_row: 3,
        at: (2, 3),
    };
    assert!(
        writer.add_chart(&chart).is_err(),
        "data sheets carry no chart"
    );
    writer
        .start_sheet(side("汇总", &["status", "rows"]))
        .unwrap();
    for (status, count) in [("ok", 10), ("failed", 2)] {
        writer
            .write_row(&[
                StyledCell::plain(OutCell::Text(status)),
                StyledCell::plain(OutCell::Count(count)),
            ])
            .unwrap();
    }
    writer.add_chart(&chart).unwrap();
    writer.finish(&path).unwrap();
    let workbook = open(&path);
    let rows = read_all(&workbook, 0).unwrap();
    assert_eq!(rows.len(), 1 + styles.len());
    assert!(
        rows[1..]
            .iter()
            .all(|row| row.cells.len() == 1 && row.cells[0].text == "007")
    );
    assert_eq!(
        shown(&read_all(&workbook, 1).unwrap())[1..],
        ["2: A=ok B=10", "3: A=failed B=2"]
    );
}

#[test]
fn csv_writes_the_first_data_sheet_for_excel() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = create_writer(Format::Csv, folder.path()).unwrap();
    writer.start_sheet(side("Summary", &["x"])).unwrap();
    writer
        .write_row(&[StyledCell::plain(OutCell::Text("dropped"))])
        .unwrap();
    assert_eq!(writer.next_place(), None);
    writer
        .start_sheet(data("Results", &["名称", "a,b"]))
        .unwrap();
    let row = ["=1+1", "say \"hi\"\nthere"].map(|text| StyledCell::plain(OutCell::Text(text)));
    writer.write_row(&row).unwrap();
    writer
        .write_row(&["+86 13800138000", "-5"].map(|text| StyledCell::plain(OutCell::Text(text))))
        .unwrap();
    writer.start_sheet(data("Problems", &["x"])).unwrap();
    writer
        .write_row(&[StyledCell::plain(OutCell::Text("dropped"))])
        .unwrap();
    let mut output = Vec::new();
    writer.finish_into(&mut output).unwrap();
    let expected =
        "\u{FEFF}名称,\"a,b\"\r\n'=1+1,\"say \"\"hi\"\"\nthere\"\r\n+86 13800138000,-5\r\n";
    assert_eq!(String::from_utf8(output).unwrap(), expected);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn a_target_is_replaced_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    for format in [Format::Csv, Format::Xlsx] {
        for temporary in [folder.path(), elsewhere.path()] {
            let path = folder.path().join("target");
            std::fs::write(&path, "before").unwrap();
            let mut abandoned = create_writer(format, temporary).unwrap();
            abandoned.start_sheet(data("S", &["x"])).unwrap();
            drop(abandoned);
            assert_eq!(std::fs::read(&path).unwrap(), b"before");
            let mut writer = create_writer(format, temporary).unwrap();
            writer.start_sheet(data("S", &["x"])).unwrap();
            writer.finish(&path).unwrap();
            assert_eq!(shown(&read_all(&open(&path), 0).unwrap()), ["1: A=x"]);
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                1,
                "nothing is left behind"
            );
        }
        let mut writer = create_writer(format, elsewhere.path()).unwrap();
        writer.start_sheet(data("S", &["x"])).unwrap();
        assert!(matches!(
            writer.finish(&folder.path().join("no/such/folder")),
            Err(TableError::Io { .. })
        ));
    }
    assert!(matches!(
        create_writer(Format::Csv, Path::new("/no/such")),
        Err(TableError::Io { .. })
    ));
    assert!(create_writer(Format::Xlsx, Path::new("/no/such")).is_err());
}

#[test]
fn a_row_needs_a_sheet() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Csv, Format::Xlsx] {
        let mut writer = create_writer(format, folder.path()).unwrap();
        assert!(matches!(
            writer.write_row(&[]),
            Err(TableError::Unwritable { .. })
        ));
    }
}

#[test]
fn plain_text_cells_have_the_text_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("format.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(data("S", &["x"])).unwrap();
    writer
        .write_row(&[StyledCell::plain(OutCell::Text("007"))])
        .unwrap();
    writer.finish(&path).unwrap();
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    let mut cells = workbook.worksheet_cells_reader("S").unwrap();
    let mut formats = Vec::new();
    while let Some((_, style)) = cells.next_cell_with_style_id().unwrap() {
        formats.push(
            cells.styles()[style]
                .number_format
                .as_ref()
                .map(|format| format.format_code.clone()),
        );
    }
    assert_eq!(formats, [Some("@".to_owned()), Some("@".to_owned())]);
}

#[test]
fn a_form_says_what_may_be_entered_down_to_the_last_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("form.xlsx");
    let rule = |allowed: Allowed, only_warns: bool| {
        Some(EntryRule {
            allowed,
            title: "不在选项中".to_owned(),
            message: "请从下拉列表中选择。".to_owned(),
            only_warns,
        })
    };
    let mut spec = data("form", &["a", "b", "c", "d"]);
    spec.columns[0].entry = rule(Allowed::Words(vec!["甲".into(), "乙 丙".into()]), false);
    spec.columns[1].entry = rule(Allowed::WordsOf("lists!$A$2:$A$9".into()), true);
    spec.columns[2].entry = rule(Allowed::Date, false);
    spec.columns[3].entry = rule(Allowed::Number, false);
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(spec).unwrap();
    writer.start_sheet(data("lists", &["", ""])).unwrap();
    writer.finish(&path).unwrap();
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let mut xml = String::new();
    let mut part = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
    // 1900-01-01 is day 1, 9999-12-31 day 2 958 465.
    for (column, kind, content, warns) in [
        ('A', "list", "<formula1>\"甲,乙 丙\"</formula1>", false),
        ('B', "list", "<formula1>lists!$A$2:$A$9</formula1>", true),
        (
            'C',
            "date",
            "<formula1>1</formula1><formula2>2958465</formula2>",
            false,
        ),
        (
            'D',
            "decimal",
            "<formula1>-999999999999999</formula1>",
            false,
        ),
    ] {
        let place = format!("sqref=\"{column}2:{column}1048576\"");
        let mut rules = xml.split("<dataValidation ").skip(1);
        let rule = rules.find(|rule| rule.contains(&place)).expect("a rule");
        assert!(rule.contains(&format!("type=\"{kind}\"")), "{rule}");
        assert!(rule.contains(content), "{rule}");
        assert!(rule.contains("error=\"请从下拉列表中选择。\""), "{rule}");
        assert_eq!(rule.contains("errorStyle=\"warning\""), warns, "{rule}");
    }
    assert!(xml.contains("<autoFilter ref=\"A1:D1048576\"/>"));
}

/// Returns the XML of a part of a workbook.
pub(super) fn part(path: &Path, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// Returns the widths of the columns of the first sheet.
fn widths(path: &Path) -> Vec<f64> {
    let sheet = part(path, "xl/worksheets/sheet1.xml");
    let columns = sheet.split_once("<cols>").unwrap().1;
    let columns = columns.split_once("</cols>").unwrap().0;
    let widths = columns.split(" width=\"").skip(1);
    widths
        .map(|rest| rest.split_once('"').unwrap().0.parse().unwrap())
        .collect()
}

#[test]
fn columns_are_as_wide_as_their_content_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let mut spec = data("S", &["a", "b", "c", "heading", "given"]);
    for column in &mut spec.columns[..4] {
        column.width = 0.0;
    }
    writer.start_sheet(spec).unwrap();
    let long = "x".repeat(500);
    let texts = ["", "杭州云帆信息技术", &long, "y", &long];
    // Later rows count too, and of several lines the longest counts.
    for row in [["1"; 5], texts, ["a\nb"; 5]] {
        let cells = row.map(|text| StyledCell::plain(OutCell::Text(text)));
        writer.write_row(&cells).unwrap();
    }
    writer.finish(&path).unwrap();
    let widths = widths(&path);
    let (narrow, chinese, long, heading, given) =
        (widths[0], widths[1], widths[2], widths[3], widths[4]);
    // Eight Chinese characters have a width of sixteen.
    assert!((6.0..8.0).contains(&narrow), "{widths:?}");
    assert!((16.0..20.0).contains(&chinese), "{widths:?}");
    assert!((40.0..60.0).contains(&long), "{widths:?}");
    // A heading needs room for its filter button.
    assert!((10.0..14.0).contains(&heading), "{widths:?}");
    assert!((12.0..13.0).contains(&given), "{widths:?}");
}

#[test]
fn wrapped_cells_make_their_row_as_high_as_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("high.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(data("S", &["a"])).unwrap();
    let long = "词".repeat(20);
    for (text, style) in [
        ("short", CellStyle::Wrapped),
        (&long, CellStyle::Wrapped),
        (&long, CellStyle::Plain),
    ] {
        let cell = StyledCell {
            style,
            ..StyledCell::plain(OutCell::Text(text))
        };
        writer.write_row(&[cell]).unwrap();
    }
    writer.finish(&path).unwrap();
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    let heights: Vec<bool> = sheet
        .split("<row ")
        .skip(1)
        .map(|row| row.split_once('>').unwrap().0.contains("ht=\"82.5\""))
        .collect();
    // Four letters of two characters fit into a column that shows ten and a half: twenty take five lines.
    assert_eq!(heights, [false, false, true, false]);
}

/// A column of a sheet that comes back, as `results` makes it.
fn shaped(header: &str, change: impl FnOnce(&mut Column)) -> Column {
    let mut column = Column {
        header: header.to_owned(),
        ..Column::default()
    };
    change(&mut column);
    column
}

#[test]
fn a_data_sheet_is_made_for_a_person_who_prints_scrolls_and_filters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let columns = vec![
        shaped("_result", |column| column.frozen = true),
        shaped("_error", |column| {
            column.frozen = true;
            column.wrap_at = 28.0;
        }),
        shaped("名称", |column| column.frozen = true),
        shaped("金额", |column| {
            column.number_format = Some(NumberCode::Code("#,##0.00".to_owned()));
        }),
        shaped("_row", |column| column.folded = true),
        shaped("_job", |column| column.folded = true),
    ];
    let spec = SheetSpec {
        columns,
        ..data("结果", &[])
    };
    writer.start_sheet(spec).unwrap();
    let code = NumberCode::Code("#,##0.00".to_owned());
    let row = |result: &'static str| {
        let kept = KeptNumber {
            number: 1234.5,
            text: "1234.5",
            look: NumberLook::OfSource,
            code: Some(&code),
        };
        [
            OutCell::Text(result),
            OutCell::Text("a message that is longer than its column is wide, by some words"),
            OutCell::Text("甲"),
            OutCell::Kept(kept),
            OutCell::Count(2),
            OutCell::Text("20261129"),
        ]
        .map(StyledCell::plain)
    };
    writer.write_row(&row("changed")).unwrap();
    writer.write_filtered_row(&row("unchanged")).unwrap();
    writer.start_sheet(side("汇总", &["a"])).unwrap();
    writer.put_in_front();
    writer.finish(&path).unwrap();

    let names: Vec<String> = open(&path)
        .sheets()
        .iter()
        .map(|sheet| sheet.name.clone())
        .collect();
    assert_eq!(names, ["汇总", "结果"]);
    let sheet = part(&path, "xl/worksheets/sheet2.xml");
    for said in [
        // The heading and three columns stay in view.
        "xSplit=\"3\" ySplit=\"1\"",
        // Two columns are folded away.
        "hidden=\"1\" customWidth=\"1\" outlineLevel=\"1\"",
        "<filter val=\"changed\"/>",
        "hidden=\"1\"><c r=\"A3\"",
        "paperSize=\"9\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "&amp;P / &amp;N",
    ] {
        assert!(sheet.contains(said), "{said} is not in {sheet}");
    }
    // The library writes a last row twice that is hidden or high, unless a row follows; that one has no cell, which other
    // programs would count.
    assert_eq!(sheet.matches("<row r=\"3\"").count(), 1, "{sheet}");
    assert!(!sheet.contains("<c r=\"A4\""), "{sheet}");
    let rows = read_all(&open(&path), 1).unwrap();
    assert_eq!(kinds(&rows[1])[3], CellKind::Number);
    assert_eq!(rows[1].cells[3].text, "1234.5");
    assert!(part(&path, "xl/styles.xml").contains("formatCode=\"#,##0.00\""));
}

/// Columns that would take more than three fifths of a laptop's window do not stay in view.
#[test]
fn columns_in_view_leave_room_to_the_others() {
    let folder = tempfile::tempdir().unwrap();
    for (width, expected) in [(22.0, "xSplit=\"5\""), (24.0, "xSplit=\"1\"")] {
        let path = folder.path().join("frozen.xlsx");
        let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
        let column = |number: usize| Column {
            header: format!("c{number}"),
            width,
            frozen: number < 5,
            ..Column::default()
        };
        let spec = SheetSpec {
            columns: (0..8).map(column).collect(),
            ..data("S", &[])
        };
        writer.start_sheet(spec).unwrap();
        writer.finish(&path).unwrap();
        let sheet = part(&path, "xl/worksheets/sheet1.xml");
        assert!(sheet.contains(expected), "{width}: {sheet}");
    }
}

/// A cell of several lines is shown whole, also where its column has no width yet.
#[test]
fn a_row_is_as_high_as_its_wrapped_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("high.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let spec = SheetSpec {
        columns: ["a", "b"].map(|header| shaped(header, |_| {})).to_vec(),
        ..data("S", &[])
    };
    writer.start_sheet(spec).unwrap();
    let cells = [("one", "13800138000\n13900139000"), ("x", "y")];
    for (one, other) in cells {
        let wrapped = StyledCell {
            style: CellStyle::Wrapped,
            ..StyledCell::plain(OutCell::Text(other))
        };
        writer
            .write_row(&[StyledCell::plain(OutCell::Text(one)), wrapped])
            .unwrap();
    }
    writer.finish(&path).unwrap();
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<row r=\"2\" ht=\"33\""), "{sheet}");
    assert!(sheet.contains("<row r=\"3\">"), "{sheet}");
}

/// What is too small to read on one page's width is printed on several, each with the columns in view.
#[test]
fn a_very_wide_sheet_is_printed_on_several_pages() {
    let folder = tempfile::tempdir().unwrap();
    for (count, expected) in [
        (10, &["fitToHeight=\"0\"", "gridLines=\"1\""][..]),
        (40, &["fitToWidth=\"4\"", "fitToHeight=\"0\""]),
    ] {
        let path = folder.path().join(format!("{count}.xlsx"));
        let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
        let column = |number: usize| Column {
            header: format!("c{number}"),
            width: 20.0,
            frozen: number == 0,
            ..Column::default()
        };
        writer
            .start_sheet(SheetSpec {
                name: "S".to_owned(),
                columns: (0..count).map(column).collect(),
                hidden: false,
                role: SheetRole::Data,
            })
            .unwrap();
        writer
            .write_row(&[StyledCell::plain(OutCell::Text("x"))])
            .unwrap();
        writer.finish(&path).unwrap();
        let sheet = part(&path, "xl/worksheets/sheet1.xml");
        for expected in expected {
            assert!(sheet.contains(expected), "{count}: {expected} in {sheet}");
        }
        let names = part(&path, "xl/workbook.xml");
        assert_eq!(names.contains("S!$A:$A,S!$1:$1"), count == 40, "{names}");
    }
}

/// Checks a sheet whose rows are written by a thread: more than a few batches, with all that a row may have.
#[test]
fn many_rows_keep_their_order_heights_notes_and_formats() {
    const ROWS: u32 = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer
        .start_sheet(data("Rows", &["word", "number"]))
        .unwrap();
    for number in 0..ROWS {
        let text = format!("{number:05}");
        let long = "客户".repeat(30);
        let word = StyledCell {
            style: CellStyle::Wrapped,
            note: (number == 2_000).then_some("a note"),
            ..StyledCell::plain(OutCell::Text(if number == 1_000 { &long } else { &text }))
        };
        let count = StyledCell::plain(OutCell::Count(u64::from(number)));
        if number == 1_500 {
            writer.write_filtered_row(&[word, count]).unwrap();
        } else {
            writer.write_row(&[word, count]).unwrap();
        }
    }
    writer.finish(&path).unwrap();

    let rows = read_all(&open(&path), 0).unwrap();
    assert_eq!(rows.len(), ROWS as usize + 1);
    for (row, number) in rows.iter().skip(1).zip(0..) {
        assert_eq!(row.number.row, number + 2);
        assert_eq!(row.cells[1].text, number.to_string());
        assert_eq!(row.cells[1].kind, CellKind::Number);
        if number != 1_000 {
            assert_eq!(row.cells[0].text, format!("{number:05}"));
        }
    }
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    let row = |number: u32| {
        let from = sheet.find(&format!("<row r=\"{number}\"")).unwrap();
        let end = sheet[from..].find('>').unwrap();
        sheet[from..from + end].to_owned()
    };
    assert!(row(1_002).contains("ht="), "{}", row(1_002));
    assert!(!row(1_003).contains("ht="), "{}", row(1_003));
    assert!(row(1_502).contains("hidden=\"1\""), "{}", row(1_502));
    let notes = part(&path, "xl/comments1.xml");
    assert!(notes.contains("ref=\"A2002\""), "{notes}");
    assert!(notes.contains("a note"), "{notes}");
}

/// Checks that cells of their column's usual style name no format of their own and have that of the column, and that
/// all others keep theirs: in the first batch, and in one that a thread writes.
#[test]
fn cells_of_the_usual_style_have_the_format_of_their_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usual.xlsx");
    let code = NumberCode::Code("0.000".to_owned());
    let other = NumberCode::Code("0.0".to_owned());
    let mut spec = data("Rows", &["word", "number"]);
    spec.columns[0].usual = CellStyle::Wrapped;
    spec.columns[1].number_format = Some(code.clone());
    let styled = |style, cell| StyledCell {
        style,
        ..StyledCell::plain(cell)
    };
    let kept = |code| {
        StyledCell::plain(OutCell::Kept(KeptNumber {
            number: 1.5,
            text: "1.5",
            look: NumberLook::OfSource,
            code: Some(code),
        }))
    };
    let text = OutCell::Text("甲");
    let rows = [
        [styled(CellStyle::Wrapped, text), kept(&code)],
        [styled(CellStyle::Plain, text), kept(&other)],
        [styled(CellStyle::Bad, text), StyledCell::plain(text)],
        [
            styled(CellStyle::Wrapped, OutCell::Blank),
            styled(CellStyle::Bad, OutCell::Blank),
        ],
        [
            styled(CellStyle::Plain, OutCell::Blank),
            StyledCell::plain(OutCell::Count(1)),
        ],
    ];
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(spec).unwrap();
    for row in rows.iter().cycle().take(1_000) {
        writer.write_row(row).unwrap();
    }
    writer.finish(&path).unwrap();

    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    let attribute = |of: &str, name: &str| {
        let element = sheet.split_once(of)?.1.split_once('>')?.0;
        let value = element.split_once(name)?.1.split_once('"')?.0;
        Some(value.to_owned())
    };
    let column = |number: u32| attribute(&format!("<col min=\"{number}\""), " style=\"");
    let cell = |address: String| attribute(&format!("<c r=\"{address}\""), " s=\"");
    for first in [2, 502] {
        let words: Vec<_> = (0..5)
            .map(|row| cell(format!("A{}", first + row)))
            .collect();
        let numbers: Vec<_> = (0..5)
            .map(|row| cell(format!("B{}", first + row)))
            .collect();
        assert_eq!(words[0], column(1));
        assert!(words[1].is_some() && words[1] != words[0], "{words:?}");
        assert!(words[2].is_some() && words[2] != words[0] && words[2] != words[1]);
        assert_eq!((&words[3], &words[4]), (&None, &None));
        assert_eq!(numbers[0], column(2));
        assert!(
            numbers[1].is_some() && numbers[1] != numbers[0],
            "{numbers:?}"
        );
        // A text in a column of numbers, a coloured blank and a count have formats of their own.
        let own: std::collections::BTreeSet<_> = numbers[1..].iter().collect();
        assert!(own.len() == 4 && !own.contains(&None), "{numbers:?}");
    }
}
