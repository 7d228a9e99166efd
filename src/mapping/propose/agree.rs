//! The test whether the cells of a column look like the values of a field.

use super::super::header::normalise;
use super::super::places::nearest;
use super::{ENOUGH, Proposer, SeenColumn};
use crate::model::{CascadeOption, Kind, Slot, is_same_region};

impl Proposer<'_> {
    pub(super) fn agrees(&self, column: &SeenColumn, field: usize) -> bool {
        self.agrees_at(column, field, Slot::Whole)
    }

    /// Returns whether the cells look like the values of the field at this place.
    pub(super) fn agrees_at(&self, column: &SeenColumn, position: usize, slot: Slot) -> bool {
        let (stats, Some(field)) = (&column.stats, self.field(position)) else {
            return false;
        };
        if stats.filled == 0 {
            return true;
        }
        if stats.damaged > 0 && stats.share(stats.damaged) > 0.5 {
            return false;
        }
        let enough = |count| stats.share(count) >= ENOUGH;
        match (slot, field.kind) {
            // Any word may be a memo, or name an owner.
            (Slot::Memo(_), _) | (_, Kind::Owner) => true,
            (_, Kind::PhoneList | Kind::Phone) => {
                enough(stats.mobiles + stats.landlines + stats.damaged)
            }
            (_, Kind::EmailList | Kind::Email) => enough(stats.emails),
            (_, Kind::Date | Kind::Datetime) => enough(stats.dates + stats.ambiguous_dates),
            (_, Kind::Number) => enough(stats.numbers),
            (_, Kind::Choice | Kind::MultiChoice | Kind::Cascade) => {
                (field.choices.is_empty() && field.cascade.is_empty())
                    || self.known_share(column, position, slot) >= 0.2
            }
            (_, Kind::Url) => stats.emails == 0,
            // A text field takes anything, but a column of phones or e-mails hardly belongs there.
            (_, Kind::Text | Kind::Textarea | Kind::TextList) => {
                !enough(stats.mobiles) && !enough(stats.emails)
                    || field.key.as_str().starts_with("wechat")
            }
        }
    }

    /// Returns whether header and label share enough letters to be taken for the same.
    pub(super) fn resembles(&self, column: &SeenColumn, field: usize) -> bool {
        let header = normalise(&column.header);
        let Some(field) = self.field(field) else {
            return false;
        };
        let label = normalise(&field.label);
        let shorter = header.chars().count().min(label.chars().count());
        let inside = shorter >= 2 && (label.contains(&header) || header.contains(&label));
        inside || strsim::normalized_damerau_levenshtein(&header, &label) >= 0.6
    }

    /// Returns the share, 0 to 1, of the counted cells whose words the field knows.
    pub(super) fn known_share(&self, column: &SeenColumn, field: usize, slot: Slot) -> f64 {
        let (mut known, mut all) = (0, 0);
        for (word, count) in &column.stats.words {
            all += count;
            if self.unknown(field, slot, word).is_empty() {
                known += count;
            }
        }
        if all == 0 {
            0.0
        } else {
            known as f64 / all as f64
        }
    }

    /// Returns the words of a cell that the field does not know, each with the nearest words that it knows.
    pub(super) fn unknown(&self, field: usize, slot: Slot, text: &str) -> Vec<(String, String)> {
        let Slot::Level(level) = slot else {
            return (self.recognise)(field, text);
        };
        let Some(field) = self.field(field) else {
            return Vec::new();
        };
        let mut names = Vec::new();
        level_names(&field.cascade, level, &mut names);
        if names.iter().any(|name| is_same_region(name, text)) {
            Vec::new()
        } else {
            let near = nearest(text, names).join(", ");
            vec![(text.to_owned(), near)]
        }
    }
}

fn level_names<'a>(options: &'a [CascadeOption], level: u16, names: &mut Vec<&'a str>) {
    for option in options {
        if level <= 1 {
            names.push(&option.value);
        } else {
            level_names(&option.children, level - 1, names);
        }
    }
}
