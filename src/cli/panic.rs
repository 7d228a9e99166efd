//! A defect of ferry's own ends a run as every other failure does: in words that a person can use, with exit code 1.
//!
//! Nothing has to be saved then. Every intent and every reply is in the journal before anything else happens, so that
//! a panic is no more than a kill at that moment.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use super::print;
use crate::face::failure::exit;
use crate::lang::{Lang, say};

/// Runs the program. A panic, in any thread, is said in the language of the run; one that ends the run makes its exit
/// code 1.
pub(super) fn guarded(lang: Lang, run: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::set_hook(Box::new(move |info| put(info, lang)));
    ended(run)
}

fn ended(run: impl FnOnce() -> ExitCode) -> ExitCode {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| ExitCode::from(exit::LOCAL))
}

fn put(info: &PanicHookInfo<'_>, lang: Lang) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let what = words_of(info.payload());
    tracing::error!(place, what, trace = %std::backtrace::Backtrace::force_capture(), "panic");
    let (message, hint) = say::usage::panicked(what, &place);
    print::say_line(&say::error(lang, message.pick(lang), None));
    print::say_line(&say::hint(lang, hint.pick(lang)));
}

/// What a panic says: its payload is a text, unless somebody panics with a value.
fn words_of(payload: &dyn Any) -> &str {
    let fixed = payload.downcast_ref::<&str>().copied();
    let made = payload.downcast_ref::<String>().map(String::as_str);
    fixed.or(made).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_of_the_program() {
        let code = ended(|| panic!("on purpose"));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(1)));
    }
}
