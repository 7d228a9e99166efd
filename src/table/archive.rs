//! The zip file of an XLSX, XLSB or ODS workbook.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::TableError;
use crate::model::{Fact, Saying};

/// An opened zip file.
pub(super) type Archive = ZipArchive<BufReader<File>>;

/// Opens a file as a zip file. A file that breaks off is [`TableError::NotAWorkbook`], not an error of the system.
pub(super) fn open(path: &Path) -> Result<Archive, TableError> {
    let file = File::open(path).map_err(|source| TableError::from_io(path, source))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(source) if source.kind() != ErrorKind::UnexpectedEof => {
            TableError::from_io(path, source)
        }
        other => TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail: why(&other),
        },
    })
}

/// Returns why a zip file cannot be read. Its directory stands at its end: where it is not found, the file breaks off.
pub(super) fn why(error: &ZipError) -> Fact {
    match error {
        ZipError::InvalidArchive(_) => Saying::FileIncomplete.into(),
        ZipError::Io(source) => why_unread(source),
        other => other.to_string().into(),
    }
}

/// Returns why the bytes of a file that is open cannot be read.
pub(super) fn why_unread(error: &io::Error) -> Fact {
    match error.kind() {
        ErrorKind::UnexpectedEof => Saying::FileIncomplete.into(),
        _ => error.to_string().into(),
    }
}
