//! Lines of text → a file that appears under its name only when it is whole.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{TableError, whole};

/// Writes a file line by line, such as JSON lines.
pub struct LinesWriter {
    folder: PathBuf,
    output: BufWriter<NamedTempFile>,
}

impl LinesWriter {
    /// Starts a file. The temporary file is made in `folder`, best the folder of the target: then it is renamed, not
    /// copied.
    pub fn create(folder: &Path) -> Result<Self, TableError> {
        Ok(Self {
            folder: folder.to_path_buf(),
            output: BufWriter::new(whole::new_temporary(folder)?),
        })
    }

    /// Writes a line, which must not hold a line break.
    pub fn write_line(&mut self, line: &str) -> Result<(), TableError> {
        let written = self.output.write_all(line.as_bytes());
        written
            .and_then(|()| self.output.write_all(b"\n"))
            .map_err(|source| TableError::writing(&self.folder, source))
    }

    /// Writes the whole file to `target`; after an error `target` is as it was.
    pub fn finish(self, target: &Path) -> Result<(), TableError> {
        let folder = self.folder.clone();
        let mut temporary = self.into_file()?;
        if folder == whole::folder_of(target) {
            return whole::put_in_place(temporary, target);
        }
        whole::write_whole(target, |file| {
            whole::copy(temporary.as_file_mut(), file, target)
        })
    }

    /// Writes the whole file to a stream, such as standard output.
    pub fn finish_into(self, output: &mut dyn Write) -> Result<(), TableError> {
        let folder = self.folder.clone();
        let mut temporary = self.into_file()?;
        whole::copy(temporary.as_file_mut(), output, &folder)
    }

    fn into_file(self) -> Result<NamedTempFile, TableError> {
        let folder = self.folder;
        let failed = |source: io::Error| TableError::writing(&folder, source);
        self.output
            .into_inner()
            .map_err(|error| failed(error.into_error()))
    }
}

/// Writes `bytes` to `target`; after an error `target` is as it was.
pub fn write_file(target: &Path, bytes: &[u8]) -> Result<(), TableError> {
    whole::write_whole(target, |file| {
        file.write_all(bytes)
            .map_err(|source| TableError::writing(target, source))
    })
}
