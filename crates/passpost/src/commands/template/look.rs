//! Preview and test: the mail as its reader sees it, with an example in the place of the password.

use super::write::write_new;
use super::{Which, read, title};
use crate::context::{Context, acting_as};
use crate::failure::{Done, Failure, Outcome};
use crate::watch;
use domain::role::Permission;
use flow::TestError;
use flow::template::{Example, Reader};
use mail::Template;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Preview {
    #[command(flatten)]
    which: Which,
    /// As this person would read it [default: an invented one]
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
    /// Write the HTML part to this file, to look at it in a browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "html")]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    #[command(flatten)]
    which: Which,
    /// The system user who acts and gets the mail [default: the one of --as, or the only Owner]
    #[arg(long, value_name = "USERNAME")]
    to: Option<String>,
}

pub(super) async fn preview(context: &Context, args: Preview) -> Outcome {
    context.acting(Permission::TemplatesView).await?;
    let reader = match &args.person {
        None => Reader::invented(),
        Some(who) => {
            context.acting(Permission::PeopleView).await?;
            Reader::of(&context.person(who).await?)
        }
    };
    let found = read(context, args.which, false).await?;
    let reader = reader.map_err(Failure::usage)?;
    let example = example(context, args.which, &found.template, &reader);
    let seen = watch::flow(context, None)?.preview_template(example).map_err(Failure::failed)?;
    if let Some(path) = &args.html {
        write_new(path, &seen.html, args.force)?;
    }
    context.out.show(&seen, |seen, out| {
        out.heading(&seen.subject);
        out.line("");
        out.line(seen.text.replace("\r\n", "\n").trim_end());
    });
    if let Some(path) = &args.html {
        context.out.note(format!("The HTML part is in {}.", path.display()));
    }
    Ok(Done::All)
}

fn example<'a>(context: &Context, which: Which, template: &'a Template, reader: &'a Reader) -> Example<'a> {
    let valid_hours = context.settings.password.valid_hours;
    Example { kind: which.kind, language: which.language, template, reader, valid_hours }
}

pub(super) async fn test(context: &Context, args: Test) -> Outcome {
    // Only to oneself: nobody else asked for a mail that speaks of a password.
    let actor = match &args.to {
        Some(name) => context.operator_named(name, Permission::TemplatesView).await?,
        None => context.operator(Permission::TemplatesView).await?,
    };
    let reader = Reader::of(&actor).map_err(|why| {
        Failure::usage(why).hint(format!("passpost people address {} ADDRESS", actor.username))
    })?;
    let found = read(context, args.which, false).await?;
    let example = example(context, args.which, &found.template, &reader);
    let tested = watch::flow(context, None)?.test_template(example, &acting_as(&actor)?).await?;
    if !tested.accepted {
        return Err(Failure::failed(format!("the test mail was not accepted: {}", tested.answer))
            .hint("`passpost doctor` checks the relay"));
    }
    context.out.done(
        format!(
            "{} is on its way to {} ({}: {})",
            title(args.which),
            actor.username,
            tested.relay,
            tested.answer
        ),
        &json!({ "to": actor.username, "accepted": true, "relay": tested.relay, "answer": tested.answer,
            "message_id": tested.message_id }),
    );
    Ok(Done::All)
}

impl From<TestError> for Failure {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Refused(why) => {
                Self::usage(why).hint("`passpost template preview` shows the mail without sending it")
            }
            TestError::Store(error) => error.into(),
        }
    }
}
