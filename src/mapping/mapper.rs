//! Rows to drafts: each cell goes to the field to which its column points.

use std::borrow::Cow;
use std::sync::Arc;

use super::aside_rows::SheetHeaders;
use super::columns::{Columns, Target, identifies};
use super::fingerprint::fingerprint;
use super::part_route::{PartRoute, Read};
use super::workaround::{digits_within, is_doubtful};
use crate::model::{
    Cell, CellKind, CellNotes, CellRule, Code, CustomerId, DecimalSign, Draft, JobId, Kind,
    LineSpan, Origin, Part, Phrase, Prior, PriorStatus, Problem, Row, Saying, Schema, Status,
    UNCALCULATED, column_letters, is_damaged_text, is_error_value, is_picture, shortened,
};

/// Who made a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SheetOrigin {
    Person,
    /// A result sheet of ferry's, known by its `_status`.
    ResultSheet,
    /// An export of ferry's: every cell is what the CRM holds, whatever it looks like.
    Export,
}

/// The columns of a sheet, compiled against a schema.
#[derive(Debug, Clone)]
pub struct Mapper {
    /// The routes by 0-based source column; `None` for a column without a header.
    routes: Vec<Option<ColumnRoute>>,
    /// The values that stand in no cell: defaults of columns, and constants.
    fixed: Vec<Fixed>,
    headers: SheetHeaders,
    /// The columns that do not count for the fingerprint.
    aside: Vec<u32>,
    ignore_unmapped: bool,
    width: Option<u32>,
    quotes: Quotes,
    origin: SheetOrigin,
    /// Whether fingerprints are computed.
    fingerprints: bool,
    /// The columns of numbers of which nobody has said or found out which sign stands before decimals.
    undecided: Vec<u32>,
}

/// Whether the quotes of a CSV file are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// Ferry wrote the file.
    Trusted,
    Doubted,
}

#[derive(Debug, Clone)]
enum ColumnRoute {
    Id,
    Status,
    Job,
    Row,
    Ferry,
    LeftOut,
    Part(PartRoute),
}

#[derive(Debug, Clone)]
struct Fixed {
    rank: u32,
    part: Part,
}

/// What the cells of a row have said so far.
struct Sorted {
    /// The parts, each with the rank of its field.
    ranked: Vec<(u32, Part)>,
    /// The columns whose defaults do not apply.
    filled: Vec<u32>,
    status: PriorStatus,
    job: Option<JobId>,
    prior_row: Option<String>,
}

impl Mapper {
    /// Compiles columns. Columns whose field is not in the schema are left out.
    pub fn new(columns: &Columns, schema: &Schema) -> Self {
        let mut routes = Vec::new();
        let mut fixed = Vec::new();
        let mut first_ranks: Vec<(usize, u32)> = Vec::new();
        for column in &columns.columns {
            let index = column.column as usize;
            if routes.len() <= index {
                routes.resize(index + 1, None);
            }
            let route = match &column.target {
                Target::Id => ColumnRoute::Id,
                Target::Status => ColumnRoute::Status,
                Target::Job => ColumnRoute::Job,
                Target::Row => ColumnRoute::Row,
                Target::Ferry => ColumnRoute::Ferry,
                Target::ServerSet(_) | Target::Ignored => ColumnRoute::LeftOut,
                target => PartRoute::of(target, column.column, schema, &mut first_ranks).map_or(
                    ColumnRoute::LeftOut,
                    |route| {
                        if let Some(default) = &column.rule.default {
                            fixed.push(Fixed {
                                rank: route.rank,
                                part: route.part(column.column, default.clone(), Origin::Default),
                            });
                        }
                        ColumnRoute::Part(route.ruled(&column.rule))
                    },
                ),
            };
            if let Some(entry) = routes.get_mut(index) {
                *entry = Some(route);
            }
        }
        for constant in &columns.constants {
            let column = Part::NO_COLUMN;
            if let Some(route) = PartRoute::of(&constant.target, column, schema, &mut first_ranks) {
                fixed.push(Fixed {
                    rank: route.rank,
                    part: route.part(column, constant.text.clone(), Origin::Constant),
                });
            }
        }
        let origin = if columns.is_result_sheet() {
            SheetOrigin::ResultSheet
        } else if columns.is_ours {
            SheetOrigin::Export
        } else {
            SheetOrigin::Person
        };
        let aside = columns
            .columns
            .iter()
            .filter(|column| !identifies(column))
            .map(|column| column.column)
            .collect();
        let undecided = undecided_columns(&routes);
        Self {
            routes,
            fixed,
            headers: SheetHeaders::of(columns),
            aside,
            ignore_unmapped: columns.ignore_unmapped,
            width: columns.width,
            quotes: if columns.is_ours {
                Quotes::Trusted
            } else {
                Quotes::Doubted
            },
            origin,
            fingerprints: true,
            undecided,
        }
    }

    /// Turns fingerprints off: drafts have all zeros, and half the work of a draft is saved.
    #[must_use]
    pub fn without_fingerprints(self) -> Self {
        Self {
            fingerprints: false,
            ..self
        }
    }

    /// Returns the texts of a row that may be numbers, with their columns: those of columns of which it is not decided
    /// which sign stands before decimals. Texts without a sign may be left out.
    pub fn undecided_numbers<'r>(&self, row: &'r Row) -> impl Iterator<Item = (u32, Cow<'r, str>)> {
        // The cells of a record of the wrong width may stand in the wrong columns.
        let columns = self.undecided.iter().filter(|_| !self.is_ragged(row));
        columns.filter_map(|column| {
            let text = self.written_number(row.cell(*column)?)?;
            Some((*column, text))
        })
    }

    /// Returns whether there are columns of which it is not decided which sign stands before decimals.
    pub fn is_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// Takes over which sign stands before the decimals of columns. Nothing more is asked about the others.
    pub fn decide(&mut self, signs: &[(u32, DecimalSign)]) {
        for (column, sign) in signs {
            let route = self.routes.get_mut(*column as usize);
            if let Some(Some(ColumnRoute::Part(route))) = route {
                let rule = route.cell_rule.as_deref().cloned().unwrap_or_default();
                route.cell_rule = Some(Arc::new(CellRule {
                    decimal: Some(*sign),
                    ..rule
                }));
            }
        }
        self.undecided.clear();
    }

    /// Returns the text of a cell of a number column as the check will see it; `None` if it is no text with signs.
    fn written_number<'r>(&self, cell: &'r Cell) -> Option<Cow<'r, str>> {
        let may_be = |byte: u8| matches!(byte, b'.' | b',') || !byte.is_ascii();
        if cell.kind != CellKind::Text || !cell.text.bytes().any(may_be) {
            return None;
        }
        let route = self.routes.get(cell.column as usize)?.as_ref();
        let unwrapped = self.without_signs(cell, route);
        let Some(ColumnRoute::Part(part)) = route else {
            return None;
        };
        if unwrapped.is_none() && part.rule.is_none() {
            return Some(Cow::Borrowed(&cell.text));
        }
        match part.read(unwrapped.as_ref().unwrap_or(cell)) {
            Read::Text(text) => Some(Cow::Owned(text)),
            _ => None,
        }
    }

    /// Makes the draft of a row: sorts its cells to fields.
    pub fn draft(&self, row: &Row) -> Draft {
        let cells = row.with_numbers(|column| self.is_number(column));
        let mut draft = Draft {
            number: row.number,
            id: None,
            prior: None,
            parts: Vec::with_capacity(cells.len()),
            problems: Vec::new(),
            fingerprint: self.fingerprint(&cells),
            merged_into: None,
            merged: Vec::new(),
            notes: CellNotes::default(),
            is_unchanged: false,
        };
        if self.headers.are_repeated_by(row) {
            draft.problems.push(Problem::new(Code::RepeatedHeader));
            return draft;
        }
        if let (Some(width), Some(count), true) = (self.width, row.ragged, self.is_ragged(row)) {
            let problem = Problem::new(Code::RaggedRow).with("count", count.to_string());
            draft
                .problems
                .push(problem.with("width", width.to_string()));
        }
        let mut sorted = Sorted {
            ranked: Vec::with_capacity(cells.len()),
            filled: Vec::new(),
            status: if self.origin == SheetOrigin::ResultSheet {
                PriorStatus::Cleared
            } else {
                PriorStatus::Missing
            },
            job: None,
            prior_row: None,
        };
        for cell in cells.iter() {
            self.sort_cell(cell, row, &mut sorted, &mut draft);
        }
        if draft.id.is_none() && self.headers.have_sum(row) {
            draft.problems.push(Problem::new(Code::TotalsRow));
        }
        let mut ranked = sorted.ranked;
        for fixed in &self.fixed {
            if !sorted.filled.contains(&fixed.part.column) {
                ranked.push((fixed.rank, fixed.part.clone()));
            }
        }
        ranked.sort_by_key(|(rank, part)| (*rank, part.field, part.slot));
        draft.parts.extend(ranked.into_iter().map(|(_, part)| part));
        if let (Some(job), Some(row)) = (sorted.job, sorted.prior_row) {
            let status = sorted.status;
            draft.prior = Some(Prior { status, job, row });
        }
        draft
    }

    /// Sorts a cell of a row to its field.
    fn sort_cell(&self, cell: &Cell, row: &Row, sorted: &mut Sorted, draft: &mut Draft) {
        let route = self.routes.get(cell.column as usize);
        let route = route.and_then(Option::as_ref);
        let unwrapped = self.without_signs(cell, route);
        let cell = unwrapped.as_ref().unwrap_or(cell);
        draft.notes.wrapped_digits += u32::from(unwrapped.is_some());
        match route {
            Some(ColumnRoute::Id) => match CustomerId::parse(&cell.text) {
                Ok(id) if cell.kind != CellKind::Imprecise => draft.id = Some(id),
                _ => draft.problems.push(id_problem(cell)),
            },
            Some(ColumnRoute::Status) => {
                sorted.status = Status::parse(&cell.text).map_or_else(
                    || PriorStatus::Unreadable(cell.text.clone(), cell.column),
                    PriorStatus::Said,
                );
            }
            Some(ColumnRoute::Job) => sorted.job = JobId::parse(&cell.text).ok(),
            Some(ColumnRoute::Row) => sorted.prior_row = Some(cell.text.clone()),
            Some(ColumnRoute::Ferry | ColumnRoute::LeftOut) => {}
            Some(ColumnRoute::Part(route))
                if self.origin != SheetOrigin::Export && route.is_null(cell) =>
            {
                draft.notes.null_words += 1;
            }
            Some(ColumnRoute::Part(route)) => match route.read(cell) {
                read @ (Read::Text(_) | Read::Meant(_) | Read::SeenOwner(_)) => {
                    let is_meant = matches!(read, Read::Meant(_));
                    draft.notes.seen_owners += u32::from(matches!(read, Read::SeenOwner(_)));
                    let (Read::Text(text) | Read::Meant(text) | Read::SeenOwner(text)) = read
                    else {
                        return;
                    };
                    let spans = (self.quotes == Quotes::Doubted).then_some(row.spans.as_slice());
                    let line_break = route.line_break(spans.unwrap_or_default(), cell);
                    draft.problems.extend(line_break);
                    draft.problems.extend(self.damage(cell, &text, route));
                    if is_doubtful(&text, route.is_prose()) {
                        draft.notes.question_marks += 1;
                        draft.notes.first_marks.get_or_insert(cell.column);
                    }
                    self.note_filled(cell, sorted);
                    let part = Part {
                        kind: cell.kind,
                        rule: route.cell_rule.clone().filter(|_| !is_meant),
                        ..route.part(cell.column, text, Origin::Cell)
                    };
                    sorted.ranked.push((route.rank, part));
                }
                Read::Blank => {}
                Read::BlankWord => draft.notes.blank_words += 1,
                Read::Refused(problem) => {
                    self.note_filled(cell, sorted);
                    draft.problems.push(problem);
                }
            },
            // A record of the wrong width is one problem, and the cells beyond the header are part of it.
            None if self.ignore_unmapped || self.is_ragged(row) => {}
            None => draft.problems.push(
                Problem::new(Code::ValueWithoutHeader)
                    .at(cell.column)
                    .with("value", &cell.text)
                    .with("column", column_letters(cell.column)),
            ),
        }
    }

    /// Notes that a column's default does not apply to the row.
    fn note_filled(&self, cell: &Cell, sorted: &mut Sorted) {
        if !self.fixed.is_empty() {
            sorted.filled.push(cell.column);
        }
    }

    /// Returns why the rows of a CSV file may not be where they seem to be: this row has a quoted cell of several lines
    /// that may hide other rows. A caller that sends rows must not send any then.
    pub fn doubt(&self, row: &Row) -> Option<Problem> {
        if row.spans.is_empty() || self.quotes == Quotes::Trusted {
            return None;
        }
        let problem = |phrase: Phrase, span: &LineSpan| {
            let detail = phrase.with("line", span.line.to_string());
            Problem::new(Code::StrayQuote).with("detail", detail)
        };
        if let (Some(width), Some(count), Some(first)) = (self.width, row.ragged, row.spans.first())
            && width != count
        {
            let phrase = Phrase::new(Saying::QuoteInRaggedRow)
                .with("count", count.to_string())
                .with("width", width.to_string());
            return Some(problem(phrase, first));
        }
        let is_only_column = self.width == Some(1);
        row.spans.iter().find_map(|span| {
            if span.holds_rows {
                return Some(problem(Phrase::new(Saying::QuoteHidesRows), span));
            }
            let route = self.routes.get(span.column as usize)?.as_ref()?;
            let field = route.one_line_field()?;
            let phrase = Phrase::new(Saying::QuoteInOneLineField).with("field", field);
            (span.holds_delimiter || is_only_column).then(|| problem(phrase, span))
        })
    }

    /// Returns whether a column feeds a field of numbers: such a field takes what a cell stores, whatever it shows.
    fn is_number(&self, column: u32) -> bool {
        let route = self.routes.get(column as usize);
        matches!(route, Some(Some(ColumnRoute::Part(route))) if route.kind == Kind::Number)
    }

    fn fingerprint(&self, cells: &[Cell]) -> [u8; 16] {
        if !self.fingerprints {
            return [0; 16];
        }
        let own = cells.iter().filter(|cell| self.identifies(cell));
        fingerprint(own.map(|cell| cell.text.as_str()))
    }

    /// Returns a cell without the signs that keep its digits as text; `None` for any other cell.
    fn without_signs(&self, cell: &Cell, route: Option<&ColumnRoute>) -> Option<Cell> {
        let is_read = matches!(route, Some(ColumnRoute::Id | ColumnRoute::Part(_)));
        let is_plain = is_read && self.origin != SheetOrigin::Export && cell.kind == CellKind::Text;
        let digits = is_plain.then(|| digits_within(&cell.text))??;
        Some(Cell {
            text: digits.to_owned(),
            ..*cell
        })
    }

    /// Returns the problem of a text that is not what stood in the cell: letters were lost, it was a picture, or an error
    /// that a program has saved as text. An export holds what the CRM has stored, such texts included, and must come back unchanged.
    fn damage(&self, cell: &Cell, text: &str, route: &PartRoute) -> Option<Problem> {
        let code = match text {
            _ if self.origin == SheetOrigin::Export => return None,
            _ if is_picture(text) => Code::PictureCell,
            _ if is_damaged_text(text) => Code::DamagedText,
            // A workbook's own errors, and those in fields that take no text, are the check's.
            _ if cell.kind == CellKind::Text && route.kind.is_text() && is_error_value(text) => {
                Code::ErrorCell
            }
            _ => return None,
        };
        let problem = Problem::new(code).at(cell.column);
        let problem = problem.with("field", route.label.as_ref());
        Some(problem.with("value", shortened(text)))
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

/// Returns the columns of numbers whose decimal sign the mapping does not say.
fn undecided_columns(routes: &[Option<ColumnRoute>]) -> Vec<u32> {
    let is_undecided = |route: &PartRoute| {
        let rule = route.cell_rule.as_deref();
        route.kind == Kind::Number && rule.is_none_or(|rule| rule.decimal.is_none())
    };
    let columns = (0..).zip(routes);
    columns
        .filter(|(_, route)| matches!(route, Some(ColumnRoute::Part(route)) if is_undecided(route)))
        .map(|(column, _)| column)
        .collect()
}

impl ColumnRoute {
    /// Returns the name of the route's field, if the field takes a single line.
    fn one_line_field(&self) -> Option<&str> {
        match self {
            Self::Id => Some("_id"),
            Self::Status => Some("_status"),
            Self::Job => Some("_job"),
            Self::Row => Some("_row"),
            Self::Part(route) => route.is_one_line.then_some(route.label.as_ref()),
            Self::Ferry | Self::LeftOut => None,
        }
    }
}

fn id_problem(cell: &Cell) -> Problem {
    let code = match cell.kind {
        CellKind::Imprecise => Code::ImpreciseNumber,
        _ if cell.text == UNCALCULATED => Code::Uncalculated,
        _ => Code::NotACustomerId,
    };
    Problem::new(code)
        .at(cell.column)
        .with("value", &cell.text)
        .with("field", "_id")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{HeaderOptions, resolve};
    use super::*;
    use crate::model::{CascadeOption, Choice, FieldConfig, Slot};

    fn row(number: u32, texts: &[&str]) -> Row {
        Row::of_texts(number, texts.iter().copied())
    }

    fn mapper(header: &[&str]) -> (Mapper, Schema) {
        let schema = Schema::new(&[], &BTreeMap::new());
        let resolved = resolve(&row(1, header), &schema, HeaderOptions::default());
        let columns = resolved.expect("a good header").columns;
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
        assert_eq!((draft.parts.len(), draft.notes.blank_words), (2, 1));
    }

    #[test]
    fn a_blank_word_that_the_crm_has_as_a_choice_is_that_choice() {
        let mut level = FieldConfig {
            key: "level".into(),
            label: "级别".into(),
            ..FieldConfig::default()
        };
        level.choices = vec![Choice {
            key: "1".into(),
            value: "无".into(),
        }];
        let mut area = FieldConfig {
            key: "area".into(),
            label: "地区".into(),
            ..FieldConfig::default()
        };
        let below = CascadeOption {
            value: "N/A".into(),
            ..CascadeOption::default()
        };
        area.cascade = vec![CascadeOption {
            value: "浙江".into(),
            children: vec![below],
            ..CascadeOption::default()
        }];
        let schema = Schema::new(&[level, area], &BTreeMap::new());
        let header = row(1, &["客户名称", "级别", "地区.1", "地区.2"]);
        let columns = resolve(&header, &schema, HeaderOptions::default())
            .expect("it resolves")
            .columns;
        let mapper = Mapper::new(&columns, &schema);
        let draft = mapper.draft(&row(2, &["甲", "无", "浙江", "N/A"]));
        assert_eq!((draft.parts.len(), draft.notes.blank_words), (4, 0));
        let draft = mapper.draft(&row(3, &["甲", "-", "无", ""]));
        assert_eq!((draft.parts.len(), draft.notes.blank_words), (1, 2));
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
    fn a_header_that_comes_again_is_one_problem() {
        let codes = |mapper: &Mapper, texts: &[&str]| -> Vec<Code> {
            let draft = mapper.draft(&row(9, texts));
            draft.problems.iter().map(|problem| problem.code).collect()
        };
        let (two, _) = mapper(&["客户名称", "手机", "微信"]);
        assert_eq!(codes(&two, &["客户名称", "手机"]), [Code::RepeatedHeader]);
        assert_eq!(
            codes(&two, &["客户名称 ", "手机", "微信号"]),
            [Code::RepeatedHeader]
        );
        assert_eq!(codes(&two, &["客户名称"]), []);
        assert_eq!(codes(&two, &["甲公司", "手机", "x"]), []);
        assert_eq!(codes(&two, &["合计", "300 家"]), [Code::TotalsRow]);
        let (one, _) = mapper(&["客户名称"]);
        assert_eq!(codes(&one, &["客户名称"]), [Code::RepeatedHeader]);
    }

    #[test]
    fn what_ferry_wrote_beside_a_sum_or_a_header_does_not_hide_it() {
        let header = [
            "_result",
            "_id",
            "_error",
            "_tip",
            "客户名称",
            "手机",
            "_row",
            "_status",
            "_job",
        ];
        let (mapper, _) = mapper(&header);
        let codes = |texts: &[&str]| -> Vec<Code> {
            let draft = mapper.draft(&row(9, texts));
            draft.problems.iter().map(|problem| problem.code).collect()
        };
        let job = "20261123-1-a";
        let (id, error) = ("685775343058800640", "E423 …");
        for (texts, expected) in [
            // A person has added the rows, or copied the header whole.
            (
                &["", "", "", "", "合计", "300 家"][..],
                Some(Code::TotalsRow),
            ),
            (&["合计", "", "", "", "", "300 家"], Some(Code::TotalsRow)),
            (
                &["", "", "", "", "客户名称", "手机"],
                Some(Code::RepeatedHeader),
            ),
            (&header, Some(Code::RepeatedHeader)),
            // The rows of the source come back.
            (
                &["x", "", error, "…", "合计", "300 家", "9", "invalid", job],
                Some(Code::TotalsRow),
            ),
            (
                &["x", "", error, "…", "客户名称", "手机", "9", "invalid", job],
                Some(Code::RepeatedHeader),
            ),
            (&["x", id, "", "", "甲公司", "300", "9", "ok", job], None),
            (&["x", id, "", "", "合计", "300", "9", "ok", job], None),
            (&["x", id, "", "", "甲公司", "", "9", "ok", job], None),
        ] {
            assert_eq!(codes(texts), Vec::from_iter(expected), "{texts:?}");
        }
    }

    #[test]
    fn a_check_sheet_hides_a_sum_or_a_header_no_more_than_a_result_sheet() {
        let header = [
            "_结果",
            "_error",
            "_tip",
            "客户名称",
            "备注",
            "_row",
            "_error_code",
        ];
        let (mapper, _) = mapper(&["客户名称"]);
        assert!(mapper.headers.have_sum(&row(2, &["合计", "3 家"])));
        let schema = Schema::new(&[], &BTreeMap::new());
        let options = HeaderOptions {
            ignore_unmapped: true,
            ..HeaderOptions::default()
        };
        let resolved = resolve(&row(1, &header), &schema, options).expect("a good header");
        let mapper = Mapper::new(&resolved.columns, &schema);
        for (texts, expected) in [
            (
                ["✗", "E463 …", "…", "客户名称", "备注", "4", "E463"],
                Some(Code::RepeatedHeader),
            ),
            (
                ["✗", "E423 …", "…", "合计", "300", "4", "E423"],
                Some(Code::TotalsRow),
            ),
            (["✓", "", "", "甲公司", "300", "4", ""], None),
        ] {
            let draft = mapper.draft(&row(9, &texts));
            let codes: Vec<Code> = draft.problems.iter().map(|problem| problem.code).collect();
            assert_eq!(codes, Vec::from_iter(expected), "{texts:?}");
        }
    }

    #[test]
    fn words_of_databases_are_blank_and_digits_lose_their_signs() {
        let (mapper, schema) = mapper(&["_id", "客户名称", "手机", "手机.备注"]);
        let texts = ["=\"685775343058800640\"", "NULL", "'13800138001", "\\N"];
        let draft = mapper.draft(&row(2, &texts));
        let seen: Vec<_> = draft
            .parts
            .iter()
            .map(|part| (schema.fields[part.field].key.as_str(), part.text.as_str()))
            .collect();
        assert_eq!(seen, [("mobile", "13800138001")]);
        assert!(draft.id.is_some());
        assert_eq!((draft.notes.null_words, draft.notes.wrapped_digits), (2, 2));
    }

    #[test]
    fn a_cell_of_an_export_is_what_the_crm_holds() {
        let schema = Schema::new(&[], &BTreeMap::new());
        let options = HeaderOptions {
            is_export: true,
            ..HeaderOptions::default()
        };
        let columns = resolve(&row(1, &["_id", "客户名称", "微信"]), &schema, options)
            .expect("a good header")
            .columns;
        let mapper = Mapper::new(&columns, &schema);
        let draft = mapper.draft(&row(2, &["685775343058800640", "NULL", "'0071"]));
        let texts: Vec<_> = draft.parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts, ["NULL", "'0071"]);
    }

    #[test]
    fn question_marks_are_noted_with_their_column() {
        let (mapper, _) = mapper(&["微信", "客户名称"]);
        let draft = mapper.draft(&row(2, &["wx???", "???公司"]));
        let notes = draft.notes;
        assert_eq!((notes.question_marks, notes.first_marks), (2, Some(0)));
        assert_eq!(draft.parts.len(), 2);
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
