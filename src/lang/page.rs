//! The words of the page in the browser: data, in `page.toml`, named by the templates.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Lang, Text, catalogue};
use crate::model::Fact;

static WORDS: LazyLock<BTreeMap<String, Text>> =
    LazyLock::new(|| catalogue::parse(include_str!("page.toml")));

/// Returns a word of the page by its key. A test looks for every key that a template or a screen names.
pub fn say(lang: Lang, key: &str) -> &'static str {
    let word = WORDS.get(key);
    debug_assert!(word.is_some(), "no word {key}");
    word.map_or("", |word| word.pick(lang))
}

/// Returns a word of the page by its key; `None` where there is no such word.
pub(super) fn find(lang: Lang, key: &str) -> Option<&'static str> {
    WORDS.get(key).map(|word| word.pick(lang))
}

/// Returns a word with its facts filled in, as `fill.rs` says.
pub fn fill(lang: Lang, key: &str, facts: &[(&str, &str)]) -> String {
    let facts = facts.iter();
    let facts = facts.map(|(name, fact)| ((*name).to_owned(), Fact::from((*fact).to_owned())));
    super::fill::fill(say(lang, key), &facts.collect(), lang)
}

/// Returns a word with its facts, for a reader whose language is not known yet.
pub fn text(key: &str, facts: &[(&str, &str)]) -> Text {
    Text::new(fill(Lang::En, key, facts), fill(Lang::Zh, key, facts))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Returns the texts of all files below a folder.
    fn texts(folder: &Path, into: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                texts(&path, into);
            } else {
                into.extend(std::fs::read_to_string(path));
            }
        }
    }

    #[test]
    fn every_word_is_there_in_both_languages_and_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = Vec::new();
        for folder in ["templates/page", "src/page"] {
            texts(&root.join(folder), &mut sources);
        }
        sources.extend(std::fs::read_to_string(root.join("src/lang/on_page.rs")));
        let all = sources.concat();
        let mut unused = Vec::new();
        for (key, word) in &*WORDS {
            for lang in Lang::ALL {
                assert!(!word.pick(*lang).trim().is_empty(), "{key}: {lang}");
            }
            let names = |lang| super::super::fill::names(word.pick(lang)).collect::<BTreeSet<_>>();
            assert_eq!(names(Lang::En), names(Lang::Zh), "{key}");
            if !all.contains(&format!("\"{key}\"")) {
                unused.push(key);
            }
        }
        assert!(unused.is_empty(), "nobody says {unused:?}");
        // What a template or a screen says by name is there.
        for call in [
            "say(\"",
            "look.with(\"",
            "Look::of(visit, \"",
            "Look::of(&visit, \"",
        ] {
            for named in all.split(call).skip(1) {
                let key = named.split('"').next().unwrap_or_default();
                assert!(WORDS.contains_key(key), "there is no word {key}");
            }
        }
    }
}
