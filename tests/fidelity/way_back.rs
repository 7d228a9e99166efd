//! The way back of a result sheet: the person's own columns have their kinds and formats, and read as they did.

use calamine::{Data, Reader};
use rust_xlsxwriter::{Format, Workbook};

use crate::support::{Scene, Table};

/// Writes a workbook whose numbers have formats, as a person's has. The last row is wrong.
fn save_formatted(scene: &Scene) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let headers = [
        "客户名称",
        "客户编号",
        "注册资本",
        "签约日期",
        "下次回访时间",
        "手机",
        "客户来源",
    ];
    for (column, header) in (0..).zip(headers) {
        sheet.write_string(0, column, header).unwrap();
    }
    let format = |code: &str| Format::new().set_num_format(code);
    let (padded, money) = (format("000000"), format("\"¥\"#,##0.00"));
    let (day, moment) = (format("yyyy/m/d"), format("yyyy-mm-dd hh:mm"));
    for row in 1..=4 {
        let number = f64::from(row);
        sheet.write_string(row, 0, format!("客户 {row}")).unwrap();
        sheet
            .write_number_with_format(row, 1, number, &padded)
            .unwrap();
        sheet
            .write_number_with_format(row, 2, 1234.5 + number, &money)
            .unwrap();
        sheet
            .write_number_with_format(row, 3, 45_610.0 + number, &day)
            .unwrap();
        sheet
            .write_number_with_format(row, 4, 45_610.25 + number, &moment)
            .unwrap();
        sheet
            .write_number(row, 5, 13_800_000_000.0 + number)
            .unwrap();
        let source = if row == 4 { "百度推广" } else { "百度" };
        sheet.write_string(row, 6, source).unwrap();
    }
    book.save(scene.path("list.xlsx")).unwrap();
}

#[test]
fn a_result_sheet_keeps_numbers_and_dates_and_comes_back() {
    let scene = Scene::new();
    save_formatted(&scene);
    scene.ferry("import list.xlsx -o result.xlsx").exits(4);

    let mut book = calamine::open_workbook_auto(scene.path("result.xlsx")).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let row: Vec<String> = range
        .rows()
        .nth(1)
        .unwrap()
        .iter()
        .skip(4)
        .take(6)
        .map(|cell| match cell {
            Data::String(text) => format!("text {text}"),
            Data::Float(number) => format!("number {number}"),
            Data::DateTime(date) => format!("date {}", date.as_f64()),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        row,
        [
            "text 客户 1",
            "number 1",
            "number 1235.5",
            "date 45611",
            "date 45611.25",
            "number 13800000001"
        ]
    );

    // The sheet says of itself what the source said: nothing is edited, three rows are done, one is wrong.
    let stored = scene.stored();
    assert_eq!(stored.len(), 3);
    let numbers: Vec<_> = stored
        .iter()
        .map(|one| one["text_k2ad_1687316401122"].clone())
        .collect();
    assert_eq!(numbers, ["000001", "000002", "000003"]);
    let again = scene
        .ferry("import result.xlsx -o second.xlsx --json")
        .exits(4);
    assert!(!again.stderr.contains("edited"), "{}", again.stderr);
    let counts = again.json();
    assert_eq!(
        (&counts["added"], &counts["skipped"], &counts["invalid"]),
        (&0.into(), &3.into(), &1.into())
    );
    assert_eq!(scene.stored(), stored);
    // The second has the numbers of the first.
    let second = Table::read(&scene.path("second.xlsx"));
    assert_eq!(second.column("客户编号"), ["1", "2", "3", "4"]);
    assert_eq!(
        second.headers,
        Table::read(&scene.path("result.xlsx")).headers
    );

    // An unedited copy of the source has the fingerprints of what was added.
    let copied = scene
        .ferry("import list.xlsx -o third.xlsx --json")
        .exits(4)
        .json();
    assert_eq!(
        (&copied["added"], &copied["skipped"]),
        (&0.into(), &3.into())
    );
    scene.ferry("check result.xlsx").exits(3).says("[E402]");
    let deleted = scene.ferry("delete result.xlsx --yes --json").json();
    assert_eq!(deleted["deleted"], 3);
}

#[test]
fn a_result_sheet_with_numbers_and_dates_is_undone_and_says_what_was_there() {
    let scene = Scene::new();
    save_formatted(&scene);
    scene
        .ferry("import list.xlsx --key 客户编号 -o added.xlsx")
        .exits(4);
    let stored = scene.stored();

    // The same customers, each with another capital; the sheet of that job is taken back.
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let padded = Format::new().set_num_format("000000");
    for (column, header) in (0..).zip(["客户名称", "客户编号", "注册资本"]) {
        sheet.write_string(0, column, header).unwrap();
    }
    for row in 1..=3 {
        let number = f64::from(row);
        sheet.write_string(row, 0, format!("客户 {row}")).unwrap();
        sheet
            .write_number_with_format(row, 1, number, &padded)
            .unwrap();
        sheet.write_number(row, 2, 7777.5).unwrap();
    }
    book.save(scene.path("changed.xlsx")).unwrap();
    let updated = scene
        .ferry("import changed.xlsx --key 客户编号 -o updated.xlsx --json")
        .exits(0)
        .json();
    assert_eq!(updated["updated"], 3);
    assert_ne!(scene.stored(), stored);
    let undone = scene
        .ferry("undo updated.xlsx --yes -o undone.xlsx --json")
        .exits(0)
        .json();
    assert_eq!(undone["restored"], 3);
    assert_eq!(scene.stored(), stored);

    // The sheet of the undo has the order and the rows of the sheet that was taken back.
    let (sheet, source) = (
        Table::read(&scene.path("undone.xlsx")),
        Table::read(&scene.path("updated.xlsx")),
    );
    assert_eq!(sheet.headers, source.headers);
    assert_eq!(sheet.headers[..4], ["_result", "_id", "_error", "_tip"]);
    assert_eq!(sheet.column("_id"), source.column("_id"));
    assert_eq!(sheet.column("_action"), ["restore"; 3]);

    // What the first job added goes as well, by the sheet that it wrote.
    let removed = scene.ferry("undo added.xlsx --yes --json").exits(0).json();
    assert_eq!(removed["deleted"], 3);
    assert_eq!(scene.crm.customers().len(), 0);
}
