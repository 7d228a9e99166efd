//! Reads where the source may build a problem: the calls that are handed a code, and the facts that are set on them.
//!
//! The source is read function by function. The content of a variable is known from its `let` or pattern: codes, texts,
//! and the calls whose result it is. Branches are not followed.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Expr, Pat};

use super::syntax::{bound, ends, files, is_chain, is_for_tests, names_code};

pub(super) type Names = BTreeSet<String>;

/// The possible content of an expression: codes, parameters and functions that may be or return a code, and texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    pub codes: Names,
    pub variables: Names,
    pub calls: Names,
    pub texts: Names,
    pub sites: Vec<usize>,
}

impl Content {
    fn add(&mut self, other: &Self) {
        self.codes.extend(other.codes.iter().cloned());
        self.variables.extend(other.variables.iter().cloned());
        self.calls.extend(other.calls.iter().cloned());
        self.texts.extend(other.texts.iter().cloned());
    }
}

/// The facts that a site gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Facts that are given by name.
    pub given: Names,
    /// Facts that may be given: through a variable that holds one of these names, or to a problem in a variable,
    /// perhaps in a branch.
    pub perhaps: Names,
}

/// The called function, as far as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Callee {
    pub name: String,
    pub is_method: bool,
    pub arguments: usize,
}

/// A call that may be handed a code.
#[derive(Debug)]
pub(super) struct Site {
    /// The index of the function or closure around the call.
    pub function: usize,
    pub callee: Callee,
    pub arguments: Vec<Content>,
    pub facts: Facts,
}

/// A function, or a closure that has a name.
#[derive(Debug)]
pub(super) struct Function {
    /// The function's index in [`Reader::functions`].
    pub index: usize,
    pub file: String,
    pub callee: Callee,
    /// The index of the function around a closure.
    pub around: Option<usize>,
    /// The parameters in order; `None` where the type says that a parameter is no code.
    pub parameters: Vec<Option<String>>,
    /// The content of the body, where the function returns a code.
    pub codes: Content,
    /// The position of the parameter that becomes the code of a problem, and the facts that come with it.
    pub makes: Option<(usize, Facts)>,
}

/// The functions and sites of the source.
#[derive(Default)]
pub(super) struct Reader {
    pub functions: Vec<Function>,
    /// The indices of the functions of a name.
    pub by_name: BTreeMap<String, Vec<usize>>,
    pub sites: Vec<Site>,
    /// Facts that are added to problems from elsewhere, each with the room that does so.
    pub added: BTreeSet<(String, String)>,
    file: String,
    inside: Vec<usize>,
    variables: BTreeMap<String, Content>,
    by_address: BTreeMap<usize, usize>,
}

/// Reads the source of the program.
pub(super) fn read() -> Reader {
    let mut reader = Reader::default();
    for (name, file) in files() {
        reader.file = name;
        reader.by_address.clear();
        reader.visit_file(&file);
    }
    for function in &reader.functions {
        let numbers = reader.by_name.entry(function.callee.name.clone());
        numbers.or_default().push(function.index);
    }
    reader
}

/// Collects the content of an expression.
struct Collected<'reader> {
    variables: &'reader BTreeMap<String, Content>,
    content: Content,
}

impl Visit<'_> for Collected<'_> {
    fn visit_expr_path(&mut self, path: &syn::ExprPath) {
        let (owner, name) = ends(&path.path);
        if owner == "Code" {
            self.content.codes.insert(name);
        } else if owner.is_empty() {
            match self.variables.get(&name) {
                Some(content) => self.content.add(content),
                None => _ = self.content.variables.insert(name),
            }
        }
    }

    fn visit_expr_lit(&mut self, literal: &syn::ExprLit) {
        if let syn::Lit::Str(text) = &literal.lit {
            self.content.texts.insert(text.value());
        }
    }

    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        if let Expr::Path(path) = call.func.as_ref() {
            self.content.calls.insert(ends(&path.path).1);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        self.content.calls.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    /// Skips comparisons: comparing with a code raises nothing.
    fn visit_expr_binary(&mut self, binary: &syn::ExprBinary) {
        if !matches!(binary.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            visit::visit_expr_binary(self, binary);
        }
    }

    fn visit_pat(&mut self, _: &Pat) {}
}

impl Reader {
    fn content(&self, expression: &Expr) -> Content {
        let mut collected = Collected {
            variables: &self.variables,
            content: Content::default(),
        };
        collected.visit_expr(expression);
        let mut content = collected.content;
        content.sites = self.sites_of(expression);
        content
    }

    /// Returns the sites whose problem is the value of an expression.
    fn sites_of(&self, expression: &Expr) -> Vec<usize> {
        let here = |address| self.by_address.get(&address).copied();
        match expression {
            // A call may return its receiver or an argument: `problem.at(column)`, `Some(problem)`.
            Expr::MethodCall(call) => {
                let mut sites = self.sites_of(&call.receiver);
                sites.extend(here(address(call)));
                sites
            }
            Expr::Call(call) => {
                let arguments = call.args.iter().flat_map(|one| self.sites_of(one));
                arguments.chain(here(address(call))).collect()
            }
            Expr::Path(path) => {
                let variable = self.variables.get(&ends(&path.path).1);
                variable.map_or_else(Vec::new, |content| content.sites.clone())
            }
            Expr::Reference(inner) => self.sites_of(&inner.expr),
            Expr::Paren(inner) => self.sites_of(&inner.expr),
            Expr::Try(inner) => self.sites_of(&inner.expr),
            Expr::If(inner) => {
                let mut sites = self.sites_of_block(&inner.then_branch);
                if let Some((_, other)) = &inner.else_branch {
                    sites.append(&mut self.sites_of(other));
                }
                sites
            }
            Expr::Match(inner) => {
                let arms = inner.arms.iter();
                arms.flat_map(|arm| self.sites_of(&arm.body)).collect()
            }
            Expr::Block(inner) => self.sites_of_block(&inner.block),
            _ => Vec::new(),
        }
    }

    fn sites_of_block(&self, block: &syn::Block) -> Vec<usize> {
        match block.stmts.last() {
            Some(syn::Stmt::Expr(expression, None)) => self.sites_of(expression),
            _ => Vec::new(),
        }
    }

    fn bind(&mut self, pattern: &Pat, content: &Content) {
        for name in bound(pattern) {
            self.variables.insert(name, content.clone());
        }
    }

    /// Reads a function or closure, whose parameters hide the variables of the outside.
    fn enter(
        &mut self,
        callee: Callee,
        parameters: Vec<Option<String>>,
        read: impl FnOnce(&mut Self),
    ) {
        let outside = self.variables.clone();
        for name in parameters.iter().flatten() {
            self.variables.remove(name);
        }
        let around = self.inside.last().copied();
        self.inside.push(self.functions.len());
        self.functions.push(Function {
            index: self.functions.len(),
            file: self.file.clone(),
            callee,
            around,
            parameters,
            codes: Content::default(),
            makes: None,
        });
        read(self);
        self.inside.pop();
        self.variables = outside;
    }

    fn read_function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let inputs = signature.inputs.iter();
        let parameters: Vec<Option<String>> = inputs
            .filter_map(|input| match input {
                syn::FnArg::Typed(typed) if names_code(&typed.ty) => Some(bound(&typed.pat).pop()),
                syn::FnArg::Typed(_) => Some(None),
                syn::FnArg::Receiver(_) => None,
            })
            .collect();
        let callee = Callee {
            name: signature.ident.to_string(),
            is_method: parameters.len() < signature.inputs.len(),
            arguments: parameters.len(),
        };
        let returns_code = match &signature.output {
            syn::ReturnType::Type(_, kind) => names_code(kind),
            syn::ReturnType::Default => false,
        };
        let outside = std::mem::take(&mut self.variables);
        self.enter(callee, parameters, |reader| {
            reader.visit_block(block);
            if returns_code {
                let mut collected = Collected {
                    variables: &reader.variables,
                    content: Content::default(),
                };
                collected.visit_block(block);
                let codes = collected.content;
                let function = reader
                    .inside
                    .last()
                    .and_then(|at| reader.functions.get_mut(*at));
                if let Some(function) = function {
                    function.codes = codes;
                }
            }
        });
        self.variables = outside;
    }

    fn read_closure(&mut self, name: &str, closure: &syn::ExprClosure) {
        let inputs = closure.inputs.iter();
        let parameters: Vec<Option<String>> = inputs
            .map(|input| match input {
                Pat::Type(typed) if !names_code(&typed.ty) => None,
                input => bound(input).pop(),
            })
            .collect();
        let callee = Callee {
            name: name.to_owned(),
            is_method: false,
            arguments: parameters.len(),
        };
        self.enter(callee, parameters, |reader| {
            reader.visit_expr(&closure.body);
        });
    }

    fn note(&mut self, at: usize, callee: Callee, arguments: Vec<Content>) {
        let Some(function) = self.inside.last().copied() else {
            return;
        };
        let takes_code = |content: &Content| {
            let unknown = !content.variables.is_empty() || !content.calls.is_empty();
            unknown || !content.codes.is_empty()
        };
        if arguments.iter().any(takes_code) {
            self.by_address.insert(at, self.sites.len());
            self.sites.push(Site {
                function,
                callee,
                arguments,
                facts: Facts::default(),
            });
        }
    }
}

impl Visit<'_> for Reader {
    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        if !is_for_tests(&function.attrs) {
            self.read_function(&function.sig, &function.block);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            self.read_function(&function.sig, &function.block);
        }
    }

    fn visit_local(&mut self, local: &syn::Local) {
        let Some(init) = &local.init else { return };
        if let (Expr::Closure(closure), Some(name)) = (init.expr.as_ref(), bound(&local.pat).pop())
        {
            self.read_closure(&name, closure);
            self.variables.remove(&name);
            return;
        }
        visit::visit_local(self, local);
        let content = self.content(&init.expr);
        self.bind(&local.pat, &content);
    }

    fn visit_expr_let(&mut self, inner: &syn::ExprLet) {
        visit::visit_expr_let(self, inner);
        let content = self.content(&inner.expr);
        self.bind(&inner.pat, &content);
    }

    fn visit_expr_match(&mut self, inner: &syn::ExprMatch) {
        self.visit_expr(&inner.expr);
        let content = self.content(&inner.expr);
        for arm in &inner.arms {
            let outside = self.variables.clone();
            self.bind(&arm.pat, &content);
            self.visit_expr(&arm.body);
            self.variables = outside;
        }
    }

    fn visit_expr_for_loop(&mut self, inner: &syn::ExprForLoop) {
        self.visit_expr(&inner.expr);
        let content = self.content(&inner.expr);
        self.bind(&inner.pat, &content);
        self.visit_block(&inner.body);
    }

    fn visit_expr_closure(&mut self, closure: &syn::ExprClosure) {
        self.visit_expr(&closure.body);
    }

    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        visit::visit_expr_call(self, call);
        if let Expr::Path(path) = call.func.as_ref() {
            let (owner, name) = ends(&path.path);
            let is_problem = owner == "Problem" && name == "new";
            let callee = Callee {
                name: if is_problem {
                    "Problem::new".to_owned()
                } else {
                    name
                },
                is_method: false,
                arguments: call.args.len(),
            };
            let arguments = call.args.iter().map(|one| self.content(one)).collect();
            self.note(address(call), callee, arguments);
        }
    }

    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        let method = call.method.to_string();
        if method == "with" && call.args.len() == 2 {
            call.args.iter().for_each(|one| self.visit_expr(one));
            let Some(name) = call.args.first() else {
                return;
            };
            let names = self.content(name).texts;
            let sites = self.sites_of(&call.receiver);
            if sites.is_empty() {
                let room = room_of(&self.file);
                let added = names.iter().map(|name| (room.clone(), name.clone()));
                self.added.extend(added);
            }
            let is_certain = matches!(name, Expr::Lit(_)) && is_chain(&call.receiver);
            for site in sites {
                let Some(site) = self.sites.get_mut(site) else {
                    continue;
                };
                let facts = &mut site.facts;
                let list = if is_certain {
                    &mut facts.given
                } else {
                    &mut facts.perhaps
                };
                list.extend(names.iter().cloned());
            }
            return;
        }
        // The arguments of a closure come from the receiver of the call.
        let content = self.content(&call.receiver);
        for argument in &call.args {
            if let Expr::Closure(closure) = argument {
                let outside = self.variables.clone();
                for input in &closure.inputs {
                    self.bind(input, &content);
                }
                self.visit_expr(&closure.body);
                self.variables = outside;
            } else {
                self.visit_expr(argument);
            }
        }
        let callee = Callee {
            name: method,
            is_method: true,
            arguments: call.args.len(),
        };
        let arguments = call.args.iter().map(|one| self.content(one)).collect();
        self.note(address(call), callee, arguments);
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

/// Returns the room of a file.
pub(super) fn room_of(file: &str) -> String {
    file.split('/').next().unwrap_or_default().to_owned()
}
