//! Takes a job back, or deletes the customers that it has added: first a preview, then the question, then the job that
//! does it.

use std::path::PathBuf;

use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;

use super::asked::{find, require_free};
use super::consent::{Consent, ConsentScreen, OtherWay};
use super::resume::{order, require_end, writing};
use super::uploaded::own_place;
use crate::face::failure::Failure;
use crate::face::report_words;
use crate::job::error::JobError;
use crate::job::options::SendOptions;
use crate::job::request::JobRequest;
use crate::job::spec::{JobSpec, SheetOptions, is_export};
use crate::journal::{JobFolder, Journal};
use crate::lang::{Lang, page, sheets, words_on_page};
use crate::model::{Monitor, Status};
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::findings::JobFinding;
use crate::page::finished::tell_report;
use crate::page::job_run::{JobOwner, JobRun, settings_of};
use crate::page::links;
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, see};
use crate::page::works::PageWork;
use crate::pipeline;
use crate::pipeline::RemovalReport;
use crate::pipeline::delete::DeleteRequest;
use crate::pipeline::undo::UndoRequest;
use crate::plan::preview::Confirm;
use crate::results::result::{ResultOptions, write_result};
use crate::table::ReadOptions;

/// How customers are taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// What the job wrote is taken back; changes that somebody has made since are left alone.
    Undo,
    /// The customers that the job has added are deleted, whatever has become of them.
    Delete,
}

/// What a preview is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RemovalWish {
    force: bool,
}

impl Removal {
    /// Returns the name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Delete => "delete",
        }
    }

    fn preview_key(self) -> &'static str {
        match self {
            Self::Undo => "previewing-undo",
            Self::Delete => "previewing-delete",
        }
    }

    fn title_key(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Delete => "delete-added",
        }
    }

    fn button_key(self) -> &'static str {
        match self {
            Self::Undo => "undo-now",
            Self::Delete => "delete-now",
        }
    }

    fn work_key(self) -> &'static str {
        match self {
            Self::Undo => "undoing",
            Self::Delete => "deleting",
        }
    }

    /// Returns the file of a job's folder that holds the preview.
    fn sheet(self, folder: &JobFolder) -> PathBuf {
        folder.file(&format!("page-{}.xlsx", self.name()))
    }

    fn is_of(self, finding: &JobFinding) -> bool {
        match finding {
            JobFinding::Undo { .. } => self == Self::Undo,
            JobFinding::Delete(_) => self == Self::Delete,
            JobFinding::Verify(_) => false,
        }
    }
}

/// Begins the preview.
pub(super) async fn look(
    removal: Removal,
    visit: Visit,
    Path(name): Path<String>,
    Form(wish): Form<RemovalWish>,
) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    let its = folder.clone();
    visit.blocking(move |_| require_written(&its)).await?;
    // Nothing is written, so nobody waits for it. A job that somebody works on refuses.
    let order = order(&folder, removal.preview_key());
    Ok(visit
        .begin(order, move |visit, work| {
            let (shared, lang) = (&visit.shared, visit.lang);
            let consent = Consent::none(wish.force);
            let order = RemovalOrder {
                removal,
                lang,
                folder: &folder,
                consent: &consent,
                is_preview: true,
            };
            let report = order.run(shared, work)?;
            let finding = match removal {
                Removal::Undo => JobFinding::Undo {
                    force: wish.force,
                    report,
                },
                Removal::Delete => JobFinding::Delete(report),
            };
            shared.findings.keep(folder.id().as_str(), finding);
            Ok(format!("{}/{}", links::job(folder.id()), removal.name()))
        })
        .await)
}

fn require_written(folder: &JobFolder) -> Result<(), Failure> {
    require_free(folder)?;
    if is_export(folder) {
        return Err(JobError::NothingWritten(folder.id().clone()).into());
    }
    Ok(())
}

/// Shows the preview, and asks. Without one, the job is shown.
pub(super) async fn ask(removal: Removal, visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let path = links::job(folder.id());
    let screen = visit.blocking(move |visit| screen(removal, visit, &folder));
    match screen.await? {
        Some(screen) => screen.answer(),
        None => Ok(see(&path)),
    }
}

fn screen(
    removal: Removal,
    visit: &Visit,
    folder: &JobFolder,
) -> Result<Option<ConsentScreen>, Failure> {
    let lang = visit.lang;
    let found = visit
        .shared
        .findings
        .find(folder.id().as_str(), |finding| removal.is_of(finding));
    let (force, report) = match found.as_deref() {
        Some(JobFinding::Undo { force, report }) => (*force, report),
        Some(JobFinding::Delete(report)) => (false, report),
        Some(JobFinding::Verify(_)) | None => return Ok(None),
    };
    let Some(preview) = &report.preview else {
        return Ok(None);
    };
    let spec = JobSpec::load(folder)?;
    let settings = settings_of(&visit.shared, lang, now(&spec))?;
    let path = links::job(folder.id());
    let its = format!("{path}/{}", removal.name());
    let look = Look::of(visit, removal.title_key()).of_account(visit, &spec.account);
    let does_something = preview.calls > 0 || preview.abandons > 0;
    let left = report_words::example_lines(&report.report, words_on_page, lang);
    let mut others = Vec::new();
    if removal == Removal::Undo && !force && !left.is_empty() {
        others.push(OtherWay {
            path: format!("{its}/preview"),
            words: page::say(lang, "undo-by-force"),
            field: Some(("force", "true")),
        });
    }
    let mut screen = ConsentScreen {
        action: its.clone(),
        sheet: report.report.result.as_ref().map(|_| format!("{its}/file")),
        button: does_something.then(|| page::say(lang, removal.button_key())),
        changes: report.changes.clone(),
        to_delete: report.to_delete.clone(),
        left,
        force,
        takes_away: true,
        others,
        ..ConsentScreen::of(look, path, preview, &settings)
    };
    if removal == Removal::Delete {
        let note = page::say(lang, "delete-added-about").to_owned();
        screen.notes.insert(0, note);
    }
    if !does_something {
        let note = page::say(lang, "nothing-to-take-away").to_owned();
        screen.notes.push(note);
    }
    Ok(Some(screen))
}

/// Does what was shown: by a job of its own, to which the browser is led.
pub(super) async fn act(
    removal: Removal,
    visit: Visit,
    Path(name): Path<String>,
    Form(consent): Form<Consent>,
) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    let its = folder.clone();
    let task = move |visit: &Visit| {
        require_written(&its)?;
        let spec = JobSpec::load(&its)?;
        consent.require_name(&settings_of(&visit.shared, visit.lang, now(&spec))?)?;
        let is_of = |finding: &JobFinding| removal.is_of(finding);
        let found = visit.shared.findings.find(its.id().as_str(), is_of);
        let preview = found.as_deref().and_then(JobFinding::preview);
        preview.map_or(Ok(()), |preview| consent.require_count(preview))?;
        Ok((writing(&its, removal.work_key())?, consent))
    };
    // A second press finds the work of the first.
    if let Some(work) = visit.shared.works.on_job(folder.id()) {
        return Ok(see(&format!("/work/{}", work.name)));
    }
    let (order, consent) = visit.blocking(task).await?;
    Ok(visit
        .begin(order, move |visit, work| {
            let (shared, lang) = (&visit.shared, visit.lang);
            let order = RemovalOrder {
                removal,
                lang,
                folder: &folder,
                consent: &consent,
                is_preview: false,
            };
            let done = order.run(shared, work)?;
            shared.findings.forget(folder.id().as_str());
            require_end(&done.report)?;
            Ok(links::job(&done.report.job))
        })
        .await)
}

/// The account of the job, as its settings are now.
fn now(spec: &JobSpec) -> JobOwner<'_> {
    JobOwner {
        account: &spec.account,
        run: None,
    }
}

/// Sends the sheet of the preview.
pub(super) async fn file(removal: Removal, visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let task = move |visit: &Visit| {
        let spec = JobSpec::load(&folder)?;
        let what = format!("{}-preview", removal.name());
        let what = sheets::kind_of_sheet(&what, visit.lang);
        let name = format!("{}_{what}.xlsx", spec.stem());
        Download::open(&removal.sheet(&folder), &name)
    };
    visit.blocking(task).await?.answer()
}

/// What is taken away, and how.
struct RemovalOrder<'a> {
    removal: Removal,
    lang: Lang,
    folder: &'a JobFolder,
    consent: &'a Consent,
    is_preview: bool,
}

impl RemovalOrder<'_> {
    fn run(&self, shared: &Shared, work: &PageWork) -> Result<RemovalReport, Failure> {
        let spec = JobSpec::load(self.folder)?;
        let JobRun { settings, context } = JobRun::of_work(shared, self.lang, now(&spec), work)?;
        let output = if self.is_preview {
            Some(self.removal.sheet(self.folder))
        } else {
            own_place(shared, self.folder, &spec, self.removal.name(), self.lang)
        };
        let request = settings.job_request(output.as_deref(), false);
        let send = settings.send_options(None, None);
        let run = |confirm: Confirm<'_>| match self.removal {
            Removal::Undo => {
                let request = self.undo(&spec, request.clone(), send.clone());
                pipeline::undo(&request, &context, confirm)
            }
            Removal::Delete => {
                let source = self.added(&spec, context.monitor.as_ref())?;
                let request = self.delete(source, request.clone(), send.clone());
                pipeline::delete(&request, &context, confirm)
            }
        };
        if self.is_preview {
            // A dry run asks nobody.
            return Ok(run(&mut |_| Err(JobError::Declined))?);
        }
        let done = self.consent.agree(work, run)?.map_err(Failure::from);
        let report = done.as_ref().map(|done| &done.report);
        tell_report(report, self.removal.name(), &settings, work);
        done
    }

    fn undo(&self, spec: &JobSpec, request: JobRequest, send: SendOptions) -> UndoRequest {
        UndoRequest {
            job: JobRequest {
                // The original job's settings are those of the account that it wrote to.
                api: spec.api.clone(),
                ..request
            },
            original: self.folder.clone(),
            rows: None,
            force: self.consent.force,
            dry_run: self.is_preview,
            // The person has typed how many, where there are many: `Consent::agree` looks.
            most: u64::MAX,
            send,
        }
    }

    fn delete(&self, source: PathBuf, job: JobRequest, send: SendOptions) -> DeleteRequest {
        DeleteRequest {
            job,
            source,
            read: ReadOptions::default(),
            sheets: SheetOptions::default(),
            all_ids: false,
            // The person has typed how many, where there are many: `Consent::agree` looks.
            most: u64::MAX,
            dry_run: self.is_preview,
            send,
        }
    }

    /// Writes the rows that the job has done into a sheet of its own, of which those that were added are deleted.
    fn added(&self, spec: &JobSpec, monitor: &dyn Monitor) -> Result<PathBuf, JobError> {
        let journal = Journal::read(self.folder)?;
        let options = ResultOptions {
            output: Some(self.folder.file(&format!("{}_added.xlsx", spec.id))),
            only: Some(Status::Ok),
            lang: self.lang,
            ..ResultOptions::default()
        };
        write_result(self.folder, spec, &journal, &options, monitor)
    }
}
