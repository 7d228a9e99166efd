//! `ferry export`: all customers, or those of a filter, into a file that can be trusted.
//!
//! 1. Lock the export's name for this process, so that two runs do not overlap.
//! 2. Read the account's fields; resolve the request; make sure that the target can be written.
//! 3. Read the list onto the disk until it is complete, or as often as is allowed ([`crate::lookup::listing`]).
//! 4. Write the file, and compare it with an older one on the way.
//! 5. Put file and manifest in their places, and delete old ones.
//!
//! A run that was stopped or killed is resumed from the pages on the disk. A file that could not be written costs no
//! further call: its pages stay until it is written.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use crate::crm::{CallError, Class, problem_of};
use crate::export::columns::ExportLayout;
use crate::export::diff::changes::Comparison;
use crate::export::diff::compare;
use crate::export::diff::file::ExportFile;
use crate::export::facts::{ExportFacts, WrittenFacts};
use crate::export::keep::KeepPolicy;
use crate::export::request::ExportRequest;
use crate::export::spec::{ExportFormat, ExportOutcome, ExportSpec, Filter};
use crate::export::summary::{Counted, whose};
use crate::export::tally::Tally;
use crate::export::write::{Output, SpooledCustomers, WrittenFile};
use crate::export::{keep, names, request, summary, write};
use crate::job::context::Context;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::journal::{Baseline, Effort, JobFolder, JobLock, SeenCounts, SeenOwners, Spool};
use crate::lookup::listing::options::{Completeness, ListEnd, ListOptions};
use crate::lookup::listing::whole_list;
use crate::lookup::listing::whole_list::Listing;
use crate::model::{Code, JobId, Monitor, Problem};
use crate::source::copy;
use crate::source::manifest::{ChangeCounts, ListFacts, Manifest};
use crate::table::{TableError, TableWriter};

/// The file of the job's folder that holds the pages of the list.
const SPOOL: &str = "spool.db";

/// The keys of the job's cost in its spool.
const CALLS: &str = "calls";
const ELAPSED: &str = "elapsed_ms";

/// The result of an export.
#[derive(Debug, Clone)]
pub struct ExportReport {
    /// The job.
    pub job: JobId,
    /// The number of customers in the file; while there is no file, of those on the disk.
    pub customers: u64,
    /// Whether the file is complete; `None` while there is no file.
    pub complete: Option<bool>,
    /// The file.
    pub file: Option<PathBuf>,
    /// The manifest beside the file.
    pub manifest: Option<PathBuf>,
    /// How the list was read.
    pub list: ListFacts,
    /// The differences from the older export, if one was compared.
    pub changes: Option<ChangeCounts>,
    /// The number of old exports that were deleted.
    pub deleted: u64,
    /// Calls of all runs, retries included.
    pub calls: u64,
    /// Time of all runs.
    pub elapsed: Duration,
    /// Why the last run ended.
    pub end: End,
}

impl ExportReport {
    /// Returns the exit code of product.md: 7 refused, 5 stopped, 4 incomplete, 0 complete.
    pub fn exit_code(&self) -> u8 {
        match (&self.end, self.complete) {
            (End::Refused(_), _) => 7,
            (End::Finished, Some(true)) => 0,
            (End::Finished, _) => 4,
            _ => 5,
        }
    }
}

/// Exports customers. `tell_job` is told the job as soon as it is kept.
pub fn export(
    request: &ExportRequest,
    context: &Context,
    tell_job: impl FnOnce(&JobId),
) -> Result<ExportReport, JobError> {
    let began = Instant::now();
    let _name = lock_name(&request.lock_name(), &request.shown_target(), context)?;
    let _file = lock_file(request.job.output.as_deref(), context)?;
    request::check_target(request.job.output.as_deref())?;
    let id = request.job.job_id("export");
    let (folder, lock) = context.state.create_job(&id)?;
    let first = request::resolve_where(request, &folder, context).and_then(|spec| {
        spec.save(&folder)?;
        tell_job(folder.id());
        let options = list_options(&spec, request.job.run.concurrency);
        let spool = Spool::open(&folder.file(SPOOL))?;
        // Nothing is on the disk when this fails, so the job is thrown away.
        match Listing::begin(spool, &options, context) {
            Ok(listing) => Ok((spec, listing.into_spool())),
            Err(error) => Err(unsearchable(error, &spec)),
        }
    });
    match first {
        Ok((spec, spool)) => {
            let run = ExportRun {
                folder: &folder,
                spec: &spec,
                context,
                concurrency: request.job.run.concurrency,
                began,
            };
            let report = run.execute(spool)?;
            drop(lock);
            if report.complete.is_some() {
                discard_superseded(&folder, &spec, context);
            }
            Ok(report)
        }
        Err(error) => {
            // An error here would hide the error for which the export ends.
            let _ = folder.discard(lock);
            Err(error)
        }
    }
}

/// Resumes a stopped export.
pub fn resume_export(
    folder: &JobFolder,
    concurrency: usize,
    context: &Context,
) -> Result<ExportReport, JobError> {
    let began = Instant::now();
    let _lock = folder.lock()?;
    let spec = ExportSpec::load(folder)?;
    if ExportOutcome::load(folder)?.is_some() {
        return Err(JobError::Finished(folder.id().clone()));
    }
    let shown = spec
        .target
        .as_ref()
        .map_or_else(String::new, |path| path.display().to_string());
    let _name = lock_name(
        &request::lock_name(&spec.account, &spec.pattern),
        &shown,
        context,
    )?;
    let _file = lock_file(spec.target.as_deref(), context)?;
    request::check_target(spec.target.as_deref())?;
    let spool = Spool::open(&folder.file(SPOOL))?;
    let run = ExportRun {
        folder,
        spec: &spec,
        context,
        concurrency,
        began,
    };
    run.execute(spool)
}

/// The state of an export's job.
#[derive(Debug, Clone)]
pub struct ExportState {
    /// The account of the customers.
    pub account: crate::job::account::Account,
    /// The path of the file; `None` for standard output.
    pub target: Option<PathBuf>,
    /// When the export began, in Unix seconds.
    pub created: i64,
    /// How calls are made.
    pub run: Option<crate::job::run_settings::RunSettings>,
    /// IANA name of the zone in which times are shown.
    pub timezone: String,
    /// The outcome; `None` while the export is not finished.
    pub outcome: Option<ExportOutcome>,
    /// The number of customers on the disk.
    pub spooled: u64,
}

/// Reads the state of an export from its job's folder.
pub fn export_state(folder: &JobFolder) -> Result<ExportState, JobError> {
    let spec = ExportSpec::load(folder)?;
    let outcome = ExportOutcome::load(folder)?;
    let path = folder.file(SPOOL);
    let spooled = if path.is_file() {
        Spool::open(&path)?.seen()?.living()
    } else {
        0
    };
    Ok(ExportState {
        account: spec.account,
        target: spec.target,
        created: spec.created,
        run: spec.run,
        timezone: spec.timezone,
        outcome,
        spooled,
    })
}

/// Turns a refusal of a filtered list, other than of the account, into an error about the filter.
fn unsearchable(error: JobError, spec: &ExportSpec) -> JobError {
    match (error, &spec.filter) {
        (JobError::Call(error), Some(filter)) if error.class == Class::Refused => {
            let problem = problem_of(Code::NotSearchableField, &error);
            JobError::Input(vec![problem.with("field", &filter.label)])
        }
        (other, _) => other,
    }
}

fn lock_name(name: &str, shown: &str, context: &Context) -> Result<JobLock, JobError> {
    context
        .state
        .lock_export(name)
        .map_err(|error| match error {
            crate::journal::JournalError::Busy(_) => JobError::ExportBusy(shown.to_owned()),
            other => other.into(),
        })
}

fn lock_file(target: Option<&Path>, context: &Context) -> Result<Option<JobLock>, JobError> {
    let lock = |path: &Path| {
        let name = request::file_lock_name(path);
        lock_name(&name, &path.display().to_string(), context)
    };
    target.map(lock).transpose()
}

/// Throws away unfinished exports of the same name, which a newer one has made useless.
fn discard_superseded(folder: &JobFolder, spec: &ExportSpec, context: &Context) {
    let Ok(jobs) = context.state.jobs() else {
        return;
    };
    for job in jobs.into_iter().filter(|job| job.id() != folder.id()) {
        let is_same = ExportSpec::load(&job)
            .is_ok_and(|other| other.account == spec.account && other.pattern == spec.pattern);
        if is_same
            && spec.target.is_some()
            && matches!(ExportOutcome::load(&job), Ok(None))
            && let Ok(lock) = job.lock()
        {
            // A job that cannot be thrown away now is thrown away by the next export.
            let _ = job.discard(lock);
        }
    }
}

fn list_options(spec: &ExportSpec, concurrency: usize) -> ListOptions {
    ListOptions {
        condition: spec.filter.as_ref().map(Filter::condition),
        page_size: spec.page_size,
        concurrency,
        max_passes: spec.max_passes,
        zone: zone_of(&spec.timezone),
    }
}

fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}

/// A run of an export.
struct ExportRun<'a> {
    folder: &'a JobFolder,
    spec: &'a ExportSpec,
    context: &'a Context,
    concurrency: usize,
    began: Instant,
}

impl ExportRun<'_> {
    fn execute(&self, spool: Spool) -> Result<ExportReport, JobError> {
        let options = list_options(self.spec, self.concurrency);
        let before = cost(&spool)?;
        let mut listing = Listing::begin(spool, &options, self.context)?;
        let end = listing.read();
        let mut spool = listing.into_spool();
        let cost = self.spend(&mut spool, before)?;
        match end? {
            ListEnd::Read(verdict) => match self.write(&mut spool, verdict, cost) {
                Err(JobError::StoppedInPlan) => self.stopped(&spool, cost, End::Stopped),
                written => {
                    drop(spool);
                    if written.is_ok() {
                        self.forget_pages();
                    }
                    written
                }
            },
            ListEnd::Stopped => self.stopped(&spool, cost, End::Stopped),
            ListEnd::Failed(error) => self.stopped(&spool, cost, end_of(error)),
        }
    }

    /// Notes in the spool what the runs so far have cost, this one included. Returns the cost.
    fn spend(&self, spool: &mut Spool, before: Effort) -> Result<Effort, JobError> {
        let cost = Effort {
            calls: before.calls + self.context.monitor.calls(),
            elapsed: before.elapsed + self.began.elapsed(),
        };
        spool.set_meta(CALLS, &cost.calls.to_string())?;
        spool.set_meta(ELAPSED, &cost.elapsed.as_millis().to_string())?;
        Ok(cost)
    }

    fn stopped(&self, spool: &Spool, cost: Effort, end: End) -> Result<ExportReport, JobError> {
        let Effort { calls, elapsed } = cost;
        let seen = spool.seen()?;
        self.keep_facts(None);
        Ok(ExportReport {
            job: self.folder.id().clone(),
            customers: seen.living(),
            complete: None,
            file: None,
            manifest: None,
            list: list_facts(spool, seen, &WrittenFile::default())?,
            changes: None,
            deleted: 0,
            calls,
            elapsed,
            end,
        })
    }

    fn write(
        &self,
        spool: &mut Spool,
        verdict: Completeness,
        cost: Effort,
    ) -> Result<ExportReport, JobError> {
        let Effort { calls, elapsed } = cost;
        let (spec, lang) = (self.spec, self.context.lang);
        let complete = verdict == Completeness::Complete;
        let target = spec.target.as_ref().map(|target| {
            if complete {
                target.clone()
            } else {
                names::incomplete(target, lang)
            }
        });
        let unwritten_at = |path: PathBuf, error: &TableError| JobError::ExportUnwritten {
            path,
            detail: error.detail(),
            job: self.folder.id().clone(),
        };
        let unwritten =
            |error: TableError| unwritten_at(target.clone().unwrap_or_else(|| "-".into()), &error);
        let beside = target.as_deref().and_then(Path::parent);
        let temporary = beside.unwrap_or_else(|| self.folder.path());
        let census = spool.census()?;
        let layout = ExportLayout::new(spec.column_choice(), &whole_list::digest_of(spool)?);
        let mut comparison = self.comparison(&layout)?;
        let mut output = Output::create(spec, temporary).map_err(unwritten)?;
        let written = write::write_customers(
            SpooledCustomers {
                spool,
                living: census.counts.living(),
            },
            &layout,
            spec,
            &mut output,
            comparison.as_mut(),
            self.context,
        );
        let written = written.map_err(|error| as_unwritten(error, unwritten))?;
        if let Some(comparison) = &mut comparison {
            comparison.finish()?;
        }
        let mut manifest = self.manifest(spool, census.counts, &layout, &written, complete)?;
        manifest.api_calls = calls;
        manifest.elapsed_s = elapsed.as_secs_f64();
        manifest.changes = comparison
            .as_ref()
            .map(|comparison| comparison.counts().clone());
        if let Output::Table(writer) = &mut output
            && spec.format == ExportFormat::Xlsx
        {
            self.write_beside(
                writer.as_mut(),
                &manifest,
                &Counted {
                    months: &census.months,
                    tallies: &written.tallies,
                },
                comparison.as_ref(),
            )
            .map_err(|error| as_unwritten(error, unwritten))?;
        }
        let mut facts = WrittenFacts {
            manifest: manifest.clone(),
            months: census.months.clone(),
            tallies: written.tallies.0.iter().map(Tally::words).collect(),
        };
        self.tell(&written);
        if complete {
            self.learn_owners(&written);
        }
        let Some(target) = &target else {
            let written = output.finish_into(&mut std::io::stdout().lock());
            written.or_else(reader_gone).map_err(unwritten)?;
            return self.done(None, facts);
        };
        if let Some(comparison) = comparison.filter(|_| spec.format != ExportFormat::Xlsx) {
            compare::write_changes(&comparison, &names::changes(target, lang), lang)?;
        }
        output.finish(target).map_err(unwritten)?;
        let (sha256, bytes) =
            copy::hash_of(target).map_err(|error| unwritten(TableError::from_io(target, error)))?;
        manifest.sha256 = sha256;
        manifest.bytes = bytes;
        manifest.file = target
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let written = manifest.write(target);
        written.map_err(|error| unwritten_at(Manifest::path_of(target), &error))?;
        facts.manifest = manifest;
        self.done(Some(target), facts)
    }

    /// Writes the sheets of a workbook beside the customers.
    fn write_beside(
        &self,
        writer: &mut dyn TableWriter,
        manifest: &Manifest,
        counted: &Counted<'_>,
        comparison: Option<&Comparison>,
    ) -> Result<(), JobError> {
        let lang = self.context.lang;
        if let Some(comparison) = comparison {
            compare::write_sheet(comparison, writer, lang)?;
        }
        let whose = whose(&self.spec.account, lang);
        summary::write_summary(writer, manifest, counted, &whose, lang)?;
        summary::write_hidden(writer, manifest)
    }

    /// Ends the export: saves the job's outcome and deletes old files.
    fn done(&self, target: Option<&Path>, facts: WrittenFacts) -> Result<ExportReport, JobError> {
        let manifest = facts.manifest.clone();
        let elapsed = Duration::from_secs_f64(manifest.elapsed_s);
        let outcome = ExportOutcome {
            file: target.map(Path::to_path_buf),
            customers: manifest.customers,
            complete: manifest.complete,
            calls: manifest.api_calls,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            sha256: target.map(|_| manifest.sha256.clone()),
        };
        outcome.save(self.folder)?;
        let policy = KeepPolicy {
            keep: self.spec.keep,
            monthly: self.spec.keep_monthly,
        };
        let deleted = match target {
            // An incomplete export never causes a deletion.
            Some(target) if manifest.complete => {
                keep::prune(target, &manifest, policy, self.context.monitor.as_ref())
            }
            _ => 0,
        };
        self.keep_facts(Some(facts));
        Ok(ExportReport {
            job: self.folder.id().clone(),
            customers: manifest.customers,
            complete: Some(manifest.complete),
            file: target.map(Path::to_path_buf),
            manifest: target.map(Manifest::path_of),
            list: manifest.list,
            changes: manifest.changes,
            deleted,
            calls: manifest.api_calls,
            elapsed,
            end: End::Finished,
        })
    }

    /// Keeps what a report needs. Where that fails, the export stands all the same, and a report of it says less.
    fn keep_facts(&self, written: Option<WrittenFacts>) {
        let _ = ExportFacts::add(self.folder, &self.context.monitor.pace(), written);
    }

    /// Reads the older export and makes it ready for the comparison.
    fn comparison(&self, layout: &ExportLayout<'_>) -> Result<Option<Comparison>, JobError> {
        let Some(path) = &self.spec.compare else {
            return Ok(None);
        };
        let old = ExportFile::open(&request::baseline_in(self.folder, path))?;
        let baseline = Baseline::create(&self.folder.file("baseline.db"))?;
        Comparison::with(&old, &layout.field_columns(), baseline).map(Some)
    }

    fn manifest(
        &self,
        spool: &Spool,
        seen: SeenCounts,
        layout: &ExportLayout<'_>,
        written: &WrittenFile,
        complete: bool,
    ) -> Result<Manifest, JobError> {
        let spec = self.spec;
        let zone = zone_of(&spec.timezone);
        let local = |moment: jiff::Timestamp| {
            let moment = jiff::ZonedDateTime::new(moment, zone.clone());
            moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
        };
        let began = jiff::Timestamp::from_second(spec.created).unwrap_or_default();
        let (kind, version) = Manifest::head();
        Ok(Manifest {
            kind,
            version,
            file: String::new(),
            sha256: String::new(),
            bytes: 0,
            pattern: spec.pattern.clone(),
            complete,
            customers: written.customers,
            account: spec.account.key.clone(),
            profile: spec.account.profile.clone(),
            job: spec.id.to_string(),
            started: local(began),
            ended: local(jiff::Timestamp::now()),
            timezone: spec.timezone.clone(),
            filter: spec.filter.as_ref().map(request::filter_text),
            list: list_facts(spool, seen, written)?,
            api_calls: 0,
            elapsed_s: 0.0,
            cut_cells: written.cut_cells,
            plain_csv: spec.format == ExportFormat::Csv && !spec.for_excel,
            columns: layout.field_columns(),
            compared_with: spec.compare.as_ref().map(|path| path.display().to_string()),
            changes: None,
        })
    }

    /// Tells the person what is remarkable about the customers that were written.
    fn tell(&self, written: &WrittenFile) {
        let monitor = self.context.monitor.as_ref();
        let counted = |code, count: u64| Problem::new(code).with("count", count.to_string());
        if written.cut_cells > 0 {
            monitor.notice(&counted(Code::TextsCut, written.cut_cells));
        }
        if written.not_matching > 0 {
            monitor.notice(&counted(Code::NotMatching, written.not_matching));
        }
    }

    /// Keeps which owners the whole list of the account has shown. An incomplete list and a filtered one would miss
    /// owners and count too few customers, so they teach nothing.
    fn learn_owners(&self, written: &WrittenFile) {
        let spec = self.spec;
        if spec.filter.is_some() || written.owners.is_empty() {
            return;
        }
        let (state, account) = (&self.context.state, &spec.account.key);
        let mut seen = SeenOwners::load(state, account);
        seen.learn(spec.created, &written.owners, &spec.owners);
        // The file is written all the same, and the next export learns again.
        let _ = seen.save(state, account);
    }

    /// Deletes the pages, which take much room and are not needed any more.
    fn forget_pages(&self) {
        let baseline = self.spec.compare.as_deref();
        let baseline = baseline.map(|path| request::baseline_in(self.folder, path));
        for path in baseline.iter().chain([&self.folder.file("baseline.db")]) {
            let _ = std::fs::remove_file(path);
            let _ = std::fs::remove_file(Manifest::path_of(path));
        }
        for end in ["", "-wal", "-shm"] {
            // A file that cannot be deleted now is deleted with the job.
            let _ = std::fs::remove_file(self.folder.file(&format!("{SPOOL}{end}")));
        }
    }
}

/// Turns an error of the table into one about the target.
fn as_unwritten(error: JobError, unwritten: impl Fn(TableError) -> JobError) -> JobError {
    match error {
        JobError::Table(error) => unwritten(error),
        other => other,
    }
}

/// Ignores that the reader of standard output has gone, as in `ferry export -o - | head`.
fn reader_gone(error: TableError) -> Result<(), TableError> {
    match error {
        TableError::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Err(other),
    }
}

fn end_of(error: CallError) -> End {
    if error.class.is_fatal() {
        End::Refused(error)
    } else {
        End::Unreachable(error)
    }
}

fn cost(spool: &Spool) -> Result<Effort, JobError> {
    Ok(Effort {
        calls: spool.number(CALLS)?.unwrap_or(0),
        elapsed: Duration::from_millis(spool.number(ELAPSED)?.unwrap_or(0)),
    })
}

fn list_facts(
    spool: &Spool,
    seen: SeenCounts,
    written: &WrittenFile,
) -> Result<ListFacts, JobError> {
    let counts = spool.counts(None)?;
    let passes = (1..=whole_list::MOST_PASSES).rev();
    let mut read = 0;
    for pass in passes {
        if !spool.pages(pass)?.is_empty() {
            read = pass;
            break;
        }
    }
    let count_at_start = whole_list::count_at_start(spool)?;
    // Customers beyond the count at the start were created since, whatever the clocks say.
    let beyond = (seen.before + seen.unsure).saturating_sub(count_at_start);
    Ok(ListFacts {
        page_size: whole_list::page_size_of(spool)?,
        passes: read,
        pages: counts.pages,
        repeats: counts.repeats,
        short_pages: counts.short_pages,
        count_at_start,
        count_least: counts.least,
        count_most: counts.most,
        created_meanwhile: beyond + seen.since - seen.since_gone,
        gone_meanwhile: seen.gone,
        not_matching: written.not_matching,
    })
}
