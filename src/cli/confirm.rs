//! The question before a write.

use std::io::{BufRead, IsTerminal, Write};

use super::failure::call_problem;
use super::progress::Progress;
use super::settings::Settings;
use super::{Global, duration};
use crate::crm::Query;
use crate::job::{Context, JobError, Preview};
use crate::lang;
use crate::model::{Action, Code, Problem, Status};

/// Shows what would happen and asks, as product.md, *Confirmation*, states it.
pub(super) fn before_sending(
    preview: &Preview,
    settings: &Settings,
    global: &Global,
    context: &Context,
    progress: &Progress,
) -> Result<(), JobError> {
    let asks = (settings.is_remote() || settings.protected) && !global.yes;
    let stored = if preview.unmatched {
        stored_customers(context)?
    } else {
        0
    };
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let plan = plan_lines(preview, settings);
    if preview.unmatched {
        let count = if stored > 0 {
            format!("{stored} ")
        } else {
            String::new()
        };
        progress.say(&notice_line(
            &Problem::new(Code::NothingMatched).with("count", count),
        ));
    }
    if !asks {
        progress.say(&plan);
        let doubtful = preview.unmatched && stored > 0 && is_terminal && !global.yes;
        return if doubtful {
            ask(progress, "Add them as new customers? [y/N] ", &["y", "yes"])
        } else {
            Ok(())
        };
    }
    progress.say(&plan);
    if !is_terminal {
        return Err(JobError::Unconfirmed {
            host: settings.account.host.clone(),
        });
    }
    match (&settings.account.profile, settings.protected) {
        (Some(profile), true) => {
            let question =
                format!("This profile is protected. Type its name ({profile}) to go on: ");
            ask(progress, &question, &[profile.as_str()])
        }
        _ => ask(progress, "Go on? [y/N] ", &["y", "yes"]),
    }
}

/// How many customers the account has: one call, so that the warning can say it.
fn stored_customers(context: &Context) -> Result<u64, JobError> {
    let query = Query {
        page: 1,
        limit: 1,
        condition: None,
    };
    match context.crm.list(&query) {
        Ok(page) => Ok(page.count),
        Err(error) if error.class.is_fatal() => Err(JobError::Call(error)),
        Err(error) => {
            tracing::warn!(
                "counting stored customers failed: {}",
                lang::words(&call_problem(&error)).message
            );
            Ok(0)
        }
    }
}

fn plan_lines(preview: &Preview, settings: &Settings) -> String {
    let account = &preview.account;
    let count = |action| preview.rows(action);
    let rest = [
        (Status::Invalid, "invalid"),
        (Status::Skipped, "skipped"),
        (Status::Unknown, "unknown"),
    ];
    let rest: Vec<String> = rest
        .iter()
        .map(|(status, word)| (preview.counts.status(*status), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!(", {}", rest.join(", "))
    };
    let whose = match (&account.profile, account.sandbox) {
        (Some(profile), _) => format!("{} at {} (profile {profile})", account.appid, account.host),
        (None, true) => account.host.clone(),
        (None, false) => format!("{} at {}", account.appid, account.host),
    };
    format!(
        "to {whose}: {} to add, {} to update{rest}\n{} calls, about {} at {}",
        count(Action::Add),
        count(Action::Update),
        preview.calls,
        duration::show(preview.time),
        settings.rates,
    )
}

fn ask(progress: &Progress, question: &str, yes: &[&str]) -> Result<(), JobError> {
    progress.pause();
    eprint!("{question}");
    let mut answer = String::new();
    let asked = std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    let answer = answer.trim();
    let agreed = asked.is_ok() && yes.iter().any(|yes| answer.eq_ignore_ascii_case(yes));
    if agreed {
        Ok(())
    } else {
        Err(JobError::Declined)
    }
}

fn notice_line(problem: &Problem) -> String {
    let words = lang::words(problem);
    format!(
        "note: {} [{}]\n      {}",
        words.message, problem.code, words.tip
    )
}
