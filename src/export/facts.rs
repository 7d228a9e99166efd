//! What an export's job keeps of its runs besides its outcome, for those who look at the job later: how the list was
//! read, what was counted, how the latest run ended. The pages that could tell are deleted with the export's end.

use serde::{Deserialize, Serialize};

use super::spec::{load, save};
use super::tally::WordCounts;
use crate::job::context::Context;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::run_end::RunEnd;
use crate::journal::{Effort, JobFolder};
use crate::model::PaceCounts;
use crate::source::manifest::{ListFacts, Manifest};

/// The file of the job's folder.
const FILE: &str = "facts.json";

/// What an export's job keeps of its runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExportFacts {
    /// How the latest run ended.
    pub run: RunEnd,
    /// The calls of all runs over time.
    pub pace: PaceCounts,
    /// How the list was read.
    pub list: ListFacts,
    /// What all runs have cost.
    pub calls: u64,
    pub elapsed_ms: u64,
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
    pub tallies: Vec<WordCounts>,
}

impl ExportFacts {
    /// Makes the facts of a job whose run ends now.
    pub(crate) fn now(
        folder: &JobFolder,
        end: &End,
        (cost, list): (Effort, ListFacts),
        context: &Context,
    ) -> Result<Self, JobError> {
        let before = Self::load(folder)?;
        let (run, mut pace) = match before {
            Some(before) => (Some(before.run), before.pace),
            None => (None, PaceCounts::default()),
        };
        pace.add(&context.monitor.pace());
        Ok(Self {
            run: RunEnd::now(end, 0, run, context),
            pace,
            list,
            calls: cost.calls,
            elapsed_ms: u64::try_from(cost.elapsed.as_millis()).unwrap_or(u64::MAX),
            written: None,
        })
    }

    pub(super) fn save(&self, folder: &JobFolder) -> Result<(), JobError> {
        save(self, folder, FILE)
    }

    /// Reads the facts of a job; `None` where no run has come to its end.
    pub(crate) fn load(folder: &JobFolder) -> Result<Option<Self>, JobError> {
        if folder.file(FILE).is_file() {
            load(folder, FILE).map(Some)
        } else {
            Ok(None)
        }
    }
}
