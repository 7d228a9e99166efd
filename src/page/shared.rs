//! What all requests share: the choices of this start, the account, the works.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::accounts::Accounts;
use super::findings::JobFindings;
use super::session::{Entrance, Session};
use super::works::Works;
use crate::face::choices::Choices;
use crate::face::doctor::Examination;
use crate::face::failure::{Failure, unwritable};
use crate::face::settings;
use crate::journal::StateFolder;
use crate::lang::hint::Hints;
use crate::model::make_private_folder;

/// The folder of the page within the state folder.
const FOLDER: &str = "page";

/// The folder of the drafts of imports, within that of the page.
pub(super) const IMPORTS: &str = "imports";

/// The folder of the sheets by which customers are deleted, within that of the page.
pub(super) const DELETIONS: &str = "deletions";

/// What all requests share.
pub(super) struct Shared {
    /// The state folder, with all jobs.
    pub state: StateFolder,
    /// Whom the page serves.
    pub session: Session,
    /// What lets a browser in at first.
    pub entrance: Entrance,
    /// What goes on in threads of its own.
    pub works: Arc<Works>,
    /// What was found out about jobs.
    pub findings: JobFindings,
    /// The accounts that the page works with.
    pub accounts: Accounts,
    /// The names that were given to files since the start, whether or not they are written already.
    names: Mutex<BTreeSet<String>>,
    /// What the last examination of the account has found.
    examined: Mutex<Option<Arc<Examination>>>,
}

impl Shared {
    /// Opens the state folder and the session.
    pub fn open(choices: Choices, port: Option<u16>) -> Result<Self, Failure> {
        let choices = Choices {
            hints: Hints::of_page(),
            ..choices
        };
        let state = settings::state_folder_alone(&choices)?;
        let folder = state.root().join(FOLDER);
        make_private_folder(&folder).map_err(|error| unwritable(&folder, &error))?;
        let file = folder.join("session.json");
        let mut session = Session::of(&file).map_err(|error| unwritable(&file, &error))?;
        session.port = port.unwrap_or(session.port);
        let entrance = Entrance::new().map_err(|error| unwritable(&file, &error))?;
        Ok(Self {
            state,
            session,
            works: Arc::new(Works::kept_in(folder.join("works.json"))),
            entrance,
            findings: JobFindings::default(),
            accounts: Accounts::new(choices),
            names: Mutex::default(),
            examined: Mutex::default(),
        })
    }

    /// Returns the path of a file or folder of the page's own.
    pub fn file(&self, name: &str) -> PathBuf {
        self.state.root().join(FOLDER).join(name)
    }

    /// Returns whether a name was not given to any file yet. It is given from now on.
    pub fn is_new_name(&self, name: &str) -> bool {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_owned())
    }

    /// Keeps the session for the next start.
    pub fn keep_session(&self) -> Result<(), Failure> {
        let file = self.file("session.json");
        let kept = self.session.keep(&file);
        kept.map_err(|error| unwritable(&file, &error))
    }

    /// Works with another account from now on, or reads the same one again.
    pub fn choose(&self, change: impl FnOnce(&mut Choices)) {
        self.accounts.choose(change);
        *self.examined() = None;
    }

    fn examined(&self) -> MutexGuard<'_, Option<Arc<Examination>>> {
        self.examined.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what an examination of the account has found.
    pub fn keep_findings(&self, findings: Examination) {
        *self.examined() = Some(Arc::new(findings));
    }

    /// Returns what the last examination of the account has found.
    pub fn findings(&self) -> Option<Arc<Examination>> {
        self.examined().clone()
    }
}
