//! People: the browser with its bulk actions, the page of one person, import and export, groups and
//! attributes, mails about accounts.

pub(crate) mod account_mails;
pub(crate) mod act;
pub(crate) mod attributes;
pub(crate) mod browser;
pub(crate) mod bulk;
pub(crate) mod deletions;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod groups;
pub(crate) mod import;
mod limits;
pub(super) mod named;
pub(crate) mod person;
mod sought;
mod wishes;

use crate::console::operator::Operator;
use crate::console::shell::Tab;
use domain::role::Permission;

/// The places within People, as far as the operator may go.
pub(super) fn tabs(operator: &Operator, here: &str) -> Vec<Tab> {
    let all = [
        ("/console/people", "people-title", Permission::PeopleView),
        ("/console/groups", "groups-title", Permission::PeopleView),
        ("/console/attributes", "attributes-title", Permission::PeopleView),
        ("/console/deletions", "deletions-title", Permission::PeopleView),
        ("/console/people/import", "import-title", Permission::PeopleImport),
        ("/console/account-mails", "account-mails-title", Permission::PeopleView),
        ("/console/limits", "limits-title", Permission::PeopleEdit),
    ];
    let open = all.into_iter().filter(|(_, _, needs)| operator.may(*needs));
    open.map(|(path, label, _)| Tab { path, label: operator.say(label), is_here: path == here }).collect()
}
