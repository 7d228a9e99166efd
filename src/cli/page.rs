//! `ferry page`: opens ferry in the browser.

use clap::Args;

use super::{Global, logging, print, put_note};
use crate::face::failure::{CommandResult, exit};
use crate::lang::say;
use crate::page::{self, PageOptions};

/// What `ferry page` takes.
#[derive(Debug, Default, Args)]
pub(super) struct PageArgs {
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    #[arg(long)]
    no_open: bool,
}

/// Runs the command.
pub(super) fn run(args: &PageArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let options = PageOptions {
        choices: global.choices(),
        port: args.port,
        stop: logging::stop_on_signals(lang)?,
    };
    page::serve(options, |address| {
        if global.json {
            print::json(&serde_json::json!({"address": address.printed}));
        } else {
            print::say_line(&say::guide::page_at(lang, &address.printed));
        }
        let is_opened = args.no_open || opener::open_browser(&address.opened).is_ok();
        if !is_opened {
            put_note(global, say::guide::open_yourself(lang));
        }
    })?;
    Ok(exit::DONE)
}
