//! The secret by reference: from an environment variable, a file, or a command.
//!
//! It goes from here into a `SecretString` and nowhere else.

use std::process::Command;

use secrecy::SecretString;

use super::config::{Config, Profile};
use super::failure::{Failure, exit};
use crate::model::{Code, Problem};

/// Fetches the secret of a profile. The notice, if any, is to be shown.
pub(super) fn fetch(
    config: &Config,
    name: &str,
    profile: &Profile,
) -> Result<(SecretString, Option<Problem>), Failure> {
    let missing = |detail: String| {
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
        return Err(missing(
            "more than one of secret, secret_env, secret_file and secret_command is given"
                .to_owned(),
        ));
    }
    if let Some(variable) = &profile.secret_env {
        let value = std::env::var(variable)
            .map_err(|_| missing(format!("the variable {variable} is not set")))?;
        return Ok((
            filled(&value).ok_or_else(|| missing(format!("the variable {variable} is empty")))?,
            None,
        ));
    }
    if let Some(path) = &profile.secret_file {
        let path = config.resolve(path);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| missing(format!("{}: {error}", path.display())))?;
        return Ok((
            filled(&text).ok_or_else(|| missing(format!("{} is empty", path.display())))?,
            None,
        ));
    }
    if let Some(command) = &profile.secret_command {
        if !config.is_users {
            let detail = "secret_command is taken only from the user's own config folder, because a file that came with a workbook could run anything";
            return Err(missing(detail.to_owned()));
        }
        return run(command).map(|secret| (secret, None)).map_err(missing);
    }
    if let Some(secret) = &profile.secret {
        let exposed = others_may_read(&config.path);
        let notice = Problem::new(Code::SecretExposed).with("path", config.path.to_string_lossy());
        return Ok((secret.clone(), exposed.then_some(notice)));
    }
    Err(missing(format!(
        "{} names none of secret_env, secret_file, secret_command",
        config.path.display()
    )))
}

fn run(command: &[String]) -> Result<SecretString, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("secret_command is empty".to_owned());
    };
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} ended with {}", output.status));
    }
    let text =
        String::from_utf8(output.stdout).map_err(|_| format!("{program} did not print text"))?;
    filled(&text).ok_or_else(|| format!("{program} printed nothing"))
}

fn filled(text: &str) -> Option<SecretString> {
    let text = text.trim();
    (!text.is_empty()).then(|| SecretString::from(text.to_owned()))
}

#[cfg(unix)]
fn others_may_read(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_path: &std::path::Path) -> bool {
    true
}
