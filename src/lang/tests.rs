//! Tests that the catalogue is whole, and that it says the same in both languages.

mod raised;

use std::collections::BTreeSet;

use super::*;
use crate::model::{Code, Problem};
use crate::model::{Phrase, Saying};

/// Returns the facts that a template names.
fn facts(template: &str) -> BTreeSet<&str> {
    fill::names(template).collect()
}

/// Returns whether every bracket and brace closes, and none stands in another, except a brace in a bracket.
fn is_sound(template: &str) -> bool {
    let mut open = Vec::new();
    for letter in template.chars() {
        match letter {
            '[' if open.is_empty() => open.push(']'),
            '{' if !open.contains(&'}') => open.push('}'),
            '[' | '{' => return false,
            ']' | '}' if open.pop() != Some(letter) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

#[test]
fn facts_fill_templates_and_absent_ones_leave_no_trace() {
    let problem = Problem::new(Code::NotAChoice)
        .with("field", "来源")
        .with("value", "百度推广");
    let near = problem.clone().with("nearest", "百度");
    for (problem, lang, message) in [
        (
            &near,
            Lang::En,
            "来源: “百度推广” is not one of the choices, nearest: 百度",
        ),
        (
            &problem,
            Lang::En,
            "来源: “百度推广” is not one of the choices",
        ),
        (&near, Lang::Zh, "来源：“百度推广”不在选项中，最接近：百度"),
        (&problem, Lang::Zh, "来源：“百度推广”不在选项中"),
    ] {
        assert_eq!(words(problem, lang).message, message);
    }
}

#[test]
fn a_number_has_the_words_that_go_with_it() {
    for (count, english, chinese) in [
        ("1", "1 emptied cell changes nothing;", "有 1 个"),
        ("2", "2 emptied cells change nothing;", "有 2 个"),
        ("21", "21 emptied cells change nothing;", "有 21 个"),
    ] {
        let problem = Problem::new(Code::EmptiedCells).with("count", count);
        for (lang, start) in [(Lang::En, english), (Lang::Zh, chinese)] {
            let message = words(&problem, lang).message;
            assert!(message.starts_with(start), "{message}");
        }
    }
}

#[test]
fn phrases_in_facts_are_said_in_the_language_of_the_message() {
    let reason = Phrase::new(Saying::CannotConnect).with("cause", "refused");
    let problem = Problem::new(Code::UnknownAppid).with("detail", reason);
    assert_eq!(
        words(&problem, Lang::En).message,
        "the CRM does not know the appid: cannot connect: refused"
    );
    let chinese = words(&problem, Lang::Zh).message;
    assert!(chinese.ends_with("：连接失败：refused"), "{chinese}");
}

const FAMILIES: [(u16, &str); 6] = [
    (1, include_str!("problems/1xx.toml")),
    (2, include_str!("problems/2xx.toml")),
    (3, include_str!("problems/3xx.toml")),
    (4, include_str!("problems/4xx.toml")),
    (5, include_str!("problems/5xx.toml")),
    (6, include_str!("problems/6xx.toml")),
];

#[test]
fn every_code_has_a_block_and_every_block_a_code() {
    let mut blocks = Vec::new();
    for (family, text) in FAMILIES {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        let mut codes = Vec::new();
        let headings = text.lines().filter_map(|line| line.strip_prefix("[E"));
        for number in headings.filter_map(|heading| heading.strip_suffix(']')) {
            let heading = format!("E{number}");
            let code = Code::parse(number).expect("a code");
            assert_eq!(heading, code.to_string());
            assert_eq!(code.number() / 100, family, "{code}");
            let block = table[&heading].as_table().expect("a block");
            let name = block["name"].as_str();
            assert_eq!(name, Some(format!("{code:?}").as_str()), "{code}");
            let known = [
                "name",
                "title",
                "message",
                "tip",
                "page_message",
                "page_tip",
                "meaning",
                "example",
                "unsaid",
            ];
            for key in block.keys() {
                assert!(known.contains(&key.as_str()), "{code}: {key}");
            }
            codes.push(code);
        }
        assert!(codes.is_sorted(), "{family}xx: {codes:?}");
        assert_eq!(codes.len(), table.len(), "{family}xx");
        blocks.append(&mut codes);
    }
    assert_eq!(blocks, Code::ALL);
}

#[test]
fn every_code_has_words_with_the_same_facts_in_both_languages() {
    for code in Code::ALL.iter().copied() {
        let block = catalogue::block_of(code);
        for text in [&block.message, &block.tip] {
            let (english, chinese) = (text.pick(Lang::En), text.pick(Lang::Zh));
            assert_eq!(facts(english), facts(chinese), "{code}");
            assert!(is_sound(english) && is_sound(chinese), "{code}");
            assert!(!english.is_empty() && !english.ends_with('.'), "{code}");
            assert!(!chinese.is_empty() && !chinese.ends_with('。'), "{code}");
        }
        for lang in Lang::ALL.iter().copied() {
            let end = lang.pick('.', '。');
            assert!(block.meaning.pick(lang).ends_with(end), "{code}");
            let title = block.title.pick(lang);
            assert!(!title.is_empty() && !title.contains('{'), "{code}");
            for text in [&block.title, &block.message, &block.tip, &block.meaning] {
                let text = text.pick(lang);
                assert_eq!(text.trim(), text, "{code}");
                assert!(
                    !text.contains('\n') && !text.contains("  "),
                    "{code}: {text}"
                );
            }
        }
        assert!(!block.title.pick(Lang::Zh).is_ascii(), "{code}");
    }
}

#[test]
fn every_saying_names_the_same_facts_in_both_languages() {
    let table: toml::Table = toml::from_str(include_str!("sayings.toml")).expect("TOML");
    assert_eq!(table.len(), Saying::ALL.len());
    for saying in Saying::ALL.iter().copied() {
        let template = catalogue::saying(saying);
        let (english, chinese) = (template.pick(Lang::En), template.pick(Lang::Zh));
        assert_eq!(facts(english), facts(chinese), "{saying}");
        assert!(is_sound(english) && is_sound(chinese), "{saying}");
        assert_ne!(english, chinese, "{saying}");
        for text in [english, chinese] {
            assert!(!text.contains('\n') && !text.contains("  "), "{saying}");
        }
    }
}

#[test]
fn every_example_is_a_whole_sentence_in_both_languages() {
    for code in Code::ALL.iter().copied() {
        let block = catalogue::block_of(code);
        let (message, tip) = (block.message.pick(Lang::En), block.tip.pick(Lang::En));
        let named: BTreeSet<&str> = fill::names(message).chain(fill::names(tip)).collect();
        for name in block.example.keys() {
            assert!(named.contains(name.as_str()), "{code}: {name}");
        }
        for lang in Lang::ALL.iter().copied() {
            let message = words(&example(code), lang).message;
            assert!(!message.contains(['{', '…']), "{code}: {message}");
            assert!(
                !message.ends_with([':', '：', ' ']) && !message.starts_with([':', '：']),
                "{code}: {message}"
            );
        }
    }
}

#[test]
#[should_panic(expected = "is said without value")]
fn a_fact_that_is_missing_is_not_passed_over_in_a_test() {
    words(
        &Problem::new(Code::NotAChoice).with("field", "来源"),
        Lang::En,
    );
}

#[test]
fn languages_are_recognised_by_their_names() {
    for (text, lang) in [
        ("zh", Ok(Lang::Zh)),
        ("zh-CN", Ok(Lang::Zh)),
        ("ZH_cn.UTF-8", Ok(Lang::Zh)),
        ("en", Ok(Lang::En)),
        ("en_GB", Ok(Lang::En)),
        ("fr", Err(UnknownLang("fr".to_owned()))),
        ("", Err(UnknownLang(String::new()))),
    ] {
        assert_eq!(text.parse(), lang, "{text}");
    }
    for (locale, lang) in [
        ("zh_CN.UTF-8", Lang::Zh),
        ("zh-Hans-CN", Lang::Zh),
        ("C.UTF-8", Lang::En),
        ("de_DE", Lang::En),
        ("", Lang::En),
    ] {
        assert_eq!(Lang::of_locale(locale), lang, "{locale}");
    }
}
