//! What a person has chosen for one run, besides the configuration.

use std::path::PathBuf;

use crate::lang::Lang;
use crate::lang::hint::Hints;

/// The choices of one run. They win over the profile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choices {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// The name of the profile.
    pub profile: Option<String>,
    /// Whether the embedded CRM takes the place of the account.
    pub sandbox: bool,
    /// The allowed calls, such as `5/s`.
    pub rate: Option<String>,
    /// How many calls are under way at once.
    pub concurrency: Option<usize>,
    /// How long a call may take.
    pub timeout: Option<String>,
    /// How long a lost call is waited for.
    pub settle: Option<String>,
    /// Whether no customer is written again to settle rows in doubt.
    pub no_touch: bool,
    /// The folder in which jobs are kept.
    pub state_dir: Option<PathBuf>,
    /// The language of everything that is shown and written.
    pub lang: Lang,
    /// What the run adds to the commands that it names.
    pub hints: Hints,
}
