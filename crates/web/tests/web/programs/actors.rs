//! What the audit log says of programs: that it was one, with which key, for whom and from where.

use super::client::{Program, text};
use crate::house::House;
use serde_json::json;
use store::StoreError;
use store::audit::{self, Listed, Wanted};
use testkit::databases;

/// What somebody does with a key, by its name in the log.
pub(crate) const BY_KEY: [&str; 35] = [
    "automation.activated",
    "automation.archived",
    "automation.created",
    "automation.deactivated",
    "automation.event_saved",
    "automation.frame_saved",
    "automation.job_saved",
    "automation.removed",
    "automation.schedule_saved",
    "holiday.removed",
    "holiday.saved",
    "key.created",
    "mailing.archived",
    "mailing.armed",
    "mailing.cancelled",
    "mailing.created",
    "mailing.disarmed",
    "mailing.group_removed",
    "mailing.people_added",
    "mailing.people_removed",
    "mailing.removed",
    "mailing.restored",
    "mailing.saved",
    "person.password_sent",
    "run.cancelled",
    "run.paused",
    "run.resumed",
    "run.retried",
    "run.started",
    "selection.archived",
    "selection.created",
    "selection.published",
    "selection.removed",
    "selection.saved",
    "template.saved",
];

/// The number of the newest entry.
pub(crate) async fn newest(house: &House) -> i64 {
    house.count("SELECT COALESCE(MAX(number), 0) FROM audit").await
}

/// The entries after a number, newest first.
pub(crate) async fn entries(house: &House, after: i64) -> Vec<Listed> {
    let read = house.state.store.read::<_, StoreError, _>(move |tx| {
        Box::pin(async move { audit::search_after(tx, &Wanted::default(), after, 1_000).await })
    });
    read.await.unwrap()
}

/// Holds every entry after a number against the program that is behind it; gives what was done.
pub(crate) async fn hold(house: &House, program: &Program, after: i64) -> Vec<String> {
    let found = entries(house, after).await;
    for one in &found {
        assert_eq!((one.actor.as_str(), one.actor_id), ("program", Some(program.owner.0)), "{one:?}");
        assert_eq!(text(&one.detail["key"]), program.key.to_string(), "{one:?}");
        assert!(one.network.starts_with("198.51."), "{one:?}");
    }
    found.into_iter().map(|one| one.action).collect()
}

#[tokio::test]
async fn a_file_imported_and_words_reset_with_a_key_are_kept_as_that() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let before = newest(&house).await;
        let file: &[u8] = b"username,given_name\nada,Ada\n";
        let sent = program.send("POST", "/api/v1/people/import", Some(("text/csv", file)), &[]).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
        let place = "/api/v1/templates/new-password/en";
        let saved = program.json("PUT", place, json!({ "subject": "News for {{ username }}" })).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let reset = program.send("DELETE", place, None, &[]).await;
        assert_eq!(reset.status, 204, "{}", reset.body);
        let noted = hold(&house, &program, before).await;
        assert_eq!(noted, ["template.reset", "template.saved", "people.imported"]);
    }
}
