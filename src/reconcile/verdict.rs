//! Decides what becomes of rows in doubt, once all of them were looked up.
//!
//! Rows are judged together, because a customer that fits rows of different content is taken for none of them.

use std::collections::HashMap;

use crate::journal::{JournalRow, RowOutcome};
use crate::model::{Action, Code, CustomerId, Fact, Problem, Record, RowNumber, Status};

/// What is to be written into the journal: outcomes, and rows that were proven absent.
#[derive(Default)]
pub(crate) struct Verdicts {
    pub outcomes: Vec<RowOutcome>,
    pub absent: Vec<RowNumber>,
}

/// Rows that were sent with equal content, and what was found for them.
pub(crate) struct TwinGroup {
    pub record: Record,
    pub rows: Vec<JournalRow>,
    pub finding: Finding,
}

/// What looking for a group came to.
pub(crate) enum Finding {
    /// Nothing can be concluded: why, and the customers that were seen.
    Doubt(Problem, Vec<CustomerId>),
    /// The customers that fit, and the label of the field that found them; `proven` when there can be no others.
    Candidates {
        ids: Vec<CustomerId>,
        label: String,
        proven: bool,
    },
}

/// Judges all groups together, and adds the outcomes to `verdicts`.
pub(crate) fn judge(groups: Vec<TwinGroup>, verdicts: &mut Verdicts) {
    let mut fitting: HashMap<CustomerId, u32> = HashMap::new();
    for group in &groups {
        if let Finding::Candidates { ids, .. } = &group.finding {
            for id in ids {
                *fitting.entry(id.clone()).or_default() += 1;
            }
        }
    }
    for TwinGroup { rows, finding, .. } in groups {
        let doubt = |why: Problem, ids: &[CustomerId], verdicts: &mut Verdicts| {
            verdicts
                .outcomes
                .extend(rows.iter().map(|row| in_doubt(row, why.clone(), ids)));
        };
        match finding {
            Finding::Doubt(why, ids) => doubt(why, &ids, verdicts),
            Finding::Candidates { ids, .. }
                if ids
                    .iter()
                    .any(|id| fitting.get(id).is_some_and(|count| *count > 1)) =>
            {
                doubt(Problem::new(Code::FitsSeveralRows), &ids, verdicts);
            }
            Finding::Candidates { ids, .. } if ids.len() > rows.len() => {
                doubt(Problem::new(Code::SeveralFit), &ids, verdicts);
            }
            Finding::Candidates { ids, proven, .. } if ids.len() < rows.len() && !proven => {
                doubt(Problem::new(Code::SearchUnproven), &ids, verdicts);
            }
            Finding::Candidates { ids, label, .. } => {
                let (found, absent) = rows.split_at(ids.len());
                let pairs = found.iter().zip(ids);
                verdicts
                    .outcomes
                    .extend(pairs.map(|(row, id)| adopted(row, id, &label)));
                verdicts.absent.extend(absent.iter().map(|row| row.number));
            }
        }
    }
}

fn adopted(row: &JournalRow, customer: CustomerId, label: &str) -> RowOutcome {
    RowOutcome {
        customer: Some(customer),
        problem: Some(Problem::new(Code::Adopted).with("field", label)),
        ..RowOutcome::new(row.number, Action::Add, Status::Ok)
    }
}

fn in_doubt(row: &JournalRow, finding: Problem, ids: &[CustomerId]) -> RowOutcome {
    let before = row
        .problems
        .first()
        .and_then(|problem| problem.facts.get("detail"));
    let ids: Vec<&str> = ids.iter().take(5).map(CustomerId::as_str).collect();
    let mut problem = finding.with("ids", Fact::list(ids));
    if let Some(before) = before {
        problem = problem.with("detail", before);
    }
    RowOutcome {
        problem: Some(problem),
        ..RowOutcome::new(row.number, Action::Add, Status::Unknown)
    }
}
