//! `ferry man`: the manual pages, made of the same texts as the help.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use super::{Global, help};
use crate::face::failure::{CommandResult, Failure, exit, unwritable};
use crate::lang::Lang;

/// What `ferry man` takes.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// The headings that the maker of the pages has in English only.
const HEADINGS: [(&str, &str); 7] = [
    ("NAME", "名称"),
    ("SYNOPSIS", "用法"),
    ("DESCRIPTION", "说明"),
    ("OPTIONS", "选项"),
    ("SUBCOMMANDS", "命令"),
    ("EXTRA", "其他"),
    ("VERSION", "版本"),
];

/// A manual page.
struct ManualPage {
    /// The name of its file: `ferry-import.1`.
    file: String,
    roff: String,
}

/// Runs the command.
pub(super) fn run(args: &ManArgs, tree: Command, global: &Global) -> CommandResult {
    let lang = global.lang();
    let mut tree = help::localised(tree, lang);
    tree.build();
    match &args.dir {
        Some(dir) => write_all(&tree, dir, lang)?,
        None => out!("{}", page(&tree, lang).roff.trim_end()),
    }
    Ok(exit::DONE)
}

/// Writes the page of the program, and one for each command.
fn write_all(tree: &Command, dir: &Path, lang: Lang) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    // `help` repeats the tree and needs no page.
    let commands = tree.get_subcommands();
    let commands = commands.filter(|command| command.get_name() != "help");
    for command in std::iter::once(tree).chain(commands) {
        let page = page(command, lang);
        let path = dir.join(&page.file);
        fs::write(&path, &page.roff).map_err(|error| unwritable(&path, &error))?;
        out!("{}", path.display());
    }
    Ok(())
}

fn page(command: &Command, lang: Lang) -> ManualPage {
    let man = Man::new(command.clone()).manual("ferry");
    let mut roff = Vec::new();
    // Writing to memory cannot fail.
    let _ = man.render(&mut roff);
    let roff = String::from_utf8_lossy(&roff);
    ManualPage {
        file: man.get_filename(),
        roff: match lang {
            Lang::En => roff.into_owned(),
            Lang::Zh => in_chinese(&roff),
        },
    }
}

/// Chinese lines are not stretched to the margin: there are too few blanks in them.
fn in_chinese(roff: &str) -> String {
    let lines = roff.lines().map(|line| {
        let heading = line.strip_prefix(".SH ").map(|name| name.trim_matches('"'));
        let known = HEADINGS.iter().find(|(name, _)| heading == Some(name));
        known.map_or_else(|| line.to_owned(), |(_, chinese)| format!(".SH {chinese}"))
    });
    let ended = lines.map(|line| {
        let end = if line.starts_with(".TH ") {
            "\n.ad l\n"
        } else {
            "\n"
        };
        line + end
    });
    ended.collect()
}
