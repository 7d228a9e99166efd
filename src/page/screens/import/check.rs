//! The fourth step: what is wrong with the rows.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::mended::MendedCells;
use super::offered::offered;
use super::step::{StepLink, change, draft_of, look_of, require_account, saved, steps};
use crate::face::failure::{ErrorWords, Failure, unwritable};
use crate::journal::RowFilter;
use crate::lang::hint::Hints;
use crate::lang::say::check::CheckedCounts;
use crate::lang::{self, Lang, say};
use crate::model::{
    Code, Corrections, Problem, RowNumber, Schema, column_letters, make_private_folder, shortened,
    visible,
};
use crate::page::account::AccountFacts;
use crate::page::error::PageError;
use crate::page::imports::{CHECK, DraftStep, ImportDraft};
use crate::page::links::{own_path, quoted};
use crate::page::look::Look;
use crate::page::notices;
use crate::page::said;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline::{CheckReport, CheckRequest, KeptCheck, WrongRow, check_file};
use crate::source;

/// How many rows a page shows.
const PAGE: usize = 100;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/import/{id}/check", get(show).post(check))
        .route("/import/{id}/problems.xlsx", get(problems))
}

/// The sheet of the problems, in the folder of a check.
const SHEET: &str = "problems.xlsx";

/// What a check found, as the draft keeps it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct KeptReport {
    /// The folder of the check within that of the draft.
    folder: String,
    counts: CheckedCounts,
    millis: u64,
    codes: Vec<(Code, u64)>,
    /// The names of the sheets, where rows are of several.
    sheets: Vec<String>,
    /// The positions of the sheets in the workbook.
    positions: Vec<usize>,
    /// The rows of their headers.
    #[serde(default)]
    headers: Vec<u32>,
    /// The cells that were mended before the check.
    corrections: Corrections,
    /// What the check has said besides.
    #[serde(default)]
    notices: Vec<Problem>,
}

impl KeptReport {
    fn of(report: &CheckReport, folder: String, corrections: &Corrections) -> Self {
        Self {
            folder,
            notices: Vec::new(),
            corrections: corrections.clone(),
            positions: report.sheets.iter().map(|sheet| sheet.index).collect(),
            headers: report.sheets.iter().map(|sheet| sheet.header_row).collect(),
            counts: report.counts(),
            millis: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
            codes: report
                .codes
                .iter()
                .map(|(code, count)| (*code, *count))
                .collect(),
            sheets: match report.sheets.as_slice() {
                [_] => Vec::new(),
                several => several.iter().map(|sheet| sheet.name.clone()).collect(),
            },
        }
    }
}

/// Returns whether a row is the header of a sheet, or stands above it, as the last check has read the sheet.
pub(super) fn is_above_rows(draft: &ImportDraft, sheet: usize, row: u32) -> bool {
    let report: KeptReport = draft.kept("check.json").unwrap_or_default();
    let mut sheets = report.positions.iter().zip(&report.headers);
    sheets.any(|(position, header)| *position == sheet && row <= *header)
}

/// How often a problem occurs.
struct CodeBar {
    code: String,
    title: String,
    count: u64,
    /// The length of the bar, in percent.
    percent: u64,
    is_chosen: bool,
}

/// A problem of a row.
struct ProblemLine {
    /// The name of its place on the screen, to which the browser comes back from mending its cell.
    anchor: String,
    place: String,
    name: String,
    value: String,
    message: String,
    tip: String,
    code: String,
    /// The cell, where a person can mend it here.
    cell: Option<MendedCell>,
}

/// A cell that can be mended.
struct MendedCell {
    sheet: usize,
    row: u32,
    column: u32,
    /// Its address, for people.
    place: String,
    /// What was typed here, if anything was.
    text: Option<String>,
    /// What the form offers.
    offered: String,
}

#[derive(Template)]
#[template(path = "page/import/check.html")]
struct CheckScreen {
    look: Look,
    steps: Vec<StepLink>,
    id: String,
    is_checked: bool,
    total: String,
    right: u64,
    wrong: u64,
    right_percent: u64,
    bars: Vec<CodeBar>,
    lines: Vec<ProblemLine>,
    mended: MendedCells,
    notices: Vec<ErrorWords>,
    /// How many cells are mended, if the check does not know all of them.
    outdated: Option<usize>,
    /// Behind which row the next page begins; empty where there is none.
    next: String,
    is_first: bool,
    has_sheet: bool,
    code: String,
    text: String,
    /// What is shown, as a part of an address: the filter with where the page begins, and the filter alone.
    query: String,
    filter: String,
}

/// What is shown of the problems.
#[derive(Default, Deserialize)]
struct ProblemFilter {
    #[serde(default)]
    code: String,
    /// A text that is looked for.
    #[serde(default)]
    text: String,
    /// The row behind which the page begins.
    #[serde(default)]
    after: String,
}

async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(filter): Query<ProblemFilter>,
) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    if let Some(question) = draft.open_question()? {
        return Ok(see(&question));
    }
    let look = look_of(&visit, &draft);
    let report: Option<KeptReport> = draft.kept("check.json");
    let is_checked = report.is_some();
    let report = report.unwrap_or_default();
    let lang = visit.lang;
    let counts = report.counts;
    let time = say::amounts::duration(lang, std::time::Duration::from_millis(report.millis));
    let right = counts.rows.saturating_sub(counts.invalid);
    let folder = draft.path(&report.folder);
    let wanted = filter.wanted();
    let after = filter.after.parse().ok().map(RowNumber::from_key);
    let page = visit.blocking(move |_| {
        if is_checked {
            Ok(KeptCheck::open(&folder)?.page(&wanted, after, PAGE + 1)?)
        } else {
            Ok(Vec::new())
        }
    });
    let mut rows = page.await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let last = rows.last().filter(|_| has_more);
    let next = last.map(|row| row.number.to_key().to_string());
    let code: Option<Code> = Code::parse(&filter.code).ok();
    html(&CheckScreen {
        steps: steps(&draft, DraftStep::Check, &look),
        id,
        is_checked,
        total: say::check::total(lang, &counts, &time),
        right,
        wrong: counts.invalid,
        right_percent: (right * 100).checked_div(counts.rows).unwrap_or(0),
        bars: bars(&report, &filter.code, lang),
        lines: lines(&rows, code, &report, &draft.facts.corrections, lang),
        mended: MendedCells::of(&draft.facts.corrections, DraftStep::Check, !is_checked)
            .shown_by(&filter.query(&filter.after)),
        notices: notices::in_words(&report.notices, lang),
        outdated: (is_checked && report.corrections != draft.facts.corrections)
            .then(|| draft.facts.corrections.len()),
        next: next.unwrap_or_default(),
        is_first: after.is_none(),
        has_sheet: draft.path(&report.folder).join(SHEET).is_file(),
        query: filter.query(&filter.after),
        filter: filter.query(""),
        code: quoted(&filter.code),
        text: filter.text,
        look,
    })
}

fn bars(report: &KeptReport, chosen: &str, lang: Lang) -> Vec<CodeBar> {
    let most = report.codes.iter().map(|(_, count)| *count).max();
    let most = most.unwrap_or(0).max(1);
    let mut bars: Vec<CodeBar> = report
        .codes
        .iter()
        .map(|(code, count)| CodeBar {
            code: code.to_string(),
            title: lang::title(*code, lang).to_owned(),
            count: *count,
            percent: (count * 100 / most).max(1),
            is_chosen: code.to_string() == chosen,
        })
        .collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars
}

impl MendedCell {
    fn of(
        (sheet, row, column): (usize, u32, u32),
        place: &str,
        problem: &Problem,
        cell: &str,
        corrections: &Corrections,
    ) -> Self {
        let text = corrections.get(sheet, row, column).map(str::to_owned);
        // Another part of the cell may have been mended before.
        let offered = offered(text.as_deref().unwrap_or(cell), problem);
        Self {
            sheet,
            row,
            column,
            place: place.to_owned(),
            text,
            offered,
        }
    }
}

/// Returns the problems of rows; with a code, only those that have it.
fn lines(
    rows: &[WrongRow],
    code: Option<Code>,
    report: &KeptReport,
    corrections: &Corrections,
    lang: Lang,
) -> Vec<ProblemLine> {
    let mut lines = Vec::new();
    for row in rows {
        let sheet = report.sheets.get(usize::from(row.number.sheet));
        let position = report.positions.get(usize::from(row.number.sheet));
        let problems = row.problems.iter();
        let shown = problems.filter(|problem| code.is_none_or(|code| problem.code == code));
        for problem in shown {
            let words = said::problem(problem, lang);
            let cell = match problem.column {
                Some(column) => format!("{}{}", column_letters(column), row.number.row),
                None => say::summary::row(lang, row.number.row),
            };
            let place = match sheet {
                Some(sheet) => format!("{sheet}!{cell}"),
                None => cell,
            };
            let text = problem.column.and_then(|column| row.cells.get(&column));
            let text = text.map_or(problem.fact("value"), String::as_str);
            let mends = position.zip(problem.column);
            lines.push(ProblemLine {
                anchor: format!("p{}", lines.len() + 1),
                cell: mends.map(|(sheet, column)| {
                    let at = (*sheet, row.number.row, column);
                    MendedCell::of(at, &place, problem, text, corrections)
                }),
                place,
                name: visible(&row.name).into_owned(),
                value: visible(&shortened(text)).into_owned(),
                message: words.message,
                tip: words.tip,
                code: problem.code.to_string(),
            });
        }
    }
    lines
}

impl ProblemFilter {
    fn wanted(&self) -> RowFilter {
        RowFilter {
            code: Code::parse(&self.code).ok(),
            text: Some(self.text.clone()),
            ..RowFilter::default()
        }
    }

    /// Returns the filter as a part of an address, for the page that begins behind a row.
    fn query(&self, after: &str) -> String {
        let (code, text) = (quoted(&self.code), quoted(&self.text));
        format!("code={code}&text={text}&after={}", quoted(after))
    }
}

/// Returns the path of the check screen that shows what a form says was shown.
pub(super) fn shown_again(draft: &ImportDraft, query: &str) -> String {
    let screen = draft.screen(DraftStep::Check);
    let path = format!("{screen}?{query}");
    match own_path(&path) {
        Some(path) if !query.is_empty() => path.to_owned(),
        _ => screen,
    }
}

/// A form that has the rows checked.
#[derive(Default, Deserialize)]
struct CheckForm {
    /// The query of the screen that is shown.
    #[serde(default)]
    query: String,
}

async fn check(visit: Visit, Path(id): Path<String>, Form(form): Form<CheckForm>) -> PageResult {
    begin_check(&visit, id, form.query).await
}

/// Begins to check the rows of a draft. The screen shows then what its query says.
pub(super) async fn begin_check(visit: &Visit, id: String, query: String) -> PageResult {
    let draft = change(visit, id, |_, draft| {
        if !draft.facts.is_ours && draft.seen().is_none() {
            return Err(PageError::Elsewhere(draft.screen(DraftStep::File)));
        }
        if let Some(question) = draft.open_question()? {
            return Err(PageError::Elsewhere(question));
        }
        Ok(draft)
    });
    let draft = draft.await?;
    let back = draft.screen(DraftStep::Values);
    let order = WorkOrder::reading("checking", &back, draft.version());
    let checked = move |visit: &Visit, work: &PageWork| {
        run(visit, &draft, work)?;
        Ok(shown_again(&draft, &query))
    };
    Ok(visit.begin(order, checked).await)
}

fn run(visit: &Visit, draft: &ImportDraft, work: &PageWork) -> Result<(), Failure> {
    let AccountFacts { settings, schema } =
        AccountFacts::read(visit, &require_account(visit, draft)?, work)?;
    let mapping = draft.as_it_was(&visit.shared, |draft| draft.whole_mapping())?;
    let mut sheets = draft.sheet_options(mapping);
    source::add_owners(&mut sheets, &settings.owner_sources())?;
    let options = &draft.facts.options;
    let name = ImportDraft::new_name(CHECK, "")?;
    let folder = draft.path(&name);
    make_private_folder(&folder).map_err(|error| unwritable(&folder, &error))?;
    let request = CheckRequest {
        source: draft.source(),
        corrections: draft.facts.corrections.clone(),
        read: draft.read_options(),
        sheets,
        mode: options.mode,
        key: options.key.clone(),
        blank_key: options.blank_key,
        max_errors: None,
        schema: Schema::clone(&schema),
        state: Some(visit.shared.state.clone()),
        account: Some(settings.account.key.clone()),
        output: Some(folder.join(SHEET)),
        keep: Some(folder.clone()),
        calls: 0,
        all: false,
        lang: visit.lang,
        hints: Hints::of_page(),
    };
    let report = check_file(&request, work.monitor.as_ref(), &work.stop);
    let kept = draft.as_it_was(&visit.shared, |draft| {
        let report = report.map_err(|error| draft.named(error))?;
        let report = KeptReport {
            notices: notices::of_work(work),
            ..KeptReport::of(&report, name.clone(), &draft.facts.corrections)
        };
        draft.keep("check.json", &report)?;
        draft.remove_all(CHECK, Some(&name));
        Ok(())
    });
    if kept.is_err() {
        // What a check leaves that is not kept is of no use to anybody.
        let _ = std::fs::remove_dir_all(&folder);
    }
    kept
}

async fn problems(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let what = visit.lang.pick("problems", "问题");
    let name = format!("{}_{what}.xlsx", draft.stem());
    let report: KeptReport = draft.kept("check.json").unwrap_or_default();
    saved(&draft.path(&report.folder).join(SHEET), &name)
}
