//! Turns errors into text, hint and exit code. No other file does.

use std::path::Path;

use crate::crm::{CallError, Class};
use crate::job::error::JobError;
use crate::journal::JournalError;
use crate::lang;
use crate::lang::{Lang, Text, Words, say};
use crate::model::{Code, Problem};
use crate::table::TableError;

/// The result of a command: an exit code, or a failure.
pub(crate) type CommandResult = Result<u8, Failure>;

/// The exit codes of product.md.
///
/// | code | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | unexpected or local failure (journal, disk, the sheet unwritable) |
/// | 2 | usage or configuration |
/// | 3 | unusable input, or `check`/`--strict` found problems |
/// | 4 | finished, some rows invalid or failed, or differences, or an incomplete export |
/// | 5 | stopped, resumable; also: nobody reachable |
/// | 6 | finished, some rows unknown |
/// | 7 | refused: signature, appid or permission |
/// | 8 | job or export in use by another process |
/// | 9 | nothing to do |
pub(crate) mod exit {
    pub const DONE: u8 = 0;
    pub const LOCAL: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const INPUT: u8 = 3;
    pub const PARTLY: u8 = 4;
    pub const STOPPED: u8 = 5;
    pub const UNKNOWN: u8 = 6;
    pub const REFUSED: u8 = 7;
    pub const BUSY: u8 = 8;
    pub const NOTHING: u8 = 9;
}

/// A failure that ends a command, in words.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub exit: u8,
    /// The errors, one part for each.
    parts: Vec<FailurePart>,
}

/// One error, before it is put into words.
#[derive(Debug)]
enum FailurePart {
    /// An error with a number in the catalogue.
    Numbered(Problem),
    /// An error without a number: a message and a hint.
    Plain(Text, Text),
}

/// How a face puts a problem into words.
pub(crate) type SayProblem = fn(&Problem, Lang) -> Words;

/// An error in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorWords {
    /// The number in the catalogue.
    pub code: Option<Code>,
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl ErrorWords {
    /// Returns a numbered problem as an error, in these words.
    pub fn said(problem: &Problem, words: Words) -> Self {
        Self {
            code: Some(problem.code),
            message: words.message,
            hint: words.tip,
        }
    }
}

impl FailurePart {
    fn words(&self, say: SayProblem, lang: Lang) -> ErrorWords {
        match self {
            Self::Numbered(problem) => ErrorWords::said(problem, say(problem, lang)),
            Self::Plain(message, hint) => {
                let said = |text: &Text| text.pick(lang).to_owned();
                ErrorWords {
                    code: None,
                    message: said(message),
                    hint: said(hint),
                }
            }
        }
    }
}

impl Failure {
    /// Makes a failure without a number in the catalogue, of a message and its hint.
    pub fn said(exit: u8, (message, hint): (Text, Text)) -> Self {
        Self {
            exit,
            parts: vec![FailurePart::Plain(message, hint)],
        }
    }

    /// Makes a numbered failure.
    pub fn of(exit: u8, problem: &Problem) -> Self {
        Self::of_all(exit, std::slice::from_ref(problem))
    }

    /// Makes a failure of several numbered problems.
    pub fn of_all(exit: u8, problems: &[Problem]) -> Self {
        Self {
            exit,
            parts: problems
                .iter()
                .cloned()
                .map(FailurePart::Numbered)
                .collect(),
        }
    }

    /// Makes the failure of an input. Of many columns that match no field, the first ones are named and the others
    /// counted.
    fn of_input(problems: &[Problem]) -> Self {
        const NAMED: usize = 10;
        let is_unknown = |problem: &Problem| problem.code == Code::UnknownColumns;
        let unknown = problems
            .iter()
            .filter(|problem| is_unknown(problem))
            .count();
        let mut failure = Self::of_all(exit::INPUT, &[]);
        let mut named = 0;
        for problem in problems {
            named += usize::from(is_unknown(problem));
            if !is_unknown(problem) || named <= NAMED {
                failure.parts.push(FailurePart::Numbered(problem.clone()));
            } else if named == NAMED + 1 {
                let (message, hint) = say::usage::more_unknown_columns(unknown - NAMED);
                failure.parts.push(FailurePart::Plain(message, hint));
            }
        }
        failure
    }

    /// Returns the errors in words.
    pub fn words(&self, lang: Lang) -> Vec<ErrorWords> {
        self.words_by(lang::words, lang)
    }

    /// Returns the errors in the words of a face.
    pub fn words_by(&self, say: SayProblem, lang: Lang) -> Vec<ErrorWords> {
        let parts = self.parts.iter();
        parts.map(|part| part.words(say, lang)).collect()
    }
}

/// Makes the failure of a command line, a setting or a file that cannot be used, of a message and its hint.
pub(crate) fn usage(words: (Text, Text)) -> Failure {
    Failure::said(exit::USAGE, words)
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Table(error) => error.into(),
            JobError::Journal(error) => error.into(),
            JobError::Call(error) => Self::of(call_exit(&error), &call_problem(&error)),
            JobError::Input(problems) => Self::of_input(&problems),
            JobError::File { .. } | JobError::Spec { .. } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::JournalFailed).with("detail", error.detail()),
            ),
            JobError::CopyChanged { .. } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::CopyChanged).with("detail", error.detail()),
            ),
            JobError::Unfinished { job } => Self::of(
                exit::NOTHING,
                &Problem::new(Code::JobUnfinished)
                    .with("job", job.as_str())
                    .with("resume", format!("ferry resume {job}")),
            ),
            JobError::Finished(job) => Self::of(
                exit::NOTHING,
                &Problem::new(Code::JobFinished).with("job", job.as_str()),
            ),
            JobError::IsAPlan(job) => Self::of(
                exit::NOTHING,
                &Problem::new(Code::JobIsAPlan).with("job", job.as_str()),
            ),
            JobError::Usage(problem) => Self::of(exit::USAGE, &problem),
            JobError::NothingWritten(job) => Self::of(
                exit::NOTHING,
                &Problem::new(Code::NothingWritten).with("job", job.as_str()),
            ),
            JobError::NotAPlan(job) => Self::of(
                exit::USAGE,
                &Problem::new(Code::NotAPlan).with("job", job.as_str()),
            ),
            JobError::Undecided(job) => {
                Self::said(exit::USAGE, say::usage::undecided(job.as_str()))
            }
            JobError::Unconfirmed { host } => Self::of(
                exit::USAGE,
                &Problem::new(Code::NeedsConfirmation).with("host", host),
            ),
            JobError::UnreadableCustomer(_) => Self::of(
                exit::LOCAL,
                &Problem::new(Code::CustomerUnreadable).with("detail", error.detail()),
            ),
            JobError::Output(problem) => Self::of(exit::LOCAL, &problem),
            JobError::ExportUnwritten { path, detail, job } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::ExportUnwritten)
                    .with("path", path.to_string_lossy())
                    .with("detail", detail)
                    .with("resume", format!("ferry resume {job}")),
            ),
            JobError::ExportBusy(path) => Self::of(
                exit::BUSY,
                &Problem::new(Code::ExportBusy).with("path", path),
            ),
            JobError::StoppedInPlan => Self::said(exit::STOPPED, say::usage::stopped_in_plan()),
            JobError::Declined => Self::said(exit::USAGE, say::usage::declined()),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let detailed = |code| Problem::new(code).with("detail", error.detail());
        match &error {
            JournalError::Database { .. }
            | JournalError::File { .. }
            | JournalError::Stopped(_) => Self::of(exit::LOCAL, &detailed(Code::JournalFailed)),
            JournalError::UnknownWord { path, what, value } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::WordUnknown)
                    .with("path", path.to_string_lossy())
                    .with("what", *what)
                    .with("value", value),
            ),
            JournalError::WentBack { .. }
            | JournalError::Damaged { .. }
            | JournalError::WithoutSource { .. } => {
                Self::of(exit::LOCAL, &detailed(Code::JournalWentBack))
            }
            JournalError::Gone { path } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::StateGone).with("path", path.to_string_lossy()),
            ),
            JournalError::Foreign { .. } => Self::of(exit::LOCAL, &detailed(Code::JournalForeign)),
            JournalError::Busy(job) => {
                Self::of(exit::BUSY, &Problem::new(Code::JobBusy).with("job", job))
            }
            JournalError::NoSuchJob(job) => {
                Self::of(exit::USAGE, &Problem::new(Code::NoSuchJob).with("job", job))
            }
        }
    }
}

impl From<TableError> for Failure {
    fn from(mut error: TableError) -> Self {
        let path = error
            .path()
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let code = match &error {
            TableError::NotFound { .. } => Code::FileNotFound,
            TableError::IsDirectory { .. } => Code::IsDirectory,
            TableError::Unreadable { .. } => Code::Unreadable,
            TableError::Empty { .. } => Code::EmptyFile,
            TableError::NotAWorkbook { .. }
            | TableError::Damaged { .. }
            | TableError::SheetMissing { .. } => Code::NotAWorkbook,
            TableError::OldFormat { .. } => Code::OldFormat,
            TableError::Encoding { .. } => Code::BadEncoding,
            TableError::Csv { .. } | TableError::TooLong { .. } => Code::BadCsv,
            TableError::Quote { .. } => Code::StrayQuote,
            TableError::TooLarge { .. } => Code::CellTooLong,
            TableError::TooManyTexts { .. } => Code::TooManyTexts,
            TableError::UnknownEncoding { label } => {
                return Self::said(exit::USAGE, say::usage::unknown_encoding(label));
            }
            TableError::BadDelimiter { delimiter } => {
                return Self::said(exit::USAGE, say::usage::bad_delimiter(*delimiter));
            }
            TableError::Io { .. } => {
                let words = say::usage::unwritable_file(&path, &error.detail());
                return Self::said(exit::LOCAL, words);
            }
            TableError::Unwritable { detail } => {
                return Self::said(exit::LOCAL, say::usage::no_workbook(detail));
            }
        };
        let problem = Problem::new(code)
            .with("path", path)
            .with("detail", error.detail());
        let problem = match error.remedy() {
            Some(remedy) => problem.with("remedy", remedy),
            None => problem,
        };
        Self::of(exit::INPUT, &problem)
    }
}

/// Returns the exit code of a call that failed outside the rows.
pub(crate) fn call_exit(error: &CallError) -> u8 {
    match error.class {
        class if class.is_fatal() => exit::REFUSED,
        Class::NotSent | Class::Busy | Class::Unknown => exit::STOPPED,
        _ => exit::LOCAL,
    }
}

/// Returns a failed call as a numbered problem.
pub(crate) fn call_problem(error: &CallError) -> Problem {
    let by_class = match error.class {
        Class::NotSent if error.code.as_deref() == Some(CallError::QUOTA) => Code::QuotaSpent,
        Class::NotSent => Code::Unreachable,
        Class::Busy => Code::ServerBusy,
        Class::BadSignature => Code::BadSignature,
        Class::UnknownAppid => Code::UnknownAppid,
        Class::NoPermission => Code::NoPermission,
        Class::Unknown => Code::NoReply,
        Class::Refused => Code::Refused,
        Class::Gone => Code::CustomerGone,
    };
    let code = error.connection_code().unwrap_or(by_class);
    let trace = error.trace_id.as_deref().unwrap_or_default();
    let refusal = error.code.as_deref().unwrap_or_default();
    Problem::new(code)
        .with("host", say::doctor::the_crm())
        .with("detail", &error.message)
        .with("code", refusal)
        .with("trace", trace)
}

/// Makes the failure of a file that cannot be written.
pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display().to_string();
    let words = say::usage::unwritable_file(&path, &error.to_string().into());
    Failure::said(exit::LOCAL, words)
}
