//! An opened source file: what it is, which sheets it has, and streams of their rows.
//!
//! Content decides before the name: exports called `.xls` are often HTML or delimited text, and a
//! workbook that is called `.csv` must not be read as garbage. The findings about a CSV file are a
//! value ([`Dialect`]), so that a second read repeats the first instead of finding out again.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cfb::CompoundFile;
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use tempfile::TempPath;

use super::corrected::CorrectedReader;
use super::csv_read::{CsvDialect, CsvReader};
use super::excel95::Excel95Source;
use super::limits::LAST_COLUMN;
use super::ods_read::OdsSource;
use super::sheet_info::SheetInfo;
use super::xls_read::XlsSource;
use super::xlsb_read::XlsbSource;
use super::xlsx_read::XlsxSource;
use super::{
    Format, MergedRange, RowReader, SheetFormats, TableError, archive, cell, delimiter, encoding,
    encrypted, encrypted_xls, foreign,
};
use crate::model::{Corrections, Row, Saying};

const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP_MAGIC: &[u8] = b"PK\x05\x06";
const OLE_MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
const SAMPLE: usize = 256 * 1024;
/// How many bytes of a zip file's end are searched for the names of its parts.
const ZIP_TAIL: u64 = 64 * 1024;

/// How to read a file. What is `None` is found out from the content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// The byte between the cells of a CSV file.
    pub delimiter: Option<u8>,
    /// The encoding of a CSV file, by any label of the WHATWG Encoding Standard (`gbk`, `utf-8`).
    pub encoding: Option<String>,
    /// The format, instead of the one that the content shows.
    pub format: Option<Format>,
    /// Whether every apostrophe of a CSV file belongs to its text: none was put before text that a spreadsheet would
    /// run. Default: false.
    #[serde(default)]
    pub is_unguarded: bool,
}

/// How a CSV file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// The encoding's name, such as `UTF-8`.
    pub encoding: String,
    /// The character between cells.
    pub delimiter: char,
    /// Whether no apostrophe was put before text that a spreadsheet would run. Default: false.
    #[serde(default)]
    pub is_unguarded: bool,
}

impl Dialect {
    /// Returns the options that read a file in this way, without finding out again.
    pub fn to_options(&self) -> ReadOptions {
        ReadOptions {
            delimiter: u8::try_from(self.delimiter).ok(),
            encoding: Some(self.encoding.clone()),
            format: Some(Format::Csv),
            is_unguarded: self.is_unguarded,
        }
    }
}

/// An opened source.
///
/// An XLSX workbook keeps its shared strings until it is dropped, so that reading again does not parse
/// them again; a CSV file keeps nothing.
pub struct Workbook {
    path: PathBuf,
    /// The copy that is read in place of an encrypted file; it is deleted with this value.
    plain: Option<Arc<TempPath>>,
    sheets: Vec<SheetInfo>,
    source: Source,
    /// The cells that stand in place of the file's own.
    corrections: Corrections,
}

enum Source {
    Csv(CsvDialect),
    Xlsx(XlsxSource),
    Xlsb(XlsbSource),
    Xls(XlsSource),
    Excel95(Excel95Source),
    Ods(OdsSource),
}

impl Workbook {
    /// Opens a file and finds out its format and its sheets.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, TableError> {
        let reading = |source| TableError::from_io(path, source);
        if std::fs::metadata(path).map_err(reading)?.is_dir() {
            return Err(TableError::IsDirectory {
                path: path.to_path_buf(),
            });
        }
        let mut file = File::open(path).map_err(reading)?;
        let mut start = Vec::with_capacity(SAMPLE);
        file.by_ref()
            .take(SAMPLE as u64)
            .read_to_end(&mut start)
            .map_err(reading)?;
        if start.is_empty() {
            return Err(TableError::Empty {
                path: path.to_path_buf(),
            });
        }
        let format = match options.format {
            Some(format) => format,
            None => find_format(path, &start, options)?,
        };
        match format {
            Format::Csv => Self::open_csv(path, &mut file, &start, options),
            _ => Self::open_workbook(path, &mut file, &start),
        }
    }

    /// Returns the workbook with corrected cells: whoever reads its rows finds them in place of the file's own.
    #[must_use]
    pub fn corrected(self, corrections: &Corrections) -> Self {
        Self {
            corrections: corrections.clone(),
            ..self
        }
    }

    /// Returns the cells that stand in place of the file's own.
    pub fn corrections(&self) -> &Corrections {
        &self.corrections
    }

    /// Returns the format.
    pub fn format(&self) -> Format {
        match self.source {
            Source::Csv(_) => Format::Csv,
            Source::Xlsx(_) => Format::Xlsx,
            Source::Xlsb(_) => Format::Xlsb,
            Source::Xls(_) | Source::Excel95(_) => Format::Xls,
            Source::Ods(_) => Format::Ods,
        }
    }

    /// Returns whether numbers are read as their formats show them. In a workbook of Excel 5 or 95 only dates are.
    pub fn keeps_number_formats(&self) -> bool {
        !matches!(self.source, Source::Excel95(_))
    }

    /// Returns the dialect of a CSV file; `None` for a workbook.
    pub fn dialect(&self) -> Option<Dialect> {
        match &self.source {
            Source::Csv(dialect) => Some(Dialect {
                encoding: encoding::name(dialect.encoding).to_owned(),
                delimiter: char::from(dialect.delimiter),
                is_unguarded: dialect.is_unguarded,
            }),
            _ => None,
        }
    }

    /// Returns the sheets in the order of their tabs, without chart sheets. A CSV file has one.
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// Returns the rows of the sheet at a position of [`Workbook::sheets`], from its start. The rows' numbers
    /// name the sheet as `number_as`.
    pub fn rows(&self, sheet: usize, number_as: u16) -> Result<Box<dyn RowReader>, TableError> {
        self.rows_within(sheet, number_as, LAST_COLUMN)
    }

    /// Returns the rows of a sheet whose header has `columns` columns. A cell that the file repeats beyond the header
    /// is given once there.
    pub fn rows_within(
        &self,
        sheet: usize,
        number_as: u16,
        columns: u32,
    ) -> Result<Box<dyn RowReader>, TableError> {
        if sheet >= self.sheets.len() {
            return Err(TableError::SheetMissing {
                path: self.path.clone(),
                sheet,
            });
        }
        let path = self.read_path();
        let reader: Box<dyn RowReader> = match &self.source {
            Source::Csv(dialect) => Box::new(CsvReader::open(path, *dialect, number_as)?),
            Source::Xlsx(source) => Box::new(source.rows(path, sheet, number_as)?),
            Source::Xlsb(source) => Box::new(source.rows(path, sheet, number_as)?),
            Source::Xls(source) => Box::new(source.rows(path, sheet, number_as)?),
            Source::Excel95(source) => Box::new(source.rows(path, sheet, number_as)?),
            Source::Ods(source) => Box::new(source.rows(path, sheet, columns, number_as)?),
        };
        let reader = match &self.plain {
            None => reader,
            Some(plain) => Box::new(NamedReader {
                reader,
                path: self.path.clone(),
                _plain: Arc::clone(plain),
            }),
        };
        Ok(CorrectedReader::over(reader, &self.corrections, sheet))
    }

    /// Returns the number formats of a sheet below its header. Only those of XLSX are known. The first rows are read for
    /// that.
    pub fn formats(&self, sheet: usize, header_row: u32) -> SheetFormats {
        let Source::Xlsx(source) = &self.source else {
            return SheetFormats::default();
        };
        let mut formats = source.formats();
        if !formats.is_empty()
            && let Ok(mut rows) = self.rows(sheet, 0)
        {
            formats.decide_columns(rows.as_mut(), header_row);
        }
        formats
    }

    /// Returns the file that is read: the workbook, or what was decrypted of it.
    fn read_path(&self) -> &Path {
        match &self.plain {
            Some(plain) => plain,
            None => &self.path,
        }
    }

    fn open_csv(
        path: &Path,
        file: &mut File,
        start: &[u8],
        options: &ReadOptions,
    ) -> Result<Self, TableError> {
        let encoding = match &options.encoding {
            Some(label) => Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
                TableError::UnknownEncoding {
                    label: label.clone(),
                }
            })?,
            None => encoding::detect(file).map_err(|source| TableError::from_io(path, source))?,
        };
        let (text, _) = encoding.decode_with_bom_removal(start);
        if start.len() < SAMPLE && cell::trim(&text).is_empty() {
            return Err(TableError::Empty {
                path: path.to_path_buf(),
            });
        }
        let delimiter = match options.delimiter {
            Some(delimiter) if delimiter::is_possible(delimiter) => delimiter,
            Some(delimiter) => {
                return Err(TableError::BadDelimiter {
                    delimiter: char::from(delimiter),
                });
            }
            None => delimiter::from_sep_line(&text).unwrap_or_else(|| {
                if has_extension(path, &["tsv"]) {
                    b'\t'
                } else {
                    delimiter::find_delimiter(&text, start.len() < SAMPLE)
                }
            }),
        };
        let sheets = vec![SheetInfo {
            name: String::new(),
            hidden: false,
        }];
        let source = Source::Csv(CsvDialect {
            is_unguarded: options.is_unguarded,
            encoding,
            delimiter,
        });
        Ok(Self {
            path: path.to_path_buf(),
            plain: None,
            sheets,
            source,
            corrections: Corrections::default(),
        })
    }

    fn open_workbook(path: &Path, file: &mut File, start: &[u8]) -> Result<Self, TableError> {
        let not_a_workbook = |detail: Saying| TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail: detail.into(),
        };
        let (sheets, source) = if start.starts_with(OLE_MAGIC) {
            if let Ok(mut container) = CompoundFile::open(&mut *file) {
                if let Some(kind) = foreign::compound_kind(&container) {
                    return Err(TableError::OldFormat {
                        path: path.to_path_buf(),
                        kind,
                    });
                }
                let (plain, magic) = match encrypted::plain_copy(&mut container) {
                    Ok(None) => (encrypted_xls::plain_copy(&mut container), OLE_MAGIC),
                    plain => (plain, ZIP_MAGIC),
                };
                let plain = plain.map_err(|error| match error.kind() {
                    ErrorKind::UnexpectedEof | ErrorKind::InvalidData => TableError::NotAWorkbook {
                        path: path.to_path_buf(),
                        detail: archive::why_unread(&error),
                    },
                    _ => TableError::from_io(path, error),
                })?;
                if let Some(plain) = plain {
                    return Self::open_plain(path, plain, magic);
                }
            }
            if let Some(source) = Excel95Source::open(path)? {
                (source.sheets(), Source::Excel95(source))
            } else {
                let source = XlsSource::open(path)?;
                (source.sheets(), Source::Xls(source))
            }
        } else if start.starts_with(EMPTY_ZIP_MAGIC) {
            return Err(not_a_workbook(Saying::EmptyZip));
        } else if start.starts_with(ZIP_MAGIC) {
            let format = zip_format(file, start);
            let format = format.map_err(|source| TableError::from_io(path, source))?;
            match format.map_err(|kind| TableError::OldFormat {
                path: path.to_path_buf(),
                kind,
            })? {
                Format::Ods => {
                    let source = OdsSource::open(path)?;
                    (source.sheets(), Source::Ods(source))
                }
                Format::Xlsb => {
                    let source = XlsbSource::open(path)?;
                    (source.sheets(), Source::Xlsb(source))
                }
                _ => {
                    let source = XlsxSource::open(path)?;
                    (source.sheets(), Source::Xlsx(source))
                }
            }
        } else {
            let is_text = !start.iter().any(|byte| matches!(byte, 0..=8));
            return Err(not_a_workbook(if is_text {
                Saying::ContentIsText
            } else {
                Saying::NotAZip
            }));
        };
        if sheets.is_empty() {
            return Err(not_a_workbook(Saying::NoWorksheet));
        }
        Ok(Self {
            path: path.to_path_buf(),
            plain: None,
            sheets,
            source,
            corrections: Corrections::default(),
        })
    }

    /// Opens the copy of an encrypted workbook, as the workbook at `path`. The copy must begin with `magic`.
    fn open_plain(path: &Path, plain: TempPath, magic: &[u8]) -> Result<Self, TableError> {
        let read_start = || -> std::io::Result<(File, Vec<u8>)> {
            let mut file = File::open(&plain)?;
            let mut start = Vec::new();
            file.by_ref().take(SAMPLE as u64).read_to_end(&mut start)?;
            Ok((file, start))
        };
        let (mut file, start) = read_start().map_err(|source| TableError::from_io(path, source))?;
        if !start.starts_with(magic) {
            return Err(TableError::NotAWorkbook {
                path: path.to_path_buf(),
                detail: Saying::NoWorkbookInside.into(),
            });
        }
        let opened = Self::open_workbook(&plain, &mut file, &start);
        let opened = opened.map_err(|error| error.about(path))?;
        Ok(Self {
            path: path.to_path_buf(),
            plain: Some(Arc::new(plain)),
            ..opened
        })
    }
}

/// The rows of a copy, whose errors name the file that was copied.
struct NamedReader {
    reader: Box<dyn RowReader>,
    path: PathBuf,
    /// The copy, which must stay as long as it is read.
    _plain: Arc<TempPath>,
}

impl RowReader for NamedReader {
    fn read_row(&mut self) -> Result<Option<Row>, TableError> {
        let row = self.reader.read_row();
        row.map_err(|error| error.about(&self.path))
    }

    fn merged(&self) -> Vec<MergedRange> {
        self.reader.merged()
    }

    fn hidden_rows(&self) -> Vec<RangeInclusive<u32>> {
        self.reader.hidden_rows()
    }
}

fn find_format(path: &Path, start: &[u8], options: &ReadOptions) -> Result<Format, TableError> {
    if [ZIP_MAGIC, EMPTY_ZIP_MAGIC, OLE_MAGIC]
        .iter()
        .any(|magic| start.starts_with(magic))
    {
        return Ok(Format::Xlsx);
    }
    if let (Some(kind), None) = (foreign::kind_of(start), options.delimiter) {
        return Err(TableError::OldFormat {
            path: path.to_path_buf(),
            kind,
        });
    }
    let workbooks = ["xlsx", "xlsm", "xltx", "xltm", "xlsb", "ods", "ots"];
    Ok(if has_extension(path, &workbooks) {
        Format::Xlsx
    } else {
        Format::Csv
    })
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let found = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    extensions
        .iter()
        .any(|extension| found.eq_ignore_ascii_case(extension))
}

/// Returns the format of the workbook in a zip file, XLSX where nothing shows another; what the file is instead, if it
/// is known to be no workbook.
fn zip_format(file: &mut File, start: &[u8]) -> std::io::Result<Result<Format, Saying>> {
    let contains = |bytes: &[u8], part: &[u8]| memchr::memmem::find(bytes, part).is_some();
    let head = start.get(..200.min(start.len())).unwrap_or_default();
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(ZIP_TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let is_xlsx = contains(&tail, b"xl/workbook.xml");
    if let (Some(kind), false) = (foreign::zip_kind(head, &tail), is_xlsx) {
        return Ok(Err(kind));
    }
    Ok(Ok(
        if contains(head, b"application/vnd.oasis.opendocument") {
            Format::Ods
        } else if contains(&tail, b"xl/workbook.bin") {
            Format::Xlsb
        } else {
            Format::Xlsx
        },
    ))
}
