//! The cell rules as tables: the value in the workbook at the left, the text that ferry passes on at the right.

use super::*;

const NUMBER: CellKind = CellKind::Number;
const IMPRECISE: CellKind = CellKind::Imprecise;
const DATE: CellKind = CellKind::Date;
const TIME: CellKind = CellKind::Time;

#[test]
fn text_is_trimmed_at_its_ends_only() {
    let cases = [
        ("张三", Some("张三")),
        ("  张三  ", Some("张三")),
        ("\u{3000}张三\u{3000}", Some("张三")),
        ("\u{A0}138 0013 8000\u{A0}", Some("138 0013 8000")),
        ("\u{200B}a\u{FEFF}", Some("a")),
        ("\u{2060}\u{200D}\u{200C}a\u{200C}", Some("a")),
        ("\t a\tb \r\n", Some("a\tb")),
        ("a\u{200B}b", Some("a\u{200B}b")),
        ("张\u{3000}三", Some("张\u{3000}三")),
        ("👨\u{200D}👩\u{200D}👧", Some("👨\u{200D}👩\u{200D}👧")),
        ("a\r\nb", Some("a\nb")),
        ("a\rb\r\n\r\nc", Some("a\nb\n\nc")),
        ("007", Some("007")),
        ("=1+1", Some("=1+1")),
        ("1.38E+10", Some("1.38E+10")),
        ("", None),
        (" ", None),
        ("\u{3000}\u{A0}\u{200B}\r\n", None),
        ("x", Some("x")),
    ];
    for (raw, expected) in cases {
        assert_eq!(text(raw).as_deref(), expected, "{raw:?}");
    }
}

#[test]
fn numbers_show_what_excel_shows() {
    let cases = [
        (0.0, "0", NUMBER),
        (-0.0, "0", NUMBER),
        (1.0, "1", NUMBER),
        (-5.0, "-5", NUMBER),
        (13_800_138_000.0, "13800138000", NUMBER),
        (999_999_999_999_999.0, "999999999999999", NUMBER),
        (-999_999_999_999_999.0, "-999999999999999", NUMBER),
        (1e15, "1000000000000000", IMPRECISE),
        (-1e15, "-1000000000000000", IMPRECISE),
        (330_106_199_001_011_200.0, "330106199001011200", IMPRECISE),
        (1e20, "100000000000000000000", IMPRECISE),
        (0.1, "0.1", NUMBER),
        (0.1 + 0.2, "0.3", NUMBER),
        (1.1 * 3.0, "3.3", NUMBER),
        (-0.1 - 0.2, "-0.3", NUMBER),
        (1.0 / 3.0, "0.333333333333333", NUMBER),
        (2.0 / 3.0, "0.666666666666667", NUMBER),
        (100.0 / 3.0, "33.3333333333333", NUMBER),
        (1_234_567.891, "1234567.891", NUMBER),
        (123_456_789_012.345_67, "123456789012.346", NUMBER),
        (999_999_999_999.999_9, "1000000000000", NUMBER),
        (0.001, "0.001", NUMBER),
        (0.000_001_234, "0.000001234", NUMBER),
        (
            0.000_001_234_567_890_123_456,
            "0.00000123456789012346",
            NUMBER,
        ),
        (1.5e-10, "1.5E-10", NUMBER),
        (12.50, "12.5", NUMBER),
        (f64::NAN, "#NUM!", CellKind::Error),
        (f64::INFINITY, "#NUM!", CellKind::Error),
    ];
    for (value, expected, kind) in cases {
        assert_eq!(number(value), (expected.to_owned(), kind), "{value:?}");
    }
}

#[test]
fn serial_dates_of_both_systems() {
    let cases = [
        // value, duration, 1904, text, kind
        (45_610.0, false, false, "2024-11-14", DATE),
        (45_610.5, false, false, "2024-11-14 12:00:00", DATE),
        (
            45_610.729_166_666_664,
            false,
            false,
            "2024-11-14 17:30:00",
            DATE,
        ),
        (45_610.999_999_9, false, false, "2024-11-15", DATE),
        (
            45_610.999_988_425_9,
            false,
            false,
            "2024-11-14 23:59:59",
            DATE,
        ),
        (45_657.999_999_99, false, false, "2025-01-01", DATE),
        (1.0, false, false, "1900-01-01", DATE),
        (59.0, false, false, "1900-02-28", DATE),
        (60.0, false, false, "1900-02-29", DATE),
        (61.0, false, false, "1900-03-01", DATE),
        (366.0, false, false, "1900-12-31", DATE),
        (36_585.0, false, false, "2000-02-29", DATE),
        (2_958_465.0, false, false, "9999-12-31", DATE),
        (2_958_465.999_999_9, false, false, "2958465.9999999", NUMBER),
        (2_958_466.0, false, false, "2958466", NUMBER),
        (-1.0, false, false, "-1", NUMBER),
        (0.0, false, false, "00:00:00", TIME),
        (0.5, false, false, "12:00:00", TIME),
        (0.354_166_666_666_666_7, false, false, "08:30:00", TIME),
        (0.999_999_9, false, false, "00:00:00", TIME),
        (1.5, true, false, "36:00:00", TIME),
        (0.999_999_9, true, false, "24:00:00", TIME),
        (5.0, true, false, "120:00:00", TIME),
        (44_148.0, false, true, "2024-11-14", DATE),
        (44_148.25, false, true, "2024-11-14 06:00:00", DATE),
        (1.0, false, true, "1904-01-02", DATE),
        (2_957_003.0, false, true, "9999-12-31", DATE),
        (0.25, false, true, "06:00:00", TIME),
    ];
    for (value, is_duration, is_1904, expected, kind) in cases {
        assert_eq!(
            serial(value, is_duration, is_1904),
            (expected.to_owned(), kind),
            "{value} {is_duration} {is_1904}"
        );
    }
}

#[test]
fn the_date_system_is_read_off_the_value() {
    for (is_1904, expected) in [(false, "2020-11-13"), (true, "2024-11-14")] {
        let value = ExcelDateTime::new(44_148.0, ExcelDateTimeType::DateTime, is_1904);
        assert_eq!(date_time(value).0, expected);
    }
    let duration = ExcelDateTime::new(1.25, ExcelDateTimeType::TimeDelta, true);
    assert_eq!(date_time(duration), ("30:00:00".to_owned(), TIME));
}

#[test]
fn iso_dates_durations_and_the_rest() {
    let cases = [
        (Data::DateTimeIso("2024-11-14".into()), "2024-11-14", DATE),
        (
            Data::DateTimeIso("2024-11-14T00:00:00".into()),
            "2024-11-14",
            DATE,
        ),
        (
            Data::DateTimeIso("2024-11-14T08:30:00".into()),
            "2024-11-14 08:30:00",
            DATE,
        ),
        (
            Data::DateTimeIso("2024-11-14T08:30:00.000Z".into()),
            "2024-11-14 08:30:00",
            DATE,
        ),
        (
            Data::DateTimeIso("2024-12-31T23:59:59.9".into()),
            "2025-01-01",
            DATE,
        ),
        (Data::DateTimeIso("08:30:05".into()), "08:30:05", TIME),
        (Data::DateTimeIso("soon".into()), "soon", CellKind::Text),
        (Data::DurationIso("PT36H5M".into()), "36:05:00", TIME),
        (Data::Bool(true), "TRUE", CellKind::Bool),
        (Data::Bool(false), "FALSE", CellKind::Bool),
        (
            Data::Error(calamine::CellErrorType::NA),
            "#N/A",
            CellKind::Error,
        ),
        (
            Data::Error(calamine::CellErrorType::Div0),
            "#DIV/0!",
            CellKind::Error,
        ),
        (Data::String(" a ".into()), "a", CellKind::Text),
        (Data::String("=1+1".into()), "=1+1", CellKind::Text),
        (Data::Int(7), "7", NUMBER),
        (Data::Float(7.0), "7", NUMBER),
    ];
    for (data, expected, kind) in cases {
        assert_eq!(
            from_data(&data),
            Some((expected.to_owned(), kind)),
            "{data:?}"
        );
    }
    assert_eq!(from_data(&Data::Empty), None);
    assert_eq!(from_data(&Data::String("\u{3000}".into())), None);
}
