//! Programs that `ferry.toml` names: `on_finish` and `secret_command`.
//!
//! They run in the folder of the file, so that relative paths start there whatever started ferry. A scheduler of Windows
//! starts it in the folder of the system. The program itself would be looked for from there: Windows resolves a relative
//! program by the folder of the caller, not by that in which it is to run.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the command of these words, to run in `folder`; `None` where there are no words.
pub(super) fn of(words: &[String], folder: &Path) -> Option<Command> {
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(resolved(program, folder));
    command.args(arguments).current_dir(folder);
    Some(command)
}

/// Returns the path of a program. A bare name is one of those that the system finds, and stays.
fn resolved(program: &str, folder: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() > 1 {
        folder.join(path)
    } else {
        path.to_path_buf()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_program_is_that_of_the_folder() {
        let folder = Path::new("/srv/ferry");
        for (program, path) in [
            ("./tell.sh", "/srv/ferry/tell.sh"),
            ("scripts/tell.sh", "/srv/ferry/scripts/tell.sh"),
            ("../tell.sh", "/srv/ferry/../tell.sh"),
            ("/opt/tell", "/opt/tell"),
            ("python3", "python3"),
        ] {
            // Paths are compared part by part.
            assert_eq!(resolved(program, folder), Path::new(path), "{program}");
        }
    }
}
