//! `ferry init`: writes a commented `ferry.toml`, and the secret into a file of its own.
//!
//! On a terminal it asks for what it needs. An address is tried at once, because a mistyped one is best mended where it
//! is typed. Elsewhere nothing is asked and nothing is tried: address and appid come from flags, and the secret from a
//! variable.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::doctor::DoctorArgs;
use super::put_failure::put_failure;
use super::{Global, ask, doctor, print, put_note, usage};
use crate::crm::{Class, Endpoint, Pace, Prober, Rates};
use crate::face::config::FILE_NAME;
use crate::face::failure::{CommandResult, Failure, call_problem, exit};
use crate::face::settings::bad_setting;
use crate::lang;
use crate::lang::{Lang, say};
use crate::mapping::quoted;
use crate::model::{Stop, VoidMonitor, private_options};

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

/// The environment variable from which the written file takes the secret, where none was typed.
const SECRET_VARIABLE: &str = "FERRY_SECRET";

/// How long an address that was just typed may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many files may be there that are called as the secret's would be.
const SECRET_FILES: u32 = 100;

/// Runs the command.
pub(super) fn run(args: &InitArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let path = args.file.display().to_string();
    if args.file.exists() {
        return Err(usage(say::usage::is_there(&path)));
    }
    let base_url = base_url(args, global)?;
    let appid = appid(args, &base_url, global)?;
    let name = global.profile.as_deref().unwrap_or("main");
    let secret = ask::is_possible()
        .then(|| ask::secret(&say::init::ask_secret(lang, SECRET_VARIABLE)))
        .flatten();
    let unwritable = |error: std::io::Error| {
        let words = say::usage::name_a_writable_file(&path, &error.to_string());
        Failure::said(exit::LOCAL, words)
    };
    let kept = secret
        .map(|secret| keep_secret(&args.file, name, &secret))
        .transpose()
        .map_err(unwritable)?;
    let text = commented(name, (&base_url, &appid), kept.as_deref(), lang);
    write_new(&args.file, text.as_bytes()).map_err(unwritable)?;
    put_note(global, &say::fields::file_written(lang, &path));
    if let Some(kept) = &kept {
        let kept = args.file.with_file_name(kept).display().to_string();
        put_note(global, &say::init::secret_kept(lang, &kept));
    }
    let has_secret = kept.is_some() || std::env::var_os(SECRET_VARIABLE).is_some();
    let global = &about_written(args, global);
    if has_secret && ask::is_possible() && ask::is_yes(say::init::ask_doctor(lang), true) {
        let with_file = Global {
            config: Some(args.file.clone()),
            ..global.clone()
        };
        let code = doctor::run(&DoctorArgs { save: false }, &with_file)?;
        if code == exit::DONE {
            put_note(global, &say::init::ready(lang));
        }
        return Ok(code);
    }
    let variable = (!has_secret).then_some(SECRET_VARIABLE);
    put_note(global, &say::init::next(lang, variable));
    Ok(exit::DONE)
}

/// Returns the flags with which the next commands find the written file. `ferry.toml` in this folder needs none.
fn about_written(args: &InitArgs, global: &Global) -> Global {
    let is_found = args.file.as_os_str() == FILE_NAME;
    let mut global = Global {
        config: (!is_found).then(|| args.file.clone()),
        sandbox: false,
        ..global.clone()
    };
    global.hints = global.hints_about(None);
    global
}

/// Returns the address: the flag's, else the one that is typed. A typed one that is none, or that does not answer, is
/// asked for again.
fn base_url(args: &InitArgs, global: &Global) -> Result<String, Failure> {
    let lang = global.lang();
    if let Some(given) = &args.base_url {
        let given = given.trim().to_owned();
        check_address(&given)?;
        return Ok(given);
    }
    loop {
        let typed = answer(say::init::ask_base_url(lang), "--base-url")?;
        match check_address(&typed) {
            Err(failure) => put_failure(&failure, false, lang, &global.hints),
            Ok(()) if answers(&typed, lang)? => return Ok(typed),
            Ok(()) if ask::is_yes(say::init::ask_keep(lang), false) => return Ok(typed),
            Ok(()) => {}
        }
    }
}

/// Fails for a text that is no address of a server.
fn check_address(text: &str) -> Result<(), Failure> {
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Err(usage(say::usage::no_address(text)));
    }
    endpoint(text, "1")
        .validate()
        .map_err(|error| bad_setting(&error))
}

/// Returns the appid: the flag's, else the one that is typed. A typed one that cannot be sent is asked for again.
fn appid(args: &InitArgs, base_url: &str, global: &Global) -> Result<String, Failure> {
    let lang = global.lang();
    let check = |appid: &str| {
        let checked = endpoint(base_url, appid).validate();
        checked.map_err(|error| bad_setting(&error))
    };
    if let Some(given) = &args.appid {
        let given = given.trim().to_owned();
        check(&given)?;
        return Ok(given);
    }
    loop {
        let typed = answer(say::init::ask_appid(lang), "--appid")?;
        match check(&typed) {
            Err(failure) => put_failure(&failure, false, lang, &global.hints),
            Ok(()) => return Ok(typed),
        }
    }
}

/// Returns an endpoint to try an address with. Its secret is none: any reply shows that somebody is there.
fn endpoint(base_url: &str, appid: &str) -> Endpoint {
    let mut endpoint = Endpoint::new(base_url, appid, SecretString::from("-"));
    endpoint.timeout = PATIENCE;
    endpoint
}

/// Says whether a server answers at an address. Makes one call, whose signature no server accepts.
fn answers(address: &str, lang: Lang) -> Result<bool, Failure> {
    print::say_line(&say::init::trying(lang, address));
    let monitor = Arc::new(VoidMonitor);
    let pace = Pace::new(&Rates::default(), None, monitor.clone());
    let pace = Arc::new(pace.map_err(|_| usage(say::usage::no_address(address)))?);
    let prober = Prober::new(endpoint(address, "1"), pace, monitor, Stop::new());
    let attempts = prober.signing(&[]).map_err(|error| bad_setting(&error))?;
    let error = attempts
        .last()
        .and_then(|attempt| attempt.result.as_ref().err());
    let silence = error.filter(|error| matches!(error.class, Class::NotSent | Class::Unknown));
    if let Some(error) = silence {
        let words = lang::words(&call_problem(error), lang);
        print::say_line(&words.message);
        print::say_line(&say::hint(lang, &words.tip));
        return Ok(false);
    }
    print::say_line(&say::init::answers(lang, address));
    Ok(true)
}

/// Asks until something is typed. Fails at the end of input.
fn answer(question: &str, flag: &str) -> Result<String, Failure> {
    if !ask::is_possible() {
        return Err(usage(say::usage::nobody_to_ask(flag)));
    }
    loop {
        match ask::line(question) {
            Some(line) if !line.is_empty() => return Ok(line),
            Some(_) => {}
            None => return Err(usage(say::usage::nothing_typed(flag))),
        }
    }
}

/// Writes the secret into a new private file beside the configuration. Returns the file's name.
fn keep_secret(config: &Path, profile: &str, secret: &SecretString) -> std::io::Result<String> {
    let stem = config.file_stem().unwrap_or_default().to_string_lossy();
    let is_plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let profile: String = profile.chars().filter(is_plain).collect();
    let text = format!("{}\n", secret.expose_secret());
    for number in 1..SECRET_FILES {
        let name = match number {
            1 => format!("{stem}-{profile}.secret"),
            number => format!("{stem}-{profile}-{number}.secret"),
        };
        match write_new(&config.with_file_name(&name), text.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            written => return written.map(|()| name),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// Writes a private file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = private_options();
    options.write(true).create_new(true);
    options.open(path)?.write_all(bytes)
}

/// Returns the text of the file. The secret is in the file `kept`, else in a variable.
fn commented(
    name: &str,
    (base_url, appid): (&str, &str),
    kept: Option<&str>,
    lang: Lang,
) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let key = if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    };
    let (mut env, mut file) = (
        format!("secret_env = \"{SECRET_VARIABLE}\""),
        format!("secret_file = {}", quoted(kept.unwrap_or("secret.txt"))),
    );
    let unused = if kept.is_some() { &mut env } else { &mut file };
    unused.insert_str(0, "# ");
    let values = say::init::Values {
        profile: &quoted(name),
        key: &key,
        base_url: &quoted(base_url),
        appid: &quoted(appid),
        env: &env,
        file: &file,
    };
    say::init::file(lang, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::config::ConfigFile;

    #[test]
    fn the_written_file_is_read_also_with_every_comment_taken_off() {
        for lang in Lang::ALL.iter().copied() {
            let account = ("https://crm.example.com", "1090");
            let text = commented("main", account, None, lang);
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

    #[test]
    fn a_typed_secret_goes_into_a_private_file_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("ferry.toml");
        let secret = SecretString::from("s3cr3t");
        let names = [1, 2].map(|_| keep_secret(&config, "主/1", &secret).expect("kept"));
        assert_eq!(names, ["ferry-主1.secret", "ferry-主1-2.secret"]);
        let kept = folder.path().join(&names[0]);
        assert_eq!(std::fs::read_to_string(&kept).expect("a text"), "s3cr3t\n");
        #[cfg(unix)]
        assert_eq!(crate::face::ownership::others_may_read(&kept), Some(false));
        let account = ("https://crm.example.com", "1090");
        let text = commented("main", account, Some(&names[0]), Lang::Zh);
        let file: ConfigFile = toml::from_str(&text).expect("a valid file");
        let profile = &file.profiles["main"];
        assert_eq!(profile.secret_file.as_deref(), Some(Path::new(&names[0])));
        assert!(profile.secret_env.is_none() && !text.contains("s3cr3t"));
    }
}
