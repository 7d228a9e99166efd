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

/// Fails while another process works on a job.
pub(super) fn require_free(folder: &JobFolder) -> Result<(), Failure> {
    if folder.is_locked() {
        let problem = Problem::new(Code::JobBusy).with("job", folder.id().as_str());
        return Err(Failure::of(exit::BUSY, &problem));
    }
    Ok(())
}
