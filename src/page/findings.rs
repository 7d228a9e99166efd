//! What was found out about jobs, and about sheets by which customers are to be deleted, since the start of the program:
//! previews of what would be taken away, and verifications. A restart forgets it, and it can be found out again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::pipeline::RemovalReport;
use crate::pipeline::verify::VerifyReport;
use crate::plan::preview::Preview;

/// The most findings that are remembered.
const MOST: usize = 50;

/// Something that was found out about a job.
#[derive(Debug, Clone)]
pub(super) enum JobFinding {
    /// What taking the job back would do; with `force` also to customers that somebody has changed since.
    Undo { force: bool, report: RemovalReport },
    /// What deleting the customers that the job has added, or that a sheet names, would do.
    Delete(RemovalReport),
    /// Whether what the job wrote is stored.
    Verify(VerifyReport),
}

impl JobFinding {
    /// Returns what taking customers away would do.
    pub fn preview(&self) -> Option<&Preview> {
        match self {
            Self::Undo { report, .. } | Self::Delete(report) => report.preview.as_ref(),
            Self::Verify(_) => None,
        }
    }
}

/// What was found out about jobs, the newest last.
#[derive(Debug, Default)]
pub(super) struct JobFindings {
    /// Each beside what it is about: the name of a job, or of an upload.
    all: Mutex<Vec<(String, Arc<JobFinding>)>>,
}

impl JobFindings {
    fn lock(&self) -> MutexGuard<'_, Vec<(String, Arc<JobFinding>)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a finding. What was found out in the same way before is forgotten.
    pub fn keep(&self, about: &str, finding: JobFinding) {
        let mut all = self.lock();
        let kind = std::mem::discriminant(&finding);
        all.retain(|(its, old)| its != about || std::mem::discriminant(&**old) != kind);
        all.push((about.to_owned(), Arc::new(finding)));
        let too_many = all.len().saturating_sub(MOST);
        all.drain(..too_many);
    }

    /// Returns the finding about a job or an upload that `wanted` picks.
    pub fn find(
        &self,
        about: &str,
        wanted: impl Fn(&JobFinding) -> bool,
    ) -> Option<Arc<JobFinding>> {
        let all = self.lock();
        let mut its = all.iter().filter(|(its, _)| its == about);
        let found = its.find(|(_, finding)| wanted(finding));
        found.map(|(_, finding)| finding.clone())
    }

    /// Forgets everything about a job or an upload, because it was changed.
    pub fn forget(&self, about: &str) {
        self.lock().retain(|(its, _)| its != about);
    }
}
