//! Paths of Windows in a TOML file, where a backslash between double quotes begins an escape: `"C:\temp"` holds a tab.

/// Returns a path as it was typed, where an escape has put a control character into it.
pub fn path_with_escape(path: &str) -> Option<String> {
    let has_control = path.chars().any(char::is_control);
    has_control.then(|| path.escape_debug().to_string())
}

/// Returns whether the message of a TOML reader is about an escape that there is not, such as that of `"C:\Users"`.
pub fn is_about_escape(message: &str) -> bool {
    [
        "escaped value",
        "unicode value digits",
        "unicode hexadecimal",
    ]
    .iter()
    .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the value of a text between double quotes, or the reader's message.
    fn read(typed: &str) -> Result<String, String> {
        let table: Result<toml::Table, toml::de::Error> = toml::from_str(&format!("a = {typed}"));
        match table {
            Ok(table) => Ok(table["a"].as_str().expect("a text").to_owned()),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    #[test]
    fn an_escape_in_a_path_is_noticed() {
        for typed in [
            r#""C:\temp""#,
            r#""C:\new""#,
            r#""D:\exports""#,
            r#""C:\bin""#,
        ] {
            let path = read(typed).expect("it can be read");
            let shown = path_with_escape(&path);
            assert!(shown.is_some(), "{typed}: {shown:?}");
        }
        assert_eq!(
            path_with_escape(&read(r#""C:\temp""#).expect("read")).as_deref(),
            Some(r"C:\temp")
        );
        for typed in [r"'C:\temp'", r#""C:\\temp""#, r#""客户/a b.csv""#] {
            assert_eq!(
                path_with_escape(&read(typed).expect("read")),
                None,
                "{typed}"
            );
        }
    }

    #[test]
    fn an_escape_that_there_is_not_is_told_by_the_message() {
        for typed in [
            r#""C:\Users""#,
            r#""C:\data""#,
            r#""C:\xls""#,
            r#""\UFFFFFFFF""#,
        ] {
            let message = read(typed).expect_err("no such escape");
            assert!(is_about_escape(&message), "{typed}: {message}");
        }
        for other in ["", "\"open", "[[", "a b"] {
            assert!(
                !is_about_escape(&read(other).expect_err("no TOML")),
                "{other}"
            );
        }
    }
}
