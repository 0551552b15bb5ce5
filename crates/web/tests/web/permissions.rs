//! Every route of the console, against no session, a contact's session and a role that allows nothing.

use crate::house::{CHOSEN, HELPER, House, OWNER};
use crate::scene::{operator, run};
use axum::http::Method;
use testkit::databases;
use web::routes::{ROUTES, Who};

#[tokio::test]
async fn nothing_of_the_console_is_open_to_who_may_not() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, _) = operator(&house, "olga", OWNER).await;
        let id = run(&house, olga, 1, "running", &[("refused", None)]).await;
        house.contact("ada").await;
        let mut contact = house.browser();
        contact.sign_in("/login", "ada", CHOSEN).await;
        let (_, mut bare) = operator(&house, "hal", HELPER).await;
        house.execute("UPDATE roles SET permissions = '[]' WHERE name = 'Helper'", &[]).await;
        let mut tried = 0;
        for route in ROUTES.iter().filter(|route| matches!(route.who, Who::OperatorWith(_))) {
            let path = route
                .path
                .replace("{id}", &id.to_string())
                .replace("{place}", "1")
                .replace("{act}", "cancel")
                .replace("{kind}", "new-password")
                .replace("{language}", "en")
                .replace("{part}", "html");
            for (who, browser) in [("nobody", &mut house.browser()), ("a contact", &mut contact)] {
                let answer = match route.method {
                    Method::POST => browser.post(&path, &[]).await,
                    _ => browser.get(&path).await,
                };
                assert_eq!(
                    (answer.status.as_u16(), answer.location()),
                    (303, "/console/login"),
                    "{who}: {path}"
                );
            }
            let answer = match route.method {
                Method::POST => bare.post(&path, &[]).await,
                _ => bare.get(&path).await,
            };
            assert_eq!(answer.status, 403, "without the permission: {path}");
            tried += 1;
        }
        assert!(tried > 20, "{tried}");
    }
}
