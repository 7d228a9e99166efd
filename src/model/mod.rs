//! The nouns that the rooms share.
//!
//! The room does no input or output but that of `private`, `brief_lock` and `file_identity`, and it imports no other room: a type lives here when two
//! rooms must agree on it, and nowhere else.

mod asked_flag;
mod brief_lock;
mod code;
mod corrections;
mod customer;
mod draft;
mod fact;
mod field;
mod file_identity;
mod job;
mod job_kind;
mod key;
mod misread;
mod monitor;
mod number_text;
mod pace_counts;
mod private;
mod problem;
mod record;
mod region;
mod row;
mod saying;
mod schema;
mod stop;
mod toml_path;
mod visible;
mod whole_path;
mod windows_name;
mod words;
mod written_number;

pub use asked_flag::{AskedFlag, FlagValue, ReadingFlag};
pub use brief_lock::{persist, rename};
pub use code::{Code, UnknownCode};
pub use corrections::Corrections;
pub use customer::{Customer, CustomerId, NotAnId};
pub use draft::{CellNotes, CellRule, Draft, Origin, Part, Prior, PriorStatus, Slot};
pub use fact::{Fact, Phrase};
pub use field::{
    CascadeOption, Choice, Field, FieldConfig, FieldKey, FieldStatus, Kind, ListPolicy, Overwrite,
    SendAs, Shape,
};
pub use file_identity::{FileIdentity, comparable, is_same_file};
pub use job::{Action, JobId, NotAJobId, RowOrigin, Status};
pub use job_kind::JobKind;
pub use key::Key;
pub use misread::is_misread;
pub use monitor::{Counter, Monitor, Task, VoidMonitor};
pub use number_text::number_text;
pub use pace_counts::PaceCounts;
pub use private::{
    close_to_others, make_new_private_folder, make_private_file, make_private_folder, mend_private,
    private_options, write_private,
};
pub use problem::Problem;
pub use record::{Entry, EntryRole, Record, Value};
pub use region::{after_region, is_same_region, region_stem};
pub use row::{Cell, CellKind, LineSpan, Row, RowNumber, StoredNumber, column_letters};
pub use saying::Saying;
pub use schema::{CUSTOMER_NAME, FieldOverride, OPEN_SEAS, Schema};
pub use stop::Stop;
pub use toml_path::{is_about_escape, path_with_escape};
pub use visible::{trimmed, visible, visible_json, without_unseen};
pub use whole_path::whole_path;
pub use windows_name::{impossible_part, is_device};
pub use words::{
    CUT_MARKER, LONGEST_TEXT, UNCALCULATED, are_same_word, folded, folds_to, is_clear_word,
    is_cut_text, is_damaged_text, is_error_value, is_picture, is_plain_letter, is_scientific,
    is_written_error, shortened, shortened_pair,
};
pub use written_number::{
    DecimalSign, NumberSigns, WrittenNumbers, both_readings, number_signs, written_number,
};
