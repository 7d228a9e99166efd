//! The date formats of a mapping: written as in Excel, or as in `strftime`.

use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};

/// Returns the format as `strftime` writes it; `None` when a date could not be read back by it.
///
/// `yyyy年M月d日` and `dd/MM/yyyy HH:mm` are Excel's formats. A format with `%` is taken as it stands.
pub fn strftime_of(format: &str) -> Option<String> {
    let format = if format.contains('%') {
        format.to_owned()
    } else {
        from_excel(format)?
    };
    let sample = DateTime::constant(2031, 12, 24, 0, 0, 0, 0);
    let written = strtime::format(&format, sample).ok()?;
    let read = BrokenDownTime::parse(&format, &written).ok()?;
    (read.to_date().ok()? == sample.date()).then_some(format)
}

/// Translates Excel's codes: runs of `y`, `m`, `d`, `h` and `s`. An `m` behind an hour is a minute.
fn from_excel(format: &str) -> Option<String> {
    let letters: Vec<char> = format.chars().collect();
    let mut written = String::with_capacity(format.len() * 2);
    let mut in_time = false;
    let mut position = 0;
    while let Some(&letter) = letters.get(position) {
        let length = letters
            .iter()
            .skip(position)
            .take_while(|next| next.eq_ignore_ascii_case(&letter))
            .count();
        let code = match letter.to_ascii_lowercase() {
            'y' if length >= 3 => "%Y",
            'y' => "%y",
            'd' => "%d",
            'm' if in_time => "%M",
            'm' => "%m",
            'h' => {
                in_time = true;
                "%H"
            }
            's' => "%S",
            other if other.is_ascii_alphabetic() => return None,
            _ => {
                written.push(letter);
                position += 1;
                continue;
            }
        };
        written.push_str(code);
        position += length;
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_form_are_understood() {
        for (format, strftime) in [
            ("yyyy年M月d日", Some("%Y年%m月%d日")),
            ("dd/MM/yyyy", Some("%d/%m/%Y")),
            ("dd/MM/yy", Some("%d/%m/%y")),
            ("yyyy-mm-dd hh:mm:ss", Some("%Y-%m-%d %H:%M:%S")),
            ("%d/%m/%Y", Some("%d/%m/%Y")),
            ("dd/MM", None),
            ("%H:%M", None),
            ("%Q", None),
            ("月日年", None),
            ("day", None),
            ("", None),
        ] {
            assert_eq!(strftime_of(format).as_deref(), strftime, "{format}");
        }
    }
}
