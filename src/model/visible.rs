//! Foreign text made harmless to look at.
//!
//! The texts of cells, headers, labels, file names and replies were written by others. A terminal obeys control
//! characters: it moves its cursor, sets its title, fills the clipboard. Characters that turn the direction of writing
//! or take no room make one text look like another (CVE-2021-42574). The invariant: a text that [`visible`] returns
//! holds none of these characters, and each is shown as `\u{1b}` instead. Ordinary text of any script, and emoji, come
//! back as they are. Line ends and tabulators stay, because ferry's own sentences have them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns the text with every character escaped that a reader would not see as itself.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |character, shown| {
        // Writing to a String cannot fail.
        let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
    })
}

/// Does the same for JSON, with the escapes of JSON strings: a parser reads the value as it was.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    escaped(json, |character, shown| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

fn escaped(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    // Nearly all text is printable ASCII and Chinese.
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for character in text.chars() {
        if is_unseen(character) && !(character == JOINER && is_pictorial(before)) {
            escape(character, &mut shown);
        } else {
            shown.push(character);
        }
        before = character;
    }
    Cow::Owned(shown)
}

/// Returns the text without the white space and the unseen characters at its ends. What belongs to an emoji stays.
pub fn trimmed(text: &str) -> &str {
    let is_seen = |letter: char| letter.is_ascii_graphic() || is_ideograph(letter);
    let mut letters = text.chars();
    if let (Some(first), Some(last)) = (letters.next(), letters.next_back())
        && is_seen(first)
        && is_seen(last)
    {
        return text;
    }
    let mut rest = text.trim_start_matches(is_padding);
    while let Some(last) = rest.chars().next_back().filter(|last| is_padding(*last)) {
        let shorter = rest.get(..rest.len() - last.len_utf8()).unwrap_or_default();
        let before = shorter.chars().next_back();
        if before.is_some_and(|before| belongs_to_emoji(last, before)) {
            break;
        }
        rest = shorter;
    }
    rest
}

/// Returns the text without any unseen character, for comparing. White space stays.
pub fn without_unseen(text: &str) -> Cow<'_, str> {
    let is_out = |letter: char| !letter.is_whitespace() && is_padding(letter);
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control())
        || !text.contains(is_out)
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| !is_out(*letter)).collect())
}

/// Returns whether a character is one of the common Chinese characters, which are seen, have one width and no case, and
/// join with no other.
pub(super) fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}')
}

fn is_padding(character: char) -> bool {
    character.is_whitespace() || is_unseen(character) || is_selector(character)
}

/// Returns whether a character chooses between the forms of the character before it.
fn is_selector(character: char) -> bool {
    matches!(u32::from(character), 0x180b..=0x180f | 0xfe00..=0xfe0f | 0xe0100..=0xe01ef)
}

/// Returns whether a character is part of the emoji before it: the choice of its coloured form, or the name of a flag.
fn belongs_to_emoji(character: char, before: char) -> bool {
    let is_tag = |letter: char| matches!(u32::from(letter), 0xe0020..=0xe007f);
    (character == '\u{fe0f}' && is_pictorial(before))
        || (is_tag(character) && (is_tag(before) || is_pictorial(before)))
}

/// Joins several emoji to one (a family, a profession). Between letters it is invisible.
const JOINER: char = '\u{200d}';

fn is_pictorial(character: char) -> bool {
    matches!(u32::from(character), 0x2190..=0x2bff | 0xfe0f | 0x1f000..=0x1faff)
}

/// Returns whether a character is a control, a mark of direction, a tag, or has no width.
fn is_unseen(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        _ if character.is_control() => true,
        _ => matches!(
            u32::from(character),
            0x00ad
                | 0x034f
                | 0x061c
                | 0x115f
                | 0x1160
                | 0x180e
                | 0x200b..=0x200f
                | 0x2028..=0x202e
                | 0x2060..=0x206f
                | 0x3164
                | 0xfeff
                | 0xffa0
                | 0xfff9..=0xfffb
                | 0xe0000..=0xe007f
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_and_not_sent() {
        for (text, shown) in [
            ("张三\u{1b}[2J", "张三\\u{1b}[2J"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\rb", "a\\u{d}b"),
            ("a\u{7f}\u{0}", "a\\u{7f}\\u{0}"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            (
                "\u{2066}x\u{2069}\u{200e}\u{61c}",
                "\\u{2066}x\\u{2069}\\u{200e}\\u{61c}",
            ),
            ("张\u{200b}三\u{feff}", "张\\u{200b}三\\u{feff}"),
            ("a\u{200d}b", "a\\u{200d}b"),
            ("\u{e0041}", "\\u{e0041}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "",
            "来源“百度推广”不在选项中，最接近：百度。\n\t提示",
            "Zoë Åström · Иван · やまだ・ハナ · 한국어 · สวัสดี · नमस्ते · ع",
            "👍🏽 ❤️ 👨\u{200d}👩\u{200d}👧 👩🏽\u{200d}💻 🏳️\u{200d}🌈",
            "㊙️ｱﾊﾟｰﾄ　全角",
        ] {
            assert!(
                matches!(visible(text), Cow::Borrowed(_)) || visible(text) == text,
                "{text}"
            );
        }
    }

    #[test]
    fn unseen_characters_are_taken_off_the_ends() {
        for (text, expected) in [
            ("\u{202d}13800138001\u{202c}", "13800138001"),
            ("\u{1f}030611", "030611"),
            ("\u{200e}b@example.com", "b@example.com"),
            ("\u{feff}客户名称", "客户名称"),
            ("KH\u{ad}-02\u{ad}", "KH\u{ad}-02"),
            ("葛\u{e0100}", "葛"),
            ("a\u{fe0f}", "a"),
            (" \u{202a} \u{2060}x\u{3000}\u{200b}", "x"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("❤\u{fe0f}\u{200d}\u{200b}", "❤\u{fe0f}"),
            ("👨\u{200d}👩", "👨\u{200d}👩"),
            (
                "🏴\u{e0067}\u{e0062}\u{e007f}",
                "🏴\u{e0067}\u{e0062}\u{e007f}",
            ),
            ("\u{200b}\u{202e}", ""),
        ] {
            assert_eq!(trimmed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn texts_are_compared_without_what_nobody_sees() {
        for (text, expected) in [
            ("KH03", "KH03"),
            ("\u{202a}KH\u{ad}0\u{200b}3\u{202c}", "KH03"),
            ("KH\u{1f}03", "KH03"),
            ("张 三\u{3000}", "张 三\u{3000}"),
            ("葛\u{e0100}城", "葛城"),
        ] {
            assert_eq!(without_unseen(text), expected, "{text:?}");
        }
    }

    #[test]
    fn json_means_the_same_as_before() {
        let value = serde_json::json!({"a\u{202e}": "\u{1b}[0m\u{7f}\u{9b}\u{e0041}张"});
        let plain = value.to_string();
        let shown = visible_json(&plain);
        assert!(!shown.chars().any(is_unseen), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(read, value);
    }
}
