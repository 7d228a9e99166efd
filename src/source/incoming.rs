//! Bytes of a source that may never come or never end: a pipe without a writer, a terminal on which nobody types, a
//! device.
//!
//! Neither a read nor the opening of a pipe can be interrupted. So both happen in a thread of their own. When a stop is
//! requested, that thread is left behind, and the process ends without it. The invariant: a stop is looked for before
//! each piece of bytes, and several times a second while none comes.

use std::fs::File;
use std::io;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use tempfile::TempPath;

use crate::job::error::JobError;
use crate::model::{Monitor, Stop, Task};
use crate::table::TableError;

/// The size of a piece in bytes, and how many pieces may wait.
const PIECE: usize = 1 << 18;
const PIECES: usize = 4;

/// How often a stop is looked for while nothing comes.
const LOOK: Duration = Duration::from_millis(50);

/// The name that stands for standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// A source that is being read by a thread.
pub(crate) struct Incoming {
    path: PathBuf,
    pieces: Receiver<io::Result<Vec<u8>>>,
}

impl Incoming {
    /// Begins to read a file, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> Self {
        let (sender, pieces) = bounded(PIECES);
        let path = path.to_path_buf();
        let source = path.clone();
        std::thread::spawn(move || {
            if let Err(error) = send(&source, &sender) {
                // Fails only after a stop, and then nobody waits for the error.
                let _ = sender.send(Err(error));
            }
        });
        Self { path, pieces }
    }

    /// Returns the next bytes; `None` at the end, [`JobError::StoppedInPlan`] when a stop is requested.
    pub(crate) fn next(&self, stop: &Stop) -> Result<Option<Vec<u8>>, JobError> {
        loop {
            if stop.is_requested() {
                return Err(JobError::StoppedInPlan);
            }
            match self.pieces.recv_timeout(LOOK) {
                Ok(Ok(piece)) => return Ok(Some(piece)),
                Ok(Err(error)) => return Err(TableError::from_io(&self.path, error).into()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

fn send(path: &Path, pieces: &Sender<io::Result<Vec<u8>>>) -> io::Result<()> {
    let mut source: Box<dyn Read> = if path.as_os_str() == STANDARD_INPUT {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    loop {
        let mut piece = vec![0; PIECE];
        match source.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => {
                piece.truncate(length);
                if pieces.send(Ok(piece)).is_err() {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A source that can be read more than once: the file itself, or a copy of a pipe.
pub(crate) struct AtHand {
    /// The file to read.
    pub(crate) path: PathBuf,
    /// The temporary copy, which is deleted with this value.
    _copy: Option<TempPath>,
}

impl AtHand {
    /// Copies standard input (`-`), a pipe or a device to a temporary file; a file is used where it is.
    pub(crate) fn of(path: &Path, monitor: &dyn Monitor, stop: &Stop) -> Result<Self, JobError> {
        let is_plain = path.as_os_str() != STANDARD_INPUT
            && !std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if is_plain {
            return Ok(Self {
                path: path.to_path_buf(),
                _copy: None,
            });
        }
        let failed = |source| JobError::File {
            path: std::env::temp_dir(),
            source,
        };
        let mut copy = tempfile::Builder::new()
            .prefix("ferry-")
            .tempfile()
            .map_err(failed)?;
        monitor.start_task(Task::Copy, None);
        let incoming = Incoming::open(path);
        while let Some(piece) = incoming.next(stop)? {
            copy.write_all(&piece).map_err(failed)?;
            monitor.advance(Task::Copy, piece.len() as u64);
        }
        monitor.finish_task(Task::Copy);
        let copy = copy.into_temp_path();
        Ok(Self {
            path: copy.to_path_buf(),
            _copy: Some(copy),
        })
    }
}
