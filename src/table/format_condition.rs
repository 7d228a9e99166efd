//! The condition under which a section of a number format applies: `[=1]`, `[>=100]`.
//!
//! Source: ECMA-376 part 1, 18.8.31.

/// A condition on a number, such as `[>=100]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FormatCondition {
    sense: Sense,
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Equal,
    NotEqual,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl FormatCondition {
    /// Reads what stands between the brackets.
    pub(super) fn parse(inner: &str) -> Option<Self> {
        let (sign, sense) = [
            ("<>", Sense::NotEqual),
            ("<=", Sense::AtMost),
            (">=", Sense::AtLeast),
            ("<", Sense::Below),
            (">", Sense::Above),
            ("=", Sense::Equal),
        ]
        .into_iter()
        .find(|(sign, _)| inner.starts_with(sign))?;
        let bound = inner.strip_prefix(sign)?.trim().parse().ok()?;
        Some(Self { sense, bound })
    }

    #[expect(
        clippy::float_cmp,
        reason = "a format compares with the very number that it names"
    )]
    pub(super) fn holds(self, value: f64) -> bool {
        match self.sense {
            Sense::Equal => value == self.bound,
            Sense::NotEqual => value != self.bound,
            Sense::Below => value < self.bound,
            Sense::AtMost => value <= self.bound,
            Sense::Above => value > self.bound,
            Sense::AtLeast => value >= self.bound,
        }
    }
}
