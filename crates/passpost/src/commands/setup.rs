//! `passpost setup`: the one-time link for the first Owner.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::output::moment;
use crate::settings::Settings;
use crate::wiring;
use auth::Auth;
use auth::bootstrap::LINK_LIFE_MS;
use serde_json::json;

pub(crate) async fn run(context: &Context) -> Outcome {
    let keys = wiring::keys(&context.settings)?;
    let auth = wiring::auth(&context.settings, context.store.clone(), keys)?;
    let now = now_ms();
    let Some(link) = link(&auth, &context.settings, now).await? else {
        return Err(Failure::usage("there is an Owner already").hint("`passpost user list` shows who"));
    };
    let until = moment(now + LINK_LIFE_MS);
    if context.out.is_json() {
        context.out.document(&json!({ "link": link, "valid_until": until }));
        return Ok(Done::All);
    }
    context.out.line("Open this link to become the first Owner. It works once, until");
    context.out.line(format!("{until}, while the server runs (passpost serve):\n\n  {link}\n"));
    Ok(Done::All)
}

/// A fresh link; `None`: there is an Owner already.
pub(crate) async fn link(auth: &Auth, settings: &Settings, now: i64) -> Result<Option<String>, Failure> {
    let token = auth.offer_ownership(now).await?;
    Ok(token.map(|token| format!("{}/console/setup/{}", settings.server.base_url, token.expose())))
}
