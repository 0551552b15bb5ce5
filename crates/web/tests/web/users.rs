//! System users and roles in the console.

use crate::house::{Answer, Browser, CHOSEN, HELPER, House, OWNER};
use domain::id::PersonId;
use store::params;
use testkit::databases;
use uuid::Uuid;

/// The built-in role Administrator.
const ADMINISTRATOR: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);

async fn signed_in(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    assert_eq!(browser.sign_in("/console/login", name, CHOSEN).await.location(), "/console");
    (id, browser)
}

async fn send(browser: &mut Browser, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = browser.get(page).await.token();
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
    browser.post(path, &fields).await
}

#[tokio::test]
async fn an_owner_makes_a_system_user_changes_it_and_takes_the_role_away() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let page = olga.get("/console/users").await;
        assert!(page.body.contains("Ada Lovelace") && page.body.contains("/console/users/new"));
        let helper = HELPER.to_string();
        let new = [
            ("given_name", "Hal"),
            ("family_name", "Helper"),
            ("address", "hal@example.org"),
            ("username", "hal"),
            ("role", helper.as_str()),
            ("user_type", "ui"),
            ("last_day", "2027-06-30"),
        ];
        let mut wrong = new;
        (wrong[2].1, wrong[6].1) = ("nonsense", "30.6.2027");
        let answer = send(&mut olga, "/console/users/new", "/console/users", &wrong).await;
        assert_eq!(answer.status, 422);
        for kept in ["value=\"Hal\"", "value=\"nonsense\"", "value=\"30.6.2027\"", "Expected a day such as"] {
            assert!(answer.body.contains(kept), "{kept}: {}", answer.body);
        }
        let made = send(&mut olga, "/console/users/new", "/console/users", &new).await;
        let path = made.location().split('?').next().unwrap().to_owned();
        assert!(path.starts_with("/console/users/"), "{} {}", made.status, made.body);
        let page = olga.get(&path).await;
        // The day after, at midnight in Berlin.
        for shown in ["Hal Helper", "rank 0", "2027-07-01 00:00", "No password yet.", "Mail a password"] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        let form = olga.get(&format!("{path}/edit")).await;
        assert!(form.body.contains("value=\"2027-06-30\""), "{}", form.body);
        let admin = ADMINISTRATOR.to_string();
        let change = [("role", admin.as_str()), ("user_type", "hybrid"), ("last_day", "")];
        let changed = send(&mut olga, &format!("{path}/edit"), &path, &change).await;
        assert_eq!(changed.location(), format!("{path}?done=user-changed"), "{}", changed.body);
        let page = olga.get(&path).await;
        assert!(page.body.contains("Administrator") && page.body.contains("no end"), "{}", page.body);
        let again = send(&mut olga, "/console/users/new", "/console/users", &new).await;
        assert!(again.status == 422 && again.body.contains("This is taken already."), "{}", again.body);
        let gone = send(&mut olga, &path, &format!("{path}/remove"), &[]).await;
        assert_eq!(gone.location(), "/console/users?done=user-removed");
        assert_eq!(olga.get(&path).await.status, 404, "a contact is no system user");
    }
}

#[tokio::test]
async fn a_contact_gets_a_role_only_when_that_is_said() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let ada = house.contact("ada").await;
        let helper = HELPER.to_string();
        let fields = [
            ("given_name", ""),
            ("family_name", ""),
            ("address", ""),
            ("username", " ADA "),
            ("role", helper.as_str()),
            ("user_type", "ui"),
            ("last_day", ""),
        ];
        let there = send(&mut olga, "/console/users/new", "/console/users", &fields).await;
        assert!(there.status == 422 && there.body.contains("ada@example.org"), "{}", there.body);
        let taken: Vec<(&str, &str)> = fields.into_iter().chain([("existing", "1")]).collect();
        let made = send(&mut olga, "/console/users/new", "/console/users", &taken).await;
        assert_eq!(made.location(), format!("/console/users/{ada}?done=user-created"));
    }
}

#[tokio::test]
async fn blocking_signing_out_and_resetting_show_at_once() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let (hal, mut helper) = signed_in(&house, "hal", HELPER).await;
        let path = format!("/console/users/{hal}");
        assert!(olga.get(&path).await.body.contains("signed in at one place"));
        let ended = send(&mut olga, &path, &format!("{path}/sessions/end"), &[]).await;
        assert_eq!(ended.location(), format!("{path}?done=user-sessions-ended&n=1"));
        assert_eq!(helper.get("/console").await.location(), "/console/login");
        let blocked = send(&mut olga, &path, &format!("{path}/block"), &[]).await;
        assert_eq!(blocked.location(), format!("{path}?done=user-blocked"));
        assert_eq!(helper.sign_in("/console/login", "hal", CHOSEN).await.status, 403);
        assert!(olga.get(&path).await.body.contains("blocked"));
        send(&mut olga, &path, &format!("{path}/unblock"), &[]).await;
        assert_eq!(helper.sign_in("/console/login", "hal", CHOSEN).await.location(), "/console");
        house
            .execute(
                "INSERT INTO second_factors (person_id, key_id, secret, last_step, failed_codes, failed_code_at,
                     short_password, enrolled_at) VALUES ($1, 'k1', $2, 0, 0, NULL, FALSE, 0)",
                params![hal, [0_u8; 48]],
            )
            .await;
        let mut again = house.browser();
        assert_eq!(again.sign_in("/console/login", "hal", CHOSEN).await.location(), "/console/login/code");
        let reset = send(&mut olga, &path, &format!("{path}/second-factor/reset"), &[]).await;
        assert_eq!(reset.location(), format!("{path}?done=user-second-factor-reset"));
        assert_eq!(helper.get("/console").await.location(), "/console/login");
        assert_eq!(helper.sign_in("/console/login", "hal", CHOSEN).await.location(), "/console");
    }
}

#[tokio::test]
async fn a_role_is_made_changed_and_removed_and_a_built_in_one_only_asks_for_a_second_factor() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let draft = [("name", "Desk"), ("rank", "1"), ("may-people.view", "1"), ("may-runs.view", "1")];
        let made = send(&mut olga, "/console/roles/new", "/console/roles", &draft).await;
        let path = made.location().split('?').next().unwrap().to_owned();
        assert!(path.starts_with("/console/roles/"), "{} {}", made.status, made.body);
        assert!(olga.get(&path).await.body.contains("2 things"));
        let twice = send(&mut olga, "/console/roles/new", "/console/roles", &draft).await;
        assert_eq!(twice.status, 422);
        for kept in ["value=\"Desk\"", "name=\"may-runs.view\" value=\"1\" checked", "This is taken already."]
        {
            assert!(twice.body.contains(kept), "{kept}: {}", twice.body);
        }
        let change = [("name", "Front desk"), ("rank", "0"), ("second_factor", "1")];
        let changed = send(&mut olga, &format!("{path}/edit"), &path, &change).await;
        assert_eq!(changed.location(), format!("{path}?done=role-saved"));
        let page = olga.get(&path).await;
        assert!(page.body.contains("Front desk") && page.body.contains("required"), "{}", page.body);
        let gone = send(&mut olga, &path, &format!("{path}/remove"), &[]).await;
        assert_eq!(gone.location(), "/console/roles?done=role-removed");
        let helper = format!("/console/roles/{HELPER}");
        let built_in = olga.get(&helper).await;
        assert!(!built_in.body.contains(&format!("{helper}/edit")) && built_in.body.contains("built in"));
        let fields = [("name", "Helper"), ("rank", "0"), ("may-roles.edit", "1")];
        let refused = send(&mut olga, &helper, &helper, &fields).await;
        assert!(refused.status == 422 && refused.body.contains("built in"), "{}", refused.body);
        let on = send(&mut olga, &helper, &format!("{helper}/second-factor"), &[("required", "1")]).await;
        assert_eq!(on.location(), format!("{helper}?done=role-factor-on"));
        house.operator("hal", HELPER).await;
        let used = send(&mut olga, &helper, &format!("{helper}/remove"), &[]).await;
        assert_eq!(used.status, 422);
        let mut hal = house.browser();
        hal.sign_in("/console/login", "hal", CHOSEN).await;
        assert_eq!(hal.get("/console/login/code").await.location(), "/console/login/enrol");
    }
}

#[tokio::test]
async fn nobody_gives_a_permission_or_a_rank_they_do_not_have() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let draft = [("name", "Clerk"), ("rank", "1"), ("may-roles.edit", "1"), ("may-people.view", "1")];
        send(&mut olga, "/console/roles/new", "/console/roles", &draft).await;
        let mut clerk = house.browser();
        house.operator("carl", HELPER).await;
        house
            .execute("UPDATE people SET role_id = (SELECT id FROM roles WHERE name = 'Clerk') WHERE username = 'carl'", &[])
            .await;
        clerk.sign_in("/console/login", "carl", CHOSEN).await;
        let page = clerk.get("/console/roles/new").await;
        assert!(page.body.contains("name=\"may-settings.edit\" value=\"1\" disabled"), "{}", page.body);
        assert!(!page.body.contains("<option value=\"2\""), "no rank above the own one");
        for (rank, permission) in
            [("2", "may-people.view"), ("1", "may-settings.edit"), ("0", "may-nonsense")]
        {
            let fields = [("name", "Power"), ("rank", rank), (permission, "1")];
            let refused = send(&mut clerk, "/console/roles/new", "/console/roles", &fields).await;
            assert_eq!(refused.status, 422, "{rank} {permission}");
        }
        let owner = OWNER.to_string();
        let fields = [
            ("given_name", ""),
            ("family_name", ""),
            ("address", ""),
            ("username", "eve"),
            ("role", owner.as_str()),
            ("user_type", "ui"),
            ("last_day", ""),
        ];
        let refused = send(&mut clerk, "/console/users/new", "/console/users", &fields).await;
        assert!(refused.status == 422 && refused.body.contains("up to your own rank"), "{}", refused.body);
        let switch = format!("/console/roles/{OWNER}/second-factor");
        let refused = send(&mut clerk, "/console/roles", &switch, &[("required", "1")]).await;
        assert_eq!(refused.status, 422, "only an Owner switches built-in roles");
    }
}

#[tokio::test]
async fn a_change_without_a_fresh_proof_or_without_the_permission_is_not_made() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut olga) = signed_in(&house, "olga", OWNER).await;
        let (hal, mut helper) = signed_in(&house, "hal", HELPER).await;
        let path = format!("/console/users/{hal}/block");
        assert_eq!(send(&mut helper, "/console", &path, &[]).await.status, 403);
        assert_eq!(helper.get("/console/roles").await.status, 403);
        assert_eq!(helper.get("/console/users").await.status, 200);
        house.pass(11 * 60_000);
        let answer = send(&mut olga, &format!("/console/users/{hal}"), &path, &[]).await;
        assert!(answer.status == 403 && answer.body.contains("proof-password"), "{}", answer.body);
        assert_eq!(helper.get("/console").await.status, 200, "not blocked");
        // A helper who may not at all is not asked for a proof either.
        assert_eq!(send(&mut helper, "/console", &path, &[]).await.status, 403);
    }
}
