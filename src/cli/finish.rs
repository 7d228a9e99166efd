//! `on_finish` on the command line: what a command prints at its end, and what the profile's command gets.

use super::Global;
use super::print::say_line;
use crate::face::failure::{CommandResult, Failure};
use crate::face::finish::Finish;
use crate::face::result_json;
use crate::lang;
use crate::lang::say;

/// Prints a result by `print`, which returns the object and the exit code, and hands the object to the profile's
/// command. A failure is handed over as `{"command", "exit", "errors"}`.
pub(super) fn after<T>(
    finish: &Finish,
    command: &str,
    outcome: Result<T, Failure>,
    global: &Global,
    print: impl FnOnce(&T) -> (serde_json::Value, u8),
) -> CommandResult {
    match outcome {
        Ok(report) => {
            let (mut json, code) = print(&report);
            json["exit"] = code.into();
            tell(finish, &json, global);
            Ok(code)
        }
        Err(failure) => {
            let mut json = result_json::of_failure(&failure, global.lang(), &global.hints);
            json["command"] = command.into();
            tell(finish, &json, global);
            Err(failure)
        }
    }
}

fn tell(finish: &Finish, json: &serde_json::Value, global: &Global) {
    let Some(problem) = finish.tell(json) else {
        return;
    };
    let lang = global.lang();
    let words = lang::words(&problem, lang);
    let code = problem.code.to_string();
    say_line(&say::notice_mark(lang, &words.message, &code));
    say_line(&say::hint(lang, &words.tip));
}
