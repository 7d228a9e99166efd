//! The job that an address names, and what every screen asks of it.

use crate::face::failure::{Failure, exit};
use crate::journal::JobFolder;
use crate::model::{Code, JobId, Problem};
use crate::page::error::PageError;
use crate::page::visit::Visit;

/// Returns the job of a name in an address.
pub(super) fn find(visit: &Visit, name: &str) -> Result<JobFolder, PageError> {
    let id = JobId::parse(name).map_err(|_| PageError::NotFound)?;
    visit.shared.state.job(&id).map_err(|_| PageError::NotFound)
}

/// How long a look at a lock may take.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(20);

/// Fails while another process works on a job.
pub(super) fn require_free(folder: &JobFolder) -> Result<(), Failure> {
    // Somebody who looks whether the job is free holds its lock for that moment.
    let is_held = || {
        std::thread::sleep(MOMENT);
        folder.is_locked()
    };
    if folder.is_locked() && (0..5).all(|_| is_held()) {
        let problem = Problem::new(Code::JobBusy).with("job", folder.id().as_str());
        return Err(Failure::of(exit::BUSY, &problem));
    }
    Ok(())
}
