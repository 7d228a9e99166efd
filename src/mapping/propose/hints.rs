//! Guesses for headers that mean something only beside the other columns.

use super::super::synonyms::{self, Hint, hint_of};
use super::{ENOUGH, FieldGuess, Proposer, SeenColumn, bare_name, percent};
use crate::mapping::header::normalise;
use crate::model::{Code, Kind, Problem, Slot};

impl Proposer<'_> {
    /// Guesses by the hint of a header.
    pub(super) fn by_hint(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let name = normalise(&column.header);
        let (hint, words) = hint_of(bare_name(&name))?;
        match hint {
            Hint::Person => self.person(column),
            Hint::Contact => self.memo_guess(column),
            Hint::Phone => self.phone(column),
            Hint::Landline => self.landline(words),
            Hint::SecondPhone => self.second_phone(),
            Hint::Doubtful(key) => {
                let (field, guess) = self.system(key, Slot::Whole, 40)?;
                Some(guess.doubted(self.about(Code::MapIsIt, field)))
            }
            Hint::Source => Some(self.system(synonyms::SOURCE, Slot::Whole, 85)?.1),
            Hint::Owner => Some(self.system(synonyms::OWNER, Slot::Whole, 85)?.1),
            Hint::OpenSea => {
                let (_, guess) = self.system(synonyms::OWNER, Slot::Whole, 50)?;
                Some(guess.doubted(Problem::new(Code::MapOpenSea)))
            }
            Hint::Created => {
                let is_date = |kind| matches!(kind, Kind::Date | Kind::Datetime);
                Some(self.own_or_left_out(words, is_date, Code::MapCreated))
            }
            Hint::Level(level) => self.level(level),
            Hint::Custom => self.custom(column, words),
            Hint::OwnId => {
                Some(self.own_or_left_out(words, |kind| kind == Kind::Text, Code::MapOwnId))
            }
        }
    }

    /// Returns the position of a writable field by its key.
    fn writable(&self, key: &str) -> Option<usize> {
        let mut fields = self.schema.fields.iter();
        let field = fields.position(|field| field.key.as_str() == key)?;
        self.is_writable(field).then_some(field)
    }

    /// Guesses that a column is a system field, because its header is a synonym of the field's name.
    fn system(&self, key: &str, slot: Slot, confidence: u8) -> Option<(usize, FieldGuess)> {
        let field = self.writable(key)?;
        let reason = self.about(Code::MapBySynonym, field);
        Some((field, FieldGuess::sure(field, slot, confidence, reason)))
    }

    /// Guesses that a column is the customer's name. Where another column has the name, guesses a contact person, with
    /// a doubt.
    fn person(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let (field, guess) = self.system(synonyms::NAME, Slot::Whole, 85)?;
        let Some(other) = self.taken.get(&(field, Slot::Whole)) else {
            return Some(guess);
        };
        let doubt = Problem::new(Code::MapPersonOrCompany).with("other", self.header_of(*other));
        Some(self.memo_guess(column)?.doubted(doubt))
    }

    /// Guesses a phone. Without a doubt where every cell begins with a mobile, and no other column has phones.
    fn phone(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let slot = self.free_position(self.writable(synonyms::PHONES)?);
        let stats = &column.stats;
        if slot == Slot::Whole && stats.filled > 0 && stats.mobiles == stats.filled {
            return Some(self.system(synonyms::PHONES, slot, 90)?.1);
        }
        let (_, guess) = self.system(synonyms::PHONES, slot, 60)?;
        Some(guess.doubted(Problem::new(Code::MapPhone)))
    }

    /// Guesses a custom field for landlines, else a phone; always with a doubt.
    fn landline(&self, words: &[&str]) -> Option<FieldGuess> {
        let is_kind = |kind| matches!(kind, Kind::Phone | Kind::Text);
        let guess = if let Some(guess) = self.own(words, is_kind) {
            guess
        } else {
            let slot = self.free_position(self.writable(synonyms::PHONES)?);
            self.system(synonyms::PHONES, slot, 40)?.1
        };
        Some(guess.doubted(Problem::new(Code::MapLandline)))
    }

    fn second_phone(&self) -> Option<FieldGuess> {
        let slot = Slot::Value(2);
        let (field, guess) = self.system(synonyms::PHONES, slot, 90)?;
        let has_first = self.taken.contains_key(&(field, Slot::Whole));
        Some(if has_first && !self.taken.contains_key(&(field, slot)) {
            guess
        } else {
            guess.doubted(Problem::new(Code::MapPhone))
        })
    }

    /// Guesses a level of the first cascade; with a doubt where there are several cascades.
    fn level(&self, level: u16) -> Option<FieldGuess> {
        let mut cascades = (self.schema.fields.iter().enumerate())
            .filter(|(position, field)| field.kind == Kind::Cascade && self.is_writable(*position));
        let (field, _) = cascades.next()?;
        let reason = self.about(Code::MapLevel, field);
        let reason = reason.with("level", level.to_string());
        let guess = FieldGuess::sure(field, Slot::Level(level), 85, reason);
        Some(match cascades.next() {
            Some(_) => guess.doubted(self.about(Code::MapIsIt, field)),
            None => guess,
        })
    }

    /// Guesses a custom field, without a doubt where the field's choices are the column's words.
    fn custom(&self, column: &SeenColumn, words: &[&str]) -> Option<FieldGuess> {
        let field = self.labelled(words, |_| true)?;
        let is_choice = self.field(field).is_some_and(|field| {
            matches!(field.kind, Kind::Choice | Kind::MultiChoice | Kind::Cascade)
        });
        let share = if is_choice {
            self.known_share(column, field, Slot::Whole)
        } else {
            0.0
        };
        if share >= ENOUGH {
            let reason = self.about(Code::MapByChoices, field);
            let reason = reason.with("share", percent(share));
            return Some(FieldGuess::sure(field, Slot::Whole, 90, reason));
        }
        let guess = self.own(words, |_| true)?;
        Some(guess.doubted(self.about(Code::MapIsIt, field)))
    }

    /// Guesses that a column is the custom field that [`Self::labelled`] finds.
    fn own(&self, words: &[&str], is_kind: impl Fn(Kind) -> bool) -> Option<FieldGuess> {
        let field = self.labelled(words, is_kind)?;
        let reason = self.about(Code::MapSimilar, field);
        Some(FieldGuess::sure(field, Slot::Whole, 60, reason))
    }

    /// Guesses a custom field, and without one leaves the column out. A person has to decide either.
    fn own_or_left_out(
        &self,
        words: &[&str],
        is_kind: impl Fn(Kind) -> bool,
        doubt: Code,
    ) -> FieldGuess {
        let guess = self.own(words, is_kind);
        guess
            .unwrap_or_else(|| FieldGuess::left_out(40, Problem::new(doubt)))
            .doubted(Problem::new(doubt))
    }

    /// Guesses that a column of people's names is the memo of the phone; with a doubt where it holds phones or there
    /// are none.
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

    /// Returns the only writable custom field of a kind whose label contains one of these words.
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
