//! Writes the settings that `ferry doctor` has found into a profile of `ferry.toml`.
//!
//! The file is a person's: comments, order and everything that is not one of the settings stay as they are. A setting
//! that is not there yet becomes one line behind the profile's other values (`find = { … }`) and no table of its own. A
//! table would take in whatever a person takes out of comments below it.

use std::path::Path;

use toml_edit::{InlineTable, Item, TableLike, Value};

use super::config::ConfigFile;
use super::config_edit::{edit_file, edit_text};
use super::failure::Failure;
use crate::crm::{ApiSettings, FindForm, Signing};
use crate::lang::{Lang, say};

/// Settings that the CRM has answered to and that differ from those of the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FoundSettings {
    /// How calls are signed.
    pub sign: Option<Signing>,
    /// How one customer is read.
    pub find: Option<FindForm>,
    /// Customers on a page of the list.
    pub page_size: Option<u32>,
}

/// A key of `ferry.toml` with its value.
type SettingEntry = (&'static str, Value);

impl FoundSettings {
    /// Returns whether nothing was found that is not set already.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the names of the settings, as `ferry.toml` has them.
    pub fn names(&self) -> Vec<&'static str> {
        let names = [
            (self.sign.is_some(), "sign"),
            (self.find.is_some(), "find"),
            (self.page_size.is_some(), "list.page_size"),
        ];
        let names = names.into_iter().filter(|(is_found, _)| *is_found);
        names.map(|(_, name)| name).collect()
    }

    /// Writes the settings into the profile. The file is replaced as a whole, and only when it can be read back.
    pub fn save(&self, file: &Path, profile: &str, lang: Lang) -> Result<(), Failure> {
        edit_file(file, |text| self.written_into(text, profile, lang))
    }

    /// Returns the text of the file with the settings in it.
    fn written_into(&self, text: &str, profile: &str, lang: Lang) -> Result<String, String> {
        let written = edit_text(text, |document| {
            let table = document
                .get_mut("profiles")
                .and_then(Item::as_table_like_mut)
                .and_then(|profiles| profiles.get_mut(profile))
                .ok_or_else(|| profile.to_owned())?;
            let mut remark = Some(format!("# {}\n", say::doctor::found_remark(lang)));
            for (section, entries) in self.sections() {
                put(table, section, entries, &mut remark);
            }
            Ok(())
        })?;
        self.require_in(written.trim_start_matches('\u{feff}'), profile)?;
        Ok(written)
    }

    fn sections(&self) -> Vec<(&'static str, Vec<SettingEntry>)> {
        let sign = self.sign.as_ref().map(|sign| {
            let (digest, encoding) = (sign.digest.as_str(), sign.encoding.as_str());
            let entries = vec![
                ("string", Value::from(sign.string.as_str())),
                ("digest", Value::from(digest)),
                ("encoding", Value::from(encoding)),
            ];
            ("sign", entries)
        });
        let find = self.find.as_ref().map(|find| {
            let entries = vec![
                ("method", Value::from(find.method.as_str())),
                ("path", Value::from(find.path.as_str())),
            ];
            ("find", entries)
        });
        let list = self
            .page_size
            .map(|size| ("list", vec![("page_size", Value::from(i64::from(size)))]));
        [sign, find, list].into_iter().flatten().collect()
    }

    /// Fails unless the profile of this text has the settings.
    fn require_in(&self, text: &str, profile: &str) -> Result<(), String> {
        let file: ConfigFile = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let api = file.profiles.get(profile).map(super::config::Profile::api);
        let is_there = api.is_some_and(|api| self.holds_in(&api));
        is_there.then_some(()).ok_or_else(|| profile.to_owned())
    }

    fn holds_in(&self, api: &ApiSettings) -> bool {
        let Self {
            sign,
            find,
            page_size,
        } = self;
        sign.as_ref().is_none_or(|sign| *sign == api.sign)
            && find.as_ref().is_none_or(|find| *find == api.find)
            && page_size.is_none_or(|size| size == api.list.page_size)
    }
}

/// Puts values into a section of a profile: over those that are there, else as a new line behind the profile's values,
/// the first of which takes the remark.
fn put(profile: &mut Item, section: &str, entries: Vec<SettingEntry>, remark: &mut Option<String>) {
    let there = profile
        .as_table_like_mut()
        .and_then(|profile| profile.get_mut(section))
        .and_then(Item::as_table_like_mut);
    if let Some(table) = there {
        for (key, value) in entries {
            put_value(table, key, value);
        }
        return;
    }
    let mut values = InlineTable::new();
    for (key, value) in entries {
        values.insert(key, value);
    }
    if let Some(table) = profile.as_table_like_mut() {
        table.insert(section, Item::Value(Value::InlineTable(values)));
    }
    // Inside of an inline table there is no room for a remark.
    if let Some(table) = profile.as_table_mut()
        && let Some(mut key) = table.key_mut(section)
        && let Some(remark) = remark.take()
    {
        key.leaf_decor_mut().set_prefix(remark);
    }
}

/// Puts a value in the place of another one, whose blanks and remark it keeps.
fn put_value(table: &mut dyn TableLike, key: &str, value: Value) {
    if let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) {
        let decor = old.decor().clone();
        *old = value;
        *old.decor_mut() = decor;
    } else {
        table.insert(key, Item::Value(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::{DigestAlgorithm, Encoding, FindMethod};

    fn found() -> FoundSettings {
        let digest = DigestAlgorithm::Sha256;
        FoundSettings {
            sign: Some(Signing::new(
                "{appid}{secret}{nonce}{timestamp}",
                digest,
                Encoding::Hex,
            )),
            find: Some(FindForm {
                method: FindMethod::Post,
                path: "/openapi/crm/findById/{id}".to_owned(),
            }),
            page_size: Some(50),
        }
    }

    /// The lines of a text that another one lacks.
    fn new_lines<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
        let is_new = |line: &&str| !before.lines().any(|other| other == *line);
        text.lines().filter(is_new).collect()
    }

    #[test]
    fn everything_else_of_the_file_stays() {
        for (name, before) in [
            (
                "a written file",
                include_str!("../lang/say/init/ferry.en.toml"),
            ),
            (
                "the Chinese one",
                include_str!("../lang/say/init/ferry.zh.toml"),
            ),
        ] {
            let before = before
                .replace("<profile>", "\"main\"")
                .replace("<key>", "main")
                .replace("<base_url>", "\"https://crm.example.com\"")
                .replace("<appid>", "\"1090\"")
                .replace("<env>", "secret_env = \"FERRY_SECRET\"")
                .replace("<file>", "# secret_file = \"secret.txt\"");
            let after = found().written_into(&before, "main", Lang::En).expect(name);
            let lines = new_lines(&after, &before);
            assert_eq!(lines.len(), 4, "{name}: {lines:?}");
            for line in before.lines() {
                assert!(after.lines().any(|its| its == line), "{name}: {line}");
            }
            // A setting that is taken out of its comment below belongs to the profile as before.
            let commented = after.replace("# protected = true", "protected = true");
            let file: ConfigFile = toml::from_str(&commented).expect(name);
            assert!(file.profiles["main"].protected, "{name}");
        }
    }

    #[test]
    fn a_value_that_is_there_is_replaced_where_it_stands() {
        let before = "# mine\n[profiles.a]\nappid = \"1\" # one\n\n[profiles.a.sign]\nstring = \"{appid}\" # as told\ndigest = \"sha256\"\nencoding = \"base64\"\n\n[profiles.a.list]\nupdate = \"append\"\n[profiles.b]\nappid = \"2\"\n";
        let after = found()
            .written_into(before, "a", Lang::En)
            .expect("written");
        let expected = "# mine\n[profiles.a]\nappid = \"1\" # one\n# found by `ferry doctor --save`\nfind = { method = \"POST\", path = \"/openapi/crm/findById/{id}\" }\n\n[profiles.a.sign]\nstring = \"{appid}{secret}{nonce}{timestamp}\" # as told\ndigest = \"sha256\"\nencoding = \"hex\"\n\n[profiles.a.list]\nupdate = \"append\"\npage_size = 50\n[profiles.b]\nappid = \"2\"\n";
        assert_eq!(after, expected);
        // A second time changes nothing.
        assert_eq!(
            found().written_into(&after, "a", Lang::En).expect("again"),
            after
        );
    }

    #[test]
    fn every_form_of_a_profile_takes_them() {
        for before in [
            "profiles.a.appid = \"1\"\n",
            "profiles = { a = { appid = \"1\" } }\n",
            "[profiles]\na = { appid = \"1\", find = { method = \"GET\" } }\n",
            "[profiles]\na.appid = \"1\"\na.sign.digest = \"sha256\"\n",
            "\u{feff}[profiles.a]\r\nappid = \"1\"\r\n",
        ] {
            let after = found().written_into(before, "a", Lang::Zh).expect(before);
            assert_eq!(
                after.starts_with('\u{feff}'),
                before.starts_with('\u{feff}')
            );
            let plain = after.replace("\r\n", "");
            let is_windows = before.contains("\r\n");
            assert!(
                !plain.contains('\r') && (!is_windows || !plain.contains('\n')),
                "{after:?}"
            );
        }
        assert!(
            found()
                .written_into("[profiles.b]\n", "a", Lang::En)
                .is_err()
        );
    }
}
