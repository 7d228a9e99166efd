//! For tests: a watcher of a folder is told of every commit and every sync in it, just before it happens.
//!
//! Between two such moments the files do not change. So a copy made at one moment is what a kill at any time since the
//! moment before would have left.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

type Watcher = Arc<dyn Fn(&Path) + Send + Sync>;

static WATCHERS: Mutex<Vec<(PathBuf, Watcher)>> = Mutex::new(Vec::new());

/// Watches a folder until the value is dropped.
pub(crate) struct Watch(PathBuf);

impl Watch {
    /// Calls `watcher` with each file in `folder` that is about to change.
    pub fn new(folder: &Path, watcher: impl Fn(&Path) + Send + Sync + 'static) -> Self {
        let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.push((folder.to_path_buf(), Arc::new(watcher)));
        Self(folder.to_path_buf())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|(folder, _)| *folder != self.0);
    }
}

/// Tells the watcher that a file is about to be synced.
pub(super) fn at(path: &Path) {
    let watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = watchers.iter().find(|(folder, _)| path.starts_with(folder));
    let found = found.map(|(_, watcher)| watcher.clone());
    drop(watchers);
    if let Some(watcher) = found {
        watcher(path);
    }
}

/// Makes a connection tell the watcher of its commits.
pub(super) fn told(mut connection: Connection, path: &Path) -> Connection {
    let path = path.to_path_buf();
    let hook = move || {
        at(&path);
        false
    };
    connection.commit_hook(Some(hook)).expect("a hook");
    connection
}
