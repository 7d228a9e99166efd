//! `ferry doctor`: connects to the CRM and says which steps work; each failed step comes with its remedy.

use std::path::Path;

use clap::Args;

use super::progress::Progress;
use super::screen::padded;
use super::{Global, ask, print, put_note, signals, summary};
use crate::face::config::FILE_NAME;
use crate::face::doctor::{self, Examination};
use crate::face::failure::CommandResult;
use crate::face::settings::Settings;
use crate::lang::say::doctor as said;
use crate::lang::{Lang, say};

/// What `ferry doctor` takes.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[arg(long)]
    pub save: bool,
}

/// Runs the command.
pub(super) fn run(args: &DoctorArgs, global: &Global) -> CommandResult {
    let settings = Settings::resolve(&global.choices(), None)?;
    if args.save {
        doctor::require_target(&settings)?;
    }
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    progress.finish();
    let findings = doctor::examine(&settings, &stop)?;
    finish(args, findings, &settings, global)
}

/// Shows the findings, and saves the settings that were found: as asked, or after a question. Returns the exit code.
fn finish(
    args: &DoctorArgs,
    mut findings: Examination,
    settings: &Settings,
    global: &Global,
) -> CommandResult {
    let lang = settings.lang;
    let names = findings.found.names();
    let may_save = findings.may_save(settings);
    if args.save && may_save {
        let path = findings.save(settings)?;
        show(
            &findings,
            findings.exit_code(true),
            &names,
            settings,
            global,
        );
        put_note(global, &said::saved(lang, &names, &path));
        return Ok(findings.exit_code(true));
    }
    let code = findings.exit_code(false);
    show(&findings, code, &[], settings, global);
    if args.save && !global.json {
        put_note(global, said::nothing_to_save(lang));
    }
    if may_save && !global.json {
        let asks = ask::is_possible() && !global.quiet;
        let path = settings.config.as_deref().unwrap_or(Path::new(FILE_NAME));
        let question = said::ask_to_save(lang, &names, &path.display().to_string());
        if asks && ask::is_yes(&question, true) {
            let path = findings.save(settings)?;
            put_note(global, &said::saved(lang, &names, &path));
            return Ok(findings.exit_code(true));
        }
        if !asks {
            put_note(global, &say::hint(lang, &said::save_with(lang, &names)));
        }
    }
    Ok(code)
}

/// Shows the steps. `saved` are the names of the settings that were written into the profile.
fn show(findings: &Examination, code: u8, saved: &[&str], settings: &Settings, global: &Global) {
    let steps = &findings.steps;
    if global.json {
        let list: Vec<_> = steps
            .iter()
            .map(|step| serde_json::json!({"step": step.step.name(Lang::En), "ok": step.ok, "detail": step.detail, "hint": step.hint}))
            .collect();
        let object = serde_json::json!({
            "account": settings.account.appid,
            "host": settings.account.host,
            "steps": list,
            "saved": saved,
            "api_calls": findings.calls,
            "exit": code,
        });
        print::json(&object);
        return;
    }
    let lang = settings.lang;
    for step in steps {
        out!(
            "{} {} {}",
            said::mark(lang, step.ok),
            padded(step.step.name(lang), 11),
            step.detail
        );
        if !step.hint.is_empty() {
            let hint = say::hint(lang, &global.hints.copyable(&step.hint));
            out!("    {}", hint.replace('\n', "\n    "));
        }
    }
}
