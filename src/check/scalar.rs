//! Fields with one value: text, numbers, dates, phones, addresses, owners.

use super::date::{self, NoDate};
use super::problem::problem;
use super::width::plain_width;
use crate::model::{
    CellKind, Code, DecimalSign, Field, Kind, NumberSigns, Part, Problem, both_readings,
    number_signs, written_number,
};

/// Returns the text to send, or adds a problem.
pub(super) fn text(field: &Field, part: &Part, problems: &mut Vec<Problem>) -> Option<String> {
    let judged = match field.kind {
        Kind::Number => return number_text(field, part, problems),
        Kind::Date | Kind::Datetime => return date_text(field, part, problems),
        Kind::Phone => return phone_text(field, part, &part.text, problems),
        Kind::Email => email(&part.text).ok_or(Code::NotAnEmail),
        Kind::Url => url(&part.text).ok_or(Code::NotAUrl),
        Kind::Owner => owner(&part.text).ok_or(Code::NotAnOwner),
        _ => Ok(part.text.clone()),
    };
    judged
        .map_err(|code| problems.push(problem(code, field, part)))
        .ok()
}

fn date_text(field: &Field, part: &Part, problems: &mut Vec<Problem>) -> Option<String> {
    // A real date of the spreadsheet has no form that could be read in two ways.
    let rule = part.rule.as_ref().filter(|_| part.kind != CellKind::Date);
    let format = rule.and_then(|rule| rule.format.as_deref());
    match date::parse_as(format, &plain_width(&part.text)) {
        Ok(moment) if field.kind == Kind::Datetime => {
            Some(moment.strftime("%Y-%m-%d %H:%M:%S").to_string())
        }
        Ok(moment) if moment.time() == jiff::civil::Time::midnight() => {
            Some(moment.date().to_string())
        }
        Ok(_) => {
            problems.push(problem(Code::TimeInDate, field, part));
            None
        }
        Err(NoDate::Ambiguous) => {
            problems.push(problem(Code::AmbiguousDate, field, part));
            None
        }
        Err(NoDate::Unreadable) => {
            problems.push(problem(Code::NotADate, field, part));
            None
        }
    }
}

/// Reads a number by the decimal sign that its column or the mapping has; without one by what the number says itself.
fn number_text(field: &Field, part: &Part, problems: &mut Vec<Problem>) -> Option<String> {
    let plain = plain_width(&part.text);
    // A number of the spreadsheet has a point, whatever the texts of its column have.
    let known = if part.kind == CellKind::Text {
        part.rule.as_ref().and_then(|rule| rule.decimal)
    } else {
        Some(DecimalSign::Point)
    };
    let sign = match (known, number_signs(&plain)) {
        (Some(sign), _) | (None, Some(NumberSigns::Say(sign))) => sign,
        (None, Some(NumberSigns::Unclear(_))) => {
            let [whole, decimal] = both_readings(&plain);
            let unclear = problem(Code::AmbiguousNumber, field, part);
            problems.push(unclear.with("whole", whole).with("decimal", decimal));
            return None;
        }
        (None, Some(NumberSigns::Whole) | None) => DecimalSign::Point,
    };
    let number = written_number(&plain, sign);
    if number.is_none() {
        problems.push(problem(Code::NotANumber, field, part));
    }
    number
}

/// Returns a phone number to send, or adds a problem.
pub(super) fn phone_text(
    field: &Field,
    part: &Part,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let Some(phone) = phone(text) else {
        problems.push(problem(Code::NotAPhone, field, part).with("value", text));
        return None;
    };
    if let Some(count) = impossible_length(&phone) {
        let wrong = problem(Code::PhoneLength, field, part).with("value", text);
        problems.push(wrong.with("count", count.to_string()));
        return None;
    }
    Some(phone)
}

/// Returns how many digits a number has that cannot be a number for its length alone; `None` for others, and where it
/// is not sure. Mobile numbers of China begin with 13 to 19 and have 11 digits, abroad a number has at most 15 (E.164).
/// Behind a sign an extension may follow without a word for it: 13800138000-801.
fn impossible_length(phone: &str) -> Option<usize> {
    // Most are plain mobile numbers.
    if let [b'1', b'3'..=b'9', rest @ ..] = phone.as_bytes()
        && rest.len() == 9
        && rest.iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    let number = phone.split(['转', '#', 'x', 'X', '*', '分']).next()?;
    let all: String = number.chars().filter(char::is_ascii_digit).collect();
    let mut groups = number.split(|letter: char| !letter.is_ascii_digit());
    let first = groups.find(|group| !group.is_empty())?;
    let last = groups.rfind(|group| !group.is_empty());
    let is_abroad = number.trim_start_matches('(').starts_with('+') || all.starts_with("00");
    // 86138001 is a landline of its own, so that 86 counts where it stands apart, or before a number of full length.
    let is_china = is_abroad || (all.len() > 10 && (first == "86" || last.is_none()));
    let bare = all.trim_start_matches("00");
    let national = bare.strip_prefix("86").filter(|_| is_china);
    let digits = national.unwrap_or(if is_abroad { bare } else { &all });
    let second = digits.as_bytes().get(1);
    let is_mobile =
        digits.starts_with('1') && second.is_some_and(|digit| (b'3'..=b'9').contains(digit));
    let extension = last.map(str::len).filter(|length| *length <= 6);
    let without_extension = digits.len().saturating_sub(extension.unwrap_or(0));
    let is_possible = if is_abroad && national.is_none() {
        without_extension <= 15
    } else if is_mobile && (national.is_some() || digits.len() > 8) {
        digits.len() == 11 || (extension.is_some() && without_extension == 11)
    } else if digits.len() == 10 && digits.starts_with('1') {
        // Behind +86, area code 10 has 10 digits. Else the zero before it was lost.
        national.is_some() && digits.starts_with("10")
    } else {
        // As long are a number with the sign of abroad and, of messages, those that begin with 106.
        last.is_some() || digits.len() <= 17 || digits.starts_with("106")
    };
    (!is_possible).then_some(digits.len())
}

/// Reads a phone number: digits with `+ - ( ) .`, spaces and an extension. It has 3 to 20 digits, without those of a
/// marked extension: from short service numbers to E.164 with an unmarked extension.
pub(super) fn phone(text: &str) -> Option<String> {
    let plain = plain_width(text);
    if plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return (3..=20).contains(&plain.len()).then(|| plain.into_owned());
    }
    let marks = ["分机", "转", "#", "x", "X", "*"];
    let mark = marks
        .iter()
        .filter_map(|mark| Some((plain.find(mark)?, mark.len())))
        .min();
    let (number, extension) = match mark {
        Some((position, length)) => (
            plain.get(..position)?,
            Some(plain.get(position + length..)?),
        ),
        None => (plain.as_ref(), None),
    };
    let shaped = number.char_indices().all(|(position, letter)| {
        letter.is_ascii_digit()
            || matches!(letter, '-' | ' ' | '(' | ')' | '.')
            || (letter == '+'
                && number
                    .get(..position)
                    .is_some_and(|before| before.chars().all(|letter| letter == '(')))
    });
    let extended = extension.is_none_or(|extension| {
        let extension = extension.trim();
        !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_digit())
    });
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (shaped && extended && (3..=20).contains(&digits)).then(|| plain.into_owned())
}

/// Reads an e-mail address: a name, one `@`, and a domain with a dot.
pub(super) fn email(text: &str) -> Option<String> {
    let plain = plain_width(text);
    let (name, domain) = plain.split_once('@')?;
    let clean = |part: &str| {
        !part.is_empty()
            && part.chars().all(|letter| {
                !letter.is_whitespace()
                    && !matches!(letter, '@' | ',' | ';' | '<' | '>' | '，' | '；')
            })
    };
    let labelled = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    (clean(name) && clean(domain) && labelled).then(|| plain.into_owned())
}

fn url(text: &str) -> Option<String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or(text);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let shaped = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (shaped && !text.contains(char::is_whitespace)).then(|| text.to_owned())
}

/// Reads an `owner`: the id of an agent or of an open sea, 1 to 20 digits (contract.md).
fn owner(text: &str) -> Option<String> {
    let plain = plain_width(text);
    ((1..=20).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| plain.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones() {
        for (text, read) in [
            ("13800138000", Some("13800138000")),
            ("+86 138 0013 8000", Some("+86 138 0013 8000")),
            ("１３８００１３８０００", Some("13800138000")),
            ("0571-88888888转801", Some("0571-88888888转801")),
            ("(010) 8888-8888", Some("(010) 8888-8888")),
            ("95588", Some("95588")),
            ("（+86）13800138000", Some("(+86)13800138000")),
            ("88888888分机801", Some("88888888分机801")),
            ("88888888分801", None),
            ("张三 138", None),
            ("12", None),
            ("138+001", None),
            ("88888888转", None),
        ] {
            assert_eq!(phone(text).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn some_numbers_cannot_be_for_their_length() {
        for (text, count) in [
            ("1380013800", Some(10)),
            ("138 0013 800", Some(10)),
            ("138001380001", Some(12)),
            ("+86 138 0013 800", Some(10)),
            ("1088888888", Some(10)),
            ("13800138000", None),
            ("8613800138000", None),
            ("+86 10 8888 8888", None),
            ("01088888888", None),
            ("+1 571 555 1234", None),
            ("+44 1632 960983", None),
            ("5715551234", None),
            ("13800138000转801", None),
            ("95588", None),
            ("100000000000", None),
            // Digits are missing, or there are too many, with and without the code of the country.
            ("138001380", Some(9)),
            ("138-0013-800", Some(10)),
            ("86 1380013800", Some(10)),
            ("86-138-0013-800", Some(10)),
            ("86138001380", Some(9)),
            ("861380013800", Some(10)),
            ("+86138001380", Some(9)),
            ("+86 138 0013 80", Some(9)),
            ("+86 1380013800", Some(10)),
            ("(+86)138001380000", Some(12)),
            ("0086-1380013800", Some(10)),
            ("138001380001234567", Some(18)),
            ("330106199001011234", Some(18)),
            ("1380013800转801", Some(10)),
            ("+1 80055512341234567", Some(18)),
            // Mobile numbers.
            ("138 0013 8000", None),
            ("138-0013-8000", None),
            ("+86 138 0013 8000", None),
            ("(+86)13800138000", None),
            ("86-13800138000", None),
            ("0086 138 0013 8000", None),
            ("13800138000-801", None),
            ("13800138000 8", None),
            // Landlines, with extensions.
            ("0571-87003331", None),
            ("0571-87003331-801", None),
            ("0571-87003331转801", None),
            ("(0571)87003331-8801", None),
            ("057187003331", None),
            ("057187003331801", None),
            ("010-88888888", None),
            ("+86-571-87003331", None),
            ("+86 (0571) 8700 3331", None),
            ("86 571 87003331", None),
            ("+861088888888", None),
            ("86138001", None),
            ("86138001-801", None),
            ("8613 8001", None),
            ("87003331", None),
            // Numbers for all of the country, and services.
            ("4008001234", None),
            ("400-800-1234", None),
            ("400-800-1234-1", None),
            ("800-810-1234", None),
            ("12345", None),
            ("10086", None),
            ("1010 1234", None),
            ("9510012345", None),
            ("10690123456789012345", None),
            // Abroad.
            ("+1 800 555 1234", None),
            ("18005551234", None),
            ("1-800-555-1234", None),
            ("001 800 555 1234", None),
            ("+852 2345 6789", None),
            ("+853 6612 3456", None),
            ("+886 912 345 678", None),
            ("+49 30 901820-1234", None),
            ("+49 1512 3456789", None),
            ("+65 6123 4567", None),
            ("+7 495 123-45-67", None),
            ("123456789012345", None),
        ] {
            assert_eq!(impossible_length(text), count, "{text}");
        }
    }

    #[test]
    fn addresses() {
        assert_eq!(email("a@b.cn").as_deref(), Some("a@b.cn"));
        assert_eq!(email("ａ＠b.cn").as_deref(), Some("a@b.cn"));
        for text in ["a", "a@b", "@b.cn", "a b@c.cn", "a@b..cn", "a@b.cn,c@d.cn"] {
            assert_eq!(email(text), None, "{text}");
        }
        assert!(
            url("https://example.com/a?b").is_some()
                && url("例子").is_none()
                && url("a b.c").is_none()
        );
        assert!(owner("8310").is_some() && owner("张三").is_none());
    }
}
