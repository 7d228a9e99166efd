//! The names of owners beside their ids, for people. The CRM has ids alone, and programs are given these.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::BETWEEN;
use crate::lang::Lang;
use crate::model::{Fact, Field, Kind, Phrase, Saying};

/// The names of owners by id, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct OwnerNames(Arc<BTreeMap<String, String>>);

impl OwnerNames {
    /// Takes names by id.
    pub fn new(names: BTreeMap<String, String>) -> Self {
        Self(Arc::new(names))
    }

    /// Returns the text of a field's value with the name before each owner's id: `张三（8310）`. Other fields' texts stay
    /// as they are.
    pub(crate) fn in_words(&self, field: Option<&Field>, text: String, lang: Lang) -> String {
        let is_owner = field.is_some_and(|field| field.kind == Kind::Owner);
        if !is_owner || self.0.is_empty() {
            return text;
        }
        let each = text.split(BETWEEN).map(|id| match self.0.get(id) {
            Some(name) => match lang {
                Lang::En => format!("{name} ({id})"),
                Lang::Zh => format!("{name}（{id}）"),
            },
            None => id.to_owned(),
        });
        each.collect::<Vec<_>>().join(BETWEEN)
    }

    /// Returns the text of a field's value as a fact of a problem: owners with the name before the id, where it is known.
    pub(crate) fn said(&self, field: Option<&Field>, text: String) -> Fact {
        let is_owner = field.is_some_and(|field| field.kind == Kind::Owner);
        if !is_owner || !text.split(BETWEEN).any(|id| self.0.contains_key(id)) {
            return text.into();
        }
        let owners = text.rsplit(BETWEEN).map(|id| self.named(id));
        let all = owners.reduce(|others, owner| {
            let both = Phrase::new(Saying::SeveralOwners).with("owner", owner);
            both.with("others", others).into()
        });
        all.unwrap_or_else(|| text.as_str().into())
    }

    fn named(&self, id: &str) -> Fact {
        match self.0.get(id) {
            Some(name) => Phrase::new(Saying::OwnerNamed)
                .with("name", name.as_str())
                .with("id", id)
                .into(),
            None => id.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang;
    use crate::model::{Code, FieldConfig, Problem, Schema};

    #[test]
    fn an_owner_is_named_and_keeps_the_id() {
        let names = BTreeMap::from([("8310".to_owned(), "张三".to_owned())]);
        let names = OwnerNames::new(names);
        let field = |kind| {
            let config = FieldConfig {
                key: "f".into(),
                ..FieldConfig::default()
            };
            let schema = Schema::new(&[config], &BTreeMap::new());
            let mut field = schema.field("f").expect("the field").clone();
            field.kind = kind;
            field
        };
        let owner = field(Kind::Owner);
        let said = |text: &str| names.in_words(Some(&owner), text.to_owned(), Lang::Zh);
        assert_eq!(said("8310"), "张三（8310）");
        assert_eq!(said("8311；8310"), "8311；张三（8310）");
        assert_eq!(said(""), "");
        let message = |text: &str| {
            let now = names.said(Some(&owner), text.to_owned());
            let problem = Problem::new(Code::LeftAlone)
                .with("field", "负责人")
                .with("id", "685775343058800641")
                .with("written", "")
                .with("now", now);
            lang::words(&problem, Lang::Zh).message
        };
        for text in ["8310", "8310；8311", "8311；8310；8312", "8311；8312"] {
            let words = message(text);
            assert!(words.contains(&said(text)), "{words}");
        }
        let text = field(Kind::Text);
        assert_eq!(
            names.in_words(Some(&text), "8310".to_owned(), Lang::Zh),
            "8310"
        );
    }
}
