//! What recipients may decide, set by programs.

use crate::house::House;
use serde_json::json;
use testkit::databases;

#[tokio::test]
async fn a_program_offers_a_group_and_gives_an_attribute_into_the_hands_of_recipients() {
    for db in databases().await {
        let house = House::new(&db.store);
        let mut program = house.program().await;
        let offer = json!({ "subscribable": true, "public_title": "The news", "double_opt_in": true });
        let made = program.post("/api/v1/groups", json!({ "name": "news", "offer": offer })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.json()["offer"]["public_title"], "The news");
        assert_eq!(made.json()["offer"]["public_description"], "");
        let path = format!("/api/v1/groups/{}", made.json()["id"].as_str().unwrap());
        // What is not sent stays as a whole; an offer that is sent takes the place of the other.
        let named = program.json("PATCH", &path, json!({ "description": "x" })).await;
        assert_eq!(named.json()["offer"]["subscribable"], true);
        let ended = program.json("PATCH", &path, json!({ "offer": { "subscribable": false } })).await;
        assert_eq!(ended.json()["offer"]["subscribable"], false);
        assert_eq!(ended.json()["offer"]["public_title"], "");
        let smuggled = program.json("PATCH", &path, json!({ "offer": { "rank": 3 } })).await;
        assert_eq!(smuggled.status, 400, "{}", smuggled.body);

        let new = json!({ "name": "nick", "kind": "string" });
        assert_eq!(program.post("/api/v1/attributes", new).await.json()["recipients"], "hidden");
        let change = json!({ "recipients": "edit" });
        let changed = program.json("PATCH", "/api/v1/attributes/nick", change).await;
        assert_eq!(changed.json()["recipients"], "edit");
        assert_eq!(changed.json()["label"], "nick", "the label stays");
        let wrong = program.json("PATCH", "/api/v1/attributes/nick", json!({ "recipients": "all" })).await;
        assert!(wrong.status == 400 || wrong.status == 422, "{}", wrong.body);
    }
}
