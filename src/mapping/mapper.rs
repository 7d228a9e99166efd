//! Rows to drafts: each cell goes where its column points.

use super::columns::{Columns, Target, identifies};
use super::fingerprint::fingerprint;
use crate::model::{
    Cell, CellKind, Code, CustomerId, Draft, JobId, Kind, Part, Prior, PriorStatus, Problem, Row,
    Schema, Slot, Status, column_letters,
};

/// Words that people write into an empty phone, e-mail, date, number or choice cell (product.md).
const BLANK_WORDS: &[&str] = &["无", "-", "/", "暂无", "n/a"];

/// A sheet's columns, compiled against a schema.
#[derive(Debug, Clone)]
pub struct Mapper {
    /// By source column.
    routes: Vec<Option<Route>>,
    /// Columns that do not count for the fingerprint.
    aside: Vec<u32>,
    ignore_unmapped: bool,
    width: Option<u32>,
    has_status: bool,
}

#[derive(Debug, Clone)]
enum Route {
    Id,
    Status,
    Job,
    Row,
    Ferry,
    LeftOut,
    Part {
        field: usize,
        slot: Slot,
        rank: u32,
        blank_words: bool,
    },
}

impl Mapper {
    /// Compiles; columns whose field is not in the schema are left out.
    pub fn new(columns: &Columns, schema: &Schema) -> Self {
        let mut routes = Vec::new();
        let mut first_ranks: Vec<(usize, u32)> = Vec::new();
        for column in &columns.columns {
            let index = column.column as usize;
            if routes.len() <= index {
                routes.resize(index + 1, None);
            }
            let route = match &column.target {
                Target::Id => Route::Id,
                Target::Status => Route::Status,
                Target::Job => Route::Job,
                Target::Row => Route::Row,
                Target::Ferry => Route::Ferry,
                Target::ServerSet(_) | Target::Ignored => Route::LeftOut,
                target => {
                    let place = target.place();
                    let field = place.and_then(|(key, _)| {
                        schema.fields.iter().position(|field| field.key == *key)
                    });
                    match (place, field) {
                        (Some((_, slot)), Some(field)) => {
                            let rank = if let Some((_, rank)) =
                                first_ranks.iter().find(|(known, _)| *known == field)
                            {
                                *rank
                            } else {
                                first_ranks.push((field, column.column));
                                column.column
                            };
                            let kind = schema
                                .fields
                                .get(field)
                                .map_or(Kind::Text, |field| field.kind);
                            Route::Part {
                                field,
                                slot,
                                rank,
                                blank_words: takes_blank_words(kind, slot),
                            }
                        }
                        _ => Route::LeftOut,
                    }
                }
            };
            if let Some(entry) = routes.get_mut(index) {
                *entry = Some(route);
            }
        }
        let aside = columns
            .columns
            .iter()
            .filter(|column| !identifies(column))
            .map(|column| column.column)
            .collect();
        Self {
            routes,
            aside,
            ignore_unmapped: columns.ignore_unmapped,
            width: columns.width,
            has_status: columns
                .columns
                .iter()
                .any(|column| column.target == Target::Status),
        }
    }

    /// Sorts the cells of a row to fields.
    pub fn draft(&self, row: &Row) -> Draft {
        let mut draft = Draft {
            number: row.number,
            id: None,
            prior: None,
            parts: Vec::with_capacity(row.cells.len()),
            problems: Vec::new(),
            fingerprint: fingerprint(
                row.cells
                    .iter()
                    .filter(|cell| self.identifies(cell))
                    .map(|cell| cell.text.as_str()),
            ),
            blank_words: 0,
        };
        if let (Some(width), Some(count), true) = (self.width, row.ragged, self.is_ragged(row)) {
            let problem = Problem::new(Code::RaggedRow).with("count", count.to_string());
            draft
                .problems
                .push(problem.with("width", width.to_string()));
        }
        let mut ranked: Vec<(u32, Part)> = Vec::with_capacity(row.cells.len());
        let mut status = if self.has_status {
            PriorStatus::Cleared
        } else {
            PriorStatus::Missing
        };
        let (mut job, mut prior_row) = (None, None);
        for cell in &row.cells {
            match self
                .routes
                .get(cell.column as usize)
                .and_then(Option::as_ref)
            {
                Some(Route::Id) => match CustomerId::parse(&cell.text) {
                    Ok(id) if cell.kind != CellKind::Imprecise => draft.id = Some(id),
                    _ => draft.problems.push(id_problem(cell)),
                },
                Some(Route::Status) => {
                    status = Status::parse(&cell.text).map_or_else(
                        || PriorStatus::Unreadable(cell.text.clone(), cell.column),
                        PriorStatus::Said,
                    );
                }
                Some(Route::Job) => job = JobId::parse(&cell.text).ok(),
                Some(Route::Row) => prior_row = Some(cell.text.clone()),
                Some(Route::Ferry | Route::LeftOut) => {}
                Some(Route::Part {
                    field,
                    slot,
                    rank,
                    blank_words,
                }) => {
                    if *blank_words && is_blank_word(&cell.text) {
                        draft.blank_words += 1;
                    } else {
                        let (text, kind) = (cell.text.clone(), cell.kind);
                        ranked.push((
                            *rank,
                            Part {
                                field: *field,
                                slot: *slot,
                                column: cell.column,
                                text,
                                kind,
                            },
                        ));
                    }
                }
                // A record of the wrong width is one problem; what stands beyond the header is part of it.
                None if self.ignore_unmapped || self.is_ragged(row) => {}
                None => draft.problems.push(
                    Problem::new(Code::ValueWithoutHeader)
                        .at(cell.column)
                        .with("value", &cell.text)
                        .with("column", column_letters(cell.column)),
                ),
            }
        }
        ranked.sort_by_key(|(rank, part)| (*rank, part.slot));
        draft.parts.extend(ranked.into_iter().map(|(_, part)| part));
        if let (Some(job), Some(row)) = (job, prior_row) {
            draft.prior = Some(Prior { status, job, row });
        }
        draft
    }

    fn is_ragged(&self, row: &Row) -> bool {
        self.width
            .zip(row.ragged)
            .is_some_and(|(width, count)| width != count)
    }

    fn identifies(&self, cell: &Cell) -> bool {
        !self.aside.contains(&cell.column)
    }
}

fn id_problem(cell: &Cell) -> Problem {
    let code = if cell.kind == CellKind::Imprecise {
        Code::ImpreciseNumber
    } else {
        Code::NotACustomerId
    };
    Problem::new(code)
        .at(cell.column)
        .with("value", &cell.text)
        .with("field", "_id")
}

fn takes_blank_words(kind: Kind, slot: Slot) -> bool {
    !matches!(slot, Slot::Memo(_))
        && !matches!(
            kind,
            Kind::Text | Kind::Textarea | Kind::Url | Kind::TextList | Kind::Owner
        )
}

fn is_blank_word(text: &str) -> bool {
    BLANK_WORDS
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::resolve;
    use super::*;
    use crate::model::RowNumber;

    fn row(number: u32, texts: &[&str]) -> Row {
        let cells = texts
            .iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty())
            .map(|(column, text)| Cell {
                column: column as u32,
                text: (*text).to_owned(),
                kind: CellKind::Text,
            });
        Row {
            number: RowNumber::new(number),
            cells: cells.collect(),
            ragged: None,
        }
    }

    fn mapper(header: &[&str]) -> (Mapper, Schema) {
        let schema = Schema::new(&[], &BTreeMap::new());
        let (columns, _) = resolve(&row(1, header), &schema, false).expect("a good header");
        (Mapper::new(&columns, &schema), schema)
    }

    #[test]
    fn cells_go_to_fields_in_column_order_and_places_in_order() {
        let (mapper, schema) = mapper(&["手机2", "客户名称", "手机", "手机.备注"]);
        let draft = mapper.draft(&row(2, &["2", "张三", "1", "memo"]));
        let seen: Vec<_> = draft
            .parts
            .iter()
            .map(|part| {
                (
                    schema.fields[part.field].key.as_str(),
                    part.slot,
                    part.text.as_str(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("mobile", Slot::Whole, "1"),
                ("mobile", Slot::Value(2), "2"),
                ("mobile", Slot::Memo(1), "memo"),
                ("customerName", Slot::Whole, "张三")
            ]
        );
    }

    #[test]
    fn blank_words_are_blank_where_nobody_means_them() {
        let (mapper, _) = mapper(&["客户名称", "手机", "微信"]);
        let draft = mapper.draft(&row(2, &["无", "无", "-"]));
        assert_eq!((draft.parts.len(), draft.blank_words), (2, 1));
    }

    #[test]
    fn a_result_sheet_keeps_its_past_and_its_fingerprint() {
        let (result, _) = mapper(&["_结果", "_row", "_status", "_id", "_job", "客户名称"]);
        let draft = result.draft(&row(
            2,
            &[
                "x",
                "17",
                "ok",
                "685775343058800640",
                "20261123-1-a",
                "张三",
            ],
        ));
        let prior = draft.prior.expect("a prior");
        assert_eq!(
            (prior.status, prior.row.as_str()),
            (PriorStatus::Said(Status::Ok), "17")
        );
        assert_eq!(
            draft.id.map(String::from).as_deref(),
            Some("685775343058800640")
        );
        let (plain, _) = mapper(&["客户名称"]);
        assert_eq!(
            plain.draft(&row(9, &["张三"])).fingerprint,
            draft.fingerprint
        );
    }

    #[test]
    fn a_value_under_no_header_is_a_problem() {
        let (mapper, _) = mapper(&["客户名称"]);
        assert_eq!(
            mapper.draft(&row(2, &["a", "b"])).problems[0].code,
            Code::ValueWithoutHeader
        );
    }
}
