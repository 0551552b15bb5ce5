//! Who may: the rule that stands in the list of routes, asked before the handler runs.

use crate::api::program;
use crate::console::{kept, prove};
use crate::context::Context;
use crate::cookie::Cookie;
use crate::failure::Failure;
use crate::page;
use crate::refused::Asked;
use crate::settings::{MetricsFor, VerifyApi};
use crate::state::State;
use auth::session::{Realm, Session};
use axum::extract::{FromRequestParts, Request, State as Extract};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::role::Permission;
use store::view::{self, Viewer};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// A signed-in recipient.
    Recipient,
    /// Who just signed in with a mailed password and has to choose one.
    MustChange,
    /// Either of the two.
    RecipientOrMustChange,
    /// A signed-in operator.
    Operator,
    /// A signed-in operator whose role allows it.
    OperatorWith(Permission),
    /// A signed-in operator who proved the password, and the second factor, within the last ten minutes: for changes of
    /// the own account.
    ProvedOperator,
    /// The same, and the role allows it.
    Proved(Permission),
    /// A signed-in operator with such a proof whose role allows to send mailings of any intent; the handler holds the
    /// intent of the mailing against it.
    ProvedSender,
    /// A signed-in operator whose role allows it; on the own record only with such a proof (3-safety 4.3: the own
    /// address).
    ProvedForSelf(Permission),
    /// Who gave the password of the console and has to take the second step.
    SecondFactor,
    /// Who may read the built-in mailbox, while it is the relay: this machine, and operators.
    MailboxReader,
    /// A program whose key allows it.
    Program(Permission),
    /// A program with a key that opens anything at all.
    AnyProgram,
    /// A program with a key; without one, as the setting for the API says.
    VerifyingProgram,
    /// Who may read numbers about the installation: this machine, or as the setting says.
    MetricsReader,
}

impl Who {
    /// The sessions that open it, one of them; none: no session is asked for.
    pub(crate) const fn realms(self) -> &'static [Realm] {
        match self {
            // What a key opens, no session does.
            Self::Anyone
            | Self::Program(_)
            | Self::AnyProgram
            | Self::VerifyingProgram
            | Self::MetricsReader => &[],
            Self::Recipient => &[Realm::Preferences],
            Self::MustChange => &[Realm::ForcedChange],
            Self::RecipientOrMustChange => &[Realm::ForcedChange, Realm::Preferences],
            Self::Operator
            | Self::OperatorWith(_)
            | Self::ProvedOperator
            | Self::Proved(_)
            | Self::ProvedSender
            | Self::ProvedForSelf(_)
            | Self::MailboxReader => &[Realm::Console],
            Self::SecondFactor => &[Realm::SecondFactor],
        }
    }

    /// Whether the one who is signed in has to have proved it freshly.
    fn wants_proof(self, signed: &Signed, path: &str) -> bool {
        match self {
            Self::ProvedOperator | Self::Proved(_) | Self::ProvedSender => true,
            Self::ProvedForSelf(_) => {
                let own = signed.session.person_id.to_string();
                path.split('/').any(|part| part.eq_ignore_ascii_case(&own))
            }
            _ => false,
        }
    }

    /// The permission the role of who is signed in lacks; `None`: it has what the route asks for.
    fn lacking(self, viewer: &Viewer) -> Option<Permission> {
        match self {
            Self::OperatorWith(permission) | Self::Proved(permission) | Self::ProvedForSelf(permission) => {
                Some(permission).filter(|permission| !viewer.may(*permission))
            }
            Self::ProvedSender => {
                let any = [Permission::MailingsOfferLink, Permission::MailingsForcePassword];
                (!any.into_iter().any(|permission| viewer.may(permission))).then_some(any[0])
            }
            _ => None,
        }
    }

    /// Where somebody without such a session is sent.
    const fn way_in(self) -> &'static str {
        match self {
            Self::Recipient | Self::MustChange | Self::RecipientOrMustChange => "/login",
            _ => "/console/login",
        }
    }
}

/// The person behind a request, as the rule of its route found it.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) session: Session,
    pub(crate) viewer: Viewer,
}

/// Lets a request through to its handler, or sends it elsewhere.
pub(crate) async fn admit(
    Extract((state, who)): Extract<(State, Who)>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let context = Context::of(&state, &parts);
    match who {
        Who::MailboxReader if context.state.mailbox.is_none() => return Err(Failure::NotFound),
        Who::MailboxReader if context.client.is_loopback => {
            return Ok(next.run(Request::from_parts(parts, body)).await);
        }
        Who::Program(permission) => {
            return program::admit(context, parts, body, Some(permission), next).await;
        }
        Who::AnyProgram => return program::admit(context, parts, body, None, next).await,
        Who::MetricsReader => {
            return match state.settings.metrics {
                MetricsFor::Nobody => Err(Failure::NotFound),
                MetricsFor::Loopback if !context.client.is_loopback => Err(Failure::Forbidden),
                MetricsFor::Loopback | MetricsFor::Everyone => {
                    Ok(next.run(Request::from_parts(parts, body)).await)
                }
            };
        }
        Who::VerifyingProgram => {
            return match state.settings.verify {
                VerifyApi::Off => Err(Failure::NotFound),
                _ if program::shows_a_key(&parts.headers) => {
                    program::admit(context, parts, body, None, next).await
                }
                VerifyApi::Loopback if !context.client.is_loopback => Err(Failure::Forbidden),
                VerifyApi::Loopback | VerifyApi::Everyone => {
                    Ok(next.run(Request::from_parts(parts, body)).await)
                }
            };
        }
        _ => {}
    }
    let realms = who.realms();
    if !realms.is_empty() {
        let Some(signed) = find(&context, realms).await? else { return Ok(page::go(who.way_in())) };
        let asked = Asked::signed(&context, &parts, &signed);
        if let Some(permission) = who.lacking(&signed.viewer) {
            asked.lacks(permission).await;
            return Err(Failure::Forbidden);
        }
        // After the permission: nobody proves anything for what is not allowed anyway.
        if who.wants_proof(&signed, parts.uri.path()) && !signed.session.is_freshly_proved(context.now_ms) {
            if parts.method.is_safe() {
                return Ok(page::go(&prove::way(&parts)));
            }
            let held = kept::hold(context, signed, parts, body, next).await;
            return Ok(asked.noted(held.unwrap_or_else(IntoResponse::into_response)).await);
        }
        parts.extensions.insert(signed);
        return Ok(asked.noted(next.run(Request::from_parts(parts, body)).await).await);
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// The live session of one of these realms.
pub(crate) async fn find(context: &Context, realms: &[Realm]) -> Result<Option<Signed>, Failure> {
    for realm in realms {
        let Some(cookie) = Cookie::of(*realm).read(&context.headers) else { continue };
        let Some(session) = context.state.auth.find_session(&cookie, *realm, context.now_ms).await? else {
            continue;
        };
        let id = session.person_id;
        let viewer = context
            .state
            .store
            .read(move |tx| Box::pin(async move { view::find_viewer(tx, id).await }))
            .await
            .map_err(Failure::from)?;
        return Ok(viewer.map(|viewer| Signed { session, viewer }));
    }
    Ok(None)
}

impl FromRequestParts<State> for Signed {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
        // A handler that wants a person stands on a route whose rule finds one.
        parts.extensions.get::<Self>().cloned().ok_or(Failure::Internal)
    }
}
