//! Trying a mailing out: whoever acts gets the real thing, for a throw-away account.

use super::{find, title};
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::watch::{self, Worker};
use serde_json::json;

pub(super) async fn run(context: &Context, which: &str) -> Outcome {
    let one = find(context, which).await?;
    let acting = context.acting_person(one.intent.needs()).await?;
    let worker = Worker::find(context).await?;
    let flow = watch::flow(context, Some(&worker))?;
    let test = flow.test_mailing(one.id, &acting).await?;
    let run = watch::until_over(context, &flow, &worker, test.run.id, "Trying out").await?;
    if run.counts.accepted == 0 {
        let cause = run.cause.unwrap_or_else(|| "the relay did not take it".into());
        return Err(Failure::failed(format!("the mail to {} was not accepted: {cause}", test.address))
            .hint(format!("passpost run recipients {} says what the relay answered", run.number)));
    }
    context.out.done(
        format!(
            "{} is on its way to {}, for the throw-away account {}; it is erased after a day",
            title(&one),
            test.address,
            test.username
        ),
        &json!({ "to": test.address, "username": test.username, "run": run.number, "accepted": true }),
    );
    Ok(Done::All)
}
