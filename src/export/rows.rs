//! Rows on their way from the threads that make them to the thread that writes them.
//!
//! The texts of a batch are one string, because hundreds of thousands of small texts that one thread allocates and
//! another frees cost more than writing them.

use crate::stored::cell::Shown;

/// Rows of equal width, packed.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    texts: String,
    cells: Vec<Packed>,
    width: usize,
}

#[derive(Debug, Clone, Copy)]
enum Packed {
    Blank,
    /// The number of bytes of text that the cell has in `texts`.
    Text(usize),
    Moment(usize),
    Number(f64),
}

impl Rows {
    /// Makes an empty batch of rows with `width` cells each.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Adds a row.
    pub fn push<'a>(&mut self, cells: impl Iterator<Item = Shown<'a>>) {
        for cell in cells {
            let packed = match cell {
                Shown::Blank => Packed::Blank,
                Shown::Number(number) => Packed::Number(number),
                Shown::Text(text) => {
                    self.texts.push_str(&text);
                    Packed::Text(text.len())
                }
                Shown::Moment(text) => {
                    self.texts.push_str(&text);
                    Packed::Moment(text.len())
                }
            };
            self.cells.push(packed);
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }

    /// Hands each row to `take`.
    pub fn for_each<E>(
        &self,
        mut take: impl FnMut(&[Shown<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = self.texts.as_str();
        let mut next = |bytes: usize| {
            let (text, behind) = rest.split_at_checked(bytes).unwrap_or((rest, ""));
            rest = behind;
            text.into()
        };
        let mut row: Vec<Shown<'_>> = Vec::with_capacity(self.width);
        for cells in self.cells.chunks(self.width.max(1)) {
            row.clear();
            row.extend(cells.iter().map(|cell| match *cell {
                Packed::Blank => Shown::Blank,
                Packed::Number(number) => Shown::Number(number),
                Packed::Text(bytes) => Shown::Text(next(bytes)),
                Packed::Moment(bytes) => Shown::Moment(next(bytes)),
            }));
            take(&row)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_as_they_went_in() {
        let one = [
            Shown::Text("客户".into()),
            Shown::Blank,
            Shown::Number(1.5),
            Shown::Moment("2026-11-25".into()),
        ];
        let two = [
            Shown::Blank,
            Shown::Text("b".into()),
            Shown::Text("c".into()),
            Shown::Blank,
        ];
        let mut rows = Rows::new(4);
        for row in [&one, &two] {
            rows.push(row.iter().cloned());
        }
        assert_eq!(rows.len(), 2);
        let mut out = Vec::new();
        let told: Result<(), ()> = rows.for_each(|row| {
            out.extend(row.iter().map(|cell| format!("{cell:?}")));
            Ok(())
        });
        let all = one.iter().chain(&two).map(|cell| format!("{cell:?}"));
        assert_eq!((told, out), (Ok(()), all.collect()));
    }
}
