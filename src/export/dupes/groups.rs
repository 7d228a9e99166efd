//! Which customers belong together: the connected components of *shares a value of a key*, by union-find.
//!
//! A shares a phone with B and B an address with C, so A, B and C are one group. Only customers that share something are
//! held, by their ids as numbers.

use std::collections::HashMap;

use crate::model::CustomerId;

/// The groups, while customers are joined.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    members: HashMap<u128, u32>,
    /// For each member a member of the same group; its root has itself.
    parents: Vec<u32>,
    /// For each member the keys that it shares with another, a bit each.
    keys: Vec<u64>,
}

/// The numbers of the groups, which they get as they are met.
#[derive(Debug)]
pub(crate) struct GroupNumbers<'a> {
    groups: &'a Groups,
    /// For each root the number of its group; 0 until it has one.
    numbers: Vec<u64>,
    /// For each member whether it was placed.
    is_placed: Vec<bool>,
    /// How many groups were met.
    pub count: u64,
}

/// The place of a customer in the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupPlace {
    /// The number of the group, from 1.
    pub group: u64,
    /// The keys that the customer shares with another, a bit each.
    pub keys: u64,
}

impl Groups {
    /// Puts two customers that share a value of a key into one group.
    pub fn join(&mut self, one: &str, other: &str, key: u32) {
        let (Some(one), Some(other)) = (number_of(one), number_of(other)) else {
            return;
        };
        let (one, other) = (self.member(one), self.member(other));
        let bit = 1_u64.checked_shl(key).unwrap_or(0);
        for member in [one, other] {
            if let Some(keys) = self.keys.get_mut(member as usize) {
                *keys |= bit;
            }
        }
        let (one, other) = (self.root(one), self.root(other));
        // The member that was met first stays the root.
        self.set_parent(one.max(other), one.min(other));
    }

    fn member(&mut self, id: u128) -> u32 {
        let next = u32::try_from(self.parents.len()).unwrap_or(u32::MAX);
        let member = *self.members.entry(id).or_insert(next);
        if member == next {
            self.parents.push(next);
            self.keys.push(0);
        }
        member
    }

    fn parent(&self, member: u32) -> u32 {
        let parent = self.parents.get(member as usize);
        parent.copied().unwrap_or(member)
    }

    fn set_parent(&mut self, member: u32, parent: u32) {
        if let Some(own) = self.parents.get_mut(member as usize) {
            *own = parent;
        }
    }

    fn root(&mut self, member: u32) -> u32 {
        let mut member = member;
        loop {
            let parent = self.parent(member);
            if parent == member {
                return member;
            }
            // Halves the way for the next one who asks.
            let above = self.parent(parent);
            self.set_parent(member, above);
            member = above;
        }
    }

    /// Ends the joining. Now every member knows its root.
    pub fn settled(mut self) -> Self {
        for member in 0..u32::try_from(self.parents.len()).unwrap_or(u32::MAX) {
            let root = self.root(member);
            self.set_parent(member, root);
        }
        self
    }

    /// Returns whether a customer is in a group.
    pub fn has(&self, id: &CustomerId) -> bool {
        number_of(id.as_str()).is_some_and(|id| self.members.contains_key(&id))
    }
}

impl<'a> GroupNumbers<'a> {
    /// Begins to number groups that are settled.
    pub fn of(groups: &'a Groups) -> Self {
        Self {
            groups,
            numbers: vec![0; groups.parents.len()],
            is_placed: vec![false; groups.parents.len()],
            count: 0,
        }
    }

    /// Returns the place of a customer the first time that it is asked for: a file may hold a customer in two rows.
    pub fn place(&mut self, id: &CustomerId) -> Option<GroupPlace> {
        let member = *self.groups.members.get(&number_of(id.as_str())?)?;
        let is_placed = self.is_placed.get_mut(member as usize)?;
        if std::mem::replace(is_placed, true) {
            return None;
        }
        let root = self.groups.parent(member);
        let number = self.numbers.get_mut(root as usize)?;
        if *number == 0 {
            self.count += 1;
            *number = self.count;
        }
        Some(GroupPlace {
            group: *number,
            keys: *self.groups.keys.get(member as usize)?,
        })
    }
}

/// Returns the number of an id. The digit in front keeps zeros at its beginning.
fn number_of(id: &str) -> Option<u128> {
    format!("1{id}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> CustomerId {
        CustomerId::parse(text).expect("an id")
    }

    #[test]
    fn what_is_linked_through_others_is_one_group() {
        let mut groups = Groups::default();
        groups.join("1", "2", 0);
        groups.join("7", "8", 1);
        groups.join("3", "4", 1);
        groups.join("4", "2", 1);
        groups.join("1", "2", 0);
        let groups = groups.settled();
        let mut numbers = GroupNumbers::of(&groups);
        let mut place = |text| {
            numbers
                .place(&id(text))
                .map(|place| (place.group, place.keys))
        };
        assert_eq!(place("8"), Some((1, 2)));
        assert_eq!(place("3"), Some((2, 2)));
        assert_eq!(place("1"), Some((2, 1)));
        assert_eq!(place("2"), Some((2, 3)));
        assert_eq!(place("4"), Some((2, 2)));
        assert_eq!(place("7"), Some((1, 2)));
        // Once is enough, and nobody else is in a group.
        assert_eq!((place("7"), place("9"), place("01")), (None, None, None));
        assert_eq!(numbers.count, 2);
        assert!(groups.has(&id("4")) && !groups.has(&id("04")));
    }

    #[test]
    fn a_long_chain_is_one_group() {
        let mut groups = Groups::default();
        for number in (1..5000_u32).rev() {
            groups.join(&number.to_string(), &(number + 1).to_string(), 0);
        }
        let groups = groups.settled();
        let mut numbers = GroupNumbers::of(&groups);
        for number in 1..=5000_u32 {
            let place = numbers.place(&id(&number.to_string()));
            assert_eq!(place.map(|place| place.group), Some(1));
        }
        assert_eq!(numbers.count, 1);
    }
}
