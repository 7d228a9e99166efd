//! What can go wrong with a spreadsheet file.
//!
//! Every variant has a remedy of its own, so that the caller can give each its number and tip. Problems inside a cell
//! are not here: they are data, in `model::CellKind`.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::{Fact, LONGEST_TEXT, Phrase, Saying};

/// A spreadsheet that cannot be read or written.
#[derive(Debug, Error)]
pub enum TableError {
    /// There is no such file.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The path names a folder.
    #[error("{} is a folder", path.display())]
    IsDirectory {
        /// The folder.
        path: PathBuf,
    },
    /// The file exists and the system does not let it be read (rights, a lock, a failing disk).
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file has no content: no bytes, or only a byte order mark and blanks.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has the name or the first bytes of a workbook, but is none, or is damaged.
    #[error("{} is not a readable workbook: {detail}", path.display())]
    NotAWorkbook {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        detail: Fact,
    },
    /// A file of a kind that is not read: a workbook older than Excel 5, a workbook with a password, a web page called
    /// `.xls`.
    #[error("{} is {kind}: save it as .xlsx", path.display())]
    OldFormat {
        /// The file.
        path: PathBuf,
        /// The kind.
        kind: Saying,
    },
    /// No encoding has the name that was asked for.
    #[error("unknown encoding {label:?}")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// The delimiter that was asked for cannot separate cells.
    #[error("{delimiter:?} cannot be a delimiter")]
    BadDelimiter {
        /// What was asked for.
        delimiter: char,
    },
    /// Bytes that are not text in the encoding that was found or asked for.
    #[error("{}, row {row}: bytes that are not {encoding}", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding's name.
        encoding: &'static str,
        /// The row a spreadsheet program would show.
        row: u32,
    },
    /// Text that is not CSV.
    #[error("{}, row {row}: {detail}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The row a spreadsheet program would show.
        row: u32,
        /// What is wrong there.
        detail: Saying,
    },
    /// A quote of a CSV file that does not end where a cell does, or that hides rows.
    #[error("{}, line {line}: {what}", path.display())]
    Quote {
        /// The file.
        path: PathBuf,
        /// The line in which the quote opens, from 1.
        line: u64,
        /// What is wrong with it.
        what: Saying,
    },
    /// One record is larger than any real one: a forgotten quote takes the rest of a file into one cell.
    #[error("{}, row {row}: longer than {limit_mib} MiB", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The row a spreadsheet program would show.
        row: u32,
        /// The limit in MiB.
        limit_mib: u32,
    },
    /// A cell or a row larger than any that a spreadsheet program writes.
    #[error("{}: {what}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The place of the cell or row, and the limit.
        what: Fact,
    },
    /// The texts that the cells of a workbook share take more memory than is allowed (`shared_texts.rs`).
    #[error("{}: the shared texts take more than {limit_mib} MiB", path.display())]
    TooManyTexts {
        /// The file.
        path: PathBuf,
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// There is no sheet at this position.
    #[error("{} has no sheet {}", path.display(), sheet + 1)]
    SheetMissing {
        /// The file.
        path: PathBuf,
        /// The position that was asked for, from 0.
        sheet: usize,
    },
    /// A sheet of a workbook cannot be read to its end.
    #[error("{}, sheet {sheet:?}, after row {row}: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The sheet's name.
        sheet: String,
        /// The last row that was read, 0 if none was.
        row: u32,
        /// What is wrong there.
        detail: Fact,
    },
    /// A file could not be written (rights, full disk, open in another program).
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file, or the folder of a temporary one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A workbook cannot be made from its input, or an earlier failure made its writer useless.
    #[error("cannot make the workbook: {detail}")]
    Unwritable {
        /// What is wrong.
        detail: String,
    },
}

impl TableError {
    /// Returns the path that the error is about, for changing it; `None` if the error is about no file.
    pub fn path(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::NotFound { path }
            | Self::IsDirectory { path }
            | Self::Unreadable { path, .. }
            | Self::Empty { path }
            | Self::NotAWorkbook { path, .. }
            | Self::OldFormat { path, .. }
            | Self::Encoding { path, .. }
            | Self::Csv { path, .. }
            | Self::Quote { path, .. }
            | Self::TooLong { path, .. }
            | Self::TooLarge { path, .. }
            | Self::TooManyTexts { path, .. }
            | Self::SheetMissing { path, .. }
            | Self::Damaged { path, .. }
            | Self::Io { path, .. } => Some(path),
            Self::UnknownEncoding { .. } | Self::BadDelimiter { .. } | Self::Unwritable { .. } => {
                None
            }
        }
    }

    /// Returns the same error about another path, so that an error of a copy names the original.
    #[must_use]
    pub fn about(mut self, other: &Path) -> Self {
        if let Some(path) = self.path() {
            *path = other.to_path_buf();
        }
        self
    }

    /// Returns what a person can do with a file that is not read; `None` for all other errors.
    pub fn remedy(&self) -> Option<Saying> {
        let Self::OldFormat { kind, .. } = self else {
            return None;
        };
        Some(match kind {
            Saying::PasswordProtected => Saying::SaveWithoutPassword,
            Saying::WebPage | Saying::WebArchive => Saying::ExportPageAnew,
            Saying::OtherXml | Saying::JsonText | Saying::Database => Saying::ExportAsTable,
            Saying::TextDocument | Saying::SlideDocument | Saying::PdfDocument => {
                Saying::CopyIntoSheet
            }
            Saying::Picture => Saying::GiveSpreadsheet,
            Saying::PackedFile => Saying::UnpackFirst,
            _ => Saying::SaveAsXlsx,
        })
    }

    /// Returns what is wrong, without the path.
    pub fn detail(&self) -> Fact {
        let phrase = match self {
            Self::Unreadable { source, .. } | Self::Io { source, .. } => {
                return source.to_string().into();
            }
            Self::NotAWorkbook { detail, .. } => return detail.clone(),
            Self::TooLarge { what, .. } => return what.clone(),
            Self::TooManyTexts { limit_mib, .. } => {
                Phrase::new(Saying::SharedTextsTooLarge).with("limit", limit_mib.to_string())
            }
            Self::Unwritable { detail } => return detail.into(),
            Self::OldFormat { kind, .. } => Phrase::new(Saying::KindNotRead).with("kind", *kind),
            Self::Encoding { encoding, row, .. } => Phrase::new(Saying::NotInEncoding)
                .with("row", row.to_string())
                .with("encoding", *encoding),
            Self::Csv { row, detail, .. } => Phrase::new(Saying::AtRow)
                .with("row", row.to_string())
                .with("what", *detail),
            Self::Quote { line, what, .. } => Phrase::new(*what).with("line", line.to_string()),
            Self::TooLong { row, limit_mib, .. } => Phrase::new(Saying::RowTooLong)
                .with("row", row.to_string())
                .with("limit", limit_mib.to_string()),
            Self::SheetMissing { sheet, .. } => {
                Phrase::new(Saying::SheetMissing).with("number", (sheet + 1).to_string())
            }
            Self::Damaged {
                sheet, row, detail, ..
            } => Phrase::new(Saying::DamagedSheet)
                .with("sheet", sheet)
                .with("row", row.to_string())
                .with("what", detail),
            Self::NotFound { .. }
            | Self::IsDirectory { .. }
            | Self::Empty { .. }
            | Self::UnknownEncoding { .. }
            | Self::BadDelimiter { .. } => return self.to_string().into(),
        };
        phrase.into()
    }

    /// Returns the error of a file that could not be opened or read, by the kind of the system's error.
    pub fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            // `*.xlsx` on Windows, and a name of more letters than any has.
            io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename => Self::NotFound { path },
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            _ => Self::Unreadable { path, source },
        }
    }

    /// Returns the error of a shared text that is longer than a cell can be; `number` counts from 1.
    pub(super) fn long_shared_text(path: &Path, number: usize) -> Self {
        let what = Phrase::new(Saying::LongSharedText)
            .with("number", number.to_string())
            .with("limit", LONGEST_TEXT.to_string());
        Self::TooLarge {
            path: path.to_path_buf(),
            what: what.into(),
        }
    }

    pub(super) fn writing(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn unwritable(detail: &(impl ToString + ?Sized)) -> Self {
        Self::Unwritable {
            detail: detail.to_string(),
        }
    }
}
