//! One section of a number format: cut out of the format's code, and compiled.
//!
//! The sections of `0;-0;;@` are for numbers above, below and equal to 0, and for texts. A section in brackets may
//! name another condition. Source: ECMA-376 part 1, 18.8.31.

use super::format_condition::FormatCondition;
use super::number_format::{FormatPiece, NumberFormat, TextFormat};

/// Words in front of a number that name a currency, in capital letters.
const CURRENCIES: &[&str] = &[
    "RMB",
    "CNY",
    "USD",
    "US",
    "HKD",
    "HK",
    "TWD",
    "NT",
    "NTD",
    "MOP",
    "EUR",
    "GBP",
    "JPY",
    "KRW",
    "SGD",
    "AUD",
    "CAD",
    "CHF",
    "THB",
    "MYR",
    "RM",
    "IDR",
    "RP",
    "VND",
    "INR",
    "RUB",
    "BRL",
    "R",
    "A",
    "C",
    "S",
    "KR",
    "人民币",
    "美元",
    "港币",
    "港元",
    "欧元",
    "英镑",
    "日元",
    "韩元",
    "台币",
    "新台币",
    "澳门元",
    "元",
];

/// Words behind a number that make it another number. 千 and 百 alone begin units too, as in 千克.
const MULTIPLIERS: &[&str] = &["万", "亿", "兆", "百万", "千万", "千元", "百元"];

/// Signs that stand for 0 in formats of amounts.
const SIGNS: &[char] = &[
    '-', '–', '—', '－', '−', '.', '/', '#', '$', '¥', '￥', '€', '£',
];

fn is_sign(letter: char) -> bool {
    letter.is_whitespace() || SIGNS.contains(&letter)
}

/// The letter that stands for `aaa` and `aaaa`: `a` is also the first of `am/pm`.
const DAY_OF_WEEK: char = 'w';

/// A part of a section's code.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// A character that is shown as it is: in quotes, escaped, or without a meaning.
    Literal(char),
    /// What stands between brackets.
    Bracket(String),
    /// `_` or `*` with the character behind it: a gap.
    Gap,
    /// Excel's own way to show a number.
    General,
    /// A letter of a date or a time, in lower case.
    Moment(char),
    /// A character with a meaning.
    Code(char),
}

/// A section, not yet compiled.
#[derive(Debug, Default)]
pub(super) struct Section {
    items: Vec<Item>,
}

/// Cuts a format into its sections.
pub(super) fn split(code: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        let item = match letter {
            ';' => {
                sections.push(Section::default());
                continue;
            }
            '"' => {
                let inner = letters.by_ref().take_while(|inner| *inner != '"');
                let inner: Vec<Item> = inner.map(Item::Literal).collect();
                if let Some(section) = sections.last_mut() {
                    section.items.extend(inner);
                }
                continue;
            }
            // East Asian Excel writes `!` for the backslash.
            '\\' | '!' => match letters.next() {
                Some(escaped) => Item::Literal(escaped),
                None => continue,
            },
            '_' | '*' => {
                letters.next();
                Item::Gap
            }
            '[' => Item::Bracket(letters.by_ref().take_while(|inner| *inner != ']').collect()),
            'G' | 'g' => match general(letters.as_str()) {
                Some(length) => {
                    letters = letters.as_str().get(length..).unwrap_or_default().chars();
                    Item::General
                }
                None => Item::Code(letter),
            },
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'b' | 'B' => {
                Item::Moment(letter.to_ascii_lowercase())
            }
            'a' | 'A' if is_half_day(letters.as_str()) => Item::Moment('a'),
            'a' | 'A' if is_day_of_week(letters.as_str()) => Item::Moment(DAY_OF_WEEK),
            'e' | 'E' if !letters.as_str().starts_with(['+', '-']) => Item::Moment('e'),
            other => Item::Code(other),
        };
        if let Some(section) = sections.last_mut() {
            section.items.push(item);
        }
    }
    sections
}

/// Returns how long the rest of the word General is.
fn general(rest: &str) -> Option<usize> {
    let english = rest
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case("eneral"));
    let chinese = "/通用格式";
    (english.then_some(6)).or_else(|| rest.starts_with(chinese).then_some(chinese.len()))
}

fn is_half_day(rest: &str) -> bool {
    let rest = rest.to_ascii_lowercase();
    rest.starts_with("m/p") || rest.starts_with("/p")
}

fn is_day_of_week(rest: &str) -> bool {
    rest.get(..2)
        .is_some_and(|rest| rest.eq_ignore_ascii_case("aa"))
}

/// What the characters of a section say.
#[derive(Default)]
struct Reading {
    pieces: Vec<FormatPiece>,
    zeros: usize,
    signs: Vec<Sign>,
}

/// What a section has beside its digits and literals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// A place for the number.
    Number,
    General,
    /// More than digits, literals and commas: decimals, exponents, fractions, gaps.
    Intricate,
    Comma,
    /// A comma behind the last digit: it cuts off three digits.
    Scale,
    Percent,
    /// The number is shown in Chinese words.
    InWords,
}

impl Section {
    /// Returns whether the section shows texts.
    pub(super) fn takes_text(&self) -> bool {
        self.items.contains(&Item::Code('@'))
    }

    /// Compiles the section for texts.
    pub(super) fn text_format(self) -> TextFormat {
        let (mut before, mut after) = (String::new(), String::new());
        let mut places = 0;
        for item in self.items {
            match item {
                Item::Code('@') | Item::General => places += 1,
                Item::Literal(letter) | Item::Code(letter) if places == 0 => before.push(letter),
                Item::Literal(letter) | Item::Code(letter) => after.push(letter),
                Item::Bracket(_) | Item::Gap | Item::Moment(_) => {}
            }
        }
        if places != 1 {
            TextFormat::Obscured
        } else if before.trim().is_empty() && after.trim().is_empty() {
            TextFormat::AsIs
        } else {
            TextFormat::Between(before, after)
        }
    }

    /// Compiles a section for numbers.
    pub(super) fn compiled(self) -> (Option<FormatCondition>, NumberFormat) {
        let mut condition = None;
        let mut reading = Reading::default();
        let mut moments = String::new();
        for item in &self.items {
            match item {
                Item::Bracket(inner) => {
                    let inner = inner.to_ascii_lowercase();
                    if is_elapsed(&inner) {
                        return (condition, NumberFormat::Duration);
                    }
                    if inner.starts_with(['<', '>', '=']) {
                        condition = FormatCondition::parse(&inner);
                        if condition.is_none() {
                            return (None, NumberFormat::Unsure);
                        }
                    }
                    if inner.starts_with("dbnum") {
                        reading.signs.push(Sign::InWords);
                    }
                }
                // Elapsed time may stand behind.
                Item::Moment(letter) => moments.push(*letter),
                item => reading.add(item),
            }
        }
        let format = if moments.is_empty() {
            reading.format()
        } else if is_weekday(&moments) {
            NumberFormat::Weekday
        } else {
            NumberFormat::Date
        };
        (condition, format)
    }
}

/// Returns whether the letters of a date name nothing but the day of the week: `aaaa`, `dddd`.
fn is_weekday(moments: &str) -> bool {
    let is_all = |letter: char| moments.chars().all(|other| other == letter);
    is_all(DAY_OF_WEEK) || (is_all('d') && moments.len() >= 3)
}

/// Returns whether brackets name elapsed time: `[h]`, `[mm]`, `[ss]`.
fn is_elapsed(inner: &str) -> bool {
    let is_all = |unit: char| inner.chars().all(|letter| letter == unit);
    !inner.is_empty() && ['h', 'm', 's'].into_iter().any(is_all)
}

impl Reading {
    fn add(&mut self, item: &Item) {
        match item {
            Item::Code('0') => {
                self.zeros += 1;
                self.add_digit(FormatPiece::Digit);
            }
            Item::Code('#') => self.add_digit(FormatPiece::MaybeDigit),
            Item::Code('?') => {
                self.signs.push(Sign::Intricate);
                self.add_digit(FormatPiece::MaybeDigit);
            }
            Item::General => {
                self.signs.push(Sign::General);
                self.add_digit(FormatPiece::Digit);
            }
            Item::Code('%') => self.signs.push(Sign::Percent),
            Item::Code(',') => {
                self.signs.push(Sign::Comma);
                if self.has(Sign::Number) {
                    self.signs.push(Sign::Scale);
                }
            }
            Item::Code('.' | 'E' | 'e' | '@') => {
                self.signs.extend([Sign::Intricate, Sign::Number]);
            }
            // A space in front only moves the number.
            Item::Code(' ') if self.pieces.is_empty() => {}
            Item::Literal(letter) | Item::Code(letter) => {
                self.pieces.push(FormatPiece::Literal(*letter));
            }
            Item::Gap => self.signs.push(Sign::Intricate),
            Item::Bracket(_) | Item::Moment(_) => {}
        }
    }

    fn add_digit(&mut self, piece: FormatPiece) {
        self.signs.retain(|sign| *sign != Sign::Scale);
        self.signs.push(Sign::Number);
        self.pieces.push(piece);
    }

    fn has(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }

    fn format(self) -> NumberFormat {
        if self.has(Sign::Percent) {
            return NumberFormat::Percent;
        }
        if !self.has(Sign::Number) {
            return self.without_number();
        }
        if self.has(Sign::InWords) || self.has(Sign::Scale) {
            return NumberFormat::Unsure;
        }
        let is_amount = self.has(Sign::Intricate) || self.has(Sign::Comma);
        let after = self.after();
        let multiplies = MULTIPLIERS.iter().any(|word| after.starts_with(word));
        if multiplies && self.within().is_empty() {
            return NumberFormat::Multiplied(after);
        }
        if has_words(&self.before()) {
            return if is_amount {
                NumberFormat::Unsure
            } else {
                NumberFormat::Lettered(self.pieces)
            };
        }
        let is_maybe = |piece: &FormatPiece| *piece == FormatPiece::MaybeDigit;
        if self.has(Sign::Intricate) || self.has(Sign::General) {
            NumberFormat::Plain
        } else if self.pieces.iter().all(is_maybe) {
            NumberFormat::BlankZero
        } else if !is_amount && (self.zeros >= 2 || self.is_grouped()) {
            NumberFormat::Padded(self.pieces)
        } else {
            NumberFormat::Plain
        }
    }

    /// Returns the format of a section that has no place for the number. A dash or a currency sign stands for 0 in
    /// formats of amounts, and says nothing else than the number.
    fn without_number(&self) -> NumberFormat {
        let words = self.before();
        if words.trim().is_empty() {
            NumberFormat::Nothing
        } else if words.chars().all(is_sign) {
            NumberFormat::Plain
        } else {
            NumberFormat::Words(words)
        }
    }

    /// Returns the text in front of the number.
    fn before(&self) -> String {
        let literals = self.pieces.iter().map_while(|piece| match piece {
            FormatPiece::Literal(letter) => Some(*letter),
            FormatPiece::Digit | FormatPiece::MaybeDigit => None,
        });
        literals.collect()
    }

    /// Returns the text behind the number, without spaces.
    fn after(&self) -> String {
        let is_literal = |piece: &&FormatPiece| matches!(piece, FormatPiece::Literal(_));
        let count = self.pieces.iter().rev().take_while(is_literal).count();
        let behind = self.pieces.iter().skip(self.pieces.len() - count);
        let letters = behind.filter_map(|piece| match piece {
            FormatPiece::Literal(letter) if !letter.is_whitespace() => Some(*letter),
            _ => None,
        });
        letters.collect()
    }

    /// Returns the text between the digits. With a point of its own, `0!.0000"万"` shows 12345 as 1.2345万.
    fn within(&self) -> String {
        let is_digit = |piece: &FormatPiece| !matches!(piece, FormatPiece::Literal(_));
        let first = self.pieces.iter().position(is_digit);
        let last = self.pieces.iter().rposition(is_digit);
        let inner = first.zip(last);
        let inner = inner.and_then(|(first, last)| self.pieces.get(first..last));
        let letters = inner.unwrap_or_default().iter();
        letters
            .filter_map(|piece| match piece {
                FormatPiece::Literal(letter) => Some(*letter),
                FormatPiece::Digit | FormatPiece::MaybeDigit => None,
            })
            .collect()
    }

    /// Returns whether dashes or brackets stand between the digits, as in phone numbers.
    fn is_grouped(&self) -> bool {
        self.within().contains(['-', '(', ')'])
    }
}

/// Returns whether a text in front of a number says more than a sign or a currency.
pub(super) fn has_words(before: &str) -> bool {
    let letters = before.chars().filter(|letter| letter.is_alphanumeric());
    let letters: String = letters.flat_map(char::to_uppercase).collect();
    !letters.is_empty() && !CURRENCIES.contains(&letters.as_str())
}

/// Returns whether a text without any digit is words, and not a dash or a currency sign in place of 0.
pub(super) fn is_words(text: &str) -> bool {
    !text.chars().any(|letter| letter.is_ascii_digit()) && !text.chars().all(is_sign)
}
