//! Where to look for works of an earlier start: the addresses of their screens lead there.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::write_private;

/// How many works are remembered.
const MOST: usize = 200;

/// The path for each work by its name, the latest last.
#[derive(Debug, Default)]
pub(super) struct WorkPlaces {
    /// Where they are kept; nowhere in tests.
    file: Option<PathBuf>,
    all: Mutex<VecDeque<(String, String)>>,
}

impl WorkPlaces {
    /// Returns the places of the last start. A file that cannot be read has none.
    pub fn of(file: PathBuf) -> Self {
        let bytes = std::fs::read(&file).unwrap_or_default();
        Self {
            all: Mutex::new(serde_json::from_slice(&bytes).unwrap_or_default()),
            file: Some(file),
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, String)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the place of a work, instead of an earlier one.
    pub fn note(&self, work: &str, path: &str) {
        let mut all = self.lock();
        all.retain(|(its, _)| its != work);
        all.push_back((work.to_owned(), path.to_owned()));
        while all.len() > MOST {
            all.pop_front();
        }
        if let (Some(file), Ok(bytes)) = (&self.file, serde_json::to_vec(&*all)) {
            // Without it, the address leads nowhere after a restart, and nothing else is lost.
            let _ = write_private(file, &bytes);
        }
    }

    /// Returns the place of a work.
    pub fn of_work(&self, work: &str) -> Option<String> {
        let all = self.lock();
        let found = all.iter().find(|(its, _)| its == work);
        found.map(|(_, path)| path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_outlive_a_restart_and_stay_few() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("works.json");
        let places = WorkPlaces::of(file.clone());
        for number in 0..=MOST {
            places.note(&format!("work {number}"), "/import");
        }
        places.note("work 7", "/job/a");
        let later = WorkPlaces::of(file);
        assert_eq!(later.of_work("work 7").as_deref(), Some("/job/a"));
        assert_eq!(later.of_work("work 8").as_deref(), Some("/import"));
        assert_eq!(later.of_work("work 0"), None);
        assert_eq!(later.lock().len(), MOST);
    }
}
