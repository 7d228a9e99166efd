//! Cells that were corrected beside the file: what is checked is what is sent, shown and known again.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rust_xlsxwriter::Workbook as Book;

use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::{BlankKey, JobSpec, Mode, SheetOptions};
use crate::journal::{Journal, RowState};
use crate::lang::Lang;
use crate::model::{
    Code, Corrections, Counter, Monitor, Problem, Schema, Status, Stop, Task, VoidMonitor,
};
use crate::pipeline::tests::bench::{Manner, answers, context_of, run_import, run_undo, sandbox};
use crate::pipeline::{CheckReport, CheckRequest, check_file};
use crate::results::result::{ResultOptions, write_result};
use crate::sandbox::Sandbox;
use crate::table::ReadOptions;

/// A monitor that keeps the notices.
#[derive(Default)]
struct Heard(Mutex<Vec<Problem>>);

impl Monitor for Heard {
    fn start_task(&self, _: Task, _: Option<u64>) {}
    fn advance(&self, _: Task, _: u64) {}
    fn finish_task(&self, _: Task) {}
    fn count(&self, _: Counter, _: u64) {}
    fn notice(&self, problem: &Problem) {
        self.0.lock().unwrap().push(problem.clone());
    }
}

/// Writes a workbook with five customers, of which rows 3 to 5 are wrong. Row 7 is blank, row 8 is a sixth customer.
fn workbook(folder: &Path) -> PathBuf {
    let path = folder.join("list.xlsx");
    let mut book = Book::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [
        (0, ["客户名称", "手机", "签约日期"]),
        (1, ["甲", "13800138001", "2024-01-05"]),
        (2, ["乙", "1380013800x", ""]),
        (3, ["", "13800138003", ""]),
        (4, ["丁", "13800138004", "第5周"]),
        (5, ["戊", "13800138005", ""]),
        (7, ["庚", "13800138007", ""]),
    ] {
        for (column, text) in cells
            .into_iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty())
        {
            sheet.write(row, column as u16, text).unwrap();
        }
    }
    book.save(&path).unwrap();
    path
}

fn corrections(cells: &[(u32, u32, &str)]) -> Corrections {
    let mut corrections = Corrections::default();
    for (row, column, text) in cells {
        corrections.correct(0, *row, *column, text).unwrap();
    }
    corrections
}

/// The corrections that make every row of the workbook right, and one that changes a right cell.
fn mended() -> Corrections {
    corrections(&[
        (3, 1, " 13800138002 "),
        (4, 0, "丙"),
        (5, 2, ""),
        (6, 0, "己"),
    ])
}

fn corrected(corrections: Corrections) -> Manner {
    Manner {
        corrections,
        ..Manner::default()
    }
}

fn check(
    source: &Path,
    corrections: Corrections,
    context: &Context,
) -> Result<CheckReport, JobError> {
    check_sheets(source, corrections, SheetOptions::default(), context)
}

fn check_sheets(
    source: &Path,
    corrections: Corrections,
    sheets: SheetOptions,
    context: &Context,
) -> Result<CheckReport, JobError> {
    let request = CheckRequest {
        source: source.to_path_buf(),
        read: ReadOptions::default(),
        corrections,
        sheets,
        mode: Mode::default(),
        key: Vec::new(),
        blank_key: BlankKey::default(),
        max_errors: None,
        schema: Schema::new(&context.crm.fields().unwrap(), &BTreeMap::new()),
        state: None,
        output: None,
        keep: None,
        calls: 0,
        all: false,
        account: None,
        hints: crate::lang::hint::Hints::default(),
        lang: Lang::En,
    };
    check_file(&request, &VoidMonitor, &Stop::new())
}

fn names(crm: &Sandbox) -> Vec<String> {
    let customers = crm.customers().into_iter();
    let name = |customer: serde_json::Map<String, serde_json::Value>| {
        customer["customerName"].as_str().unwrap().to_owned()
    };
    let mut names: Vec<String> = customers.map(name).collect();
    names.sort();
    names
}

/// Returns the notes of a workbook's cells, as the part of the file that holds them.
fn notes(book: &Path) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(book).unwrap()).unwrap();
    let mut notes = String::new();
    let mut part = archive.by_name("xl/comments1.xml").unwrap();
    part.read_to_string(&mut notes).unwrap();
    notes
}

#[test]
fn corrected_cells_are_sent_shown_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (source, sheet) = (workbook(folder.path()), folder.path().join("back.xlsx"));
    let bytes = std::fs::read(&source).unwrap();
    let crm = sandbox();
    let state = folder.path().join("state");
    let manner = corrected(mended());
    let context = context_of(&state, &crm, &manner);
    let report = run_import(&source, &context, &manner).unwrap();
    let states = |job| -> Vec<RowState> {
        let rows = answers(job, &context).into_iter();
        rows.map(|row| row.state).collect()
    };
    assert_eq!(states(&report.job), [RowState::At(Status::Ok); 6]);
    assert_eq!(names(&crm), ["丁", "丙", "乙", "己", "庚", "甲"]);
    assert_eq!(std::fs::read(&source).unwrap(), bytes);

    let job = context.state.job(&report.job).unwrap();
    let (spec, journal) = (JobSpec::load(&job).unwrap(), Journal::read(&job).unwrap());
    let options = ResultOptions {
        output: Some(sheet.clone()),
        ..ResultOptions::default()
    };
    write_result(&job, &spec, &journal, &options, &VoidMonitor).unwrap();
    let notes = notes(&sheet);
    for said in [
        "was: 1380013800x (corrected)",
        "was blank (corrected)",
        "was: 第5周 (corrected)",
        "was: 戊 (corrected)",
    ] {
        assert_eq!(notes.matches(said).count(), 1, "{said}: {notes}");
    }

    // The sheet comes back by itself, with the corrected values: every row is done, and none seems edited.
    let heard = Arc::new(Heard::default());
    let mut again = context_of(&state, &crm, &Manner::default());
    again.monitor = Arc::new(CallCounter::new(heard.clone()));
    let rerun = run_import(&sheet, &again, &Manner::default()).unwrap();
    assert_eq!(states(&rerun.job), [RowState::At(Status::Skipped); 6]);
    let codes: Vec<Code> = heard
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|said| said.code)
        .collect();
    assert!(!codes.contains(&Code::EditedDoneRows), "{codes:?}");
    // So does the file with the same corrections.
    let copy = folder.path().join("copy.xlsx");
    std::fs::copy(&source, &copy).unwrap();
    let twice = run_import(&copy, &context, &manner).unwrap();
    assert_eq!(states(&twice.job), [RowState::At(Status::Skipped); 6]);
    assert_eq!(crm.customer_count(), 6);

    let undone = folder.path().join("undone.csv");
    run_undo(&report.job, &context, &manner, &undone).unwrap();
    assert_eq!(crm.customer_count(), 0);
    let undone = std::fs::read_to_string(undone).unwrap();
    assert!(undone.contains("己") && !undone.contains("戊"), "{undone}");
}

#[test]
fn a_check_finds_in_corrected_rows_what_an_import_would() {
    let folder = tempfile::tempdir().unwrap();
    let source = workbook(folder.path());
    let crm = sandbox();
    let context = context_of(&folder.path().join("state"), &crm, &Manner::default());
    let check = |corrections| check(&source, corrections, &context).unwrap();
    assert_eq!(check(Corrections::default()).invalid, 3);
    let report = check(mended());
    assert_eq!((report.rows, report.invalid), (6, 0));
    // A row of which nothing is left is still a row.
    let emptied = corrections(&[(2, 0, ""), (2, 1, ""), (2, 2, "")]);
    let report = check(emptied);
    assert_eq!((report.rows, report.invalid), (6, 4));
}

#[test]
fn a_correction_of_no_row_stops_everything() {
    let folder = tempfile::tempdir().unwrap();
    let source = workbook(folder.path());
    let crm = sandbox();
    for (place, address) in [((7, 0), "A7"), ((1, 1), "B1"), ((99, 2), "C99")] {
        let lost = corrections(&[(2, 0, "甲方"), (place.0, place.1, "手机")]);
        let manner = corrected(lost.clone());
        let context = context_of(&folder.path().join("state"), &crm, &manner);
        let imported = run_import(&source, &context, &manner).map(|report| report.job);
        let checked = check(&source, lost, &context).map(|report| report.rows);
        for refused in [imported.map(|_| ()), checked.map(|_| ())] {
            let Err(JobError::Input(problems)) = refused else {
                panic!("{address}: {refused:?}");
            };
            assert_eq!(problems[0].code, Code::CorrectionWithoutRow);
            assert_eq!(problems[0].fact("cells"), address);
        }
        assert!(context.state.jobs().unwrap().is_empty());
    }
    assert_eq!(crm.customer_count(), 0);
}

#[test]
fn corrections_of_several_sheets_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.xlsx");
    let mut book = Book::new();
    for (name, capital) in [("一", "12,5"), ("二", "x"), ("三", "7")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in [
            (0, ["客户名称", "注册资本"]),
            (1, [name, capital]),
            (2, ["丁", "1,234"]),
        ] {
            for (column, text) in cells.into_iter().enumerate() {
                sheet.write(row, column as u16, text).unwrap();
            }
        }
    }
    book.save(&source).unwrap();
    let crm = sandbox();
    let context = context_of(&folder.path().join("state"), &crm, &Manner::default());
    let named = |sheets: &[&str], corrections| {
        let options = SheetOptions {
            sheets: sheets.iter().map(|name| (*name).to_owned()).collect(),
            ..SheetOptions::default()
        };
        check_sheets(&source, corrections, options, &context)
    };
    // The decimal sign of each sheet's column is looked for in that sheet alone.
    let mut corrections = Corrections::default();
    corrections.correct(1, 2, 1, "8,5").unwrap();
    let report = named(&["一", "二"], corrections.clone()).unwrap();
    assert_eq!((report.rows, report.invalid), (4, 0), "{:?}", report.codes);
    let Err(JobError::Input(problems)) = named(&["一", "三"], corrections) else {
        panic!("a correction of a sheet that is not read was passed over");
    };
    assert_eq!(problems[0].fact("cells"), "二!B2");
}

#[test]
fn corrections_that_were_changed_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = workbook(folder.path());
    let crm = sandbox();
    let manner = corrected(mended());
    let context = context_of(&folder.path().join("state"), &crm, &manner);
    let report = run_import(&source, &context, &manner).unwrap();
    let job = context.state.job(&report.job).unwrap();
    let file = job.file("corrections.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("丙", "内")).unwrap();
    let (spec, journal) = (JobSpec::load(&job).unwrap(), Journal::read(&job).unwrap());
    let options = ResultOptions {
        output: Some(folder.path().join("back.xlsx")),
        ..ResultOptions::default()
    };
    let written = write_result(&job, &spec, &journal, &options, &VoidMonitor);
    assert!(
        matches!(written, Err(JobError::CopyChanged { .. })),
        "{written:?}"
    );
}
