//! Customers before a row changed them, and as the reply to the change has them. An undo restores the former, and
//! compares with the latter.
//!
//! The stored customer is in the journal before the call leaves that changes it. Each image has a checksum of its own,
//! because an undo writes the image back.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, params};

use super::checksum::checksum;
use super::error::JournalError;
use super::image::{Image, Images};
use super::store::Journal;
use crate::model::RowNumber;

impl Journal {
    /// Stores an image of a row's customer, as JSON. An older image of the same kind is replaced.
    pub(super) fn keep_image(
        &self,
        row: RowNumber,
        image: Image,
        line: &str,
    ) -> Result<(), JournalError> {
        let keep = || {
            let mut statement = self.connection.prepare_cached(
                "INSERT OR REPLACE INTO images(row, kind, line, checksum) VALUES (?1, ?2, ?3, ?4)",
            )?;
            let (row, kind) = (row.to_key(), image as i64);
            let own = [ValueRef::Integer(row), ValueRef::Integer(kind)];
            let sum = checksum(own.into_iter().chain([ValueRef::Text(line.as_bytes())]));
            statement.execute(params![row, kind, line, sum])
        };
        keep()
            .map(|_| ())
            .map_err(|source| self.database_error(source))
    }

    /// Replaces the images before rows that are still to be sent.
    pub fn keep_before(&mut self, images: &[(RowNumber, &str)]) -> Result<(), JournalError> {
        self.in_transaction(|journal| {
            images
                .iter()
                .try_for_each(|(row, line)| journal.keep_image(*row, Image::Planned, line))
        })
    }

    /// Returns the customer of a row before and after.
    pub fn images(&self, row: RowNumber) -> Result<Images, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT kind, line, checksum, row FROM images WHERE row = ?1 ORDER BY kind",
            )?;
            let images = statement.query_map([row.to_key()], |image| {
                let sum = checksum([image.get_ref(3)?, image.get_ref(0)?, image.get_ref(1)?]);
                Ok((image.get(0)?, image.get(1)?, sum == image.get::<_, i64>(2)?))
            })?;
            images.collect::<rusqlite::Result<Vec<(i64, String, bool)>>>()
        };
        let mut images = Images::default();
        let read = read().map_err(|source| self.database_error(source))?;
        images.is_repeated = read
            .iter()
            .any(|(kind, ..)| *kind == Image::Repeated as i64);
        for (kind, line, is_whole) in read {
            if !is_whole {
                return Err(JournalError::Damaged {
                    path: self.path.clone(),
                    row: row.row,
                });
            }
            // Of two images before the write, the later one is nearer to it. But after a repetition the later one may
            // show what the first call has written.
            if kind == Image::Answered as i64 {
                images.after = Some(line);
            } else if kind == Image::Planned as i64
                || (kind == Image::Sent as i64 && !images.is_repeated)
            {
                images.before = Some(line);
            }
        }
        Ok(images)
    }

    /// Returns whether any row has an image, which means that something was changed or is to be changed.
    pub fn has_images(&self) -> Result<bool, JournalError> {
        let find = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT 1 FROM images LIMIT 1")?;
            statement.query_row([], |_| Ok(())).optional()
        };
        find()
            .map(|found| found.is_some())
            .map_err(|source| self.database_error(source))
    }
}
