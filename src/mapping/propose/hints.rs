//! Headers that mean something only beside the other columns (design notes, *headers.md*).

use super::super::synonyms::{self, Hint, hint_of};
use super::{ENOUGH, FieldGuess, Proposer, SeenColumn, percent};
use crate::mapping::header::normalise;
use crate::model::{Code, Kind, Problem, Slot};

impl Proposer<'_> {
    /// Headers that mean something only beside the others (design notes, *headers.md*).
    pub(super) fn by_hint(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let (hint, words) = hint_of(&normalise(&column.header))?;
        let system = |key: &str| {
            self.schema
                .fields
                .iter()
                .position(|field| field.key.as_str() == key)
                .filter(|field| self.is_writable(*field))
        };
        let synonym = |field| self.about(Code::MapBySynonym, field);
        match hint {
            Hint::Person => {
                let field = system(synonyms::NAME)?;
                let guess = FieldGuess::sure(field, Slot::Whole, 85, synonym(field));
                Some(match self.taken.get(&(field, Slot::Whole)) {
                    None => guess,
                    Some(other) => {
                        let doubt = Problem::new(Code::MapPersonOrCompany);
                        let memo = self.memo_guess(column)?;
                        memo.doubted(doubt.with("other", self.header_of(*other)))
                    }
                })
            }
            Hint::Contact => self.memo_guess(column),
            Hint::Phone => {
                let field = system(synonyms::PHONES)?;
                let slot = self.free_position(field);
                let guess = FieldGuess::sure(field, slot, 60, synonym(field));
                Some(guess.doubted(Problem::new(Code::MapPhone)))
            }
            Hint::Landline => {
                let own = self.labelled(words, |kind| matches!(kind, Kind::Phone | Kind::Text));
                let guess = if let Some(field) = own {
                    let reason = self.about(Code::MapSimilar, field);
                    FieldGuess::sure(field, Slot::Whole, 60, reason)
                } else {
                    let field = system(synonyms::PHONES)?;
                    let slot = self.free_position(field);
                    FieldGuess::sure(field, slot, 40, synonym(field))
                };
                Some(guess.doubted(Problem::new(Code::MapLandline)))
            }
            Hint::SecondPhone => {
                let field = system(synonyms::PHONES)?;
                let slot = Slot::Value(2);
                let guess = FieldGuess::sure(field, slot, 90, synonym(field));
                let has_first = self.taken.contains_key(&(field, Slot::Whole));
                Some(if has_first && !self.taken.contains_key(&(field, slot)) {
                    guess
                } else {
                    guess.doubted(Problem::new(Code::MapPhone))
                })
            }
            Hint::Doubtful(key) => {
                let field = system(key)?;
                let reason = synonym(field);
                let guess = FieldGuess::sure(field, Slot::Whole, 40, reason);
                Some(guess.doubted(self.about(Code::MapIsIt, field)))
            }
            Hint::Source | Hint::Owner => {
                let field = system(if hint == Hint::Owner {
                    synonyms::OWNER
                } else {
                    synonyms::SOURCE
                })?;
                Some(FieldGuess::sure(field, Slot::Whole, 85, synonym(field)))
            }
            Hint::OpenSea => {
                let field = system(synonyms::OWNER)?;
                let guess = FieldGuess::sure(field, Slot::Whole, 50, synonym(field));
                Some(guess.doubted(Problem::new(Code::MapOpenSea)))
            }
            Hint::Created => {
                let dates = |kind| matches!(kind, Kind::Date | Kind::Datetime);
                let doubt = Problem::new(Code::MapCreated);
                let own = self.labelled(words, dates);
                let guess = match own {
                    Some(field) => {
                        let reason = self.about(Code::MapSimilar, field);
                        FieldGuess::sure(field, Slot::Whole, 60, reason)
                    }
                    None => FieldGuess::left_out(40, doubt.clone()),
                };
                Some(guess.doubted(doubt))
            }
            Hint::Level(level) => {
                let mut cascades =
                    self.schema
                        .fields
                        .iter()
                        .enumerate()
                        .filter(|(position, field)| {
                            field.kind == Kind::Cascade && self.is_writable(*position)
                        });
                let (field, _) = cascades.next()?;
                let slot = Slot::Level(level);
                let reason = self
                    .about(Code::MapLevel, field)
                    .with("level", level.to_string());
                let guess = FieldGuess::sure(field, slot, 85, reason);
                Some(match cascades.next() {
                    Some(_) => guess.doubted(self.about(Code::MapIsIt, field)),
                    None => guess,
                })
            }
            Hint::Custom => {
                let field = self.labelled(words, |_| true)?;
                let is_choice = self.field(field).is_some_and(|field| {
                    matches!(field.kind, Kind::Choice | Kind::MultiChoice | Kind::Cascade)
                });
                let share = if is_choice {
                    self.known_share(column, field, Slot::Whole)
                } else {
                    0.0
                };
                Some(if share >= ENOUGH {
                    let reason = self
                        .about(Code::MapByChoices, field)
                        .with("share", percent(share));
                    FieldGuess::sure(field, Slot::Whole, 90, reason)
                } else {
                    let reason = self.about(Code::MapSimilar, field);
                    let guess = FieldGuess::sure(field, Slot::Whole, 60, reason);
                    guess.doubted(self.about(Code::MapIsIt, field))
                })
            }
            Hint::OwnId => {
                let own = self.labelled(words, |kind| kind == Kind::Text);
                let doubt = Problem::new(Code::MapOwnId);
                let guess = match own {
                    Some(field) => {
                        let reason = self.about(Code::MapSimilar, field);
                        FieldGuess::sure(field, Slot::Whole, 60, reason)
                    }
                    None => FieldGuess::left_out(40, doubt.clone()),
                };
                Some(guess.doubted(doubt))
            }
        }
    }

    /// A column of people's names beside a column of phones.
    fn memo_guess(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let field = self
            .schema
            .fields
            .iter()
            .position(|field| field.key.as_str() == synonyms::PHONES)?;
        let guess = FieldGuess::sure(field, Slot::Memo(1), 85, Problem::new(Code::MapMemo));
        let has_phone = self.taken.contains_key(&(field, Slot::Whole));
        let mixed = column.stats.mixed_phones + column.stats.mobiles > 0;
        Some(if mixed || !has_phone {
            guess.doubted(Problem::new(Code::MapMemo))
        } else {
            guess
        })
    }

    /// The only writable custom field of a kind whose label holds one of these words.
    fn labelled(&self, words: &[&str], is_kind: impl Fn(Kind) -> bool) -> Option<usize> {
        let mut found = self
            .schema
            .fields
            .iter()
            .enumerate()
            .filter(|(position, field)| {
                let label = normalise(&field.label);
                !field.system
                    && self.is_writable(*position)
                    && is_kind(field.kind)
                    && !self.taken.contains_key(&(*position, Slot::Whole))
                    && words.iter().any(|word| label.contains(word))
            });
        let (first, _) = found.next()?;
        found.next().is_none().then_some(first)
    }
}
