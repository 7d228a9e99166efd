//! Names that Windows cannot hold: it gives some characters and some names another meaning.
//!
//! The rule is Microsoft's *Naming Files, Paths, and Namespaces*.

/// Characters that no name has on Windows, besides those below 32.
const RESERVED: &[char] = &['<', '>', ':', '"', '|', '?', '*'];

/// The most units of UTF-16 that a name has.
const LONGEST: usize = 255;

/// Names of devices, whatever follows a dot.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Names of devices that a digit follows.
const NUMBERED_DEVICES: &[&str] = &["COM", "LPT"];

/// Returns the first part of a path that this system cannot hold. Only Windows has such parts.
pub fn impossible_part(path: &str) -> Option<&str> {
    impossible_part_on(path, cfg!(windows))
}

fn impossible_part_on(path: &str, is_windows: bool) -> Option<&str> {
    if !is_windows {
        return None;
    }
    // `\\?\C:\x` is another form of `C:\x`.
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    let mut letters = path.chars();
    let has_drive = letters
        .next()
        .is_some_and(|drive| drive.is_ascii_alphabetic())
        && letters.next() == Some(':');
    let path = if has_drive { letters.as_str() } else { path };
    path.split(['/', '\\']).find(|part| is_impossible(part))
}

fn is_impossible(part: &str) -> bool {
    if matches!(part, "" | "." | "..") {
        return false;
    }
    let is_reserved = |letter: char| letter < ' ' || RESERVED.contains(&letter);
    part.contains(is_reserved)
        || part.ends_with(['.', ' '])
        || is_device(part)
        || part.encode_utf16().count() > LONGEST
}

/// Returns whether Windows takes a name for a device.
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_uppercase();
    let number = stem
        .strip_suffix(|digit: char| digit.is_ascii_digit() || "¹²³".contains(digit))
        .is_some_and(|kind| NUMBERED_DEVICES.contains(&kind));
    number || DEVICES.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_cannot_hold_are_found() {
        for (path, part) in [
            (r"C:\Users\王\客户 2026.xlsx", None),
            ("../exports/all.v2.csv", None),
            (r"\\server\share\all.csv", None),
            (r"\\?\C:\all.csv", None),
            ("c:all.csv", None),
            ("console.csv", None),
            ("COMPANY1.xlsx", None),
            ("-", None),
            ("x?.csv", Some("x?.csv")),
            ("a|b/all.csv", Some("a|b")),
            ("12:30.csv", Some("12:30.csv")),
            (r"C:\exports \all.csv", Some("exports ")),
            ("all.csv.", Some("all.csv.")),
            ("C:\temp.csv", Some("\temp.csv")),
            ("NUL.csv", Some("NUL.csv")),
            ("out/con", Some("con")),
            (r"\\.\nul", Some("nul")),
            ("com1.tar.gz", Some("com1.tar.gz")),
            ("LPT².csv", Some("LPT².csv")),
        ] {
            assert_eq!(impossible_part_on(path, true), part, "{path}");
            assert_eq!(impossible_part_on(path, false), None, "{path}");
        }
        let (longest, longer) = ("客".repeat(255), "客".repeat(256));
        assert_eq!(impossible_part_on(&longest, true), None);
        assert_eq!(impossible_part_on(&longer, true), Some(longer.as_str()));
    }
}
