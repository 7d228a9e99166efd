//! The words for everything that a person reads, in English and Chinese.
//!
//! A problem travels as a number and facts. This room turns it into a sentence and a tip. The words of problems, of
//! the sayings inside them and of the help are data (`problems/*.toml`, `sayings.toml`, `help.toml`), with both languages
//! in one block. The
//! sentences of the command line are functions (`say`). Tests check that no text is missing, that both languages name
//! the same facts, and that the code which raises a problem gives these facts. No language is global: `cli` finds the
//! language of a run once and hands it on.

mod catalogue;
mod fill;
pub mod help;
pub mod hint;
mod language;
mod on_page;
pub mod page;
pub mod say;
pub mod sheets;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use fill::said;
pub use language::{Lang, UnknownLang};
pub use on_page::{with_buttons, words_on_page};
pub use sheets::outcome;
pub use text::Text;
pub use words::{Words, example, meaning, title, words};
