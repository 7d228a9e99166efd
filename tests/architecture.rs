//! Who may import whom: the table of DESIGN.md, held against the source.
//!
//! A room that reaches sideways or up couples two things that can change on their own; shared types between
//! `sandbox` and `crm` would let one misreading of the API cancel on both sides.

#[path = "architecture/imports.rs"]
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The floors of the house, from the top. A room names only rooms of the floors below it, never one of its own floor.
const FLOORS: &[&[&str]] = &[
    &["cli"],
    &["page"],
    &["face"],
    &["pipeline", "export"],
    &["plan", "send"],
    &["reconcile", "results"],
    &["lookup"],
    &["source"],
    &["job"],
    &["stored"],
    &["table", "mapping", "check", "crm", "journal", "lang"],
    &["model"],
];

/// The only files outside the sandbox that may name it.
const SANDBOX_USERS: &[&str] = &[
    "face/settings.rs",
    "cli/sandbox.rs",
    "pipeline/tests/corrections.rs",
    "pipeline/tests/freeze.rs",
    "pipeline/tests/freeze_undo.rs",
    "pipeline/tests/bench.rs",
    "pipeline/tests/open_doors.rs",
    "pipeline/tests/regressions.rs",
    "pipeline/tests/unreadable.rs",
];

fn source_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    files
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .expect("below src")
                .to_string_lossy()
                .replace('\\', "/");
            (name, fs::read_to_string(&path).expect("source is text"))
        })
        .collect()
}

/// The floor of a room, counted from the top; none for the sandbox, which stands beside the house.
fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a source text names through `crate::`, also in a `crate::{a, b}` list.
fn named_rooms(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for part in text.split("crate::").skip(1) {
        let word = |text: &str| {
            text.trim()
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect::<String>()
        };
        match part.strip_prefix('{') {
            Some(list) => {
                let list = list.split_once("};").map_or(list, |(list, _)| list);
                let mut depth = 0;
                for entry in list.split_inclusive(['{', '}', ',']) {
                    if depth == 0 {
                        rooms.push(word(entry));
                    }
                    depth += i32::from(entry.ends_with('{')) - i32::from(entry.ends_with('}'));
                }
            }
            None => rooms.push(word(part)),
        }
    }
    rooms.retain(|room| room == "sandbox" || floor_of(room).is_some());
    rooms
}

#[test]
fn imports_point_down_only() {
    let mut breaches = Vec::new();
    for (file, text) in all_sources() {
        let Some((room, _)) = file.split_once('/') else {
            continue;
        };
        if room == "sandbox" {
            let named = named_rooms(&text).into_iter().filter(|named| named != room);
            breaches.extend(named.map(|named| format!("src/{file} names crate::{named}")));
            continue;
        }
        let floor =
            floor_of(room).unwrap_or_else(|| panic!("src/{file} is in no room of the table"));
        for named in named_rooms(&text) {
            let may = named == room || floor_of(&named).is_some_and(|its| its > floor);
            let is_sandbox_user = named == "sandbox" && SANDBOX_USERS.contains(&file.as_str());
            if !may && !is_sandbox_user {
                breaches.push(format!("src/{file} names crate::{named}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn imports_through_super_point_down_too() {
    let room_of = |file: &str| file.split_once('/').map(|(room, _)| room.to_owned());
    let breaches: Vec<String> = imports::pairs(&all_sources())
        .into_iter()
        .filter(|(file, from)| {
            let (Some(room), Some(other)) = (room_of(file), room_of(from)) else {
                return false;
            };
            let is_sandbox_user = other == "sandbox" && SANDBOX_USERS.contains(&file.as_str());
            room != other && !is_sandbox_user && floor_of(&other) <= floor_of(&room)
        })
        .map(|(file, from)| format!("src/{file} takes from src/{from}"))
        .collect();
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn no_files_of_a_room_go_in_a_circle() {
    let circles = imports::circles(&all_sources()).into_iter();
    let circles: Vec<String> = circles.map(|circle| circle.to_string()).collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// A name that two types have cannot be searched for. The sandbox speaks of the API's things in words of its own, which
/// are often the same.
#[test]
fn no_two_types_have_one_name() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in all_sources() {
        if file.starts_with("sandbox/") || file.contains("/tests") {
            continue;
        }
        let parsed = syn::parse_file(&text).expect("source is Rust");
        for item in parsed.items {
            let name = match item {
                syn::Item::Struct(item) => item.ident,
                syn::Item::Enum(item) => item.ident,
                syn::Item::Trait(item) => item.ident,
                syn::Item::Type(item) => item.ident,
                _ => continue,
            };
            // Two systems may have it in two forms.
            places
                .entry(name.to_string())
                .or_default()
                .insert(file.clone());
        }
    }
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

/// The words that functions of one part share, because each command or screen has one of them.
const SHARED_NAMES: &[&str] = &["run", "routes", "show", "screen", "json", "lines"];

/// A name that many functions have cannot be searched for. In `lang`, where each function stands behind its file
/// (`say::undo::done`), and in tests they are short on purpose.
#[test]
fn no_function_name_is_in_more_than_three_files() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in all_sources() {
        if file.starts_with("sandbox/") || file.starts_with("lang/") || file.contains("test") {
            continue;
        }
        for item in syn::parse_file(&text).expect("source is Rust").items {
            if let syn::Item::Fn(item) = item {
                let files = places.entry(item.sig.ident.to_string()).or_default();
                files.insert(file.clone());
            }
        }
    }
    places.retain(|name, files| files.len() > 3 && !SHARED_NAMES.contains(&name.as_str()));
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn no_function_has_more_than_a_hundred_lines() {
    let mut long = Vec::new();
    for (file, text) in all_sources() {
        let mut begun: Vec<(usize, &str, usize)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            let indent = line.len() - code.len();
            // The formatter closes a function below its first letter.
            while let Some((_, name, first)) =
                begun.pop_if(|(its, ..)| *its == indent && code == "}")
            {
                if number - first >= 100 {
                    long.push(format!("src/{file}: {name}"));
                }
            }
            let is_fn = code.split("fn ").next().is_some_and(|before| {
                let mut words = before.split_whitespace();
                words.all(|word| {
                    word.starts_with("pub") || ["async", "const", "unsafe"].contains(&word)
                })
            });
            if is_fn && code.contains("fn ") && !code.ends_with(';') {
                begun.retain(|(its, ..)| *its < indent);
                begun.push((indent, code, number));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_file_opens_with_its_purpose() {
    let silent: Vec<String> = all_sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn only_the_wire_knows_json_keys_of_the_api() {
    let keys = [
        "\"customerName\"",
        "\"success\"",
        "\"traceId\"",
        "\"openSeaIds\"",
    ];
    let allowed = [
        "crm/wire.rs",
        "crm/wire/tests.rs",
        "mapping/synonyms.rs",
        "model/schema.rs",
    ];
    let knowing: Vec<String> = all_sources()
        .into_iter()
        .filter(|(file, _)| {
            !file.starts_with("sandbox/")
                && !file.contains("test")
                && !allowed.contains(&file.as_str())
        })
        .filter(|(_, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            keys.iter().any(|key| code.contains(key))
        })
        .map(|(file, _)| file)
        .collect();
    assert!(knowing.is_empty(), "{knowing:#?}");
}

/// A number that nothing gives is explained to nobody: `ferry explain` lists only what can happen.
#[test]
fn every_number_of_the_catalogue_can_happen() {
    let sources = all_sources();
    let used: String = sources
        .iter()
        .filter(|(name, _)| !name.starts_with("lang/") && !name.contains("tests"))
        .map(|(_, text)| text.as_str())
        .collect();
    let unused: Vec<String> = crm_ferry::model::Code::ALL
        .iter()
        .map(|code| format!("Code::{code:?}"))
        .filter(|name| {
            let after = |at: usize| used[at + name.len()..].chars().next();
            let is_whole = |at: usize| after(at).is_none_or(|letter| !letter.is_alphanumeric());
            !used
                .match_indices(name.as_str())
                .any(|(at, _)| is_whole(at))
        })
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn the_table_sees_what_it_should() {
    assert_eq!(
        named_rooms("use crate::crm::{A, B};\nuse crate::model::C;"),
        ["crm", "model"]
    );
    assert_eq!(
        named_rooms("use crate::{source, crm::{A, B}, journal::C};"),
        ["source", "crm", "journal"]
    );
    assert!(named_rooms("crate::other::x").is_empty());
}
