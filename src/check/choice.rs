//! Choices and cascades: recognised by text or key, ignoring case, width and outer spaces.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::{problem, shortened};
use crate::model::{
    CascadeOption, Code, Fact, Field, Kind, Part, Problem, SendAs, Shape, Slot, Value,
};

/// The choices of one field, by every spelling that names them.
#[derive(Debug, Default)]
pub struct ChoiceIndex {
    by_name: HashMap<String, usize>,
    /// Spellings, longest first, for reading several choices from one cell.
    names: Vec<String>,
}

/// What stands between two choices in one cell.
const SEPARATORS: &[char] = &[';', '；', '、', ',', '，', '\n', '/', '|'];

/// Where a cell that names no known choice is cut (product.md, *Columns to fields*).
const CUTS: &[char] = &[';', '；', '、', ',', '，', '\n'];

impl ChoiceIndex {
    /// Indexes a field's choices; a text wins over an equal key of another choice.
    pub fn new(field: &Field) -> Self {
        let mut by_name = HashMap::new();
        for (position, choice) in field.choices.iter().enumerate() {
            by_name.entry(fold(&choice.value)).or_insert(position);
        }
        for (position, choice) in field.choices.iter().enumerate() {
            if !choice.key.is_empty() {
                by_name.entry(fold(&choice.key)).or_insert(position);
            }
        }
        by_name.remove("");
        let mut names: Vec<String> = by_name.keys().cloned().collect();
        names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        Self { by_name, names }
    }

    /// The value of a choice field; problems name the nearest choices.
    pub(super) fn choose(
        &self,
        field: &Field,
        part: &Part,
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        if self.by_name.is_empty() {
            // A list without published choices is taken as it stands (contract.md shows customerSource so).
            let texts = if field.kind == Kind::MultiChoice {
                cut(&part.text)
            } else {
                vec![part.text.clone()]
            };
            return shaped(field, texts);
        }
        let picked = if field.kind == Kind::MultiChoice {
            self.several(&part.text)
        } else {
            vec![
                self.by_name
                    .get(&fold(&part.text))
                    .copied()
                    .ok_or_else(|| part.text.clone()),
            ]
        };
        let before = problems.len();
        let mut texts: Vec<String> = Vec::with_capacity(picked.len());
        for choice in picked {
            match choice {
                Ok(position) => {
                    let sent = field.choices.get(position).map(|choice| match field.send {
                        SendAs::Value => choice.value.clone(),
                        SendAs::Key => choice.key.clone(),
                    });
                    texts.extend(sent.filter(|text| !texts.contains(text)));
                }
                Err(unknown) => {
                    let values: Vec<&str> = field
                        .choices
                        .iter()
                        .map(|choice| choice.value.as_str())
                        .collect();
                    problems.push(not_a_choice(
                        Code::NotAChoice,
                        field,
                        part,
                        &unknown,
                        &values,
                    ));
                }
            }
        }
        if problems.len() > before {
            None
        } else {
            shaped(field, texts)
        }
    }

    /// Reads several choices: the whole cell first, then the longest known choice at each place, and only
    /// what is left is cut at separators.
    fn several(&self, text: &str) -> Vec<Result<usize, String>> {
        let whole = fold(text);
        if let Some(position) = self.by_name.get(&whole) {
            return vec![Ok(*position)];
        }
        let mut picked = Vec::new();
        let mut rest = text
            .trim_matches(|letter: char| letter.is_whitespace() || SEPARATORS.contains(&letter));
        while !rest.is_empty() {
            let (choice, length) = self.longest_prefix(rest).unwrap_or_else(|| {
                let end = rest.find(CUTS).unwrap_or(rest.len());
                let token = rest.get(..end).unwrap_or(rest);
                (
                    self.by_name
                        .get(&fold(token))
                        .copied()
                        .ok_or_else(|| token.trim().to_owned()),
                    end,
                )
            });
            picked.push(choice);
            rest = rest.get(length..).unwrap_or_default();
            rest = rest.trim_start_matches(|letter: char| {
                letter.is_whitespace() || SEPARATORS.contains(&letter)
            });
        }
        picked
    }

    /// The longest choice that the text begins with and that ends at a separator, with its length there.
    fn longest_prefix(&self, text: &str) -> Option<(Result<usize, String>, usize)> {
        let ends = text
            .char_indices()
            .filter(|(_, letter)| SEPARATORS.contains(letter) || letter.is_whitespace())
            .map(|(position, _)| position)
            .chain([text.len()]);
        let longest = self.names.first().map_or(0, String::len);
        let mut found = None;
        for end in ends {
            let name = fold(text.get(..end).unwrap_or(text));
            if let Some(position) = self.by_name.get(&name) {
                found = Some((Ok(*position), end));
            }
            if name.len() > longest * 2 + 16 {
                break;
            }
        }
        found
    }

    /// The value of a cascade: from one cell `浙江/杭州/西湖`, or from a cell a level.
    #[expect(
        clippy::unused_self,
        reason = "kept beside `choose`, so that callers need not know which is which"
    )]
    pub(super) fn path(
        &self,
        field: &Field,
        parts: &[Part],
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        let first = parts.first()?;
        let mut levels: Vec<(&str, &Part)> = Vec::new();
        for part in parts {
            if matches!(part.slot, Slot::Whole) {
                levels.extend(
                    part.text
                        .split(['/', '／', '>', '\\', '|'])
                        .map(|text| (text.trim(), part)),
                );
            } else {
                levels.push((part.text.trim(), part));
            }
        }
        if let Some((gap, deeper)) = gap_in(parts) {
            problems.push(problem(Code::GapInPath, field, deeper).with("level", gap.to_string()));
            return None;
        }
        levels.retain(|(text, _)| !text.is_empty());
        let mut options = field.cascade.as_slice();
        let mut sent = Vec::with_capacity(levels.len());
        for (text, part) in levels {
            let name = fold(text);
            let known =
                |option: &&CascadeOption| fold(&option.value) == name || fold(&option.key) == name;
            let Some(option) = options
                .iter()
                .find(|option| fold(&option.value) == name)
                .or_else(|| options.iter().find(known))
            else {
                let values: Vec<&str> =
                    options.iter().map(|option| option.value.as_str()).collect();
                let wrong = not_a_choice(Code::NotAPath, field, part, text, &values);
                problems.push(wrong.with("level", (sent.len() + 1).to_string()));
                return None;
            };
            sent.push(match field.send {
                SendAs::Value => option.value.clone(),
                SendAs::Key => option.key.clone(),
            });
            options = option.children.as_slice();
        }
        // A branch that ends early cannot be filled further.
        if (sent.len() as u32) < field.fill_level && !options.is_empty() {
            let short = problem(Code::PathTooShort, field, first)
                .with("levels", field.fill_level.to_string());
            problems.push(short.with(
                "nearest",
                join(options.iter().map(|option| option.value.as_str()).take(5)),
            ));
            return None;
        }
        match field.shape {
            Shape::Array => Some(Value::List(sent)),
            Shape::Scalar => Some(Value::Text(sent.join("/"))),
        }
    }
}

/// The first level without a cell above one that has one.
fn gap_in(parts: &[Part]) -> Option<(u16, &Part)> {
    let mut expected = 1;
    for part in parts {
        let Slot::Level(level) = part.slot else {
            continue;
        };
        if level > expected {
            return Some((expected, part));
        }
        expected = level + 1;
    }
    None
}

fn shaped(field: &Field, mut texts: Vec<String>) -> Option<Value> {
    match field.shape {
        Shape::Array => Some(Value::List(texts)),
        Shape::Scalar if texts.len() > 1 => Some(Value::Text(texts.join(","))),
        Shape::Scalar => texts.pop().map(Value::Text),
    }
}

fn cut(text: &str) -> Vec<String> {
    text.split(CUTS)
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Case, width and outer spaces aside.
fn fold(text: &str) -> String {
    text.trim().nfkc().flat_map(char::to_lowercase).collect()
}

fn not_a_choice(code: Code, field: &Field, part: &Part, text: &str, values: &[&str]) -> Problem {
    let near = nearest(text, values);
    let mut wrong = problem(code, field, part).with("value", shortened(text));
    if near.is_empty() {
        wrong = wrong.with("choices", join(values.iter().copied().take(8)));
    } else {
        wrong = wrong.with("nearest", join(near.into_iter()));
    }
    wrong
}

/// The entries that resemble a text most, at most three: those inside it or around it first.
fn nearest<'a>(text: &str, values: &[&'a str]) -> Vec<&'a str> {
    let wanted = fold(text);
    let mut scored: Vec<(f64, &str)> = values
        .iter()
        .map(|value| {
            let name = fold(value);
            let inside = !name.is_empty()
                && !wanted.is_empty()
                && (name.contains(&wanted) || wanted.contains(&name));
            let likeness = strsim::normalized_damerau_levenshtein(&wanted, &name);
            (if inside { 1.0 + likeness } else { likeness }, *value)
        })
        .filter(|(score, _)| *score >= 0.3)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().take(3).map(|(_, value)| value).collect()
}

fn join<'a>(texts: impl Iterator<Item = &'a str>) -> Fact {
    Fact::list(texts)
}
