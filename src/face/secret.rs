//! Fetches the secret of a profile: from an environment variable, a file, a command, or the profile itself.
//!
//! From here the secret goes into a `SecretString` and nowhere else.

use std::path::Path;

use secrecy::SecretString;

use super::config::{Config, Profile};
use super::failure::{Failure, exit};
use super::ownership::{how_to_close, others_may_read};
use super::program;
use crate::model::{Code, Fact, Phrase, Problem, Saying};

/// Fetches the secret of a profile. The notice, if any, must be shown.
pub(crate) fn fetch(
    config: &Config,
    name: &str,
    profile: &Profile,
) -> Result<(SecretString, Option<Problem>), Failure> {
    let missing = |detail: Fact| {
        let problem = Problem::new(Code::SecretMissing).with("profile", name);
        Failure::of(exit::USAGE, &problem.with("detail", detail))
    };
    let given = [
        profile.secret.is_some(),
        profile.secret_env.is_some(),
        profile.secret_file.is_some(),
        profile.secret_command.is_some(),
    ];
    if given.iter().filter(|given| **given).count() > 1 {
        return Err(missing(Saying::SeveralSecrets.into()));
    }
    if let Some(variable) = &profile.secret_env {
        let about = |saying| missing(Phrase::new(saying).with("name", variable).into());
        let value = std::env::var(variable).map_err(|_| about(Saying::VariableNotSet))?;
        let secret = filled(&value).ok_or_else(|| about(Saying::VariableEmpty))?;
        return Ok((secret, None));
    }
    if let Some(path) = &profile.secret_file {
        let path = config.resolve(path);
        let about = |saying| Phrase::new(saying).with("path", path.to_string_lossy());
        let text = std::fs::read_to_string(&path).map_err(|error| {
            missing(
                about(Saying::PathAndCause)
                    .with("cause", error.to_string())
                    .into(),
            )
        })?;
        let secret = filled(&text).ok_or_else(|| missing(about(Saying::FileEmpty).into()))?;
        let exposed = others_may_read(&path).unwrap_or(false);
        let notice = Problem::new(Code::SecretExposed)
            .with("path", path.to_string_lossy())
            .with("how", how_to_close());
        return Ok((secret, exposed.then_some(notice)));
    }
    if let Some(command) = &profile.secret_command {
        if !config.is_users || config.not_own.is_some() {
            return Err(missing(Saying::OnlyFromUsersFolder.into()));
        }
        return run(command, config.folder())
            .map(|secret| (secret, None))
            .map_err(|why| missing(why.into()));
    }
    if let Some(secret) = &profile.secret {
        let exposed = others_may_read(&config.path).unwrap_or(true);
        let notice = Problem::new(Code::SecretExposed)
            .with("path", config.path.to_string_lossy())
            .with("how", how_to_close());
        return Ok((secret.clone(), exposed.then_some(notice)));
    }
    let why = Phrase::new(Saying::NoSecretNamed).with("path", config.path.to_string_lossy());
    Err(missing(why.into()))
}

/// Names the place where the secret of a profile is kept.
pub(crate) fn place(config: &Config, profile: &Profile) -> String {
    let file = profile.secret_file.as_ref();
    let file = file.map(|path| config.resolve(path).display().to_string());
    let program = profile
        .secret_command
        .as_ref()
        .and_then(|command| command.first());
    profile
        .secret_env
        .clone()
        .or(file)
        .or_else(|| program.cloned())
        .unwrap_or_else(|| config.path.display().to_string())
}

fn run(words: &[String], folder: &Path) -> Result<SecretString, Phrase> {
    let (Some(program), Some(mut command)) = (words.first(), program::of(words, folder)) else {
        return Err(Saying::CommandEmpty.into());
    };
    let about = |saying| Phrase::new(saying).with("program", program);
    let output = command
        .output()
        .map_err(|error| about(Saying::CommandFailed).with("status", error.to_string()))?;
    if !output.status.success() {
        return Err(about(Saying::CommandFailed).with("status", output.status.to_string()));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| about(Saying::CommandNotText))?;
    filled(&text).ok_or_else(|| about(Saying::CommandSilent))
}

fn filled(text: &str) -> Option<SecretString> {
    // A text editor may have put a byte order mark before the secret.
    let text = text.trim_start_matches('\u{feff}').trim();
    (!text.is_empty()).then(|| SecretString::from(text.to_owned()))
}
