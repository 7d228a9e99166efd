//! Changes a `ferry.toml` as a person would: everything that is not meant stays as it is.

use std::io::Write;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::config::ConfigFile;
use super::failure::{Failure, exit};
use crate::lang::say;
use crate::model::persist;

/// The keys that say where the secret of a profile is. Only one of them may be set.
const SECRET_KEYS: [&str; 4] = ["secret", "secret_env", "secret_file", "secret_command"];

/// Replaces a file by what `change` makes of its text, as a whole or not at all.
pub(super) fn edit_file(
    file: &Path,
    change: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let failed = |cause: String| {
        let words = say::usage::name_a_writable_file(&shown, &cause);
        Failure::said(exit::LOCAL, words)
    };
    // A link stays a link.
    let path = std::fs::canonicalize(file).map_err(|error| failed(error.to_string()))?;
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    let text = change(&text).map_err(failed)?;
    replace(&path, text.as_bytes()).map_err(|error| failed(error.to_string()))
}

/// Returns a text with its document changed. A byte order mark and the ends of lines stay.
pub(super) fn edit_text(
    text: &str,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), String>,
) -> Result<String, String> {
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    let mut document: DocumentMut = body
        .parse()
        .map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    change(&mut document)?;
    let written = document.to_string();
    let written = if body.contains("\r\n") {
        written.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        written
    };
    Ok(format!("{mark}{written}"))
}

/// Sets texts of a profile, which is added where it is missing, and makes it the one that is used. A `secret_file` takes
/// the place of every other way to the secret.
pub(crate) fn set_in_profile(
    file: &Path,
    profile: &str,
    texts: &[(&str, &str)],
) -> Result<(), Failure> {
    edit_file(file, |text| with_profile(text, profile, texts))
}

fn with_profile(text: &str, profile: &str, texts: &[(&str, &str)]) -> Result<String, String> {
    let written = edit_text(text, |document| {
        document["profile"] = value(profile);
        let profiles = document.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let table = profiles
            .as_table_like_mut()
            .ok_or_else(|| "profiles".to_owned())?
            .entry(profile)
            .or_insert_with(|| Item::Table(Table::new()))
            .as_table_like_mut()
            .ok_or_else(|| profile.to_owned())?;
        for (key, text) in texts {
            if SECRET_KEYS.contains(key) {
                for other in SECRET_KEYS {
                    drop(table.remove(other));
                }
            }
            // An emptied setting is none.
            if text.is_empty() {
                drop(table.remove(key));
            } else {
                set(table, key, text);
            }
        }
        Ok(())
    })?;
    let plain = written.trim_start_matches('\u{feff}');
    toml::from_str::<ConfigFile>(plain).map_err(|error| error.message().to_owned())?;
    Ok(written)
}

fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        // The remark behind a value stays.
        Some(old) => {
            let decor = old.decor().clone();
            *old = text.into();
            *old.decor_mut() = decor;
        }
        None => drop(table.insert(key, value(text))),
    }
}

/// Replaces a file as a whole. It keeps its mode.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    std::fs::set_permissions(file.path(), std::fs::metadata(path)?.permissions())?;
    persist(file, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_changed_or_added_and_the_rest_stays() {
        let before = "# mine\nprofile = \"a\" # first\n\n[profiles.a]\nbase_url = \"https://one.example\" # old\nappid = \"1\"\nsecret_env = \"X\"\nrate = \"3/s\"\n";
        let texts = [
            ("base_url", "https://two.example"),
            ("secret_file", "a.secret"),
        ];
        let after = with_profile(before, "a", &texts).expect("written");
        assert!(
            after.contains("base_url = \"https://two.example\" # old"),
            "{after}"
        );
        assert!(after.contains("secret_file = \"a.secret\"") && !after.contains("secret_env"));
        assert!(after.starts_with("# mine\n") && after.contains("rate = \"3/s\""));
        let added = with_profile(before, "新", &[("appid", "2")]).expect("written");
        let file: ConfigFile = toml::from_str(&added).expect("valid");
        assert_eq!(file.profile.as_deref(), Some("新"));
        assert_eq!(file.profiles["新"].appid.as_deref(), Some("2"));
        assert_eq!(
            file.profiles["a"]
                .rate
                .as_ref()
                .map(super::super::config::OneOrMany::joined)
                .as_deref(),
            Some("3/s")
        );
        // An empty file and one of Windows.
        let new = with_profile("", "a", &[("appid", "1")]).expect("written");
        assert!(new.contains("[profiles.a]\nappid = \"1\""), "{new}");
        let windows = with_profile(
            "\u{feff}[profiles.a]\r\nappid = \"1\"\r\n",
            "a",
            &[("appid", "2")],
        );
        assert!(windows.is_ok_and(
            |text| text.starts_with('\u{feff}') && !text.replace("\r\n", "").contains('\n')
        ));
    }
}
