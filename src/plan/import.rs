//! Plans the import of a file: copies the file, resolves its columns and keys, and decides every row.
//!
//! Every row is decided before the first is sent. That costs seconds per million rows, against hours of quota. In
//! return a person sees the whole before anything is written. A plan that is not confirmed leaves nothing behind.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::open_job::{JobHold, OpenJob};
use crate::job::options::SendOptions;
use crate::job::request::JobRequest;
use crate::job::spec::{ImportOptions, JobSpec, Mode, SheetOptions, SourceSpec, stem_of};
use crate::job::unfinished::refuse_unfinished;
use crate::journal::{JobStatus, Note};
use crate::lookup::customers::Lookup;
use crate::model::{
    Code, Corrections, FieldOverride, JobId, JobKind, Monitor, Problem, Schema, Status,
};
use crate::plan::earlier::DoubtResolution;
use crate::plan::rows::RowPlanner;
use crate::results::result::require_fitting;
use crate::source::recalled_keys::RecalledKeys;
use crate::source::{copy, keys, manifest, mapping, recalled, sheets, stamp};
use crate::table::{ReadOptions, Workbook};

pub(crate) use crate::plan::preview::{Preview, guard_calls, preview};

/// What to import, and how: the request of `ferry import` and `ferry plan`.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The account, and how the job runs.
    pub job: JobRequest,
    /// The file; `-` is standard input.
    pub source: PathBuf,
    /// How the file's bytes are read.
    pub read: ReadOptions,
    /// The cells of the file that a person has corrected.
    pub corrections: Corrections,
    /// Which sheets, and how their columns are mapped.
    pub sheets: SheetOptions,
    /// How rows become calls.
    pub options: ImportOptions,
    /// How calls are sent.
    pub send: SendOptions,
    /// Settings of single fields.
    pub overrides: BTreeMap<String, FieldOverride>,
}

/// A job whose rows are decided and that nobody has confirmed. Dropping it deletes the job, unless the job was kept.
pub(crate) struct Plan {
    pub(crate) job: OpenJob,
    /// What a person has written into a result sheet about rows in doubt. Takes effect when the plan is confirmed.
    pub(crate) settled: Vec<DoubtResolution>,
    /// Whether more rows are invalid than `--max-errors` allows. Then nobody is asked now, and nothing is sent before
    /// `resume` has asked.
    pub(crate) has_too_many_errors: bool,
}

impl Plan {
    /// Whether a person must confirm: there is something to send, and nothing holds it back.
    pub(crate) fn may_send(&self) -> Result<bool, JobError> {
        Ok(self.job.has_work()? && !self.has_too_many_errors && !self.job.is_held_back()?)
    }

    /// Returns counts, calls and time of sending at most `limit` rows.
    pub(crate) fn preview(
        &self,
        limit: Option<u64>,
        context: &Context,
    ) -> Result<Preview, JobError> {
        preview(&self.job.spec, &self.job.journal, limit, context)
    }

    /// Keeps the job and allows it to be sent: a person has said yes, or there was nothing to ask for.
    pub(crate) fn confirm(mut self, context: &Context) -> Result<OpenJob, JobError> {
        if self.has_too_many_errors {
            // Nobody has confirmed the job: `resume` asks.
            self.job.journal.note(Note::Unconfirmed(true))?;
            self.job.open_for_sending()?;
            return Ok(self.job);
        }
        if !self.job.is_held_back()? {
            let ledger = &self.job.ledger;
            let mut settled = self.settled.iter();
            settled.try_for_each(|settling| settling.apply(ledger, context))?;
        }
        self.job.spec.save(self.job.folder())?;
        self.job.confirm()?;
        Ok(self.job)
    }
}

/// Plans the import of a file. Errors name the file as it was typed.
pub(crate) fn import(request: &ImportRequest, context: &Context) -> Result<Plan, JobError> {
    let id = request.job.job_id(&stem_of(&request.source));
    let hold = JobHold::begin(&id, context)?;
    // Errors name the file that a person knows, not the copy.
    plan_in(hold, request, context).map_err(|error| error.about(&request.source))
}

fn plan_in(hold: JobHold, request: &ImportRequest, context: &Context) -> Result<Plan, JobError> {
    let read = manifest::read_options(&request.source, &request.read);
    let (source, workbook) = copy::copy(&request.source, &read, hold.folder(), context)?;
    let (source, workbook) = copy::correct(source, workbook, &request.corrections, hold.folder())?;
    refuse_unfinished(&source, &request.job.account, hold.folder(), context)?;
    let spec = spec_of(request, hold.folder().id(), source, &workbook, context)?;
    require_fitting(&spec)?;
    let mut job = OpenJob::begin(hold, spec, context)?;
    let settled = decide_rows(&mut job, &workbook, &request.send, context);
    // The copy must be closed before a failed job deletes its folder.
    drop(workbook);
    let settled = settled?;
    let counts = job.journal.counts()?;
    job.invalid_rows = counts.status(Status::Invalid);
    let most = request.send.max_errors;
    let has_too_many_errors =
        most.is_some_and(|most| most.is_exceeded_in_all(job.invalid_rows, counts.total()));
    Ok(Plan {
        job,
        settled,
        has_too_many_errors,
    })
}

/// Returns the job's spec, with its fields, columns and keys resolved. Fails on any doubt about them.
fn spec_of(
    request: &ImportRequest,
    id: &JobId,
    source: SourceSpec,
    workbook: &Workbook,
    context: &Context,
) -> Result<JobSpec, JobError> {
    let monitor = context.monitor.as_ref();
    let schema = Schema::new(&context.crm.fields()?, &request.overrides);
    let state = Some(&context.state);
    let account = Some(request.job.account.key.as_str());
    let recalled =
        recalled::with_mapping(&request.sheets, workbook, state, account, &schema, monitor)?;
    let schema = mapping::schema_for(&recalled, schema)?;
    let sheet_options = SheetOptions {
        is_export: manifest::has_manifest(&request.source),
        only_updates: request.options.mode == Mode::Update,
        ..recalled
    };
    let sheets = sheets::resolve(
        workbook,
        &schema,
        &sheet_options,
        account,
        monitor,
        context.lang,
    )?;
    let mut options = request.options.clone();
    options.stamp = stamp::stamp_field(options.stamp.as_deref(), &schema, &sheets)?;
    let recalled = match options.mode {
        Mode::Auto | Mode::Update if options.key.is_empty() => {
            RecalledKeys::of(workbook, &sheets, state)?
        }
        _ => None,
    };
    if let Some(recalled) = &recalled {
        options.key.clone_from(&recalled.key);
        options.on_match = options.on_match.or(recalled.on_match);
        options.blank_key = recalled.blank_key.unwrap_or(options.blank_key);
    }
    let keys = keys::resolve(&options.key, &schema, &sheets)?;
    if recalled.is_some() {
        monitor.notice(&RecalledKeys::notice(&keys, &schema));
    }
    if keys.is_empty() && request.options.on_match.is_some() {
        return Err(JobError::Usage(Problem::new(Code::OnMatchWithoutKey)));
    }
    Ok(JobSpec {
        options,
        keys,
        ..JobSpec::begin(&request.job, id, JobKind::Import, source, sheets, schema)
    })
}

/// Decides every row beside what is stored, in place of any earlier decisions. Returns what a person has written about
/// rows in doubt.
pub(crate) fn decide_rows(
    job: &mut OpenJob,
    workbook: &Workbook,
    send: &SendOptions,
    context: &Context,
) -> Result<Vec<DoubtResolution>, JobError> {
    let OpenJob {
        spec,
        journal,
        ledger,
        hold,
        ..
    } = job;
    let folder = hold.folder().path();
    let mut lookup = Lookup::choose(spec, workbook, folder, send.concurrency, context)?;
    journal.set_status(JobStatus::Planning)?;
    journal.note(Note::Confirmed(false))?;
    let planner = RowPlanner {
        spec,
        ledger,
        timing: send.timing(),
        context,
        scratch: folder,
        concurrency: send.concurrency,
    };
    // A plan that a power cut takes away is made again: nothing of it was sent.
    journal.sync_commits(false)?;
    let settled = planner.plan(workbook, journal, &mut lookup);
    let synced = journal.sync_commits(true);
    let settled = settled?;
    synced?;
    let pages = lookup.as_ref().map_or(0, Lookup::pages);
    if lookup.is_some_and(|lookup| lookup.search_refused()) {
        journal.note(Note::SearchRefused)?;
    }
    if spec.unites_rows() {
        journal.note(Note::United(journal.united_rows()?))?;
    }
    let guard_calls = guard_calls(spec, journal, pages)?;
    journal.note(Note::GuardCalls(guard_calls))?;
    Ok(settled)
}
