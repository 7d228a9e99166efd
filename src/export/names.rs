//! The names of exported files: their placeholders, and the mark of an incomplete export.

use std::path::{Path, PathBuf};

use crate::lang::{Lang, sheets};

/// The error of [`filled_in`]: a name has braces that hold no placeholder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no placeholder")]
pub struct UnknownPlaceholder(pub String);

/// Fills `{date}`, `{time}` and `{profile}` into a name; `stamp` is `yyyymmdd-hhmmss`.
pub fn filled_in(pattern: &str, stamp: &str, profile: &str) -> Result<String, UnknownPlaceholder> {
    let (date, time) = stamp.split_once('-').unwrap_or((stamp, ""));
    let mut name = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        name.push_str(before);
        let end = from.find('}').map_or(from.len(), |end| end + 1);
        let (placeholder, behind) = from.split_at(end);
        name.push_str(match placeholder {
            "{date}" => date,
            "{time}" => time,
            "{profile}" => profile,
            other => return Err(UnknownPlaceholder(other.to_owned())),
        });
        rest = behind;
    }
    name.push_str(rest);
    Ok(name)
}

/// Returns the name of an incomplete export, which shows that customers may be missing.
pub(crate) fn incomplete(target: &Path, lang: Lang) -> PathBuf {
    with_mark(target, sheets::incomplete_mark(lang))
}

/// Returns the name of the file of changes beside an export that has no sheets.
pub(crate) fn changes(target: &Path, lang: Lang) -> PathBuf {
    with_mark(target, sheets::changes_mark(lang)).with_extension("csv")
}

fn with_mark(target: &Path, mark: &str) -> PathBuf {
    let stem = target.file_stem().unwrap_or_default().to_string_lossy();
    let name = match target.extension() {
        Some(extension) => format!("{stem}{mark}.{}", extension.to_string_lossy()),
        None => format!("{stem}{mark}"),
    };
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_and_others_refused() {
        let filled = |pattern| filled_in(pattern, "20261125-020000", "prod");
        assert_eq!(
            filled("out/{profile}_{date}_{time}.xlsx").as_deref(),
            Ok("out/prod_20261125_020000.xlsx")
        );
        assert_eq!(filled("a.xlsx").as_deref(), Ok("a.xlsx"));
        assert_eq!(
            filled("{day}.xlsx"),
            Err(UnknownPlaceholder("{day}".into()))
        );
        assert_eq!(
            filled("{date.xlsx"),
            Err(UnknownPlaceholder("{date.xlsx".into()))
        );
    }

    #[test]
    fn an_incomplete_file_shows_it_by_its_name() {
        let target = Path::new("/a/客户_20261125.xlsx");
        assert_eq!(
            incomplete(target, Lang::En),
            Path::new("/a/客户_20261125_incomplete.xlsx")
        );
        assert_eq!(
            incomplete(target, Lang::Zh),
            Path::new("/a/客户_20261125_不完整.xlsx")
        );
        assert_eq!(
            changes(target, Lang::Zh),
            Path::new("/a/客户_20261125_变更明细.csv")
        );
    }
}
