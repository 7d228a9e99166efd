//! The words for everything a person reads, in English and Chinese.
//!
//! A problem travels as a number and facts; here it becomes a sentence and a tip. The words of problems, of the
//! sayings inside them and of the help of commands and flags are data (`problems/*.toml`, `sayings.toml`, `help.toml`),
//! one block for each with both languages in it; sentences of the command line are functions (`say`). Tests see that no
//! text is missing, that both languages name the same facts, and that the code which raises a problem gives them. No
//! language is global: it is found once, in `cli`, and handed on.

mod catalogue;
mod fill;
pub mod help;
mod language;
pub mod say;
pub mod sheets;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use fill::said;
pub use language::{Lang, UnknownLang};
pub use sheets::outcome;
pub use text::Text;
pub use words::{Words, example, meaning, title, words};
