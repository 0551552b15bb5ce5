//! People in the console: finding, changing, importing, exporting, and who may.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Browser, CHOSEN, HELPER, House, OWNER};
use axum::body::Body;
use axum::http::Request;
use domain::id::PersonId;
use store::params;
use testkit::databases;
use uuid::Uuid;

/// The built-in role Manager.
const MANAGER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

async fn operator(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    assert_eq!(browser.sign_in("/console/login", name, CHOSEN).await.location(), "/console");
    (id, browser)
}

async fn token(browser: &mut Browser) -> String {
    browser.get("/console/groups").await.token()
}

/// Sends a file as a browser does.
pub(crate) async fn upload(
    browser: &mut Browser,
    token: &str,
    group: &str,
    content: &str,
) -> crate::house::Answer {
    let mut body = String::new();
    for (name, value) in [("csrf", token), ("group", group)] {
        body.push_str(&format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!(
        "--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\ncontent-type: text/csv\r\n\r\n{content}\r\n--XX--\r\n"
    ));
    let request = Request::post("/console/people/import")
        .header("content-type", "multipart/form-data; boundary=XX")
        .header("origin", "https://pass.example")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}

const FILE: &str = "address,given_name,family_name\nada@example.org,Ada,Lovelace\nnobody,No,Body\ngrace@example.org,Grace,Hopper\n";

#[tokio::test]
async fn a_file_is_looked_at_first_and_imported_with_the_yes() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let csrf = token(&mut owner).await;
        let sent = upload(&mut owner, &csrf, "members", FILE).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let (path, _) = sent.location().split_once('?').unwrap();
        let preview = owner.get(sent.location()).await;
        for part in [
            "Import 2 people",
            "<td class=\"number\">3</td>",
            "Ada Lovelace",
            "members",
            "Nothing is saved yet.",
        ] {
            assert!(preview.body.contains(part), "{part}: {}", preview.body);
        }
        assert!(!owner.get("/console/people?q=hopper").await.body.contains("Grace Hopper"));

        // Somebody else's file is not to be found.
        let (_, mut other) = operator(&house, "otto", OWNER).await;
        let other_csrf = token(&mut other).await;
        assert_eq!(other.get(path).await.status, 404);
        assert_eq!(other.post(path, &[("csrf", &other_csrf), ("group", "")]).await.status, 404);

        let done = owner.post(path, &[("csrf", &csrf), ("group", "members")]).await;
        assert!(done.body.contains("People new or changed: 2."), "{}", done.body);
        assert!(owner.get("/console/people?q=hopper").await.body.contains("Grace Hopper"));
        assert!(owner.get("/console/groups").await.body.contains("members"));
        // A second yes finds no file and changes nothing.
        let again = owner.post(path, &[("csrf", &csrf), ("group", "members")]).await;
        assert!(again.status == 404 && again.body.contains("choose it once more"), "{}", again.body);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_answered_at_once_and_one_too_large_before_it_is_kept() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let csrf = token(&mut owner).await;
        let wrong = upload(&mut owner, &csrf, "members", "colour,size\nred,9\n").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("colour") && wrong.body.contains("value=\"members\""), "{}", wrong.body);
        assert_eq!(upload(&mut owner, &csrf, "", "").await.status, 422);
        assert_eq!(upload(&mut owner, "wrong", "", FILE).await.status, 403);
        let large = format!("address\n{}", "a".repeat(25 * 1024 * 1024));
        assert_eq!(upload(&mut owner, &csrf, "", &large).await.status, 413);
        assert_eq!(house.count("SELECT count(*) FROM uploads").await, 0);
    }
}

#[tokio::test]
async fn case_84_an_import_never_makes_system_users_or_sets_what_is_not_a_column() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let csrf = token(&mut owner).await;
        for column in ["role", "rank", "password_hash", "must_change", "verified", "owner_id"] {
            let file = format!("address,{column}\nada@example.org,1\n");
            assert_eq!(upload(&mut owner, &csrf, "", &file).await.status, 422, "{column}");
        }
        for field in ["role_id", "rank", "owner_id", "password_hash", "must_change", "verified"] {
            let fields = [("csrf", csrf.as_str()), ("address", "ada@example.org"), (field, "1")];
            assert_eq!(owner.post("/console/people/new", &fields).await.status, 400, "{field}");
        }
        assert_eq!(house.count("SELECT count(*) FROM people").await, 1);
    }
}

#[tokio::test]
async fn a_person_is_added_and_changed_and_nothing_typed_is_lost() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let csrf = token(&mut owner).await;
        let fields = |address: &'static str, zone: &'static str| {
            [
                ("csrf", csrf.clone()),
                ("given_name", "Ada <b>".into()),
                ("address", address.into()),
                ("time_zone", zone.into()),
            ]
        };
        for (address, zone, at) in
            [("no address", "", "address"), ("ada@example.org", "Nowhere/Here", "time_zone")]
        {
            let sent: [(&str, String); 4] = fields(address, zone);
            let pairs = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
            let refused = owner.post("/console/people/new", &pairs).await;
            assert_eq!(refused.status, 422);
            assert!(refused.body.contains("value=\"Ada &#60;b&#62;\""), "{}", refused.body);
            assert!(
                refused.body.contains(&format!("name=\"{at}\""))
                    && refused.body.contains("aria-invalid=\"true\"")
            );
        }
        let sent = fields("ada@example.org", "Europe/Paris");
        let pairs = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
        let made = owner.post("/console/people/new", &pairs).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let (path, _) = made.location().split_once('?').unwrap();
        let page = owner.get(made.location()).await;
        assert!(
            page.body.contains("Ada &#60;b&#62;") && page.body.contains("The person is here."),
            "{}",
            page.body
        );
        let taken = owner.post("/console/people/new", &pairs).await;
        assert!(taken.status == 422 && taken.body.contains("This is taken already."), "{}", taken.body);
        let edit = format!("{path}/edit");
        let changed = [
            ("csrf", csrf.as_str()),
            ("given_name", "Augusta"),
            ("username", "ada@example.org"),
            ("address", "ada@example.org"),
            ("time_zone", "Europe/Paris"),
        ];
        assert_eq!(owner.post(&edit, &changed).await.status, 303);
        assert!(owner.get(path).await.body.contains("Augusta"));
    }
}

#[tokio::test]
async fn an_act_for_many_asks_with_the_number_and_again_when_it_changed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let (ada, grace) = (house.contact("ada").await, house.contact("grace").await);
        let csrf = token(&mut owner).await;
        let tick = format!("tick-{ada}");
        let asked = owner
            .post(
                "/console/people/bulk",
                &[("csrf", &csrf), ("act", "block"), ("whom", "ticked"), (&tick, "1")],
            )
            .await;
        assert!(
            asked.status == 200 && asked.body.contains("name=\"confirmed\" value=\"1\""),
            "{}",
            asked.body
        );
        assert_eq!(house.count("SELECT count(*) FROM people WHERE blocked").await, 0);
        let all = [
            ("csrf", csrf.as_str()),
            ("act", "block"),
            ("whom", "found"),
            ("filter", "system_user eq false"),
            ("confirmed", "1"),
        ];
        let again = owner.post("/console/people/bulk", &all).await;
        assert!(
            again.status == 200 && again.body.contains("name=\"confirmed\" value=\"2\""),
            "{}",
            again.body
        );
        let done =
            owner.post("/console/people/bulk", &[all[0], all[1], all[2], all[3], ("confirmed", "2")]).await;
        assert!(done.location().contains("done=bulk-done&n=2"), "{}", done.location());
        assert_eq!(house.count("SELECT count(*) FROM people WHERE blocked").await, 2);
        assert!(owner.get(&format!("/console/people/{grace}")).await.body.contains("Unblock"));
    }
}

#[tokio::test]
async fn case_89_many_at_once_leave_the_last_owner_and_higher_ranks_alone() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let (_, mut manager) = operator(&house, "max", MANAGER).await;
        house.contact("ada").await;
        for (browser, refused) in [(&mut manager, 2), (&mut owner, 1)] {
            let csrf = token(browser).await;
            let all = [("csrf", csrf.as_str()), ("act", "block"), ("whom", "found"), ("confirmed", "3")];
            let done = browser.post("/console/people/bulk", &all).await;
            assert!(done.location().ends_with(&format!("bulk-done-but&n={refused}")), "{}", done.location());
        }
        assert_eq!(house.count("SELECT count(*) FROM people WHERE NOT blocked").await, 1);
    }
}

#[tokio::test]
async fn a_new_password_goes_to_one_person_and_never_to_oneself_or_above() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (boss, _) = operator(&house, "olga", OWNER).await;
        let (max, mut manager) = operator(&house, "max", MANAGER).await;
        let ada = house.contact("ada").await;
        let csrf = token(&mut manager).await;
        let sent = manager.post(&format!("/console/people/{ada}/password"), &[("csrf", &csrf)]).await;
        assert!(sent.location().contains("done=person-password-sent"), "{} {}", sent.status, sent.body);
        for (id, why) in [(boss, "the last Owner"), (max, "the operator behind this run")] {
            let refused = manager.post(&format!("/console/people/{id}/password"), &[("csrf", &csrf)]).await;
            assert!(refused.status == 409 && refused.body.contains(why), "{why}: {}", refused.body);
        }
        assert_eq!(house.count("SELECT count(*) FROM runs").await, 1);
        assert_eq!(house.count("SELECT count(*) FROM recipients WHERE state = 'planned'").await, 1);
        // Nobody was mailed yet, so the old password is untouched.
        assert_eq!(house.browser().sign_in("/login", "ada", CHOSEN).await.location(), "/account");
    }
}

#[tokio::test]
async fn what_waits_in_a_mailbox_is_taken_back_and_sessions_end() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let ada = house.contact("ada").await;
        house.mail_password(ada, "hK7mQ2vXw9RzT4bNcJ6p").await;
        let mut hers = house.browser();
        hers.sign_in("/login", "ada", CHOSEN).await;
        let csrf = token(&mut owner).await;
        for act in ["revoke", "end-sessions"] {
            let done = owner.post(&format!("/console/people/{ada}/act/{act}"), &[("csrf", &csrf)]).await;
            assert_eq!(done.status, 303, "{}", done.body);
        }
        assert_eq!(hers.get("/account").await.location(), "/login");
        assert_eq!(house.browser().sign_in("/login", "ada", "hK7mQ2vXw9RzT4bNcJ6p").await.status, 403);
        assert_eq!(house.browser().sign_in("/login", "ada", CHOSEN).await.location(), "/account");
        let page = owner.get(&format!("/console/people/{ada}")).await.body;
        assert!(page.contains("Mailed passwords taken back") && page.contains("Ada Lovelace"), "{page}");
        assert_eq!(
            owner.post(&format!("/console/people/{ada}/act/explode"), &[("csrf", &csrf)]).await.status,
            404
        );
    }
}

#[tokio::test]
async fn erasing_takes_the_user_name_and_spares_the_last_owner() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let ada = house.contact("ada").await;
        let csrf = token(&mut owner).await;
        let path = format!("/console/people/{ada}/erase");
        assert_eq!(owner.post(&path, &[("csrf", &csrf), ("username", "grace")]).await.status, 422);
        assert!(
            owner
                .post(&path, &[("csrf", &csrf), ("username", "Ada")])
                .await
                .location()
                .contains("person-erased")
        );
        assert_eq!(owner.get(&format!("/console/people/{ada}")).await.status, 404);
        let own = owner
            .post(&format!("/console/people/{olga}/erase"), &[("csrf", &csrf), ("username", "olga")])
            .await;
        assert_eq!(own.status, 422, "{}", own.body);
        assert_eq!(house.count("SELECT count(*) FROM people").await, 1);
    }
}

#[tokio::test]
async fn who_may_only_look_finds_no_way_to_change() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, _) = operator(&house, "olga", OWNER).await;
        let (_, mut helper) = operator(&house, "hugo", HELPER).await;
        let ada = house.contact("ada").await;
        let list = helper.get("/console/people").await.body;
        assert!(list.contains("Ada Lovelace"));
        for absent in
            ["/console/people/new", "/console/people/import", "/console/people/export", "name=\"tick-"]
        {
            assert!(!list.contains(absent), "{absent}");
        }
        let page = helper.get(&format!("/console/people/{ada}")).await.body;
        assert!(!page.contains("/act/") && !page.contains("/edit") && !page.contains("/erase"), "{page}");
        let csrf = helper.get("/console").await.token();
        for path in [
            "new",
            "bulk",
            "import",
            &format!("{ada}/edit"),
            &format!("{ada}/act/block"),
            &format!("{ada}/erase"),
            &format!("{ada}/password"),
        ] {
            assert_eq!(
                helper.post(&format!("/console/people/{path}"), &[("csrf", &csrf)]).await.status,
                403,
                "{path}"
            );
        }
        assert_eq!(helper.get("/console/people/export").await.status, 403);
        // A manager may change contacts, and only look at an Owner.
        let (_, mut manager) = operator(&house, "max", MANAGER).await;
        let page = manager.get(&format!("/console/people/{olga}")).await.body;
        assert!(page.contains("you can look, but not change") && !page.contains("/act/block"), "{page}");
        let csrf = token(&mut manager).await;
        let refused = manager.post(&format!("/console/people/{olga}/act/block"), &[("csrf", &csrf)]).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
    }
}

#[tokio::test]
async fn case_116_an_export_is_logged_first_and_neutral_in_spreadsheets() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let csrf = token(&mut owner).await;
        let fields = [("csrf", csrf.as_str()), ("given_name", "=2+2"), ("address", "sum@example.org")];
        assert_eq!(owner.post("/console/people/new", &fields).await.status, 303);
        let file = owner.get("/console/people/export?format=csv&q=sum").await;
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"people.csv\"");
        assert!(file.header("content-security-policy").contains("sandbox"));
        assert!(file.body.contains("'=2+2") && !file.body.contains("olga"), "{}", file.body);
        let lines = owner.get("/console/people/export?format=jsonl").await;
        assert_eq!(lines.body.lines().count(), 2);
        assert_eq!(house.count("SELECT count(*) FROM audit WHERE action = 'people.exported'").await, 2);
    }
}

#[tokio::test]
async fn case_118_a_wrong_filter_or_place_is_answered_and_nothing_is_a_wildcard() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        let wrong = owner.get("/console/people?filter=blocked%20eq%20maybe").await;
        assert!(
            wrong.status == 200 && wrong.body.contains("role=\"alert\"") && wrong.body.contains("^"),
            "{}",
            wrong.body
        );
        for path in ["after=1", "group=x", "who=x", "colour=red"] {
            assert_eq!(owner.get(&format!("/console/people?{path}")).await.status, 400, "{path}");
        }
        for text in ["%25", "_", "%27%20OR%201%3D1", "%00"] {
            assert!(
                !owner.get(&format!("/console/people?q={text}")).await.body.contains("ada@example.org"),
                "{text}"
            );
        }
        assert!(
            owner.get("/console/people?q=love&who=never-logged-in").await.body.contains("ada@example.org")
        );
    }
}

#[tokio::test]
async fn a_group_is_made_filled_renamed_and_removed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let ada = house.contact("ada").await;
        let csrf = token(&mut owner).await;
        assert_eq!(owner.post("/console/groups", &[("csrf", &csrf), ("name", "")]).await.status, 422);
        assert_eq!(
            owner
                .post("/console/groups", &[("csrf", &csrf), ("name", "Crew"), ("description", "all hands")])
                .await
                .status,
            303
        );
        let list = owner.get("/console/groups").await.body;
        let id = list.split("/console/groups/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let join =
            owner.post(&format!("/console/people/{ada}/act/join"), &[("csrf", &csrf), ("group", &id)]).await;
        assert_eq!(join.status, 303);
        assert!(owner.get("/console/people?q=crew").await.body.contains("Ada Lovelace"));
        assert_eq!(
            owner
                .post(
                    &format!("/console/groups/{id}"),
                    &[("csrf", &csrf), ("name", "Hands"), ("description", "")]
                )
                .await
                .status,
            303
        );
        assert!(
            owner
                .post(&format!("/console/groups/{id}/remove"), &[("csrf", &csrf)])
                .await
                .location()
                .contains("n=1")
        );
    }
}

#[tokio::test]
async fn an_attribute_is_defined_filled_searched_and_removed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let ada = house.contact("ada").await;
        let csrf = token(&mut owner).await;
        let kinds = [("csrf", csrf.as_str()), ("name", "tier"), ("kind", "number"), ("label", "Tier")];
        assert_eq!(owner.post("/console/attributes", &kinds).await.status, 303);
        let edit = format!("/console/people/{ada}/edit");
        let wrong = owner.post(&edit, &[("csrf", &csrf), ("attribute-tier", "many")]).await;
        assert!(wrong.status == 422 && wrong.body.contains("value=\"many\""), "{}", wrong.body);
        let right = [
            ("csrf", csrf.as_str()),
            ("username", "ada"),
            ("address", "ada@example.org"),
            ("attribute-tier", "7"),
        ];
        assert_eq!(owner.post(&edit, &right).await.status, 303);
        assert!(
            owner
                .get("/console/people?filter=attributes.tier%20ge%207")
                .await
                .body
                .contains("ada@example.org")
        );
        assert!(
            owner
                .post("/console/attributes/tier/remove", &[("csrf", &csrf)])
                .await
                .location()
                .contains("n=1")
        );
        assert_eq!(house.count("SELECT count(*) FROM attribute_values").await, 0);
    }
}

#[tokio::test]
async fn the_console_speaks_the_operators_language() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        for (language, title) in [("de", "Personen"), ("fr", "Personnes")] {
            house.execute("UPDATE people SET language = $2 WHERE id = $1", params![olga, language]).await;
            let page = owner.get("/console/people").await.body;
            assert!(page.contains(&format!("<html lang=\"{language}\">")) && page.contains(title), "{page}");
        }
    }
}
