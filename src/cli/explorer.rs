//! Whether a double click has started this process.
//!
//! On Windows the file manager, Explorer, then opens a window for it alone. Nobody has typed anything, and the window
//! closes with the process.

/// Returns whether Explorer has started this process.
#[cfg(windows)]
pub(super) fn has_started_us() -> bool {
    processes().is_some_and(|processes| is_child_of_explorer(std::process::id(), &processes))
}

/// Returns false: a double click elsewhere opens no window.
#[cfg(not(windows))]
pub(super) fn has_started_us() -> bool {
    false
}

/// A process of this computer.
#[cfg(any(windows, test))]
struct Process {
    id: u32,
    parent: u32,
    /// The name of its file.
    name: String,
}

#[cfg(any(windows, test))]
fn is_child_of_explorer(own: u32, processes: &[Process]) -> bool {
    let find = |id: u32| processes.iter().find(|process| process.id == id);
    let parent = find(own).and_then(|process| find(process.parent));
    parent.is_some_and(|parent| parent.name.eq_ignore_ascii_case("explorer.exe"))
}

/// Returns all processes; `None` where the system does not tell.
#[cfg(windows)]
fn processes() -> Option<Vec<Process>> {
    use winsafe::{HPROCESSLIST, co};
    let mut list = HPROCESSLIST::CreateToolhelp32Snapshot(co::TH32CS::SNAPPROCESS, None).ok()?;
    let found = list.iter_processes().map(|process| {
        process.map(|process| Process {
            id: process.th32ProcessID,
            parent: process.th32ParentProcessID,
            name: process.szExeFile(),
        })
    });
    found.collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_tells_a_double_click_from_a_shell() {
        let process = |id, parent, name: &str| Process {
            id,
            parent,
            name: name.to_owned(),
        };
        let processes = [
            process(4, 1, "Explorer.EXE"),
            process(5, 4, "powershell.exe"),
            process(6, 4, "ferry.exe"),
            process(7, 5, "ferry.exe"),
            process(8, 99, "ferry.exe"),
        ];
        for (own, is_double_click) in [(6, true), (7, false), (8, false), (9, false)] {
            assert_eq!(
                is_child_of_explorer(own, &processes),
                is_double_click,
                "{own}"
            );
        }
    }
}
