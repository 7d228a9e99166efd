//! The row sink: what a job says about a sheet, whatever the format.
//!
//! A cell carries its content (text, count, date) and its style (good, bad); the format decides how both look. Text is
//! always written as text, so no id turns into a number on the way.

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
    /// A whole number of things, such as rows.
    Count(u64),
    /// A number.
    Number(f64),
    /// `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`: a real date in XLSX. Anything else is written as text.
    DateTime(&'a str),
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// An error value such as `#N/A`: a real one in XLSX where a cell can hold it, else its text.
    Error(&'a str),
    /// A number or date of a source, in its format; its text in CSV.
    Kept(KeptNumber<'a>),
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

/// A number as a source's cell held it, with the text that the cell is read as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeptNumber<'a> {
    /// The number; of a date its serial in the 1900 system.
    pub number: f64,
    /// The text that the number is read as.
    pub text: &'a str,
    /// The format that shows it.
    pub look: NumberLook,
    /// The source's format, if that shows it.
    pub code: Option<&'a NumberCode>,
}

/// The format of a number that is kept as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberLook {
    /// The source's format ([`KeptNumber::code`]).
    OfSource,
    /// As the program shows numbers without a format.
    General,
    /// All digits of a long whole number.
    Digits,
    /// `yyyy-mm-dd`.
    Date,
    /// `yyyy-mm-dd hh:mm:ss`.
    DateTime,
    /// `[h]:mm:ss`.
    Clock,
}

/// A number format as a workbook names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberCode {
    /// One of Excel's own, which follow the language of the program.
    BuiltIn(u8),
    /// A code such as `#,##0.00`.
    Code(String),
}

/// The style of a cell, named by its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CellStyle {
    /// Nothing special.
    #[default]
    Plain,
    /// Went well: soft green. Broken into lines within the column's width, as the next three are.
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
    /// Running text: wrapped, and at the top of its cell.
    Prose,
    /// Nothing special, and the first of several rows that belong together: a line above.
    Topped,
}

impl CellStyle {
    /// Returns whether texts of the style are broken into lines, by which the row's height is reckoned.
    pub(super) fn is_wrapped(self) -> bool {
        match self {
            Self::Good | Self::Bad | Self::Warn | Self::Muted | Self::Wrapped => true,
            Self::Plain | Self::Header | Self::RequiredHeader | Self::Prose | Self::Topped => false,
        }
    }
}

/// A cell as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StyledCell<'a> {
    /// The content.
    pub cell: OutCell<'a>,
    /// The style.
    pub style: CellStyle,
    /// A note on the cell. XLSX only, and only the first 1 000 of a workbook, because notes stay in memory.
    pub note: Option<&'a str>,
}

impl<'a> StyledCell<'a> {
    /// Returns a cell with nothing special about it.
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
    /// The width in characters, as Excel counts them. 0 is Excel's default in a side sheet, and in a data sheet the
    /// width that the content needs, within bounds.
    pub width: f64,
    /// The greatest width, in characters, of a column with wrapped text; the column is narrower where its content
    /// is. 0 for other columns. Data sheets only.
    pub wrap_at: f64,
    /// The format of the column's numbers, as a source had it. XLSX only.
    pub number_format: Option<NumberCode>,
    /// A note on the heading.
    pub note: Option<String>,
    /// Whether the heading is marked as that of a column that must be filled.
    pub required: bool,
    /// Whether the column stays in view, as far as all columns before it do. If these columns would fill the window,
    /// only the first one stays. XLSX only.
    pub frozen: bool,
    /// Whether the column is folded away until somebody opens its group. XLSX only.
    pub folded: bool,
    /// The format of cells below the heading that hold nothing yet. XLSX only.
    pub cells: CellFormat,
    /// The style that most cells of the column have, which takes the least time to write. Cells that hold nothing yet
    /// have it too, so it must not be one that is seen there. XLSX only.
    pub usual: CellStyle,
    /// What may be entered below the heading, down to the last row of the sheet. XLSX only.
    pub entry: Option<EntryRule>,
    /// A formula that makes a cell of the column amber as long as it is true, down to the last row of the sheet.
    /// References are those of the first row below the heading; no `=` in front. XLSX only.
    pub amber_while: Option<String>,
}

/// The format of a column's cells before anything is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellFormat {
    /// Text, whatever is typed.
    #[default]
    Text,
    /// Numbers.
    Number,
    /// Counts: numbers that stand on the left, as texts do.
    Count,
    /// `yyyy-mm-dd`.
    Date,
    /// `yyyy-mm-dd hh:mm:ss`.
    DateTime,
}

/// A rule for what may be entered into the cells of a column, which the spreadsheet program checks. A sheet with a rule
/// is a form: its filter reaches to the last row of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRule {
    /// The entries that the program takes.
    pub allowed: Allowed,
    /// The title of the message; at most 32 UTF-16 units.
    pub title: String,
    /// The message for a person who enters something else; at most 255 UTF-16 units.
    pub message: String,
    /// Whether something else may be entered all the same, after the message.
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

/// The role of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetRole {
    /// Rows without limit: the heading is frozen, a filter is on, and rows beyond Excel's last go on in
    /// a further sheet. A CSV file holds the first data sheet and no other.
    Data,
    /// A small table that may carry a chart. It is kept in memory.
    Side,
}

/// A sheet to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetSpec {
    /// The name; where Excel does not take it, it is changed.
    pub name: String,
    /// The columns; the heading row is left out if every heading is empty.
    pub columns: Vec<Column>,
    /// Whether the spreadsheet program hides the sheet.
    pub hidden: bool,
    /// The role.
    pub role: SheetRole,
}

/// The kind of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Horizontal bars.
    Bar,
    /// Vertical columns.
    Column,
}

/// A chart of a column of numbers over a column of labels, on the current side sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartSpec {
    /// The title.
    pub title: String,
    /// The kind.
    pub kind: ChartKind,
    /// The 0-based column of the labels.
    pub label_column: u16,
    /// The 0-based column of the numbers.
    pub count_column: u16,
    /// The first row of the numbers, from 1.
    pub first_row: u32,
    /// The last row of the numbers, from 1.
    pub last_row: u32,
    /// The row, from 1, and 0-based column of the chart's upper left corner.
    pub at: (u32, u16),
}

/// The place of a row in a file that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPlace {
    /// The sheet's name as written.
    pub sheet: String,
    /// The row, from 1.
    pub row: u32,
}

/// A sink of sheets and rows. Nothing appears at the target before [`TableWriter::finish`].
pub trait TableWriter: Send {
    /// Ends the current sheet and starts another.
    fn start_sheet(&mut self, spec: SheetSpec) -> Result<(), TableError>;
    /// Writes the next row of the current sheet.
    fn write_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError>;
    /// Writes the next row of the current sheet out of sight: a filter on the first column shows only the words that
    /// other rows have there. In CSV the row is like any other.
    fn write_filtered_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError>;
    /// Puts the current sheet in front of the others, so that the workbook opens with it. CSV ignores it.
    fn put_in_front(&mut self);
    /// Puts a chart on the current sheet. Only side sheets carry one; CSV ignores it.
    fn add_chart(&mut self, chart: &ChartSpec) -> Result<(), TableError>;
    /// Returns the place of the next row; `None` before the first sheet, and for sheets that are not written.
    fn next_place(&self) -> Option<RowPlace>;
    /// Returns how many cells were cut at Excel's limit.
    fn cut_cells(&self) -> u64;
    /// Writes the whole file to `target`; after an error `target` is as it was.
    fn finish(self: Box<Self>, target: &Path) -> Result<(), TableError>;
    /// Writes the whole file to a stream, such as standard output.
    fn finish_into(self: Box<Self>, output: &mut dyn Write) -> Result<(), TableError>;
}
