//! `ferry import`: plan and apply in one; and `ferry resume`, which is the second half alone.
//!
//! 1. Make the job's folder and copy the source into it.
//! 2. Read the account's fields, find sheets, header and columns.
//! 3. Decide every row.
//! 4. Show what would happen, and ask.
//! 5. Send.
//! 6. Write the result sheet.
//!
//! Every row is decided before the first is sent: that costs seconds for a million rows, against hours of
//! quota, and buys a look at the whole first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::apply::ApplyOptions;
use super::carry_out::{answer, carry_out};
use super::lookup::Lookup;
use super::reconcile::{self, Timing};
use super::report::{JobState, Report};
use super::rows::SourceRows;
use super::{
    Account, Context, End, ImportOptions, JobError, JobSpec, RunSettings, SPEC_VERSION,
    SheetOptions, export, is_unfinished, job_state, keys, plan, sheets, source, stamp, stem_of,
};
use crate::crm::ApiSettings;
use crate::journal::{self, JobFolder, Journal, JournalCounts, JournalError, Ledger, RowState};
use crate::mapping::Target;
use crate::model::{Action, Code, FieldOverride, JobId, Monitor, Problem, Schema, Status};
use crate::table::{ReadOptions, Workbook};

/// The journal's note on a job that stopped before anybody was asked whether it may write.
pub(super) const UNCONFIRMED: &str = "unconfirmed";

/// The journal's note on a job whose rows are compared once more before they are sent.
pub(super) const GUARDED: &str = "guarded";

/// The journal's note on a job that `ferry plan` has made.
pub(super) const IS_PLAN: &str = "is_plan";

/// The journal's note on a server that refuses to search by a key.
pub(super) const SEARCH_REFUSED: &str = "search_refused";

/// The journal's note on a job that somebody said yes to, with whatever is invalid in it.
const CONFIRMED: &str = "confirmed";

/// The journal's note on the job that took this one back.
pub(super) const UNDONE_BY: &str = "undone_by";

/// The journal's note on the calls that comparing once more takes.
pub(super) const GUARD_CALLS: &str = "guard_calls";

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The file; `-` is standard input.
    pub source: PathBuf,
    /// How its bytes are read.
    pub read: ReadOptions,
    /// Which sheets.
    pub sheets: SheetOptions,
    /// How rows become calls.
    pub options: ImportOptions,
    /// How calls are sent.
    pub apply: ApplyOptions,
    /// The account.
    pub account: Account,
    /// How its API is spoken to.
    pub api: ApiSettings,
    /// How calls are made, for whoever goes on with the job.
    pub run: RunSettings,
    /// Settings of single fields.
    pub overrides: BTreeMap<String, FieldOverride>,
    /// Where the result sheet goes; beside the source when absent.
    pub output: Option<PathBuf>,
    /// IANA zone in which times are shown.
    pub timezone: String,
    /// When the job began, as `yyyymmdd-hhmmss` in that zone.
    pub stamp: String,
    /// When the job began, in Unix seconds.
    pub created: i64,
}

/// What would happen, before anything does.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The job.
    pub job: JobId,
    /// The account.
    pub account: Account,
    /// Its rows as they were decided.
    pub counts: JournalCounts,
    /// Calls that sending costs, without retries.
    pub calls: u64,
    /// How long these calls take at the pace.
    pub time: Duration,
    /// The job that this one takes back.
    pub undoes: Option<JobId>,
    /// Rows of that job that were not sent yet, and will not be.
    pub abandons: u64,
    /// Whether rows are added that were not compared with what is stored, and nobody said that this is meant.
    pub unmatched: bool,
}

impl Preview {
    /// Rows that would be sent with an action.
    pub fn rows(&self, action: Action) -> u64 {
        self.counts
            .sum(|state, its| state == RowState::At(Status::Pending) && its == action)
    }
}

/// Imports a file. `confirm` sees what would happen and says whether it may.
pub fn import(
    request: &ImportRequest,
    context: &Context,
    confirm: &mut dyn FnMut(&Preview) -> Result<(), JobError>,
) -> Result<Report, JobError> {
    let began = Instant::now();
    let id = JobId::from_parts(&request.stamp, &stem_of(&request.source));
    let (folder, lock) = context.state.create_job(&id)?;
    let planned = plan_import(request, context, &folder).and_then(|planned| {
        let counts = planned.journal.counts()?;
        let too_many = request
            .apply
            .errors
            .decided(counts.status(Status::Invalid), counts.total());
        let asks = has_work(&planned.journal)? && !too_many;
        if asks && !held_back(&planned.journal, &planned.spec)? {
            let limit = request.apply.limit;
            confirm(&preview(&planned.spec, &planned.journal, limit, context)?)?;
        }
        Ok((planned, too_many))
    });
    // Errors name the file a person knows, not the copy.
    let planned = planned.map_err(|error| match error {
        JobError::Table(error) => JobError::Table(error.about(&request.source)),
        other => other,
    });
    let (mut planned, too_many) = match planned {
        Ok(planned) => planned,
        Err(error) => {
            // Nothing was sent, and the reason is what counts.
            let _ = folder.discard(lock);
            return Err(error);
        }
    };
    if too_many {
        // Nobody has been asked: `resume` does that.
        planned.journal.set_meta(UNCONFIRMED, "1")?;
    } else if !held_back(&planned.journal, &planned.spec)? {
        let settled = std::mem::take(&mut planned.settled);
        let applied = settled
            .iter()
            .try_for_each(|settling| settling.apply(&planned.ledger, context));
        if let Err(error) = applied {
            let _ = folder.discard(lock);
            return Err(error);
        }
    }
    if !too_many {
        confirmed(&mut planned.journal, &planned.spec)?;
    }
    planned.journal.set_meta("state", JobState::Open.as_str())?;
    carry_out(&folder, planned, &request.apply, context, began)
}

/// Goes on with a stopped job.
pub fn resume(
    folder: &JobFolder,
    options: &ApplyOptions,
    context: &Context,
) -> Result<Report, JobError> {
    let began = Instant::now();
    let lock = folder.lock()?;
    let spec = JobSpec::load(folder)?;
    let mut journal = Journal::open(folder)?;
    match job_state(&journal)? {
        JobState::Finished if !journal.has_doubts()? => {
            return Err(JobError::Finished(folder.id().clone()));
        }
        JobState::Planning => return Err(JobError::Undecided(folder.id().clone())),
        JobState::Planned => return Err(JobError::IsAPlan(folder.id().clone())),
        JobState::Finished | JobState::Open => {}
    }
    source::verify(folder, &spec.source)?;
    heal_ledger(context, &spec.account.key)?;
    if journal.meta(UNDONE_BY)?.is_some() {
        // Nothing of it is sent any more; what is in doubt is looked up.
        drop((journal, lock));
        reconcile::look_up_finished(folder, timing_of(options), context)?;
        let _lock = folder.lock()?;
        let mut journal = Journal::open(folder)?;
        return answer(folder, &spec, &mut journal, End::Finished, context);
    }
    let ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    journal.recover(&ledger)?;
    journal.set_meta("state", JobState::Open.as_str())?;
    journal.set_meta(UNCONFIRMED, "0")?;
    if !held_back(&journal, &spec)? {
        confirmed(&mut journal, &spec)?;
    }
    // Hours may have passed: what somebody has changed or added meanwhile is not written over.
    if spec.options.mode != super::Mode::Add && spec.undoes.is_none() && spec.command == "import" {
        journal.set_meta(GUARDED, "1")?;
    }
    if spec.command == "delete" {
        super::delete::copy_again(&spec, folder, &mut journal, options.concurrency, context)?;
    }
    let options = ApplyOptions {
        again: spec.options.again,
        ..options.clone()
    };
    let planned = Planned {
        spec,
        journal,
        ledger,
        settled: Vec::new(),
    };
    let report = carry_out(folder, planned, &options, context, began);
    drop(lock);
    report
}

/// What is left to be done of a job.
pub fn preview_of(
    folder: &JobFolder,
    options: &ApplyOptions,
    context: &Context,
) -> Result<Preview, JobError> {
    let (spec, journal) = (JobSpec::load(folder)?, Journal::read(folder)?);
    preview(&spec, &journal, options.limit, context)
}

/// What would happen with a job that `--max-errors` stopped before anybody was asked; `None` for any other.
pub fn unconfirmed(
    folder: &JobFolder,
    options: &ApplyOptions,
    context: &Context,
) -> Result<Option<Preview>, JobError> {
    let (spec, journal) = (JobSpec::load(folder)?, Journal::read(folder)?);
    if !is_unconfirmed(&journal)? {
        return Ok(None);
    }
    preview(&spec, &journal, options.limit, context).map(Some)
}

pub(super) fn is_unconfirmed(journal: &Journal) -> Result<bool, JobError> {
    Ok(journal.meta(UNCONFIRMED)?.as_deref() == Some("1"))
}

/// A ledger that forgot something learns it again, and a person hears of it.
pub(super) fn heal_ledger(context: &Context, account: &str) -> Result<(), JobError> {
    let healed = journal::heal_ledger(&context.state, account)?;
    if healed > 0 {
        let said = Problem::new(Code::LedgerHealed).with("count", healed.to_string());
        context.monitor.notice(&said);
    }
    Ok(())
}

pub(super) struct Planned {
    pub spec: JobSpec,
    pub journal: Journal,
    pub ledger: Ledger,
    /// What a result sheet says of rows that were in doubt.
    pub settled: Vec<plan::Settling>,
}

pub(super) fn timing_of(options: &ApplyOptions) -> Timing {
    Timing {
        settle: options.settle,
        timeout: options.timeout,
        may_touch: options.may_touch,
    }
}

pub(super) fn plan_import(
    request: &ImportRequest,
    context: &Context,
    folder: &JobFolder,
) -> Result<Planned, JobError> {
    let monitor = context.monitor.as_ref();
    let read = export::read_options(&request.source, &request.read);
    let (source, workbook) =
        source::copy(&request.source, &read, folder, (monitor, &context.stop))?;
    refuse_unfinished(&source, &request.account, context, folder)?;
    heal_ledger(context, &request.account.key)?;
    let schema = Schema::new(&context.crm.fields()?, &request.overrides);
    let schema = super::map::schema_for(&request.sheets, schema)?;
    for field in schema.unknown_types() {
        monitor.notice(
            &Problem::new(Code::UnknownType)
                .with("field", &field.label)
                .with("type", &field.type_name),
        );
    }
    let options = SheetOptions {
        is_export: export::has_manifest(&request.source),
        ..request.sheets.clone()
    };
    let sheets = sheets::resolve(
        &workbook,
        &schema,
        &options,
        Some(&request.account.key),
        (monitor, context.lang),
    )?;
    let mut options = request.options.clone();
    options.stamp = stamp::resolve(options.stamp.as_deref(), &schema, &sheets)?;
    let is_from_sheet = options.mode != super::Mode::Add
        && options.key.is_empty()
        && recall_keys(&mut options, &workbook, &sheets, context)?;
    let keys = keys::resolve(&options.key, &schema, &sheets)?;
    if is_from_sheet && options.mode != super::Mode::Add {
        let labels = keys::labels(&keys, &schema);
        monitor.notice(&Problem::new(Code::KeysOfSheet).with("keys", labels));
    }
    if keys.is_empty() && request.options.on_match.is_some() {
        return Err(JobError::Usage(Problem::new(Code::OnMatchWithoutKey)));
    }
    let spec = JobSpec {
        version: SPEC_VERSION,
        id: folder.id().clone(),
        command: "import".to_owned(),
        created: request.created,
        account: request.account.clone(),
        source,
        sheets,
        schema,
        options,
        keys,
        undoes: None,
        api: request.api.clone(),
        run: Some(request.run.clone()),
        output: request.output.clone(),
        timezone: request.timezone.clone(),
    };
    super::results::require_fitting(&spec)?;
    let mut journal = Journal::create(folder, &request.account.key)?;
    journal.set_meta("state", JobState::Planning.as_str())?;
    spec.save(folder)?;
    let ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    let timing = timing_of(&request.apply);
    let parts = (&mut journal, &ledger);
    let how = (timing, request.apply.concurrency);
    let settled = decide(&spec, &workbook, folder, parts, how, context)?;
    Ok(Planned {
        spec,
        journal,
        ledger,
        settled,
    })
}

/// By what the rows of a result sheet were recognised, and what was to become of those that are stored: as in the job that
/// it comes from, or as the workbook itself remembers. True when it says so.
fn recall_keys(
    options: &mut ImportOptions,
    workbook: &Workbook,
    sheets: &[super::SheetPlan],
    context: &Context,
) -> Result<bool, JobError> {
    let job_column = |sheet: &super::SheetPlan| {
        let mut columns = sheet.columns.columns.iter();
        columns
            .find(|column| column.target == Target::Job)
            .map(|column| column.column)
    };
    let mut jobs: BTreeSet<String> = BTreeSet::new();
    if sheets.iter().any(|sheet| job_column(sheet).is_some()) {
        let mut rows = SourceRows::new(workbook, sheets);
        while let Some(row) = rows.read_row()? {
            let column = sheets
                .get(usize::from(row.number.sheet))
                .and_then(job_column);
            if let Some(cell) = column.and_then(|column| row.cell(column))
                && !jobs.contains(cell.text.trim())
            {
                jobs.insert(cell.text.trim().to_owned());
            }
        }
    }
    let mut said: Option<(Vec<super::Key>, Option<super::OnMatch>, super::BlankKey)> = None;
    for job in jobs {
        let Ok(job) = JobId::parse(&job) else {
            continue;
        };
        let Ok(spec) = context
            .state
            .job(&job)
            .map_err(JobError::from)
            .and_then(|folder| JobSpec::load(&folder))
        else {
            continue;
        };
        let its = (spec.keys, spec.options.on_match, spec.options.blank_key);
        if said.as_ref().is_some_and(|said| *said != its) {
            return Err(JobError::Usage(Problem::new(Code::KeysDiffer)));
        }
        said = Some(its);
    }
    if let Some((keys, on_match, blank_key)) = said.filter(|(keys, ..)| !keys.is_empty()) {
        options.key = keys.iter().map(super::Key::to_text).collect();
        options.on_match = options.on_match.or(on_match);
        if blank_key != super::BlankKey::default() {
            options.blank_key = blank_key;
        }
        return Ok(true);
    }
    options.key = sheets::keys_of_sheet(workbook)?;
    Ok(!options.key.is_empty())
}

/// Decides every row beside what is stored.
pub(super) fn decide(
    spec: &JobSpec,
    workbook: &Workbook,
    folder: &JobFolder,
    (journal, ledger): (&mut Journal, &Ledger),
    (timing, concurrency): (Timing, usize),
    context: &Context,
) -> Result<Vec<plan::Settling>, JobError> {
    let mut lookup = Lookup::choose(spec, workbook, folder.path(), concurrency, context)?;
    // From here on the old decisions are gone.
    journal.set_meta("state", JobState::Planning.as_str())?;
    journal.set_meta(CONFIRMED, "0")?;
    let pages = lookup.as_ref().map_or(0, Lookup::pages);
    let how = (context, timing, lookup.as_mut());
    let settled = plan::plan(spec, workbook, journal, ledger, how)?;
    if lookup.is_some_and(|lookup| lookup.search_refused()) {
        journal.set_meta(SEARCH_REFUSED, "1")?;
    }
    let guard = guard_calls(spec, journal, pages)?;
    journal.set_meta(GUARD_CALLS, &guard.to_string())?;
    Ok(settled)
}

/// The calls that comparing all pending rows once more takes.
pub(super) fn guard_calls(spec: &JobSpec, journal: &Journal, pages: u64) -> Result<u64, JobError> {
    let counts = journal.counts()?;
    let pending =
        |action| counts.sum(|state, its| state == RowState::At(Status::Pending) && its == action);
    let keyed = if spec.matches_keys() {
        pending(Action::Add)
    } else {
        0
    };
    let undone = if spec.undoes.is_some() {
        pending(Action::Delete)
    } else {
        0
    };
    let singly = pending(Action::Update)
        + pending(Action::Restore)
        + undone
        + keyed * keys::searches(&spec.keys, &spec.schema);
    let by_list = if pages > 0 { pages } else { u64::MAX };
    // To know which is cheaper takes the first page.
    Ok(match singly {
        0 | 1 => singly,
        _ if by_list < singly => by_list,
        _ => singly + 1,
    })
}

/// A file whose job is unfinished is not imported anew: rows of that job may be on their way.
pub(super) fn refuse_unfinished(
    source: &super::SourceSpec,
    account: &Account,
    context: &Context,
    folder: &JobFolder,
) -> Result<(), JobError> {
    for job in context.state.jobs()? {
        if job.id() == folder.id() || discard_undecided(&job, &context.state.ledger_path())? {
            continue;
        }
        let Ok(spec) = JobSpec::load(&job) else {
            continue;
        };
        let same_path = spec.source.path == source.path && source.path.as_os_str() != "-";
        let same_file = spec.source.sha256 == source.sha256 || same_path;
        if spec.account.key == account.key && same_file && is_unfinished(&job)? {
            // A job that another process works on is busy, not waiting.
            drop(job.lock()?);
            return Err(JobError::Unfinished {
                job: job.id().clone(),
            });
        }
    }
    Ok(())
}

/// A run that died before it had decided anything has sent nothing: its folder goes. A folder that lost its
/// journal later is left as it is; one whose rows the ledger knows to have been claimed was put back from an older
/// copy, and nothing is imported until somebody has looked.
fn discard_undecided(job: &JobFolder, ledger: &Path) -> Result<bool, JobError> {
    let state = || {
        let journal = Journal::read(job).map_err(JobError::from);
        journal.and_then(|journal| job_state(&journal))
    };
    // A plan whose refresh was cut short can be refreshed again.
    let is_plan = Journal::read(job)
        .is_ok_and(|journal| journal.meta(IS_PLAN).is_ok_and(|is_plan| is_plan.is_some()));
    let undecided = (matches!(state(), Ok(JobState::Planning)) && !is_plan)
        || (!job.file("job.json").exists() && Journal::is_unmade(job));
    let Some(lock) = undecided.then(|| job.lock().ok()).flatten() else {
        return Ok(false);
    };
    let claimed = Ledger::seq_of(ledger, job.id())?;
    if claimed > 0 {
        return Err(JobError::Journal(JournalError::WentBack {
            path: job.file("journal.db"),
            journal: 0,
            side: claimed,
        }));
    }
    Ok(job.clone().discard(lock).is_ok())
}

pub(super) fn preview(
    spec: &JobSpec,
    journal: &Journal,
    limit: Option<u64>,
    context: &Context,
) -> Result<Preview, JobError> {
    // What was on its way when a process died is sent again, or looked up.
    let counts = journal.counts()?.running();
    let pending =
        |action| counts.sum(|state, its| state == RowState::At(Status::Pending) && its == action);
    // Rows that wait on another job are sent when that one turns out not to have added them.
    let waiting = journal.waiting_rows()?;
    let (adds, updates) = (pending(Action::Add) + waiting, pending(Action::Update));
    // An update that merges lists reads the customer once more before it writes.
    let update_calls = journal.meta(plan::UPDATE_CALLS)?;
    let update_calls = update_calls.and_then(|text| text.parse().ok());
    let update_calls: u64 = update_calls.unwrap_or(updates);
    let calls = adds + pending(Action::Delete) + pending(Action::Restore) + update_calls;
    let calls = limit.map_or(calls, |limit| {
        calls.min(limit * if update_calls > updates { 2 } else { 1 })
    });
    let guard = if journal.meta(GUARDED)?.is_some() {
        let guard = journal.meta(GUARD_CALLS)?;
        guard.and_then(|text| text.parse().ok()).unwrap_or(0)
    } else {
        0
    };
    let calls = calls + guard;
    Ok(Preview {
        job: spec.id.clone(),
        account: spec.account.clone(),
        undoes: spec.undoes.clone(),
        abandons: 0,
        calls,
        time: context.pace.estimate(calls),
        unmatched: adds > 0 && spec.options.mode == super::Mode::Auto && spec.keys.is_empty(),
        counts,
    })
}

/// Whether something is to be sent: in this run, or by `resume`, which does not ask.
pub(super) fn has_work(journal: &Journal) -> Result<bool, JobError> {
    Ok(journal.counts()?.status(Status::Pending) + journal.waiting_rows()? > 0)
}

pub(super) fn held_back(journal: &Journal, spec: &JobSpec) -> Result<bool, JobError> {
    // What the CRM brings up later holds nothing back.
    let is_confirmed = journal.meta(CONFIRMED)?.as_deref() == Some("1");
    Ok(spec.options.strict && !is_confirmed && journal.counts()?.status(Status::Invalid) > 0)
}

/// Notes that somebody has said yes, unless everything is held back.
pub(super) fn confirmed(journal: &mut Journal, spec: &JobSpec) -> Result<(), JobError> {
    if !held_back(journal, spec)? {
        journal.set_meta(CONFIRMED, "1")?;
    }
    Ok(())
}
