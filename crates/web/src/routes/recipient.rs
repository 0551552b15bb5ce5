//! The pages of recipients, and what all pages load.

use super::Who;
use crate::{assets, recipient};

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

    GET  "/assets/{name}"                      Design Who::Anyone => assets::show;
}
