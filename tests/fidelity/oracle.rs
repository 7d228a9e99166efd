//! Two readers, one answer: each XLSX file, other programs' and our own, is read by ours and by calamine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use calamine::open_workbook_auto;
use crm_ferry::model::column_letters;
use crm_ferry::table::{ReadOptions, TableError, Workbook};

use super::calamine::{Cells, xlsx_cells};
use crate::support::{Scene, Table, fixture, people};

const FORMATS: &str = "calamine keeps nothing of a number format but that it is one of dates";
const NEW_ERRORS: &str = "calamine ends a sheet at an error value that Excel got after 2010";
const UNCALCULATED: &str = "calamine does not say that nobody has calculated a formula";
const ORDER: &str =
    "calamine takes rows in any order, and a cell twice; ours refuses what it could misnumber";

/// Cells of fixtures of which the readers answer differently, and why ours is meant. A sheet that only one of them
/// reads to its end stands there by its name.
const KNOWN: &[(&str, &[&str], &str)] = &[
    ("cells/hand.xlsx", &["Sheet"], NEW_ERRORS),
    ("cells/libreoffice.xlsx", FORMATS_OF_LIBREOFFICE, FORMATS),
    ("cells/openpyxl.xlsx", FORMATS_OF_OPENPYXL, FORMATS),
    ("disorder.xlsx", &["S"], ORDER),
    ("errors.xlsx", &["S"], NEW_ERRORS),
    (
        "formulas/formula_no_value.xlsx",
        &["Sheet1!C2", "Sheet1!D2", "Sheet1!B3"],
        UNCALCULATED,
    ),
    (
        "formulas/formula_outdated_zero.xlsx",
        &["Sheet1!C2"],
        UNCALCULATED,
    ),
    (
        "formulas/openpyxl.xlsx",
        &["Sheet!C1", "Sheet!B2"],
        UNCALCULATED,
    ),
    (
        "formulas/xlsxwriter.xlsx",
        &[
            "Sheet1!B2",
            "Sheet1!C2",
            "Sheet1!D2",
            "Sheet1!B3",
            "Sheet1!C3",
        ],
        UNCALCULATED,
    ),
    ("rich.xlsx", &["Sheet!E1"], FORMATS),
    (
        "seen/word_formats.xlsx",
        &[
            "Sheet1!C2",
            "Sheet1!C3",
            "Sheet1!C4",
            "Sheet1!C6",
            "Sheet1!C7",
            "Sheet1!C11",
            "Sheet1!C14",
        ],
        FORMATS,
    ),
    ("twice.xlsx", &["S"], ORDER),
];

/// Those of `cells.toml` whose format shows zeros, words, letters, hundredths or nothing, as LibreOffice wrote them.
const FORMATS_OF_LIBREOFFICE: &[&str] = &[
    "Sheet!B36",
    "Sheet!B37",
    "Sheet!G38",
    "Sheet!B39",
    "Sheet!B41",
    "Sheet!B42",
    "Sheet!B43",
    "Sheet!B44",
    "Sheet!B60",
    "Sheet!B61",
    "Sheet!B62",
    "Sheet!B63",
    "Sheet!D64",
    "Sheet!B176",
    "Sheet!B177",
    "Sheet!D179",
    "Sheet!I180",
    "Sheet!I181",
    "Sheet!J182",
    "Sheet!B183",
    "Sheet!B184",
    "Sheet!B185",
    "Sheet!D186",
    "Sheet!B187",
    "Sheet!B188",
    "Sheet!B189",
    "Sheet!I190",
    "Sheet!D191",
    "Sheet!B194",
    "Sheet!D195",
    "Sheet!B196",
    "Sheet!B197",
    "Sheet!B198",
    "Sheet!B201",
    "Sheet!B204",
    "Sheet!B206",
    "Sheet!D208",
    "Sheet!B209",
    "Sheet!D210",
    "Sheet!B211",
    "Sheet!G212",
    "Sheet!B218",
    "Sheet!E219",
];

/// The same cells as openpyxl wrote them: formulas are left out there.
const FORMATS_OF_OPENPYXL: &[&str] = &[
    "Sheet!B36",
    "Sheet!B37",
    "Sheet!G38",
    "Sheet!B39",
    "Sheet!B41",
    "Sheet!B42",
    "Sheet!B43",
    "Sheet!B44",
    "Sheet!B60",
    "Sheet!B61",
    "Sheet!B62",
    "Sheet!B63",
    "Sheet!D64",
    "Sheet!B170",
    "Sheet!B171",
    "Sheet!D173",
    "Sheet!I174",
    "Sheet!I175",
    "Sheet!J177",
    "Sheet!B178",
    "Sheet!B179",
    "Sheet!B180",
    "Sheet!D181",
    "Sheet!B182",
    "Sheet!B183",
    "Sheet!B184",
    "Sheet!I185",
    "Sheet!D186",
    "Sheet!B189",
    "Sheet!D190",
    "Sheet!B191",
    "Sheet!B192",
    "Sheet!B195",
    "Sheet!B198",
    "Sheet!B200",
    "Sheet!D202",
    "Sheet!B203",
    "Sheet!D204",
    "Sheet!B205",
    "Sheet!G206",
    "Sheet!B212",
    "Sheet!E213",
];

/// A sheet's cells, as far as ours reads them, and whether they are all.
fn our_cells(book: &Workbook, sheet: usize) -> (Cells, bool) {
    let mut cells = Cells::new();
    let mut read = || -> Result<(), TableError> {
        let mut reader = book.rows(sheet, 0)?;
        while let Some(row) = reader.read_row()? {
            for cell in row.cells {
                cells.insert((row.number.row - 1, cell.column), (cell.text, cell.kind));
            }
        }
        Ok(())
    };
    let is_whole = read().is_ok();
    (cells, is_whole)
}

/// Where the two readers differ: cells as `Sheet!A1`, and sheets that only one of them reads to its end.
fn differences(path: &Path) -> Vec<String> {
    let Ok(book) = Workbook::open(path, &ReadOptions::default()) else {
        let is_refused = open_workbook_auto(path).is_err();
        let only = (!is_refused).then(|| "the workbook".to_owned());
        return only.into_iter().collect();
    };
    let mut found = Vec::new();
    for (position, sheet) in book.sheets().iter().enumerate() {
        let (ours, is_whole) = our_cells(&book, position);
        let (theirs, is_theirs_whole) = xlsx_cells(path, &sheet.name);
        if is_whole != is_theirs_whole {
            found.push(sheet.name.clone());
        }
        // What stands behind the last cell that a reader came to cannot be compared.
        let end = |cells: &Cells, is_whole: bool| {
            let last = cells.keys().next_back().copied();
            if is_whole { Some((u32::MAX, 0)) } else { last }
        };
        let end = end(&ours, is_whole).min(end(&theirs, is_theirs_whole));
        let places: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        for place in places.into_iter().filter(|place| Some(**place) <= end) {
            if ours.get(place).map(|(text, _)| text) != theirs.get(place).map(|(text, _)| text) {
                let letters = column_letters(place.1);
                found.push(format!("{}!{letters}{}", sheet.name, place.0 + 1));
            }
        }
    }
    found
}

/// Finds the XLSX files in a folder. What `foreign` holds, calamine cannot open: UTF-16, and encrypted workbooks.
fn workbooks(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("foreign") {
                workbooks(&path, found);
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "xlsx")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_fixture_reads_alike_or_is_known_not_to() {
    let root = fixture(".");
    let mut paths = Vec::new();
    workbooks(&root, &mut paths);
    assert!(paths.len() >= 25, "{} workbooks", paths.len());
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, places, _) in KNOWN {
        known.insert(
            (*file).to_owned(),
            places.iter().map(ToString::to_string).collect(),
        );
    }
    let mut found = BTreeMap::new();
    for path in paths {
        let differing = differences(&path);
        if !differing.is_empty() {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            found.insert(name, differing);
        }
    }
    assert_eq!(found, known);
}

/// Every kind of workbook that ferry writes, in both languages.
#[test]
fn every_workbook_of_ours_reads_alike() {
    for lang in ["en", "zh"] {
        let scene = Scene::new();
        scene.save("t.xlsx", &people(40).0);
        scene.save(
            "wrong.csv",
            &Table::of(
                &["客户名称", "手机"],
                &[&["", "13800138000"], &["甲", "138"], &["乙", "13900139000"]],
            ),
        );
        let run = |line: &str, code: i32| {
            scene.ferry(&format!("{line} --lang {lang}")).exits(code);
        };
        run("template -o template.xlsx", 0);
        run("fields -o fields.xlsx", 0);
        run("map t.xlsx -o map.xlsx", 0);
        run("check wrong.csv -o checked.xlsx", 3);
        run("plan t.xlsx -o plan.xlsx", 0);
        run("import t.xlsx -o result.xlsx", 0);
        run("verify -o verified.xlsx", 0);
        run("import wrong.csv -o problems.xlsx", 4);
        run("export -o old.xlsx", 0);
        run("import result.xlsx -o again.xlsx", 9);
        run("export -o new.xlsx --compare old.xlsx", 0);
        run("diff old.xlsx new.xlsx -o diff.xlsx", 0);
        run("delete result.xlsx -o deleted.xlsx --yes", 0);
        run("undo deleted.xlsx -o undone.xlsx --yes", 0);
        let mut paths = Vec::new();
        workbooks(&scene.path("."), &mut paths);
        assert!(paths.len() >= 15, "{} workbooks", paths.len());
        for path in paths {
            let differing = differences(&path);
            assert!(differing.is_empty(), "{}: {differing:?}", path.display());
        }
    }
}
