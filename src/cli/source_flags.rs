//! The flags of reading a source file, shared by the commands that read one.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::usage;
use crate::face::failure::{Failure, exit};
use crate::job::spec::{Mode, SheetOptions};
use crate::lang::say;
use crate::mapping::{HeaderRows, Mapping};
use crate::model::{Code, Problem, is_same_file};
use crate::source;
use crate::table::ReadOptions;

/// How a file is read.
#[derive(Debug, Clone, Args)]
pub(super) struct SourceFlags {
    #[arg(long, value_name = "NAME")]
    sheet: Vec<String>,
    #[arg(long, value_name = "N", value_parser = header_rows)]
    header_row: Option<HeaderRows>,
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    #[arg(long)]
    ignore_unmapped: bool,
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
    #[arg(long, value_enum, default_value_t = ModeFlag::Auto)]
    mode: ModeFlag,
}

/// `--mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ModeFlag {
    Auto,
    Add,
    Update,
}

impl SourceFlags {
    /// Returns how the bytes of the file are read.
    pub fn read(&self) -> Result<ReadOptions, Failure> {
        let delimiter = match self.delimiter.as_deref() {
            None => None,
            Some("tab" | "\\t" | "\t") => Some(b'\t'),
            Some(text) => match text.as_bytes() {
                [byte] if byte.is_ascii() => Some(*byte),
                _ => {
                    return Err(usage(say::usage::long_delimiter(text)));
                }
            },
        };
        Ok(ReadOptions {
            delimiter,
            encoding: self.encoding.clone(),
            ..ReadOptions::default()
        })
    }

    /// Returns the sheets that are read, and the place of their headers. Reads the mapping file.
    pub fn sheets(&self) -> Result<SheetOptions, Failure> {
        let mapping = self.map.as_deref().map(source::load_mapping).transpose()?;
        Ok(self.sheets_with(mapping))
    }

    /// Returns the same for a command that goes on from a mapping, which may hold doubts.
    pub fn sheets_of_draft(&self) -> Result<SheetOptions, Failure> {
        let mapping = self.map.as_deref().map(source::read_draft).transpose()?;
        Ok(self.sheets_with(mapping))
    }

    fn sheets_with(&self, mapping: Option<Arc<Mapping>>) -> SheetOptions {
        SheetOptions {
            is_export: false,
            only_updates: false,
            sheets: self.sheet.clone(),
            header_row: self.header_row,
            ignore_unmapped: self.ignore_unmapped,
            mapping,
        }
    }

    /// Returns which call a row becomes.
    pub fn mode(&self) -> Mode {
        match self.mode {
            ModeFlag::Auto => Mode::Auto,
            ModeFlag::Add => Mode::Add,
            ModeFlag::Update => Mode::Update,
        }
    }
}

/// Fails where a result sheet would replace the source, or its name is not that of an .xlsx or .csv file.
pub(super) fn check_output(output: Option<&Path>, source: &Path) -> Result<(), Failure> {
    let Some(output) = output else {
        return Ok(());
    };
    if output.as_os_str() == "-" {
        return Err(usage(say::usage::result_to_stdout()));
    }
    if is_same_file(output, source) {
        return Err(usage(say::usage::output_is_source()));
    }
    let known = output
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_lowercase);
    if !matches!(known.as_deref(), Some("xlsx" | "csv")) {
        let path = output.display().to_string();
        return Err(usage(say::usage::output_format(&path)));
    }
    check_name(output)
}

/// Fails for a name that the file system does not take. Writing would fail only when everything is sent.
pub(super) fn check_name(output: &Path) -> Result<(), Failure> {
    if let Err(error) = std::fs::symlink_metadata(output)
        && error.kind() == ErrorKind::InvalidFilename
    {
        let problem = Problem::new(Code::TargetUnwritable)
            .with("path", output.to_string_lossy())
            .with("detail", error.to_string());
        return Err(Failure::of(exit::USAGE, &problem));
    }
    Ok(())
}

/// Reads `3`, or `3-4` for group titles in row 3 and the headers below them in row 4.
pub(super) fn header_rows(text: &str) -> Result<HeaderRows, String> {
    HeaderRows::parse(text).ok_or_else(|| {
        "not a row number such as 3, or two rows one below the other such as 3-4".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_or_two_one_below_the_other() {
        for (text, first, last) in [("3", 3, 3), ("3-4", 3, 4), (" 3 - 4 ", 3, 4), ("2-2", 2, 2)] {
            assert_eq!(header_rows(text), Ok(HeaderRows { first, last }), "{text}");
        }
        for text in [
            "",
            "0",
            "0-1",
            "4-3",
            "3-5",
            "3-",
            "-3",
            "a",
            "4294967295-1",
        ] {
            assert!(header_rows(text).is_err(), "{text}");
        }
    }
}
