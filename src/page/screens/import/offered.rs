//! What the form of a wrong cell offers: the whole cell, and in it the nearest entry in place of what is wrong.
//!
//! A cell may hold several values, and what is typed replaces the cell. So nothing of it may be missing in the form.

use crate::model::{Code, Fact, Problem};

/// Returns the text of a cell with the nearest entry in place of the part that is wrong. Where no entry stands for just
/// that part, the cell is offered as it is.
pub(super) fn offered(cell: &str, problem: &Problem) -> String {
    let wrong = problem.fact("value");
    let near = problem
        .facts
        .get("nearest")
        .map_or_else(Vec::new, Fact::texts);
    match near.first() {
        Some(near) if stands_for(near, wrong, problem.code) => replaced(cell, wrong, near),
        _ => cell.to_owned(),
    }
}

/// Returns whether an entry stands for all that is wrong. Of a path, it may be one level of several.
fn stands_for(near: &str, wrong: &str, code: Code) -> bool {
    match code {
        Code::PathTooShort => false,
        Code::NotAPath => !wrong.contains(near),
        _ => !wrong.is_empty(),
    }
}

/// Puts a text in place of a part of a cell: where the part stands alone, else where it first stands.
fn replaced(cell: &str, wrong: &str, near: &str) -> String {
    let is_end = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    let stands_alone = |start: &usize| {
        let (before, behind) = (&cell[..*start], &cell[*start + wrong.len()..]);
        is_end(before.chars().next_back()) && is_end(behind.chars().next())
    };
    let starts = || cell.match_indices(wrong).map(|(start, _)| start);
    match starts().find(stands_alone).or_else(|| starts().next()) {
        Some(start) => format!("{}{near}{}", &cell[..start], &cell[start + wrong.len()..]),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wrong_part_is_replaced_and_nothing_is_lost() {
        let of = |code, cell: &str, wrong: &str, near: &[&str]| {
            let problem = Problem::new(code).with("value", wrong);
            let near = Fact::list(near.iter().copied());
            offered(cell, &problem.with("nearest", near))
        };
        let choice = Code::NotAChoice;
        for (cell, wrong, near, expected) in [
            ("网官", "网官", &["官网"][..], "官网"),
            ("百度；网官", "网官", &["官网", "网站"], "百度；官网"),
            ("电商平台、电商", "电商", &["电商部"], "电商平台、电商部"),
            ("a, b", "b", &[], "a, b"),
            // What the mapping has made of the cell is not in it.
            ("百度 网官", "百度网官", &["官网"], "百度 网官"),
            ("a$b", "$", &["$&"], "a$&b"),
        ] {
            assert_eq!(of(choice, cell, wrong, near), expected, "{cell}");
        }
        for (code, cell, wrong, near, expected) in [
            (
                Code::NotAPath,
                "浙江/杭洲/余杭",
                "杭洲",
                "杭州",
                "浙江/杭州/余杭",
            ),
            (
                Code::NotAPath,
                "浙江省杭洲市",
                "浙江省杭洲市",
                "浙江",
                "浙江省杭洲市",
            ),
            (Code::PathTooShort, "浙江", "浙江", "杭州", "浙江"),
            (
                Code::NotAPhone,
                "138O0138000；13900000000",
                "138O0138000",
                "",
                "138O0138000；13900000000",
            ),
        ] {
            assert_eq!(of(code, cell, wrong, &[near]), expected, "{cell}");
        }
    }
}
