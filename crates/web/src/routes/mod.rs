//! The one list of routes: method, path, for whom, who may, and the handler. Its parts stand beside this file.

pub use crate::admit::Who;
use crate::state::State;
use axum::Router;
use axum::http::Method;
use std::sync::LazyLock;

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

/// A part of the list, each route bound to its handler by the line that says who may.
macro_rules! routes {
    ($($method:ident $path:literal $audience:ident $who:expr => $handler:expr;)+) => {
        /// The routes of this part.
        pub(super) const ROUTES: &[super::Route] = &[$(super::Route {
            method: axum::http::Method::$method,
            path: $path,
            audience: super::Audience::$audience,
            who: $who,
        }),+];

        /// Binds each of them to its handler, behind its rule.
        pub(super) fn bind(
            router: axum::Router<crate::state::State>,
            state: &crate::state::State,
        ) -> axum::Router<crate::state::State> {
            use axum::middleware::from_fn_with_state;
            use axum::routing::{MethodFilter, on};
            use crate::admit::admit;
            router$(.route(
                $path,
                // Around the route, not the handler: then the rule is compiled once, not once for each of them.
                on(MethodFilter::$method, $handler).route_layer(from_fn_with_state((state.clone(), $who), admit)),
            ))+
        }
    };
}

mod api;
mod console;
mod recipient;

/// Every route there is.
pub static ROUTES: LazyLock<Vec<Route>> =
    LazyLock::new(|| [recipient::ROUTES, console::ROUTES, api::ROUTES].concat());

/// Binds every route to its handler, behind its rule.
pub(crate) fn bind(state: &State) -> Router<State> {
    api::bind(console::bind(recipient::bind(Router::new(), state), state), state)
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
