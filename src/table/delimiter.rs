//! Which delimiter a CSV file has, and the `sep=;` line that names it for Excel.
//!
//! The first records are parsed with each candidate, quotes respected. The candidate that gives most records the same
//! number of cells wins. Evenness comes before width, because a comma file may hold cells such as `甲;乙;丙` that a
//! semicolon would cut into more, but uneven, pieces.

use csv::{ReaderBuilder, StringRecord};

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const SAMPLE_RECORDS: usize = 200;

/// Returns the delimiter that a first line `sep=X` names.
pub(super) fn from_sep_line(text: &str) -> Option<u8> {
    let line = text.lines().next()?.trim_matches('"');
    let [delimiter] = line
        .strip_prefix("sep=")
        .or_else(|| line.strip_prefix("SEP="))?
        .as_bytes()
    else {
        return None;
    };
    is_possible(*delimiter).then_some(*delimiter)
}

/// Returns whether the first record of a file is a `sep=X` line, which Excel does not show.
pub(super) fn is_sep_line<'r>(mut fields: impl Iterator<Item = &'r str>, delimiter: u8) -> bool {
    let first = fields.next().unwrap_or_default();
    if !first
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("sep="))
    {
        return false;
    }
    match (
        first.get(4..).unwrap_or_default().as_bytes(),
        fields.next(),
        fields.next(),
    ) {
        ([], Some(""), None) => true,
        ([one], None, None) => *one == delimiter || is_possible(*one),
        _ => false,
    }
}

/// Returns whether a byte can be a delimiter.
pub(super) fn is_possible(delimiter: u8) -> bool {
    (delimiter.is_ascii_punctuation() && delimiter != b'"')
        || delimiter == b'\t'
        || delimiter == b' '
        || delimiter == 1
}

/// Returns the delimiter of a table that starts with this text. `is_whole`: nothing follows the text.
pub(super) fn find_delimiter(text: &str, is_whole: bool) -> u8 {
    let mut best = (0, 0, b',');
    for candidate in CANDIDATES {
        let counts = cell_counts(text, is_whole, candidate);
        let Some((width, share)) = most_frequent_width(&counts) else {
            continue;
        };
        // In twentieths, so that one odd record among many does not outweigh ten columns.
        let evenness = share * 20 / counts.len();
        if (evenness, width) > (best.0, best.1) {
            best = (evenness, width, candidate);
        }
    }
    best.2
}

fn cell_counts(text: &str, is_whole: bool, delimiter: u8) -> Vec<usize> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut counts: Vec<usize> = reader
        .records()
        .take(SAMPLE_RECORDS)
        .filter_map(Result::ok)
        .map(|record| columns_of(&record))
        .collect();
    if !is_whole && counts.len() > 1 && counts.len() < SAMPLE_RECORDS {
        counts.pop();
    }
    counts
}

/// Returns the number of cells; 1 if a cell has an odd number of quotes, because then the delimiter cut through a
/// quoted cell.
fn columns_of(record: &StringRecord) -> usize {
    let is_cut = record
        .iter()
        .any(|field| field.bytes().filter(|byte| *byte == b'"').count() % 2 == 1);
    if is_cut { 1 } else { record.len() }
}

/// Returns the most frequent number of cells above one, and how many records have that number.
fn most_frequent_width(counts: &[usize]) -> Option<(usize, usize)> {
    let frequency = |width: usize| counts.iter().filter(|count| **count == width).count();
    counts
        .iter()
        .filter(|count| **count > 1)
        .map(|width| (*width, frequency(*width)))
        .max_by_key(|(width, share)| (*share, *width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenness_before_width() {
        let cases = [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1;2;3\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            (
                "name,tags\n张三,甲;乙;丙\n李四,甲;乙\n王五,甲;乙;丙\n",
                b',',
            ),
            ("a;b\n1,5;2,5\n3,5;4,5\n", b';'),
            (
                "name\tnote\n张三\thello, world, and; more\n李四\tx\n",
                b'\t',
            ),
            ("\"a,b\";\"c,d\"\n\"1,2\";\"3,4\"\n", b';'),
            ("客户名单\n\n姓名,电话\n张三,1\n李四,2\n", b','),
            ("name\nJohn\n", b','),
            ("", b','),
            ("a;b\n\"line\nbreak;x\";2\n", b';'),
        ];
        for (text, expected) in cases {
            assert_eq!(
                char::from(find_delimiter(text, true)),
                char::from(expected),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_sep_line_is_known_by_either_delimiter() {
        assert_eq!(from_sep_line("sep=;\r\na;b"), Some(b';'));
        assert_eq!(from_sep_line("sep=\t\na\tb"), Some(b'\t'));
        assert_eq!(from_sep_line("\"sep=,\"\n"), Some(b','));
        assert_eq!(from_sep_line("separator\n"), None);
        assert_eq!(from_sep_line("sep=\n"), None);
        assert!(is_sep_line(["sep=", ""].into_iter(), b';'));
        assert!(is_sep_line(["sep=;"].into_iter(), b','));
        assert!(!is_sep_line(["sep=", "x"].into_iter(), b';'));
        assert!(!is_sep_line(["客户名称"].into_iter(), b','));
    }
}
