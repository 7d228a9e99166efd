//! A file that the browser sends: streamed to the disk, in flat memory.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;

use super::draft::{DraftFacts, ImportDraft};
use super::file_name::kept_name;
use super::room;
use crate::face::failure::{Failure, unwritable};
use crate::job::account::Account;
use crate::model::{make_new_private_folder, make_private_folder, private_options};
use crate::page::error::refused;

/// A folder that is removed again unless it is kept.
struct NewFolder {
    path: PathBuf,
    is_kept: bool,
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.is_kept {
            // What stays is removed at a later start.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Makes a draft of the first file of a form. Nothing of a broken upload stays.
pub(in crate::page) async fn receive(
    drafts: &Path,
    account: Option<Account>,
    headers: &HeaderMap,
    form: &mut Multipart,
) -> Result<ImportDraft, Failure> {
    make_private_folder(drafts).map_err(|error| unwritable(drafts, &error))?;
    require_room(drafts, headers)?;
    let id = ImportDraft::new_id().map_err(|error| unwritable(drafts, &error))?;
    let path = drafts.join(&id);
    make_new_private_folder(&path).map_err(|error| unwritable(&path, &error))?;
    let mut folder = NewFolder {
        path: path.clone(),
        is_kept: false,
    };
    let into = path.join("file");
    make_new_private_folder(&into).map_err(|error| unwritable(&into, &error))?;
    let (name, bytes) = first_file(&into, form).await?;
    let draft = ImportDraft::new(
        id,
        path,
        DraftFacts {
            file: kept_name(&name),
            name,
            bytes,
            account,
            begun: jiff::Timestamp::now().as_second(),
            ..DraftFacts::default()
        },
    );
    draft.save()?;
    folder.is_kept = true;
    Ok(draft)
}

/// Keeps the first file of a form beside a draft, in place of an earlier one. Returns its path.
pub(in crate::page) async fn receive_into(
    folder: &Path,
    headers: &HeaderMap,
    form: &mut Multipart,
) -> Result<PathBuf, Failure> {
    require_room(folder, headers)?;
    let into = folder.join("upload");
    // What an earlier upload has left.
    let _ = fs::remove_dir_all(&into);
    make_new_private_folder(&into).map_err(|error| unwritable(&into, &error))?;
    let mut left = NewFolder {
        path: into.clone(),
        is_kept: false,
    };
    let (name, _) = first_file(&into, form).await?;
    left.is_kept = true;
    Ok(into.join(kept_name(&name)))
}

/// Writes the first file of a form into a folder. Returns the name, as the browser calls it, and the size.
async fn first_file(folder: &Path, form: &mut Multipart) -> Result<(String, u64), Failure> {
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            continue;
        };
        if name.is_empty() {
            break;
        }
        let bytes = save_part(&folder.join(kept_name(&name)), field).await?;
        return Ok((name, bytes));
    }
    Err(refused("no-file", &[]))
}

async fn save_part(path: &Path, mut field: Field<'_>) -> Result<u64, Failure> {
    let failed = |error: std::io::Error| unwritable(path, &error);
    let mut file: File = private_options()
        .create_new(true)
        .write(true)
        .open(path)
        .map_err(failed)?;
    let mut bytes = 0;
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes += piece.len() as u64;
        tokio::task::block_in_place(|| file.write_all(&piece)).map_err(failed)?;
    }
    Ok(bytes)
}

/// Fails if what is announced does not fit on the disk.
fn require_room(folder: &Path, headers: &HeaderMap) -> Result<(), Failure> {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let Some(length) = length else { return Ok(()) };
    match room::too_little(folder, length) {
        None => Ok(()),
        Some(free) => Err(refused(
            "no-room",
            &[("size", &mebibytes(length)), ("free", &mebibytes(free))],
        )),
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

fn broken(error: &MultipartError) -> Failure {
    refused("broken-upload", &[("detail", &error.body_text())])
}
