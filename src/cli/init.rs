//! `ferry init`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::config::FILE_NAME;
use super::failure::{Failure, Outcome, exit};
use super::{Global, say, usage};

/// Write a commented ferry.toml, asking for what it needs
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where to write it
    #[arg(value_name = "FILE", default_value = FILE_NAME)]
    file: PathBuf,
    /// The CRM's address, instead of asking
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The account's appid, instead of asking
    #[arg(long, value_name = "APPID")]
    appid: Option<String>,
}

/// The environment variable that the written file takes the secret from.
const SECRET_VARIABLE: &str = "FERRY_SECRET";

/// Runs the command.
pub(super) fn run(args: &InitArgs, global: &Global) -> Outcome {
    if args.file.exists() {
        return Err(usage(
            format!("{} is there already", args.file.display()),
            "name another file, or edit this one; nothing was changed",
        ));
    }
    let base_url = answer(
        args.base_url.as_deref(),
        "Address of the CRM (such as https://crm.example.com): ",
        "--base-url",
    )?;
    let appid = answer(args.appid.as_deref(), "appid: ", "--appid")?;
    if !base_url.starts_with("http://") && !base_url.starts_with("https://") {
        return Err(usage(
            format!("“{base_url}” does not begin with http:// or https://"),
            "copy it from the CRM's API page",
        ));
    }
    let name = global.profile.as_deref().unwrap_or("main");
    let text = commented(name, &base_url, &appid);
    write_new(&args.file, &text).map_err(|error| {
        Failure::new(
            exit::LOCAL,
            format!("{}: {error}", args.file.display()),
            "name a file that can be written",
        )
    })?;
    say(global, &format!("written: {}", args.file.display()));
    say(
        global,
        &format!("next: put the secret into the variable {SECRET_VARIABLE}, then `ferry doctor`"),
    );
    Ok(exit::DONE)
}

fn answer(given: Option<&str>, question: &str, flag: &str) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given.trim().to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err(usage(
            format!("{flag} is not given and nobody is there to ask"),
            format!("give {flag}"),
        ));
    }
    eprint!("{question}");
    let mut line = String::new();
    let read = std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().lock().read_line(&mut line));
    match (read, line.trim()) {
        (Ok(_), line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(usage("nothing was typed", format!("give {flag}"))),
    }
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn commented(name: &str, base_url: &str, appid: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let key = if name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
    {
        name.to_owned()
    } else {
        quoted(name)
    };
    format!(
        r#"# The accounts ferry works with. Relative paths start at this file's folder.

# The profile that is used unless --profile names another.
profile = {profile}

# Where jobs are kept; the user's state folder when absent.
# state_dir = "state"

[profiles.{key}]
base_url = {base_url}
appid = {appid}

# Where the secret is kept: exactly one of these.
secret_env = "{SECRET_VARIABLE}"
# secret_file = "secret.txt"

# Calls allowed. Several windows hold at once; hours and days are counted across runs.
rate = "5/s"
# rate = ["10/s", "600/min", "100000/day"]

# Calls in flight, and how long one may take.
concurrency = 4
timeout = "30s"

# How long to go on while the CRM cannot be reached.
# max_outage = "10m"

# How long after a lost reply the CRM is asked what became of the row.
# settle = "60s"

# The zone of the CRM's times.
timezone = "Asia/Shanghai"

# Ask for the profile's name before writing.
# protected = true

# How calls are signed. `ferry doctor` tries the known schemes and says which one answers.
# [profiles.{key}.sign]
# string = "{{appid}}{{nonce}}{{timestamp}}"
# digest = "hmac-sha256"   # or sha256, hmac-sha1
# encoding = "base64"      # or hex

# How one customer is read by its id.
# [profiles.{key}.find]
# method = "GET"
# path = "/openapi/crm/findById/{{id}}"

# What empties a field.
# [profiles.{key}.clear.send]
# text = ""
# list = []

# Which refusals say that a customer does not exist.
# [profiles.{key}.gone]
# codes = ["404"]

# Whether an update must carry the customer's name.
# [profiles.{key}.update]
# requires_name = true

# Settings of single fields, by key (`ferry fields` lists them).
# [profiles.{key}.fields.text_6ts9_1687316347239]
# kind = "textarea"   # text, number, date, datetime, phone, email, url, choice, multi-choice, cascade
# send = "key"        # choices by key instead of by text
# shape = "array"     # in an array instead of bare
"#,
        profile = quoted(name),
        base_url = quoted(base_url),
        appid = quoted(appid),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::ConfigFile;

    #[test]
    fn the_written_file_is_read_also_with_every_comment_taken_off() {
        let text = commented("main", "https://crm.example.com", "1090");
        let plain: ConfigFile = toml::from_str(&text).expect("a valid file");
        assert_eq!(plain.profiles["main"].appid.as_deref(), Some("1090"));
        let uncommented: Vec<String> = text
            .lines()
            .filter(|line| !line.starts_with("# rate") && !line.starts_with("# secret_file"))
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.contains(" = ") || rest.starts_with('[') => rest.to_owned(),
                _ => line.to_owned(),
            })
            .collect();
        let full: ConfigFile =
            toml::from_str(&uncommented.join("\n")).expect("every example is valid");
        let profile = &full.profiles["main"];
        assert!(profile.protected && profile.sign.is_some() && profile.update.is_some());
        assert_eq!(profile.fields.len(), 1);
    }
}
