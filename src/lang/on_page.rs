//! Problems in the words of the page in the browser, whose readers have no terminal: where a sentence names a command,
//! the page names its button, and a problem whose remedy is a flag has another remedy there (`page_tip`).

use super::{Lang, Words, catalogue, fill, page};
use crate::model::Problem;

/// The commands that sentences name, as they begin behind `ferry`, each with the words of the page that lead to the
/// same: a door or a step, and the button there. The longest beginning counts. What the page has no button for stays.
const BUTTONS: &[(&str, &[&str])] = &[
    ("resume", &["go-on"]),
    ("verify", &["verify"]),
    ("undo", &["undo"]),
    ("undo --force", &["undo-by-force"]),
    ("apply", &["look-and-apply"]),
    ("apply --refresh", &["decide-again"]),
    ("doctor", &["account", "account-test"]),
    ("doctor --save", &["account", "account-save-found"]),
    ("init", &["account", "account-edit"]),
    ("map", &["import", "step-columns"]),
    ("check", &["import", "step-check"]),
    ("dupes", &["dupes"]),
    ("delete", &["dupes", "delete-by-sheet"]),
    ("export", &["export"]),
    ("template", &["template"]),
    ("jobs", &["start", "last-jobs"]),
];

/// Returns the words of a problem on the page.
pub fn words_on_page(problem: &Problem, lang: Lang) -> Words {
    let block = catalogue::block_of(problem.code);
    let message = block.page_message.as_ref().unwrap_or(&block.message);
    let tip = block.page_tip.as_ref().unwrap_or(&block.tip);
    let said = |text: &super::Text| fill::fill(text.pick(lang), &problem.facts, lang);
    Words {
        message: with_buttons(&said(message), lang),
        tip: with_buttons(&said(tip), lang),
    }
}

/// Returns a text with buttons in place of the commands in it.
pub fn with_buttons(text: &str, lang: Lang) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // A lone backtick is somebody's data.
    if parts.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let parts = parts.iter().enumerate().map(|(place, part)| {
        if place % 2 == 0 {
            return (*part).to_owned();
        }
        let of_page = part
            .strip_prefix("page ")
            .and_then(|keys| named(keys, lang));
        let of_command = || button(part.strip_prefix("ferry ")?, lang);
        of_page
            .or_else(of_command)
            .unwrap_or_else(|| format!("`{part}`"))
    });
    parts.collect()
}

/// Returns the words of the page that keys name, the way to a button; `None` where a key has no words.
fn named(keys: &str, lang: Lang) -> Option<String> {
    let words = keys.split(' ').map(|key| page::find(lang, key));
    let words: Vec<&str> = words.collect::<Option<_>>()?;
    Some(said(&words, lang))
}

fn said(words: &[&str], lang: Lang) -> String {
    page::fill(lang, "button", &[("words", &words.join(" › "))])
}

/// Returns the button for a command, with the job that the command names; `None` where the page has none.
fn button(command: &str, lang: Lang) -> Option<String> {
    let is_it = |known: &str| {
        let rest = command.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let fitting = BUTTONS.iter().filter(|(known, _)| is_it(known));
    let (known, words) = fitting.max_by_key(|(known, _)| known.len())?;
    let words: Vec<&str> = words.iter().map(|key| page::say(lang, key)).collect();
    let said = said(&words, lang);
    let job = command[known.len()..].split(' ').find(|word| {
        // `20261123-173015-customers`; JOB and FILE stand for something that the sentence does not know.
        word.len() > 15 && word.starts_with(|letter: char| letter.is_ascii_digit())
    });
    Some(match job {
        Some(job) => format!("{said} ({job})"),
        None => said,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::example;
    use crate::model::Code;

    #[test]
    fn commands_become_buttons_and_everything_else_stays() {
        for (text, en) in [
            ("`ferry resume` asks later", "“Go on” asks later"),
            (
                "finish it: `ferry resume 20261123-173015-customers`",
                "finish it: “Go on” (20261123-173015-customers)",
            ),
            (
                "`ferry undo --force`",
                "“Look at an undo that also takes back what somebody has changed since”",
            ),
            ("`ferry undo JOB`", "“Undo”"),
            (
                "`ferry doctor` looks closer",
                "“Account › Test” looks closer",
            ),
            ("`ferry fields` lists them", "`ferry fields` lists them"),
            (
                "`ferry explain E402`, `_tip`",
                "`ferry explain E402`, `_tip`",
            ),
            ("a lone ` and `ferry resume`", "a lone ` and `ferry resume`"),
            ("`ferry undone`", "`ferry undone`"),
            (
                "choose it in `page import step-columns`",
                "choose it in “Import › Columns”",
            ),
            ("`page 7`", "`page 7`"),
        ] {
            assert_eq!(with_buttons(text, Lang::En), en);
        }
        assert_eq!(
            with_buttons("之后用 `ferry resume` 再查", Lang::Zh),
            "之后用 “继续” 再查"
        );
    }

    #[test]
    fn every_button_has_its_words() {
        for (command, words) in BUTTONS {
            for key in *words {
                assert!(!page::say(Lang::En, key).is_empty(), "{command}: {key}");
            }
        }
    }

    /// Problems that only a command line can have: a flag, a file beside it, a question that the page asks by a form.
    const OF_THE_TERMINAL: &[Code] = &[Code::NeedsConfirmation, Code::MapExists, Code::MapHead];

    #[test]
    fn no_problem_sends_a_reader_of_the_page_to_a_terminal() {
        let mut wrong = Vec::new();
        for code in Code::ALL {
            if OF_THE_TERMINAL.contains(code) {
                continue;
            }
            for lang in Lang::ALL {
                let words = words_on_page(&example(*code), *lang);
                for text in [words.message, words.tip] {
                    let is_flag = |word: &str| {
                        let name = word.trim_start_matches(|letter: char| !letter.is_ascii());
                        let name = name.trim_start_matches(['`', '(', '“']);
                        let is_long = name.strip_prefix("--");
                        is_long.is_some_and(|name| {
                            name.starts_with(|letter: char| letter.is_ascii_lowercase())
                        }) || name == "-o"
                    };
                    let is_terms = [
                        "`ferry ",
                        "`page ",
                        "README",
                        "templates/",
                        "FERRY_",
                        "_PROXY",
                        "Ctrl-C",
                        "chown",
                    ]
                    .iter()
                    .any(|term| text.contains(term));
                    if is_terms || text.split([' ', '：', '，', '（']).any(is_flag) {
                        wrong.push(format!("{code} {lang}: {text}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn what_the_page_says_instead_has_the_same_facts_in_both_languages() {
        for code in Code::ALL {
            let block = catalogue::block_of(*code);
            let facts = |text: &super::super::Text, lang| {
                fill::names(text.pick(lang))
                    .map(str::to_owned)
                    .collect::<std::collections::BTreeSet<_>>()
            };
            for (own, of_terminal) in [
                (&block.page_message, &block.message),
                (&block.page_tip, &block.tip),
            ] {
                let Some(own) = own else { continue };
                let (english, chinese) = (facts(own, Lang::En), facts(own, Lang::Zh));
                assert_eq!(english, chinese, "{code}");
                // What raises the problem gives these facts: another test holds that.
                let mut given = facts(&block.message, Lang::En);
                given.extend(facts(of_terminal, Lang::En));
                assert!(english.is_subset(&given), "{code}");
            }
        }
    }
}
