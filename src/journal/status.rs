//! Where a job stands, and what its journal notes of it.
//!
//! Every fact about a job as a whole goes through this file: a status with its allowed transitions, and notes with their
//! types. A journal that says a word which ferry never writes is damaged: it is an error, and never taken for another
//! word, because one status is thrown away and another is sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Journal, JournalError};
use crate::model::JobId;

/// The key of the status.
const STATUS: &str = "state";
const TRUE: &str = "1";
const FALSE: &str = "0";

/// Where a job stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// It is being decided, or its decision was cut short; nothing was sent.
    Planning,
    /// Decided by `ferry plan`; nobody has said yes.
    Planned,
    /// Decided and confirmed; not every row has its answer.
    Open,
    /// Every row has its answer.
    Finished,
}

impl JobStatus {
    const ALL: [Self; 4] = [Self::Planning, Self::Planned, Self::Open, Self::Finished];

    /// The word in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Finished => "finished",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether a job may go from this status to the next.
    ///
    /// Decided anew: `planning → planning`, and `planned → planning` (`apply --refresh`). Kept as a plan: `planning →
    /// planned`. Confirmed: `planning → open`, `planned → open`. Gone on with: `open → open`, and `finished → open` while
    /// rows are in doubt. Done: `open → finished`.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Planning => next != Self::Finished,
            Self::Planned => matches!(next, Self::Planning | Self::Open),
            Self::Open => matches!(next, Self::Open | Self::Finished),
            Self::Finished => next == Self::Open,
        }
    }
}

/// One thing that is noted of a job.
#[derive(Debug, Clone, Copy)]
pub enum Note<'a> {
    /// `ferry plan` has made it.
    Plan,
    /// It takes another job back.
    Undo,
    /// Somebody said yes to it, with whatever is invalid in it.
    Confirmed(bool),
    /// It stopped before anybody was asked whether it may write.
    Unconfirmed(bool),
    /// `--strict` has held it back.
    HeldBack,
    /// Its rows are compared once more before they are sent.
    Guarded,
    /// The calls that comparing once more takes.
    GuardCalls(u64),
    /// The calls that its updates take.
    UpdateCalls(u64),
    /// The server refuses to search by a key.
    SearchRefused,
    /// Rows that are done but for fields that somebody has changed since.
    LeftAlone(u64),
    /// The latest job that takes this one back, or a part of it.
    LatestUndo(&'a JobId),
    /// The job that took this one back as a whole.
    UndoneBy(&'a JobId),
    /// What a result sheet said of rows in doubt, as JSON: it takes effect when the plan is applied.
    Settled(&'a str),
    /// Where the result sheet was written last.
    Result(&'a Path),
}

impl Note<'_> {
    fn key(&self) -> &'static str {
        match self {
            Self::Plan => "is_plan",
            Self::Undo => "is_undo",
            Self::Confirmed(_) => "confirmed",
            Self::Unconfirmed(_) => "unconfirmed",
            Self::HeldBack => "held_back",
            Self::Guarded => "guarded",
            Self::GuardCalls(_) => "guard_calls",
            Self::UpdateCalls(_) => "update_calls",
            Self::SearchRefused => "search_refused",
            Self::LeftAlone(_) => "left_alone",
            Self::LatestUndo(_) => "undo",
            Self::UndoneBy(_) => "undone_by",
            Self::Settled(_) => "settled",
            Self::Result(_) => "result",
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Plan | Self::Undo | Self::HeldBack | Self::Guarded | Self::SearchRefused => {
                TRUE.to_owned()
            }
            Self::Confirmed(is) | Self::Unconfirmed(is) => {
                if *is { TRUE } else { FALSE }.to_owned()
            }
            Self::GuardCalls(count) | Self::UpdateCalls(count) | Self::LeftAlone(count) => {
                count.to_string()
            }
            Self::LatestUndo(job) | Self::UndoneBy(job) => job.to_string(),
            Self::Settled(text) => (*text).to_owned(),
            Self::Result(path) => path.to_string_lossy().into_owned(),
        }
    }
}

/// Everything that is noted of a job; what is absent is false, none or zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, noted at another moment"
)]
pub struct Notes {
    /// [`Note::Plan`].
    pub is_plan: bool,
    /// [`Note::Undo`].
    pub is_undo: bool,
    /// [`Note::Confirmed`].
    pub is_confirmed: bool,
    /// [`Note::Unconfirmed`].
    pub is_unconfirmed: bool,
    /// [`Note::HeldBack`].
    pub is_held_back: bool,
    /// [`Note::Guarded`].
    pub is_guarded: bool,
    /// [`Note::GuardCalls`].
    pub guard_calls: u64,
    /// [`Note::UpdateCalls`].
    pub update_calls: Option<u64>,
    /// [`Note::SearchRefused`].
    pub search_refused: bool,
    /// [`Note::LeftAlone`].
    pub left_alone_rows: u64,
    /// [`Note::LatestUndo`].
    pub latest_undo: Option<JobId>,
    /// [`Note::UndoneBy`].
    pub undone_by: Option<JobId>,
    /// [`Note::Settled`].
    pub settled: Option<String>,
    /// [`Note::Result`].
    pub result: Option<PathBuf>,
}

impl Journal {
    /// Where the job stands. A journal without rows and without a word was cut short while it was made.
    pub fn status(&self) -> Result<JobStatus, JournalError> {
        match self.meta(STATUS)? {
            None if self.counts()?.total() == 0 => Ok(JobStatus::Planning),
            text => {
                let text = text.unwrap_or_default();
                JobStatus::parse(&text).ok_or_else(|| self.unknown_word(STATUS, &text))
            }
        }
    }

    /// Takes the job to its next status. One that it may not take is an error, and nothing changes.
    pub fn set_status(&mut self, next: JobStatus) -> Result<(), JournalError> {
        let now = self.status()?;
        if now.may_become(next) {
            self.set_meta(STATUS, next.as_str())
        } else {
            let step = format!("{} → {}", now.as_str(), next.as_str());
            Err(self.unknown_word(STATUS, &step))
        }
    }

    /// Notes a fact about the job.
    pub fn note(&mut self, note: Note<'_>) -> Result<(), JournalError> {
        self.set_meta(note.key(), &note.value())
    }

    /// Whether it takes another job back. Reads this note alone: damage to another one is not asked about.
    pub fn is_undo(&self) -> Result<bool, JournalError> {
        flag_of(self, "is_undo", self.meta("is_undo")?.as_deref())
    }

    /// Whether `--strict` has held it back. Reads this note alone.
    pub fn is_held_back(&self) -> Result<bool, JournalError> {
        flag_of(self, "held_back", self.meta("held_back")?.as_deref())
    }

    /// What is noted of the job. A value that ferry never writes is an error.
    pub fn notes(&self) -> Result<Notes, JournalError> {
        let mut facts = self.all_meta()?;
        let mut read = NoteReader {
            journal: self,
            facts: &mut facts,
        };
        Ok(Notes {
            is_plan: read.flag("is_plan")?,
            is_undo: read.flag("is_undo")?,
            is_confirmed: read.flag("confirmed")?,
            is_unconfirmed: read.flag("unconfirmed")?,
            is_held_back: read.flag("held_back")?,
            is_guarded: read.flag("guarded")?,
            guard_calls: read.number("guard_calls")?.unwrap_or(0),
            update_calls: read.number("update_calls")?,
            search_refused: read.flag("search_refused")?,
            left_alone_rows: read.number("left_alone")?.unwrap_or(0),
            latest_undo: read.job("undo")?,
            undone_by: read.job("undone_by")?,
            settled: read.facts.remove("settled"),
            result: read.facts.remove("result").map(PathBuf::from),
        })
    }
}

/// Takes typed values out of the facts of a journal.
struct NoteReader<'a> {
    journal: &'a Journal,
    facts: &'a mut BTreeMap<String, String>,
}

impl NoteReader<'_> {
    fn flag(&mut self, key: &'static str) -> Result<bool, JournalError> {
        flag_of(self.journal, key, self.facts.remove(key).as_deref())
    }

    fn number(&mut self, key: &'static str) -> Result<Option<u64>, JournalError> {
        let text = self.facts.remove(key);
        let read = |text: String| {
            let number = text.parse();
            number.map_err(|_| self.journal.unknown_word(key, &text))
        };
        text.map(read).transpose()
    }

    fn job(&mut self, key: &'static str) -> Result<Option<JobId>, JournalError> {
        let text = self.facts.remove(key);
        let read = |text: String| {
            let job = JobId::parse(&text);
            job.map_err(|_| self.journal.unknown_word(key, &text))
        };
        text.map(read).transpose()
    }
}

fn flag_of(journal: &Journal, key: &'static str, text: Option<&str>) -> Result<bool, JournalError> {
    match text {
        None | Some(FALSE) => Ok(false),
        Some(TRUE) => Ok(true),
        Some(text) => Err(journal.unknown_word(key, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::StateFolder;

    fn journal(root: &Path) -> Journal {
        let state = StateFolder::open(root).expect("a state folder");
        let id = JobId::from_parts("20261123-173015", "customers");
        let (folder, _lock) = state.create_job(&id).expect("a job");
        Journal::create(&folder, "account").expect("a journal")
    }

    #[test]
    fn a_job_goes_only_where_it_may() {
        let root = tempfile::tempdir().expect("a folder");
        let mut journal = journal(root.path());
        let way = [
            JobStatus::Planning,
            JobStatus::Planned,
            JobStatus::Planning,
            JobStatus::Open,
            JobStatus::Open,
            JobStatus::Finished,
            JobStatus::Open,
            JobStatus::Finished,
        ];
        for status in way {
            journal.set_status(status).expect("allowed");
            assert_eq!(journal.status().expect("a status"), status);
        }
        for refused in [JobStatus::Planning, JobStatus::Planned, JobStatus::Finished] {
            assert!(journal.set_status(refused).is_err(), "{refused:?}");
        }
        assert_eq!(journal.status().expect("a status"), JobStatus::Finished);
    }

    #[test]
    fn every_note_is_read_back() {
        let root = tempfile::tempdir().expect("a folder");
        let mut journal = journal(root.path());
        assert_eq!(journal.notes().expect("notes"), Notes::default());
        let (undo, all) = (
            JobId::from_parts("20261123-173016", "undo"),
            JobId::from_parts("20261123-173017", "undo"),
        );
        for note in [
            Note::Plan,
            Note::Undo,
            Note::Confirmed(true),
            Note::Unconfirmed(true),
            Note::HeldBack,
            Note::Guarded,
            Note::GuardCalls(3),
            Note::UpdateCalls(0),
            Note::SearchRefused,
            Note::LeftAlone(4),
            Note::LatestUndo(&undo),
            Note::UndoneBy(&all),
            Note::Settled("[]"),
            Note::Result(Path::new("/x.xlsx")),
        ] {
            journal.note(note).expect("noted");
        }
        let expected = Notes {
            is_plan: true,
            is_undo: true,
            is_confirmed: true,
            is_unconfirmed: true,
            is_held_back: true,
            is_guarded: true,
            guard_calls: 3,
            update_calls: Some(0),
            search_refused: true,
            left_alone_rows: 4,
            latest_undo: Some(undo),
            undone_by: Some(all),
            settled: Some("[]".to_owned()),
            result: Some(PathBuf::from("/x.xlsx")),
        };
        assert_eq!(journal.notes().expect("notes"), expected);
        journal.note(Note::Confirmed(false)).expect("noted");
        assert!(!journal.notes().expect("notes").is_confirmed);
    }

    #[test]
    fn a_word_that_ferry_never_writes_is_an_error() {
        for (key, word) in [
            ("state", "plannning"),
            ("confirmed", "yes"),
            ("guard_calls", "many"),
            ("undone_by", "../elsewhere"),
        ] {
            let root = tempfile::tempdir().expect("a folder");
            let mut journal = journal(root.path());
            journal.set_meta(key, word).expect("written");
            let read = journal.status().and_then(|_| journal.notes());
            assert!(
                matches!(read, Err(JournalError::UnknownWord { .. })),
                "{key}"
            );
        }
    }
}
