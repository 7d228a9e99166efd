//! `ferry.toml`: the search for the file, and its content.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::failure::{Failure, exit, usage};
use super::{ownership, user_folders};
use crate::crm::{
    ApiSettings, BusyRule, ClearRule, FindForm, GoneRule, ListRule, Signing, UpdateRule,
};
use crate::lang::{Lang, say};
use crate::model::{
    Code, Fact, FieldOverride, Phrase, Problem, Saying, is_about_escape, path_with_escape,
};

/// The file's name.
pub(crate) const FILE_NAME: &str = "ferry.toml";

/// The content of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    /// The profile that is used unless another is asked for.
    pub profile: Option<String>,
    /// The folder in which jobs are kept.
    pub state_dir: Option<PathBuf>,
    /// The language, where the profile does not name one.
    pub lang: Option<String>,
    /// The profiles by name.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

impl ConfigFile {
    /// Returns what is wrong with the first path in which an escape stands for a control character.
    fn path_with_escape(&self) -> Option<Phrase> {
        let of_profiles = self.profiles.values().flat_map(Profile::paths);
        let state_dir = self.state_dir.as_deref().map(Path::to_string_lossy);
        let paths = state_dir.map(|path| ("state_dir", path)).into_iter();
        paths.chain(of_profiles).find_map(|(name, path)| {
            let value = path_with_escape(&path)?;
            let phrase = Phrase::new(Saying::ControlInPath);
            Some(phrase.with("name", name).with("value", value))
        })
    }
}

/// An account, and how ferry uses it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub base_url: Option<String>,
    pub appid: Option<String>,
    pub secret: Option<secrecy::SecretString>,
    pub secret_env: Option<String>,
    pub secret_file: Option<PathBuf>,
    pub secret_command: Option<Vec<String>>,
    /// A file of certificate authorities, in PEM, that are trusted besides the system's own.
    pub ca_file: Option<PathBuf>,
    pub rate: Option<OneOrMany>,
    pub concurrency: Option<usize>,
    pub timeout: Option<String>,
    pub max_outage: Option<String>,
    pub settle: Option<String>,
    /// Whether a customer that ferry added may be written again as it is, to settle rows in doubt.
    pub touch: Option<bool>,
    pub timezone: Option<String>,
    pub lang: Option<String>,
    /// A look-up file with the names and ids of owners.
    pub owners: Option<PathBuf>,
    /// The command that gets the result of a job at its end.
    #[serde(default)]
    pub on_finish: Vec<String>,
    /// The defaults of the flags of `ferry export`.
    #[serde(default)]
    pub export: ExportDefaults,
    #[serde(default)]
    pub protected: bool,
    pub sign: Option<Signing>,
    pub find: Option<FindForm>,
    pub clear: Option<ClearRule>,
    pub gone: Option<GoneRule>,
    pub busy: Option<BusyRule>,
    pub update: Option<UpdateRule>,
    pub list: Option<ListRule>,
    #[serde(default)]
    pub fields: BTreeMap<String, FieldOverride>,
}

/// The defaults of the flags of `ferry export`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportDefaults {
    /// The file, with placeholders. A relative path starts at the folder of the configuration.
    pub output: Option<PathBuf>,
    /// The older export to compare with, or `last`.
    pub compare: Option<String>,
    pub keep: Option<u32>,
    pub keep_monthly: Option<u32>,
}

/// A value, or a list of values.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// Returns the values joined by commas.
    pub fn joined(&self) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Many(texts) => texts.join(","),
        }
    }
}

impl Profile {
    /// Returns the settings that are paths, and the words of commands that are. A later word of a command may be anything,
    /// so it counts as a path only where it begins with a drive.
    fn paths(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let files = [
            ("secret_file", &self.secret_file),
            ("ca_file", &self.ca_file),
            ("owners", &self.owners),
            ("output", &self.export.output),
        ];
        let files = files.into_iter().filter_map(|(name, path)| {
            let path = path.as_deref()?;
            Some((name, path.to_string_lossy()))
        });
        let secret_command = self.secret_command.as_deref().unwrap_or_default();
        let commands = [
            ("on_finish", self.on_finish.as_slice()),
            ("secret_command", secret_command),
        ];
        let words = commands.into_iter().flat_map(|(name, words)| {
            let words = words.iter().enumerate();
            let paths = words.filter(|(at, word)| *at == 0 || word.get(1..2) == Some(":"));
            paths.map(move |(_, word)| (name, Cow::from(word.as_str())))
        });
        files.chain(words)
    }

    /// Returns the contract's settings, with defaults where the profile says nothing.
    pub fn api(&self) -> ApiSettings {
        let default = ApiSettings::default();
        ApiSettings {
            sign: self.sign.clone().unwrap_or(default.sign),
            find: self.find.clone().unwrap_or(default.find),
            clear: self.clear.unwrap_or(default.clear),
            gone: self.gone.clone().unwrap_or(default.gone),
            busy: self.busy.clone().unwrap_or(default.busy),
            update: self.update.unwrap_or(default.update),
            list: self.list.unwrap_or(default.list),
        }
    }
}

/// A configuration file that was read.
#[derive(Debug)]
pub(crate) struct Config {
    /// The path of the file. Relative paths in the file start at its folder.
    pub path: PathBuf,
    /// The content of the file.
    pub file: ConfigFile,
    /// Whether the file is the user's own, in the user's config folder.
    pub is_users: bool,
    /// The reason why others than the user may have written the file; `None` where there is none.
    pub not_own: Option<Saying>,
}

impl Config {
    /// Finds and reads the file: the named one, else one here or above, else the user's.
    pub fn find(asked: Option<&Path>) -> Result<Option<Self>, Failure> {
        if let Some(path) = asked {
            if !path.is_file() {
                let problem = Problem::new(Code::FileNotFound).with("path", path.to_string_lossy());
                return Err(Failure::of(exit::USAGE, &problem));
            }
            // Relative paths in the file start at its own folder, which a bare name does not tell.
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
            let is_users = Some(whole.as_path()) == user_path().as_deref();
            return Self::read(whole, is_users, true).map(Some);
        }
        let here = std::env::current_dir().ok();
        let above = here
            .iter()
            .flat_map(|folder| folder.ancestors())
            .map(|folder| folder.join(FILE_NAME));
        if let Some(path) = above.into_iter().find(|path| path.is_file()) {
            return Self::read(path, false, false).map(Some);
        }
        match user_path() {
            Some(path) if path.is_file() => Self::read(path, true, false).map(Some),
            _ => Ok(None),
        }
    }

    fn read(path: PathBuf, is_users: bool, is_named: bool) -> Result<Self, Failure> {
        let bad = |detail: Fact| {
            let problem = Problem::new(Code::BadConfiguration).with("path", path.to_string_lossy());
            Failure::of(exit::USAGE, &problem.with("detail", detail))
        };
        let unreadable = |error: std::io::Error| bad(error.to_string().into());
        // Owner and content are read from one open file, because its name may lead to another file a moment later.
        let mut opened = std::fs::File::open(&path).map_err(unreadable)?;
        let found = opened.metadata().map_err(unreadable)?;
        let mut text = String::new();
        opened.read_to_string(&mut text).map_err(unreadable)?;
        let text = text.trim_start_matches('\u{feff}');
        let file: ConfigFile =
            toml::from_str(text).map_err(|error| bad(where_and_what(&error, text)))?;
        if let Some(phrase) = file.path_with_escape() {
            return Err(bad(phrase.into()));
        }
        let not_own = ownership::why_not_own(&path, &found, is_named);
        Ok(Self {
            path,
            file,
            is_users,
            not_own,
        })
    }

    /// Returns the language of the profile, else of the file; `None` where the profile cannot be told.
    pub fn lang(&self, asked: Option<&str>) -> Option<Lang> {
        let profile = self.profile(asked).ok();
        let of_profile = profile.and_then(|(_, profile)| profile.lang);
        of_profile.or_else(|| self.file.lang.clone())?.parse().ok()
    }

    /// Returns the environment variables that hold the secrets of all profiles.
    pub fn secret_variables(&self) -> impl Iterator<Item = String> + '_ {
        let profiles = self.file.profiles.values();
        profiles.filter_map(|profile| profile.secret_env.clone())
    }

    /// Returns the folder of the file.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }

    /// Resolves a path of the file from the file's own folder.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.folder().join(path)
    }

    /// Returns the name and the content of the profile: the named one, else the file's own choice, else its only one.
    pub fn profile(&self, asked: Option<&str>) -> Result<(String, Profile), Failure> {
        let names = || {
            self.file
                .profiles
                .keys()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let only = || match self.file.profiles.len() {
            1 => self.file.profiles.keys().next().cloned(),
            _ => None,
        };
        let name = asked
            .map(str::to_owned)
            .or_else(|| self.file.profile.clone())
            .or_else(only);
        let path = self.path.display().to_string();
        let Some(name) = name else {
            return Err(usage(say::usage::no_profile_chosen(&path, &names())));
        };
        match self.file.profiles.get(&name) {
            Some(profile) => Ok((name, profile.clone())),
            None => Err(usage(say::usage::no_such_profile(&path, &name, &names()))),
        }
    }
}

/// Returns a parse error as `line 3: unknown field …`, without quoting the line, which may hold a secret.
fn where_and_what(error: &toml::de::Error, text: &str) -> Fact {
    let line = error.span().map(|span| {
        text.get(..span.start)
            .unwrap_or_default()
            .matches('\n')
            .count()
            + 1
    });
    let message = error.message();
    let line = line.map(|line| line.to_string()).unwrap_or_default();
    let phrase = if is_about_escape(message) {
        Phrase::new(Saying::EscapeInText)
    // Messages of these kinds quote the value, which may be a secret.
    } else if message.starts_with("invalid type") || message.starts_with("invalid value") {
        let expected = message.rsplit_once("expected ");
        let expected = expected.map_or("", |(_, expected)| expected);
        Phrase::new(Saying::WrongKind).with("expected", expected)
    } else if let Some((name, known)) = unknown_name(message) {
        Phrase::new(Saying::UnknownName)
            .with("name", name)
            .with("known", known)
    } else {
        Phrase::new(Saying::AtLine).with("what", message)
    };
    phrase.with("line", line).into()
}

/// Takes the unknown name and the known names from a message such as ``unknown field `a`, expected one of `b`, `c` ``.
fn unknown_name(message: &str) -> Option<(String, String)> {
    let rest = message
        .strip_prefix("unknown field ")
        .or_else(|| message.strip_prefix("unknown variant "))?;
    let (name, known) = rest.split_once(", expected ")?;
    let known = known.strip_prefix("one of ").unwrap_or(known);
    let plain = |text: &str| text.replace('`', "");
    Some((plain(name), plain(known)))
}

/// Returns the path of `ferry.toml` in the user's config folder.
pub(crate) fn user_path() -> Option<PathBuf> {
    user_folders::config_folder().map(|folder| folder.join(FILE_NAME))
}
