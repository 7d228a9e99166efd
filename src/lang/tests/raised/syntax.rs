//! Rust as syntax: the files of the program without its tests, and helpers for names, patterns and types.

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Pat};

/// Returns every file of the program that may raise a problem, by its path below `src`.
pub(super) fn files() -> impl Iterator<Item = (String, syn::File)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    source_files(&root, &mut paths);
    paths.into_iter().map(move |path| {
        let name = path.strip_prefix(&root).expect("below src");
        let name = name.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).expect("source is text");
        let mut file = syn::parse_file(&text).expect("source is Rust");
        Opened.visit_file_mut(&mut file);
        (name, file)
    })
}

fn source_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        let stem = path.file_stem().unwrap_or_default();
        if stem == "tests" || stem == "lang" || stem == "sandbox" {
            continue;
        }
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Replaces `vec![…]` by an array, because the inside of a macro is not parsed.
struct Opened;

impl VisitMut for Opened {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Macro(inner) = expression
            && inner.mac.path.is_ident("vec")
        {
            let tokens = &inner.mac.tokens;
            let array: syn::Result<Expr> = syn::parse_str(&format!("[{tokens}]"));
            if let Ok(array) = array {
                *expression = array;
            }
        }
        visit_mut::visit_expr_mut(self, expression);
    }
}

/// Returns the last two names of a path.
pub(super) fn ends(path: &syn::Path) -> (String, String) {
    let mut names = path
        .segments
        .iter()
        .rev()
        .map(|part| part.ident.to_string());
    let last = names.next().unwrap_or_default();
    (names.next().unwrap_or_default(), last)
}

pub(super) fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        meta => meta.path().is_ident("test"),
    })
}

/// Returns the names that a pattern binds.
pub(super) fn bound(pattern: &Pat) -> Vec<String> {
    struct Bound(Vec<String>);
    impl Visit<'_> for Bound {
        fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
            self.0.push(pattern.ident.to_string());
            visit::visit_pat_ident(self, pattern);
        }
    }
    let mut names = Bound(Vec::new());
    names.visit_pat(pattern);
    names.0
}

/// Returns whether a type names `Code`.
pub(super) fn names_code(kind: &syn::Type) -> bool {
    struct Found(bool);
    impl Visit<'_> for Found {
        fn visit_path(&mut self, path: &syn::Path) {
            self.0 |= ends(path).1 == "Code";
            visit::visit_path(self, path);
        }
    }
    let mut found = Found(false);
    found.visit_type(kind);
    found.0
}

/// Returns whether a problem is built in the expression itself, and not taken from a variable.
pub(super) fn is_chain(expression: &Expr) -> bool {
    match expression {
        Expr::MethodCall(call) => {
            is_chain(&call.receiver) || !matches!(call.method.to_string().as_str(), "with" | "at")
        }
        Expr::Call(_) => true,
        _ => false,
    }
}
