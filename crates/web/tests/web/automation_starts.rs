//! What mails and whom, in the console: activating, running once, approving, hybrid users.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::automations::{JOB, contacts, everybody, make, operator, send};
use crate::house::{Answer, Browser, HELPER, House, OWNER};
use testkit::databases;

#[tokio::test]
async fn few_people_are_activated_with_a_yes_and_many_with_their_number() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        contacts(&house, 101).await;
        let activate = format!("{path}/activate");
        let page = owner.get(&activate).await;
        for part in [
            "101 <small>would receive",
            "Type the number of people, 101, to confirm",
            "Mon 2030-01-07 09:00 CET",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        for typed in ["", "100", "102", "yes"] {
            let refused = send(&mut owner, &activate, &[], &[("confirmed", typed)]).await;
            assert_eq!(refused.status, 422, "{typed}");
            assert!(refused.body.contains("Type this number to confirm it."), "{}", refused.body);
        }
        assert_eq!(house.count("SELECT count(*) FROM automations WHERE status = 'inactive'").await, 1);
        let done = send(&mut owner, &activate, &[], &[("confirmed", "101")]).await;
        assert!(done.location().starts_with(&path) && done.status == 303, "{}", done.body);
        let page = owner.get(done.location()).await;
        assert!(page.body.contains("The automation is active.") && page.body.contains("Active, scheduled"));
        let again = send(&mut owner, &activate, &[], &[("confirmed", "101")]).await;
        assert_eq!(again.status, 422);
        let off = send(&mut owner, &format!("{path}/deactivate"), &[], &[]).await;
        assert!(owner.get(off.location()).await.body.contains("Deactivated"));
        house.execute("DELETE FROM people WHERE username = 'p1'", &[]).await;
        let page = owner.get(&activate).await;
        assert!(page.body.contains("name=\"confirmed\" value=\"100\""), "100 need no typing: {}", page.body);
        assert_eq!(send(&mut owner, &activate, &[], &[("confirmed", "100")]).await.status, 303);
    }
}

#[tokio::test]
async fn running_once_shows_the_count_first_and_leads_to_the_run() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        contacts(&house, 101).await;
        house.execute("UPDATE people SET blocked = TRUE WHERE username = 'p7'", &[]).await;
        house.contact("extra").await;
        let run = format!("{path}/run");
        let page = owner.get(&run).await;
        for part in [
            "101 <small>would receive",
            "blocked</span><b>1</b>",
            "the operator behind this run</span><b>1</b>",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert_eq!(send(&mut owner, &run, &[], &[("confirmed", "1")]).await.status, 422);
        assert_eq!(house.count("SELECT count(*) FROM runs").await, 0);
        let begun = send(&mut owner, &run, &[], &[("confirmed", "101")]).await;
        assert!(begun.location().starts_with("/console/runs/"), "{}", begun.body);
        let page = owner.get(begun.location()).await;
        assert!(page.body.contains("The run has begun.") && page.body.contains("Yearly renewal"));
        let second = send(&mut owner, &run, &[], &[("confirmed", "101")]).await;
        assert!(second.status == 422 && second.body.contains("is not over yet"), "{}", second.body);
        let automation = owner.get(&path).await;
        assert!(automation.body.contains("Inactive") && automation.body.contains("/console/runs/"));
        assert_eq!(house.count("SELECT count(*) FROM automations WHERE status = 'inactive'").await, 1);
    }
}

#[tokio::test]
async fn above_its_number_a_second_operator_approves_what_was_shown() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        contacts(&house, 3).await;
        let path = make(&mut owner, selection).await;
        let id = selection.to_string();
        let job = [("selection", id.as_str()), ("approve_above", "2"), ("act", "close")];
        assert_eq!(send(&mut owner, &format!("{path}/job"), &JOB, &job).await.status, 303);
        let page = owner.get(&format!("{path}/preview")).await;
        assert!(page.body.contains("a second operator must approve it"), "{}", page.body);
        for act in ["activate", "run"] {
            let refused = send(&mut owner, &format!("{path}/{act}"), &[], &[("confirmed", "3")]).await;
            assert!(refused.status == 422 && refused.body.contains("a second operator must approve it"));
        }
        assert!(!page.body.contains("name=\"digest\""), "the owner is not asked");
        let (_, mut second) = operator(&house, "otto", OWNER).await;
        let digest = digest_of(&mut second, &path).await;
        let own = send(&mut owner, &format!("{path}/approve"), &[], &[("digest", &digest)]).await;
        assert!(own.status == 422 && own.body.contains("has a part in it"), "{}", own.body);
        let stale = send(&mut second, &format!("{path}/approve"), &[], &[("digest", "0")]).await;
        assert!(stale.status == 422 && stale.body.contains("has been changed"), "{}", stale.body);
        let shown = digest_of(&mut second, &path).await;
        let done = send(&mut second, &format!("{path}/approve"), &[], &[("digest", &shown)]).await;
        assert!(second.get(done.location()).await.body.contains("otto gave it on"), "{}", done.body);
        // Now four would receive: the first Owner looks on, the second is in the selection as well.
        let counted = owner.get(&format!("{path}/activate")).await;
        assert!(counted.body.contains("4 <small>would receive"), "{}", counted.body);
        assert_eq!(
            send(&mut owner, &format!("{path}/activate"), &[], &[("confirmed", "4")]).await.status,
            303
        );
        // An edit takes the approval away.
        let job =
            [("selection", id.as_str()), ("approve_above", "2"), ("valid_hours", "48"), ("act", "close")];
        send(&mut owner, &format!("{path}/job"), &JOB, &job).await;
        assert!(owner.get(&path).await.body.contains("It has been changed since otto approved it"));
        assert_eq!(send(&mut second, &format!("{path}/unapprove"), &[], &[]).await.status, 303);
        assert_eq!(send(&mut second, &format!("{path}/unapprove"), &[], &[]).await.status, 422);
    }
}

fn digest(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("name=\"digest\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

pub(crate) async fn digest_of(browser: &mut Browser, path: &str) -> String {
    digest(&browser.get(&format!("{path}/preview")).await)
}

#[tokio::test]
async fn a_selection_that_cannot_be_used_is_said_and_nothing_begins() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let selection = everybody(&house, olga).await;
        let path = make(&mut owner, selection).await;
        house.execute("UPDATE selections SET published = FALSE", &[]).await;
        assert!(owner.get(&path).await.body.contains("It is a draft: no run can begin"));
        for act in ["activate", "run"] {
            let page = owner.get(&format!("{path}/{act}")).await;
            assert!(
                page.status == 200 && page.body.contains("The selection cannot be used"),
                "{}",
                page.body
            );
            let refused = send(&mut owner, &format!("{path}/{act}"), &[], &[("confirmed", "0")]).await;
            assert_eq!(refused.status, 422);
        }
        // The first step keeps it until somebody chooses another.
        let step = owner.get(&format!("{path}/job")).await;
        assert!(step.body.contains(&format!("<option value=\"{selection}\" selected>")), "{}", step.body);
    }
}

#[tokio::test]
async fn a_hybrid_user_is_included_only_by_name_and_with_a_second_tick() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let robot = house.operator("robot", HELPER).await;
        house.execute("UPDATE people SET user_type = 'hybrid' WHERE username = 'robot'", &[]).await;
        let selection = everybody(&house, olga).await.to_string();
        assert!(owner.get("/console/automations/new").await.body.contains("robot"));
        let ticked = format!("hybrid-{robot}");
        let fields = [("selection", selection.as_str()), (ticked.as_str(), "1"), ("act", "close")];
        let page = send(&mut owner, "/console/automations", &JOB, &fields).await;
        assert!(page.status == 422 && page.body.contains("Tick this, too"), "{}", page.body);
        assert!(page.body.contains(&format!("name=\"{ticked}\" value=\"1\" checked")));
        let sure = [&fields[..], &[("hybrid_sure", "1")]].concat();
        let saved = send(&mut owner, "/console/automations", &JOB, &sure).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        let path = saved.location().split('?').next().unwrap().to_owned();
        assert!(owner.get(&path).await.body.contains("Hybrid users included"));
        // Who was confirmed once need not be confirmed at every edit; a contact cannot be smuggled in.
        assert_eq!(send(&mut owner, &format!("{path}/job"), &JOB, &fields).await.status, 303);
        let contact = format!("hybrid-{}", house.contact("ada").await);
        let smuggled = [&sure[..], &[(contact.as_str(), "1")]].concat();
        assert_eq!(send(&mut owner, &format!("{path}/job"), &JOB, &smuggled).await.status, 303);
        let job =
            house.count("SELECT count(*) FROM automations WHERE job LIKE '%hybrid_users\":[\"%\",\"%'").await;
        assert_eq!(job, 0);
    }
}
