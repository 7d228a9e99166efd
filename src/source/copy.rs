//! The copy of the source file in the job's folder, hashed on the way.
//!
//! Every later step reads the copy, so a job does not depend on what becomes of the source. The hash shows later
//! whether the copy was changed.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::{CorrectionsFile, SourceSpec};
use crate::journal::JobFolder;
use crate::model::{
    Corrections, Fact, Monitor, Saying, Stop, Task, private_options, rename, whole_path,
    write_private,
};
use crate::source::incoming::{Incoming, STANDARD_INPUT};
use crate::table::{Format, ReadOptions, TableError, Workbook};

/// The file of a job's folder that holds the corrections of the source.
const CORRECTIONS: &str = "corrections.json";

/// Copies the source (`-` is standard input) into the folder and opens the copy.
pub(crate) fn copy(
    path: &Path,
    options: &ReadOptions,
    folder: &JobFolder,
    context: &Context,
) -> Result<(SourceSpec, Workbook), JobError> {
    let (monitor, stop) = (context.monitor.as_ref(), &context.stop);
    // The extension helps to find the format, so the copy keeps it.
    let partial = match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => folder.file(&format!("partial.{extension}")),
        None => folder.file("partial"),
    };
    let mut length = None;
    if path.as_os_str() != STANDARD_INPUT {
        let metadata = std::fs::metadata(path).map_err(|error| TableError::from_io(path, error))?;
        if metadata.is_dir() {
            return Err(TableError::IsDirectory {
                path: path.to_path_buf(),
            }
            .into());
        }
        length = metadata.is_file().then_some(metadata.len());
    }
    monitor.start_task(Task::Copy, length);
    let (sha256, bytes) = copy_pieces(&Incoming::open(path), &partial, monitor, stop)?;
    monitor.finish_task(Task::Copy);
    // Errors name the source, which a person knows, not the copy.
    let about_source = |error: TableError| error.about(path);
    let format = Workbook::open(&partial, options)
        .map_err(about_source)?
        .format();
    let name = match (
        format,
        path.extension().and_then(|extension| extension.to_str()),
    ) {
        (Format::Xlsx, _) => "source.xlsx",
        (Format::Xlsb, _) => "source.xlsb",
        (Format::Xls, _) => "source.xls",
        (Format::Ods, _) => "source.ods",
        (Format::Csv, Some(extension)) if extension.eq_ignore_ascii_case("tsv") => "source.tsv",
        (Format::Csv, _) => "source.csv",
    };
    let copy = folder.file(name);
    rename(&partial, &copy).map_err(|source| JobError::File {
        path: copy.clone(),
        source,
    })?;
    let workbook = Workbook::open(&copy, options).map_err(about_source)?;
    let spec = SourceSpec {
        path: absolute(path),
        file: name.to_owned(),
        sha256,
        bytes,
        format,
        dialect: workbook.dialect(),
        corrected: None,
    };
    Ok((spec, workbook))
}

/// Keeps the corrections of a source in the job's folder, and returns its workbook with them. They have a file of their
/// own: there may be many, and every listing of jobs reads the spec.
pub(crate) fn correct(
    source: SourceSpec,
    workbook: Workbook,
    corrections: &Corrections,
    folder: &JobFolder,
) -> Result<(SourceSpec, Workbook), JobError> {
    if corrections.is_empty() {
        return Ok((source, workbook));
    }
    let path = folder.file(CORRECTIONS);
    let json = serde_json::to_vec(corrections)
        .map_err(|error| JobError::spec(&path, error.to_string()))?;
    write_private(&path, &json).map_err(|source| JobError::File { path, source })?;
    let corrected = CorrectionsFile {
        cells: corrections.len() as u64,
        sha256: hex(&Sha256::digest(&json)),
    };
    let source = SourceSpec {
        corrected: Some(corrected),
        ..source
    };
    Ok((source, workbook.corrected(corrections)))
}

/// Reads the corrections of a source. Fails if their file cannot be read or is no longer the one that the job was made
/// with.
fn corrections_of(folder: &JobFolder, spec: &SourceSpec) -> Result<Corrections, JobError> {
    let Some(corrected) = &spec.corrected else {
        return Ok(Corrections::default());
    };
    let path = folder.file(CORRECTIONS);
    let changed = |detail: Fact| JobError::CopyChanged {
        path: path.clone(),
        detail,
    };
    let json = std::fs::read(&path).map_err(|error| changed(error.to_string().into()))?;
    if hex(&Sha256::digest(&json)) != corrected.sha256 {
        return Err(changed(Saying::ContentDiffers.into()));
    }
    serde_json::from_slice(&json).map_err(|error| changed(error.to_string().into()))
}

/// Copies the source of a job, and its corrections, into the folder of another one.
pub(crate) fn take_over(
    from: &JobFolder,
    spec: &SourceSpec,
    to: &JobFolder,
) -> Result<(), JobError> {
    let corrections = spec.corrected.as_ref().map(|_| CORRECTIONS);
    for name in [spec.file.as_str()].into_iter().chain(corrections) {
        let path = to.file(name);
        std::fs::copy(from.file(name), &path).map_err(|source| JobError::File { path, source })?;
    }
    Ok(())
}

/// Opens the copy of an existing job, with the format and dialect that were found when the job was made, and with the
/// corrections that the job was made with.
pub(crate) fn open(folder: &JobFolder, spec: &SourceSpec) -> Result<Workbook, JobError> {
    let options = match &spec.dialect {
        Some(dialect) => dialect.to_options(),
        None => ReadOptions {
            format: Some(spec.format),
            ..ReadOptions::default()
        },
    };
    let workbook = Workbook::open(&folder.file(&spec.file), &options)?;
    Ok(workbook.corrected(&corrections_of(folder, spec)?))
}

/// Fails if the copy or its corrections cannot be read, or are no longer what the job was made from.
pub(crate) fn verify(folder: &JobFolder, spec: &SourceSpec) -> Result<(), JobError> {
    let path = folder.file(&spec.file);
    let changed = |detail: Fact| JobError::CopyChanged {
        path: path.clone(),
        detail,
    };
    let (sha256, _) = hash_of(&path).map_err(|error| changed(error.to_string().into()))?;
    if sha256 == spec.sha256 {
        corrections_of(folder, spec).map(|_| ())
    } else {
        Err(changed(Saying::ContentDiffers.into()))
    }
}

/// Returns a file's SHA-256, hexadecimal, and its size.
pub(crate) fn hash_of(path: &Path) -> std::io::Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            return Ok((hex(&digest.finalize()), bytes));
        }
        digest.update(buffer.get(..length).unwrap_or_default());
        bytes += length as u64;
    }
}

fn copy_pieces(
    incoming: &Incoming,
    to: &Path,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<(String, u64), JobError> {
    let failed = |source| JobError::File {
        path: to.to_path_buf(),
        source,
    };
    let mut file = private_options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(to)
        .map_err(failed)?;
    let mut digest = Sha256::new();
    let mut bytes = 0_u64;
    while let Some(piece) = incoming.next(stop)? {
        digest.update(&piece);
        file.write_all(&piece).map_err(failed)?;
        bytes += piece.len() as u64;
        monitor.advance(Task::Copy, piece.len() as u64);
    }
    file.sync_all().map_err(failed)?;
    Ok((hex(&digest.finalize()), bytes))
}

/// Returns bytes as hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn absolute(path: &Path) -> PathBuf {
    if path.as_os_str() == STANDARD_INPUT {
        return path.to_path_buf();
    }
    whole_path(path)
}
