//! A header of two rows, joined to one: group titles above, headers below.
//!
//! The lower text is the header wherever it says enough. Where it matches nothing, or where two columns would match the
//! same field, the title above is put before it (`备用` over `电话` is `备用电话`). A title extends to the right over blank
//! cells, because a merged cell has its text in its first column only. An upper cell with nothing below it is no title,
//! but a header that is merged down.

use super::header::{Match, match_header};
use crate::model::{Cell, Row, Schema};

/// Joins two header rows to one. It has the number of the lower row.
pub fn join_header(upper: &Row, lower: &Row, schema: &Schema) -> Row {
    let alone: Vec<Option<Match>> = lower
        .cells
        .iter()
        .map(|cell| match_header(&cell.text, schema))
        .collect();
    let is_shared = |found: &Match| {
        let same = alone.iter().flatten().filter(|other| *other == found);
        same.count() > 1
    };
    let mut cells: Vec<Cell> = lower
        .cells
        .iter()
        .zip(&alone)
        .map(|(cell, found)| {
            let says_enough = found.as_ref().is_some_and(|found| !is_shared(found));
            let text = match title_over(cell.column, upper, lower) {
                Some(title) if !says_enough => {
                    joined_header(title, &cell.text, found.is_some(), schema)
                }
                _ => cell.text.clone(),
            };
            Cell {
                text,
                ..cell.clone()
            }
        })
        .collect();
    let merged_down = upper
        .cells
        .iter()
        .filter(|cell| lower.cell(cell.column).is_none());
    cells.extend(merged_down.cloned());
    cells.sort_by_key(|cell| cell.column);
    Row {
        number: lower.number,
        cells,
        ragged: lower.ragged,
        spans: Vec::new(),
        hidden_zeros: Vec::new(),
        corrected: Vec::new(),
    }
}

/// Returns the nearest title at or left of a column.
fn title_over<'a>(column: u32, upper: &'a Row, lower: &Row) -> Option<&'a str> {
    let nearest = upper.cells.iter().rfind(|cell| cell.column <= column)?;
    lower
        .cell(nearest.column)
        .is_some()
        .then_some(nearest.text.as_str())
}

/// Returns title and header as one text that matches. Else returns the header, if it matched by itself, else both with
/// a dot between them.
fn joined_header(title: &str, header: &str, matched_alone: bool, schema: &Schema) -> String {
    let dotted = format!("{title}.{header}");
    let run_on = format!("{title}{header}");
    for text in [&dotted, &run_on] {
        if match_header(text, schema).is_some() {
            return text.clone();
        }
    }
    if matched_alone {
        header.to_owned()
    } else {
        dotted
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn row(number: u32, texts: &[&str]) -> Row {
        Row::of_texts(number, texts.iter().copied())
    }

    fn header_texts(upper: &[&str], lower: &[&str]) -> Vec<String> {
        let schema = Schema::new(&[], &BTreeMap::new());
        let header = join_header(&row(3, upper), &row(4, lower), &schema);
        assert_eq!(header.number.row, 4);
        header.cells.into_iter().map(|cell| cell.text).collect()
    }

    #[test]
    fn the_title_helps_where_the_header_does_not_say_enough() {
        for (upper, lower, expected) in [
            // Headers merged down, and a title over two columns.
            (
                &["客户名称", "联系方式", "", "备注列"][..],
                &["", "手机", "邮箱", ""][..],
                &["客户名称", "手机", "邮箱", "备注列"][..],
            ),
            // The list grammar through the title: 手机 over 备注 is 手机.备注.
            (
                &["客户名称", "手机", "", "手机2", ""],
                &["", "手机", "备注", "手机2", "备注"],
                &["客户名称", "手机", "手机.备注", "手机2", "手机2.备注"],
            ),
            // A column that matches nothing is named in full, so that the error shows where it stands.
            (
                &["客户名称", "账务", ""],
                &["", "税号", "手机"],
                &["客户名称", "账务.税号", "手机"],
            ),
            // A header that is merged down is no title of the columns to its right.
            (&["客户名称", ""], &["", "手机"], &["客户名称", "手机"]),
            // Two equal headers whose titles do not help stay, and are refused as two columns of one field.
            (&["甲方", "乙方"], &["手机", "手机"], &["手机", "手机"]),
            (&[], &["客户名称", "手机"], &["客户名称", "手机"]),
        ] {
            assert_eq!(header_texts(upper, lower), expected, "{upper:?} {lower:?}");
        }
    }
}
