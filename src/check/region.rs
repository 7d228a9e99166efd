//! Finds the one path of a cascade that a text of regions means: 浙江省杭州市余杭区, 浙江杭州余杭, 北京市朝阳区.
//!
//! The invariant: a path is found only where exactly one fits the whole text. First the names count as they are; only
//! where none fits are endings such as 省 and 市 left out or added. A level is passed over only where it has its
//! parent's name, as 北京 / 北京市 / 朝阳区 has.

use crate::model::{CascadeOption, after_region, folded, region_stem};

/// Letters that may stand between two levels.
const BETWEEN: &[char] = &['-', '·', ',', '，', '、', '/', '／', '>', '\\', '|'];

/// How names are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    AsTheyAre,
    WithoutEndings,
}

/// Returns the only path that fits a text; `None` where none or several do.
pub(super) fn only_path<'a>(
    cascade: &'a [CascadeOption],
    text: &str,
) -> Option<Vec<&'a CascadeOption>> {
    let text = folded(text);
    for names in [Names::AsTheyAre, Names::WithoutEndings] {
        let mut found = Vec::new();
        collect(cascade, &text, names, &mut Vec::new(), &mut found);
        found.dedup_by(|one, other| is_same_path(one, other));
        match found.len() {
            0 => {}
            1 => return found.pop(),
            _ => return None,
        }
    }
    None
}

/// Returns the only option of one level that a text names, with its ending or without.
pub(super) fn only_option<'a>(
    options: &'a [CascadeOption],
    text: &str,
) -> Option<&'a CascadeOption> {
    let text = folded(text);
    let mut named = options
        .iter()
        .filter(|option| region_stem(&folded(&option.value)) == region_stem(&text));
    let first = named.next()?;
    named.next().is_none().then_some(first)
}

/// Returns the paths that end with the names of a text, with their endings or without, whatever stands above: 浙江/杭州 for
/// 杭州市, 浙江/杭州/余杭 for 杭州市余杭区. A level with its parent's name counts once.
pub(super) fn paths_to<'a>(
    cascade: &'a [CascadeOption],
    text: &str,
) -> Vec<Vec<&'a CascadeOption>> {
    fn below<'a>(
        options: &'a [CascadeOption],
        text: &str,
        path: &mut Vec<&'a CascadeOption>,
        found: &mut Vec<Vec<&'a CascadeOption>>,
    ) {
        let (before, level) = (found.len(), path.len());
        collect(options, text, Names::WithoutEndings, path, found);
        let here = found.get(before..).unwrap_or_default();
        let here: Vec<_> = here
            .iter()
            .filter_map(|path| path.get(level).copied())
            .collect();
        for option in options {
            if here.iter().any(|named| std::ptr::eq(*named, option)) {
                continue;
            }
            path.push(option);
            below(&option.children, text, path, found);
            path.pop();
        }
    }
    let text = folded(text);
    let mut found = Vec::new();
    if !text.is_empty() {
        below(cascade, &text, &mut Vec::new(), &mut found);
    }
    found.dedup_by(|one, other| is_same_path(one, other));
    found
}

fn is_same_path(one: &[&CascadeOption], other: &[&CascadeOption]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| std::ptr::eq(*one, *other))
}

/// Collects the paths below `options` that use up the whole text.
fn collect<'a>(
    options: &'a [CascadeOption],
    text: &str,
    names: Names,
    path: &mut Vec<&'a CascadeOption>,
    found: &mut Vec<Vec<&'a CascadeOption>>,
) {
    let text = text.trim_start_matches(|letter: char| {
        letter.is_whitespace() || (!path.is_empty() && BETWEEN.contains(&letter))
    });
    for option in options {
        let name = folded(&option.value);
        if name.is_empty() {
            continue;
        }
        let rests = match names {
            Names::AsTheyAre => text.strip_prefix(name.as_str()).into_iter().collect(),
            Names::WithoutEndings => after_region(text, &name),
        };
        let has_parents_name = path
            .last()
            .is_some_and(|parent| region_stem(&folded(&parent.value)) == region_stem(&name));
        path.push(option);
        for rest in rests {
            if rest.trim().is_empty() {
                found.push(path.clone());
            } else {
                collect(&option.children, rest, names, path, found);
            }
        }
        if has_parents_name && !text.is_empty() {
            collect(&option.children, text, names, path, found);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(value: &str, children: Vec<CascadeOption>) -> CascadeOption {
        CascadeOption {
            value: value.into(),
            children,
            ..CascadeOption::default()
        }
    }

    fn regions() -> Vec<CascadeOption> {
        let leaf = |value| option(value, Vec::new());
        vec![
            option(
                "浙江",
                vec![
                    option("杭州", vec![leaf("余杭"), leaf("西湖")]),
                    option("宁波", vec![leaf("海曙")]),
                ],
            ),
            option(
                "北京",
                vec![option("北京市", vec![leaf("朝阳区"), leaf("海淀区")])],
            ),
            option("吉林省", vec![option("吉林市", vec![leaf("船营区")])]),
            option("河北", vec![leaf("唐县"), leaf("唐山市"), leaf("唐山县")]),
        ]
    }

    #[test]
    fn paths_end_with_the_names_of_a_text() {
        let regions = regions();
        for (text, paths) in [
            ("杭州市", vec!["浙江/杭州"]),
            ("杭州市余杭区", vec!["浙江/杭州/余杭"]),
            ("杭州 西湖", vec!["浙江/杭州/西湖"]),
            ("杭州/西湖区", vec!["浙江/杭州/西湖"]),
            ("朝阳", vec!["北京/北京市/朝阳区"]),
            ("北京市", vec!["北京"]),
            ("唐山", vec!["河北/唐山市", "河北/唐山县"]),
            ("杭州海曙", vec![]),
            ("", vec![]),
        ] {
            let found = paths_to(&regions, text).into_iter();
            let found: Vec<String> = found
                .map(|path| {
                    let values = path.iter().map(|option| option.value.as_str());
                    values.collect::<Vec<_>>().join("/")
                })
                .collect();
            assert_eq!(found, paths, "{text}");
        }
    }

    #[test]
    fn a_text_is_read_where_exactly_one_path_fits() {
        let regions = regions();
        for (text, path) in [
            ("浙江杭州余杭", Some("浙江/杭州/余杭")),
            ("浙江省杭州市余杭区", Some("浙江/杭州/余杭")),
            ("浙江省 杭州市 西湖区", Some("浙江/杭州/西湖")),
            ("浙江省-宁波市", Some("浙江/宁波")),
            ("浙江省", Some("浙江")),
            ("北京市朝阳区", Some("北京/北京市/朝阳区")),
            ("北京海淀", Some("北京/北京市/海淀区")),
            ("吉林吉林船营", Some("吉林省/吉林市/船营区")),
            ("河北唐县", Some("河北/唐县")),
            ("河北唐山市", Some("河北/唐山市")),
            // 市 or 县: two paths fit.
            ("河北唐山", None),
            // No level is invented, and nothing is left over.
            ("浙江余杭", None),
            ("余杭", None),
            ("浙江杭州余杭仓前街道", None),
            ("", None),
        ] {
            let found = only_path(&regions, text);
            let found = found.map(|path| {
                let values: Vec<&str> = path.iter().map(|option| option.value.as_str()).collect();
                values.join("/")
            });
            assert_eq!(found.as_deref(), path, "{text}");
        }
    }
}
