//! `ferry dupes`: who is held twice, the sheet of it, and the way through `delete` and `undo`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{fill, old};
use crate::support::{Endpoint, Fault, FaultKind, Output, Scene, Table};

/// A customer of a name and a day in 2024, with these numbers and this address.
fn customer(name: &str, day: u32, mobiles: &[&str], email: &str) -> Map<String, Value> {
    let created = format!("2024-01-{day:02} 08:00:00");
    let customer = json!({
        "customerName": name,
        "createTime": created,
        "updateTime": created,
        "mobile": mobiles.iter().map(|mobile| json!({"value": mobile})).collect::<Vec<_>>(),
        "email": if email.is_empty() { json!([]) } else { json!([{"value": email}]) },
    });
    customer.as_object().cloned().unwrap()
}

/// Two groups, one of them a chain; some that share nothing but blanks.
fn town(scene: &Scene) -> BTreeMap<&'static str, String> {
    let people = [
        ("A", 9, vec!["138-0013-8000"], ""),
        (
            "B",
            2,
            vec!["13900139000", "+86 138 0013 8000"],
            "Zhang@X.cn",
        ),
        ("C", 5, vec![], "zhang@x.cn"),
        ("D", 3, vec!["13700137000"], "d@x.cn"),
        ("E", 4, vec!["无"], "-"),
        ("F", 4, vec!["无", "-"], "-"),
        ("G", 8, vec!["0571-88888888"], "g@x.cn"),
        ("G", 7, vec!["(0571) 8888 8888"], "other@x.cn"),
    ];
    let inserted = people.into_iter().map(|(name, day, mobiles, email)| {
        let id = scene.crm.insert(customer(name, day, &mobiles, email));
        (if day == 7 { "G2" } else { name }, id)
    });
    inserted.collect()
}

fn names(sheet: &Table) -> Vec<&str> {
    sheet.column("客户名称")
}

#[test]
fn who_shares_a_value_is_one_group_and_the_oldest_is_proposed_to_stay() {
    let scene = Scene::new();
    let ids = town(&scene);
    let found = scene.ferry("dupes -o d.xlsx").exits(4);
    found
        .says("compared by 手机, 邮箱; --by names other fields")
        .says("2 groups of duplicates with 5 customers, among 8 customers")
        .says("  手机: 2 groups, 4 customers")
        .says("  邮箱: 1 group, 2 customers")
        .says("ferry delete");
    let sheet = Table::read(&scene.path("d.xlsx"));
    assert_eq!(
        &sheet.headers[..4],
        ["_group", "_keep", "_id", "_matched_by"]
    );
    let mut groups: BTreeMap<&str, Vec<(&str, &str, &str)>> = BTreeMap::new();
    for row in &sheet.rows {
        let cell = |header| sheet.cell_of(row, header);
        let member = (cell("客户名称"), cell("_keep"), cell("_matched_by"));
        groups.entry(cell("_group")).or_default().push(member);
        let stored = ids.values().any(|id| id == cell("_id"));
        assert!(stored, "{row:?}");
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort();
    let chain = vec![
        ("B", "yes", "手机 / 邮箱"),
        ("C", "", "邮箱"),
        ("A", "", "手机"),
    ];
    assert_eq!(
        groups,
        [chain, vec![("G", "yes", "手机"), ("G", "", "手机")]]
    );
    let first = names(&sheet).iter().position(|name| *name == "B").unwrap();
    assert_eq!(sheet.cell(first, "手机"), "13900139000");
    assert_eq!(sheet.cell(first, "手机2"), "+86 138 0013 8000");
    // A different number, a different address; a blank is nothing that would be lost.
    let coloured = warned(&scene.path("d.xlsx"), &sheet);
    assert!(
        coloured.contains(&("C".to_owned(), "邮箱".to_owned())),
        "{coloured:?}"
    );
    assert!(coloured.contains(&("A".to_owned(), "手机".to_owned())));
    assert!(
        !coloured
            .iter()
            .any(|(name, header)| name == "B" || header == "创建时间")
    );
    assert!(!coloured.contains(&("A".to_owned(), "邮箱".to_owned())));
    let json = scene.ferry("dupes -o d.csv --json").exits(4).json();
    assert_eq!(
        (
            &json["groups"],
            &json["customers"],
            &json["searched"],
            &json["complete"]
        ),
        (&2.into(), &5.into(), &8.into(), &true.into())
    );
    assert_eq!(
        json["by"][1],
        json!({"key": "email", "groups": 1, "customers": 2})
    );
    assert_eq!(Table::read(&scene.path("d.csv")).rows.len(), 5);
    // Looking changes nothing, and makes no job.
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Delete), 0);
    assert!(scene.jobs().is_empty());
}

/// Cells of a colour that asks to be looked at, by the customer's name and the header.
fn warned(path: &Path, sheet: &Table) -> BTreeSet<(String, String)> {
    let part = |name: &str| {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
        std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
    };
    let styles = part("xl/styles.xml");
    let fills = styles.split("<fill>").skip(1);
    let fill = fills
        .take_while(|_| true)
        .position(|fill| fill.contains("FFFFF2CC"))
        .unwrap();
    let formats = styles.split("<cellXfs").nth(1).unwrap();
    let formats: Vec<bool> = formats
        .split("<xf ")
        .skip(1)
        .map(|format| format.contains(&format!("fillId=\"{fill}\"")))
        .collect();
    let text = part("xl/worksheets/sheet1.xml");
    let cells = text.split("<c r=\"").skip(1).filter_map(|cell| {
        let (address, rest) = cell.split_once('"')?;
        let style = rest.split_once('>')?.0.split_once("s=\"")?.1;
        let style: usize = style.split('"').next()?.parse().ok()?;
        let letters = address.trim_end_matches(|digit: char| digit.is_ascii_digit());
        let row: usize = address[letters.len()..].parse().ok()?;
        let column = letters
            .bytes()
            .fold(0, |sum, letter| sum * 26 + usize::from(letter - b'A') + 1);
        formats[style].then(|| {
            let name = sheet.cell(row - 2, "客户名称").to_owned();
            (name, sheet.headers[column - 1].clone())
        })
    });
    cells.collect()
}

#[test]
fn both_together_is_less_than_either_and_other_fields_are_named() {
    let scene = Scene::new();
    for (name, mobile) in [("甲", "1"), ("甲", "2"), ("乙", "1"), ("甲", "2")] {
        let mut one = customer(name, 1, &[mobile], "");
        one.insert("phone_z9uc_1687316678205".to_owned(), "021 5555".into());
        scene.crm.insert(one);
    }
    let counts = |line: &str, code| {
        let json = scene.ferry(&format!("{line} --json")).exits(code).json();
        (
            json["groups"].as_u64().unwrap(),
            json["customers"].as_u64().unwrap(),
        )
    };
    assert_eq!(counts("dupes --by 手机+客户名称", 4), (1, 2));
    assert_eq!(counts("dupes --by 手机", 4), (2, 4));
    assert_eq!(counts("dupes --by mobile --by 客户名称", 4), (1, 4));
    assert_eq!(counts("dupes --by 座机", 4), (1, 4));
    assert_eq!(counts("dupes --by 邮箱", 0), (0, 0));
    scene
        .ferry("dupes --by 邮箱")
        .exits(0)
        .says("no duplicates among 4 customers");
    let calls = scene.crm.counters().calls_to(Endpoint::List);
    scene
        .ferry("dupes --by 手机号码啊")
        .exits(3)
        .says("[E320]")
        .says("--by");
    scene.ferry("dupes --by 客户来源").exits(3).says("[E320]");
    assert_eq!(scene.crm.counters().calls_to(Endpoint::List), calls);
    scene.ferry("dupes -o d.txt").exits(2);
    scene
        .ferry("dupes -o nowhere/d.xlsx")
        .exits(1)
        .says("[E625]");
    assert_eq!(scene.crm.counters().calls_to(Endpoint::List), calls);
}

/// The sheets of a folder that ferry named.
fn sheets(scene: &Scene, mark: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(scene.path("")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().contains(mark);
    paths.filter(named).collect()
}

#[test]
fn an_export_is_searched_without_a_network_and_finds_the_same() {
    let scene = Scene::new();
    town(&scene);
    scene.ferry("export -o all.xlsx").exits(0);
    scene.ferry("export -o keys.csv --headers key").exits(0);
    scene.ferry("dupes -o online.xlsx").exits(4);
    let online = Table::read(&scene.path("online.xlsx"));
    let calls = scene.crm.counters().calls;
    let members = |sheet: &Table| {
        let ids = sheet.column("_id").into_iter().zip(sheet.column("_keep"));
        ids.map(|(id, keep)| (id.to_owned(), keep.to_owned()))
            .collect::<Vec<_>>()
    };
    scene.ferry("dupes all.xlsx").exits(4);
    let offline = sheets(&scene, "all_duplicates_");
    assert_eq!(offline.len(), 1);
    let offline = Table::read(&offline[0]);
    assert_eq!(members(&offline), members(&online));
    assert_eq!(offline, online, "cells as the export has them");
    scene.ferry("dupes all.xlsx --lang zh").exits(4);
    assert_eq!(sheets(&scene, "all_重复客户_").len(), 1);
    // A file that has lost its manifest is read by its headers.
    std::fs::remove_file(scene.path("keys.csv.manifest.json")).unwrap();
    let json = scene
        .ferry("dupes keys.csv -o k.csv --json")
        .exits(4)
        .json();
    assert_eq!(
        (&json["groups"], &json["complete"]),
        (&2.into(), &Value::Null)
    );
    assert_eq!(members(&Table::read(&scene.path("k.csv"))).len(), 5);
    scene.ferry("dupes k.csv -o k.csv").exits(2);
    scene.save("list.csv", &Table::of(&["客户名称"], &[&["甲"]]));
    scene.ferry("dupes list.csv").exits(3).says("[E631]");
    scene
        .ferry("dupes all.xlsx --by 手机+没有的列")
        .exits(3)
        .says("[E320]");
    assert_eq!(scene.crm.counters().calls, calls, "no network");
    scene.ferry("dupes --fields f.json").exits(2);
}

#[test]
fn own_fields_of_phones_are_known_from_the_field_list() {
    let scene = Scene::new();
    for number in ["021-5555 1234", "(021) 55551234"] {
        let mut one = customer("甲", 1, &[], "");
        one.insert("phone_z9uc_1687316678205".to_owned(), number.into());
        scene.crm.insert(one);
    }
    scene.ferry("export -o all.xlsx").exits(0);
    scene.ferry("fields --save f.json").exits(0);
    scene.ferry("dupes all.xlsx --by 座机").exits(0);
    scene
        .ferry("dupes all.xlsx --by 座机 --fields f.json")
        .exits(4);
}

#[test]
fn the_sheet_goes_through_delete_and_undo_brings_everybody_back() {
    let scene = Scene::new();
    let ids = town(&scene);
    scene.ferry("dupes -o d.xlsx").exits(4);
    let seen = scene.ferry("d.xlsx").exits(0);
    seen.prints("ferry delete");
    let result = scene.ferry("delete d.xlsx --yes --json").exits(0);
    let json = result.json();
    assert_eq!(
        (&json["deleted"], &json["skipped"]),
        (&3.into(), &2.into()),
        "{json}"
    );
    let stored: BTreeSet<String> = stored_ids(&scene);
    for name in ["B", "D", "E", "F", "G2"] {
        assert!(stored.contains(&ids[name]), "{name}");
    }
    assert_eq!(stored.len(), 5);
    let sheet = result.sheet();
    assert_eq!(
        sheet
            .column("_error_code")
            .iter()
            .filter(|code| **code == "E481")
            .count(),
        2
    );
    // Who was kept stays kept, whatever becomes of the result sheet.
    let path = result.result();
    let again = scene.command("delete --all-ids --yes --json");
    let again = with(again, &path).exits(0).json();
    assert_eq!(again["deleted"], 0, "{again}");
    assert_eq!(stored_ids(&scene), stored);
    let job = json["job"].as_str().unwrap();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    assert_eq!(stored_ids(&scene).len(), 8);
    let people: BTreeSet<(String, String)> = scene.crm.customers().iter().map(person).collect();
    for (name, mobile) in [("A", "138-0013-8000"), ("C", ""), ("G", "0571-88888888")] {
        assert!(
            people.contains(&(name.to_owned(), mobile.to_owned())),
            "{people:?}"
        );
    }
    // They are as they were: found once more.
    let json = scene.ferry("dupes -o again.xlsx --json").exits(4).json();
    assert_eq!(
        (&json["groups"], &json["customers"]),
        (&2.into(), &5.into())
    );
    // An edited cell of one who stays is stored by an import; nothing else is.
    let json = scene
        .ferry("import again.xlsx --yes --json")
        .exits(0)
        .json();
    assert_eq!(
        (&json["unchanged"], &json["rows"]),
        (&5.into(), &5.into()),
        "{json}"
    );
}

fn with(mut command: std::process::Command, path: &Path) -> Output {
    command.arg(path);
    Output::of(command)
}

fn stored_ids(scene: &Scene) -> BTreeSet<String> {
    let stored = scene.crm.customers().into_iter();
    stored
        .map(|one| one["_id"].as_str().unwrap().to_owned())
        .collect()
}

fn person(stored: &Map<String, Value>) -> (String, String) {
    let mobile = stored
        .get("mobile")
        .and_then(|list| list[0]["value"].as_str());
    let name = stored["customerName"].as_str().unwrap().to_owned();
    (name, mobile.unwrap_or_default().to_owned())
}

#[test]
fn nobody_goes_whose_group_would_be_left_without_anybody() {
    let scene = Scene::new();
    let ids = town(&scene);
    scene.ferry("dupes -o d.csv").exits(4);
    let sheet = Table::read(&scene.path("d.csv"));
    let at = |name: &str| names(&sheet).iter().position(|its| *its == name).unwrap();
    let (b, g2) = (at("B"), at("G"));
    // The mark of one group is cleared by mistake, that of another one is unclear.
    let mut edited = sheet.clone();
    edited.set(b, "_keep", "");
    edited.set(g2, "_keep", "maybe");
    scene.save("edited.csv", &edited);
    let result = scene.ferry("delete edited.csv --yes --json").exits(4);
    assert_eq!(
        (&result.json()["deleted"], &result.json()["invalid"]),
        (&0.into(), &5.into())
    );
    let answers = result.sheet();
    assert!(
        answers
            .cell(b, "_error")
            .contains("nobody of it would be left"),
        "{answers:?}"
    );
    assert!(answers.cell(g2, "_error").contains("maybe"));
    let said = scene.ferry("delete edited.csv --yes --dry-run").exits(4);
    said.says("[E482]").says("[E483]");
    assert_eq!(stored_ids(&scene).len(), 8);
    // The row of the one that stays was taken out, a column was taken out.
    let mut without = sheet.clone();
    without.rows.remove(b);
    scene.save("without.csv", &without);
    let json = scene
        .ferry("delete without.csv --yes --json")
        .exits(4)
        .json();
    assert_eq!(
        (&json["deleted"], &json["invalid"]),
        (&1.into(), &2.into()),
        "{json}"
    );
    let mut no_keep = sheet.clone();
    no_keep.headers[1] = "note".to_owned();
    scene.save("nokeep.csv", &no_keep);
    scene
        .ferry("delete nokeep.csv --yes")
        .exits(3)
        .says("[E336]");
    // Another mark, in words of people; a row of no group; a customer that another row keeps.
    let mut marked = sheet.clone();
    marked.set(b, "_keep", "no");
    let a = at("A");
    marked.set(a, "_keep", " 是 ");
    marked.rows.push(marked.rows[a].clone());
    let last = marked.rows.len() - 1;
    marked.set(last, "_keep", "");
    let mut stray = marked.rows[at("C")].clone();
    stray[0] = String::new();
    marked.rows.push(stray);
    scene.save("marked.csv", &marked);
    let result = scene.ferry("delete marked.csv --yes --json").exits(4);
    let codes = result.sheet().column("_error_code").join(" ");
    assert!(codes.contains("E484") && codes.contains("E485"), "{codes}");
    let stored = stored_ids(&scene);
    assert!(stored.contains(&ids["A"]) && !stored.contains(&ids["B"]));
    assert!(!stored.contains(&ids["C"]), "its own row stands in a group");
}

#[test]
fn nobody_goes_when_the_one_that_stays_has_gone_meanwhile() {
    let scene = Scene::new();
    let ids = town(&scene);
    scene.ferry("dupes -o d.xlsx").exits(4);
    assert!(scene.crm.remove(&ids["B"]));
    let result = scene.ferry("delete d.xlsx --yes --json").exits(4);
    let json = result.json();
    assert_eq!(
        (&json["deleted"], &json["invalid"]),
        (&1.into(), &2.into()),
        "{json}"
    );
    assert!(result.sheet().column("_error_code").contains(&"E548"));
    let stored = stored_ids(&scene);
    assert!(stored.contains(&ids["A"]) && stored.contains(&ids["C"]));
}

/// The delete is killed after its first call. Until it goes on, somebody deletes the ones that were to stay.
#[test]
fn nobody_goes_on_resume_when_the_ones_that_stay_have_gone_meanwhile() {
    let scene = Scene::new();
    let ids = town(&scene);
    scene.ferry("dupes -o d.xlsx").exits(4);
    let line = "delete d.xlsx --yes --concurrency 1";
    scene.kill_at(line, Endpoint::Delete, 0, None);
    for stays in ["B", "G2"] {
        assert!(scene.crm.remove(&ids[stays]));
    }
    let result = scene.ferry("resume --yes --json").exits(4);
    let json = result.json();
    assert_eq!(
        (&json["deleted"], &json["invalid"]),
        (&1.into(), &2.into()),
        "{json}"
    );
    let sheet = result.sheet();
    let held = sheet.column("_error_code");
    assert_eq!(held.iter().filter(|code| **code == "E548").count(), 2);
    // One was deleted before the stop, two by somebody else, and nobody since.
    assert_eq!(stored_ids(&scene).len(), 5);
}

#[test]
fn a_list_that_may_lack_somebody_is_said_and_shows_in_the_name() {
    let scene = Scene::new();
    fill(&scene, 300);
    scene.crm.insert(old(7));
    scene
        .crm
        .set_faults(vec![Fault::new(FaultKind::PageShort, 1.0)]);
    let found = scene.ferry("dupes -o d.xlsx -q");
    let found = found.exits(4);
    found.says("[E524]");
    assert!(!scene.path("d.xlsx").exists());
    let json = scene.ferry("dupes -o d.xlsx --json").exits(4).json();
    assert_eq!(json["complete"], false);
    let chinese = scene.ferry("dupes --by 邮箱 --lang zh").exits(4);
    chinese.says("可能缺少重复客户");
}

#[test]
fn the_embedded_crm_is_searched_and_names_the_sheet() {
    let scene = Scene::new();
    scene.write(
        "two.csv",
        "客户名称,手机\n甲,13800138000\n乙,+86 138-0013-8000\n丙,\n",
    );
    scene.ferry("import two.csv --sandbox").exits(0);
    scene
        .ferry("dupes --sandbox --lang zh")
        .exits(4)
        .says("1 组");
    let sheets = sheets(&scene, "sandbox_重复客户_");
    let sheet = Table::read(&sheets[0]);
    assert_eq!(sheet.column("_keep"), ["是", ""]);
    let deleted = scene.command("delete --sandbox --yes --json");
    assert_eq!(with(deleted, &sheets[0]).exits(0).json()["deleted"], 1);
    scene.ferry("dupes --sandbox").exits(0);
}

/// How many customers are planted; `DUPES_CUSTOMERS` asks for more.
const CUSTOMERS: usize = 2000;

/// Customers of which three in a hundred groups are held twice or more, each time written in another way; a count that
/// knows nothing of ferry's forms, keys and groups agrees, and nobody is lost on the way there and back.
#[test]
fn planted_groups_are_those_of_an_independent_count() {
    let wanted = std::env::var("DUPES_CUSTOMERS").ok();
    let customers = wanted
        .and_then(|text| text.parse().ok())
        .unwrap_or(CUSTOMERS);
    let scene = Scene::new();
    plant(&scene, customers, customers * 3 / 100, 7);
    let (groups, members) = count_independently(&scene.crm.customers());
    assert!(groups >= customers * 3 / 100);
    let before = scene.crm.customers().len();
    let long = |line: &str| scene.start(line).wait_within(Duration::from_secs(3600));
    let json = long("dupes -o d.xlsx --json").exits(4).json();
    eprintln!("{json}");
    assert_eq!(
        (&json["groups"], &json["customers"], &json["searched"]),
        (&groups.into(), &members.len().into(), &before.into())
    );
    let sheet = Table::read(&scene.path("d.xlsx"));
    let ids: BTreeSet<String> = sheet.column("_id").into_iter().map(str::to_owned).collect();
    assert_eq!(ids, members);
    assert_eq!(
        sheet
            .column("_keep")
            .iter()
            .filter(|keep| !keep.is_empty())
            .count(),
        groups
    );
    let people = |stored: &[Map<String, Value>]| {
        let mut people: Vec<_> = stored.iter().map(person).collect();
        people.sort();
        people
    };
    let all = people(&scene.crm.customers());
    let doomed = members.len() - groups;
    let line = format!("delete d.xlsx --yes --json --max-delete {doomed}");
    let deleted = long(&line).exits(0).json();
    assert_eq!(deleted["deleted"], doomed);
    assert_eq!(scene.crm.customers().len(), before - doomed);
    let left = count_independently(&scene.crm.customers());
    assert_eq!(left.0, 0, "one of each is left");
    let job = deleted["job"].as_str().unwrap();
    let line = format!("undo {job} --yes --json");
    assert_eq!(long(&line).exits(0).json()["added"], doomed);
    assert_eq!(people(&scene.crm.customers()), all);
}

/// Stores customers, among them groups of two to four.
fn plant(scene: &Scene, customers: usize, groups: usize, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut number = 0;
    let mut insert = |mobiles: &[String], email: &str, random: &mut fastrand::Rng| {
        number += 1;
        let mobiles: Vec<&str> = mobiles.iter().map(String::as_str).collect();
        let name = format!("客户 {number:06}");
        scene
            .crm
            .insert(customer(&name, random.u32(1..=28), &mobiles, email));
    };
    let phone = |person: usize| format!("139{person:08}");
    let written = |phone: &str, random: &mut fastrand::Rng| {
        let (first, second, third) = (&phone[..3], &phone[3..7], &phone[7..]);
        match random.u32(0..6) {
            0 => format!("{first}-{second}-{third}"),
            1 => format!("+86 {phone}"),
            2 => format!("0086{first} {second} {third}"),
            3 => format!("({first}){second}.{third}"),
            4 => format!("86{phone}"),
            _ => phone.to_owned(),
        }
    };
    let mut person = 0;
    let mut left = customers;
    for group in 0..groups {
        let size = 2 + random.usize(0..3).min(left);
        let address = format!("p{group}@example.com");
        let shared = phone(person);
        for member in 0..size {
            person += 1;
            // The members of a group are linked by the number, by the address, or by one each: a chain.
            let own = phone(person + 10_000_000);
            match (group % 3, member) {
                (0, _) => {
                    let mobiles = [own, written(&shared, &mut random)];
                    insert(&mobiles, "", &mut random);
                }
                (1, _) => {
                    let address = if member % 2 == 0 {
                        address.to_uppercase()
                    } else {
                        address.clone()
                    };
                    insert(&[own], &address, &mut random);
                }
                (_, 0) => insert(&[written(&shared, &mut random)], &address, &mut random),
                (_, 1) => insert(&[written(&shared, &mut random)], "", &mut random),
                _ => insert(&[own], &address, &mut random),
            }
            left = left.saturating_sub(1);
        }
        person += 1;
    }
    for lonely in 0..left {
        let mobiles = match lonely % 4 {
            0 => vec!["无".to_owned()],
            1 => vec![],
            _ => vec![phone(person + 20_000_000 + lonely)],
        };
        insert(&mobiles, &format!("s{lonely}@example.com"), &mut random);
    }
}

/// Counts groups and their members by walking from customer to customer.
fn count_independently(stored: &[Map<String, Value>]) -> (usize, BTreeSet<String>) {
    let texts = |one: &Map<String, Value>, key: &str| -> Vec<String> {
        let list = one
            .get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        list.iter()
            .map(|entry| entry["value"].as_str().unwrap().to_owned())
            .collect()
    };
    let traits: Vec<Vec<String>> = stored
        .iter()
        .map(|one| {
            // Of a number its last eleven digits are compared.
            let phones = texts(one, "mobile").into_iter().filter_map(|text| {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                digits
                    .get(digits.len().checked_sub(11)?..)
                    .map(str::to_owned)
            });
            let addresses = texts(one, "email")
                .into_iter()
                .map(|text| text.to_lowercase());
            phones.chain(addresses).collect()
        })
        .collect();
    let mut holders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, its) in traits.iter().enumerate() {
        for one in its {
            holders.entry(one).or_default().push(at);
        }
    }
    let (mut is_seen, mut groups, mut members) = (vec![false; stored.len()], 0, BTreeSet::new());
    for start in 0..stored.len() {
        let (mut open, mut group) = (vec![start], Vec::new());
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut is_seen[at], true) {
                group.push(at);
                open.extend(traits[at].iter().flat_map(|one| &holders[one.as_str()]));
            }
        }
        if group.len() > 1 {
            groups += 1;
            members.extend(
                group
                    .iter()
                    .map(|at| stored[*at]["_id"].as_str().unwrap().to_owned()),
            );
        }
    }
    (groups, members)
}
