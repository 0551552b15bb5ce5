//! The permissions of a role, in groups and in plain words.

use crate::console::operator::Operator;
use domain::role::{Permission, Role};

/// Permissions that belong together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

/// One permission as a box to tick.
#[derive(Debug)]
pub(crate) struct Line {
    /// The name of its field.
    pub(crate) field: String,
    pub(crate) label: String,
    pub(crate) is_ticked: bool,
    /// The one who acts has it, and so may give it.
    pub(crate) may_give: bool,
}

/// The beginning of the names of the boxes.
pub(crate) const BOXES: &str = "may-";

/// All permissions, with those ticked that are asked for.
pub(crate) fn groups(operator: &Operator, is_ticked: impl Fn(Permission) -> bool) -> Vec<Group> {
    let mut groups: Vec<(&str, Group)> = Vec::new();
    for permission in Permission::ALL {
        let name = permission.as_str();
        let kind = name.split('.').next().unwrap_or(name);
        let line = Line {
            field: format!("{BOXES}{name}"),
            label: operator.say(&text_id(*permission)),
            is_ticked: is_ticked(*permission),
            may_give: operator.may(*permission),
        };
        match groups.last_mut().filter(|(other, _)| *other == kind) {
            Some((_, group)) => group.lines.push(line),
            None => {
                let title = operator.say(&format!("permissions-{kind}"));
                groups.push((kind, Group { title, lines: vec![line] }));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The permissions of a role.
pub(crate) fn groups_of(operator: &Operator, role: &Role) -> Vec<Group> {
    groups(operator, |permission| role.allows(permission))
}

fn text_id(permission: Permission) -> String {
    format!("permission-{}", permission.as_str().replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;
    use domain::language::Language;

    #[test]
    fn every_permission_and_every_group_has_its_words() {
        for language in Language::ALL {
            let words = Words::of(language);
            for permission in Permission::ALL {
                let kind = permission.as_str().split('.').next().unwrap();
                for id in [text_id(*permission), format!("permissions-{kind}")] {
                    assert_ne!(words.say(&id), id, "{language}");
                }
            }
        }
    }
}
