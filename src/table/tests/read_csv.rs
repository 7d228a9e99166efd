//! Reading CSV: encodings, delimiters, quotes, damage, and the row numbers that Excel shows.

use super::*;

fn write(content: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

fn rows_of(content: &[u8]) -> Result<Vec<String>, TableError> {
    let file = write(content);
    Ok(shown(&read_all(
        &Workbook::open(file.path(), &ReadOptions::default())?,
        0,
    )?))
}

#[test]
fn every_encoding_gives_the_same_rows() {
    let expected = [
        "1: A=客户名称 B=手机 C=录入日期 D=金额 E=备注",
        "2: A=杭州某某科技有限公司 B=013800138000 C=2024-11-14 D=0.3 E=第一行\n第二行",
        "4: A=张三 B=13900139000 C=2024-11-14 08:30:00 D=1200 E==1+1",
    ];
    let cases = [
        ("gb18030.csv", "GB18030", ','),
        ("utf8.csv", "UTF-8", ','),
        ("utf8bom.csv", "UTF-8", ','),
        ("utf16le.csv", "UTF-16LE", ','),
        ("utf16be.csv", "UTF-16BE", ','),
        ("utf16nobom.csv", "UTF-16LE", ','),
        ("excel_unicode.txt", "UTF-16LE", '\t'),
        ("sep.csv", "UTF-8", ';'),
    ];
    for (name, encoding, delimiter) in cases {
        let workbook = open(&fixture(name));
        assert_eq!(workbook.format(), Format::Csv);
        assert_eq!(
            workbook.sheets(),
            [SheetInfo {
                name: String::new(),
                hidden: false
            }]
        );
        let dialect = workbook.dialect().unwrap();
        assert_eq!(
            (dialect.encoding.as_str(), dialect.delimiter),
            (encoding, delimiter),
            "{name}"
        );
        assert_eq!(shown(&read_all(&workbook, 0).unwrap()), expected, "{name}");
        let again = Workbook::open(&fixture(name), &dialect.to_options()).unwrap();
        assert_eq!(again.dialect().unwrap(), dialect);
        assert_eq!(
            shown(&read_all(&again, 0).unwrap()),
            expected,
            "{name}, told"
        );
    }
}

#[test]
fn row_numbers_are_those_of_excel() {
    let cases: [(&str, &[&str]); 12] = [
        ("a,b\n1,2\n", &["1: A=a B=b", "2: A=1 B=2"]),
        ("\n\na,b\n\n\n1,2\n\n", &["3: A=a B=b", "6: A=1 B=2"]),
        ("\r\n\r\na,b\r\n\r\n1,2\r\n", &["3: A=a B=b", "5: A=1 B=2"]),
        ("a,b\r\r1,2\r", &["1: A=a B=b", "3: A=1 B=2"]),
        ("a,b\r\n\n\r1,2", &["1: A=a B=b", "4: A=1 B=2"]),
        (
            "a,b\n\"x\n\ny\",2\n3,4\n",
            &["1: A=a B=b", "2: A=x\n\ny B=2", "3: A=3 B=4"],
        ),
        (
            "a,b\r\n\"x\r\n\r\n\r\ny\",2\r\n\r\n3,4",
            &["1: A=a B=b", "2: A=x\n\n\ny B=2", "4: A=3 B=4"],
        ),
        ("a,b\n , \n\u{3000},\n3,4\n", &["1: A=a B=b", "4: A=3 B=4"]),
        ("a,b\n,,\n\"\",\"\"\n3,4\n", &["1: A=a B=b", "4: A=3 B=4"]),
        ("a,b\n\"\"\n\"\n\"\n3,4\n", &["1: A=a B=b", "4: A=3 B=4"]),
        ("sep=;\n\na;b\n1;2\n", &["2: A=a B=b", "3: A=1 B=2"]),
        (
            "a,\"b \"\"q\"\"\"\nxy,5\" pipe\n",
            &["1: A=a B=b \"q\"", "2: A=xy B=5\" pipe"],
        ),
    ];
    for (content, expected) in cases {
        assert_eq!(
            rows_of(content.as_bytes()).unwrap(),
            expected,
            "{content:?}"
        );
    }
}

#[test]
fn every_record_tells_its_width() {
    let file = write(b"a,b,c\n1\n1,2,3,4\n");
    let widths: Vec<_> = read_all(&open(file.path()), 0)
        .unwrap()
        .iter()
        .map(|row| row.ragged)
        .collect();
    assert_eq!(widths, [Some(3), Some(1), Some(4)]);
}

#[test]
fn the_guard_is_taken_off() {
    let content = "a,b,c,d,e\n'=1+1,'@x,''=x,'quoted',\"'-\nx\"\n";
    assert_eq!(
        rows_of(content.as_bytes()).unwrap()[1],
        "2: A==1+1 B=@x C='=x D='quoted' E=-\nx"
    );
}

#[test]
fn damaged_text_names_its_row() {
    let utf8 = "客户,手机\n张三,1\n\n李四,2\n";
    let mut broken = utf8.as_bytes().to_vec();
    let at = utf8.find("李").unwrap();
    broken[at] = 0xFF;
    let cases: [(Vec<u8>, &str); 7] = [
        (broken, "row 4: bytes that are not UTF-8"),
        (b"a,b\n1,2\n3,\0x\n".to_vec(), "row 3: nul-byte"),
        (b"a,b\n1,\"2\n3,4\n5,6\n".to_vec(), "row 2: open-quote"),
        (b"a,b\n1,2\n\"".to_vec(), "row 3: open-quote"),
        (b"a,b\n1,2\n3,\"x".to_vec(), "row 3: open-quote"),
        (b"a,b\n1,\"x\n\n\n".to_vec(), "row 2: open-quote"),
        (
            "客户,手机\n张三,1\n李四".as_bytes()[..28].to_vec(),
            "row 3: bytes that are not UTF-8",
        ),
    ];
    for (content, expected) in cases {
        let error = rows_of(&content).unwrap_err().to_string();
        assert!(
            error.contains(expected),
            "{error:?} for {:?}",
            String::from_utf8_lossy(&content)
        );
    }
}

#[test]
fn rows_before_the_damage_are_given() {
    let file = write(b"a,b\n1,2\n3,\0\n");
    let mut reader = open(file.path()).rows(0, 7).unwrap();
    assert_eq!(
        reader.read_row().unwrap().unwrap().number,
        crate::model::RowNumber { sheet: 7, row: 1 }
    );
    assert!(reader.read_row().unwrap().is_some());
    assert!(matches!(
        reader.read_row(),
        Err(TableError::Csv { row: 3, .. })
    ));
    assert_eq!(reader.read_row().unwrap(), None);
}

#[test]
fn nothing_to_read_has_its_own_errors() {
    for content in [&b""[..], b"\xEF\xBB\xBF", b"\n \r\n\t", b"\xFF\xFE"] {
        assert!(
            matches!(rows_of(content), Err(TableError::Empty { .. })),
            "{content:?}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        open_error(folder.path()),
        TableError::IsDirectory { .. }
    ));
    assert!(matches!(
        open_error(&folder.path().join("none.csv")),
        TableError::NotFound { .. }
    ));
    let file = write(b"a,b\n");
    assert!(matches!(
        open(file.path()).rows(1, 0),
        Err(TableError::SheetMissing { sheet: 1, .. })
    ));
    let options = ReadOptions {
        encoding: Some("klingon".to_owned()),
        ..ReadOptions::default()
    };
    assert!(matches!(
        Workbook::open(file.path(), &options),
        Err(TableError::UnknownEncoding { .. })
    ));
    let options = ReadOptions {
        delimiter: Some(b'"'),
        ..ReadOptions::default()
    };
    assert!(matches!(
        Workbook::open(file.path(), &options),
        Err(TableError::BadDelimiter { .. })
    ));
}

#[test]
fn options_override_what_is_found() {
    let file = write("a;b,c\n".as_bytes());
    let options = ReadOptions {
        delimiter: Some(b';'),
        ..ReadOptions::default()
    };
    let rows = read_all(&Workbook::open(file.path(), &options).unwrap(), 0).unwrap();
    assert_eq!(shown(&rows), ["1: A=a B=b,c"]);
    let file = write(&encoding_rs::BIG5.encode("姓名").0);
    let options = ReadOptions {
        encoding: Some("big5".to_owned()),
        ..ReadOptions::default()
    };
    let rows = read_all(&Workbook::open(file.path(), &options).unwrap(), 0).unwrap();
    assert_eq!(shown(&rows), ["1: A=姓名"]);
}

#[test]
fn names_past_the_sample_and_long_cells_survive() {
    let long = "长".repeat(340_000);
    let mut text = "name,note\n".to_owned();
    text.push_str(&"plain,ascii\n".repeat(50_000));
    text.extend(["张三,\"", &long, "\"\n"]);
    for bytes in [
        text.as_bytes().to_vec(),
        encoding_rs::GB18030.encode(&text).0.into_owned(),
    ] {
        let file = write(&bytes);
        let rows = read_all(&open(file.path()), 0).unwrap();
        let last = rows.last().unwrap();
        assert_eq!(last.number.row, 50_002);
        assert_eq!(last.cells[0].text, "张三");
        assert!(last.cells[1].text == long);
    }
}
