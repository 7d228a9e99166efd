//! The state folder, the job folders in it, and the lock that keeps two processes from working on one job.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::clock::unix_nanoseconds;
use crate::model::{
    JobId, close_to_others, make_new_private_folder, make_private_folder, mend_private,
    private_options,
};

/// How often a held lock is tried again, and the pause before each try.
const LOCK_TRIES: u32 = 5;
/// The file of a job's folder that says when the folder was made, in Unix nanoseconds. A job's name tells its second, by
/// a clock that may have been set to another zone, and the times of files are those of their copies.
const MADE: &str = "made";
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// The names of what ferry makes in the state folder. A database has its `-wal` and `-shm` beside it.
const OWN_NAMES: &[&str] = &["jobs", "exports"];
const OWN_BEGINNINGS: &[&str] = &[
    "ledger.db",
    "sandbox.db",
    "quota-",
    "pace-",
    "verify-",
    "owners-",
];

/// The user's state folder.
#[derive(Debug, Clone)]
pub struct StateFolder {
    root: PathBuf,
}

/// The folder of one job.
#[derive(Debug, Clone)]
pub struct JobFolder {
    id: JobId,
    path: PathBuf,
}

/// The lock of a job or an export. It is released when dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct JobLock {
    _file: File,
}

impl StateFolder {
    /// Opens the folder, and makes it (mode 0700) where it is missing. Where it was open to other users, closes it.
    pub fn open(root: &Path) -> Result<Self, JournalError> {
        let folder = Self {
            root: root.to_path_buf(),
        };
        make_private(&folder.root.join("jobs"))?;
        folder.mend();
        Ok(folder)
    }

    /// Closes ferry's own files to other users, whoever has opened them. Other files in the folder are left alone.
    fn mend(&self) {
        if let Ok(found) = fs::metadata(&self.root) {
            close_to_others(&self.root, &found);
        }
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_ours = name.to_str().is_some_and(|name| {
                OWN_NAMES.contains(&name) || OWN_BEGINNINGS.iter().any(|own| name.starts_with(own))
            });
            if is_ours {
                mend_private(&entry.path());
            }
        }
    }

    /// Returns the path of the state folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns whether the folder lies on a network drive, where neither locks nor the journal can be relied on.
    pub fn is_on_network(&self) -> bool {
        super::network::is_network(&self.root)
    }

    /// Returns the path of the ledger, which all accounts share.
    pub fn ledger_path(&self) -> PathBuf {
        self.root.join("ledger.db")
    }

    /// Makes and locks the folder of a new job. A taken name gets `-2`, `-3` … up to `-999`.
    pub fn create_job(&self, id: &JobId) -> Result<(JobFolder, JobLock), JournalError> {
        for number in 1..1000 {
            let name = if number == 1 {
                id.to_string()
            } else {
                format!("{id}-{number}")
            };
            let path = self.root.join("jobs").join(&name);
            match make_new_private_folder(&path) {
                Ok(()) => {
                    let Ok(id) = JobId::parse(&name) else { break };
                    let folder = JobFolder { id, path };
                    // Before the folder is locked, another process may take it for that of a dead run, because it has
                    // no journal, and delete it. Then the next name is tried.
                    let locked = folder.lock();
                    if folder.file("lock").exists() {
                        folder.note_moment(unix_nanoseconds())?;
                        return locked.map(|lock| (folder, lock));
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(JournalError::File { path, source }),
            }
        }
        Err(JournalError::Busy(id.to_string()))
    }

    /// Locks the export of a name for this process, whichever job writes it.
    pub fn lock_export(&self, name: &str) -> Result<JobLock, JournalError> {
        let folder = self.root.join("exports");
        make_private(&folder)?;
        take_lock(&folder.join(format!("{name}.lock")), name)
    }

    /// Returns the folder of an existing job.
    pub fn job(&self, id: &JobId) -> Result<JobFolder, JournalError> {
        let path = self.root.join("jobs").join(id.as_str());
        if path.is_dir() {
            Ok(JobFolder {
                id: id.clone(),
                path,
            })
        } else {
            Err(JournalError::NoSuchJob(id.to_string()))
        }
    }

    /// Returns the folders of all jobs, in the order in which they were made.
    pub fn jobs(&self) -> Result<Vec<JobFolder>, JournalError> {
        let path = self.root.join("jobs");
        let entries = fs::read_dir(&path).map_err(|source| JournalError::File {
            path: path.clone(),
            source,
        })?;
        let mut jobs: Vec<JobFolder> = entries
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| {
                let id = JobId::parse(entry.file_name().to_str()?).ok()?;
                Some(JobFolder {
                    id,
                    path: entry.path(),
                })
            })
            .collect();
        jobs.sort_by_cached_key(|job| (job.moment(), job.id.clone()));
        Ok(jobs)
    }
}

impl JobFolder {
    /// Returns the job's id, which is also the folder's name.
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// Returns the path of a file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns when the folder was made, in Unix nanoseconds; 0 where it does not say so.
    fn moment(&self) -> u64 {
        let text = fs::read_to_string(self.file(MADE)).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    fn note_moment(&self, moment: u64) -> Result<(), JournalError> {
        let path = self.file(MADE);
        let written = private_options()
            .create(true)
            .truncate(true)
            .write(true)
            .open(&path)
            .and_then(|mut file| file.write_all(moment.to_string().as_bytes()));
        written.map_err(|source| JournalError::File { path, source })
    }

    /// Locks the job for this process.
    pub fn lock(&self) -> Result<JobLock, JournalError> {
        take_lock(&self.file("lock"), self.id.as_str())
    }

    /// Returns whether a process works on the job right now.
    pub fn is_locked(&self) -> bool {
        // Shared, so that two who look do not take each other for a worker.
        let probe = File::options()
            .write(true)
            .open(self.file("lock"))
            .map(|file| file.try_lock_shared());
        matches!(probe, Ok(Err(TryLockError::WouldBlock)))
    }

    /// Deletes the folder of a job that has sent nothing.
    pub fn discard(self, lock: JobLock) -> Result<(), JournalError> {
        drop(lock);
        fs::remove_dir_all(&self.path).map_err(|source| JournalError::File {
            path: self.path,
            source,
        })
    }
}

/// Locks a file. `name` is what the error calls busy when another process has the lock.
fn take_lock(path: &Path, name: &str) -> Result<JobLock, JournalError> {
    let failed = |source| JournalError::File {
        path: path.to_path_buf(),
        source,
    };
    let file = private_options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(failed)?;
    // `is_locked` of another process holds the lock for a moment.
    let mut taken = file.try_lock();
    for _ in 0..LOCK_TRIES {
        if !matches!(taken, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        taken = file.try_lock();
    }
    match taken {
        Ok(()) => Ok(JobLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(JournalError::Busy(name.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn make_private(path: &Path) -> Result<(), JournalError> {
    make_private_folder(path).map_err(|source| JournalError::File {
        path: path.to_path_buf(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_belongs_to_one_process_at_a_time() {
        let root = tempfile::tempdir().expect("a folder");
        let state = StateFolder::open(&root.path().join("deep/state")).expect("state");
        let id = JobId::from_parts("20261123-173015", "客户");
        let (job, lock) = state.create_job(&id).expect("a job");
        let (second, _second_lock) = state.create_job(&id).expect("another job");
        assert_eq!(second.id().as_str(), "20261123-173015-客户-2");
        assert!(job.is_locked() && matches!(job.lock(), Err(JournalError::Busy(_))));
        drop(lock);
        assert!(!job.is_locked());
        assert_eq!(state.jobs().expect("jobs").len(), 2);
        assert!(matches!(
            state.job(&JobId::from_parts("x", "y")),
            Err(JournalError::NoSuchJob(_))
        ));
    }

    #[test]
    fn jobs_stand_in_the_order_in_which_they_were_made() {
        let root = tempfile::tempdir().expect("a folder");
        let state = StateFolder::open(root.path()).expect("state");
        // One second, names that do not sort; then the clock goes back an hour.
        let made = [
            "20261123-173015-b",
            "20261123-173015-a",
            "20261123-163015-c",
        ];
        for name in made {
            let id = JobId::parse(name).expect("an id");
            state.create_job(&id).expect("a job");
        }
        let names = |state: &StateFolder| -> Vec<String> {
            let jobs = state.jobs().expect("jobs");
            jobs.iter().map(|job| job.id().to_string()).collect()
        };
        assert_eq!(names(&state), made);
        // A copy of the folder, of which each file is new, says the same.
        let copy = tempfile::tempdir().expect("a folder");
        for name in [
            "20261123-163015-c",
            "20261123-173015-a",
            "20261123-173015-b",
        ] {
            let to = copy.path().join("jobs").join(name);
            fs::create_dir_all(&to).expect("made");
            let from = root.path().join("jobs").join(name).join(MADE);
            fs::copy(from, to.join(MADE)).expect("copied");
        }
        assert_eq!(names(&StateFolder::open(copy.path()).expect("state")), made);
    }
}
