//! What all requests share: the choices of this start, the account, the works.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::findings::JobFindings;
use super::session::{Entrance, Session};
use super::works::Works;
use crate::face::choices::Choices;
use crate::face::doctor::Examination;
use crate::face::failure::{Failure, unwritable};
use crate::face::settings::{self, Settings};
use crate::journal::StateFolder;
use crate::lang::hint::Hints;
use crate::model::{Schema, make_private_folder};

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
    account: Mutex<ChosenAccount>,
    /// What the last examination of the account has found.
    examined: Mutex<Option<Arc<Examination>>>,
}

/// The account that the page works with.
struct ChosenAccount {
    choices: Choices,
    /// The settings, once they were resolved.
    settings: Option<Arc<Settings>>,
    /// The fields, once they were read.
    schema: Option<Arc<Schema>>,
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
            entrance,
            works: Arc::default(),
            findings: JobFindings::default(),
            account: Mutex::new(ChosenAccount {
                choices,
                settings: None,
                schema: None,
            }),
            examined: Mutex::default(),
        })
    }

    /// Returns the path of a file or folder of the page's own.
    pub fn file(&self, name: &str) -> PathBuf {
        self.state.root().join(FOLDER).join(name)
    }

    /// Keeps the session for the next start.
    pub fn keep_session(&self) -> Result<(), Failure> {
        let file = self.file("session.json");
        let kept = self.session.keep(&file);
        kept.map_err(|error| unwritable(&file, &error))
    }

    fn account(&self) -> MutexGuard<'_, ChosenAccount> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the choices of this start.
    pub fn choices(&self) -> Choices {
        self.account().choices.clone()
    }

    /// Returns the settings of the account. They are resolved once, and again after [`Shared::choose`].
    pub fn settings(&self) -> Result<Arc<Settings>, Failure> {
        let mut account = self.account();
        if let Some(settings) = &account.settings {
            return Ok(settings.clone());
        }
        let settings = Arc::new(Settings::resolve(&account.choices, None)?);
        account.settings = Some(settings.clone());
        Ok(settings)
    }

    /// Works with another account from now on, or reads the same one again.
    pub fn choose(&self, change: impl FnOnce(&mut Choices)) {
        let mut account = self.account();
        change(&mut account.choices);
        (account.settings, account.schema) = (None, None);
        *self.examined() = None;
    }

    /// Returns the fields of the account; `None` while they were not read, or after [`Shared::forget_schema`].
    pub fn schema(&self) -> Option<Arc<Schema>> {
        self.account().schema.clone()
    }

    /// Keeps the fields of an account, if it is still the one that is used.
    pub fn keep_schema(&self, settings: &Arc<Settings>, schema: Arc<Schema>) {
        let mut account = self.account();
        let own = account.settings.as_ref();
        if own.is_some_and(|own| Arc::ptr_eq(own, settings)) {
            account.schema = Some(schema);
        }
    }

    /// Reads the fields of the account again when they are asked for.
    pub fn forget_schema(&self) {
        self.account().schema = None;
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
