//! The question before a write, and the lines that it is asked about.

use std::io::{BufRead, IsTerminal};
use std::time::Duration;

use super::ask::YES;
use super::progress::Progress;
use super::{Global, print};
use crate::face::plan_words;
use crate::face::settings::Settings;
use crate::face::unmatched;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::lang;
use crate::lang::{Lang, say};
use crate::model::{Problem, Stop};

pub(crate) use crate::plan::import::Preview;

/// Shows what a send would do, and asks, as product.md, *Confirmation*, states.
pub(super) fn before_sending(
    preview: &Preview,
    settings: &Settings,
    global: &Global,
    context: &Context,
    progress: &Progress,
) -> Result<(), JobError> {
    let asks = (settings.is_remote() || settings.protected) && !global.yes;
    let stored = if preview.unmatched {
        unmatched::stored_customers(context)
    } else {
        Some(0)
    };
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let lang = settings.lang;
    let plan = plan_words::in_lines(preview, settings, lang);
    if preview.unmatched {
        progress.say(&notice_line(&unmatched::problem(stored), lang));
    }
    if !asks {
        progress.say(&plan);
        let doubtful = preview.unmatched && stored != Some(0) && is_terminal && !global.yes;
        return if doubtful {
            ask_or_stop(
                progress,
                &context.stop,
                say::confirm::add_unmatched(lang),
                YES,
            )
        } else {
            Ok(())
        };
    }
    progress.say(&plan);
    if !is_terminal {
        return Err(JobError::Unconfirmed {
            host: host_of(settings),
        });
    }
    ask_to_go_on(settings, context, progress)
}

/// Shows what would be deleted or taken back, and asks, on any host.
pub(super) fn before_undoing(
    preview: &Preview,
    settings: &Settings,
    global: &Global,
    context: &Context,
    progress: &Progress,
) -> Result<(), JobError> {
    let lang = settings.lang;
    progress.say(&plan_words::in_lines(preview, settings, lang));
    if preview.adds_again() {
        progress.say(say::confirm::new_customers(lang));
    }
    if preview.abandons > 0 {
        progress.say(&say::confirm::not_sent_any_more(lang, preview.abandons));
    }
    if global.yes {
        return Ok(());
    }
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !is_terminal {
        return Err(JobError::Unconfirmed {
            host: host_of(settings),
        });
    }
    ask_to_go_on(settings, context, progress)
}

/// Returns the host that is written to, for people.
fn host_of(settings: &Settings) -> String {
    if settings.account.sandbox {
        say::embedded_crm(settings.lang).to_owned()
    } else {
        settings.account.host.clone()
    }
}

/// Asks whether to go on. For a protected profile the answer is its name.
fn ask_to_go_on(
    settings: &Settings,
    context: &Context,
    progress: &Progress,
) -> Result<(), JobError> {
    let lang = settings.lang;
    match (&settings.account.profile, settings.protected) {
        (Some(profile), true) => {
            let question = say::confirm::type_profile(lang, profile);
            ask_or_stop(progress, &context.stop, &question, &[profile.as_str()])
        }
        _ => ask_or_stop(progress, &context.stop, say::confirm::go_on(lang), YES),
    }
}

/// Asks, and waits for an answer or a stop. Another thread reads the answer, because a signal does not end a read.
fn ask_or_stop(
    progress: &Progress,
    stop: &Stop,
    question: &str,
    yes: &[&str],
) -> Result<(), JobError> {
    progress.pause();
    print::question(question);
    let (sender, answers) = crossbeam_channel::bounded(1);
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        // After a stop nobody receives the answer.
        let _ = sender.send(read.map(|_| answer));
    });
    let answer = loop {
        match answers.recv_timeout(Duration::from_millis(100)) {
            Ok(answer) => break answer.unwrap_or_default(),
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => {
                return Err(JobError::Declined);
            }
            Err(crossbeam_channel::RecvTimeoutError::Timeout) if stop.is_requested() => {
                return Err(JobError::Declined);
            }
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
        }
    };
    let answer = answer.trim();
    if yes.iter().any(|yes| answer.eq_ignore_ascii_case(yes)) {
        Ok(())
    } else {
        Err(JobError::Declined)
    }
}

/// Returns a notice with what to do about it.
pub(super) fn notice_line(problem: &Problem, lang: Lang) -> String {
    let words = lang::words(problem, lang);
    let note = say::notice_mark(lang, &words.message, &problem.code.to_string());
    format!("{note}\n      {}", words.tip)
}
