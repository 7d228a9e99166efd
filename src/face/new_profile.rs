//! A new account: its address is checked, its secret goes into a private file of its own, and the rest into a commented
//! `ferry.toml`.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::failure::{Failure, usage};
use super::settings::bad_setting;
use crate::crm::Endpoint;
use crate::lang::{Lang, say};
use crate::mapping::quoted;
use crate::model::private_options;

/// The environment variable from which the written file takes the secret, where none was typed.
pub(crate) const SECRET_VARIABLE: &str = "FERRY_SECRET";

/// How long an address that was just typed may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many files may be there that are called as the secret's would be.
const SECRET_FILES: u32 = 100;

/// Fails for a text that is no address of a server.
pub(crate) fn check_address(text: &str) -> Result<(), Failure> {
    if !text.starts_with("http://") && !text.starts_with("https://") {
        return Err(usage(say::usage::no_address(text)));
    }
    endpoint(text, "1")
        .validate()
        .map_err(|error| bad_setting(&error))
}

/// Returns an endpoint to try an address with. Its secret is none: any reply shows that somebody is there.
pub(crate) fn endpoint(base_url: &str, appid: &str) -> Endpoint {
    let mut endpoint = Endpoint::new(base_url, appid, SecretString::from("-"));
    endpoint.timeout = PATIENCE;
    endpoint
}

/// Writes the secret into a new private file beside the configuration. Returns the file's name.
pub(crate) fn keep_secret(
    config: &Path,
    profile: &str,
    secret: &SecretString,
) -> std::io::Result<String> {
    let stem = config.file_stem().unwrap_or_default().to_string_lossy();
    let is_plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let profile: String = profile.chars().filter(is_plain).collect();
    let text = format!("{}\n", secret.expose_secret());
    for number in 1..SECRET_FILES {
        let name = match number {
            1 => format!("{stem}-{profile}.secret"),
            number => format!("{stem}-{profile}-{number}.secret"),
        };
        match write_new(&config.with_file_name(&name), text.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            written => return written.map(|()| name),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// Writes a private file that is not there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = private_options();
    options.write(true).create_new(true);
    options.open(path)?.write_all(bytes)
}

/// Returns the text of the file. The secret is in the file `kept`, else in a variable.
pub(crate) fn commented(
    name: &str,
    (base_url, appid): (&str, &str),
    kept: Option<&str>,
    lang: Lang,
) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let key = if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    };
    let (mut env, mut file) = (
        format!("secret_env = \"{SECRET_VARIABLE}\""),
        format!("secret_file = {}", quoted(kept.unwrap_or("secret.txt"))),
    );
    let unused = if kept.is_some() { &mut env } else { &mut file };
    unused.insert_str(0, "# ");
    let values = say::init::Values {
        profile: &quoted(name),
        key: &key,
        base_url: &quoted(base_url),
        appid: &quoted(appid),
        env: &env,
        file: &file,
    };
    say::init::file(lang, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::config::ConfigFile;

    #[test]
    fn the_written_file_is_read_also_with_every_comment_taken_off() {
        for lang in Lang::ALL.iter().copied() {
            let account = ("https://crm.example.com", "1090");
            let text = commented("main", account, None, lang);
            let plain: ConfigFile = toml::from_str(&text).expect("a valid file");
            assert_eq!(plain.profiles["main"].appid.as_deref(), Some("1090"));
            assert_eq!(plain.lang, Some(lang.to_string()));
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

    #[test]
    fn a_typed_secret_goes_into_a_private_file_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("ferry.toml");
        let secret = SecretString::from("s3cr3t");
        let names = [1, 2].map(|_| keep_secret(&config, "主/1", &secret).expect("kept"));
        assert_eq!(names, ["ferry-主1.secret", "ferry-主1-2.secret"]);
        let kept = folder.path().join(&names[0]);
        assert_eq!(std::fs::read_to_string(&kept).expect("a text"), "s3cr3t\n");
        #[cfg(unix)]
        assert_eq!(crate::face::ownership::others_may_read(&kept), Some(false));
        let account = ("https://crm.example.com", "1090");
        let text = commented("main", account, Some(&names[0]), Lang::Zh);
        let file: ConfigFile = toml::from_str(&text).expect("a valid file");
        let profile = &file.profiles["main"];
        assert_eq!(profile.secret_file.as_deref(), Some(Path::new(&names[0])));
        assert!(profile.secret_env.is_none() && !text.contains("s3cr3t"));
    }
}
