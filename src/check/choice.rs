//! Recognizes choices and cascades by text or key, ignoring case, width and outer spaces.

use std::collections::HashMap;

use super::problem::problem;
use super::region;
use crate::model::{
    CascadeOption, CellRule, Code, Fact, Field, Kind, Part, Problem, SendAs, Shape, Slot, Value,
    folded as fold, shortened,
};

/// The choices of one field, by every spelling of them.
#[derive(Debug, Default)]
pub struct ChoiceIndex {
    by_name: HashMap<String, usize>,
    /// The same by the spellings of the field list, of which most cells have one.
    by_spelling: HashMap<String, usize>,
    /// All spellings, longest first, for reading several choices from one cell.
    names: Vec<String>,
}

/// What one word of a cell names.
enum Picked {
    /// The choice at this position of the field.
    Known(usize),
    /// No value: the mapping says that the word means none.
    Nothing,
    /// A word that is no choice.
    Unknown(String),
}

/// Letters that may stand between two choices in one cell.
const SEPARATORS: &[char] = &[';', '；', '、', ',', '，', '\n', '/', '|'];

/// Letters that stand between two levels of a cascade in one cell.
const BETWEEN_LEVELS: &[char] = &['/', '／', '>', '\\', '|'];

/// Where a cell that names no known choice is cut (product.md, *Columns to fields*).
const CUTS: &[char] = &[';', '；', '、', ',', '，', '\n'];

impl ChoiceIndex {
    /// Indexes the choices of a field. A choice's text wins over the equal key of another choice.
    pub fn new(field: &Field) -> Self {
        let mut by_name = HashMap::new();
        let mut by_spelling = HashMap::new();
        let choices = || field.choices.iter().enumerate();
        let values = choices().map(|(position, choice)| (position, &choice.value));
        let keys = choices().map(|(position, choice)| (position, &choice.key));
        for (position, text) in values.chain(keys) {
            let folded = fold(text);
            if !folded.is_empty() {
                let position = *by_name.entry(folded).or_insert(position);
                by_spelling.insert(text.clone(), position);
            }
        }
        let mut names: Vec<String> = by_name.keys().cloned().collect();
        names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        Self {
            by_name,
            by_spelling,
            names,
        }
    }

    /// Reads the value of a choice field. A problem names the nearest choices.
    pub(super) fn choose(
        &self,
        field: &Field,
        part: &Part,
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        let rule = part.rule.as_deref();
        if self.by_name.is_empty() {
            // A field without published choices takes any text (contract.md shows customerSource so).
            let words = if field.kind == Kind::MultiChoice {
                cut(&part.text, rule)
            } else {
                vec![part.text.clone()]
            };
            let meant = |word: String| match rule.and_then(|rule| rule.meaning(&word)) {
                Some(meaning) => meaning.to_owned(),
                None => word,
            };
            let texts: Vec<String> = words.into_iter().map(meant).collect();
            return shaped(
                field,
                texts.into_iter().filter(|text| !text.is_empty()).collect(),
            );
        }
        let sent = |position: usize| {
            let choice = field.choices.get(position)?;
            Some(match field.send {
                SendAs::Value => choice.value.clone(),
                SendAs::Key => choice.key.clone(),
            })
        };
        let is_translated = rule.is_some_and(|rule| !rule.choices.is_empty());
        if !is_translated && let Some(position) = self.by_spelling.get(&part.text) {
            return shaped(field, vec![sent(*position)?]);
        }
        let picked = if field.kind == Kind::MultiChoice {
            self.several(&part.text, rule)
        } else {
            vec![
                self.named(&fold(&part.text), rule)
                    .unwrap_or_else(|| Picked::Unknown(part.text.clone())),
            ]
        };
        let before = problems.len();
        let mut texts: Vec<String> = Vec::with_capacity(picked.len());
        for choice in picked {
            match choice {
                Picked::Nothing => {}
                Picked::Known(position) => {
                    texts.extend(sent(position).filter(|text| !texts.contains(text)));
                }
                Picked::Unknown(unknown) => {
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
        if problems.len() > before || texts.is_empty() {
            None
        } else {
            shaped(field, texts)
        }
    }

    /// Returns what a folded word names: what the mapping says, else the choice of that spelling.
    fn named(&self, word: &str, rule: Option<&CellRule>) -> Option<Picked> {
        let word = match rule.and_then(|rule| rule.choices.get(word)) {
            Some(meaning) if meaning.is_empty() => return Some(Picked::Nothing),
            Some(meaning) => &fold(meaning),
            None => word,
        };
        self.by_name.get(word).copied().map(Picked::Known)
    }

    /// Reads several choices: the whole cell first, then the longest choice at each place. Only the rest is cut at
    /// separators.
    fn several(&self, text: &str, rule: Option<&CellRule>) -> Vec<Picked> {
        let whole = fold(text);
        if let Some(picked) = self.named(&whole, rule) {
            return vec![picked];
        }
        let stands_between = |letter: char| {
            letter.is_whitespace() || SEPARATORS.contains(&letter) || is_cut(letter, rule, &[])
        };
        let mut picked = Vec::new();
        let mut rest = text.trim_matches(stands_between);
        while !rest.is_empty() {
            let (choice, length) = self.longest_prefix(rest, rule).unwrap_or_else(|| {
                let end = rest
                    .find(|letter| is_cut(letter, rule, CUTS))
                    .unwrap_or(rest.len());
                let token = rest.get(..end).unwrap_or(rest);
                (Picked::Unknown(token.trim().to_owned()), end)
            });
            picked.push(choice);
            rest = rest.get(length..).unwrap_or_default();
            rest = rest.trim_start_matches(stands_between);
        }
        picked
    }

    /// Returns the longest choice that the text begins with and that ends at a separator, and the length of its text.
    fn longest_prefix(&self, text: &str, rule: Option<&CellRule>) -> Option<(Picked, usize)> {
        let ends = text
            .char_indices()
            .filter(|(_, letter)| {
                SEPARATORS.contains(letter) || letter.is_whitespace() || is_cut(*letter, rule, &[])
            })
            .map(|(position, _)| position)
            .chain([text.len()]);
        let words = rule.iter().flat_map(|rule| rule.choices.keys());
        let longest = words
            .map(String::len)
            .max()
            .max(self.names.first().map(String::len))
            .unwrap_or(0);
        let mut found = None;
        for end in ends {
            let name = fold(text.get(..end).unwrap_or(text));
            if let Some(picked) = self.named(&name, rule) {
                found = Some((picked, end));
            }
            if name.len() > longest * 2 + 16 {
                break;
            }
        }
        found
    }

    /// Reads a cascade: from one cell, as `浙江/杭州/西湖`, or from one cell per level.
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
                        .split(BETWEEN_LEVELS)
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
        let found = match walk(field, &levels) {
            Ok(found) => found,
            Err(wrong) => {
                // The levels of one cell may stand together, as 浙江杭州余杭.
                let whole = (parts.len() == 1 && matches!(first.slot, Slot::Whole))
                    .then(|| region::only_path(&field.cascade, &first.text))
                    .flatten();
                let Some(found) = whole else {
                    problems.push(*wrong);
                    return None;
                };
                found
            }
        };
        let options = found.last().map_or(field.cascade.as_slice(), |option| {
            option.children.as_slice()
        });
        let sent: Vec<String> = found
            .iter()
            .map(|option| match field.send {
                SendAs::Value => option.value.clone(),
                SendAs::Key => option.key.clone(),
            })
            .collect();
        if sent.is_empty() {
            return None;
        }
        // A branch that ends before the level that must be filled is complete.
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

/// Follows the levels of a path. Fails with the problem of the first level that names no entry.
fn walk<'a>(
    field: &'a Field,
    levels: &[(&str, &Part)],
) -> Result<Vec<&'a CascadeOption>, Box<Problem>> {
    let mut options = field.cascade.as_slice();
    let mut found = Vec::with_capacity(levels.len());
    for (text, part) in levels {
        let rule = part.rule.as_deref();
        let text = rule.and_then(|rule| rule.meaning(text)).unwrap_or(text);
        if text.is_empty() {
            break;
        }
        let Some(option) = entry_of(options, text) else {
            let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            let wrong = not_a_choice(Code::NotAPath, field, part, text, &values);
            let is_alone = matches!(part.slot, Slot::Whole) && fold(&part.text) == fold(text);
            let wrong = match deeper_paths(field, text) {
                deeper if is_alone && found.is_empty() && !deeper.is_empty() => {
                    wrong.with("nearest", Fact::list(deeper.iter().map(String::as_str)))
                }
                _ => wrong,
            };
            return Err(Box::new(wrong.with("level", (found.len() + 1).to_string())));
        };
        found.push(option);
        options = option.children.as_slice();
    }
    Ok(found)
}

/// Returns the entry of one level that a text names.
fn entry_of<'a>(options: &'a [CascadeOption], text: &str) -> Option<&'a CascadeOption> {
    let name = fold(text);
    let known = |option: &&CascadeOption| fold(&option.value) == name || fold(&option.key) == name;
    let by_value = options.iter().find(|option| fold(&option.value) == name);
    by_value
        .or_else(|| options.iter().find(known))
        .or_else(|| region::only_option(options, text))
}

/// Returns the paths that resemble a text most, each as far as the text goes: what it names rightly stays.
pub(super) fn nearest_paths(field: &Field, text: &str) -> Vec<String> {
    let levels = text.split(BETWEEN_LEVELS).map(str::trim);
    let levels: Vec<&str> = levels.filter(|level| !level.is_empty()).collect();
    let mut options = field.cascade.as_slice();
    if let [first, ..] = levels.as_slice()
        && entry_of(options, first).is_none()
    {
        let deeper = deeper_paths(field, text);
        if !deeper.is_empty() {
            return deeper;
        }
    }
    let mut path = Vec::new();
    let mut rest = levels.as_slice();
    while let [level, deeper @ ..] = rest
        && let Some(option) = entry_of(options, level)
    {
        path.push(option.value.as_str());
        (options, rest) = (&option.children, deeper);
    }
    let [wrong, deeper @ ..] = rest else {
        return Vec::new();
    };
    let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
    let near = nearest(wrong, &values).into_iter();
    let paths = near.map(|value| {
        let (mut path, mut options) = (path.clone(), options);
        let taken = options.iter().find(|option| option.value == value);
        let mut taken = taken;
        let mut deeper = deeper.iter();
        while let Some(option) = taken {
            path.push(&option.value);
            options = &option.children;
            taken = deeper.next().and_then(|level| entry_of(options, level));
        }
        path.join("/")
    });
    paths.collect()
}

/// Returns the at most three paths that end with the names of a text: 浙江/杭州 for 杭州市.
fn deeper_paths(field: &Field, text: &str) -> Vec<String> {
    let paths = region::paths_to(&field.cascade, text);
    let names = paths.iter().map(|path| {
        let levels: Vec<&str> = path.iter().map(|option| option.value.as_str()).collect();
        levels.join("/")
    });
    names.take(3).collect()
}

/// Returns the first level that has no cell although a deeper one has, and the cell of the deeper one.
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

/// Returns whether a cell is cut at a letter: at one of `cuts`, or where the mapping says so.
fn is_cut(letter: char, rule: Option<&CellRule>, cuts: &[char]) -> bool {
    cuts.contains(&letter) || rule.is_some_and(|rule| rule.split.contains(letter))
}

fn cut(text: &str, rule: Option<&CellRule>) -> Vec<String> {
    text.split(|letter| is_cut(letter, rule, CUTS))
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
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

/// Returns the at most three values that resemble a text most. Values inside it or around it come first.
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
