//! Changing what the builder holds: add, remove, negate, switch and move, each at a place.

use super::builder::{Container, Criterion, MOST_LEVELS, MOST_ROWS, Part};

/// A place in the builder: the way down from the outermost container, which is the empty one.
pub type Way = [usize];

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Adds a criterion to the container at the place.
    Add,
    /// Adds a container with one criterion to the container at the place.
    AddContainer,
    /// Takes away what is at the place.
    Remove,
    /// Negates what is at the place, or no longer.
    Negate,
    /// Joins by the other word.
    Switch,
    /// Moves it before what stands before it: into a container that ends there, out of one that begins here.
    Up,
    /// The same in the other direction.
    Down,
}

impl Change {
    /// Every change.
    pub const ALL: [Self; 7] =
        [Self::Add, Self::AddContainer, Self::Remove, Self::Negate, Self::Switch, Self::Up, Self::Down];

    /// As forms name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::AddContainer => "container",
            Self::Remove => "remove",
            Self::Negate => "negate",
            Self::Switch => "switch",
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// The change of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.as_str() == text)
    }
}

impl Container {
    /// Makes a change at a place. A place that is not there, and what would be too large, change nothing.
    pub fn change(&mut self, change: Change, way: &Way) {
        match change {
            Change::Add | Change::AddContainer => self.add(change == Change::AddContainer, way),
            Change::Switch => {
                if let Some(container) = self.container(way) {
                    container.any ^= true;
                }
            }
            Change::Negate => self.negate(way),
            Change::Remove => {
                if let Some((last, way)) = way.split_last() {
                    self.take(way, *last);
                }
            }
            Change::Up => self.step(way, true),
            Change::Down => self.step(way, false),
        }
    }

    fn container(&mut self, way: &Way) -> Option<&mut Self> {
        way.iter().try_fold(self, |container, step| match container.parts.get_mut(*step) {
            Some(Part::Container(inner)) => Some(inner),
            _ => None,
        })
    }

    fn add(&mut self, inner: bool, way: &Way) {
        if self.rows() >= MOST_ROWS || (inner && way.len() >= MOST_LEVELS) {
            return;
        }
        let Some(container) = self.container(way) else { return };
        let row = Part::Criterion(Criterion::default());
        // A container inside one of the same kind would change nothing.
        let nested = Self { not: false, any: !container.any, parts: vec![row.clone()] };
        container.parts.push(if inner { Part::Container(nested) } else { row });
    }

    fn negate(&mut self, way: &Way) {
        let Some((last, above)) = way.split_last() else {
            self.not ^= true;
            return;
        };
        match self.container(above).and_then(|container| container.parts.get_mut(*last)) {
            Some(Part::Container(inner)) => inner.not ^= true,
            Some(Part::Criterion(row)) => row.not ^= true,
            None => {}
        }
    }

    fn take(&mut self, way: &Way, at: usize) -> Option<Part> {
        let container = self.container(way)?;
        (at < container.parts.len()).then(|| container.parts.remove(at))
    }

    fn step(&mut self, way: &Way, up: bool) {
        let Some((at, above)) = way.split_last() else { return };
        let Some(container) = self.container(above) else { return };
        let Some(moved) = container.parts.get(*at) else { return };
        let depth = levels(moved);
        let last = container.parts.len() - 1;
        let neighbour = if up { at.checked_sub(1) } else { Some(at + 1).filter(|next| *next <= last) };
        let enters =
            neighbour.is_some_and(|next| matches!(container.parts.get(next), Some(Part::Container(_))));
        match neighbour {
            Some(next) if enters && above.len() + depth < MOST_LEVELS => {
                let part = container.parts.remove(*at);
                let next = if up { next } else { next - 1 };
                if let Some(Part::Container(inner)) = container.parts.get_mut(next) {
                    let place = if up { inner.parts.len() } else { 0 };
                    inner.parts.insert(place, part);
                }
            }
            Some(next) => container.parts.swap(*at, next),
            None => {
                let Some((place, outer)) = above.split_last() else { return };
                let Some(part) = self.take(above, *at) else { return };
                let Some(outer) = self.container(outer) else { return };
                outer.parts.insert(if up { *place } else { place + 1 }, part);
            }
        }
    }
}

/// How many containers are inside each other there.
fn levels(part: &Part) -> usize {
    match part {
        Part::Criterion(_) => 0,
        Part::Container(inner) => 1 + inner.parts.iter().map(levels).max().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Catalogue, parse};

    fn builder(text: &str) -> Container {
        Container::show(&parse(text, &Catalogue::default()).unwrap()).unwrap()
    }

    fn after(text: &str, change: Change, way: &[usize]) -> String {
        let mut builder = builder(text);
        builder.change(change, way);
        builder.text(&Catalogue::default())
    }

    #[test]
    fn what_is_at_a_place_is_negated_switched_and_taken_away() {
        let text = "blocked eq true and (verified eq true or expired eq true)";
        for (change, way, wanted) in [
            (Change::Negate, &[0][..], "not (blocked eq true) and (verified eq true or expired eq true)"),
            (Change::Negate, &[1], "blocked eq true and not (verified eq true or expired eq true)"),
            (Change::Negate, &[], "not (blocked eq true and (verified eq true or expired eq true))"),
            (Change::Switch, &[], "blocked eq true or (verified eq true or expired eq true)"),
            (Change::Switch, &[1], "blocked eq true and (verified eq true and expired eq true)"),
            (Change::Remove, &[0], "verified eq true or expired eq true"),
            (Change::Remove, &[1, 0], "blocked eq true and expired eq true"),
            (Change::Remove, &[7, 7], text),
        ] {
            assert_eq!(after(text, change, way), wanted, "{change:?} {way:?}");
        }
    }

    #[test]
    fn a_criterion_moves_through_containers_as_through_an_outline() {
        let text = "blocked eq true and (verified eq true or expired eq true)";
        for (change, way, wanted) in [
            (Change::Down, &[0][..], "blocked eq true or verified eq true or expired eq true"),
            (Change::Up, &[1], "(verified eq true or expired eq true) and blocked eq true"),
            (Change::Up, &[1, 0], "blocked eq true and verified eq true and expired eq true"),
            (Change::Down, &[1, 1], "blocked eq true and verified eq true and expired eq true"),
            (Change::Down, &[1, 0], "blocked eq true and (expired eq true or verified eq true)"),
            (Change::Up, &[0], text),
        ] {
            assert_eq!(after(text, change, way), wanted, "{change:?} {way:?}");
        }
    }

    #[test]
    fn it_grows_only_so_far() {
        let mut builder = Container::default();
        for _ in 0..200 {
            builder.change(Change::Add, &[]);
        }
        assert_eq!(builder.rows(), MOST_ROWS);
        let mut builder = Container::default();
        let mut way = Vec::new();
        for _ in 0..20 {
            builder.change(Change::AddContainer, &way);
            way.push(1);
        }
        assert!(levels(&Part::Container(builder)) <= MOST_LEVELS + 1);
    }
}
