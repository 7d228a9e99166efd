//! The header grammar: what a header cell means, which row is the header, and what its columns become.
//!
//! An input is sheets: the lines of the first are fields (key, label, type), the second has the rows in which the header
//! is looked for. Its title is the sheet's name.

#![no_main]

use crm_ferry::mapping::{
    Columns, HeaderOptions, Match, find_header, join_header, match_header, nearest_labels, resolve,
};
use crm_ferry::model::{Kind, Row, Schema, Slot};
use crm_ferry_fuzz::{fields, sheets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let input = String::from_utf8_lossy(input);
    let found = sheets::sheets(&input);
    let lines = found.first().map_or(&[][..], |(_, rows)| rows.as_slice());
    let own: Vec<[&str; 3]> = lines.iter().take(20).map(words).collect();
    let own: Vec<(&str, &str, &str)> = own.iter().map(|[a, b, c]| (*a, *b, *c)).collect();
    let schema = fields::schema_of(&own);
    let Some((title, rows)) = found.get(1) else {
        return;
    };
    for cell in rows.iter().flat_map(|row| &row.cells).take(200) {
        check_match(&cell.text, &schema);
    }
    for pair in rows.windows(2).take(10) {
        let joined = join_header(&pair[0], &pair[1], &schema);
        assert_eq!(joined.number, pair[1].number);
        check_header(&joined, title, &schema);
    }
    let position = find_header(rows, &schema, None);
    assert_eq!(position, find_header(rows, &schema, None));
    if let Some(header) = position.and_then(|position| rows.get(position)) {
        check_header(header, title, &schema);
    }
});

fn words(row: &Row) -> [&str; 3] {
    [0, 1, 2].map(|column| row.cell(column).map_or("", |cell| &cell.text))
}

fn check_match(text: &str, schema: &Schema) {
    let found = match_header(text, schema);
    assert_eq!(found, match_header(&format!(" {text}\u{3000}"), schema));
    if !text.starts_with('_') {
        for marked in [
            format!("{text}*"),
            format!("{text}（必填）"),
            format!("*{text}"),
        ] {
            assert_eq!(found, match_header(&marked, schema), "{marked:?}");
        }
    }
    match found {
        Some(Match::Field(field, slot)) => {
            let kind = schema.fields[field].kind;
            match slot {
                Slot::Whole => {}
                Slot::Value(position) | Slot::Memo(position) => {
                    assert!(kind.is_value_list() && (1..=999).contains(&position));
                }
                Slot::Level(level) => assert!(kind == Kind::Cascade && (1..=999).contains(&level)),
            }
        }
        Some(Match::Ambiguous(one, other)) => {
            assert!(one != other && one.max(other) < schema.fields.len());
        }
        Some(Match::Id | Match::Ferry(_)) | None => {}
    }
    assert!(nearest_labels(text, schema).len() <= 3);
}

fn check_header(header: &Row, title: &str, schema: &Schema) {
    for is_export in [false, true] {
        let options = HeaderOptions {
            ignore_unmapped: true,
            sheet: title,
            is_export,
            ..HeaderOptions::default()
        };
        let resolved = resolve(header, schema, options);
        assert_eq!(resolved, resolve(header, schema, options));
        let Ok(resolved) = resolved else {
            continue;
        };
        let columns = &resolved.columns.columns;
        assert_eq!(columns.len(), header.cells.len(), "a header is lost");
        let mut places = Vec::new();
        for (column, cell) in columns.iter().zip(&header.cells) {
            assert_eq!(
                (column.column, column.header.as_str()),
                (cell.column, cell.text.as_str())
            );
            if let Some((key, slot)) = column.target.place() {
                assert!(schema.field(key.as_str()).is_some());
                places.push(format!("{key} {slot:?}"));
            }
        }
        let count = places.len();
        places.sort();
        places.dedup();
        assert_eq!(places.len(), count, "two columns of one place");
        let stored = serde_json::to_string(&resolved.columns).expect("columns are JSON");
        let read: Columns = serde_json::from_str(&stored).expect("columns are read back");
        assert_eq!(read, resolved.columns);
    }
}
