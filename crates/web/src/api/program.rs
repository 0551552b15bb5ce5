//! Who may, for programs: the key of a request is looked at anew each time, and nothing else opens a way in.

use crate::api::document;
use crate::api::events::EVENTS;
use crate::api::problem::Problem;
use crate::api::repeat;
use crate::context::Context;
use crate::failure::Failure;
use crate::query::Pairs;
use crate::refused::{Asked, Meddled};
use crate::state::State;
use auth::api_key::{Admission, Asking, Program};
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::http::request::Parts;
use axum::http::{Method, Request, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::role::Permission;
use domain::secret::Secret;
use flow::Flow;
use store::repeatable::Mark;
use store::{Acting, Store, Tx, Work};

/// The most runs that programs of one owner may have at once.
const MOST_RUNS: i64 = 5;

/// The program behind a request, and what it works with.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) program: Program,
    /// The store; what is written through it carries the mark of a request that may be repeated.
    pub(crate) store: Store,
    /// The flow over this store.
    pub(crate) flow: Flow,
    pub(crate) state: State,
    pub(crate) now_ms: i64,
}

impl Caller {
    pub(crate) fn acting(&self) -> Acting {
        self.program.acting()
    }

    /// A fresh, time-ordered id.
    pub(crate) fn fresh_id(&self) -> Result<uuid::Uuid, Problem> {
        Ok(auth::random::id(self.now_ms)?)
    }

    /// Reads with a consistent view.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Problem>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        self.store.read(work).await
    }

    /// Changes something, in one transaction.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        self.store.write(work).await
    }

    /// Refuses one more run while the owner has as many as programs may have at once (3-safety 4.4).
    pub(crate) async fn may_start(&self) -> Result<(), Problem> {
        let owner = self.program.owner_id;
        let open = self
            .read(move |tx| Box::pin(async move { Ok(store::run::count_open_started_by(tx, owner).await?) }))
            .await?;
        if open < MOST_RUNS {
            return Ok(());
        }
        let text =
            format!("The owner of this key has {MOST_RUNS} runs that are not over; wait for one of them.");
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, text).again_in(60_000))
    }

    /// For a step that needs more than its route asks for.
    pub(crate) fn must(&self, permission: Permission) -> Result<(), Problem> {
        if self.program.may(permission) { Ok(()) } else { Err(forbidden(permission)) }
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        // A handler that wants a program stands on a route whose rule finds one.
        let program = parts.extensions.get::<Program>().cloned().ok_or(Failure::Internal)?;
        let store = match parts.extensions.get::<Mark>() {
            Some(mark) => state.store.marked(mark.clone()),
            None => state.store.clone(),
        };
        let (flow, now_ms) = (state.flow.through(store.clone()), state.now());
        Ok(Self { program, store, flow, state: state.clone(), now_ms })
    }
}

fn forbidden(permission: Permission) -> Problem {
    let text =
        format!("This takes a key with the scope {}, which its owner has as well.", permission.as_str());
    Problem::new(StatusCode::FORBIDDEN, text)
}

/// Lets a request of a program through to its handler. `permission`: `None` for what every key may do.
pub(crate) async fn admit(
    context: Context,
    mut parts: Parts,
    body: Body,
    permission: Option<Permission>,
    next: Next,
) -> Result<Response, Failure> {
    let token = match bearer(&parts.headers) {
        Ok(token) => token,
        Err(problem) => return Ok(problem.into_response()),
    };
    let asking = match parts.method.is_safe() {
        true => Asking::Read,
        false if parts.uri.path() == EVENTS => Asking::SendEvents,
        false => Asking::Change,
    };
    let auth = &context.state.auth;
    let program = match auth.admit_program(token.as_ref(), asking, &context.origin, context.now_ms).await? {
        Admission::Granted(program) => program,
        Admission::Refused => {
            let text =
                "This takes a key, as in Authorization: Bearer pp_…; there is none, or it opens nothing.";
            return Ok(Problem::new(StatusCode::UNAUTHORIZED, text).into_response());
        }
        Admission::TooMany { wait_ms } => {
            let text = "Too many requests; see the Retry-After header.";
            return Ok(Problem::new(StatusCode::TOO_MANY_REQUESTS, text).again_in(wait_ms).into_response());
        }
    };
    let asked = Asked::of(&context, &parts, program.acting());
    if let Some(permission) = permission.filter(|permission| !program.may(*permission)) {
        asked.lacks(permission).await;
        return Ok(forbidden(permission).into_response());
    }
    if let Err(problem) = check_parameters(&parts) {
        let response = problem.into_response();
        asked.answered(&response).await;
        return Ok(response);
    }
    parts.extensions.insert(program.clone());
    let mut response = if parts.method == Method::POST && parts.headers.contains_key(repeat::HEADER) {
        repeat::once(&context.state, &program, parts, body, next).await
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    asked.answered(&response).await;
    // For the log: which key it was.
    response.extensions_mut().insert(program.key_id);
    Ok(response)
}

/// The token of a request; cookies and the address are never looked at.
fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, Problem> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), rest) = (sent.next(), sent.next()) else { return Ok(None) };
    if rest.is_some() {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "There is more than one Authorization header."));
    }
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    Ok(token.map(|(_, token)| Secret::new(token.trim().to_owned())))
}

/// Refuses parameters that the description of the route does not have: a misspelt one must not be ignored.
fn check_parameters(parts: &Parts) -> Result<(), Problem> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let known = document::find(&parts.method, path).map_or(&[][..], |operation| operation.query);
    let pairs = Pairs::parse(parts.uri.query().unwrap_or_default())?;
    if pairs.all().any(|(_, value)| value.contains('\0')) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "The character NUL is not allowed in a parameter.",
        ));
    }
    let is_known = |name: &str| known.iter().any(|one| one.name == name);
    if pairs.all().all(|(name, _)| is_known(name)) {
        return Ok(());
    }
    let names: Vec<&str> = known.iter().map(|one| one.name).collect();
    let right = if names.is_empty() { "there are none here".to_owned() } else { names.join(", ") };
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        format!("The address has a parameter that is not known; known: {right}."),
    )
    .meddled(pairs.all().filter(|(name, _)| !is_known(name)).find_map(|(name, _)| Meddled::of(name))))
}

/// Whether a request shows a key, for routes that are open in other ways as well.
pub(crate) fn shows_a_key(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}
