//! What an export's job keeps besides its outcome, for its report: when calls were made, and what was counted. The pages
//! that could tell are deleted with the export's end.

use serde::{Deserialize, Serialize};

use super::spec::{load, save};
use super::tally::CountedWords;
use crate::job::error::JobError;
use crate::journal::JobFolder;
use crate::model::PaceCounts;
use crate::source::manifest::Manifest;

/// The file of the job's folder.
const FILE: &str = "facts.json";

/// What an export's job keeps of its runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExportFacts {
    /// The calls of all runs over time.
    pub pace: PaceCounts,
    /// What was written; `None` while there is no file.
    pub written: Option<WrittenFacts>,
}

/// What an export has written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct WrittenFacts {
    /// The manifest, which may lie beside the file no longer. That of standard output names no file.
    pub manifest: Manifest,
    /// The customers by the month of their creation; blank where it is not known.
    pub months: Vec<(String, u64)>,
    /// The customers by source, level and owner.
    pub tallies: Vec<CountedWords>,
}

impl ExportFacts {
    /// Adds what a run has done to what the job keeps.
    pub(super) fn add(
        folder: &JobFolder,
        pace: &PaceCounts,
        written: Option<WrittenFacts>,
    ) -> Result<(), JobError> {
        let mut facts = Self::load(folder)?;
        facts.pace.add(pace);
        facts.written = written;
        save(&facts, folder, FILE)
    }

    /// Reads the facts of a job; blank where no run has come to its end.
    pub(crate) fn load(folder: &JobFolder) -> Result<Self, JobError> {
        if folder.file(FILE).is_file() {
            load(folder, FILE)
        } else {
            Ok(Self::default())
        }
    }
}
