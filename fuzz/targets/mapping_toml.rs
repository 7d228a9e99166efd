//! A mapping file: it is judged without a fault of ours, and what is written of it means the same.

#![no_main]

use crm_ferry::mapping::{HeaderOptions, parse_toml, resolve, to_toml};
use crm_ferry_fuzz::{fields, sheets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let mapping = match parse_toml("m.toml", &text) {
        Ok(mapping) => mapping,
        Err(problems) => {
            assert!(!problems.is_empty());
            assert_eq!(parse_toml("m.toml", &text), Err(problems));
            return;
        }
    };
    let written = to_toml(
        &mapping.form,
        &["head".to_owned()],
        &[],
        &Default::default(),
    );
    match parse_toml("m.toml", &written) {
        Ok(read) => assert_eq!(read.form, mapping.form, "{written}"),
        Err(problems) => panic!("{problems:?}\n{written}"),
    }
    mapping.faults();
    let headers: Vec<String> = mapping.form.columns.keys().cloned().collect();
    mapping.unused(&headers);
    let Ok(schema) = mapping.schema(&fields::schema()) else {
        return;
    };
    let line = format!("S\n{}", headers.join("\t"));
    for (title, rows) in sheets::sheets(&line) {
        for row in &rows {
            let options = HeaderOptions {
                ignore_unmapped: true,
                mapping: Some(&mapping),
                sheet: &title,
                ..HeaderOptions::default()
            };
            let resolved = resolve(row, &schema, options);
            assert_eq!(resolved, resolve(row, &schema, options));
        }
    }
});
