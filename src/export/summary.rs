//! The sheets of a workbook beside the customers: the summary with its chart, and the hidden sheet for programs.

use crate::job::error::JobError;
use crate::lang::sheets::ExportLabel as Label;
use crate::lang::{Lang, say, sheets};
use crate::results::layout::text_cell;
use crate::results::side::{line, start_summary};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::source::manifest::Manifest;
use crate::table::{CellStyle, ChartKind, ChartSpec, OutCell, TableWriter};

/// The number of months in the chart, the latest ones.
const CHART_MONTHS: u32 = 36;

/// Writes the summary: the manifest in words, and the numbers of customers by the month of their creation.
pub(crate) fn write_summary(
    writer: &mut dyn TableWriter,
    manifest: &Manifest,
    months: &[(String, u64)],
    whose: &str,
    lang: Lang,
) -> Result<(), JobError> {
    start_summary(writer, lang)?;
    let said = |label: Label| label.words(lang);
    let (plain, heading) = (CellStyle::Plain, CellStyle::Header);
    line(writer, said(Label::Heading), OutCell::Text(""), heading)?;
    let complete = if manifest.complete {
        CellStyle::Good
    } else {
        CellStyle::Bad
    };
    let is_complete = sheets::is_complete(lang, manifest.complete);
    line(
        writer,
        said(Label::Complete),
        OutCell::Text(is_complete),
        complete,
    )?;
    line(
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
        line(writer, said(label), text_cell(text), plain)?;
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
        line(writer, said(label), OutCell::Count(count), plain)?;
    }
    let spent = sheets::seconds(lang, manifest.elapsed_s);
    line(writer, said(Label::TimeSpent), OutCell::Text(&spent), plain)?;
    if let (Some(with), Some(changes)) = (&manifest.compared_with, &manifest.changes) {
        line(
            writer,
            said(Label::ComparedWith),
            OutCell::Text(with),
            plain,
        )?;
        let counts = say::diff::counts(lang, changes.added, changes.changed, changes.gone);
        line(
            writer,
            said(Label::Differences),
            OutCell::Text(&counts),
            plain,
        )?;
    }
    line(writer, "", OutCell::Blank, plain)?;
    let by_month = said(Label::ByMonth);
    line(
        writer,
        by_month,
        OutCell::Text(said(Label::Customers)),
        heading,
    )?;
    let next_row = |writer: &dyn TableWriter| writer.next_place().map_or(1, |place| place.row);
    let first_row = next_row(writer);
    for (month, count) in months {
        let month = if month.is_empty() {
            said(Label::Undated)
        } else {
            month
        };
        line(writer, month, OutCell::Count(*count), plain)?;
    }
    let last_row = next_row(writer) - 1;
    if last_row >= first_row {
        writer.add_chart(&ChartSpec {
            title: by_month.to_owned(),
            kind: ChartKind::Column,
            label_column: 0,
            count_column: 1,
            first_row: first_row.max((last_row + 1).saturating_sub(CHART_MONTHS)),
            last_row,
            at: (1, 3),
        })?;
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
