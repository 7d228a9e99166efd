//! Files that the browser saves. They are streamed, so a large one takes no memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use tokio_stream::wrappers::ReceiverStream;

use super::error::PageError;
use super::links::quoted;
use crate::face::failure::{Failure, unwritable};

/// How many bytes are read at a time, and how many such pieces wait for the browser.
const PIECE: usize = 64 << 10;
const PIECES: usize = 4;

/// A file that is to be saved by the browser. It is open, so nobody can replace it meanwhile.
#[derive(Debug)]
pub(super) struct Download {
    file: File,
    bytes: u64,
    name: String,
}

impl Download {
    /// Opens a file of ferry's own. `name` is how the browser saves it.
    pub fn open(path: &Path, name: &str) -> Result<Self, Failure> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (bytes, file) = opened.map_err(|error| unwritable(path, &error))?;
        Ok(Self {
            file,
            bytes,
            name: name.to_owned(),
        })
    }

    /// Returns the answer that holds the file.
    pub fn answer(self) -> Result<Response, PageError> {
        let Self {
            mut file,
            bytes,
            name,
        } = self;
        let (sender, pieces) = tokio::sync::mpsc::channel(PIECES);
        tokio::task::spawn_blocking(move || {
            loop {
                let mut piece = vec![0; PIECE];
                let read = file.read(&mut piece).map(|length| {
                    piece.truncate(length);
                    piece
                });
                let is_last = read.as_ref().map_or(true, Vec::is_empty);
                let is_end = is_last && read.is_ok();
                // A browser that has gone needs no further piece.
                if is_end || sender.blocking_send(read).is_err() || is_last {
                    return;
                }
            }
        });
        let mut response = Body::from_stream(ReceiverStream::new(pieces)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(type_of(&name)));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
        let said = HeaderValue::from_str(&disposition(&name)).map_err(|_| PageError::broken())?;
        headers.insert(CONTENT_DISPOSITION, said);
        Ok(response)
    }
}

fn type_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv" => "text/csv; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "toml" => "application/toml; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Says that a file is to be saved, and under which name: in ASCII for old browsers, and as it is (RFC 5987).
fn disposition(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_. ()".contains(letter);
    let plain = |letter: char| if is_plain(letter) { letter } else { '_' };
    let old: String = name.chars().map(plain).collect();
    format!(
        "attachment; filename=\"{old}\"; filename*=UTF-8''{}",
        quoted(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_saved_as_it_is_and_ends_no_header() {
        assert_eq!(
            disposition("客户 \"1\"\r\n.xlsx"),
            "attachment; filename=\"__ _1___.xlsx\"; filename*=UTF-8''%E5%AE%A2%E6%88%B7%20%221%22%0D%0A.xlsx"
        );
    }
}
