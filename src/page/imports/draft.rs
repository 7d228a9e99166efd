//! A draft of an import: a folder with the file, the mapping as it stands, and what was found out about them.
//!
//! The invariant: the name of the folder is random and is read by its form, and every file in it was named here. Going
//! back loses nothing. What a change makes untrue (the check, the plan) is thrown away with the change.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::face::failure::{Failure, unwritable};
use crate::job::error::JobError;
use crate::job::spec::{ImportOptions, SheetOptions};
use crate::journal::{JobStatus, Journal, StateFolder};
use crate::mapping::{HeaderRows, KeyPlaces, Mapping, is_undecided};
use crate::model::{Corrections, JobId, make_private_folder};
use crate::pipeline::SeenSheet;
use crate::source;
use crate::table::{ReadOptions, write_file};

/// The digits of a draft's name.
const ID_LENGTH: usize = 32;

/// The folder in which the rows with problems are kept.
pub(in crate::page) const CHECK: &str = "check";

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

    /// Returns a new id.
    pub fn new_id() -> std::io::Result<String> {
        crate::page::session::random_digits(ID_LENGTH)
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

    /// Returns whether the plan was carried out, or is being.
    pub fn is_begun(&self, state: &StateFolder) -> bool {
        let status = self.job_status(state);
        status.is_some_and(|status| status != JobStatus::Planned)
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

    /// Throws away the plan. One that was carried out stays a job of its own.
    pub fn forget_plan(&mut self, state: &StateFolder) -> Result<(), Failure> {
        for name in ["plan.json", "preview.xlsx"] {
            // What is not there need not go.
            let _ = fs::remove_file(self.path(name));
        }
        let is_planned = self.job_status(state) == Some(JobStatus::Planned);
        if let Some(job) = self.facts.job.take()
            && is_planned
        {
            let folder = state.job(&job)?;
            let lock = folder.lock()?;
            folder.discard(lock)?;
        }
        self.save()
    }

    /// Throws away what was found out with decisions that have changed: the check and the plan.
    pub fn forget_findings(&mut self, state: &StateFolder) -> Result<(), Failure> {
        for name in ["check.json", "problems.xlsx"] {
            let _ = fs::remove_file(self.path(name));
        }
        let _ = fs::remove_dir_all(self.path(CHECK));
        self.forget_plan(state)
    }

    /// Throws away also what was seen of the columns and the mapping.
    pub fn forget_columns(&mut self, state: &StateFolder) -> Result<(), Failure> {
        for name in ["seen.json", "mapping.toml"] {
            let _ = fs::remove_file(self.path(name));
        }
        self.forget_findings(state)
    }

    /// Moves the draft into another folder of drafts.
    pub fn moved_to(self, drafts: &Path) -> Result<Self, Failure> {
        let folder = drafts.join(&self.id);
        let moved = make_private_folder(drafts).and_then(|()| fs::rename(&self.folder, &folder));
        moved.map_err(|error| unwritable(&folder, &error))?;
        Ok(Self { folder, ..self })
    }

    /// Throws the draft away, with its plan.
    pub fn discard(mut self, state: &StateFolder) -> Result<(), Failure> {
        self.forget_findings(state)?;
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
