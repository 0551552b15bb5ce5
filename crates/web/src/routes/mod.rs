//! The one list of routes: method, path, for whom, who may, and the handler.

pub use crate::admit::Who;
use crate::admit::admit;
use crate::state::State;
use crate::{api, assets, console, mailbox, metrics, recipient};
use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};
use domain::role::Permission;

/// Whom a route is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// People who get passwords.
    Recipient,
    /// Operators.
    Console,
    /// Who tries the program out.
    Mailbox,
    /// Programs.
    Api,
    /// All pages: the design.
    Design,
}

/// One route.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method; a route for GET answers HEAD, too.
    pub method: Method,
    /// The path, with its parts that vary in braces.
    pub path: &'static str,
    /// Whom it is made for.
    pub audience: Audience,
    /// Who may use it.
    pub who: Who,
}

macro_rules! routes {
    ($($method:ident $path:literal $audience:ident $who:expr => $handler:expr;)+) => {
        /// Every route there is.
        pub const ROUTES: &[Route] = &[
            $(Route { method: Method::$method, path: $path, audience: Audience::$audience, who: $who }),+
        ];

        /// Binds every route to its handler, behind its rule.
        pub(crate) fn bind(state: &State) -> Router<State> {
            Router::new()$(.route(
                $path,
                // Around the route, not the handler: then the rule is compiled once, not once for each of them.
                on(MethodFilter::$method, $handler).route_layer(from_fn_with_state((state.clone(), $who), admit)),
            ))+
        }
    };
}

routes! {
    GET  "/"                                   Recipient Who::Anyone => recipient::login::start;
    GET  "/login"                              Recipient Who::Anyone => recipient::login::show;
    POST "/login"                              Recipient Who::Anyone => recipient::login::create;
    POST "/logout"                             Recipient Who::RecipientOrMustChange => recipient::account::sign_out;
    GET  "/password/new"                       Recipient Who::MustChange => recipient::forced::show;
    POST "/password/new"                       Recipient Who::MustChange => recipient::forced::create;
    GET  "/password/done"                      Recipient Who::Anyone => recipient::forced::done;
    POST "/password/strength"                  Recipient Who::RecipientOrMustChange => recipient::strength::show;
    GET  "/password"                           Recipient Who::Recipient => recipient::password::show;
    POST "/password"                           Recipient Who::Recipient => recipient::password::update;
    GET  "/account"                            Recipient Who::Recipient => recipient::account::show;
    POST "/account/sessions/end"               Recipient Who::Recipient => recipient::account::end_others;
    GET  "/preferences"                        Recipient Who::Recipient => recipient::preferences::overview::show;
    POST "/preferences"                        Recipient Who::Recipient => recipient::preferences::save::update;
    POST "/preferences/unsubscribe"            Recipient Who::Recipient => recipient::preferences::save::stop_all;
    POST "/preferences/allow"                  Recipient Who::Recipient => recipient::preferences::save::allow_again;
    GET  "/preferences/address"                Recipient Who::Recipient => recipient::preferences::address::show;
    POST "/preferences/address"                Recipient Who::Recipient => recipient::preferences::address::create;
    POST "/preferences/address/withdraw"       Recipient Who::Recipient => recipient::preferences::address::remove;
    GET  "/preferences/deletion"               Recipient Who::Recipient => recipient::preferences::deletion::show;
    POST "/preferences/deletion"               Recipient Who::Recipient => recipient::preferences::deletion::create;
    POST "/preferences/deletion/withdraw"      Recipient Who::Recipient => recipient::preferences::deletion::remove;
    GET  "/preferences/data"                   Recipient Who::Recipient => recipient::preferences::data::show;
    GET  "/confirm/{purpose}/link/{token}"     Recipient Who::Anyone => recipient::confirm::open;
    GET  "/confirm/{purpose}"                  Recipient Who::Anyone => recipient::confirm::show;
    POST "/confirm/{purpose}"                  Recipient Who::Anyone => recipient::confirm::create;
    GET  "/unsubscribe/{tag}"                  Recipient Who::Anyone => recipient::unsubscribe::show;
    POST "/unsubscribe/{tag}"                  Recipient Who::Anyone => recipient::unsubscribe::create;
    GET  "/reset"                              Recipient Who::Anyone => recipient::reset::ask::show;
    POST "/reset"                              Recipient Who::Anyone => recipient::reset::ask::create;
    GET  "/reset/link/{token}"                 Recipient Who::Anyone => recipient::reset::link::open;
    GET  "/reset/new"                          Recipient Who::Anyone => recipient::reset::choose::show;
    POST "/reset/new"                          Recipient Who::Anyone => recipient::reset::choose::create;
    POST "/reset/new/strength"                 Recipient Who::Anyone => recipient::reset::choose::strength;
    GET  "/reset/done"                         Recipient Who::Anyone => recipient::reset::choose::done;
    GET  "/reset/report/{tag}"                 Recipient Who::Anyone => recipient::reset::report::show;
    POST "/reset/report/{tag}"                 Recipient Who::Anyone => recipient::reset::report::create;
    GET  "/.well-known/change-password"        Recipient Who::Anyone => recipient::login::change_password;

    GET  "/console/setup/{token}"              Console Who::Anyone => console::setup::open;
    GET  "/console/setup"                      Console Who::Anyone => console::setup::show;
    POST "/console/setup"                      Console Who::Anyone => console::setup::create;
    GET  "/console/login"                      Console Who::Anyone => console::login::show;
    POST "/console/login"                      Console Who::Anyone => console::login::create;
    GET  "/console/login/code"                 Console Who::SecondFactor => console::login_code::show;
    POST "/console/login/code"                 Console Who::SecondFactor => console::login_code::create;
    GET  "/console/login/enrol"                Console Who::SecondFactor => console::login_enrol::show;
    POST "/console/login/enrol"                Console Who::SecondFactor => console::login_enrol::create;
    GET  "/console/prove"                      Console Who::Operator => console::prove::show;
    POST "/console/prove"                      Console Who::Operator => console::prove::create;
    GET  "/console/account"                    Console Who::Operator => console::account::show;
    POST "/console/account"                    Console Who::Operator => console::account::update;
    GET  "/console/account/password"           Console Who::Operator => console::account::show_password;
    POST "/console/account/password"           Console Who::Operator => console::account::update_password;
    POST "/console/account/password/strength"  Console Who::Operator => recipient::strength::show;
    POST "/console/account/sessions/end"       Console Who::Operator => console::account::end_sessions;
    POST "/console/account/sessions/{id}/end"  Console Who::Operator => console::account::end_session;
    GET  "/console/account/second-factor"      Console Who::ProvedOperator => console::second_factor::show;
    POST "/console/account/second-factor"      Console Who::ProvedOperator => console::second_factor::create;
    POST "/console/account/second-factor/codes" Console Who::ProvedOperator => console::second_factor::renew;
    POST "/console/account/second-factor/remove" Console Who::ProvedOperator => console::second_factor::remove;
    POST "/console/logout"                     Console Who::Operator => console::login::remove;
    GET  "/console/users"                      Console Who::OperatorWith(Permission::PeopleView) => console::users::list;
    GET  "/console/users/new"                  Console Who::Proved(Permission::RolesEdit) => console::user_form::show_new;
    POST "/console/users"                      Console Who::Proved(Permission::RolesEdit) => console::user_form::create;
    GET  "/console/users/{id}"                 Console Who::OperatorWith(Permission::PeopleView) => console::users::show;
    GET  "/console/users/{id}/edit"            Console Who::Proved(Permission::RolesEdit) => console::user_form::show;
    POST "/console/users/{id}"                 Console Who::Proved(Permission::RolesEdit) => console::user_form::update;
    POST "/console/users/{id}/block"           Console Who::Proved(Permission::RolesEdit) => console::users::block;
    POST "/console/users/{id}/unblock"         Console Who::Proved(Permission::RolesEdit) => console::users::unblock;
    POST "/console/users/{id}/sessions/end"    Console Who::Proved(Permission::RolesEdit) => console::users::end_sessions;
    POST "/console/users/{id}/second-factor/reset" Console Who::Proved(Permission::RolesEdit) => console::users::reset_second_factor;
    POST "/console/users/{id}/remove"          Console Who::Proved(Permission::RolesEdit) => console::users::remove;
    GET  "/console/roles"                      Console Who::OperatorWith(Permission::RolesEdit) => console::roles::list;
    GET  "/console/roles/new"                  Console Who::Proved(Permission::RolesEdit) => console::roles::show_new;
    POST "/console/roles"                      Console Who::Proved(Permission::RolesEdit) => console::roles::create;
    GET  "/console/roles/{id}"                 Console Who::OperatorWith(Permission::RolesEdit) => console::roles::show;
    GET  "/console/roles/{id}/edit"            Console Who::Proved(Permission::RolesEdit) => console::roles::show_edit;
    POST "/console/roles/{id}"                 Console Who::Proved(Permission::RolesEdit) => console::roles::update;
    POST "/console/roles/{id}/second-factor"   Console Who::Proved(Permission::RolesEdit) => console::roles::require_second_factor;
    POST "/console/roles/{id}/remove"          Console Who::Proved(Permission::RolesEdit) => console::roles::remove;
    GET  "/console/people"                     Console Who::OperatorWith(Permission::PeopleView) => console::people::browser::list;
    POST "/console/people/bulk"                Console Who::OperatorWith(Permission::PeopleEdit) => console::people::bulk::create;
    GET  "/console/people/export"              Console Who::Proved(Permission::PeopleExport) => console::people::export::show;
    GET  "/console/people/import"              Console Who::OperatorWith(Permission::PeopleImport) => console::people::import::show;
    POST "/console/people/import"              Console Who::OperatorWith(Permission::PeopleImport) => console::people::import::create;
    GET  "/console/people/import/{upload}"     Console Who::OperatorWith(Permission::PeopleImport) => console::people::import::preview;
    POST "/console/people/import/{upload}"     Console Who::OperatorWith(Permission::PeopleImport) => console::people::import::apply;
    GET  "/console/people/new"                 Console Who::OperatorWith(Permission::PeopleEdit) => console::people::edit::show_blank;
    POST "/console/people/new"                 Console Who::OperatorWith(Permission::PeopleEdit) => console::people::edit::create;
    GET  "/console/people/{id}"                Console Who::OperatorWith(Permission::PeopleView) => console::people::person::show;
    GET  "/console/people/{id}/edit"           Console Who::ProvedForSelf(Permission::PeopleEdit) => console::people::edit::show;
    POST "/console/people/{id}/edit"           Console Who::ProvedForSelf(Permission::PeopleEdit) => console::people::edit::update;
    POST "/console/people/{id}/password"       Console Who::Proved(Permission::CredentialsMail) => console::people::act::send_password;
    GET  "/console/people/{id}/erase"          Console Who::OperatorWith(Permission::PeopleEdit) => console::people::act::confirm_erase;
    POST "/console/people/{id}/erase"          Console Who::OperatorWith(Permission::PeopleEdit) => console::people::act::erase;
    POST "/console/people/{id}/act/{act}"      Console Who::OperatorWith(Permission::PeopleEdit) => console::people::act::create;
    GET  "/console/account-mails"              Console Who::OperatorWith(Permission::PeopleView) => console::people::account_mails::list;
    GET  "/console/limits"                     Console Who::OperatorWith(Permission::PeopleEdit) => console::limits::show;
    POST "/console/limits/mailbox"             Console Who::OperatorWith(Permission::PeopleEdit) => console::limits::clear_mailbox;
    POST "/console/limits/network"             Console Who::OperatorWith(Permission::SettingsEdit) => console::limits::clear_network;
    GET  "/console/groups"                     Console Who::OperatorWith(Permission::PeopleView) => console::people::groups::list;
    POST "/console/groups"                     Console Who::OperatorWith(Permission::PeopleEdit) => console::people::groups::create;
    GET  "/console/groups/{id}"                Console Who::OperatorWith(Permission::PeopleEdit) => console::people::groups::show;
    POST "/console/groups/{id}"                Console Who::OperatorWith(Permission::PeopleEdit) => console::people::groups::update;
    POST "/console/groups/{id}/remove"         Console Who::OperatorWith(Permission::PeopleEdit) => console::people::groups::remove;
    GET  "/console/deletions"                  Console Who::OperatorWith(Permission::PeopleView) => console::people::deletions::list;
    POST "/console/deletions/{id}/decline"     Console Who::OperatorWith(Permission::PeopleEdit) => console::people::deletions::decline;
    GET  "/console/attributes"                 Console Who::OperatorWith(Permission::PeopleView) => console::people::attributes::list;
    POST "/console/attributes"                 Console Who::OperatorWith(Permission::SettingsEdit) => console::people::attributes::create;
    POST "/console/attributes/{name}"          Console Who::OperatorWith(Permission::SettingsEdit) => console::people::attributes::update;
    POST "/console/attributes/{name}/remove"   Console Who::OperatorWith(Permission::SettingsEdit) => console::people::attributes::remove;
    GET  "/console/selections"                 Console Who::OperatorWith(Permission::SelectionsView) => console::selections::list;
    POST "/console/selections"                 Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::edit::create;
    GET  "/console/selections/new"             Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::edit::new;
    POST "/console/selections/draft"           Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::edit::draft;
    GET  "/console/selections/{id}"            Console Who::OperatorWith(Permission::SelectionsView) => console::selections::edit::show;
    POST "/console/selections/{id}"            Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::edit::update;
    POST "/console/selections/{id}/copy"       Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::copy;
    POST "/console/selections/{id}/publish"    Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::publish;
    POST "/console/selections/{id}/archive"    Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::archive;
    POST "/console/selections/{id}/restore"    Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::restore;
    POST "/console/selections/{id}/remove"     Console Who::OperatorWith(Permission::SelectionsEdit) => console::selections::remove;
    GET  "/console/automations"                Console Who::OperatorWith(Permission::AutomationsView) => console::automations::list;
    POST "/console/automations"                Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::job::create;
    GET  "/console/automations/new"            Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::job::new;
    GET  "/console/automations/{id}"           Console Who::OperatorWith(Permission::AutomationsView) => console::automations::show::show;
    GET  "/console/automations/{id}/job"       Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::job::show;
    POST "/console/automations/{id}/job"       Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::job::update;
    GET  "/console/automations/{id}/schedule"  Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::schedule::show;
    POST "/console/automations/{id}/schedule"  Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::schedule::update;
    GET  "/console/automations/{id}/preview"   Console Who::OperatorWith(Permission::AutomationsView) => console::automations::start::preview;
    GET  "/console/automations/{id}/activate"  Console Who::Proved(Permission::AutomationsActivate) => console::automations::start::show_activate;
    POST "/console/automations/{id}/activate"  Console Who::Proved(Permission::AutomationsActivate) => console::automations::start::activate;
    POST "/console/automations/{id}/deactivate" Console Who::OperatorWith(Permission::AutomationsActivate) => console::automations::change::deactivate;
    GET  "/console/automations/{id}/run"       Console Who::Proved(Permission::AutomationsRun) => console::automations::start::show_run;
    POST "/console/automations/{id}/run"       Console Who::Proved(Permission::AutomationsRun) => console::automations::start::run;
    POST "/console/automations/{id}/approve"   Console Who::Proved(Permission::MailingsApprove) => console::automations::change::approve;
    POST "/console/automations/{id}/unapprove" Console Who::OperatorWith(Permission::MailingsApprove) => console::automations::change::unapprove;
    POST "/console/automations/{id}/copy"      Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::change::copy;
    POST "/console/automations/{id}/archive"   Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::change::archive;
    POST "/console/automations/{id}/restore"   Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::change::restore;
    POST "/console/automations/{id}/remove"    Console Who::OperatorWith(Permission::AutomationsEdit) => console::automations::change::remove;
    GET  "/console/mailings"                                       Console Who::OperatorWith(Permission::MailingsView) => console::mailings::list;
    POST "/console/mailings"                                       Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::new::create;
    GET  "/console/mailings/new"                                   Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::new::show;
    GET  "/console/mailings/{id}"                                  Console Who::OperatorWith(Permission::MailingsView) => console::mailings::show::show;
    GET  "/console/mailings/{id}/mail"                             Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::mail::show;
    POST "/console/mailings/{id}/mail"                             Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::mail::update;
    POST "/console/mailings/{id}/mail/{part}"                      Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::mail::look;
    GET  "/console/mailings/{id}/preview"                          Console Who::OperatorWith(Permission::MailingsView) => console::mailings::preview::show;
    GET  "/console/mailings/{id}/preview/{part}"                   Console Who::OperatorWith(Permission::MailingsView) => console::mailings::preview::show_part;
    GET  "/console/mailings/{id}/recipients"                       Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::recipients::show;
    POST "/console/mailings/{id}/recipients"                       Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::recipients::update;
    POST "/console/mailings/{id}/recipients/people"                Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::recipients::change_people;
    POST "/console/mailings/{id}/recipients/groups"                Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::recipients::change_groups;
    POST "/console/mailings/{id}/recipients/list"                  Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::recipients::take_list;
    GET  "/console/mailings/{id}/start"                            Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::start::show;
    POST "/console/mailings/{id}/start"                            Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::start::update;
    POST "/console/mailings/{id}/arm"                              Console Who::ProvedSender => console::mailings::start::arm;
    POST "/console/mailings/{id}/test"                                 Console Who::ProvedSender => console::mailings::start::test;
    POST "/console/mailings/{id}/disarm"                           Console Who::ProvedSender => console::mailings::change::disarm;
    POST "/console/mailings/{id}/cancel"                           Console Who::ProvedSender => console::mailings::change::cancel;
    POST "/console/mailings/{id}/approve"                          Console Who::Proved(Permission::MailingsApprove) => console::mailings::change::approve;
    POST "/console/mailings/{id}/copy"                             Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::change::copy;
    POST "/console/mailings/{id}/remind"                           Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::change::remind;
    POST "/console/mailings/{id}/archive"                          Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::change::archive;
    POST "/console/mailings/{id}/restore"                          Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::change::restore;
    POST "/console/mailings/{id}/remove"                           Console Who::OperatorWith(Permission::MailingsDraft) => console::mailings::change::remove;
    GET  "/console/mailings/{id}/people"                           Console Who::OperatorWith(Permission::MailingsView) => console::mailings::people::list;
    GET  "/console/mailings/{id}/people.csv"                       Console Who::Proved(Permission::PeopleExport) => console::mailings::download::people_csv;
    GET  "/console/mailings/{id}/people.jsonl"                     Console Who::Proved(Permission::PeopleExport) => console::mailings::download::people_lines;
    GET  "/console/mailings/{id}/events.csv"                       Console Who::Proved(Permission::PeopleExport) => console::mailings::download::events_csv;
    GET  "/console/mailings/{id}/events.jsonl"                     Console Who::Proved(Permission::PeopleExport) => console::mailings::download::events_lines;
    GET  "/console/holidays"                   Console Who::OperatorWith(Permission::AutomationsView) => console::holidays::list;
    POST "/console/holidays"                   Console Who::OperatorWith(Permission::SettingsEdit) => console::holidays::create;
    POST "/console/holidays/remove"            Console Who::OperatorWith(Permission::SettingsEdit) => console::holidays::remove;
    GET  "/console"                                                   Console Who::Operator => console::overview::show;
    GET  "/console/sending"                                           Console Who::OperatorWith(Permission::SettingsEdit) => console::sending::show;
    POST "/console/sending/stop"                                      Console Who::OperatorWith(Permission::SettingsEdit) => console::sending::stop;
    POST "/console/sending/start"                                     Console Who::Proved(Permission::SettingsEdit) => console::sending::start;
    GET  "/console/runs"                                              Console Who::OperatorWith(Permission::RunsView) => console::runs::list::list;
    GET  "/console/runs/{id}"                                         Console Who::OperatorWith(Permission::RunsView) => console::runs::page::show;
    GET  "/console/runs/{id}/events"                                  Console Who::OperatorWith(Permission::RunsView) => console::runs::watch::show;
    GET  "/console/runs/{id}/report"                                  Console Who::OperatorWith(Permission::RunsView) => console::runs::report::show;
    GET  "/console/runs/{id}/report.csv"                              Console Who::OperatorWith(Permission::RunsView) => console::runs::download::report;
    GET  "/console/runs/{id}/recipients.csv"                          Console Who::Proved(Permission::RunsView) => console::runs::download::recipients;
    GET  "/console/runs/{id}/recipients/{place}"                      Console Who::OperatorWith(Permission::RunsView) => console::runs::recipient::show;
    POST "/console/runs/{id}/recipients/{place}/retry"                Console Who::OperatorWith(Permission::RunsControl) => console::runs::recipient::retry;
    POST "/console/runs/{id}/recipients/{place}/correct"              Console Who::OperatorWith(Permission::RunsControl) => console::runs::recipient::correct;
    GET  "/console/runs/{id}/{act}"                                   Console Who::OperatorWith(Permission::RunsControl) => console::runs::act::show;
    POST "/console/runs/{id}/{act}"                                   Console Who::OperatorWith(Permission::RunsControl) => console::runs::act::create;
    GET  "/console/templates"                                         Console Who::OperatorWith(Permission::TemplatesView) => console::templates::list::list;
    GET  "/console/templates/{kind}/{language}"                       Console Who::OperatorWith(Permission::TemplatesView) => console::templates::edit::show;
    POST "/console/templates/{kind}/{language}"                       Console Who::Proved(Permission::TemplatesEdit) => console::templates::edit::update;
    GET  "/console/templates/{kind}/{language}/reset"                 Console Who::Proved(Permission::TemplatesEdit) => console::templates::edit::ask_reset;
    POST "/console/templates/{kind}/{language}/reset"                 Console Who::Proved(Permission::TemplatesEdit) => console::templates::edit::reset;
    POST "/console/templates/{kind}/{language}/test"                  Console Who::OperatorWith(Permission::TemplatesEdit) => console::templates::edit::test;
    POST "/console/templates/{kind}/{language}/preview/{part}"        Console Who::OperatorWith(Permission::TemplatesView) => console::templates::preview::show;
    GET  "/console/keys"                                              Console Who::OperatorWith(Permission::KeysEdit) => console::keys::list;
    GET  "/console/keys/new"                                          Console Who::Proved(Permission::KeysEdit) => console::keys::show_blank;
    POST "/console/keys"                                              Console Who::Proved(Permission::KeysEdit) => console::keys::create;
    POST "/console/keys/{id}/revoke"                                  Console Who::OperatorWith(Permission::KeysEdit) => console::keys::revoke;
    GET  "/console/settings"                                          Console Who::OperatorWith(Permission::SettingsEdit) => console::settings::show;
    GET  "/console/audit"                                             Console Who::OperatorWith(Permission::AuditView) => console::audit::list::list;
    GET  "/console/audit.csv"                                         Console Who::OperatorWith(Permission::AuditView) => console::audit::download::show;
    POST "/console/audit/verify"                                      Console Who::OperatorWith(Permission::AuditView) => console::audit::verify::create;

    GET  "/mailbox"                            Mailbox Who::MailboxReader => mailbox::list;
    GET  "/mailbox/{number}"                   Mailbox Who::MailboxReader => mailbox::show;
    GET  "/mailbox/{number}/html"              Mailbox Who::MailboxReader => mailbox::show_html;
    GET  "/mailbox/{number}/source"            Mailbox Who::MailboxReader => mailbox::show_source;

    GET    "/api/v1/people"                                Api Who::Program(Permission::PeopleView) => api::people::list;
    POST   "/api/v1/people"                                Api Who::Program(Permission::PeopleEdit) => api::people::create;
    POST   "/api/v1/people/import"                         Api Who::Program(Permission::PeopleImport) => api::people_file::create;
    GET    "/api/v1/people/export"                         Api Who::Program(Permission::PeopleExport) => api::people_file::show;
    GET    "/api/v1/people/{id}"                           Api Who::Program(Permission::PeopleView) => api::people::show;
    PATCH  "/api/v1/people/{id}"                           Api Who::Program(Permission::PeopleEdit) => api::people::update;
    DELETE "/api/v1/people/{id}"                           Api Who::Program(Permission::PeopleEdit) => api::people::remove;
    POST   "/api/v1/people/{id}/block" Api Who::Program(Permission::PeopleEdit) => api::people_care::block;
    POST   "/api/v1/people/{id}/unblock" Api Who::Program(Permission::PeopleEdit) => api::people_care::unblock;
    POST   "/api/v1/people/{id}/deliverable" Api Who::Program(Permission::PeopleEdit) => api::people_care::mark_deliverable;
    POST   "/api/v1/people/{id}/sign-out" Api Who::Program(Permission::PeopleEdit) => api::people_care::end_sessions;
    POST   "/api/v1/people/{id}/revoke-credentials" Api Who::Program(Permission::PeopleEdit) => api::people_care::revoke_outstanding;
    POST   "/api/v1/people/{id}/clear-limits" Api Who::Program(Permission::PeopleEdit) => api::people_care::clear_limits;
    GET    "/api/v1/people/{id}/limits"       Api Who::Program(Permission::PeopleView) => api::limits::of_person;
    DELETE "/api/v1/people/{id}/limits"       Api Who::Program(Permission::PeopleEdit) => api::limits::clear_person;
    GET    "/api/v1/limits"                   Api Who::Program(Permission::SettingsEdit) => api::limits::of_everybody;
    GET    "/api/v1/limits/networks/{network}" Api Who::Program(Permission::SettingsEdit) => api::limits::of_network;
    DELETE "/api/v1/limits/networks/{network}" Api Who::Program(Permission::SettingsEdit) => api::limits::clear_network;
    GET    "/api/v1/limits/mailboxes/{address}" Api Who::Program(Permission::PeopleView) => api::limits::of_mailbox;
    DELETE "/api/v1/limits/mailboxes/{address}" Api Who::Program(Permission::PeopleEdit) => api::limits::clear_mailbox;
    GET    "/api/v1/account-mails"            Api Who::Program(Permission::PeopleView) => api::account_mails::list;
    POST   "/api/v1/people/{id}/new-password" Api Who::Program(Permission::CredentialsMail) => api::people_care::send_password;
    GET    "/api/v1/groups"                                Api Who::Program(Permission::PeopleView) => api::groups::list;
    POST   "/api/v1/groups"                                Api Who::Program(Permission::PeopleEdit) => api::groups::create;
    GET    "/api/v1/groups/{id}"                           Api Who::Program(Permission::PeopleView) => api::groups::show;
    PATCH  "/api/v1/groups/{id}"                           Api Who::Program(Permission::PeopleEdit) => api::groups::update;
    DELETE "/api/v1/groups/{id}"                           Api Who::Program(Permission::PeopleEdit) => api::groups::remove;
    GET    "/api/v1/groups/{id}/members"                   Api Who::Program(Permission::PeopleView) => api::groups::list_members;
    POST   "/api/v1/groups/{id}/members"                   Api Who::Program(Permission::PeopleEdit) => api::groups::add_members;
    DELETE "/api/v1/groups/{id}/members/{person_id}"       Api Who::Program(Permission::PeopleEdit) => api::groups::remove_member;
    GET    "/api/v1/attributes"                            Api Who::Program(Permission::PeopleView) => api::attributes::list;
    POST   "/api/v1/attributes"                            Api Who::Program(Permission::SettingsEdit) => api::attributes::create;
    PATCH  "/api/v1/attributes/{name}"                     Api Who::Program(Permission::SettingsEdit) => api::attributes::update;
    DELETE "/api/v1/attributes/{name}"                     Api Who::Program(Permission::SettingsEdit) => api::attributes::remove;
    GET    "/api/v1/selections"                            Api Who::Program(Permission::SelectionsView) => api::selections::list;
    POST   "/api/v1/selections"                            Api Who::Program(Permission::SelectionsEdit) => api::selections::create;
    POST   "/api/v1/selections/count"                      Api Who::Program(Permission::SelectionsView) => api::selections::count;
    GET    "/api/v1/selections/{id}"                       Api Who::Program(Permission::SelectionsView) => api::selections::show;
    PATCH  "/api/v1/selections/{id}"                       Api Who::Program(Permission::SelectionsEdit) => api::selections::update;
    DELETE "/api/v1/selections/{id}"                       Api Who::Program(Permission::SelectionsEdit) => api::selections::remove;
    POST   "/api/v1/selections/{id}/publish"               Api Who::Program(Permission::SelectionsEdit) => api::selections::publish;
    POST   "/api/v1/selections/{id}/archive"               Api Who::Program(Permission::SelectionsEdit) => api::selections::archive;
    POST   "/api/v1/selections/{id}/restore"               Api Who::Program(Permission::SelectionsEdit) => api::selections::restore;
    GET    "/api/v1/selections/{id}/people"                Api Who::Program(Permission::SelectionsView) => api::selections::list_people;
    GET    "/api/v1/automations"                           Api Who::Program(Permission::AutomationsView) => api::automations::list;
    POST   "/api/v1/automations"                           Api Who::Program(Permission::AutomationsEdit) => api::automations::create;
    GET    "/api/v1/automations/{id}"                      Api Who::Program(Permission::AutomationsView) => api::automations::show;
    DELETE "/api/v1/automations/{id}"                      Api Who::Program(Permission::AutomationsEdit) => api::automations::remove;
    PUT    "/api/v1/automations/{id}/job"                  Api Who::Program(Permission::AutomationsEdit) => api::automations::update_job;
    PUT    "/api/v1/automations/{id}/schedule"             Api Who::Program(Permission::AutomationsEdit) => api::schedules::update;
    GET    "/api/v1/automations/{id}/occurrences"          Api Who::Program(Permission::AutomationsView) => api::schedules::list;
    POST   "/api/v1/automations/{id}/copy"                 Api Who::Program(Permission::AutomationsEdit) => api::automations::copy;
    POST   "/api/v1/automations/{id}/activate"             Api Who::Program(Permission::AutomationsActivate) => api::automations::activate;
    POST   "/api/v1/automations/{id}/deactivate"           Api Who::Program(Permission::AutomationsActivate) => api::automations::deactivate;
    POST   "/api/v1/automations/{id}/archive"              Api Who::Program(Permission::AutomationsEdit) => api::automations::archive;
    POST   "/api/v1/automations/{id}/restore"              Api Who::Program(Permission::AutomationsEdit) => api::automations::restore;
    POST   "/api/v1/automations/{id}/preview"              Api Who::Program(Permission::AutomationsView) => api::automations::preview;
    POST   "/api/v1/automations/{id}/runs"                 Api Who::Program(Permission::AutomationsRun) => api::automations::create_run;
    GET    "/api/v1/mailings"                              Api Who::Program(Permission::MailingsView) => api::mailings::list;
    POST   "/api/v1/mailings"                              Api Who::Program(Permission::MailingsDraft) => api::mailings::create;
    GET    "/api/v1/mailings/{id}"                         Api Who::Program(Permission::MailingsView) => api::mailings::show;
    PATCH  "/api/v1/mailings/{id}"                         Api Who::Program(Permission::MailingsDraft) => api::mailings::update;
    DELETE "/api/v1/mailings/{id}"                         Api Who::Program(Permission::MailingsDraft) => api::mailings::remove;
    GET    "/api/v1/mailings/{id}/recipients"              Api Who::Program(Permission::MailingsView) => api::mailings::recipients::list;
    POST   "/api/v1/mailings/{id}/recipients"              Api Who::Program(Permission::MailingsDraft) => api::mailings::recipients::create;
    DELETE "/api/v1/mailings/{id}/recipients/{person_id}"  Api Who::Program(Permission::MailingsDraft) => api::mailings::recipients::remove;
    DELETE "/api/v1/mailings/{id}/groups/{group_id}"       Api Who::Program(Permission::MailingsDraft) => api::mailings::recipients::remove_group;
    POST   "/api/v1/mailings/{id}/preview"                 Api Who::Program(Permission::MailingsView) => api::mailings::act::preview;
    GET    "/api/v1/mailings/{id}/check"                   Api Who::Program(Permission::MailingsView) => api::mailings::act::check;
    POST   "/api/v1/mailings/{id}/arm"                     Api Who::Program(Permission::MailingsView) => api::mailings::act::arm;
    POST   "/api/v1/mailings/{id}/disarm"                  Api Who::Program(Permission::MailingsView) => api::mailings::act::disarm;
    POST   "/api/v1/mailings/{id}/cancel"                  Api Who::Program(Permission::MailingsView) => api::mailings::act::cancel;
    POST   "/api/v1/mailings/{id}/archive"                 Api Who::Program(Permission::MailingsDraft) => api::mailings::act::archive;
    POST   "/api/v1/mailings/{id}/restore"                 Api Who::Program(Permission::MailingsDraft) => api::mailings::act::restore;
    POST   "/api/v1/mailings/{id}/copy"                    Api Who::Program(Permission::MailingsDraft) => api::mailings::act::copy;
    POST   "/api/v1/mailings/{id}/remind"                  Api Who::Program(Permission::MailingsDraft) => api::mailings::act::remind;
    GET    "/api/v1/mailings/{id}/funnel"                  Api Who::Program(Permission::MailingsView) => api::mailings::results::show;
    GET    "/api/v1/mailings/{id}/people"                  Api Who::Program(Permission::MailingsView) => api::mailings::results::list_people;
    GET    "/api/v1/mailings/{id}/events"                  Api Who::Program(Permission::MailingsView) => api::mailings::results::list_events;
    GET    "/api/v1/mailings/{id}/runs"                    Api Who::Program(Permission::RunsView) => api::mailings::results::list_runs;
    GET    "/api/v1/runs"                                  Api Who::Program(Permission::RunsView) => api::runs::list;
    GET    "/api/v1/runs/{id}"                             Api Who::Program(Permission::RunsView) => api::runs::show;
    GET    "/api/v1/runs/{id}/recipients"                  Api Who::Program(Permission::RunsView) => api::recipients::list;
    POST   "/api/v1/runs/{id}/pause"                       Api Who::Program(Permission::RunsControl) => api::runs::pause;
    POST   "/api/v1/runs/{id}/resume"                      Api Who::Program(Permission::RunsControl) => api::runs::resume;
    POST   "/api/v1/runs/{id}/cancel"                      Api Who::Program(Permission::RunsControl) => api::runs::cancel;
    POST   "/api/v1/runs/{id}/retry"                       Api Who::Program(Permission::RunsControl) => api::runs::retry;
    POST   "/api/v1/runs/{id}/recipients/{position}/retry" Api Who::Program(Permission::RunsControl) => api::recipients::retry;
    GET    "/api/v1/holidays"                              Api Who::Program(Permission::AutomationsView) => api::holidays::list;
    PUT    "/api/v1/holidays/{date}"                       Api Who::Program(Permission::SettingsEdit) => api::holidays::update;
    DELETE "/api/v1/holidays/{date}"                       Api Who::Program(Permission::SettingsEdit) => api::holidays::remove;
    GET    "/api/v1/templates"                             Api Who::Program(Permission::TemplatesView) => api::templates::list;
    GET    "/api/v1/templates/{kind}/{language}"           Api Who::Program(Permission::TemplatesView) => api::templates::show;
    PUT    "/api/v1/templates/{kind}/{language}"           Api Who::Program(Permission::TemplatesEdit) => api::templates::update;
    DELETE "/api/v1/templates/{kind}/{language}"           Api Who::Program(Permission::TemplatesEdit) => api::templates::remove;
    POST   "/api/v1/templates/{kind}/{language}/preview"   Api Who::Program(Permission::TemplatesView) => api::templates::preview;
    GET    "/api/v1/roles"                                 Api Who::Program(Permission::PeopleView) => api::roles::list;
    GET    "/api/v1/system-users"                          Api Who::Program(Permission::PeopleView) => api::roles::list_users;
    GET    "/api/v1/keys"                                  Api Who::Program(Permission::KeysEdit) => api::keys::list;
    POST   "/api/v1/keys"                                  Api Who::Program(Permission::KeysEdit) => api::keys::create;
    GET    "/api/v1/keys/current"                          Api Who::AnyProgram => api::keys::show;
    DELETE "/api/v1/keys/{id}"                             Api Who::Program(Permission::KeysEdit) => api::keys::remove;
    GET    "/api/v1/audit"                                 Api Who::Program(Permission::AuditView) => api::audit::list;
    GET    "/api/v1/audit/verify"                          Api Who::Program(Permission::AuditView) => api::audit::verify;
    GET    "/api/v1/notices"                               Api Who::Program(Permission::RunsView) => api::notices::list;
    POST   "/api/v1/sessions/verify" Api Who::VerifyingProgram => api::sessions::verify;
    GET    "/api/v1/openapi.json" Api Who::Anyone => api::document::show;
    GET    "/api/docs" Api Who::Anyone => api::document::reference;
    GET  "/health/live"                        Api Who::Anyone => api::health::live;
    GET  "/health/ready"                       Api Who::Anyone => api::health::ready;
    GET  "/metrics"                            Api Who::MetricsReader => metrics::show;

    GET  "/assets/{name}"                      Design Who::Anyone => assets::show;
}

#[cfg(test)]
mod tests {
    use super::*;
    use auth::session::Realm;
    use std::collections::HashSet;

    #[test]
    fn no_route_stands_in_the_list_twice() {
        let unique: HashSet<_> = ROUTES.iter().map(|route| (route.method.clone(), route.path)).collect();
        assert_eq!(unique.len(), ROUTES.len());
    }

    #[test]
    fn everything_in_the_console_asks_for_an_operator_but_the_way_in() {
        let open = ["/console/setup/{token}", "/console/setup", "/console/login"];
        for route in ROUTES.iter().filter(|route| route.path.starts_with("/console")) {
            let asks = !matches!(route.who, Who::Anyone);
            let of_operators = [Realm::Console, Realm::SecondFactor];
            assert!(route.who.realms().iter().all(|realm| of_operators.contains(realm)), "{}", route.path);
            assert_eq!(asks, !open.contains(&route.path), "{}", route.path);
        }
    }
}
