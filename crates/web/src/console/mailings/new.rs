//! Beginning a mailing: one of three intents, clearly apart, or the words of an earlier one.

use super::{get, intent_label, path_of, refusals};
use crate::console::filled::Filled;
use crate::console::operator::Operator;
use crate::console::shell::{Choice, Place, Shell};
use crate::failure::Failure;
use crate::form::Form;
use crate::page;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, LINK_HOURS, Settled, Words};
use domain::pace::Pace;
use domain::role::Permission;
use flow::mailing::starter;
use store::mailing::{self, Draft, Wanted};

/// Earlier mailings offered to start from.
const MOST_EARLIER: i64 = 50;
const FIELDS: [&str; 5] = ["intent", "name", "folder", "language", "like"];

#[derive(Template)]
#[template(path = "console/mailing_new.html")]
struct NewPage {
    shell: Shell,
    filled: Filled,
    intents: Vec<IntentCard>,
    languages: Vec<Choice>,
    earlier: Vec<Choice>,
    folders: Vec<String>,
}

/// An intent to choose.
struct IntentCard {
    name: &'static str,
    label: String,
    what: String,
    means: String,
    is_chosen: bool,
    is_best: bool,
    is_danger: bool,
    /// Whether the operator may send such a mailing; drafting is another permission.
    may_send: bool,
}

/// GET /console/mailings/new
pub(crate) async fn show(operator: Operator) -> Result<Response, Failure> {
    let query = operator.query(&["folder", "like"])?;
    let filled = Filled::with([
        ("intent", Intent::OfferLink.as_str().to_owned()),
        ("language", operator.context.words.language.tag().to_owned()),
        ("folder", query.text("folder").to_owned()),
        ("like", query.text("like").to_owned()),
    ]);
    show_page(&operator, StatusCode::OK, filled).await
}

/// POST /console/mailings
pub(crate) async fn create(operator: Operator, form: Form) -> Result<Response, Failure> {
    let pairs = operator.form(form, &FIELDS)?;
    let mut filled = Filled::sent(&pairs);
    let Some(intent) = Intent::parse(pairs.text("intent")) else {
        filled.wrong("intent", operator.say("job-wrong-mode"));
        return show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled).await;
    };
    let language = Language::for_tag(pairs.text("language")).unwrap_or_default();
    let (name, folder) = (pairs.text("name").trim().to_owned(), pairs.text("folder").trim().to_owned());
    let draft = match pairs.text("like") {
        "" => begin(&operator, intent, language, name, folder),
        like => {
            // The earlier one's intent comes with its words.
            let like = get(&operator, like).await?;
            Draft { name, folder, late_until_at: None, reminder: None, ..Draft::of(&like) }
        }
    };
    match operator.state().flow.create_mailing(draft, &operator.zone(), &operator.acting()).await {
        Ok(one) => Ok(page::done(&format!("{}/mail", path_of(&one)), "mailing-begun", None)),
        Err(error) => {
            refusals::refuse(&operator, &mut filled, error, &FIELDS)?;
            show_page(&operator, StatusCode::UNPROCESSABLE_ENTITY, filled).await
        }
    }
}

/// A draft with the words that come with the program.
fn begin(operator: &Operator, intent: Intent, language: Language, name: String, folder: String) -> Draft {
    let settings = operator.state().flow.settings();
    let sender = &settings.sender;
    Draft {
        folder,
        name,
        intent,
        words: Words {
            language,
            sender_name: if sender.name.trim().is_empty() {
                settings.house.organisation.clone()
            } else {
                sender.name.clone()
            },
            sender_address: sender.address.as_given().to_owned(),
            reply_to: String::new(),
            ..starting(intent, language)
        },
        html: String::new(),
        link_hours: LINK_HOURS,
        password: operator.state().settings.job.clone(),
        pace: Pace::default(),
        selection_id: None,
        settled: Settled::AtStart,
        late_until_at: None,
        reminder: None,
        keep_days: None,
    }
}

/// The words of an intent in a language, from nobody yet.
pub(super) fn starting(intent: Intent, language: Language) -> Words {
    let words = starter(intent, language);
    Words {
        language,
        sender_name: String::new(),
        sender_address: String::new(),
        reply_to: String::new(),
        subject: words.subject.trim_end().to_owned(),
        text: words.text.to_owned(),
        html_format: HtmlFormat::Markdown,
        html_source: words.markdown.to_owned(),
    }
}

/// What can be chosen as an intent.
fn cards(operator: &Operator, chosen: &str) -> Vec<IntentCard> {
    let card = |intent: &Intent| {
        let name = intent.as_str().replace('_', "-");
        IntentCard {
            name: intent.as_str(),
            label: intent_label(operator, *intent),
            what: operator.say(&format!("intent-{name}-what")),
            means: operator.say(&format!("intent-{name}-means")),
            is_chosen: intent.as_str() == chosen,
            is_best: *intent == Intent::OfferLink,
            is_danger: *intent == Intent::ForcePassword,
            may_send: operator.may(intent.needs()),
        }
    };
    Intent::ALL.iter().map(card).collect()
}

async fn show_page(operator: &Operator, status: StatusCode, filled: Filled) -> Result<Response, Failure> {
    let with_earlier = operator.may(Permission::MailingsView);
    let read = operator.state().store.read(move |tx| {
        Box::pin(async move {
            let most = if with_earlier { MOST_EARLIER } else { 0 };
            let earlier = mailing::list(tx, &Wanted::default(), i64::MAX, most).await?;
            Ok::<_, store::StoreError>((earlier, mailing::list_folders(tx).await?))
        })
    });
    let (earlier, folders) = read.await?;
    let like = filled.value("like").to_owned();
    let mut choices = vec![Choice::new("", operator.say("mailing-like-none"), &like)];
    choices.extend(earlier.iter().map(|one| {
        let label = format!("{} · {}", one.name, intent_label(operator, one.intent));
        Choice::new(&one.id.to_string(), label, &like)
    }));
    let page = NewPage {
        shell: operator.shell(Place::Mailings),
        intents: cards(operator, filled.value("intent")),
        languages: languages(operator, filled.value("language")),
        earlier: choices,
        folders: folders.into_iter().map(|(name, _)| name).filter(|name| !name.is_empty()).collect(),
        filled,
    };
    page::show(status, &page)
}

/// The languages mails can be written in.
pub(super) fn languages(operator: &Operator, chosen: &str) -> Vec<Choice> {
    let one = |language: Language| {
        Choice::new(language.tag(), operator.say(&format!("language-{}", language.tag())), chosen)
    };
    Language::ALL.into_iter().map(one).collect()
}
