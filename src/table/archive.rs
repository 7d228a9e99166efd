//! The zip file of an XLSX, XLSB or ODS workbook.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::TableError;

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
            detail: other.to_string().into(),
        },
    })
}
