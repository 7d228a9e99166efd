//! A mapping as a workbook: the sheets 字段对应, 选项对照, 负责人对照, and where needed 固定值 and 设置.
//!
//! The workbook means the same as the TOML file, key by key, in either language (`words`). An error names the cell.
//! Columns that only explain (示例, 把握, 说明, 行数) are written (`to_book`) and never read.

use std::collections::BTreeMap;

use super::file::Mapping;
use super::form::{ColumnForm, HeaderRows, MappingForm, UNDECIDED, suggested};
use super::lookup::is_owner_id;
use super::places::{KeyPlaces, Place, nearest};
use super::words::{self, WordTable, Wording, key_of, word_of, wording_of};
use crate::model::{Code, Problem, Row, column_letters};

/// Returns whether a column of 字段对应, by its key, is one that few people need.
pub fn is_expert(key: &str) -> bool {
    words::EXPERT.contains(&key)
}

/// Returns the title of a sheet of the workbook by the table of the TOML file that it stands for.
pub fn sheet_title(key: &str, wording: Wording) -> &'static str {
    word_of(words::SHEETS, key, wording)
}

/// Returns the words that a column of 字段对应 takes, by its key; none where it takes any text.
pub fn column_words(key: &str, wording: Wording) -> Vec<&'static str> {
    match key {
        "ignore" | "key" => vec![words::on(wording)],
        key => words::words_for(key, wording),
    }
}

/// Returns the word in a workbook for a meaning that is empty.
pub fn blank_meaning(wording: Wording) -> &'static str {
    words::blank(wording)
}

/// Returns whether sheets of these titles are a mapping: one says what each column is, another holds the settings, and
/// both are in one language.
pub fn is_mapping_book(titles: &[&str]) -> bool {
    [Wording::Chinese, Wording::English]
        .into_iter()
        .any(|wording| {
            let has = |key| titles.contains(&sheet_title(key, wording));
            has("columns") && has("settings")
        })
}

/// Reads the sheets of a mapping workbook, each with its rows from the header on; `file` names the workbook in
/// messages.
pub fn parse_book(file: &str, sheets: &[(String, Vec<Row>)]) -> Result<Mapping, Vec<Problem>> {
    let mut reader = BookReader {
        places: KeyPlaces::new(file),
        problems: Vec::new(),
        form: MappingForm::default(),
        wording: Wording::Chinese,
    };
    let known = sheets.iter().filter_map(|(title, rows)| {
        let key = key_of(words::SHEETS, title)?;
        Some((key, title.as_str(), rows.as_slice()))
    });
    let mut known: Vec<_> = known.collect();
    // The sheet of columns is read first, because the sheet of choices names columns.
    known.sort_by_key(|(key, ..)| *key != "columns");
    if known.is_empty() {
        let problem = reader.places.problem_of(Code::MappingSyntax, &[]);
        return Err(vec![problem.with("detail", "字段对应 / Columns?")]);
    }
    let mut names = EntryNames::default();
    for (key, title, rows) in known {
        reader.wording = wording_of(words::SHEETS, title);
        match key {
            "columns" => names = reader.read_columns(title, rows),
            "choices" => reader.read_choices(title, rows, &names),
            "owner_ids" => reader.read_pairs(title, rows, words::OWNERS, key),
            "constants" => reader.read_pairs(title, rows, words::CONSTANTS, key),
            _ => reader.read_settings(title, rows),
        }
    }
    if reader.problems.is_empty() {
        Ok(Mapping::new(reader.form, reader.places))
    } else {
        Err(reader.problems)
    }
}

struct BookReader {
    places: KeyPlaces,
    problems: Vec<Problem>,
    form: MappingForm,
    /// The language of the sheet that is read, for messages.
    wording: Wording,
}

/// The entries of the mapping by the letters and by the header of their columns.
#[derive(Default)]
struct EntryNames {
    letters: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
}

impl EntryNames {
    fn add(&mut self, letters: &str, header: &str, name: &str) {
        if !letters.is_empty() {
            self.letters.insert(letters.to_uppercase(), name.to_owned());
        }
        if !header.is_empty() {
            self.headers.insert(header.to_owned(), name.to_owned());
        }
    }

    /// Returns the entry that a row of 选项对照 is about. A header counts in any case where no other has this one.
    fn entry_of(&self, row: &Keyed) -> Option<&String> {
        let text = |key| row.get(key).map(|(text, _)| text.as_str());
        let by_letters = text("letters").and_then(|text| self.letters.get(&text.to_uppercase()));
        by_letters.or_else(|| {
            let header = text("header")?;
            let mut others = self.headers.iter();
            self.headers.get(header).or_else(|| {
                let wanted = header.to_uppercase();
                let found = others.find(|(other, _)| other.to_uppercase() == wanted);
                found.map(|(_, name)| name)
            })
        })
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.letters.values().chain(self.headers.values());
        names.map(String::as_str)
    }
}

/// A row of a sheet by the keys of its columns: each text with its place.
type Keyed = BTreeMap<&'static str, (String, Place)>;

impl BookReader {
    /// Returns the rows below the header, by the keys of the columns.
    fn keyed(&mut self, title: &str, rows: &[Row], table: WordTable) -> Vec<Keyed> {
        let Some((header, below)) = rows.split_first() else {
            return Vec::new();
        };
        let place = |column: u32, row: u32| Place::Cell {
            sheet: title.to_owned(),
            address: format!("{}{row}", column_letters(column)),
        };
        let mut keys: BTreeMap<u32, &'static str> = BTreeMap::new();
        for cell in &header.cells {
            if let Some(key) = key_of(table, &cell.text) {
                keys.insert(cell.column, key);
            } else {
                let names = words::all(table, self.wording);
                let at = place(cell.column, header.number.row);
                let problem = self
                    .places
                    .problem_at(Code::MappingUnknownKey, Some(&at))
                    .with("value", &cell.text)
                    .with("choices", names.join(", "))
                    .with("nearest", nearest(&cell.text, names).join(", "));
                self.problems.push(problem);
            }
        }
        let mut keyed = Vec::new();
        for row in below {
            let mut texts = Keyed::new();
            for cell in &row.cells {
                let Some(key) = keys.get(&cell.column) else {
                    continue;
                };
                let at = place(cell.column, row.number.row);
                if cell.kind.is_damaged() {
                    let text_format = self.wording.pick("文本格式", "the format Text");
                    self.bad(&at, key, &cell.text, text_format);
                }
                texts.insert(key, (cell.text.trim().to_owned(), at));
            }
            if !texts.is_empty() {
                keyed.push(texts);
            }
        }
        keyed
    }

    fn bad(&mut self, at: &Place, key: &str, value: &str, expected: &str) {
        let problem = self
            .places
            .problem_at(Code::MappingBadValue, Some(at))
            .with("key", key)
            .with("value", value)
            .with("expected", expected);
        self.problems.push(problem);
    }

    /// Reads 字段对应. Returns the names of the mapping's entries.
    fn read_columns(&mut self, title: &str, rows: &[Row]) -> EntryNames {
        let keyed = self.keyed(title, rows, words::COLUMNS);
        let text = |row: &Keyed, key: &str| {
            row.get(key)
                .map_or_else(String::new, |(text, _)| text.clone())
        };
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in &keyed {
            *counts.entry(text(row, "header")).or_default() += 1;
        }
        let mut names = EntryNames::default();
        for row in &keyed {
            let (letters, header) = (text(row, "letters"), text(row, "header"));
            let is_one = counts.get(&header) == Some(&1);
            let name = match (letters.as_str(), header.as_str()) {
                (_, header) if !header.is_empty() && is_one => header.to_owned(),
                ("", "") => continue,
                ("", header) => header.to_owned(),
                (letters, _) => format!("@{}", letters.to_uppercase()),
            };
            names.add(&letters, &header, &name);
            let form = self.read_column(&name, row);
            if let Some((_, at)) = row.get("header").or_else(|| row.get("letters")) {
                if self.form.columns.contains_key(&name) {
                    let header = word_of(words::COLUMNS, "header", self.wording);
                    self.bad(at, header, &name, "1");
                }
                self.places.set(&["columns", &name], at.clone());
            }
            self.form.columns.insert(name, form);
        }
        names
    }

    fn read_column(&mut self, name: &str, row: &Keyed) -> ColumnForm {
        let mut form = ColumnForm::default();
        for (&key, (text, at)) in row {
            self.places.set(&["columns", name, key], at.clone());
            let owned = || Some(text.clone());
            match key {
                "field" => form.field = owned(),
                "doubt" => form.doubt = owned(),
                "default" => form.default = owned(),
                "format" => form.format = owned(),
                "lookup" => form.lookup = owned(),
                "blank" => form.blank = words::list_of(text),
                "split" => form.split = words::separators_of(text),
                "ignore" => form.ignore = self.switch(key, text, at),
                "key" => form.key = self.switch(key, text, at),
                "transform" => form.transform = self.transforms(text, at),
                "decimal" => form.decimal = self.word(key, text, at),
                "overwrite" => form.overwrite = self.word(key, text, at),
                "list" => form.list = self.word(key, text, at),
                "send" => form.send = self.word(key, text, at),
                "shape" => form.shape = self.word(key, text, at),
                "kind" => form.kind = self.word(key, text, at),
                _ => {}
            }
        }
        form
    }

    fn switch(&mut self, key: &str, text: &str, at: &Place) -> bool {
        words::switch_of(text).unwrap_or_else(|| {
            let column = word_of(words::COLUMNS, key, self.wording);
            self.bad(at, column, text, words::switch_words(self.wording));
            false
        })
    }

    fn transforms(&mut self, text: &str, at: &Place) -> Vec<super::Transform> {
        let mut transforms = Vec::new();
        for word in words::changes_of(text) {
            match words::transform_of(&word) {
                Some(transform) => transforms.push(transform),
                None => self.bad(
                    at,
                    word_of(words::COLUMNS, "transform", self.wording),
                    &word,
                    words::transform_words(self.wording),
                ),
            }
        }
        transforms
    }

    /// Reads one of a few words into the type that TOML reads it into.
    fn word<T: serde::de::DeserializeOwned>(
        &mut self,
        key: &str,
        text: &str,
        at: &Place,
    ) -> Option<T> {
        let value = words::value_of(key, text)
            .and_then(|value| serde_json::from_value(serde_json::Value::from(value)).ok());
        if value.is_none() {
            let expected = words::words_for(key, self.wording).join(", ");
            let column = word_of(words::COLUMNS, key, self.wording);
            self.bad(at, column, text, &expected);
        }
        value
    }

    /// Reads 选项对照.
    fn read_choices(&mut self, title: &str, rows: &[Row], names: &EntryNames) {
        for row in self.keyed(title, rows, words::CHOICES) {
            let Some((word, at)) = row.get("word").cloned() else {
                continue;
            };
            let Some(name) = names.entry_of(&row).cloned() else {
                let (header, at) = row
                    .get("header")
                    .or_else(|| row.get("letters"))
                    .cloned()
                    .unwrap_or((String::new(), at));
                let near = nearest(&header, names.names()).join(", ");
                let problem = self
                    .places
                    .problem_at(Code::MappingNoSuchHeader, Some(&at))
                    .with("value", header)
                    .with("nearest", near);
                self.problems.push(problem);
                continue;
            };
            let (meaning, at) = meaning_of(&row, at);
            self.places.set(&["columns", &name, "choices", &word], at);
            let column = self.form.columns.entry(name).or_default();
            column.choices.insert(word, meaning);
        }
    }

    /// Reads a sheet of words and their meanings: 负责人对照 or 固定值.
    fn read_pairs(&mut self, title: &str, rows: &[Row], table: WordTable, key: &str) {
        for row in self.keyed(title, rows, table) {
            let Some((word, at)) = row.get("word").cloned() else {
                continue;
            };
            let (mut meaning, at) = meaning_of(&row, at);
            if key == "owner_ids" {
                let id = owner_id_of(&meaning).len();
                meaning.truncate(id);
            }
            self.places.set(&[key, &word], at);
            let pairs = if key == "constants" {
                &mut self.form.constants
            } else {
                &mut self.form.owner_ids
            };
            pairs.insert(word, meaning);
        }
    }

    /// Reads 设置.
    fn read_settings(&mut self, title: &str, rows: &[Row]) {
        for row in self.keyed(title, rows, words::SETTINGS) {
            let (Some((word, word_at)), Some((text, at))) = (row.get("word"), row.get("meaning"))
            else {
                continue;
            };
            let Some(key) = key_of(words::SETTING_ROWS, word) else {
                let known = words::all(words::SETTING_ROWS, self.wording);
                let problem = self
                    .places
                    .problem_at(Code::MappingUnknownKey, Some(word_at))
                    .with("value", word)
                    .with("choices", known.join(", "))
                    .with("nearest", nearest(word, known).join(", "));
                self.problems.push(problem);
                continue;
            };
            self.places.set(&[key], at.clone());
            match key {
                "sheet" => self.form.sheet = Some(text.clone()),
                "owners" => self.form.owners = Some(text.clone()),
                "blank" => self.form.blank = words::list_of(text),
                "merge_rows" => self.form.merge_rows = words::list_of(text),
                "ignore_unmapped" => match words::switch_of(text) {
                    Some(switch) => self.form.ignore_unmapped = switch,
                    None => self.bad(at, word, text, words::switch_words(self.wording)),
                },
                _ => match HeaderRows::parse(text) {
                    Some(rows) => self.form.header_row = Some(rows),
                    None => self.bad(at, word, text, "3, 3-4"),
                },
            }
        }
    }
}

/// Returns the id of an owner as the drop-down writes it, `8310 张三`; any other text as it is.
fn owner_id_of(text: &str) -> &str {
    match text.split_once(char::is_whitespace) {
        Some((id, _)) if is_owner_id(id) => id,
        _ => text,
    }
}

/// Returns the meaning of a word and its place. An empty cell is undecided, and so is a suggestion with a doubt; 空白
/// means nothing.
fn meaning_of(row: &Keyed, otherwise: Place) -> (String, Place) {
    let doubt = row.get("doubt").filter(|(text, _)| !text.is_empty());
    if let Some((_, at)) = doubt {
        let meaning = row.get("meaning").map_or("", |(text, _)| text.as_str());
        let undecided = match meaning {
            "" | UNDECIDED => UNDECIDED.to_owned(),
            blank if words::is_blank(blank) => UNDECIDED.to_owned(),
            meaning => suggested(meaning),
        };
        return (undecided, at.clone());
    }
    match row.get("meaning") {
        None => (UNDECIDED.to_owned(), otherwise),
        Some((text, at)) if words::is_blank(text) => (String::new(), at.clone()),
        Some((text, at)) => (text.clone(), at.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::to_book::{BookSheet, WordNotes, to_book};
    use super::*;
    use crate::mapping::parse_toml;

    /// Reads the sheets as a spreadsheet would give them back.
    fn read_back(sheets: &[BookSheet]) -> Vec<(String, Vec<Row>)> {
        let row = |number: usize, texts: &mut dyn Iterator<Item = &str>| {
            Row::of_texts(number as u32, texts)
        };
        sheets
            .iter()
            .map(|sheet| {
                let mut rows = vec![row(1, &mut sheet.headers.iter().copied())];
                for (position, cells) in sheet.rows.iter().enumerate() {
                    rows.push(row(position + 2, &mut cells.iter().map(String::as_str)));
                }
                (sheet.title.to_owned(), rows)
            })
            .collect()
    }

    const EVERYTHING: &str = r#"
sheet = "三月"
header_row = "3-4"
ignore_unmapped = true
blank = ["不详", "未知"]
owners = "owners.xlsx"
merge_rows = ["客户编号"]
[constants]
"创建方式" = "名单 {sheet}"
[owner_ids]
"张三" = "8310"
"李四" = "?"
"王五" = ""
[columns."电话"]
field = "手机"
default = "95588"
split = [" ", "|", "\n"]
transform = ["trim", "upper", "lower", "digits", "nfkc", { replace = ["-", ""] }]
blank = ["没有"]
overwrite = "if_blank"
list = "replace"
key = true
doubt = "座机?"
[columns."渠道"]
field = "客户来源"
choices = { "百度推广" = "百度", "不清楚" = "", "其它" = "?", "谷歌推广" = "? 谷歌" }
send = "key"
shape = "scalar"
kind = "multi-choice"
[columns."日期"]
format = "yyyy年M月d日"
decimal = ","
lookup = "days.csv"
[columns."序号"]
ignore = true
[columns."@H"]
field = "客户编号"
"#;

    #[test]
    fn a_workbook_means_what_the_text_means() {
        let text = parse_toml("m.toml", EVERYTHING).expect("a good mapping");
        for wording in [Wording::Chinese, Wording::English] {
            let sheets = to_book(&text.form, &[], &WordNotes::new(), "!", wording);
            let book = parse_book("m.xlsx", &read_back(&sheets)).expect("a good workbook");
            assert_eq!(book.form, text.form, "{wording:?}");
        }
        // The example has every key.
        let json = serde_json::to_value(&text.form).expect("JSON");
        let mut keys: Vec<&str> = json["columns"]
            .as_object()
            .expect("columns")
            .values()
            .flat_map(|column| column.as_object().expect("a column").keys())
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys, super::super::form::COLUMN_KEYS);
        assert_eq!(
            json.as_object().map(serde_json::Map::len),
            Some(super::super::form::TOP_KEYS.len())
        );
    }

    #[test]
    fn words_stay_with_their_column_and_doubts_with_their_value() {
        let text = r#"
[columns."@A"]
choices = { "x" = "1" }
[columns."A"]
choices = { "x" = "2" }
[columns."abc"]
choices = { "x" = "3" }
[columns."ABC"]
choices = { "x" = "4" }
[constants]
"创建方式" = "? 外呼"
"#;
        let text = parse_toml("m.toml", text).expect("a good mapping");
        let sheets = to_book(&text.form, &[], &WordNotes::new(), "!", Wording::Chinese);
        let book = parse_book("m.xlsx", &read_back(&sheets)).expect("a good workbook");
        assert_eq!(book.form, text.form);
    }

    #[test]
    fn errors_name_the_cell() {
        let good = parse_toml("m.toml", EVERYTHING).expect("a good mapping");
        let sheets = to_book(&good.form, &[], &WordNotes::new(), "!", Wording::Chinese);
        // Sheet, row, column, the text that somebody writes, the code, the address of the cell.
        for (sheet, row, header, written, code, address) in [
            (0, 0, "忽略", "也许", Code::MappingBadValue, "字段对应!E2"),
            (0, 0, "覆盖", "有时", Code::MappingBadValue, "字段对应!Q2"),
            (0, 0, "转换", "倒写", Code::MappingBadValue, "字段对应!N2"),
            (
                1,
                0,
                "表头",
                "渠到",
                Code::MappingNoSuchHeader,
                "选项对照!B2",
            ),
            (4, 1, "值", "四", Code::MappingBadValue, "设置!B3"),
            (4, 1, "设置", "表头", Code::MappingUnknownKey, "设置!A3"),
        ] {
            let mut changed = sheets.clone();
            let column = changed[sheet]
                .headers
                .iter()
                .position(|known| *known == header)
                .expect("a column");
            written.clone_into(&mut changed[sheet].rows[row][column]);
            let problems = parse_book("m.xlsx", &read_back(&changed)).expect_err("it is wrong");
            assert_eq!(
                (problems[0].code, problems[0].fact("place")),
                (code, format!("m.xlsx {address}").as_str()),
                "{written}"
            );
        }
        let mut renamed = sheets;
        renamed[0].headers[3] = "栏位";
        let problems = parse_book("m.xlsx", &read_back(&renamed)).expect_err("it is wrong");
        assert_eq!(problems[0].code, Code::MappingUnknownKey);
        assert_eq!(problems[0].fact("place"), "m.xlsx 字段对应!D1");
    }

    #[test]
    fn a_suggestion_is_undecided_until_its_doubt_is_deleted() {
        let text = "[columns.\"渠道\"]\nchoices = { \"百度推广\" = \"? 百度\" }\n[owner_ids]\n\"张三\" = \"?\"";
        let mapping = parse_toml("m.toml", text).expect("good");
        let mut sheets = to_book(&mapping.form, &[], &WordNotes::new(), "!", Wording::Chinese);
        assert_eq!(sheets[1].rows[0][3..5], ["百度", "!"]);
        let book = parse_book("m.xlsx", &read_back(&sheets)).expect("the form is right");
        let faults = book.faults();
        let mut places: Vec<&str> = faults.iter().map(|fault| fault.fact("place")).collect();
        places.sort_unstable();
        assert_eq!(places, ["m.xlsx 负责人对照!B2", "m.xlsx 选项对照!E2"]);
        sheets[1].rows[0][4].clear();
        // As the drop-down writes it.
        sheets[2].rows[0][1] = "8310 张三".to_owned();
        let book = parse_book("m.xlsx", &read_back(&sheets)).expect("the form is right");
        assert!(book.faults().is_empty());
        assert_eq!(book.form.columns["渠道"].choices["百度推广"], "百度");
        assert_eq!(book.form.owner_ids["张三"], "8310");
    }

    #[test]
    fn a_field_beside_ignore_is_a_contradiction() {
        let mapping = parse_toml(
            "m.toml",
            "[columns.\"a\"]\nfield = \"手机\"\nignore = true\n",
        );
        let faults = mapping.expect("good").faults();
        assert_eq!(faults[0].code, Code::MappingIgnoredField);
        assert_eq!(faults[0].fact("place"), "m.toml:3:10");
    }

    #[test]
    fn what_is_left_empty_is_undecided() {
        let mapping = parse_toml("m.toml", "[owner_ids]\n\"张三\" = \"8310\"").expect("good");
        let mut sheets = to_book(&mapping.form, &[], &WordNotes::new(), "!", Wording::Chinese);
        sheets[2].rows[0][1].clear();
        let book = parse_book("m.xlsx", &read_back(&sheets)).expect("the form is right");
        let faults = book.faults();
        assert_eq!(faults[0].code, Code::MappingUndecided);
        assert_eq!(faults[0].fact("place"), "m.xlsx 负责人对照!A2");
    }
}
