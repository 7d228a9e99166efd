//! `ferry page`: opens ferry in the browser.

use clap::Args;

use super::put_failure::put_failure;
use super::{Global, guide, print, put_note, signals};
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

/// Opens the page after a double click on the program: that of the account that is set up, else that of the embedded
/// CRM. Returns the exit code.
pub(super) fn run_in_own_window(mut global: Global) -> u8 {
    global.sandbox |= !guide::has_account(&global);
    run(&PageArgs::default(), &global).unwrap_or_else(|failure| {
        put_failure(&failure, global.json, global.lang(), &global.hints);
        guide::wait_in_own_window(global.lang());
        failure.exit
    })
}

/// Runs the command.
pub(super) fn run(args: &PageArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let options = PageOptions {
        choices: global.choices(),
        port: args.port,
        stop: signals::stop_on_signals(lang)?,
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
