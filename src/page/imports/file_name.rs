//! The name that an uploaded file gets here. Whatever the browser calls it, the name is one plain part of a path.

use crate::model::is_device;

/// The most bytes of a stem.
const LONGEST_STEM: usize = 60;

/// The most letters of an extension.
const LONGEST_EXTENSION: usize = 8;

/// Returns the name under which a file is kept: the letters and digits of its stem, and its extension.
pub(super) fn kept_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = last.rsplit_once('.').unwrap_or((last, ""));
    let (stem, extension) = if stem.is_empty() {
        (extension, "")
    } else {
        (stem, extension)
    };
    let letters = stem.chars().map(|letter| {
        if letter.is_alphanumeric() || "-_()（）".contains(letter) {
            letter
        } else {
            '_'
        }
    });
    let mut kept = String::new();
    for letter in letters {
        if kept.len() + letter.len_utf8() > LONGEST_STEM {
            break;
        }
        kept.push(letter);
    }
    let kept = kept.trim_matches('_');
    let kept = if kept.is_empty() {
        "customers".to_owned()
    } else if is_device(kept) {
        format!("_{kept}")
    } else {
        kept.to_owned()
    };
    let is_plain = (1..=LONGEST_EXTENSION).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain {
        format!("{kept}.{}", extension.to_lowercase())
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_plain_part_of_a_path() {
        for (name, kept) in [
            ("customers.xlsx", "customers.xlsx"),
            ("客户 名单（新）.XLSX", "客户_名单（新）.xlsx"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("..", "customers"),
            ("", "customers"),
            (".xlsx", "xlsx"),
            ("a\0b.csv", "a_b.csv"),
            ("CON.xlsx", "_CON.xlsx"),
            ("com1.csv", "_com1.csv"),
            ("lpt9", "_lpt9"),
            ("a.b/../c", "c"),
            ("x.we ird", "x"),
            ("name.tar.gz", "name_tar.gz"),
            ("-rf.csv", "-rf.csv"),
        ] {
            assert_eq!(kept_name(name), kept, "{name}");
        }
        let long = kept_name(&format!("{}.xlsx", "客".repeat(400)));
        assert_eq!(long, format!("{}.xlsx", "客".repeat(20)));
    }
}
