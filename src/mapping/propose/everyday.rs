//! Guesses for headers that say in other words what a field's label says (签约时间, 签约日期), and for units in brackets.

use super::super::header::{is_unit, normalise, split_bracket};
use super::super::synonyms::{self, bare_sense, is_body};
use super::{FieldGuess, Proposer, SeenColumn, bare_name, percent};
use crate::model::{Code, Kind, Problem, Slot};

/// The share of the cells, 0 to 1, that must be names of companies.
const ENOUGH_BODIES: f64 = 0.5;

impl Proposer<'_> {
    /// Guesses the only free field whose label means the same as the header. Without a doubt where the cells are of the
    /// field's own kind, as dates are; any text may be in a field of texts.
    pub(super) fn by_sense(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let name = normalise(&column.header);
        let wanted = bare_sense(bare_name(&name));
        let mut alike = self
            .schema
            .fields
            .iter()
            .enumerate()
            .filter(|(position, field)| {
                let label = normalise(&field.label);
                self.is_writable(*position)
                    && !self.taken.contains_key(&(*position, Slot::Whole))
                    && bare_sense(bare_name(&label)) == wanted
                    && self.agrees(column, *position)
            });
        let (position, field) = alike.next()?;
        if alike.next().is_some() {
            return None;
        }
        let reason = self.about(Code::MapSimilar, position);
        let guess = FieldGuess::sure(position, Slot::Whole, 85, reason);
        let is_told = column.stats.filled > 0
            && !matches!(field.kind, Kind::Text | Kind::Textarea | Kind::Url);
        Some(if is_told {
            guess
        } else {
            guess.doubted(self.about(Code::MapIsIt, position))
        })
    }

    /// Guesses that a column of companies' names is the customer's name, where no other column is.
    pub(super) fn by_bodies(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let words = &column.stats.words;
        let counted: u64 = words.values().sum();
        let bodies = words.iter().filter(|(word, _)| is_body(word));
        let bodies: u64 = bodies.map(|(_, count)| count).sum();
        let share = bodies as f64 / counted.max(1) as f64;
        let mut fields = self.schema.fields.iter();
        let field = fields.position(|field| field.key.as_str() == synonyms::NAME)?;
        let is_free = !self.taken.contains_key(&(field, Slot::Whole)) && self.is_writable(field);
        if !is_free || share < ENOUGH_BODIES {
            return None;
        }
        let reason = self.about(Code::MapByShape, field);
        let reason = reason.with("share", percent(share));
        let guess = FieldGuess::sure(field, Slot::Whole, 50, reason);
        Some(guess.doubted(self.about(Code::MapIsIt, field)))
    }

    /// Doubts a guess where the header counts in a unit that the field's label does not name.
    pub(super) fn with_unit(&self, name: &str, guess: FieldGuess) -> FieldGuess {
        let Some((_, inside)) = split_bracket(name).filter(|(_, inside)| is_unit(inside)) else {
            return guess;
        };
        let Some(field) = guess.target.and_then(|(field, _)| self.field(field)) else {
            return guess;
        };
        if field.kind != Kind::Number || normalise(&field.label).contains(inside) {
            return guess;
        }
        let doubt = Problem::new(Code::MapUnit).with("unit", inside);
        guess.doubted(doubt.with("field", field.label.as_str()))
    }
}
