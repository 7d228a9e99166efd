//! Names of regions: 浙江省 and 浙江 are one.

use super::words::folded;

/// The endings that people leave out or add. A longer one stands before the one it ends with.
const ENDINGS: &[&str] = &[
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "地区",
    "新区",
    "省",
    "市",
    "区",
    "县",
    "盟",
    "旗",
];

/// The shortest name without its ending, in characters: 唐 of 唐县 names nothing.
const SHORTEST: usize = 2;

/// Returns a folded name without the ending that says what kind of region it is: 浙江 of 浙江省.
pub fn region_stem(name: &str) -> &str {
    ENDINGS
        .iter()
        .filter_map(|ending| name.strip_suffix(ending))
        .find(|stem| stem.chars().count() >= SHORTEST)
        .unwrap_or(name)
}

/// Returns whether two names are of one region, whether written with their ending or without.
pub fn is_same_region(one: &str, other: &str) -> bool {
    region_stem(&folded(one)) == region_stem(&folded(other))
}

/// Returns what is left of a folded text after the name of a region, with its ending and without. Empty where the text
/// begins with another name.
pub fn after_region<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let stem = region_stem(name);
    let Some(rest) = text.strip_prefix(stem).filter(|_| !stem.is_empty()) else {
        return Vec::new();
    };
    let ended = ENDINGS
        .iter()
        .filter_map(|ending| rest.strip_prefix(ending));
    let mut rests: Vec<&str> = ended.chain([rest]).collect();
    rests.dedup();
    rests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_left_out_where_a_name_remains() {
        for (name, stem) in [
            ("浙江省", "浙江"),
            ("广西壮族自治区", "广西"),
            ("西湖区", "西湖"),
            ("唐县", "唐县"),
            ("杭州", "杭州"),
            ("阿里地区", "阿里"),
            ("浦东新区", "浦东"),
            ("高新区", "高新"),
        ] {
            assert_eq!(region_stem(name), stem);
        }
        assert!(is_same_region("浙江省", " 浙江"));
        assert!(!is_same_region("唐县", "唐山"));
        assert_eq!(after_region("浙江省杭州", "浙江"), ["杭州", "省杭州"]);
        assert_eq!(after_region("浙江杭州", "浙江省"), ["杭州"]);
        assert!(after_region("江苏", "浙江").is_empty());
    }
}
