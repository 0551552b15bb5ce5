//! What stands around every page of the console: the places to go, who is signed in, what was just done.

use crate::console::operator::Operator;
use crate::page::Frame;
use domain::role::Permission;

/// A place of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    People,
    Selections,
    Automations,
    Events,
    Mailings,
    Runs,
    Templates,
    Users,
    Roles,
    Keys,
    Settings,
    Audit,
    /// One's own account: reached by the name, not by the list.
    Account,
}

/// A line of the navigation.
#[derive(Debug)]
struct Door {
    place: Place,
    path: &'static str,
    /// The Fluent id of its name.
    label: &'static str,
    /// The path of its picture, drawn in a square of 20 by 20.
    icon: &'static str,
    /// What one of these permissions opens; none: everybody may.
    needs: &'static [Permission],
    /// Whether it stands in the lower part, for administration.
    is_administration: bool,
}

/// Every place there is, in the order shown.
const DOORS: &[Door] = &[
    Door {
        place: Place::Overview,
        path: "/console",
        label: "place-overview",
        icon: "M3 9.5 10 3.5l7 6V16a1 1 0 0 1-1 1h-3.5v-4.5h-5V17H4a1 1 0 0 1-1-1z",
        needs: &[],
        is_administration: false,
    },
    Door {
        place: Place::People,
        path: "/console/people",
        label: "place-people",
        icon: "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c.4-3 2.6-4.6 5.5-4.6s5.1 1.6 5.5 4.6M13 4a2.8 2.8 0 0 1 0 5.3M15 12.3c1.7.6 2.8 2 3 4.2",
        needs: &[Permission::PeopleView],
        is_administration: false,
    },
    Door {
        place: Place::Selections,
        path: "/console/selections",
        label: "place-selections",
        icon: "M3.5 4h13l-5 6.2V16l-3-1.7v-4.1z",
        needs: &[Permission::SelectionsView],
        is_administration: false,
    },
    Door {
        place: Place::Automations,
        path: "/console/automations",
        label: "place-automations",
        icon: "M10 3.5a6.5 6.5 0 1 1-6.1 4.3M3.5 4v4h4M10 6.5V10l2.5 2",
        needs: &[Permission::AutomationsView],
        is_administration: false,
    },
    Door {
        place: Place::Events,
        path: "/console/events",
        label: "place-events",
        icon: "M11 2.5 4.5 11.5H9.5L8.5 17.5 15.5 8.5H10.5z",
        needs: &[Permission::EventsView],
        is_administration: false,
    },
    Door {
        place: Place::Mailings,
        path: "/console/mailings",
        label: "place-mailings",
        icon: "M17 3 2.5 8.4l6 2.6 2.7 6z M8.5 11 17 3",
        needs: &[Permission::MailingsView],
        is_administration: false,
    },
    Door {
        place: Place::Runs,
        path: "/console/runs",
        label: "place-runs",
        icon: "M3 5.5h14v9.5H3zM3 6l7 5.2L17 6",
        needs: &[Permission::RunsView],
        is_administration: false,
    },
    Door {
        place: Place::Templates,
        path: "/console/templates",
        label: "place-templates",
        icon: "M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5M7.5 10h5M7.5 13h5",
        needs: &[Permission::TemplatesView],
        is_administration: true,
    },
    Door {
        place: Place::Users,
        path: "/console/users",
        label: "place-users",
        icon: "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 16.5c.3-3 2-4.8 5-4.8 1 0 1.9.2 2.6.6M14.5 11l2.7 1v2c0 1.6-1.1 2.9-2.7 3.5-1.6-.6-2.7-1.9-2.7-3.5v-2z",
        needs: &[Permission::PeopleView],
        is_administration: true,
    },
    Door {
        place: Place::Roles,
        path: "/console/roles",
        label: "place-roles",
        icon: "M10 2.8 16 5v4.5c0 3.7-2.5 6.4-6 7.7-3.5-1.3-6-4-6-7.7V5zM7.3 9.8l2 2 3.5-3.8",
        needs: &[Permission::RolesEdit],
        is_administration: true,
    },
    Door {
        place: Place::Keys,
        path: "/console/keys",
        label: "place-keys",
        icon: "M12.5 3.5a4 4 0 1 1-3.3 6.3L4 15v2h3v-2h2v-2h1.5M13.5 6.5h.01",
        needs: &[Permission::KeysEdit],
        is_administration: true,
    },
    Door {
        place: Place::Settings,
        path: "/console/settings",
        label: "place-settings",
        icon: "M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4",
        needs: &[Permission::SettingsEdit],
        is_administration: true,
    },
    Door {
        place: Place::Audit,
        path: "/console/audit",
        label: "place-audit",
        icon: "M5 3h10v14H5zM7.8 7h4.4M7.8 10h4.4M7.8 13h2.6",
        needs: &[Permission::AuditView],
        is_administration: true,
    },
];

/// A line of the navigation as shown.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) path: &'static str,
    pub(crate) label: String,
    pub(crate) icon: &'static str,
    pub(crate) is_here: bool,
    pub(crate) is_administration: bool,
    /// Whether a heading stands before it.
    pub(crate) begins_administration: bool,
}

/// A place within a place, shown as a tab.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) path: &'static str,
    pub(crate) label: String,
    pub(crate) is_here: bool,
}

/// One of a list to choose from.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: &str, label: impl Into<String>, chosen: &str) -> Self {
        Self { value: value.to_owned(), label: label.into(), is_chosen: value == chosen }
    }
}

/// What stands around every page of the console.
#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) frame: Frame,
    /// Where the program is reached, without a path.
    pub(crate) origin: String,
    /// The token for forms.
    pub(crate) token: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) lines: Vec<Line>,
    /// The name of the place, for the small screen's menu.
    pub(crate) here: String,
    pub(crate) account_is_here: bool,
    /// What was just done.
    pub(crate) done: Option<Toast>,
}

/// What a page says was just done, or why nothing was.
#[derive(Debug)]
pub(crate) struct Toast {
    pub(crate) text: String,
    /// Whether it is no success: nothing was done, or not all of it.
    pub(crate) is_notice: bool,
}

/// Codes of what is no success.
const NOTICES: [&str; 6] =
    ["bulk-nobody", "bulk-which-group", "bulk-done-but", "template-same", "limits-nothing", "event-known"];

impl Toast {
    pub(crate) fn new(code: &str, text: String) -> Self {
        Self { text, is_notice: NOTICES.contains(&code) }
    }
}

impl Shell {
    pub(crate) fn of(operator: &Operator, place: Place, done: Option<Toast>) -> Self {
        let open = DOORS.iter().filter(|door| {
            door.needs.is_empty() || door.needs.iter().any(|permission| operator.may(*permission))
        });
        let mut lines: Vec<Line> = open
            .map(|door| Line {
                path: door.path,
                label: operator.say(door.label),
                icon: door.icon,
                is_here: door.place == place,
                is_administration: door.is_administration,
                begins_administration: false,
            })
            .collect();
        if let Some(first) = lines.iter_mut().find(|line| line.is_administration) {
            first.begins_administration = true;
        }
        let viewer = &operator.signed.viewer;
        let here = lines.iter().find(|line| line.is_here).map(|line| line.label.clone());
        Self {
            frame: Frame::of(&operator.context),
            origin: operator.state().settings.base.origin(),
            token: operator.signed.session.csrf.expose().to_owned(),
            name: viewer.name.clone(),
            role: viewer.role.as_ref().map(|role| role.name.clone()).unwrap_or_default(),
            here: here.unwrap_or_else(|| viewer.name.clone()),
            lines,
            account_is_here: place == Place::Account,
            done,
        }
    }

    pub(crate) fn say(&self, id: &str) -> String {
        self.frame.say(id)
    }

    /// The word for a state of a run or a recipient.
    pub(crate) fn state(&self, state: &str) -> String {
        self.frame.words.state(state)
    }

    pub(crate) fn fill(&self, id: &str, gap: &str, value: &str) -> String {
        self.frame.fill(id, gap, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_stands_once_and_its_path_is_a_route() {
        for (number, door) in DOORS.iter().enumerate() {
            assert!(!DOORS[..number].iter().any(|other| other.place == door.place), "{door:?}");
            assert!(crate::routes::ROUTES.iter().any(|route| route.path == door.path), "{door:?}");
        }
    }
}
