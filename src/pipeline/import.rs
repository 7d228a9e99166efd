//! `ferry import`: plan and apply in one.

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::report::Report;
use crate::plan;
use crate::plan::import::ImportRequest;
use crate::plan::preview::Confirm;
use crate::results::result as results;
use crate::send::run as send;

/// Imports a file. `confirm` sees what would happen and says whether it may.
pub fn import(
    request: &ImportRequest,
    context: &Context,
    confirm: Confirm<'_>,
) -> Result<Report, JobError> {
    // The job is thrown away again unless it is confirmed.
    let plan = plan::import::import(request, context)?;
    if plan.may_send()? {
        confirm(&plan.preview(request.send.limit, context)?)?;
    }
    let job = plan.confirm(context)?;
    let ended = send::run(job, &request.send, context)?;
    results::answer(ended, context)
}
