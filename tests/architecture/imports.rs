//! Which file takes what from which: a reader of Rust's paths, and the circles that they make.
//!
//! A file that can only be read together with another one, and that one with it, is one file in two places. The reader
//! sees `crate::`, `super::` and `self::`, lists in lists, names of modules that a `use` brought, and paths inside
//! macros. A name that a module hands on (`pub use`) counts as taken from the file that defines it, so a `mod.rs` that
//! declares and hands on ties nobody; one that defines something ties all who take it. What stands under `#[cfg(test)]`
//! is not read, nor a file that only tests declare. Names in texts (`#[serde(with = "…")]`) are not seen, nor is a
//! method that another file gives to a type.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

type Path = Vec<String>;

/// No name is handed on more often; Rust itself refuses a name that is handed on to itself.
const DEEPEST: usize = 16;

/// Files that reach each other, with the names that tie them.
pub struct Circle {
    pub files: BTreeSet<String>,
    ties: Vec<String>,
}

impl fmt::Display for Circle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a circle of {} files:", self.files.len())?;
        self.ties
            .iter()
            .try_for_each(|tie| write!(formatter, "\n  {tie}"))
    }
}

/// The circles among files that are given by their paths below `src` and their texts.
pub fn circles(sources: &[(String, String)]) -> Vec<Circle> {
    let house = House::read(sources);
    let taken: Vec<BTreeMap<usize, BTreeSet<String>>> = (0..house.files.len())
        .map(|file| house.taken_by(file))
        .collect();
    let reached: Vec<BTreeSet<usize>> = (0..taken.len())
        .map(|start| {
            let mut reached = BTreeSet::new();
            let mut next: Vec<usize> = taken[start].keys().copied().collect();
            while let Some(file) = next.pop() {
                if reached.insert(file) {
                    next.extend(taken[file].keys());
                }
            }
            reached
        })
        .collect();
    let mut circles = Vec::new();
    let mut seen = BTreeSet::new();
    for file in 0..taken.len() {
        if !reached[file].contains(&file) || seen.contains(&file) {
            continue;
        }
        let members: BTreeSet<usize> = (reached[file].iter().copied())
            .filter(|other| reached[*other].contains(&file))
            .collect();
        let path = |file: usize| house.files[file].path.clone();
        let ties = members.iter().flat_map(|from| {
            let inside = taken[*from].iter().filter(|(to, _)| members.contains(to));
            inside.map(move |(to, names)| {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                format!(
                    "{} takes {} from {}",
                    path(*from),
                    names.join(", "),
                    path(*to)
                )
            })
        });
        circles.push(Circle {
            files: members.iter().map(|file| path(*file)).collect(),
            ties: ties.collect(),
        });
        seen.extend(members);
    }
    circles
}

/// Every pair of files of which the first takes something from the second, in whatever way it names it.
pub fn pairs(sources: &[(String, String)]) -> Vec<(String, String)> {
    let house = House::read(sources);
    let path = |file: usize| house.files[file].path.clone();
    let files = 0..house.files.len();
    let pairs = files.flat_map(|file| {
        let taken = house.taken_by(file).into_keys();
        taken.map(move |from| (file, from)).collect::<Vec<_>>()
    });
    pairs.map(|(file, from)| (path(file), path(from))).collect()
}

/// One file, as far as paths go.
#[derive(Default)]
struct File {
    path: String,
    module: Path,
    /// The modules that it declares and that are not only for tests.
    declared: Vec<String>,
    /// The names that it imports at its top, with the path of each.
    bound: HashMap<String, Path>,
    /// All paths that it names, with the module (an inner one, maybe) in which each stands.
    named: Vec<(Path, Path)>,
}

/// All files that are not only for tests.
struct House {
    files: Vec<File>,
    by_module: HashMap<Path, usize>,
}

impl House {
    fn read(sources: &[(String, String)]) -> Self {
        let mut files: Vec<File> = sources
            .iter()
            .map(|(path, text)| File::read(path, text))
            .filter(|file| !file.module.is_empty())
            .collect();
        let declared: BTreeSet<Path> = files
            .iter()
            .flat_map(|file| file.declared.iter().map(|name| below(&file.module, name)))
            .collect();
        files.retain(|file| {
            (2..=file.module.len()).all(|length| declared.contains(&file.module[..length]))
        });
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let modules = files.iter().map(|file| file.module.clone());
        let by_module = modules.zip(0..).collect();
        Self { files, by_module }
    }

    /// What a file takes from others, by file.
    fn taken_by(&self, file: usize) -> BTreeMap<usize, BTreeSet<String>> {
        let mut taken: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (module, path) in &self.files[file].named {
            for (from, name) in self.definers(file, module, path, 0) {
                if from != file {
                    taken.entry(from).or_default().insert(name);
                }
            }
        }
        taken
    }

    /// The files that define what a path names, and the name; none where it leads out of the crate.
    fn definers(
        &self,
        file: usize,
        module: &[String],
        path: &[String],
        depth: usize,
    ) -> Vec<(usize, String)> {
        let Some(whole) = self.files[file].absolute(module, path) else {
            return Vec::new();
        };
        let Some((length, owner)) = (1..=whole.len())
            .rev()
            .find_map(|length| Some((length, *self.by_module.get(&whole[..length])?)))
        else {
            return Vec::new();
        };
        let (module, rest) = whole.split_at(length);
        let bound = &self.files[owner].bound;
        let follow = |target: &Path, rest: &[String]| {
            let path: Path = target.iter().chain(rest).cloned().collect();
            if depth < DEEPEST {
                self.definers(owner, module, &path, depth + 1)
            } else {
                Vec::new()
            }
        };
        match rest.split_first() {
            None => vec![(owner, module.last().cloned().unwrap_or_default())],
            Some((name, _)) if name == "*" => {
                let mut all = vec![(owner, name.clone())];
                all.extend(bound.values().flat_map(|target| follow(target, &[])));
                all
            }
            Some((name, rest)) => match bound.get(name) {
                Some(target) => follow(target, rest),
                None => vec![(owner, name.clone())],
            },
        }
    }
}

impl File {
    fn read(path: &str, text: &str) -> Self {
        let name = path.strip_suffix(".rs").unwrap_or(path);
        let name = name.strip_suffix("/mod").unwrap_or(name);
        let mut file = Self {
            path: path.to_owned(),
            // `lib.rs` and `main.rs` belong to no room.
            module: name.split('/').map(str::to_owned).collect(),
            ..Self::default()
        };
        if ["lib", "main"].contains(&name) {
            file.module.clear();
            return file;
        }
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{path} is no Rust: {error}"));
        let module = file.module.clone();
        file.walk(&tokens.into_iter().collect::<Vec<_>>(), &module, true);
        file
    }

    /// Notes what stands in `tokens`, which are those of a module where `is_module`, else of something inside it.
    fn walk(&mut self, tokens: &[TokenTree], module: &[String], is_module: bool) {
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match (token, after) {
                (TokenTree::Punct(mark), [TokenTree::Group(group), after @ ..])
                    if mark.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    rest = if is_for_tests(&group.stream()) {
                        behind_item(after)
                    } else {
                        after
                    };
                }
                // `pub(in crate::x)` takes nothing.
                (TokenTree::Ident(word), [TokenTree::Group(group), after @ ..])
                    if word == "pub" && group.delimiter() == Delimiter::Parenthesis =>
                {
                    rest = after;
                }
                (TokenTree::Ident(word), [TokenTree::Ident(name), next, after @ ..])
                    if word == "mod" =>
                {
                    rest = after;
                    let name = name.to_string();
                    match next {
                        TokenTree::Group(body) => {
                            let body: Vec<_> = body.stream().into_iter().collect();
                            self.walk(&body, &below(module, &name), true);
                        }
                        _ if module == self.module => self.declared.push(name),
                        _ => {}
                    }
                }
                (TokenTree::Ident(word), after) if word == "use" => {
                    let end = after.iter().position(|token| is_mark(token, ';'));
                    let (tree, after) = after.split_at(end.unwrap_or(after.len()));
                    rest = after;
                    let mut leaves = Vec::new();
                    read_tree(tree, &[], &mut leaves);
                    for (path, name) in leaves {
                        if is_module && module == self.module {
                            self.bound.insert(name, path.clone());
                        }
                        self.named.push((module.to_vec(), path));
                    }
                }
                (TokenTree::Ident(_), _) => {
                    let (path, after) = read_path(std::slice::from_ref(token), after);
                    rest = after;
                    if path.len() > 1 {
                        self.named.push((module.to_vec(), path));
                    }
                }
                (TokenTree::Group(group), _) => {
                    let inside: Vec<_> = group.stream().into_iter().collect();
                    self.walk(&inside, module, false);
                }
                _ => {}
            }
        }
    }

    /// A path from the root of the crate; `None` where it begins with another crate or something local.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Path> {
        let (first, mut rest) = path.split_first()?;
        let mut whole = match first.as_str() {
            "crate" => Path::new(),
            "self" => module.to_vec(),
            "super" => {
                let mut outer = module.split_last()?.1;
                while rest.first().is_some_and(|word| word == "super") {
                    outer = outer.split_last()?.1;
                    rest = &rest[1..];
                }
                outer.to_vec()
            }
            name if self.declared.iter().any(|declared| declared == name) => {
                below(&self.module, name)
            }
            name => {
                let target = self.bound.get(name)?;
                if target.first() == Some(first) {
                    return None;
                }
                self.absolute(&self.module, target)?
            }
        };
        whole.extend(rest.iter().cloned());
        Some(whole)
    }
}

fn below(module: &[String], name: &str) -> Path {
    let mut path = module.to_vec();
    path.push(name.to_owned());
    path
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// Whether an attribute is `cfg(test)`, alone or as one of several conditions.
fn is_for_tests(attribute: &TokenStream) -> bool {
    let words: String = attribute.to_string().split_whitespace().collect();
    words.starts_with("cfg(") && !words.contains("not(test") && words.contains("test")
}

/// What stands behind an item, a statement, a field or an arm.
fn behind_item(tokens: &[TokenTree]) -> &[TokenTree] {
    let words: Vec<String> = tokens
        .iter()
        .take_while(|token| !is_mark(token, ';'))
        .filter(|token| matches!(token, TokenTree::Ident(_)))
        .map(ToString::to_string)
        .filter(|word| !["pub", "async", "unsafe"].contains(&word.as_str()))
        .take(2)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_end = |token: &TokenTree| match (words.as_slice(), token) {
        (["const", "fn"], TokenTree::Group(_)) => is_body(token),
        (["use" | "let" | "const" | "static" | "type", ..], token) => is_mark(token, ';'),
        (["fn" | "mod" | "impl" | "struct" | "enum" | "trait", ..], token) => {
            is_body(token) || is_mark(token, ';')
        }
        (_, token) => is_body(token) || is_mark(token, ';') || is_mark(token, ','),
    };
    let end = tokens.iter().position(is_end);
    end.map_or(&[], |end| &tokens[end + 1..])
}

fn is_body(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Reads the words of a path on, over `::`.
fn read_path<'a>(first: &[TokenTree], rest: &'a [TokenTree]) -> (Path, &'a [TokenTree]) {
    let mut path: Path = first.iter().map(ToString::to_string).collect();
    let mut rest = rest;
    while let [one, two, TokenTree::Ident(word), after @ ..] = rest {
        if !is_mark(one, ':') || !is_mark(two, ':') {
            break;
        }
        path.push(word.to_string());
        rest = after;
    }
    (path, rest)
}

/// The paths of a `use` and the names that they get.
fn read_tree(tree: &[TokenTree], prefix: &[String], leaves: &mut Vec<(Path, String)>) {
    for branch in tree.split(|token| is_mark(token, ',')) {
        let (mut path, mut name) = (prefix.to_vec(), None);
        let mut is_leaf = !branch.is_empty();
        let mut tokens = branch.iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    name = tokens.next().map(ToString::to_string);
                }
                TokenTree::Ident(word) if word == "self" && !prefix.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let inside: Vec<_> = group.stream().into_iter().collect();
                    read_tree(&inside, &path, leaves);
                    is_leaf = false;
                }
                token if is_mark(token, '*') => path.push("*".to_owned()),
                _ => {}
            }
        }
        if is_leaf && !path.is_empty() {
            let last = path.last().cloned().unwrap_or_default();
            leaves.push((path, name.unwrap_or(last)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::circles;

    fn ties(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<(String, String)> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        circles(&sources).iter().map(ToString::to_string).collect()
    }

    const HEAD: &str = "mod a; mod b; mod c;";
    const BACK: &str = "use super::a::A; pub struct B;";
    const TIED: &str = "a circle of 2 files:\n  \
        room/a.rs takes B from room/b.rs\n  room/b.rs takes A from room/a.rs";

    #[test]
    fn a_path_ties_however_it_is_written() {
        for text in [
            "use super::b::B;",
            "use crate::room::b::B;",
            "use crate::room::{c::C, b::B};",
            "use crate::{room::{c::{self, C}, b::{B as D, B}}, other::X};",
            "pub(in crate::room) use super::{b::{B}};",
            "use super::b::{B, B as _};",
            "fn f() { super::b::B::new(); }",
            "fn f() { print!(\"{}\", super::b::B); }",
            "mod inner { use super::super::b::B; }",
            "fn f() { use super::b::B; }",
            "impl From<super::b::B> for A {}",
            "#[cfg(not(test))] use super::b::B;",
            "#[cfg(test)] const fn f() {} use super::b::B;",
            "fn f() { #[cfg(test)] let x = 1; super::b::B.g(); }",
        ] {
            let files = [
                ("room/mod.rs", HEAD),
                ("room/a.rs", text),
                ("room/b.rs", BACK),
            ];
            assert_eq!(ties(&files), [TIED], "{text}");
        }
    }

    #[test]
    fn a_module_that_a_use_brought_is_followed() {
        let text = "use super::b as other; fn f() { other::B::new() }";
        let files = [
            ("room/mod.rs", HEAD),
            ("room/a.rs", text),
            ("room/b.rs", BACK),
        ];
        let [circle] = &ties(&files)[..] else {
            panic!("one circle");
        };
        assert!(
            circle.contains("room/a.rs takes B, b from room/b.rs"),
            "{circle}"
        );
    }

    #[test]
    fn what_ties_nobody() {
        for text in [
            "",
            "// use super::b::B;",
            "const TEXT: &str = \"super::b::B\";",
            "#[cfg(test)] mod tests { use super::super::b::B; }",
            "#[cfg(test)] use super::b::B;",
            "#[cfg(all(test, unix))] #[must_use] pub(super) fn f() -> super::b::B { super::b::B }",
            "fn f() { #[cfg(test)] let x = super::b::B::new(|| { 1 }); }",
            "use super::c::C;",
            "use b::B;",
            "pub(in crate::room) struct A;",
        ] {
            let files = [
                ("room/mod.rs", HEAD),
                ("room/a.rs", text),
                ("room/b.rs", BACK),
                ("room/c.rs", "pub struct C;"),
            ];
            assert_eq!(ties(&files), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_name_that_a_module_hands_on_is_taken_from_where_it_is_defined() {
        let head = "mod a; mod b; pub use a::A; pub(crate) use b::{B, inner::Deep};";
        for name in ["B", "{B}", "Deep as D"] {
            let text = format!("use super::{name};");
            let files = [
                ("room/mod.rs", head),
                ("room/a.rs", &text),
                ("room/b.rs", BACK),
            ];
            assert_eq!(ties(&files).len(), 1, "{text}");
        }
        let files = [
            ("room/mod.rs", head),
            ("room/a.rs", ""),
            ("room/b.rs", "use super::A;"),
        ];
        assert_eq!(ties(&files), [""; 0]);
    }

    #[test]
    fn a_name_that_a_room_itself_defines_ties_the_room() {
        let head = "mod a; pub use a::A; pub struct Own;";
        let files = [("room/mod.rs", head), ("room/a.rs", "use super::Own;")];
        let tie = "a circle of 2 files:\n  \
            room/a.rs takes Own from room/mod.rs\n  room/mod.rs takes A from room/a.rs";
        assert_eq!(ties(&files), [tie]);
        let files = [("room/mod.rs", head), ("room/a.rs", "use super::*;")];
        assert_eq!(ties(&files).len(), 1);
    }

    #[test]
    fn a_folder_in_a_room_and_a_way_of_three() {
        let files = [
            ("room/mod.rs", "mod a; mod deep; pub use deep::X;"),
            ("room/a.rs", "use super::X;"),
            ("room/deep/mod.rs", "mod x; mod y; pub use x::X;"),
            ("room/deep/x.rs", "use super::y;\nfn f() { y::f() }"),
            ("room/deep/y.rs", "pub fn f() { super::super::a::g() }"),
        ];
        let [circle] = &ties(&files)[..] else {
            panic!("one circle");
        };
        assert!(circle.starts_with("a circle of 3 files:"), "{circle}");
        assert!(
            circle.contains("room/deep/y.rs takes g from room/a.rs"),
            "{circle}"
        );
    }

    #[test]
    fn a_file_that_only_tests_declare_is_not_read() {
        let files = [
            ("room/mod.rs", "mod a; #[cfg(test)] mod b;"),
            ("room/a.rs", "use super::b::B;"),
            ("room/b.rs", BACK),
            ("room/b/c.rs", "use super::super::a::A;"),
        ];
        assert_eq!(ties(&files), [""; 0]);
    }
}
