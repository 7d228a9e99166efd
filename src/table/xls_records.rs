//! The records of a workbook of Excel 5 to 2003: each a number, a length and its bytes.
//!
//! Source: [MS-XLS] 2.1.4, 2.3.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use cfb::Stream;

use super::biff::{BiffError, double, short};
use super::error::TableError;
use super::shared_texts::TooManyTexts;
use crate::model::Saying;

/// The numbers of the records that are read.
pub(super) mod record {
    pub(in crate::table) const FORMULA: u16 = 0x06;
    pub(in crate::table) const END: u16 = 0x0A;
    pub(in crate::table) const DATE_MODE: u16 = 0x22;
    pub(in crate::table) const FILE_PASS: u16 = 0x2F;
    pub(in crate::table) const CONTINUE: u16 = 0x3C;
    pub(in crate::table) const CODE_PAGE: u16 = 0x42;
    pub(in crate::table) const UNCALCULATED: u16 = 0x5E;
    pub(in crate::table) const SHEET: u16 = 0x85;
    pub(in crate::table) const OLD_SHARED_FORMULA: u16 = 0xBC;
    pub(in crate::table) const MANY_RK: u16 = 0xBD;
    pub(in crate::table) const RICH_LABEL: u16 = 0xD6;
    pub(in crate::table) const XF: u16 = 0xE0;
    /// The first of the records about menus and toolbars.
    pub(in crate::table) const INTERFACE: u16 = 0xE1;
    pub(in crate::table) const MERGED: u16 = 0xE5;
    pub(in crate::table) const SHARED: u16 = 0xFC;
    pub(in crate::table) const SHARED_LABEL: u16 = 0xFD;
    pub(in crate::table) const REVISION: u16 = 0x138;
    pub(in crate::table) const USERS_EXCLUDED: u16 = 0x194;
    pub(in crate::table) const FILE_LOCKED: u16 = 0x195;
    pub(in crate::table) const REVISIONS: u16 = 0x196;
    pub(in crate::table) const CALCULATED_BY: u16 = 0x1C1;
    pub(in crate::table) const NUMBER: u16 = 0x203;
    pub(in crate::table) const LABEL: u16 = 0x204;
    pub(in crate::table) const BOOL_OR_ERROR: u16 = 0x205;
    pub(in crate::table) const TEXT_OF_FORMULA: u16 = 0x207;
    pub(in crate::table) const ROW: u16 = 0x208;
    pub(in crate::table) const ARRAY: u16 = 0x221;
    pub(in crate::table) const TABLE: u16 = 0x236;
    /// How the sheet's window looks; it stands behind the last cell.
    pub(in crate::table) const WINDOW: u16 = 0x23E;
    pub(in crate::table) const RK: u16 = 0x27E;
    pub(in crate::table) const FORMAT: u16 = 0x41E;
    pub(in crate::table) const SHARED_FORMULA: u16 = 0x4BC;
    pub(in crate::table) const BEGIN: u16 = 0x809;
}

/// The type of a sheet that holds cells.
pub(super) const WORKSHEET: u8 = 0;
/// How many columns a sheet has.
pub(super) const COLUMNS: u32 = 256;
/// The version number of a workbook of Excel 5 or 95.
pub(super) const EXCEL_95: u16 = 0x0500;
/// The version number of a workbook of Excel 97 to 2003.
pub(super) const EXCEL_97: u16 = 0x0600;

/// Why a compound file is not read as a workbook.
pub(super) enum Refused {
    /// The workbook is of a kind that is not read.
    Old(Saying),
    /// The records are damaged.
    Broken(BiffError),
    /// Any other reason, in the words of a library.
    Unreadable(String),
}

impl<E: Into<BiffError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl Refused {
    /// Returns the reason as the error of a file.
    pub(super) fn about(self, path: &Path) -> TableError {
        let path = path.to_path_buf();
        let detail = match self {
            Self::Old(kind) => return TableError::OldFormat { path, kind },
            Self::Broken(BiffError::Texts(TooManyTexts { limit_mib })) => {
                return TableError::TooManyTexts { path, limit_mib };
            }
            Self::Broken(error) => error.why(),
            Self::Unreadable(detail) => detail.into(),
        };
        TableError::NotAWorkbook { path, detail }
    }
}

/// A reader of the records of a stream.
pub(super) struct Records {
    stream: Stream<File>,
    /// The bytes of the record that was read last.
    pub(super) data: Vec<u8>,
    /// The number and length of the next record, if its head has been read.
    ahead: Option<(u16, usize)>,
}

impl Records {
    pub(super) fn new(stream: Stream<File>) -> Self {
        Self {
            stream,
            data: Vec::new(),
            ahead: None,
        }
    }

    fn head(&mut self) -> Result<Option<(u16, usize)>, BiffError> {
        if let Some(ahead) = self.ahead {
            return Ok(Some(ahead));
        }
        let mut head = [0; 4];
        match self.stream.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(BiffError::Io(error)),
        }
        self.ahead = Some((short(&head, 0)?, usize::from(short(&head, 2)?)));
        Ok(self.ahead)
    }

    /// Reads the next record into `data` and returns its number; `None` at the end of the stream.
    pub(super) fn next(&mut self) -> Result<Option<u16>, BiffError> {
        let Some((number, length)) = self.head()? else {
            return Ok(None);
        };
        self.ahead = None;
        self.data.resize(length, 0);
        self.stream.read_exact(&mut self.data).map_err(|error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                BiffError::Cut
            } else {
                BiffError::Io(error)
            }
        })?;
        Ok(Some(number))
    }

    /// Reads the next record and returns its bytes, if it continues the record before.
    pub(super) fn next_part(&mut self) -> Result<Option<Vec<u8>>, BiffError> {
        if self
            .head()?
            .is_some_and(|(number, _)| number == record::CONTINUE)
        {
            self.next()?;
            return Ok(Some(self.data.clone()));
        }
        Ok(None)
    }
}

/// Returns whether some formula of a sheet has a value other than 0 or an empty text. Programs that do not calculate
/// write one of these for every formula.
pub(super) fn has_values(mut records: Records) -> Result<bool, BiffError> {
    let mut depth = 0;
    while let Some(number) = records.next()? {
        match number {
            record::BEGIN => depth += 1,
            record::END if depth <= 1 => break,
            record::END => depth -= 1,
            record::FORMULA if !is_stub(&records.data)? => return Ok(true),
            _ => {}
        }
    }
    Ok(false)
}

/// Returns whether the rows of a sheet ascend, as far as its records can be read. Excel opens sheets in which they do
/// not.
pub(super) fn do_rows_ascend(mut records: Records) -> bool {
    let mut depth = 0;
    let mut last = 0;
    while let Ok(Some(number)) = records.next() {
        match number {
            record::BEGIN => depth += 1,
            record::END if depth <= 1 => break,
            record::END => depth -= 1,
            record::NUMBER
            | record::RK
            | record::MANY_RK
            | record::SHARED_LABEL
            | record::LABEL
            | record::RICH_LABEL
            | record::BOOL_OR_ERROR
            | record::FORMULA
                if depth <= 1 =>
            {
                let row = short(&records.data, 0).unwrap_or(u16::MAX);
                if row < last {
                    return false;
                }
                last = row;
            }
            _ => {}
        }
    }
    true
}

/// Returns the number of the row that a [`record::ROW`] hides; `None` if it hides none.
pub(super) fn hidden_row(data: &[u8]) -> Option<u32> {
    const IS_HIDDEN: u16 = 1 << 5;
    let is_hidden = short(data, 12).is_ok_and(|flags| flags & IS_HIDDEN != 0);
    let row = short(data, 0).ok().filter(|_| is_hidden)?;
    Some(u32::from(row))
}

/// Returns whether the value of a formula is 0 or an empty text.
pub(super) fn is_stub(formula: &[u8]) -> Result<bool, BiffError> {
    let result = formula.get(6..14).ok_or(BiffError::Cut)?;
    Ok(matches!(result, [3, .., 0xFF, 0xFF]) || double(formula, 6)? == 0.0)
}
