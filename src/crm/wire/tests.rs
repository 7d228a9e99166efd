//! Requests and replies in JSON, by example.

use super::*;
use crate::model::{Entry, FieldKey};

fn id(text: &str) -> CustomerId {
    CustomerId::parse(text).unwrap()
}

fn record() -> Record {
    let entry = |value: &str, memo: Option<&str>| Entry {
        value: value.into(),
        memo: memo.map(str::to_owned),
        ..Entry::default()
    };
    let mut record = Record::default();
    record.push(
        FieldKey::new("customerName"),
        Value::Text("甲\"乙\n\u{1}".into()),
    );
    record.push(
        FieldKey::new("mobile"),
        Value::Entries(vec![
            entry("1", Some("家")),
            entry("", Some("lost")),
            entry("2", None),
        ]),
    );
    record.push(
        FieldKey::new("customerSource"),
        Value::List(vec!["试用申请".into(), "b".into()]),
    );
    record.push(FieldKey::new("owner"), Value::ClearText);
    record.push(FieldKey::new("qq"), Value::ClearList);
    record
}

#[test]
fn a_byte_order_mark_before_a_reply_is_no_part_of_it() {
    let reply = "\u{feff}{\"success\":true,\"code\":\"200\",\"data\":{\"_id\":\"7\"}}";
    let envelope = Envelope::parse(reply.as_bytes()).unwrap();
    assert!(envelope.says_yes());
    assert_eq!(customer(envelope.data, None).unwrap().id, id("7"));
    assert!(Envelope::parse(b"\xef\xbb\xbf").is_none());
}

#[test]
fn requests_have_the_contracts_form() {
    let fields = r#""customerName":"甲\"乙\n\u0001","mobile":[{"value":"1","memo":"家"},{"value":"2"}],"customerSource":["试用申请","b"],"owner":"","qq":[]"#;
    let body = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let clear = ClearSend::default();
    assert_eq!(body(add_body(&record(), clear)), format!("{{{fields}}}"));
    assert_eq!(
        body(update_body(&id("685775343058800640"), &record(), clear)),
        format!(r#"{{"_id":"685775343058800640",{fields}}}"#)
    );
    let null = ClearSend {
        text: Empty::Null,
        list: Empty::Null,
    };
    assert!(body(add_body(&record(), null)).ends_with(r#""owner":null,"qq":null}"#));
    assert_eq!(body(delete_body(&id("7"))), r#"{"id":"7"}"#);
    let mut query = Query {
        page: 2,
        limit: 100,
        condition: None,
    };
    assert_eq!(body(list_body(&query)), r#"{"page":2,"limit":100}"#);
    query.condition = Some(Condition::Equals {
        field: "mobile".into(),
        value: "1\"".into(),
    });
    assert_eq!(
        body(list_body(&query)),
        r#"{"page":2,"limit":100,"search":[{"field":"mobile","operator":"eq","value":["1\""]}]}"#
    );
    query.condition = Some(Condition::Empty { field: "qq".into() });
    assert!(body(list_body(&query)).contains(r#""operator":"empty","value":[]}]"#));
    assert_eq!(body(add_body(&Record::default(), clear)), "{}");
}

#[test]
fn envelopes_are_read_leniently() {
    for (text, yes, no) in [
        (r#"{"success":true,"code":"200"}"#, true, false),
        (r#"{"success":"true","code":200,"data":null}"#, true, false),
        (r#"{"success":false,"code":"200"}"#, false, true),
        (r#"{"success":true,"code":500,"message":null}"#, false, true),
        (r#"{"success":true,"code":null}"#, false, false),
        (r#"{"code":"200"}"#, false, false),
    ] {
        let envelope = Envelope::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (envelope.says_yes(), envelope.says_no()),
            (yes, no),
            "{text}"
        );
    }
    for text in [
        "",
        "<html>",
        "[]",
        r#"{"status":500,"error":"x","message":"y"}"#,
        r#"{"success":true,"code":"20"#,
    ] {
        assert_eq!(Envelope::parse(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn ids_keep_every_digit() {
    let read = |text: &str| customer(serde_json::from_str(text).unwrap(), None);
    for text in [
        r#"{"_id":"9223372036854775809","n":12345678901234567890123}"#,
        r#"{"_id":9223372036854775809,"n":12345678901234567890123}"#,
    ] {
        let customer = read(text).unwrap();
        assert_eq!(customer.id, id("9223372036854775809"));
        assert_eq!(customer.fields["n"].to_string(), "12345678901234567890123");
    }
    for text in [
        r#"{"_id":6.85775343058800640e17}"#,
        r#"{"_id":685775343058800640.0}"#,
        r#"{"_id":-1}"#,
        r#"{"_id":[]}"#,
        r#"{"_id":null}"#,
        r#"{"customerName":"x"}"#,
        "[]",
        "null",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    let asked = customer(Json::Null, Some(&id("5"))).unwrap();
    assert_eq!((asked.id, asked.fields.len()), (id("5"), 0));
}

#[test]
fn a_page_without_its_parts_is_an_error() {
    let query = Query {
        page: 3,
        limit: 2,
        condition: None,
    };
    let read = |text: &str| {
        let page = page(serde_json::from_str(text).unwrap(), &query);
        page.map(|page| (page.customers.len(), page.count))
    };
    let two = r#""list":[{"_id":"1"},{"_id":2}]"#;
    assert_eq!(read(&format!(r#"{{{two},"count":"20"}}"#)), Ok((2, 20)));
    assert_eq!(read(r#"{"list":[{"_id":"1"}]}"#), Ok((1, 5)));
    assert_eq!(read(r#"{"list":null,"count":0}"#), Ok((0, 0)));
    assert!(read(&format!("{{{two}}}")).is_err());
    for text in [
        "null",
        "[]",
        "{}",
        r#"{"list":null,"count":3}"#,
        r#"{"list":[{"customerName":"x"}],"count":1}"#,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn field_lists_are_read_leniently_and_survive_a_file() {
    let text = r#"{"success":true,"code":"200","data":[
        {"field":"text_1","param":"text_p","name":"详细地址","type":"text","status":1,"searchable":false,
         "choices":null,"options":null,"scenes":null,"sort":42,"isSystem":false,"required":false},
        {"field":"level","param":null,"name":null,"type":"select","status":"0","sort":"7","required":"true",
         "choices":[{"key":1,"value":"甲","isDefault":true},{"key":"2","value":"乙"}]},
        {"field":"area","status":-1,"isSystem":true,
         "options":{"level":2,"fillLevel":"2","children":[{"key":"zj","value":"浙江","children":[
            {"key":"hz","value":"杭州","children":null}]}]}}]}"#;
    let fields = fields_from_json(text).unwrap();
    let seen: Vec<_> = fields
        .iter()
        .map(|field| {
            (
                field.key.as_str(),
                field.status,
                field.sort,
                field.searchable,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("text_p", FieldStatus::Enabled, 42, Some(false)),
            ("level", FieldStatus::Disabled, 7, None),
            ("area", FieldStatus::Deleted, 0, None)
        ]
    );
    assert_eq!(fields[1].choices[0].key, "1");
    assert!(fields[1].required && fields[2].system);
    assert_eq!(fields[2].fill_level, 2);
    assert_eq!(fields[2].cascade[0].children[0].value, "杭州");
    assert_eq!(fields_from_json(&fields_to_json(&fields)), Ok(fields));
    for bad in ["", "3", "{}", r#"{"data":null}"#, "[3]"] {
        assert!(fields_from_json(bad).is_err(), "{bad}");
    }
}
