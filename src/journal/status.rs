//! The status of a job, and the notes about it as a whole.
//!
//! The status, with its allowed transitions, and the typed notes go through this file. What identifies the job, its
//! commit number and its cost are in `store.rs`. A journal with a word that ferry never writes is damaged, and reading
//! it is an error. The word is never taken for another one, because a job of one status is thrown away and a job of
//! another is sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Journal, JournalError};
use crate::model::JobId;

/// The key under which the status is stored.
const STATUS: &str = "state";
const TRUE: &str = "1";
const FALSE: &str = "0";

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// Rows are being decided, or deciding was cut short; nothing was sent.
    Planning,
    /// `ferry plan` has decided the rows; nobody has confirmed them.
    Planned,
    /// The rows are decided and confirmed; not every row has its answer.
    Open,
    /// Every row has its answer.
    Finished,
}

impl JobStatus {
    const ALL: [Self; 4] = [Self::Planning, Self::Planned, Self::Open, Self::Finished];

    /// Returns the word that stands for the status in the journal.
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

    /// Returns whether a job may go from this status to `next`.
    ///
    /// * The rows are decided anew: `planning → planning`, and `planned → planning` (`apply --refresh`).
    /// * The job is kept as a plan: `planning → planned`.
    /// * Somebody confirms it: `planning → open`, `planned → open`.
    /// * It goes on: `open → open`, and `finished → open` while rows are in doubt.
    /// * Every row has its answer: `open → finished`.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Planning => next != Self::Finished,
            Self::Planned => matches!(next, Self::Planning | Self::Open),
            Self::Open => matches!(next, Self::Open | Self::Finished),
            Self::Finished => next == Self::Open,
        }
    }
}

/// One note about a job.
#[derive(Debug, Clone, Copy)]
pub enum Note<'a> {
    /// `ferry plan` has made the job.
    Plan,
    /// The job takes another job back.
    Undo,
    /// Whether somebody has confirmed the job, including its invalid rows.
    Confirmed(bool),
    /// Whether the job stopped before anybody was asked to confirm it.
    Unconfirmed(bool),
    /// Whether the last run was a trial that has sent its rows; the others are pending.
    TrialOver(bool),
    /// `--strict` has held the job back.
    HeldBack,
    /// The stored customers are compared once more before rows are sent.
    Guarded,
    /// How many calls comparing once more takes.
    GuardCalls(u64),
    /// How many calls the job's updates take.
    UpdateCalls(u64),
    /// The server has refused to search by a key.
    SearchRefused,
    /// How many rows are done except for fields that somebody has changed since.
    LeftAlone(u64),
    /// How many rows are united with a row above, whose customer they share.
    United(u64),
    /// The latest job that takes this one back, as a whole or in part.
    LatestUndo(&'a JobId),
    /// The job that took this one back as a whole.
    UndoneBy(&'a JobId),
    /// What a result sheet said about rows in doubt, as JSON. It takes effect when the plan is applied.
    Settled(&'a str),
    /// When the rows of a plan were decided, in Unix milliseconds.
    DecidedAt(u64),
    /// The path to which the result sheet was written last.
    Result(&'a Path),
}

impl Note<'_> {
    fn key(&self) -> &'static str {
        match self {
            Self::Plan => "is_plan",
            Self::Undo => "is_undo",
            Self::Confirmed(_) => "confirmed",
            Self::Unconfirmed(_) => "unconfirmed",
            Self::TrialOver(_) => "trial_over",
            Self::HeldBack => "held_back",
            Self::Guarded => "guarded",
            Self::GuardCalls(_) => "guard_calls",
            Self::UpdateCalls(_) => "update_calls",
            Self::SearchRefused => "search_refused",
            Self::LeftAlone(_) => "left_alone",
            Self::United(_) => "united",
            Self::LatestUndo(_) => "undo",
            Self::UndoneBy(_) => "undone_by",
            Self::Settled(_) => "settled",
            Self::DecidedAt(_) => "decided_at",
            Self::Result(_) => "result",
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Plan | Self::Undo | Self::HeldBack | Self::Guarded | Self::SearchRefused => {
                TRUE.to_owned()
            }
            Self::Confirmed(is) | Self::Unconfirmed(is) | Self::TrialOver(is) => {
                if *is { TRUE } else { FALSE }.to_owned()
            }
            Self::GuardCalls(count)
            | Self::UpdateCalls(count)
            | Self::LeftAlone(count)
            | Self::United(count)
            | Self::DecidedAt(count) => count.to_string(),
            Self::LatestUndo(job) | Self::UndoneBy(job) => job.to_string(),
            Self::Settled(text) => (*text).to_owned(),
            Self::Result(path) => path.to_string_lossy().into_owned(),
        }
    }
}

/// All notes about a job. A note that is absent reads as false, `None` or zero.
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
    /// [`Note::TrialOver`].
    pub is_trial_over: bool,
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
    /// [`Note::United`].
    pub united_rows: u64,
    /// [`Note::LatestUndo`].
    pub latest_undo: Option<JobId>,
    /// [`Note::UndoneBy`].
    pub undone_by: Option<JobId>,
    /// [`Note::Settled`].
    pub settled: Option<String>,
    /// [`Note::DecidedAt`].
    pub decided_at: Option<u64>,
    /// [`Note::Result`].
    pub result: Option<PathBuf>,
}

impl Journal {
    /// Returns the status of the job. A journal without rows and without a status was cut short while it was made.
    pub fn status(&self) -> Result<JobStatus, JournalError> {
        match self.meta(STATUS)? {
            None if self.counts()?.total() == 0 => Ok(JobStatus::Planning),
            text => {
                let text = text.unwrap_or_default();
                JobStatus::parse(&text).ok_or_else(|| self.unknown_word(STATUS, &text))
            }
        }
    }

    /// Takes the job to its next status. A transition that is not allowed is an error and changes nothing.
    pub fn set_status(&mut self, next: JobStatus) -> Result<(), JournalError> {
        let now = self.status()?;
        if now.may_become(next) {
            self.set_meta(STATUS, next.as_str())
        } else {
            let step = format!("{} → {}", now.as_str(), next.as_str());
            Err(self.unknown_word(STATUS, &step))
        }
    }

    /// Writes a note about the job.
    pub fn note(&mut self, note: Note<'_>) -> Result<(), JournalError> {
        self.set_meta(note.key(), &note.value())
    }

    /// Returns whether the job takes another one back. Reads only this note, so damage to other notes is not noticed.
    pub fn is_undo(&self) -> Result<bool, JournalError> {
        flag_of(self, "is_undo", self.meta("is_undo")?.as_deref())
    }

    /// Returns whether `--strict` has held the job back. Reads only this note.
    pub fn is_held_back(&self) -> Result<bool, JournalError> {
        flag_of(self, "held_back", self.meta("held_back")?.as_deref())
    }

    /// Reads all notes about the job. A value that ferry never writes is an error.
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
            is_trial_over: read.flag("trial_over")?,
            is_held_back: read.flag("held_back")?,
            is_guarded: read.flag("guarded")?,
            guard_calls: read.number("guard_calls")?.unwrap_or(0),
            update_calls: read.number("update_calls")?,
            search_refused: read.flag("search_refused")?,
            left_alone_rows: read.number("left_alone")?.unwrap_or(0),
            united_rows: read.number("united")?.unwrap_or(0),
            latest_undo: read.job("undo")?,
            undone_by: read.job("undone_by")?,
            decided_at: read.number("decided_at")?,
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
            Note::TrialOver(true),
            Note::HeldBack,
            Note::Guarded,
            Note::GuardCalls(3),
            Note::UpdateCalls(0),
            Note::SearchRefused,
            Note::LeftAlone(4),
            Note::United(6),
            Note::LatestUndo(&undo),
            Note::UndoneBy(&all),
            Note::Settled("[]"),
            Note::DecidedAt(5),
            Note::Result(Path::new("/x.xlsx")),
        ] {
            journal.note(note).expect("noted");
        }
        let expected = Notes {
            is_plan: true,
            is_undo: true,
            is_confirmed: true,
            is_unconfirmed: true,
            is_trial_over: true,
            is_held_back: true,
            is_guarded: true,
            guard_calls: 3,
            update_calls: Some(0),
            search_refused: true,
            left_alone_rows: 4,
            united_rows: 6,
            latest_undo: Some(undo),
            undone_by: Some(all),
            settled: Some("[]".to_owned()),
            decided_at: Some(5),
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
