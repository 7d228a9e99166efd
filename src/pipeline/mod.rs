//! The commands that work on a job or a file, one file each. Each reads like its numbered steps.

pub(crate) mod check;
pub(crate) mod delete;
pub(crate) mod import;
pub(crate) mod kept_check;
pub(crate) mod nature;
pub(crate) mod plan;
pub(crate) mod propose;
mod prose_sheet;
pub(crate) mod rehearsal;
pub(crate) mod resume;
pub(crate) mod seconds;
pub(crate) mod template;
#[cfg(test)]
mod tests;
pub(crate) mod undo;
pub(crate) mod verify;

pub use check::{CheckReport, CheckRequest, check_file};
pub use delete::delete;
pub use import::import;
pub use kept_check::{KeptCheck, WrongRow};
pub use nature::{FileNature, SeenFile, look_at_file};
pub use plan::{
    ApplyRequest, PlanReport, SincePlan, apply_plan, plan_file, planned_job, since_plan,
};
pub use propose::{
    ProposeReport, ProposeRequest, Proposed, SeenSheet, propose, propose_for, see_sheet,
    write_mapping,
};
pub use rehearsal::{CustomerToDelete, MOST_DELETED, RemovalReport};
pub use resume::{preview_of, resume, unconfirmed};
pub use template::{TemplateReport, TemplateRequest, template};
pub use undo::{RowsOfSheet, UndoRequest, can_be_undone, rows_of_result, undo};
pub use verify::{VerifyReport, VerifyRequest, verify};
