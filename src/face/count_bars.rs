//! Counts below each other, each with a bar: problems by kind, customers by source.

use std::collections::BTreeMap;

use askama::Template;

use crate::lang::{self, Lang};
use crate::model::Code;

/// Counts with bars. It renders to nothing where there is none.
#[derive(Debug, Clone, Default, PartialEq, Template)]
#[template(path = "face/count_bars.html")]
pub(crate) struct CountBars {
    bars: Vec<CountBar>,
    /// The class that colours the bars.
    class: &'static str,
}

/// What is counted, how often there is one, and how long its bar is.
#[derive(Debug, Clone, PartialEq)]
struct CountBar {
    label: String,
    /// What stands behind the label in small letters, such as a code; may be empty.
    note: String,
    count: u64,
    /// The length of the bar, in percent of the longest.
    percent: u64,
}

impl CountBars {
    /// Makes the bars of counts, in their order.
    pub fn of(counts: Vec<(String, u64)>) -> Self {
        let bars = counts.into_iter().map(|(label, count)| CountBar {
            label,
            note: String::new(),
            count,
            percent: 0,
        });
        Self {
            bars: bars.collect(),
            class: "part-count",
        }
        .measured()
    }

    /// Makes the bars of problems by kind, the most frequent first.
    pub fn of_problems(codes: &BTreeMap<Code, u64>, lang: Lang) -> Self {
        let bars = codes.iter().map(|(code, count)| CountBar {
            label: lang::title(*code, lang).to_owned(),
            note: code.to_string(),
            count: *count,
            percent: 0,
        });
        let mut bars: Vec<CountBar> = bars.collect();
        bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
        Self {
            bars,
            class: "part-wrong",
        }
        .measured()
    }

    /// Returns whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    fn measured(mut self) -> Self {
        let most = self.bars.iter().map(|bar| bar.count).max();
        let most = most.unwrap_or(0).max(1);
        for bar in &mut self.bars {
            // A count that is there has a bar that can be seen.
            bar.percent = (bar.count * 100 / most).max(u64::from(bar.count > 0));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_problem_has_the_longest_bar() {
        let codes = BTreeMap::from([(Code::NotAChoice, 3), (Code::MissingRequired, 1000)]);
        let bars = CountBars::of_problems(&codes, Lang::En);
        let percents: Vec<u64> = bars.bars.iter().map(|bar| bar.percent).collect();
        assert_eq!(percents, [100, 1]);
    }

    #[test]
    fn a_word_of_a_file_stays_a_word() {
        let bars = CountBars::of(vec![("<script>alert(1)</script>".to_owned(), 0)]);
        let html = bars.to_string();
        assert!(
            html.contains("&#60;script&#62;") && !html.contains("<script"),
            "{html}"
        );
    }
}
