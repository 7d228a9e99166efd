//! The whole path of a file, as people read it.

use std::path::{Component, Path, PathBuf};

/// Returns the path from the root, without `..`: `/a/x.xlsx` for `../x.xlsx` in `/a/w`. The folder is asked where it is,
/// because `..` behind a link leads elsewhere than the letters say. Windows leaves `..` out by itself.
pub fn whole_path(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let goes_back = whole.components().any(|part| part == Component::ParentDir);
    let (Some(folder), Some(name)) = (whole.parent(), whole.file_name()) else {
        return whole;
    };
    match folder.canonicalize() {
        Ok(folder) if goes_back => folder.join(name),
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_from_the_root() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path().canonicalize().expect("it is there");
        std::fs::create_dir(root.join("w")).expect("made");
        let typed = root.join("w").join("..").join("x.xlsx");
        assert_eq!(whole_path(&typed), root.join("x.xlsx"));
        assert_eq!(whole_path(&root.join("y.xlsx")), root.join("y.xlsx"));
        // A folder that is not there stays as it was typed.
        let typed = root.join("none").join("..").join("x.xlsx");
        assert!(whole_path(&typed).ends_with("x.xlsx"));
    }
}
