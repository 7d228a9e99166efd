//! `ferry delete`: customers by their `_id`, copied before they go.

use super::rehearsal::{RemovalReport, rehearse};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::model::Action;
use crate::plan::preview::{Confirm, preview};
use crate::plan::removal;
use crate::results::result as results;
use crate::send::run as send;

pub(crate) use crate::plan::removal::DeleteRequest;

/// Deletes customers. `confirm` sees how many and says whether it may.
pub fn delete(
    request: &DeleteRequest,
    context: &Context,
    confirm: Confirm<'_>,
) -> Result<RemovalReport, JobError> {
    // The job is thrown away again unless it is confirmed.
    let mut job = removal::delete(request, context)?;
    let preview = preview(&job.spec, &job.journal, None, context)?;
    if request.dry_run {
        return rehearse(job, preview, context);
    }
    if preview.rows(Action::Delete) > 0 {
        confirm(&preview)?;
    }
    job.open_for_sending()?;
    let ended = send::run(job, &request.send, context)?;
    Ok(RemovalReport::done(results::answer(ended, context)?))
}
