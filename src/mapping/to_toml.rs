//! A mapping as TOML text, with the reasons of a proposal as comments. Read back, the text means the same.

use std::fmt::Write as _;

use super::form::{ColumnForm, MappingForm};
use super::to_book::{ColumnNote, WordNotes, sorted};

/// Returns the text of a mapping: `head` as comments, then columns in the order of `notes`, then columns without a
/// note.
pub fn to_toml(
    form: &MappingForm,
    head: &[String],
    notes: &[ColumnNote],
    words: &WordNotes,
) -> String {
    let mut text = String::new();
    comment(&mut text, head);
    let top = MappingForm {
        columns: std::collections::BTreeMap::new(),
        owner_ids: std::collections::BTreeMap::new(),
        ..form.clone()
    };
    let top = toml::to_string(&top).unwrap_or_default();
    if !top.is_empty() {
        let _ = write!(text, "\n{top}");
    }
    let default = ColumnForm::default();
    let explained = notes.iter().map(|note| (note.name.as_str(), Some(note)));
    let rest = form
        .columns
        .keys()
        .filter(|name| !notes.iter().any(|note| note.name == **name));
    for (name, note) in explained.chain(rest.map(|name| (name.as_str(), None))) {
        let column = form.columns.get(name).unwrap_or(&default);
        write_column(&mut text, name, column, note, words);
    }
    if !form.owner_ids.is_empty() {
        text.push_str("\n[owner_ids]\n");
        write_words(&mut text, &form.owner_ids, "", words);
    }
    text
}

fn write_column(
    text: &mut String,
    name: &str,
    column: &ColumnForm,
    note: Option<&ColumnNote>,
    words: &WordNotes,
) {
    text.push('\n');
    if let Some(note) = note {
        let parts = [note.letters.as_str(), &note.confidence, &note.note];
        let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        comment(text, &[said.join(" · ")]);
    }
    let _ = writeln!(text, "[columns.{}]", quoted(name));
    let plain = ColumnForm {
        choices: std::collections::BTreeMap::new(),
        transform: Vec::new(),
        ..column.clone()
    };
    text.push_str(&toml::to_string(&plain).unwrap_or_default());
    // Written with the rest, a list of nothing but replacements would become a table that no column has.
    if let Ok(transform) = toml::Value::try_from(&column.transform)
        && !column.transform.is_empty()
    {
        let _ = writeln!(text, "transform = {transform}");
    }
    if !column.choices.is_empty() {
        let _ = writeln!(text, "[columns.{}.choices]", quoted(name));
        write_words(text, &column.choices, name, words);
    }
}

fn write_words(
    text: &mut String,
    pairs: &std::collections::BTreeMap<String, String>,
    name: &str,
    words: &WordNotes,
) {
    for (word, meaning) in sorted(pairs, name, words) {
        let _ = write!(text, "{} = {}", quoted(word), quoted(meaning));
        if let Some((rows, why)) = words.get(&(name.to_owned(), word.to_owned())) {
            let _ = write!(text, "  # {rows} ×");
            if !why.is_empty() {
                let _ = write!(text, ", {}", one_line(why));
            }
        }
        text.push('\n');
    }
}

fn comment(text: &mut String, lines: &[String]) {
    for line in lines.iter().flat_map(|line| line.lines()) {
        let _ = writeln!(text, "# {line}");
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a TOML basic string, with every control character escaped.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            other if other.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", other as u32);
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::parse_toml;

    #[test]
    fn the_text_means_what_was_written() {
        let source = "ignore_unmapped = true\nheader_row = \"3-4\"\n[constants]\n\"创建方式\" = \"a \\\"b\\\" \\\\\"\n[owner_ids]\n\"张\\n三\" = \"?\"\n[columns.\"a.b \\\"c\\\"\"]\nfield = \"手机\"\ntransform = [\"trim\", { replace = [\"a\", \"b\"] }]\nlist = \"replace\"\nchoices = { \"x\\t\" = \"y\", \"\" = \"z\" }\n[columns.\"@C\"]\nignore = true\n[columns.d]\ntransform = [{ replace = [\"\\n\", \"\"] }]\n";
        let form = parse_toml("m.toml", source).expect("a good mapping").form;
        let notes = [ColumnNote {
            name: "@C".to_owned(),
            note: "why\nso".to_owned(),
            ..ColumnNote::default()
        }];
        let words =
            WordNotes::from([((String::new(), "张\n三".to_owned()), (7, "x\ny".to_owned()))]);
        let text = to_toml(&form, &["head\nlines".to_owned()], &notes, &words);
        let read = parse_toml("m.toml", &text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        assert_eq!(read.form, form);
        assert!(text.contains("\"张\\n三\" = \"?\"  # 7 ×, x y\n"), "{text}");
    }
}
