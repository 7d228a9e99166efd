//! The user's own folders: that of `ferry.toml`, and that of jobs.
//!
//! On Windows the variables `APPDATA` and `LOCALAPPDATA` name them, as `XDG_CONFIG_HOME` and `XDG_STATE_HOME` do on Linux.
//! The library reads only the latter.

use std::path::PathBuf;

use directories::ProjectDirs;

/// Returns the folder of the user's configuration; `None` where the system names none.
pub(super) fn config_folder() -> Option<PathBuf> {
    let named = of_windows("APPDATA", "config");
    named.or_else(|| Some(project()?.config_dir().to_path_buf()))
}

/// Returns the folder of the user's jobs; `None` where the system names none.
pub(super) fn state_folder() -> Option<PathBuf> {
    let named = of_windows("LOCALAPPDATA", "data");
    named.or_else(|| {
        let project = project()?;
        let folder = project.state_dir();
        Some(folder.unwrap_or_else(|| project.data_local_dir()).into())
    })
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "ferry")
}

/// Returns the folder of Windows that a variable names. Its parts are called as the library calls them.
fn of_windows(variable: &str, part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|folder| cfg!(windows) && folder.is_absolute())?;
    Some(folder.join("ferry").join(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody's configuration or jobs are lost where a variable stands in for the system.
    #[test]
    fn the_variables_name_what_the_system_names() {
        let project = project().expect("a home");
        assert_eq!(config_folder().as_deref(), Some(project.config_dir()));
        let state = project.state_dir();
        let state = state.unwrap_or_else(|| project.data_local_dir());
        assert_eq!(state_folder().as_deref(), Some(state));
    }
}
