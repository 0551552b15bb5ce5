//! Blocking, moving and erasing people.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use domain::address::Address;
use domain::role::Permission;
use serde_json::json;
use store::person::{self, PersonChange};

pub(super) async fn block(context: &Context, who: &str, blocked: bool) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let one = context.person(who).await?;
    let (id, now) = (one.id, now_ms());
    let changed = context
        .store
        .write(move |tx| {
            Box::pin(async move {
                if blocked {
                    person::block(tx, &acting, id, now).await
                } else {
                    person::unblock(tx, &acting, id, now).await
                }
            })
        })
        .await?;
    let text = match (blocked, changed) {
        (true, true) => "is blocked: no sign-in, no mail; all sessions are over",
        (true, false) => "was blocked already",
        (false, true) => "is let in again",
        (false, false) => "was not blocked",
    };
    let value = json!({ "username": one.username, "blocked": blocked, "changed": changed });
    context.out.done(format!("{} {text}", one.username), &value);
    Ok(Done::All)
}

pub(super) async fn address(context: &Context, who: &str, address: &str) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let one = context.person(who).await?;
    let address = match address {
        "none" => None,
        text => Some(Address::parse(text).map_err(Failure::usage)?),
    };
    let (id, now) = (one.id, now_ms());
    let change = PersonChange { address: Some(address), ..PersonChange::default() };
    let changed = context
        .store
        .write(move |tx| Box::pin(async move { person::update(tx, &acting, id, &change, now).await }))
        .await?;
    let shown = changed.address.as_ref().map_or("nowhere", |address| address.as_given());
    context.out.done(format!("mail for {} goes to {shown}", changed.username), &changed);
    Ok(Done::All)
}

pub(super) async fn erase(context: &Context, who: &str, yes: bool) -> Outcome {
    let acting = context.acting(Permission::PeopleEdit).await?;
    let one = context.person(who).await?;
    if !yes {
        return Err(Failure::usage(format!("erasing {} is for good", one.username))
            .hint("add --yes; or keep the record and block it: passpost people block"));
    }
    let (id, now) = (one.id, now_ms());
    context.store.write(move |tx| Box::pin(async move { person::erase(tx, &acting, id, now).await })).await?;
    context.out.done("the person is erased; counts and the audit log stay", &json!({ "erased": one.id }));
    Ok(Done::All)
}
