//! `ferry explain`: explains a code at length.

use clap::Args;

use super::{Global, print, usage};
use crate::face::failure::{CommandResult, exit};
use crate::lang;
use crate::lang::{Lang, say};
use crate::model::Code;

/// What `ferry explain` takes.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let code = args
        .code
        .as_deref()
        .map(|text| Code::parse(text).map_err(|_| usage(say::explain::unknown(text))))
        .transpose()?;
    match code {
        Some(code) if global.json => print::json(&json(code, lang)),
        Some(code) => explain(code, lang),
        None if global.json => {
            let all: Vec<_> = Code::ALL.iter().map(|code| json(*code, lang)).collect();
            print::json(&serde_json::Value::Array(all));
        }
        None => list(lang),
    }
    Ok(exit::DONE)
}

fn explain(code: Code, lang: Lang) {
    let words = lang::words(&lang::example(code), lang);
    let title = lang::title(code, lang);
    out!("{}", say::explain::title(lang, &code.to_string(), title));
    out!();
    out!("{}", lang::meaning(code, lang));
    out!();
    out!("{}", say::explain::example(lang, &words.message));
    out!("{}", say::explain::remedy(lang, &words.tip));
    let family = say::explain::family(lang, code);
    out!("{}", say::explain::belongs(lang, family));
}

fn list(lang: Lang) {
    let mut last = "";
    for code in Code::ALL.iter().copied() {
        let family = say::explain::family(lang, code);
        if family != last {
            if !last.is_empty() {
                out!();
            }
            out!("{family}");
            last = family;
        }
        out!("  {code}  {}", lang::title(code, lang));
    }
}

fn json(code: Code, lang: Lang) -> serde_json::Value {
    let words = lang::words(&lang::example(code), lang);
    serde_json::json!({
        "code": code.to_string(),
        "title": lang::title(code, lang),
        "meaning": lang::meaning(code, lang),
        "example": words.message,
        "hint": words.tip,
        "family": say::explain::family(lang, code),
    })
}
