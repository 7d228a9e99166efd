//! The catalogue: the words of every problem and of every saying, with both languages in one block.
//!
//! The words are data, so that a translator edits them without Rust: `problems/1xx.toml` to `6xx.toml` hold a block
//! for each number, `sayings.toml` one for each saying. The files are part of the program. Each is parsed once, when
//! the first of its texts is asked for, so a run without problems parses nothing. A lookup cannot fail: tests hold
//! that every file parses and that no block is missing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Text;
use crate::model::{Code, Fact, Saying};

/// The words of one number. `fill` fills in `{fact}` and `[…]` in message and tip.
#[derive(Debug, Deserialize)]
pub(super) struct Block {
    /// A name of two or three words, for lists of counts and over the explanation.
    pub title: Text,
    /// A lowercase fragment without a period: where, what.
    pub message: Text,
    /// The remedy.
    pub tip: Text,
    /// What the page says in place of the message and of the tip, to readers without a terminal.
    #[serde(default)]
    pub page_message: Option<Text>,
    #[serde(default)]
    pub page_tip: Option<Text>,
    /// Whole sentences: why ferry says this, and what has become of the row or the run.
    pub meaning: Text,
    /// Sample facts. Reasons that differ from case to case are left out.
    #[serde(default)]
    pub example: BTreeMap<String, Fact>,
}

type Blocks = LazyLock<BTreeMap<Code, Block>>;

static FAMILIES: [Blocks; 6] = [
    Blocks::new(|| parse(include_str!("problems/1xx.toml"))),
    Blocks::new(|| parse(include_str!("problems/2xx.toml"))),
    Blocks::new(|| parse(include_str!("problems/3xx.toml"))),
    Blocks::new(|| parse(include_str!("problems/4xx.toml"))),
    Blocks::new(|| parse(include_str!("problems/5xx.toml"))),
    Blocks::new(|| parse(include_str!("problems/6xx.toml"))),
];

static SAYINGS: LazyLock<BTreeMap<Saying, Text>> =
    LazyLock::new(|| parse(include_str!("sayings.toml")));

/// Reads a file of the catalogue.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("a test reads each file of the catalogue")
}

/// Returns the block of a number.
pub(super) fn block_of(code: Code) -> &'static Block {
    let family = usize::from(code.number() / 100) - 1;
    let block = FAMILIES.get(family).and_then(|blocks| blocks.get(&code));
    block.expect("a test looks for the block of each code")
}

/// Returns the template of a phrase.
pub(super) fn saying(saying: Saying) -> &'static Text {
    let template = SAYINGS.get(&saying);
    template.expect("a test looks for the template of each saying")
}
