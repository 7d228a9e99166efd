//! `ferry delete`: deletes customers by their `_id`, each after it was copied.
//!
//! Plan (copies every customer), ask, send, answer. A job that is not confirmed is thrown away.

use super::rehearsal::{RemovalReport, rehearse};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::model::Action;
use crate::plan::preview::{Confirm, preview};
use crate::plan::removal;
use crate::results::result as results;
use crate::send::run as send;

pub(crate) use crate::plan::removal::DeleteRequest;

/// Deletes the customers of a file. `confirm` is shown how many, and ends the command by an error. A dry run deletes
/// nothing and keeps no job.
pub fn delete(
    request: &DeleteRequest,
    context: &Context,
    confirm: Confirm<'_>,
) -> Result<RemovalReport, JobError> {
    // Dropped before it is opened for sending, the job is thrown away.
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
