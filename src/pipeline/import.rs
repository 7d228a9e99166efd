//! `ferry import`: plans a file, asks, sends and answers, in one command.

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::report::Report;
use crate::plan;
use crate::plan::import::ImportRequest;
use crate::plan::preview::Confirm;
use crate::results::result as results;
use crate::send::run as send;

/// Imports a file. `confirm` is shown what would happen, and ends the command by an error; it is not called when there
/// is nothing to send.
pub fn import(
    request: &ImportRequest,
    context: &Context,
    confirm: Confirm<'_>,
) -> Result<Report, JobError> {
    // Dropped before it is confirmed, the plan throws its job away.
    let plan = plan::import::import(request, context)?;
    if plan.may_send()? {
        confirm(&plan.preview(request.send.limit, context)?)?;
    }
    let job = plan.confirm(context)?;
    let ended = send::run(job, &request.send, context)?;
    results::answer(ended, context)
}
