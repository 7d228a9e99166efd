//! The fourth step: what is wrong with the rows.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::mended::MendedCells;
use super::step::{StepLink, draft_of, open_draft, saved, steps};
use crate::face::count_bars::CountBars;
use crate::face::failure::Failure;
use crate::journal::RowFilter;
use crate::lang::hint::Hints;
use crate::lang::say::check::CheckedCounts;
use crate::lang::{Lang, say};
use crate::model::{Code, Corrections, Problem, RowNumber, Schema, column_letters, visible};
use crate::page::account::AccountFacts;
use crate::page::imports::{CHECK, DraftStep, ImportDraft};
use crate::page::links::quoted;
use crate::page::look::Look;
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

/// What a check found, as the draft keeps it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct KeptReport {
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
}

impl KeptReport {
    fn of(report: &CheckReport, corrections: &Corrections) -> Self {
        Self {
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

/// A problem of a row.
struct ProblemLine {
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
    bars: CountBars,
    lines: Vec<ProblemLine>,
    mended: MendedCells,
    /// How many cells are mended, if the check does not know all of them.
    outdated: Option<usize>,
    /// Behind which row the next page begins; empty where there is none.
    next: String,
    is_first: bool,
    has_sheet: bool,
    code: String,
    text: String,
    /// The text as a part of an address.
    quoted_text: String,
}

/// What is shown of the problems.
#[derive(Deserialize)]
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
    let look = Look::of(&visit, "import");
    let report: Option<KeptReport> = draft.kept("check.json");
    let is_checked = report.is_some();
    let report = report.unwrap_or_default();
    let lang = visit.lang;
    let counts = report.counts;
    let time = say::amounts::duration(lang, std::time::Duration::from_millis(report.millis));
    let right = counts.rows.saturating_sub(counts.invalid);
    let folder = draft.path(CHECK);
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
        bars: bars(&report, &id, &filter.code, lang),
        id,
        is_checked,
        total: say::check::total(lang, &counts, &time),
        right,
        wrong: counts.invalid,
        right_percent: (right * 100).checked_div(counts.rows).unwrap_or(0),
        lines: lines(&rows, code, (&report, &draft.facts.corrections), lang),
        mended: MendedCells::of(&draft.facts.corrections, DraftStep::Check, !is_checked),
        outdated: (is_checked && report.corrections != draft.facts.corrections)
            .then(|| draft.facts.corrections.len()),
        next: next.unwrap_or_default(),
        is_first: after.is_none(),
        has_sheet: draft.path("problems.xlsx").is_file(),
        code: quoted(&filter.code),
        quoted_text: quoted(&filter.text),
        text: filter.text,
        look,
    })
}

fn bars(report: &KeptReport, id: &str, chosen: &str, lang: Lang) -> CountBars {
    let codes = report.codes.iter().copied().collect();
    CountBars::of_problems(&codes, lang).leading_to(&format!("/import/{id}/check?code="), chosen)
}

impl MendedCell {
    fn of(
        (sheet, row, column): (usize, u32, u32),
        place: &str,
        problem: &Problem,
        corrections: &Corrections,
    ) -> Self {
        let text = corrections.get(sheet, row, column).map(str::to_owned);
        let offered = match (&text, problem.fact("nearest").split(", ").next()) {
            (Some(text), _) => text.clone(),
            (None, Some(nearest)) if !nearest.is_empty() => nearest.to_owned(),
            (None, _) => problem.fact("value").to_owned(),
        };
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
    (report, corrections): (&KeptReport, &Corrections),
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
            let mends = position.zip(problem.column);
            lines.push(ProblemLine {
                cell: mends.map(|(sheet, column)| {
                    let row = row.number.row;
                    MendedCell::of((*sheet, row, column), &place, problem, corrections)
                }),
                place,
                name: visible(&row.name).into_owned(),
                value: visible(problem.fact("value")).into_owned(),
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
}

async fn check(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = open_draft(&visit, &id)?;
    begin_check(&visit, draft).await
}

/// Begins to check the rows of a draft.
pub(super) async fn begin_check(visit: &Visit, draft: ImportDraft) -> PageResult {
    if !draft.facts.is_ours && draft.seen().is_none() {
        return Ok(see(&draft.screen(DraftStep::File)));
    }
    let order = WorkOrder::reading("checking", &draft.screen(DraftStep::Values));
    let checked = move |visit: &Visit, work: &PageWork| run(visit, &draft, work);
    Ok(visit.begin(order, checked).await)
}

fn run(visit: &Visit, draft: &ImportDraft, work: &PageWork) -> Result<String, Failure> {
    let AccountFacts { settings, schema } = AccountFacts::read(visit, work)?;
    let mut sheets = draft.sheet_options(draft.whole_mapping()?);
    source::add_owners(&mut sheets, &settings.owner_sources())?;
    let options = &draft.facts.options;
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
        output: Some(draft.path("problems.xlsx")),
        keep: Some(draft.path(CHECK)),
        calls: 0,
        all: false,
        lang: visit.lang,
        hints: Hints::default(),
    };
    let report = check_file(&request, work.monitor.as_ref(), &work.stop);
    let report = report.map_err(|error| draft.named(error))?;
    draft.keep(
        "check.json",
        &KeptReport::of(&report, &draft.facts.corrections),
    )?;
    Ok(draft.screen(DraftStep::Check))
}

async fn problems(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let what = visit.lang.pick("problems", "问题");
    let name = format!("{}_{what}.xlsx", draft.stem());
    saved(&draft, "problems.xlsx", &name)
}
