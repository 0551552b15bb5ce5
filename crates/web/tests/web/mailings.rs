//! Mailings in the console: the three steps, arming and taking back, who may.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::automations::{contacts, everybody, operator, send};
use crate::house::{Answer, Browser, House, OWNER};
use axum::body::Body;
use axum::http::Request;
use domain::id::PersonId;
use store::params;
use testkit::databases;

const NEW: [(&str, &str); 4] =
    [("intent", "offer_link"), ("name", "New term"), ("folder", "2027"), ("language", "en")];

/// Begins a mailing by the pages; gives its path.
pub(crate) async fn begin(browser: &mut Browser, changes: &[(&str, &str)]) -> String {
    let begun = send(browser, "/console/mailings", &NEW, changes).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    begun.location().split("/mail?").next().unwrap().to_owned()
}

/// The fields of the first step as its page shows them.
pub(crate) async fn mail_fields(browser: &mut Browser, path: &str) -> Vec<(String, String)> {
    let page = browser.get(&format!("{path}/mail")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let after = |mark: &str, end: &str| {
        let (_, rest) = page.body.split_once(mark).unwrap_or_else(|| panic!("{mark}: {}", page.body));
        unescape(rest.split(end).next().unwrap())
    };
    let mut fields = vec![
        ("seen".to_owned(), after("name=\"seen\" value=\"", "\"")),
        ("text".to_owned(), after("name=\"text\" class=\"code\"", "</textarea>")),
        ("html".to_owned(), after("name=\"html\" class=\"code\"", "</textarea>")),
        ("subject".to_owned(), after("name=\"subject\" type=\"text\" class=\"code\" value=\"", "\"")),
    ];
    for (_, area) in &mut fields[1..3] {
        *area = area.split_once(">\n").unwrap().1.to_owned();
    }
    for (name, value) in [
        ("name", "New term"),
        ("folder", "2027"),
        ("intent", "offer_link"),
        ("language", "en"),
        ("sender_name", "The office"),
        ("sender_address", "office@example.org"),
        ("reply_to", ""),
        ("html_format", "markdown"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    fields
}

fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    for (escaped, plain) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ] {
        text = text.replace(escaped, plain);
    }
    text.replace("&#38;", "&").replace("&amp;", "&")
}

pub(crate) async fn save_mail(browser: &mut Browser, path: &str, changes: &[(&str, &str)]) -> Answer {
    let fields = mail_fields(browser, path).await;
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    send(browser, &format!("{path}/mail"), &fields, changes).await
}

/// Begins one and takes everybody of a selection.
async fn written(house: &House, olga: PersonId, browser: &mut Browser) -> String {
    let selection = everybody(house, olga).await.to_string();
    let path = begin(browser, &[]).await;
    assert_eq!(save_mail(browser, &path, &[("act", "next")]).await.status, 303);
    let audience = [("selection", selection.as_str()), ("settled", "at_start"), ("zone", "Europe/Berlin")];
    let saved = send(browser, &format!("{path}/recipients"), &audience, &[("act", "next")]).await;
    assert!(saved.status == 303 && saved.location().contains("/start?"), "{}", saved.body);
    path
}

pub(crate) const START: [(&str, &str); 3] =
    [("when", "then"), ("start", "2030-01-07T09:00"), ("zone", "Europe/Berlin")];

#[tokio::test]
async fn a_mailing_is_written_in_three_steps_and_armed_with_its_start_time() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        contacts(&house, 3).await;
        let empty = owner.get("/console/mailings").await;
        assert!(empty.body.contains("It takes three steps") && empty.body.contains("Save a start time"));
        let path = written(&house, olga, &mut owner).await;
        let page = owner.get(&format!("{path}/start")).await;
        for part in ["4 <small>would get the mail now", "Offer a link", "Every replacement is known", "2027"]
        {
            let body = format!("{}{}", page.body, owner.get(&path).await.body);
            assert!(body.contains(part), "{part}: {body}");
        }
        let armed = send(&mut owner, &format!("{path}/arm"), &START, &[]).await;
        assert_eq!(armed.status, 303, "{}", armed.body);
        let page = owner.get(armed.location()).await;
        for part in
            ["The mailing is armed.", "2030-01-07 09:00 CET", "Armed by Ada Lovelace.", "Take the start back"]
        {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let list = owner.get("/console/mailings?folder=2027&state=armed").await;
        for part in ["New term", "2030-01-07 09:00 CET", "2027 (1)", "a selection"] {
            assert!(list.body.contains(part), "{part}: {}", list.body);
        }
        assert!(owner.get("/console/mailings?state=draft").await.body.contains("Nothing fits."));
        assert!(owner.get("/console/mailings?folder=-").await.body.contains("Nothing fits."));
        assert_eq!(owner.get("/console/mailings?state=nonsense").await.status, 400);
        let back = send(&mut owner, &format!("{path}/disarm"), &[], &[]).await;
        assert!(owner.get(back.location()).await.body.contains("it is a draft again"));
        let again = send(&mut owner, &format!("{path}/disarm"), &[], &[]).await;
        assert!(again.status == 422 && again.body.contains("role=\"alert\""), "{}", again.body);
        assert_eq!(send(&mut owner, &format!("{path}/arm"), &START, &[]).await.status, 303);
        let off = send(&mut owner, &format!("{path}/cancel"), &[], &[]).await;
        assert!(owner.get(off.location()).await.body.contains("called off"));
    }
}

#[tokio::test]
async fn nothing_typed_into_a_mailing_is_lost_and_every_fault_stands_at_its_part() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let refused = send(&mut owner, "/console/mailings", &NEW, &[("name", "")]).await;
        assert!(refused.status == 422 && refused.body.contains("value=\"2027\""), "{}", refused.body);
        let path = begin(&mut owner, &[]).await;
        // A draft may lack what arming asks for: it is saved, and marked.
        let lacking = [("sender_name", ""), ("text", "Hello {{ nobody }}\n"), ("act", "next")];
        let saved = save_mail(&mut owner, &path, &lacking).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        for part in [
            "Saved.",
            "Hello {{ nobody }}",
            "id=\"text-faults\"",
            "Line 1, column",
            "id=\"sender_name-hint\"",
        ] {
            assert!(saved.body.contains(part), "{part}: {}", saved.body);
        }
        assert!(owner.get(&format!("{path}/start")).await.body.contains("Something in the words"));
        let armed = send(&mut owner, &format!("{path}/arm"), &START, &[]).await;
        assert!(armed.status == 422 && armed.body.contains("value=\"2030-01-07T09:00\""), "{}", armed.body);
        // What somebody else saved meanwhile is not lost unseen, and what was typed stays.
        let conflict = save_mail(&mut owner, &path, &[("seen", "1"), ("subject", "Typed here")]).await;
        assert!(conflict.status == 409 && conflict.body.contains("Typed here"), "{}", conflict.body);
        let path = written(&house, olga, &mut owner).await;
        for (field, value, wanted) in [
            ("zone", "Mars", "Expected a time zone"),
            ("start", "", "Say when it starts"),
            ("start", "2001-01-01T09:00", "past"),
            ("per_minute", "0", "per_minute"),
            ("per_minute", "x", "Expected a whole number"),
            ("wave_people", "10", "The two belong together"),
            ("quiet_from", "22:00", "The two belong together"),
            ("keep_days", "0", "Expected a whole number of days"),
        ] {
            let page = send(&mut owner, &format!("{path}/arm"), &START, &[(field, value)]).await;
            assert_eq!(page.status, 422, "{field} {value}: {}", page.body);
            assert!(wanted == "per_minute" || page.body.contains(wanted), "{field}: {}", page.body);
            assert!(page.body.contains(&format!("id=\"{field}-hint\"")), "{field}: {}", page.body);
            assert!(value.is_empty() || page.body.contains(&format!("value=\"{value}\"")), "{field}");
        }
        assert_eq!(house.count("SELECT count(*) FROM mailings WHERE state = 'armed'").await, 0);
        let paced = [
            ("per_minute", "600"),
            ("wave_people", "50"),
            ("wave_wait", "30"),
            ("quiet_from", "22:00"),
            ("quiet_until", "06:00"),
        ];
        let kept = send(&mut owner, &format!("{path}/start"), &START, &paced).await;
        assert!(kept.status == 200 && kept.body.contains("value=\"2030-01-07T09:00\""), "{}", kept.body);
        let page = owner.get(&format!("{path}/start")).await;
        for (name, value) in paced {
            assert!(
                page.body.contains(&format!("name=\"{name}\""))
                    && page.body.contains(&format!("value=\"{value}\"")),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn untouched_words_follow_the_intent_and_the_language_and_touched_ones_stay() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        let path = begin(&mut owner, &[]).await;
        let forced = save_mail(&mut owner, &path, &[("intent", "force_password"), ("language", "de")]).await;
        assert!(forced.location().contains("mailing-words-anew"), "{}", forced.location());
        let page = owner.get(&format!("{path}/mail")).await;
        for part in ["{{ password }}", "Old passwords stop working", "name=\"valid_hours\""] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let own = [("intent", "force_password"), ("language", "de"), ("subject", "My own words")];
        assert_eq!(save_mail(&mut owner, &path, &own).await.status, 303);
        let back = [("intent", "personal_link"), ("subject", "My own words"), ("act", "next")];
        let page = save_mail(&mut owner, &path, &back).await;
        assert!(page.status == 200 && page.body.contains("My own words"), "{}", page.body);
        assert!(page.body.contains("name=\"link_hours\"") && page.body.contains("id=\"text-faults\""));
    }
}

#[tokio::test]
async fn the_mail_is_looked_at_as_each_of_its_people_would_read_it() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        contacts(&house, 3).await;
        let path = begin(&mut owner, &[]).await;
        let found =
            send(&mut owner, &format!("{path}/recipients/people"), &[("q", "p")], &[("act", "found")]).await;
        assert!(found.location().contains("mailing-people-in&n=3"), "{}", found.location());
        house.execute("UPDATE people SET family_name = '', given_name = '' WHERE username = 'p1'", &[]).await;
        let words =
            [("text", "Dear {{ given_name }},\n{{ request_password_link }}\n"), ("html_format", "none")];
        let fields = mail_fields(&mut owner, &path).await;
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let asked = [words[0], words[1], ("person", "p1")];
        let shown = send(&mut owner, &format!("{path}/mail/text"), &fields, &asked).await;
        assert!(
            shown.status == 200 && shown.body.contains("Empty for this person: given_name"),
            "{}",
            shown.body
        );
        assert!(shown.header("content-security-policy").contains("sandbox"), "{:?}", shown.headers);
        let wrong =
            send(&mut owner, &format!("{path}/mail/text"), &fields, &[("text", "{{ nobody }}")]).await;
        assert!(wrong.body.contains("This cannot be composed yet"), "{}", wrong.body);
        assert_eq!(save_mail(&mut owner, &path, &words).await.status, 303);
        // One after the other, without script.
        let (mut page, mut readers) = (owner.get(&format!("{path}/preview?part=text")).await, 1);
        while let Some((before, _)) = page.body.split_once("\" rel=\"next\"") {
            let link = unescape(before.rsplit("href=\"").next().unwrap());
            page = owner.get(&link).await;
            readers += 1;
            assert!(readers < 10, "{}", page.body);
        }
        assert_eq!(readers, 3, "{}", page.body);
        assert!(page.body.contains("rel=\"prev\""));
        let frame =
            page.body.split_once("<iframe class=\"mail tall\" src=\"").unwrap().1.split('"').next().unwrap();
        let frame = owner.get(&unescape(frame)).await;
        assert!(frame.status == 200 && frame.body.contains("Dear"), "{}", frame.body);
    }
}

#[tokio::test]
async fn recipients_come_by_search_group_and_list_and_a_list_is_told_line_by_line() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut owner) = operator(&house, "olga", OWNER).await;
        contacts(&house, 4).await;
        let path = begin(&mut owner, &[]).await;
        let step = format!("{path}/recipients");
        let found = owner.get(&format!("{step}?q=p2")).await;
        let id = found.body.split_once("name=\"tick-").unwrap().1.split('"').next().unwrap().to_owned();
        let tick = format!("tick-{id}");
        let taken =
            send(&mut owner, &format!("{step}/people"), &[("q", "p2"), (&tick, "1")], &[("act", "add")])
                .await;
        assert!(taken.location().contains("n=1"), "{}", taken.location());
        assert!(owner.get(&format!("{step}?q=p2")).await.body.contains("chosen</span>"));
        let list = "p0\nAda <p1@example.org>,\n\np0\nnobody@example.org\n";
        let checked = send_list(&mut owner, &step, list, "check").await;
        assert_eq!(checked.status, 200, "{}", checked.body);
        for part in [
            "Lines: 4. People found: 2. Nobody has been taken over yet.",
            "found: p0",
            "found: p1",
            "stands above already: p0",
            "nobody has this address or user name",
            "Ada &#60;p1@example.org&#62;",
        ] {
            assert!(checked.body.contains(part), "{part}: {}", checked.body);
        }
        assert_eq!(house.count("SELECT count(*) FROM mailing_people").await, 1);
        let taken = send_list(&mut owner, &step, list, "take").await;
        assert!(taken.body.contains("People found: 2, newly taken over: 2."), "{}", taken.body);
        assert_eq!(house.count("SELECT count(*) FROM mailing_people").await, 3);
        assert_eq!(send_list(&mut owner, &step, " \n", "take").await.status, 422);
        let removed =
            send(&mut owner, &format!("{step}/people"), &[(&tick, "1")], &[("act", "remove")]).await;
        assert!(removed.location().contains("mailing-people-out&n=1"), "{}", removed.location());
        let made = send(&mut owner, "/console/groups", &[("name", "Pupils")], &[]).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let page = owner.get(&step).await;
        let group = page.body.split_once(">Pupils</option>").unwrap().0.rsplit("value=\"").next().unwrap();
        let group = group.split('"').next().unwrap().to_owned();
        let added =
            send(&mut owner, &format!("{step}/groups"), &[("group", &group)], &[("act", "add")]).await;
        assert!(owner.get(added.location()).await.body.contains("The group is added."));
        assert!(owner.get(&path).await.body.contains("Group Pupils: 0"));
        let out =
            send(&mut owner, &format!("{step}/groups"), &[("group", &group)], &[("act", "remove")]).await;
        assert!(owner.get(out.location()).await.body.contains("The group is taken out."));
    }
}

async fn send_list(browser: &mut Browser, step: &str, lines: &str, act: &str) -> Answer {
    let token = browser.get("/console").await.token();
    let part = |name: &str, value: &str| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"\"\r\ncontent-type: application/octet-stream\r\n\r\n\r\n";
    let body = format!("{}{}{file}{}--x--\r\n", part("csrf", &token), part("lines", lines), part("act", act));
    let request = Request::post(format!("{step}/list"))
        .header("content-type", "multipart/form-data; boundary=x")
        .header("origin", "https://pass.example")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body));
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn above_its_number_a_mailing_is_approved_by_somebody_with_no_part_in_it() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let (_, mut second) = operator(&house, "otto", OWNER).await;
        contacts(&house, 3).await;
        let path = written(&house, olga, &mut owner).await;
        assert_eq!(save_mail(&mut owner, &path, &[("approve_above", "2")]).await.status, 303);
        let lacking = send(&mut owner, &format!("{path}/arm"), &START, &[]).await;
        assert!(
            lacking.status == 422 && lacking.body.contains("a second operator must approve"),
            "{}",
            lacking.body
        );
        assert!(!owner.get(&path).await.body.contains("/approve\""), "nobody approves an own one");
        let page = second.get(&path).await;
        let digest =
            page.body.split_once("name=\"digest\" value=\"").unwrap_or_else(|| panic!("{}", page.body)).1;
        let digest = digest.split('"').next().unwrap().to_owned();
        let stale = send(&mut second, &format!("{path}/approve"), &[("digest", "x")], &[]).await;
        assert_eq!(stale.status, 422, "{}", stale.body);
        let done = send(&mut second, &format!("{path}/approve"), &[("digest", &digest)], &[]).await;
        assert!(second.get(done.location()).await.body.contains("approved as it is now"), "{}", done.body);
        let armed = send(&mut owner, &format!("{path}/arm"), &START, &[]).await;
        assert_eq!(armed.status, 303, "{}", armed.body);
    }
}

#[tokio::test]
async fn many_people_are_confirmed_by_their_number() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        contacts(&house, 101).await;
        let path = written(&house, olga, &mut owner).await;
        let page = owner.get(&format!("{path}/start")).await;
        assert!(page.body.contains("Type the number of people, 102, to confirm"), "{}", page.body);
        for typed in ["", "101", "yes"] {
            let refused = send(&mut owner, &format!("{path}/arm"), &START, &[("confirmed", typed)]).await;
            assert!(
                refused.status == 422 && refused.body.contains("id=\"confirmed-hint\""),
                "{}",
                refused.body
            );
        }
        let armed = send(&mut owner, &format!("{path}/arm"), &START, &[("confirmed", "102")]).await;
        assert_eq!(armed.status, 303, "{}", armed.body);
        let copied = send(&mut owner, &format!("{path}/copy"), &[("copy", "Next term")], &[]).await;
        assert!(owner.get(copied.location()).await.body.contains("a draft without people"));
        let away = send(&mut owner, &format!("{path}/archive"), &[], &[]).await;
        assert_eq!(away.status, 422, "an armed one is not put away: {}", away.body);
    }
}

#[tokio::test]
async fn who_may_offer_a_link_only_does_not_start_a_mailing_that_forces_passwords() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (olga, mut owner) = operator(&house, "olga", OWNER).await;
        let role = uuid::Uuid::from_u128(0x7000_8000_0000_0000_0000_0000_0000_0a11);
        let may = serde_json::json!(["mailings.view", "mailings.draft", "mailings.offer_link"]).to_string();
        house
            .execute(
                "INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at)
                 VALUES ($1, 'Desk', 2, FALSE, $2, 0, 0)",
                params![role, may],
            )
            .await;
        let (_, mut desk) = operator(&house, "dora", role).await;
        contacts(&house, 2).await;
        let path = written(&house, olga, &mut owner).await;
        let anew = save_mail(&mut owner, &path, &[("intent", "force_password")]).await;
        assert_eq!(anew.status, 303, "{}", anew.body);
        assert!(desk.get(&format!("{path}/start")).await.body.contains("Your role may write this mailing"));
        for act in ["arm", "disarm", "cancel"] {
            let fields: &[(&str, &str)] = if act == "arm" { &START } else { &[] };
            assert_eq!(send(&mut desk, &format!("{path}/{act}"), fields, &[]).await.status, 403, "{act}");
        }
        // Names are for who may see people.
        assert!(!desk.get(&format!("{path}/preview")).await.body.contains("p0"));
        let found =
            send(&mut desk, &format!("{path}/recipients/people"), &[("q", "p")], &[("act", "found")]).await;
        assert_eq!(found.status, 403);
    }
}
