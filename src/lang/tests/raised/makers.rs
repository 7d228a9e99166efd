//! Finds the functions that hand a code on to `Problem::new`, and so the codes and facts of each site.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{self, Facts, Function, Names, Reader, Site, room_of};

/// A code that a site may raise, with the facts that are given there.
#[derive(Debug)]
pub(super) struct Raised {
    pub code: String,
    pub room: String,
    pub place: String,
    /// The facts that are set at the site.
    pub own: Facts,
    /// The facts that are added by the functions to which the code is handed.
    pub shared: Facts,
}

impl Raised {
    /// Returns the names of all facts that the problem may have.
    pub fn given(&self) -> BTreeSet<&str> {
        let facts = [&self.own, &self.shared];
        let names = facts
            .into_iter()
            .flat_map(|facts| facts.given.iter().chain(&facts.perhaps));
        names.map(String::as_str).collect()
    }
}

/// Returns every raised problem, and the facts that are added, by room, to problems from elsewhere.
pub(super) fn raised() -> (Vec<Raised>, BTreeSet<(String, String)>) {
    let mut reader = reader::read();
    reader.find_makers();
    (reader.raised(), reader.added)
}

impl Reader {
    /// Returns the functions that a call may mean: a closure beside it, else functions of its file, else of its room,
    /// else any.
    fn meant(&self, site: &Site) -> Vec<&Function> {
        let named = self.by_name.get(&site.callee.name).into_iter().flatten();
        let alike: Vec<&Function> = named
            .filter_map(|index| self.functions.get(*index))
            .filter(|function| function.callee == site.callee)
            .collect();
        let mut around = Some(site.function);
        while let Some(index) = around {
            let closure = alike.iter().find(|one| one.around == Some(index));
            if let Some(closure) = closure {
                return vec![*closure];
            }
            around = self.functions.get(index).and_then(|one| one.around);
        }
        let file = self
            .functions
            .get(site.function)
            .map_or("", |one| one.file.as_str());
        let of_file = |one: &Function| one.file == file;
        let of_room = |one: &Function| room_of(&one.file) == room_of(file);
        let nearest: [&dyn Fn(&Function) -> bool; 3] = [&of_file, &of_room, &|_| true];
        let found = nearest.into_iter().map(|is_near| -> Vec<&Function> {
            let near = alike.iter().copied();
            near.filter(|one| one.around.is_none() && is_near(one))
                .collect()
        });
        found
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// Returns the codes that functions of these names return, directly or through functions that they call.
    fn returned(&self, calls: &Names) -> Names {
        let mut names = calls.clone();
        let mut codes = Names::new();
        loop {
            let before = names.len();
            for name in names.clone() {
                for index in self.by_name.get(&name).into_iter().flatten() {
                    let content = self.functions.get(*index).map(|one| &one.codes);
                    if let Some(content) = content
                        .filter(|content| !content.codes.is_empty() || !content.calls.is_empty())
                    {
                        codes.extend(content.codes.iter().cloned());
                        names.extend(content.calls.iter().cloned());
                    }
                }
            }
            if names.len() == before {
                return codes;
            }
        }
    }

    /// Returns the position of the argument that becomes the code of a problem, and the facts that come with it.
    fn made(&self, site: &Site) -> Option<(usize, Facts)> {
        if site.callee.name == "Problem::new" {
            return Some((0, Facts::default()));
        }
        let mut makers = self
            .meant(site)
            .into_iter()
            .filter_map(|one| one.makes.clone());
        let (at, mut facts) = makers.next()?;
        for (_, other) in makers {
            facts = common(&facts, &other);
        }
        Some((at, facts))
    }

    fn find_makers(&mut self) {
        loop {
            let mut found: BTreeMap<usize, (usize, Facts)> = BTreeMap::new();
            for site in &self.sites {
                let Some((at, shared)) = self.made(site) else {
                    continue;
                };
                let handed = site.arguments.get(at);
                let mut facts = shared;
                facts.given.extend(site.facts.given.iter().cloned());
                facts.perhaps.extend(site.facts.perhaps.iter().cloned());
                let function = self.functions.get(site.function);
                let parameter = function.and_then(|function| {
                    let handed = handed?;
                    let mut names = function.parameters.iter();
                    names.position(|name| {
                        name.as_ref()
                            .is_some_and(|name| handed.variables.contains(name))
                    })
                });
                if let Some(parameter) = parameter {
                    let before = found.remove(&site.function);
                    let facts = match before {
                        Some((_, before)) => common(&before, &facts),
                        None => facts,
                    };
                    found.insert(site.function, (parameter, facts));
                }
            }
            let mut has_changed = false;
            for (index, made) in found {
                let function = self
                    .functions
                    .get_mut(index)
                    .expect("an index of a function");
                if function.makes.as_ref() != Some(&made) {
                    function.makes = Some(made);
                    has_changed = true;
                }
            }
            if !has_changed {
                return;
            }
        }
    }

    /// Returns the facts that callers add to the result of a function that chooses the code itself.
    fn added_later(&self) -> BTreeMap<usize, Names> {
        let mut later: BTreeMap<usize, Names> = BTreeMap::new();
        for site in &self.sites {
            let facts = &site.facts;
            let has_facts = !facts.given.is_empty() || !facts.perhaps.is_empty();
            if has_facts && self.made(site).is_none() {
                for function in self.meant(site) {
                    let names = later.entry(function.index).or_default();
                    names.extend(facts.given.iter().chain(&facts.perhaps).cloned());
                }
            }
        }
        later
    }

    fn raised(&self) -> Vec<Raised> {
        let later = self.added_later();
        let mut all = Vec::new();
        for site in &self.sites {
            let Some((at, shared)) = self.made(site) else {
                continue;
            };
            let Some(handed) = site.arguments.get(at) else {
                continue;
            };
            let mut codes = handed.codes.clone();
            codes.append(&mut self.returned(&handed.calls));
            let Some(function) = self.functions.get(site.function) else {
                continue;
            };
            let mut own = site.facts.clone();
            own.perhaps
                .extend(later.get(&site.function).into_iter().flatten().cloned());
            for code in codes {
                all.push(Raised {
                    code,
                    room: room_of(&function.file),
                    place: format!("{} in {}", function.callee.name, function.file),
                    own: own.clone(),
                    shared: shared.clone(),
                });
            }
        }
        all
    }
}

/// Returns the facts that both give. A fact that only one gives becomes a possible fact.
fn common(one: &Facts, other: &Facts) -> Facts {
    let given: Names = one.given.intersection(&other.given).cloned().collect();
    let all = [&one.given, &one.perhaps, &other.given, &other.perhaps];
    let perhaps = all
        .into_iter()
        .flatten()
        .filter(|name| !given.contains(*name));
    Facts {
        perhaps: perhaps.cloned().collect(),
        given,
    }
}
