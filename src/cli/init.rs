//! `ferry init`: writes a commented `ferry.toml`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::config::FILE_NAME;
use super::failure::{CommandResult, Failure, exit};
use super::{Global, print, put_note, usage};
use crate::lang::{Lang, say};
use crate::mapping::quoted;

/// What `ferry init` takes.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    #[arg(value_name = "FILE", default_value = FILE_NAME)]
    file: PathBuf,
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[arg(long, value_name = "APPID")]
    appid: Option<String>,
}

/// The environment variable from which the written file takes the secret.
const SECRET_VARIABLE: &str = "FERRY_SECRET";

/// Runs the command.
pub(super) fn run(args: &InitArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let path = args.file.display().to_string();
    if args.file.exists() {
        return Err(usage(say::usage::is_there(&path)));
    }
    let base_url = answer(
        args.base_url.as_deref(),
        say::init::ask_base_url(lang),
        "--base-url",
    )?;
    let appid = answer(args.appid.as_deref(), say::init::ask_appid(lang), "--appid")?;
    if !base_url.starts_with("http://") && !base_url.starts_with("https://") {
        return Err(usage(say::usage::no_address(&base_url)));
    }
    let name = global.profile.as_deref().unwrap_or("main");
    let text = commented(name, &base_url, &appid, lang);
    write_new(&args.file, &text).map_err(|error| {
        let words = say::usage::name_a_writable_file(&path, &error.to_string());
        Failure::said(exit::LOCAL, words)
    })?;
    put_note(global, &say::fields::file_written(lang, &path));
    put_note(global, &say::init::next(lang, SECRET_VARIABLE));
    Ok(exit::DONE)
}

fn answer(given: Option<&str>, question: &str, flag: &str) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given.trim().to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err(usage(say::usage::nobody_to_ask(flag)));
    }
    print::question(question);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match (read, line.trim()) {
        (Ok(_), line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(usage(say::usage::nothing_typed(flag))),
    }
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn commented(name: &str, base_url: &str, appid: &str, lang: Lang) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let key = if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    };
    let values = say::init::Values {
        profile: &quoted(name),
        key: &key,
        base_url: &quoted(base_url),
        appid: &quoted(appid),
        variable: SECRET_VARIABLE,
    };
    say::init::file(lang, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::ConfigFile;

    #[test]
    fn the_written_file_is_read_also_with_every_comment_taken_off() {
        for lang in Lang::ALL.iter().copied() {
            let text = commented("main", "https://crm.example.com", "1090", lang);
            let plain: ConfigFile = toml::from_str(&text).expect("a valid file");
            assert_eq!(plain.profiles["main"].appid.as_deref(), Some("1090"));
            assert_eq!(plain.lang, Some(lang.to_string()));
            let uncommented: Vec<String> = text
                .lines()
                .filter(|line| !line.starts_with("# rate") && !line.starts_with("# secret_file"))
                .map(|line| match line.strip_prefix("# ") {
                    Some(rest) if rest.contains(" = ") || rest.starts_with('[') => rest.to_owned(),
                    _ => line.to_owned(),
                })
                .collect();
            let full: ConfigFile =
                toml::from_str(&uncommented.join("\n")).expect("every example is valid");
            let profile = &full.profiles["main"];
            assert!(profile.protected && profile.sign.is_some() && profile.update.is_some());
            assert_eq!(profile.fields.len(), 1);
        }
    }
}
