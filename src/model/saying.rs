//! The phrases that messages are completed with: reasons and details that ferry itself has to say.
//!
//! A name never changes its meaning, because journals hold it; the words are in `lang`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! sayings {
    ($($name:ident $text:literal),+ $(,)?) => {
        /// What a phrase says; kept in journals by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "`lang` says what each phrase means")]
        pub enum Saying { $(#[serde(rename = $text)] $name),+ }

        impl Saying {
            /// Every phrase.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name in journals and logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

sayings! {
    // Calls.
    CannotConnect "cannot-connect",
    NoReplyInTime "no-reply-in-time",
    ConnectionBroke "connection-broke",
    NoReason "no-reason",
    WrongForm "wrong-form",
    NoSuchCustomer "no-such-customer",
    Waiting "waiting",
    // Fields named by flags.
    NoSuchField "no-such-field",
    FieldNotEnabled "field-not-enabled",
    IdentifiesNobody "identifies-nobody",
    FedByNoColumn "fed-by-no-column",
}

impl fmt::Display for Saying {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
