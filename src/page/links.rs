//! Addresses of this page. Names of jobs may be Chinese, and an address is ASCII.

use std::fmt::Write as _;

use crate::model::JobId;

/// Returns the path of a job's screen.
pub(super) fn job(id: &JobId) -> String {
    format!("/job/{}", quoted(id.as_str()))
}

/// Returns a text as a part of an address.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(quoted, "%{byte:02X}");
        }
    }
    quoted
}

/// Returns a path to which a browser may be led: one of this page, and no address of another one. Browsers read `//`,
/// and `/\` like it, as the beginning of an address, and pass over what nobody sees.
pub(super) fn own_path(path: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_own = path.starts_with('/') && !path.starts_with("//") && path.bytes().all(is_plain);
    is_own.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        for path in [
            "/",
            "/job/20261123-173015-%E5%AE%A2",
            "/import/a?code=E402&text=",
        ] {
            assert_eq!(own_path(path), Some(path));
        }
        for path in [
            "",
            "job",
            "//a.example",
            "/\\a.example",
            "/\t/a.example",
            "/\n/a",
            "http://a",
            "/客",
        ] {
            assert_eq!(own_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_chinese_name_becomes_an_address() {
        let id = JobId::from_parts("20261123-173015", "客户");
        assert_eq!(job(&id), "/job/20261123-173015-%E5%AE%A2%E6%88%B7");
        assert_eq!(
            quoted("a b&c=\"/\u{1F600}"),
            "a%20b%26c%3D%22%2F%F0%9F%98%80"
        );
    }
}
