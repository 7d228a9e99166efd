//! The row sink: what a job says about a sheet, whatever the format.
//!
//! A cell carries its meaning (text, count, date) and its judgement (good, bad); how that looks is the
//! format's affair. Text is always written as text, so no id turns into a number on the way.

use std::io::Write;
use std::path::Path;

use super::error::TableError;

/// The content of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutCell<'a> {
    /// Nothing.
    Blank,
    /// Text, written as such whatever it looks like.
    Text(&'a str),
    /// A number of things.
    Count(u64),
    /// A number.
    Number(f64),
    /// `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`: a real date in XLSX. Anything else is written as text.
    DateTime(&'a str),
    /// Text that leads to a cell of this workbook when clicked; plain text in CSV.
    Link {
        /// What is shown.
        text: &'a str,
        /// The sheet's name, as [`TableWriter::next_place`] gives it.
        sheet: &'a str,
        /// The cell, such as `B5`.
        cell: &'a str,
    },
}

/// How a cell is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CellStyle {
    /// Nothing special.
    #[default]
    Plain,
    /// Went well: soft green.
    Good,
    /// Went wrong: soft red.
    Bad,
    /// To be looked at: soft amber.
    Warn,
    /// Of less interest: grey text.
    Muted,
    /// Nothing special, but long: broken into lines within the column's width.
    Wrapped,
    /// A heading.
    Header,
    /// The heading of a column that must be filled.
    RequiredHeader,
    /// Running text: it is wrapped, and begins at the top of its cell.
    Prose,
}

/// A cell as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StyledCell<'a> {
    /// Its content.
    pub cell: OutCell<'a>,
    /// How it is meant.
    pub style: CellStyle,
    /// A note on it. XLSX only, and only the first 10 000 of a workbook: notes stay in memory.
    pub note: Option<&'a str>,
}

impl<'a> StyledCell<'a> {
    /// A cell with nothing special about it.
    pub fn plain(cell: OutCell<'a>) -> Self {
        Self {
            cell,
            style: CellStyle::Plain,
            note: None,
        }
    }
}

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    /// The heading.
    pub header: String,
    /// The width in characters, as Excel counts them; 0 for the default, and in a data sheet for what its content
    /// needs, within bounds.
    pub width: f64,
    /// A note on the heading.
    pub note: Option<String>,
    /// Whether the heading is marked as one that must be filled.
    pub required: bool,
    /// Whether the column stays in view, as far as all columns before it do. XLSX only.
    pub frozen: bool,
    /// How the cells below are formatted while they are empty. XLSX only.
    pub cells: CellFormat,
    /// What may be entered below the heading, down to the last row of the sheet. XLSX only.
    pub entry: Option<EntryRule>,
}

/// What the cells of a column are for, before anything is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellFormat {
    /// Text, whatever is typed.
    #[default]
    Text,
    /// Numbers.
    Number,
    /// `yyyy-mm-dd`.
    Date,
    /// `yyyy-mm-dd hh:mm:ss`.
    DateTime,
}

/// What may be entered into the cells of a column, as the spreadsheet program checks it. A sheet with one is a
/// form: its filter reaches to the last row, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRule {
    /// What may be entered.
    pub allowed: Allowed,
    /// What stands above the message; at most 32 UTF-16 units.
    pub title: String,
    /// What a person is told who enters something else; at most 255 UTF-16 units.
    pub message: String,
    /// Whether something else may be entered all the same.
    pub only_warns: bool,
}

/// The entries that a spreadsheet program takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// One of these words, offered as a drop-down. None holds a comma; at most 255 UTF-16 units with the commas
    /// between them.
    Words(Vec<String>),
    /// A word of the range that this formula gives, offered as a drop-down. References are those of the first row
    /// below the heading; no `=` in front; at most 255 characters.
    WordsOf(String),
    /// A date, with or without a time.
    Date,
    /// A number of at most 15 digits.
    Number,
}

/// What a sheet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetRole {
    /// Rows without limit: the heading is frozen, a filter is on, and rows beyond Excel's last go on in
    /// a further sheet. The only kind that CSV writes, and of it the first.
    Data,
    /// A small table that may carry a chart. It is kept in memory.
    Side,
}

/// A sheet to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetSpec {
    /// The name; made fit for Excel where it is not.
    pub name: String,
    /// The columns; the heading row is left out if every heading is empty.
    pub columns: Vec<Column>,
    /// Whether the spreadsheet program is to hide it.
    pub hidden: bool,
    /// What it is for.
    pub role: SheetRole,
}

/// The kind of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Lying bars.
    Bar,
    /// Standing columns.
    Column,
}

/// A chart of a column of numbers over a column of labels, on the current side sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartSpec {
    /// What stands above it.
    pub title: String,
    /// Its kind.
    pub kind: ChartKind,
    /// The 0-based column of the labels.
    pub label_column: u16,
    /// The 0-based column of the numbers.
    pub count_column: u16,
    /// The first row of the table, as a person counts.
    pub first_row: u32,
    /// Its last row.
    pub last_row: u32,
    /// The row and 0-based column of the chart's upper left corner.
    pub at: (u32, u16),
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPlace {
    /// The sheet's name as written.
    pub sheet: String,
    /// The row, as a person counts.
    pub row: u32,
}

/// A sink of sheets and rows. Nothing appears at the target before [`TableWriter::finish`].
pub trait TableWriter: Send {
    /// Ends the current sheet and starts another.
    fn start_sheet(&mut self, spec: SheetSpec) -> Result<(), TableError>;
    /// Writes the next row of the current sheet.
    fn write_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError>;
    /// Puts a chart on the current sheet. Only side sheets carry one; CSV ignores it.
    fn add_chart(&mut self, chart: &ChartSpec) -> Result<(), TableError>;
    /// Where the next row will stand; `None` before the first sheet, and for sheets that are not written.
    fn next_place(&self) -> Option<RowPlace>;
    /// How many cells were cut at Excel's limit.
    fn cut_cells(&self) -> u64;
    /// Writes the whole file, or leaves what is there.
    fn finish(self: Box<Self>, target: &Path) -> Result<(), TableError>;
    /// Writes the whole file to a stream, such as standard output.
    fn finish_into(self: Box<Self>, output: &mut dyn Write) -> Result<(), TableError>;
}
