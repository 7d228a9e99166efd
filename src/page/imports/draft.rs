//! A draft of an import: a folder with the file, the mapping as it stands, and what was found out about them.
//!
//! The invariant: the name of the folder is random and is read by its form, and every file in it was named here. Going
//! back loses nothing. What a change makes untrue (the check, the plan) is thrown away with the change.
//!
//! A draft is changed by one at a time, under its lock ([`ImportDraft::change`]), and every change has its number. What
//! takes long is done beside the lock with the draft as it was, and is kept only if the draft is still the same
//! ([`ImportDraft::as_it_was`]). A draft whose plan is carried out, or waits for that, is changed no more.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::face::failure::{Failure, exit, unwritable};
use crate::job::account::Account;
use crate::job::error::JobError;
use crate::job::spec::{ImportOptions, SheetOptions};
use crate::journal::{JobStatus, Journal, StateFolder};
use crate::mapping::{HeaderRows, KeyPlaces, Mapping, is_undecided};
use crate::model::{Code, Corrections, JobId, Problem, make_private_folder, private_options};
use crate::page::error::refused;
use crate::page::session::random_digits;
use crate::page::shared::{IMPORTS, Shared};
use crate::pipeline::SeenSheet;
use crate::source;
use crate::table::{ReadOptions, write_file};

/// The digits of a draft's name, and of the names of files within it.
const ID_LENGTH: usize = 32;
const NAME_LENGTH: usize = 12;

/// How the files that a check or a plan makes begin: each has its own, so that none writes into another's.
pub(in crate::page) const CHECK: &str = "check-";
pub(in crate::page) const PREVIEW: &str = "preview-";

/// What is kept in `draft.json`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::page) struct DraftFacts {
    /// The file's name, as the browser called it. It is only ever shown.
    pub name: String,
    /// The file's name in the draft's folder.
    pub file: String,
    /// The file's size.
    pub bytes: u64,
    /// When the file was uploaded, in Unix seconds.
    pub begun: i64,
    /// Whether ferry wrote the file and knows its columns: a result sheet, an export.
    pub is_ours: bool,
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub sheet: Option<String>,
    pub header_row: Option<HeaderRows>,
    /// How rows become calls.
    pub options: ImportOptions,
    /// The job of the plan.
    pub job: Option<JobId>,
    /// Cells that were mended here. The file stays as it is.
    #[serde(default)]
    pub corrections: Corrections,
    /// The account that the file is imported into; `None` until its fields were needed.
    #[serde(default)]
    pub account: Option<Account>,
    /// The number of the last change.
    #[serde(default)]
    pub revision: u64,
}

/// How far a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::page) enum DraftStep {
    File,
    Columns,
    Values,
    Check,
    Preview,
}

impl DraftStep {
    pub const ALL: [Self; 5] = [
        Self::File,
        Self::Columns,
        Self::Values,
        Self::Check,
        Self::Preview,
    ];

    /// Returns the end of the path of the step's screen.
    pub fn path(self) -> &'static str {
        match self {
            Self::File => "",
            Self::Columns => "/columns",
            Self::Values => "/values",
            Self::Check => "/check",
            Self::Preview => "/preview",
        }
    }
}

/// A draft of an import.
#[derive(Debug, Clone)]
pub(in crate::page) struct ImportDraft {
    pub id: String,
    folder: PathBuf,
    pub facts: DraftFacts,
}

impl ImportDraft {
    /// Makes a draft of a folder that was made for it.
    pub fn new(id: String, folder: PathBuf, facts: DraftFacts) -> Self {
        Self { id, folder, facts }
    }

    /// Opens the draft of an id, within the folder of all drafts; `None` if there is none.
    pub fn open(drafts: &Path, id: &str) -> Option<Self> {
        let is_id = id.len() == ID_LENGTH && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return None;
        }
        let folder = drafts.join(id);
        let bytes = fs::read(folder.join("draft.json")).ok()?;
        let facts = serde_json::from_slice(&bytes).ok()?;
        Some(Self::new(id.to_owned(), folder, facts))
    }

    /// Changes the draft of an id; `None` if there is none. Nobody else changes it meanwhile. One whose plan is
    /// carried out, or waits for that, stays as it is.
    pub fn change<T, E: From<Failure>>(
        shared: &Shared,
        id: &str,
        act: impl FnOnce(Self) -> Result<T, E>,
    ) -> Result<Option<Changed<T>>, E> {
        let drafts = shared.file(IMPORTS);
        let Some(draft) = Self::open(&drafts, id) else {
            return Ok(None);
        };
        let Ok(_lock) = draft.lock() else {
            // Thrown away in this moment.
            return Ok(None);
        };
        match Self::open(&drafts, id) {
            None => Ok(None),
            Some(draft) if draft.is_begun(shared) => Ok(Some(Changed::Begun(Box::new(draft)))),
            Some(draft) => Ok(Some(Changed::Done(act(draft)?))),
        }
    }

    /// Does something with the draft under its lock. Fails if the draft was changed since it was opened.
    pub fn as_it_was<T>(
        &self,
        shared: &Shared,
        act: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let unlocked = |error: std::io::Error| unwritable(&self.folder, &error);
        let _lock = self.lock().map_err(unlocked)?;
        let now = Self::open(&shared.file(IMPORTS), &self.id);
        match now.filter(|now| now.facts.revision == self.facts.revision) {
            Some(now) if now.is_begun(shared) => Err(refused("draft-was-begun", &[])),
            Some(mut now) => act(&mut now),
            None => Err(refused("draft-was-changed", &[])),
        }
    }

    fn lock(&self) -> std::io::Result<File> {
        let mut options = private_options();
        options.write(true).create(true).truncate(false);
        let file = options.open(self.path("lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// Returns what a work with the draft as it is now is about.
    pub fn version(&self) -> String {
        format!("{}.{}", self.id, self.facts.revision)
    }

    /// Returns a name that no other file of the draft has.
    pub fn new_name(begin: &str, end: &str) -> Result<String, Failure> {
        let digits = random_digits(NAME_LENGTH);
        let digits = digits.map_err(|error| unwritable(Path::new(begin), &error))?;
        Ok(format!("{begin}{digits}{end}"))
    }

    /// Returns a new id.
    pub fn new_id() -> std::io::Result<String> {
        random_digits(ID_LENGTH)
    }

    /// Returns the path of a file of the draft.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns the path of the file that was uploaded.
    pub fn source(&self) -> PathBuf {
        self.folder.join("file").join(&self.facts.file)
    }

    /// Returns the path of a screen of the draft.
    pub fn screen(&self, step: DraftStep) -> String {
        format!("/import/{}{}", self.id, step.path())
    }

    /// Returns the stem of the file, for names of what is downloaded.
    pub fn stem(&self) -> String {
        crate::job::stem_of(Path::new(&self.facts.file))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        Ok(write_file(&self.path(name), bytes)?)
    }

    /// Keeps a value in a file of the draft.
    pub fn keep<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(value)
            .map_err(|error| unwritable(&self.path(name), &std::io::Error::other(error)))?;
        self.write(name, &bytes)
    }

    /// Returns a value that was kept; `None` where there is none, or one of another version.
    pub fn kept<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let bytes = fs::read(self.path(name)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps what was decided.
    pub fn save(&self) -> Result<(), Failure> {
        self.keep("draft.json", &self.facts)
    }

    /// Returns how the file's bytes are read.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            delimiter: self
                .facts
                .delimiter
                .and_then(|letter| u8::try_from(letter).ok()),
            encoding: self.facts.encoding.clone(),
            ..ReadOptions::default()
        }
    }

    /// Returns which sheet is read, and how its columns are mapped.
    pub fn sheet_options(&self, mapping: Option<Arc<Mapping>>) -> SheetOptions {
        SheetOptions {
            sheets: self.facts.sheet.iter().cloned().collect(),
            header_row: self.facts.header_row,
            mapping,
            ..SheetOptions::default()
        }
    }

    /// Returns the mapping as it stands, with its doubts; `None` before the columns were read.
    pub fn mapping(&self) -> Result<Option<Arc<Mapping>>, Failure> {
        let path = self.path("mapping.toml");
        if self.facts.is_ours || !path.is_file() {
            return Ok(None);
        }
        let form = source::read_draft(&path)?.form.clone();
        Ok(Some(Arc::new(Mapping::new(form, KeyPlaces::named()))))
    }

    /// Returns the mapping for a check or a plan. Words that nobody has decided are not in it: their rows stay problems.
    /// Fails while a column is to be decided.
    pub fn whole_mapping(&self) -> Result<Option<Arc<Mapping>>, Failure> {
        let Some(mapping) = self.mapping()? else {
            return Ok(None);
        };
        let form = mapping.form.without_undecided_words();
        Ok(Some(source::made_mapping(form)?))
    }

    /// Returns the path at which a person decides what has to be decided before rows are checked; `None` where nothing
    /// has.
    pub fn open_question(&self) -> Result<Option<String>, Failure> {
        let Some(mapping) = self.mapping()? else {
            return Ok(None);
        };
        let form = &mapping.form;
        let anchor = if form.columns.values().any(|column| column.doubt.is_some()) {
            "doubt"
        } else if form.merge_rows.iter().any(|name| is_undecided(name)) {
            "contacts"
        } else {
            return Ok(None);
        };
        Ok(Some(format!(
            "{}#{anchor}",
            self.screen(DraftStep::Columns)
        )))
    }

    /// Returns what was seen of the columns; `None` before they were read.
    pub fn seen(&self) -> Option<SeenSheet> {
        self.kept("seen.json")
    }

    /// Returns how the job of the plan stands; `None` if there is none.
    pub fn job_status(&self, state: &StateFolder) -> Option<JobStatus> {
        let folder = state.job(self.facts.job.as_ref()?).ok()?;
        Journal::read(&folder).ok()?.status().ok()
    }

    /// Returns whether the plan was carried out, or is being, or waits for its turn.
    pub fn is_begun(&self, shared: &Shared) -> bool {
        let job = self.facts.job.as_ref();
        let status = self.job_status(&shared.state);
        status.is_some_and(|status| status != JobStatus::Planned)
            || job.is_some_and(|job| shared.works.is_written(job))
    }

    /// Returns the furthest step that was reached.
    pub fn step(&self) -> DraftStep {
        match () {
            () if self.facts.job.is_some() => DraftStep::Preview,
            () if self.path("check.json").is_file() => DraftStep::Check,
            () if self.path("mapping.toml").is_file() => DraftStep::Columns,
            () => DraftStep::File,
        }
    }

    /// Throws away the plan, because of a change.
    pub fn forget_plan(&mut self, shared: &Shared) -> Result<(), Failure> {
        self.facts.revision += 1;
        self.replace_plan(shared, None)
    }

    /// Puts a job of a plan in place of an earlier one, which is thrown away. One that was carried out stays a job of
    /// its own.
    pub fn replace_plan(&mut self, shared: &Shared, job: Option<JobId>) -> Result<(), Failure> {
        let is_planned = self.job_status(&shared.state) == Some(JobStatus::Planned);
        if let Some(earlier) = self.facts.job.take().filter(|_| is_planned) {
            throw_away(shared, &earlier)?;
        }
        if job.is_none() {
            // What is not there need not go.
            let _ = fs::remove_file(self.path("plan.json"));
            self.remove_all(PREVIEW, None);
        }
        self.facts.job = job;
        self.save()
    }

    /// Throws away what was found out with decisions that have changed: the check and the plan.
    pub fn forget_findings(&mut self, shared: &Shared) -> Result<(), Failure> {
        let _ = fs::remove_file(self.path("check.json"));
        self.remove_all(CHECK, None);
        self.forget_plan(shared)
    }

    /// Removes the files and folders whose names begin so, but for one.
    pub fn remove_all(&self, begin: &str, but: Option<&str>) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_meant = |name: &str| name.starts_with(begin) && Some(name) != but;
            if name.to_str().is_some_and(is_meant) {
                let path = entry.path();
                // What somebody reads at the moment goes the next time.
                let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
            }
        }
    }

    /// Throws away also what was seen of the columns and the mapping.
    pub fn forget_columns(&mut self, shared: &Shared) -> Result<(), Failure> {
        for name in ["seen.json", "mapping.toml"] {
            let _ = fs::remove_file(self.path(name));
        }
        self.forget_findings(shared)
    }

    /// Moves the draft into another folder of drafts.
    pub fn moved_to(self, drafts: &Path) -> Result<Self, Failure> {
        let folder = drafts.join(&self.id);
        let moved = make_private_folder(drafts).and_then(|()| fs::rename(&self.folder, &folder));
        moved.map_err(|error| unwritable(&folder, &error))?;
        Ok(Self { folder, ..self })
    }

    /// Throws the draft away, with its plan.
    pub fn discard(mut self, shared: &Shared) -> Result<(), Failure> {
        self.forget_findings(shared)?;
        fs::remove_dir_all(&self.folder).map_err(|error| unwritable(&self.folder, &error))
    }

    /// Names the file as the person knows it in an error.
    pub fn named(&self, error: JobError) -> Failure {
        let error = match error {
            JobError::Table(error) => JobError::Table(error.about(Path::new(&self.facts.name))),
            other => other,
        };
        error.into()
    }
}

/// What has come of a wish to change a draft.
pub(in crate::page) enum Changed<T> {
    Done(T),
    /// Its plan is carried out, or waits for that.
    Begun(Box<ImportDraft>),
}

/// Throws away a job that was only planned, unless a work of this page is on it.
pub(in crate::page) fn throw_away(shared: &Shared, job: &JobId) -> Result<(), Failure> {
    let folder = shared.state.job(job)?;
    let thrown = shared.works.unless_on(job, || {
        let lock = folder.lock()?;
        folder.discard(lock)
    });
    let Some(thrown) = thrown else {
        let problem = Problem::new(Code::JobBusy).with("job", job.as_str());
        return Err(Failure::of(exit::BUSY, &problem));
    };
    Ok(thrown?)
}
