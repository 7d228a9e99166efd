//! The sheets of a workbook beside the customers: the summary with its chart, and the hidden sheet for programs.

use crate::export::tally::Tallies;
use crate::job::account::Account;
use crate::job::error::JobError;
use crate::lang::sheets::ExportLabel as Label;
use crate::lang::{Lang, say, sheets};
use crate::results::layout::text_cell;
use crate::results::side::{start_summary, summary_line};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::source::manifest::Manifest;
use crate::table::{CellStyle, ChartKind, ChartSpec, OutCell, TableWriter};

/// The number of months in the chart, the latest ones.
const CHART_MONTHS: u32 = 36;
/// How many rows a chart is high, and how many columns wide, with the distance to the next.
const CHART_ROWS: u32 = 16;
const CHART_COLUMNS: u16 = 8;
/// The column of the first chart.
const FIRST_CHART_COLUMN: u16 = 3;

/// The customers of an export, counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted<'a> {
    /// By the month of their creation; blank where it is not known.
    pub months: &'a [(String, u64)],
    /// By source, level and owner.
    pub tallies: &'a Tallies,
}

/// Returns an account in words.
pub(crate) fn whose(account: &Account, lang: Lang) -> String {
    if account.sandbox {
        say::embedded_crm(lang).to_owned()
    } else {
        say::account(lang, &account.appid, &account.host)
    }
}

/// Writes the summary: the manifest in words, and the numbers of customers by the month of their creation, by source,
/// level and owner, each with a chart.
pub(crate) fn write_summary(
    writer: &mut dyn TableWriter,
    manifest: &Manifest,
    counted: &Counted<'_>,
    whose: &str,
    lang: Lang,
) -> Result<(), JobError> {
    start_summary(writer, lang)?;
    let said = |label: Label| label.words(lang);
    let (plain, heading) = (CellStyle::Plain, CellStyle::Header);
    summary_line(writer, said(Label::Heading), OutCell::Text(""), heading)?;
    let complete = if manifest.complete {
        CellStyle::Good
    } else {
        CellStyle::Bad
    };
    let is_complete = sheets::is_complete(lang, manifest.complete);
    summary_line(
        writer,
        said(Label::Complete),
        OutCell::Text(is_complete),
        complete,
    )?;
    summary_line(
        writer,
        said(Label::Customers),
        OutCell::Count(manifest.customers),
        plain,
    )?;
    let filter = manifest.filter.as_deref();
    let filter = filter.unwrap_or(sheets::no_filter(lang));
    for (label, text) in [
        (Label::Filter, filter),
        (Label::Account, whose),
        (Label::Job, &manifest.job),
        (Label::Began, &manifest.started),
        (Label::Ended, &manifest.ended),
        (Label::Timezone, &manifest.timezone),
    ] {
        summary_line(writer, said(label), text_cell(text), plain)?;
    }
    let list = &manifest.list;
    for (label, count) in [
        (Label::CountAtStart, list.count_at_start),
        (Label::CreatedMeanwhile, list.created_meanwhile),
        (Label::GoneMeanwhile, list.gone_meanwhile),
        (Label::Repeats, list.repeats),
        (Label::ShortPages, list.short_pages),
        (Label::NotMatching, list.not_matching),
        (Label::CutTexts, manifest.cut_cells),
        (Label::Passes, u64::from(list.passes)),
        (Label::Pages, list.pages),
        (Label::Calls, manifest.api_calls),
    ] {
        summary_line(writer, said(label), OutCell::Count(count), plain)?;
    }
    let spent = sheets::seconds(lang, manifest.elapsed_s);
    summary_line(writer, said(Label::TimeSpent), OutCell::Text(&spent), plain)?;
    if let (Some(with), Some(changes)) = (&manifest.compared_with, &manifest.changes) {
        summary_line(
            writer,
            said(Label::ComparedWith),
            OutCell::Text(with),
            plain,
        )?;
        let counts = say::diff::counts(lang, changes.added, changes.changed, changes.gone);
        summary_line(
            writer,
            said(Label::Differences),
            OutCell::Text(&counts),
            plain,
        )?;
    }
    write_counts(writer, counted, lang)
}

/// Writes the tables of counts. Their charts stand beside the facts, two in a row, so that all of them
/// are printed on the first page.
fn write_counts(
    writer: &mut dyn TableWriter,
    counted: &Counted<'_>,
    lang: Lang,
) -> Result<(), JobError> {
    let said = |label: Label| label.words(lang);
    let months = counted.months.iter().map(|(month, count)| {
        let month = if month.is_empty() {
            said(Label::Undated)
        } else {
            month
        };
        (month.to_owned(), *count)
    });
    let mut tables = vec![(
        said(Label::ByMonth).to_owned(),
        ChartKind::Column,
        months.collect::<Vec<_>>(),
    )];
    tables.extend(counted.tallies.0.iter().map(|tally| {
        let title = sheets::customers_by(lang, &tally.header);
        (title, ChartKind::Bar, tally.words().read_in(lang))
    }));
    let mut charts = 0;
    for (title, kind, counts) in tables {
        summary_line(writer, "", OutCell::Blank, CellStyle::Plain)?;
        let customers = OutCell::Text(said(Label::Customers));
        summary_line(writer, &title, customers, CellStyle::Header)?;
        let next_row = |writer: &dyn TableWriter| writer.next_place().map_or(1, |place| place.row);
        let first_row = next_row(writer);
        for (label, count) in &counts {
            summary_line(writer, label, OutCell::Count(*count), CellStyle::Plain)?;
        }
        let last_row = next_row(writer) - 1;
        if last_row < first_row {
            continue;
        }
        let most = (last_row + 1).saturating_sub(CHART_MONTHS);
        writer.add_chart(&ChartSpec {
            title,
            kind,
            label_column: 0,
            count_column: 1,
            first_row: first_row.max(most),
            last_row,
            at: (
                1 + charts / 2 * CHART_ROWS,
                FIRST_CHART_COLUMN + (charts % 2) as u16 * CHART_COLUMNS,
            ),
        })?;
        charts += 1;
    }
    Ok(())
}

/// Writes the hidden sheet: the keys of the columns and the facts of the manifest.
pub(crate) fn write_hidden(
    writer: &mut dyn TableWriter,
    manifest: &Manifest,
) -> Result<(), JobError> {
    let sheet = FerrySheet {
        has_rules: false,
        mapping: None,
        kind: Some(WorkbookKind::Export),
        job: manifest.job.clone(),
        account: Some(manifest.account.clone()),
        keys: Vec::new(),
        complete: Some(manifest.complete),
        filter: Some(manifest.filter.clone().unwrap_or_default()),
        columns: manifest.columns.clone(),
    };
    sheet.write(writer)
}
