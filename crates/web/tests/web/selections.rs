//! Selections in the console: the builder and the text, saving, what a filter finds, and where it is used.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Answer, Browser, CHOSEN, HELPER, House, OWNER};
use domain::id::PersonId;
use store::params;
use testkit::databases;
use uuid::Uuid;

async fn operator(house: &House, name: &str, role: Uuid) -> (PersonId, Browser) {
    let id = house.operator(name, role).await;
    let mut browser = house.browser();
    assert_eq!(browser.sign_in("/console/login", name, CHOSEN).await.location(), "/console");
    (id, browser)
}

/// Every field of the form of a selection as the page shows it, so that it can be sent back changed.
#[derive(Debug, Clone)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn of(page: &Answer) -> Self {
        let form =
            page.body.split("<form method=\"post\" action=\"/console/selections/draft\"").nth(1).unwrap();
        let form = form.split("</form>").next().unwrap();
        let mut fields = Vec::new();
        for tag in form.split('<').skip(1) {
            let Some(name) = attribute(tag, "name") else { continue };
            if tag.starts_with("input") && !tag.contains("type=\"checkbox\"") {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            } else if tag.starts_with("textarea") {
                let text = tag.split_once('>').unwrap().1;
                fields.push((name, plain(text.strip_prefix('\n').unwrap_or(text))));
            } else if tag.starts_with("select") {
                let select = form.split(&format!("name=\"{name}\"")).nth(1).unwrap();
                let options = select.split("</select>").next().unwrap();
                let chosen = options.split("<option").skip(1).find(|one| one.contains(" selected"));
                let first = options.split("<option").nth(1).unwrap();
                fields.push((name, attribute(chosen.unwrap_or(first), "value").unwrap()));
            }
        }
        Self(fields)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    pub(crate) async fn send(&self, browser: &mut Browser, path: &str, act: &str) -> Answer {
        let mut fields: Vec<(&str, &str)> =
            self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("act", act));
        browser.post(path, &fields).await
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(plain)
}

/// Without the escapes of HTML.
fn plain(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}

const DRAFT: &str = "/console/selections/draft";

/// Saves a published selection by the pages, as somebody without script does.
pub(crate) async fn publish(browser: &mut Browser, name: &str, filter: &str) -> String {
    let blank = Fields::of(&browser.get("/console/selections/new").await);
    let saved =
        blank.with("name", name).with("filter", filter).send(browser, "/console/selections", "publish").await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    saved.location().split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_filter_is_built_without_script_button_by_button() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        for name in ["ada", "bob", "eve"] {
            house.contact(name).await;
        }
        house.execute("UPDATE people SET blocked = TRUE WHERE username = 'eve'", &[]).await;
        let blank = owner.get("/console/selections/new").await;
        assert!(blank.body.contains("As soon as the filter is complete"), "{}", blank.body);
        // Another attribute brings its operators and its values.
        let page = Fields::of(&blank).with("attribute-0", "blocked").send(&mut owner, DRAFT, "refresh").await;
        let fields = Fields::of(&page);
        assert_eq!((fields.value("operator-0"), fields.value("value-0")), ("eq", ""));
        let page = fields.with("value-0", "false").send(&mut owner, DRAFT, "container ").await;
        let fields = Fields::of(&page);
        assert_eq!(fields.value("filter"), "blocked eq false");
        assert_eq!(fields.value("any-1"), "1", "a container inside joins by the other word");
        assert!(page.body.contains("Its value is missing"), "{}", page.body);
        let page = fields.with("attribute-1.0", "username").send(&mut owner, DRAFT, "refresh").await;
        let page = Fields::of(&page).with("value-1.0", "ada").send(&mut owner, DRAFT, "add 1").await;
        let page =
            Fields::of(&page).with("attribute-1.1", "username").send(&mut owner, DRAFT, "refresh").await;
        let page = Fields::of(&page)
            .with("value-1.1", "b")
            .with("operator-1.1", "sw")
            .send(&mut owner, DRAFT, "refresh")
            .await;
        let text = "blocked eq false and (username eq \"ada\" or username sw \"b\")";
        assert_eq!(Fields::of(&page).value("filter"), text);
        assert!(page.body.contains("2 <small>people"), "{}", page.body);
        assert!(page.body.contains("ada@example.org") && page.body.contains("bob@example.org"));
        let page = Fields::of(&page).send(&mut owner, DRAFT, "negate 1.0").await;
        assert!(Fields::of(&page).value("filter").contains("not (username eq \"ada\")"));
        let page = Fields::of(&page).send(&mut owner, DRAFT, "remove 1").await;
        assert_eq!(Fields::of(&page).value("filter"), "blocked eq false");
        assert_eq!(house.count("SELECT count(*) FROM selections").await, 0, "nothing is saved by looking");
        let saved =
            Fields::of(&page).with("name", "Open").send(&mut owner, "/console/selections", "save").await;
        let shown = owner.get(saved.location()).await;
        assert!(
            shown.body.contains("The selection is saved.") && shown.body.contains("Draft"),
            "{}",
            shown.body
        );
    }
}

#[tokio::test]
async fn a_relative_time_has_a_number_a_unit_and_a_direction() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let blank = Fields::of(&owner.get("/console/selections/new").await);
        let page = blank.with("attribute-0", "password.changed_at").send(&mut owner, DRAFT, "refresh").await;
        let fields = Fields::of(&page);
        assert_eq!(
            (fields.value("operator-0"), fields.value("when-0"), fields.value("unit-0")),
            ("lt", "ago", "d")
        );
        let page = fields.with("amount-0", "90").send(&mut owner, DRAFT, "refresh").await;
        assert_eq!(Fields::of(&page).value("filter"), "password.changed_at lt \"now-90d\"");
        let page = Fields::of(&page).with("when-0", "day").send(&mut owner, DRAFT, "refresh").await;
        assert!(page.body.contains("type=\"date\" id=\"value-0\""));
        let page = Fields::of(&page).with("value-0", "2026-01-31").send(&mut owner, DRAFT, "refresh").await;
        assert_eq!(Fields::of(&page).value("filter"), "password.changed_at lt \"2026-01-31\"");
    }
}

#[tokio::test]
async fn the_text_is_taken_into_the_builder_and_what_is_wrong_with_it_is_pointed_at() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let blank = Fields::of(&owner.get("/console/selections/new").await);
        let page = blank
            .clone()
            .with("filter", "rank ge 2 or blocked eq true")
            .send(&mut owner, DRAFT, "use-text")
            .await;
        let fields = Fields::of(&page);
        assert_eq!(
            (fields.value("attribute-0"), fields.value("value-0"), fields.value("any-")),
            ("rank", "2", "1")
        );
        // A slip keeps the text and the builder, and says where and what would be right.
        let slip =
            fields.with("filter", "rank ge 2 or\n blockd eq true").send(&mut owner, DRAFT, "refresh").await;
        assert_eq!(Fields::of(&slip).value("filter"), "rank ge 2 or\n blockd eq true");
        for part in
            ["line 2, column 2", "^^^^^^", "Did you mean blocked?", "The builder shows how it was before"]
        {
            assert!(slip.body.contains(part), "{part}: {}", slip.body);
        }
        // Changing the builder now does not take the text away.
        let torn = Fields::of(&slip).with("value-0", "1").send(&mut owner, DRAFT, "refresh").await;
        assert!(torn.body.contains("Choose which one counts") && torn.body.contains("blockd"));
        let refused =
            Fields::of(&torn).with("name", "Torn").send(&mut owner, "/console/selections", "save").await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("value=\"Torn\"") && refused.body.contains("blockd"));
        let page = Fields::of(&torn).send(&mut owner, DRAFT, "use-builder").await;
        assert_eq!(Fields::of(&page).value("filter"), "rank ge 1 or blocked eq true");
        // What no row can hold stays a text, with its count.
        let path = "groups[name eq \"staff\" and added_at lt \"now-30d\"]";
        let page = blank.with("filter", path).send(&mut owner, DRAFT, "refresh").await;
        assert!(
            page.body.contains("the builder has no row for") && page.body.contains("0 <small>people"),
            "{}",
            page.body
        );
        assert_eq!(Fields::of(&page).value("filter"), path);
    }
}

#[tokio::test]
async fn a_selection_is_refused_with_what_was_typed_and_the_error_at_its_field() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        publish(&mut owner, "Staff", "blocked eq false").await;
        let blank = Fields::of(&owner.get("/console/selections/new").await);
        let right = blank.clone().with("name", "Other").with("filter", "blocked eq true");
        for (name, value, wanted) in [
            ("name", "Staff", "This is taken already."),
            ("name", "", "Expected 1 to 100 characters."),
            ("time_zone", "Mars/Olympus", "Expected a time zone such as Europe/Berlin."),
            ("size_limit", "0", "Expected a whole number from 1 on"),
            ("size_limit", "many", "Expected a whole number from 1 on"),
            ("filter", "", "Say whom it finds."),
            ("filter", "selection eq \"Nowhere\"", "Nowhere"),
            ("filter", "selection eq \"Staff\" and blockd eq true", "blockd"),
        ] {
            let typed = right.clone().with("description", "typed <here>").with(name, value);
            let page = typed.send(&mut owner, "/console/selections", "publish").await;
            assert_eq!(page.status, 422, "{name} {value}: {}", page.body);
            assert!(page.body.contains(wanted), "{name} {value}: {}", page.body);
            assert_eq!(Fields::of(&page).value("description"), "typed <here>");
            assert_eq!(Fields::of(&page).value(name), value);
        }
        let unfinished = right.send(&mut owner, DRAFT, "add ").await;
        let page = Fields::of(&unfinished).send(&mut owner, "/console/selections", "publish").await;
        assert!(page.status == 422 && page.body.contains("A criterion is not finished"));
        assert_eq!(house.count("SELECT count(*) FROM selections").await, 1);
    }
}

#[tokio::test]
async fn a_used_selection_says_by_what_and_stays() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let staff = publish(&mut owner, "Staff", "blocked eq false").await;
        let nested = publish(&mut owner, "Nested", "selection eq \"Staff\" and verified eq true").await;
        let list = owner.get("/console/selections").await;
        assert!(list.body.contains(&format!("<a href=\"{nested}\">Nested</a>")), "{}", list.body);
        let page = owner.get(&staff).await;
        assert!(page.body.contains("can be neither archived nor deleted"));
        let token = page.token();
        for act in ["archive", "remove"] {
            let refused = owner.post(&format!("{staff}/{act}"), &[("csrf", &token)]).await;
            assert_eq!(refused.status, 422);
            assert!(refused.body.contains("It is used by the selection “Nested”"), "{}", refused.body);
        }
        // Renaming it would break what reuses it; a circle is refused with its chain.
        let renamed = Fields::of(&page).with("name", "Team").send(&mut owner, &staff, "save").await;
        assert!(renamed.status == 422 && renamed.body.contains("It is used by Nested"), "{}", renamed.body);
        let circle = Fields::of(&page)
            .with("filter", "selection eq \"Nested\"")
            .send(&mut owner, &staff, "save")
            .await;
        assert!(circle.status == 422 && circle.body.contains("Staff → Nested"), "{}", circle.body);
        for (act, path) in
            [("archive", &nested), ("restore", &nested), ("remove", &nested), ("remove", &staff)]
        {
            let done = owner.post(&format!("{path}/{act}"), &[("csrf", &token)]).await;
            assert_eq!(done.status, 303, "{act} {}", done.body);
        }
        assert_eq!(house.count("SELECT count(*) FROM selections").await, 0);
        assert_eq!(owner.get(&staff).await.status, 404);
    }
}

#[tokio::test]
async fn a_copy_is_a_draft_and_a_draft_is_published_when_it_is_right() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let staff = publish(&mut owner, "Staff", "blocked eq false").await;
        let token = owner.get(&staff).await.token();
        let taken = owner.post(&format!("{staff}/copy"), &[("csrf", &token), ("copy", "Staff")]).await;
        assert!(taken.status == 422 && taken.body.contains("This is taken already."), "{}", taken.body);
        let copied = owner.post(&format!("{staff}/copy"), &[("csrf", &token), ("copy", "Team")]).await;
        let copy = copied.location().split('?').next().unwrap().to_owned();
        assert!(owner.get(&copy).await.body.contains("Draft"));
        let page = Fields::of(&owner.get(&copy).await);
        // A draft may be wrong; it cannot be published so.
        let wrong = page.with("filter", "blockd eq true");
        assert_eq!(wrong.send(&mut owner, &copy, "save").await.status, 303);
        assert_eq!(wrong.send(&mut owner, &copy, "publish").await.status, 422);
        let refused = owner.post(&format!("{copy}/publish"), &[("csrf", &token)]).await;
        assert!(refused.status == 422 && refused.body.contains("blockd"), "{}", refused.body);
    }
}

#[tokio::test]
async fn the_split_says_who_a_password_job_would_leave_out() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        for name in ["ada", "bob", "eve", "max"] {
            house.contact(name).await;
        }
        house.execute("UPDATE people SET blocked = TRUE WHERE username = 'eve'", &[]).await;
        house
            .execute("UPDATE people SET address = NULL, address_canonical = NULL WHERE username = 'max'", &[])
            .await;
        let all = publish(&mut owner, "All", "username pr").await;
        let page = owner.get(&all).await;
        for part in [
            "5 <small>people",
            "would receive a password</span><b>2</b>",
            "blocked</span><b>1</b>",
            "no mail address</span><b>1</b>",
            "the operator behind this run</span><b>1</b>",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let limited = Fields::of(&page).with("size_limit", "3").send(&mut owner, DRAFT, "refresh").await;
        assert!(limited.body.contains("3 <small>people"), "{}", limited.body);
    }
}

#[tokio::test]
async fn who_may_only_look_sees_no_form_and_who_may_not_see_people_no_names() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        house.contact("ada").await;
        let all = publish(&mut owner, "All", "username pr").await;
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        house
            .execute(
                "UPDATE roles SET permissions = $1 WHERE name = 'Helper'",
                params!["[\"selections.view\"]"],
            )
            .await;
        let page = helper.get(&all).await;
        assert!(
            page.status == 200 && page.body.contains("username pr") && page.body.contains("3 <small>people")
        );
        assert!(!page.body.contains("ada@example.org") && !page.body.contains("<textarea"), "{}", page.body);
        assert!(!helper.get("/console/selections").await.body.contains("/console/selections/new"));
        // Editing alone shows nothing: not by a draft, not by an error.
        house
            .execute(
                "UPDATE roles SET permissions = $1 WHERE name = 'Helper'",
                params!["[\"selections.edit\"]"],
            )
            .await;
        assert_eq!(helper.get(&all).await.status, 403);
        let token = helper.get("/console").await.token();
        let id = all.rsplit('/').next().unwrap();
        for (path, extra) in [
            (DRAFT.to_owned(), ("id", id)),
            (all.clone(), ("name", "")),
            (format!("{all}/copy"), ("copy", "")),
        ] {
            let answer = helper.post(&path, &[("csrf", &token), extra]).await;
            assert!(
                answer.status == 404 && !answer.body.contains("username pr"),
                "{path}: {}",
                answer.status
            );
        }
    }
}
