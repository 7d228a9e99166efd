//! Writes the customers of a spool into a file, while other threads decode the pages.
//!
//! ```text
//! spool ─► pages ─► (bounded channel) ─► JSON → cells, on all cores ─► (bounded channel) ─► writer
//! ```

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use crossbeam_channel::{Receiver, Sender, bounded};
use rayon::prelude::*;
use serde_json::Value as Json;

use crate::export::columns::{ColumnContent, ExportLayout};
use crate::export::diff::changes::{Comparison, NewCell, is_date};
use crate::export::fields::Fields;
use crate::export::rows::Rows;
use crate::export::spec::{ExportFormat, ExportSpec};
use crate::export::tally::{OWNER, Tallies};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::{JournalError, Spool, StoredPage};
use crate::lang::sheets;
use crate::lookup::listing::whole_list;
use crate::mapping::{canonical, is_owner_id};
use crate::model::{FieldKey, Monitor, Task};
use crate::stored::cell::Shown;
use crate::stored::value::plain_text;
use crate::table;
use crate::table::{
    Format, LinesWriter, SheetRole, SheetSpec, StyledCell, TableError, TableWriter,
    create_plain_csv_writer, create_writer,
};

/// The number of customers that are decoded at a time.
const BATCH_CUSTOMERS: usize = 1000;

/// The number of batches between two threads.
const BATCHES: usize = 2;

/// The counts of the customers that were written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct WrittenFile {
    /// Customers in the file.
    pub customers: u64,
    /// Customers that do not meet the filter although the server found them.
    pub not_matching: u64,
    /// Texts that were cut to the length that a cell allows.
    pub cut_cells: u64,
    /// The customers by source, level and owner; none for JSON lines, which have no columns.
    pub tallies: Tallies,
    /// How many customers each owner has, by id. JSON lines that are passed on as they are do not count.
    pub owners: HashMap<String, u64>,
}

/// A file being written.
pub(crate) enum Output {
    /// A table.
    Table(Box<dyn TableWriter>),
    /// JSON lines.
    Lines(LinesWriter),
}

impl Output {
    /// Starts a file; temporary files are made in `folder`.
    pub fn create(spec: &ExportSpec, folder: &Path) -> Result<Self, TableError> {
        Ok(match spec.format {
            ExportFormat::Jsonl => Self::Lines(LinesWriter::create(folder)?),
            ExportFormat::Csv if !spec.for_excel => Self::Table(create_plain_csv_writer(folder)?),
            ExportFormat::Csv => Self::Table(create_writer(Format::Csv, folder)?),
            ExportFormat::Xlsx => Self::Table(create_writer(Format::Xlsx, folder)?),
        })
    }

    /// Puts the file in its place.
    pub fn finish(self, target: &Path) -> Result<(), TableError> {
        match self {
            Self::Table(writer) => writer.finish(target),
            Self::Lines(writer) => writer.finish(target),
        }
    }

    /// Writes the file's content to a stream.
    pub fn finish_into(self, output: &mut dyn Write) -> Result<(), TableError> {
        match self {
            Self::Table(writer) => writer.finish_into(output),
            Self::Lines(writer) => writer.finish_into(output),
        }
    }
}

/// The customers of a page, as the output wants them.
enum PagePiece {
    Rows(Rows),
    Lines(Vec<String>),
}

/// A page that was decoded.
struct Pieces {
    piece: PagePiece,
    not_matching: u64,
    owners: HashMap<String, u64>,
}

/// The customers of a spool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpooledCustomers<'a> {
    pub spool: &'a Spool,
    /// The number of customers that are not gone.
    pub living: u64,
}

/// Writes every customer of a spool, and compares each with the older export, if there is one. Returns the counts.
pub(crate) fn write_customers(
    customers: SpooledCustomers<'_>,
    layout: &ExportLayout<'_>,
    spec: &ExportSpec,
    output: &mut Output,
    comparison: Option<&mut Comparison>,
    context: &Context,
) -> Result<WrittenFile, JobError> {
    let SpooledCustomers { spool, living } = customers;
    let (monitor, stop) = (context.monitor.as_ref(), &context.stop);
    monitor.start_task(Task::Save, Some(living));
    if let Output::Table(writer) = output {
        writer.start_sheet(SheetSpec {
            name: sheets::customers(context.lang).to_owned(),
            columns: layout.to_sheet(),
            hidden: false,
            role: SheetRole::Data,
        })?;
    }
    let page_size = whole_list::page_size_of(spool)?.max(1) as usize;
    let pages = (BATCH_CUSTOMERS / page_size).max(1);
    let mut writing = PieceWriter {
        output,
        compared: compared_columns(layout),
        comparison,
        written: WrittenFile::default(),
    };
    if spec.format != ExportFormat::Jsonl {
        writing.written.tallies = Tallies::of(layout);
    }
    let mut reader = spool.reader(living)?;
    std::thread::scope(|scope| {
        let (to_decode, batches) = bounded::<Vec<StoredPage>>(BATCHES);
        let (to_write, decoded) = bounded::<std::io::Result<Vec<Pieces>>>(BATCHES);
        scope.spawn(move || decode_pages(&batches, &to_write, layout, spec));
        let (mut on_their_way, mut ended) = (0, false);
        loop {
            while on_their_way < BATCHES && !ended {
                let batch = reader.read(pages)?;
                ended = batch.is_empty();
                if !ended && to_decode.send(batch).is_ok() {
                    on_their_way += 1;
                }
            }
            if on_their_way == 0 {
                return Ok(());
            }
            if stop.is_requested() {
                return Err(JobError::StoppedInPlan);
            }
            let Ok(pieces) = decoded.recv() else {
                return Err(JournalError::Stopped("decoding".to_owned()).into());
            };
            on_their_way -= 1;
            let pieces = pieces.map_err(|source| reader.damaged(source))?;
            for page in pieces {
                monitor.advance(Task::Save, writing.take(page)?);
            }
        }
    })?;
    monitor.finish_task(Task::Save);
    let mut written = writing.written;
    if let Output::Table(writer) = output {
        written.cut_cells = writer.cut_cells();
    }
    Ok(written)
}

/// Writes and compares decoded pages, and counts what it writes.
struct PieceWriter<'a> {
    output: &'a mut Output,
    /// The positions of the columns that are compared.
    compared: Vec<usize>,
    comparison: Option<&'a mut Comparison>,
    written: WrittenFile,
}

impl PieceWriter<'_> {
    /// Writes a page. Returns how many customers of the list it held.
    fn take(&mut self, page: Pieces) -> Result<u64, JobError> {
        self.written.not_matching += page.not_matching;
        for (id, count) in page.owners {
            *self.written.owners.entry(id).or_default() += count;
        }
        let customers = match &page.piece {
            PagePiece::Rows(rows) => {
                rows.for_each(|row| self.write_row(row))?;
                rows.len()
            }
            PagePiece::Lines(lines) => {
                if let Output::Lines(writer) = &mut *self.output {
                    lines.iter().try_for_each(|line| writer.write_line(line))?;
                }
                lines.len()
            }
        } as u64;
        self.written.customers += customers;
        Ok(customers + page.not_matching)
    }

    fn write_row(&mut self, row: &[Shown<'_>]) -> Result<(), JobError> {
        if let Output::Table(writer) = &mut *self.output {
            let cells = row.iter().map(|shown| StyledCell::plain(shown.cell()));
            writer.write_row(&cells.collect::<Vec<_>>())?;
        }
        self.written.tallies.add(row);
        if let (Some(comparison), Some(Shown::Text(id))) = (&mut self.comparison, row.first()) {
            let cells = self.compared.iter().filter_map(|at| row.get(*at));
            comparison.add(id, &cells.collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Takes batches of pages apart until nobody wants the pieces any more.
fn decode_pages(
    batches: &Receiver<Vec<StoredPage>>,
    to_write: &Sender<std::io::Result<Vec<Pieces>>>,
    layout: &ExportLayout<'_>,
    spec: &ExportSpec,
) {
    for batch in batches {
        let pieces: std::io::Result<Vec<Pieces>> = match spec.format {
            // A workbook takes longer to write than to decode, so a third thread would only be in the way.
            ExportFormat::Xlsx => {
                let pages = batch.iter();
                pages.map(|page| take_apart(page, layout, spec)).collect()
            }
            ExportFormat::Csv | ExportFormat::Jsonl => {
                let pages = batch.par_iter();
                pages.map(|page| take_apart(page, layout, spec)).collect()
            }
        };
        if to_write.send(pieces).is_err() {
            return;
        }
    }
}

/// Returns the positions of the columns that are compared with an older export.
fn compared_columns(layout: &ExportLayout<'_>) -> Vec<usize> {
    let columns = layout.columns.iter().enumerate();
    columns
        .filter(|(_, column)| matches!(column.content, ColumnContent::Place { .. }))
        .map(|(at, _)| at)
        .collect()
}

fn take_apart(
    page: &StoredPage,
    layout: &ExportLayout<'_>,
    spec: &ExportSpec,
) -> std::io::Result<Pieces> {
    let text = page.text()?;
    let lines = page.lines(&text);
    let is_json = spec.format == ExportFormat::Jsonl;
    let mut not_matching = 0;
    let mut owners: HashMap<String, u64> = HashMap::new();
    let mut rows = Rows::new(layout.columns.len());
    let mut kept = Vec::new();
    let is_whole = is_json && spec.fields.is_empty();
    for line in lines {
        if is_whole && spec.filter.is_none() {
            kept.push(line.to_owned());
            continue;
        }
        let customer = Fields::of(line)?;
        let owner = plain_text(customer.get(OWNER));
        if is_owner_id(&owner) {
            *owners.entry(owner).or_default() += 1;
        }
        let filter = spec.filter.as_ref();
        if filter.is_some_and(|filter| !filter.matches(&customer, &spec.schema)) {
            not_matching += 1;
        } else if !is_json {
            rows.push(layout.row(&customer));
        } else if is_whole {
            kept.push(line.to_owned());
        } else {
            kept.push(chosen(&customer, spec));
        }
    }
    let piece = if is_json {
        PagePiece::Lines(kept)
    } else {
        PagePiece::Rows(rows)
    };
    Ok(Pieces {
        piece,
        not_matching,
        owners,
    })
}

/// Returns the fields that were asked for as one line of JSON, as the server sent them.
fn chosen(customer: &Fields<'_>, spec: &ExportSpec) -> String {
    let keys = std::iter::once("_id").chain(spec.fields.iter().map(FieldKey::as_str));
    let keys = keys.filter(|key| customer.has(key));
    let fields = keys.map(|key| (key.to_owned(), customer.get(key).clone()));
    Json::Object(fields.collect()).to_string()
}

impl NewCell for &Shown<'_> {
    fn text(&self) -> String {
        match self {
            Shown::Blank => String::new(),
            Shown::Text(text) => table::trim(text).to_owned(),
            Shown::Number(number) => number.to_string(),
            Shown::Moment(text) => canonical(text).into_owned(),
        }
    }

    fn is_same(&self, old: &str) -> bool {
        self.is_shown_by(old)
            || matches!(self, Shown::Text(text) if is_date(text) && canonical(text) == canonical(old))
    }
}
