//! `ferry init`: writes a commented `ferry.toml`, and the secret into a file of its own.
//!
//! On a terminal it asks for what it needs. An address is tried at once, because a mistyped one is best mended where it
//! is typed. Elsewhere nothing is asked and nothing is tried: address and appid come from flags, and the secret from a
//! variable.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::doctor::DoctorArgs;
use super::put_failure::put_failure;
use super::{Global, ask, doctor, print, put_note, usage};
use crate::crm::{Class, Pace, Prober, Rates};
use crate::face::config::FILE_NAME;
use crate::face::failure::{CommandResult, Failure, call_problem, exit};
use crate::face::new_profile::{
    SECRET_VARIABLE, check_address, commented, endpoint, keep_secret, write_new,
};
use crate::face::settings::bad_setting;
use crate::lang;
use crate::lang::{Lang, say};
use crate::model::{Stop, VoidMonitor};

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
