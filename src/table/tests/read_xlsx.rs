//! Reading XLSX: workbooks of other programs, and workbooks that no program should write.

use super::*;
use crate::model::StoredNumber;

#[test]
fn openpyxl() {
    let workbook = open(&fixture("openpyxl.xlsx"));
    assert_eq!(workbook.format(), Format::Xlsx);
    assert_eq!(workbook.dialect(), None);
    let sheets: Vec<_> = workbook
        .sheets()
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.hidden))
        .collect();
    assert_eq!(sheets, [("Sheet", false), ("隐藏", true), ("很隐藏", true)]);
    let rows = read_all(&workbook, 0).unwrap();
    assert_eq!(
        shown(&rows),
        [
            "1: A=客户名称 B=手机 C=录入日期 D=金额 E=备注",
            "2: A=杭州某某科技有限公司 B=013800138000 C=2024-11-14 D=0.3 E=第一行\n第二行",
            "3: A=张三 B=13900139000 C=2024-11-14 08:30:00 D=1200 E==1+1",
        ]
    );
    assert_eq!(
        kinds(&rows[1]),
        [
            CellKind::Text,
            CellKind::Text,
            CellKind::Date,
            CellKind::Number,
            CellKind::Text
        ]
    );
    assert_eq!(
        kinds(&rows[2]),
        [
            CellKind::Text,
            CellKind::Number,
            CellKind::Date,
            CellKind::Number,
            CellKind::Text
        ]
    );
    assert!(rows.iter().all(|row| row.ragged.is_none()));
    let mut hidden = workbook.rows(2, 5).unwrap();
    assert_eq!(
        hidden.read_row().unwrap().unwrap().number,
        crate::model::RowNumber { sheet: 5, row: 1 }
    );
}

#[test]
fn the_1904_date_system() {
    let rows = read_all(&open(&fixture("date1904.xlsx")), 0).unwrap();
    assert_eq!(
        shown(&rows)[1..],
        [
            "2: A=杭州某某科技有限公司 B=013800138000 C=2024-11-14 D=0.3 E=第一行\n第二行 F=08:30:00 G=36:00:00",
            "3: A=张三 B=13900139000 C=2024-11-14 08:30:00 D=1200 E==1+1",
        ]
    );
    assert_eq!(rows[1].cell(6).unwrap().kind, CellKind::Time);
}

#[test]
fn libreoffice_pandas_and_titles() {
    assert_eq!(
        shown_fixture("libreoffice.xlsx"),
        [
            "1: A=客户名称 B=手机 C=录入日期 D=金额 E=备注 F=公式",
            "2: A=杭州某某科技有限公司 B=013800138000 C=2024-11-14 D=0.3 E=第一行\n第二行 F=ab G=#N/A",
            "3: A=张三 B=13900139000 C=2024-11-14 08:30:00 D=1200 E==1+1 F=#DIV/0!",
        ]
    );
    assert_eq!(
        shown_fixture("pandas.xlsx"),
        [
            "1: A=姓名 B=手机 C=日期",
            "2: A=张三 B=013800138000 C=2024-11-14",
            "3: A=李四",
            "4: B=1 C=2024-11-15 08:30:00",
        ]
    );
    let rows = shown_fixture("merged.xlsx");
    assert_eq!(rows[0], "1: A=客户资料表");
    assert!(rows[1].starts_with("4: A=客户名称"), "{rows:?}");
    assert!(rows[3].starts_with("6: B=13900139000"), "{rows:?}");
    assert_eq!(rows[4], "8: A=合计");
}

#[test]
fn rich_text_booleans_and_lost_digits() {
    let rows = read_all(&open(&fixture("rich.xlsx")), 0).unwrap();
    assert_eq!(
        shown(&rows),
        ["1: A=张三 经理 B=前后空格 C=TRUE D=330106199001011300 E=0571"]
    );
    assert_eq!(
        kinds(&rows[0]),
        [
            CellKind::Text,
            CellKind::Text,
            CellKind::Bool,
            CellKind::Imprecise,
            CellKind::Shown(StoredNumber::new(571.0))
        ]
    );
}

#[test]
fn a_claimed_dimension_costs_nothing() {
    assert_eq!(
        shown_fixture("dimension.xlsx"),
        ["1: A=左上", "1048576: XFD=右下"]
    );
}

#[test]
fn unknown_error_values_keep_their_places() {
    let rows = read_all(&open(&fixture("errors.xlsx")), 0).unwrap();
    assert_eq!(
        shown(&rows),
        [
            "1: A=a B=#N/A",
            "2: A=b C=#SPILL! D=d",
            "4: B=#CALC! C=7",
            "5: A=1 B=#BLOCKED! C=3"
        ]
    );
    assert_eq!(rows[1].cells[1].kind, CellKind::Error);
}

#[test]
fn cells_and_rows_without_references() {
    let rows = read_all(&open(&fixture("noref.xlsx")), 0).unwrap();
    assert_eq!(shown(&rows), ["1: A=1 C=3", "3: A=x B=2024-11-14 08:30:00"]);
}

#[test]
fn disorder_is_mended_within_a_row_and_refused_between_rows() {
    assert_eq!(shown_fixture("cellorder.xlsx"), ["1: A=a B=b C=c"]);
    for (name, row) in [("disorder.xlsx", 3), ("twice.xlsx", 1), ("cutoff.xlsx", 1)] {
        match read_all(&open(&fixture(name)), 0) {
            Err(TableError::Damaged {
                sheet, row: after, ..
            }) => assert_eq!((sheet.as_str(), after), ("S", row), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn what_is_no_workbook_is_said() {
    for name in ["no_workbook.xlsx", "truncated.xlsx"] {
        assert!(
            matches!(open_error(&fixture(name)), TableError::NotAWorkbook { .. }),
            "{name}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let text_named_xlsx = folder.path().join("text.xlsx");
    std::fs::write(&text_named_xlsx, "a,b\n").unwrap();
    assert!(matches!(
        open_error(&text_named_xlsx),
        TableError::NotAWorkbook { .. }
    ));
    let page = folder.path().join("page.xls");
    std::fs::write(&page, "\r\n<html><table></table></html>").unwrap();
    assert!(matches!(open_error(&page), TableError::OldFormat { .. }));
}

#[test]
fn content_decides_before_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = folder.path().join("workbook.csv");
    std::fs::copy(fixture("openpyxl.xlsx"), &workbook).unwrap();
    assert_eq!(open(&workbook).format(), Format::Xlsx);
    let text = folder.path().join("export.xls");
    std::fs::write(&text, "a\tb\n1\t2\n").unwrap();
    assert_eq!(
        shown(&read_all(&open(&text), 0).unwrap()),
        ["1: A=a B=b", "2: A=1 B=2"]
    );
}

#[test]
fn readers_are_independent_and_may_be_dropped_early() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    let spec = SheetSpec {
        name: "S".to_owned(),
        columns: Vec::new(),
        hidden: false,
        role: SheetRole::Data,
    };
    writer.start_sheet(spec).unwrap();
    for number in 0..5_000 {
        writer
            .write_row(&[StyledCell::plain(OutCell::Count(number))])
            .unwrap();
    }
    writer.finish(&path).unwrap();
    let workbook = open(&path);
    let mut first = workbook.rows(0, 0).unwrap();
    let mut second = workbook.rows(0, 0).unwrap();
    assert_eq!(first.read_row().unwrap(), second.read_row().unwrap());
    drop(first);
    assert_eq!(read_all(&workbook, 0).unwrap().len(), 5_000);
    assert_eq!(second.read_row().unwrap().unwrap().number.row, 2);
    drop(workbook);
    assert_eq!(second.read_row().unwrap().unwrap().number.row, 3);
}
