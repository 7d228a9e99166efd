//! Both catalogues say the same things.

use std::collections::BTreeSet;

use super::*;
use crate::model::{Fact, Phrase, Saying};

/// The facts a template names, and those it shows only when they are there.
fn facts(template: &str) -> BTreeSet<&str> {
    fill::names(template).collect()
}

/// Whether every bracket and brace closes, and none stands in another.
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

#[test]
fn every_code_has_words_with_the_same_facts_in_both_languages() {
    for code in Code::ALL.iter().copied() {
        let (english, chinese) = (templates(code, Lang::En), templates(code, Lang::Zh));
        for (one, other) in [(english.0, chinese.0), (english.1, chinese.1)] {
            assert_eq!(facts(one), facts(other), "{code}: {one} / {other}");
            assert!(is_sound(one) && is_sound(other), "{code}");
            assert!(!one.is_empty() && !one.ends_with('.'), "{code}");
            assert!(!other.is_empty() && !other.ends_with('。'), "{code}");
        }
        for lang in Lang::ALL.iter().copied() {
            assert!(
                meaning(code, lang).ends_with(lang.pick('.', '。')),
                "{code}"
            );
            let title = title(code, lang);
            assert!(!title.is_empty() && !title.contains('{'), "{code}");
        }
        assert!(!title(code, Lang::Zh).is_ascii(), "{code}");
    }
}

#[test]
fn every_phrase_names_the_same_facts_in_both_languages() {
    for saying in Saying::ALL.iter().copied() {
        let english = phrases::template(saying, Lang::En);
        let chinese = phrases::template(saying, Lang::Zh);
        assert_eq!(facts(english), facts(chinese), "{saying}");
        assert!(is_sound(english) && is_sound(chinese), "{saying}");
        assert_ne!(english, chinese, "{saying}");
        let plain = said(&Fact::from(saying), Lang::En);
        assert!(!plain.contains(['{', '[']), "{saying}: {plain}");
    }
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
