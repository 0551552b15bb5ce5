//! `passpost user second-factor` and `passpost user require-second-factor`: who has one, who must have one.

use crate::clock::now_ms;
use crate::commands::user::find_role;
use crate::context::Context;
use crate::failure::{Done, Outcome};
use crate::output::moment;
use domain::role::Permission;
use serde::Serialize;
use serde_json::json;
use store::second_factor;

/// What is told of somebody's second factor.
#[derive(Debug, Serialize)]
struct Told {
    username: String,
    enrolled: bool,
    required: bool,
    enrolled_at: Option<String>,
    recovery_codes_left: i64,
}

pub(super) async fn of_person(context: &Context, who: &str, reset: bool) -> Outcome {
    if reset { take_away(context, who).await } else { show(context, who).await }
}

async fn show(context: &Context, who: &str) -> Outcome {
    context.acting(Permission::PeopleView).await?;
    let one = context.person(who).await?;
    let id = one.id;
    let (standing, factor, left) = context
        .store
        .read(move |tx| {
            Box::pin(async move {
                Ok::<_, store::StoreError>((
                    second_factor::standing(tx, id).await?,
                    second_factor::find(tx, id).await?,
                    second_factor::count_recovery_codes(tx, id).await?,
                ))
            })
        })
        .await?;
    let told = Told {
        username: one.username,
        enrolled: factor.is_some(),
        required: standing.required,
        enrolled_at: factor.map(|factor| moment(factor.enrolled_at)),
        recovery_codes_left: left,
    };
    context.out.show(&told, |told, out| {
        let asks = if told.required { "The role asks for one." } else { "The role does not ask for one." };
        match &told.enrolled_at {
            Some(at) => out.line(format!(
                "{} has a second factor since {at}; recovery codes left: {}. {asks}",
                told.username, told.recovery_codes_left
            )),
            None => out.line(format!("{} has no second factor. {asks}", told.username)),
        }
    });
    Ok(Done::All)
}

async fn take_away(context: &Context, who: &str) -> Outcome {
    let acting = context.acting(Permission::RolesEdit).await?;
    let one = context.person(who).await?;
    let (id, now) = (one.id, now_ms());
    let changed = context
        .store
        .write(move |tx| Box::pin(async move { second_factor::reset(tx, &acting, id, now).await }))
        .await?;
    let text = if changed {
        "has no second factor any more; all sessions are over, recovery codes are void"
    } else {
        "had no second factor"
    };
    let value = json!({ "username": one.username, "changed": changed });
    context.out.done(format!("{} {text}", one.username), &value);
    Ok(Done::All)
}

pub(super) async fn require(context: &Context, role: &str, required: bool) -> Outcome {
    let acting = context.acting(Permission::RolesEdit).await?;
    let role = find_role(context, role).await?;
    let (id, now) = (role.id, now_ms());
    let changed = context
        .store
        .write(move |tx| {
            Box::pin(async move { store::role::require_second_factor(tx, &acting, id, required, now).await })
        })
        .await?;
    let text = match (required, changed) {
        (true, true) => {
            "asks for a second factor: sessions without one are over, and it is set up at the next sign-in"
        }
        (true, false) => "asked for a second factor already",
        (false, true) => "does not ask for a second factor any more",
        (false, false) => "did not ask for a second factor",
    };
    let value = json!({ "role": role.name, "required": required, "changed": changed });
    context.out.done(format!("the role {} {text}", role.name), &value);
    Ok(Done::All)
}
