//! Templates: the editor, its faults, the preview in its frame, the test mail, the way back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::house::{Browser, HELPER, House, OWNER};
use crate::scene::{contact, operator, send};
use testkit::databases;

pub(crate) const PAGE: &str = "/console/templates/new-password/en";

/// What stands in a field of the editor.
fn field(body: &str, begin: &str, end: &str) -> String {
    let (_, rest) = body.split_once(begin).unwrap_or_else(|| panic!("{begin}: {body}"));
    let text = rest.split(end).next().unwrap();
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The fields as the page has them: subject, text, HTML, and what they were.
pub(crate) async fn fields(browser: &mut Browser) -> [String; 4] {
    let body = browser.get(PAGE).await.body;
    let area = |name: &str| {
        let (_, rest) = body.split_once(&format!("<textarea id=\"{name}\"")).unwrap();
        field(rest, ">\n", "</textarea>")
    };
    let subject = field(&body, "class=\"code\" value=\"", "\"");
    [subject, area("text"), area("html"), field(&body, "name=\"seen\" value=\"", "\"")]
}

#[tokio::test]
async fn the_editor_names_line_and_column_and_keeps_what_was_typed() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let [subject, text, html, seen] = fields(&mut browser).await;
        let broken = format!("Hello {{{{ nonsense }}}}\n{text}");
        let sent = [("subject", subject.as_str()), ("text", &broken), ("html", &html), ("seen", &seen)];
        let refused = send(&mut browser, PAGE, PAGE, &sent).await;
        assert_eq!(refused.status, 422);
        assert!(
            refused.body.contains("Line 1, column 7:") || refused.body.contains("Line 1, column 10:"),
            "{}",
            refused.body
        );
        assert!(refused.body.contains("Hello {{ nonsense }}"), "what was typed is still there");
        assert!(refused.body.contains("aria-describedby=\"text-faults\""));
        assert!(browser.get(PAGE).await.body.contains("Built in"), "nothing was saved");
    }
}

#[tokio::test]
async fn a_template_is_saved_tested_and_reset() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        let [_, text, html, seen] = fields(&mut browser).await;
        let sent =
            [("subject", "News for {{ username }}"), ("text", &text), ("html", &html), ("seen", &seen)];
        let tested = send(&mut browser, PAGE, &format!("{PAGE}/test"), &sent).await;
        assert!(tested.status == 200 && tested.body.contains("on its way to you"), "{}", tested.body);
        let mail = house.state.mailbox.as_ref().unwrap().newest_to("olga@example.org").unwrap();
        assert_eq!(mail.summary.subject, "News for olga");
        assert!(mail.text.unwrap().contains("EXAMPLE-NOT-A-PASSWORD"));
        assert!(browser.get(PAGE).await.body.contains("Built in"), "a test saves nothing");
        let saved = send(&mut browser, PAGE, PAGE, &sent).await;
        assert_eq!(saved.location(), format!("{PAGE}?done=template-saved"));
        let list = browser.get("/console/templates").await;
        assert!(list.body.contains("Your own") && list.body.contains("Ada Lovelace, "), "{}", list.body);
        // Two mails in three languages, and one of the six is changed.
        assert_eq!(list.body.matches("Built in").count(), 5);
        let same = fields(&mut browser).await;
        let again =
            [("subject", same[0].as_str()), ("text", &same[1]), ("html", &same[2]), ("seen", &same[3])];
        let again = send(&mut browser, PAGE, PAGE, &again).await;
        assert_eq!(again.location(), format!("{PAGE}?done=template-same"), "only the subject was changed");
        let stale = send(&mut browser, PAGE, PAGE, &sent).await;
        assert!(stale.status == 409 && stale.body.contains("Somebody else saved this template meanwhile"));
        let reset = send(&mut browser, &format!("{PAGE}/reset"), &format!("{PAGE}/reset"), &[]).await;
        assert_eq!(reset.location(), format!("{PAGE}?done=template-reset"));
        assert!(browser.get(PAGE).await.body.contains("Built in"));
        for nowhere in ["/console/templates/new-password/xx", "/console/templates/other/en"] {
            assert_eq!(browser.get(nowhere).await.status, 404);
        }
    }
}

#[tokio::test]
async fn the_preview_is_framed_by_our_page_only_and_can_do_nothing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut browser) = operator(&house, "olga", OWNER).await;
        contact(&house, "mira").await;
        assert!(browser.get(PAGE).await.header("content-security-policy").contains("frame-src 'self'"));
        assert!(
            browser
                .get("/console")
                .await
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert!(!browser.get("/console").await.header("content-security-policy").contains("frame-src"));
        let [subject, text, html, seen] = fields(&mut browser).await;
        let sent = |person: &'static str| {
            [
                ("subject", subject.clone()),
                ("text", text.clone()),
                ("html", html.clone()),
                ("seen", seen.clone()),
                ("person", person.into()),
            ]
        };
        for (part, person, wanted) in [
            ("html", "", "EXAMPLE-NOT-A-PASSWORD"),
            ("text", "", "As read by Ada Lovelace"),
            ("text", "mir", "As read by Mia mira (mira)"),
            ("text", "nobody at all", "Nobody is found by"),
        ] {
            let fields = sent(person);
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let shown = send(&mut browser, PAGE, &format!("{PAGE}/preview/{part}"), &fields).await;
            assert!(shown.status == 200 && shown.body.contains(wanted), "{part} {person}: {}", shown.body);
            let policy = shown.header("content-security-policy");
            assert!(policy.starts_with("sandbox ") && policy.contains("frame-ancestors 'self'"), "{policy}");
            assert!(!policy.contains("allow-scripts") && policy.contains("form-action 'none'"), "{policy}");
        }
        let mut broken = sent("");
        broken[1].1 = "no password in it".into();
        let broken: Vec<(&str, &str)> = broken.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let shown = send(&mut browser, PAGE, &format!("{PAGE}/preview/html"), &broken).await;
        assert!(
            shown.body.contains("This cannot be composed yet") && shown.body.contains("Text part · Line")
        );
    }
}

#[tokio::test]
async fn who_may_only_look_changes_and_mails_nothing() {
    for db in databases().await {
        let house = House::new(&db.store);
        let (_, mut helper) = operator(&house, "hal", HELPER).await;
        assert_eq!(helper.get("/console/templates").await.status, 403);
        house
            .execute("UPDATE roles SET permissions = '[\"templates.view\"]' WHERE name = 'Helper'", &[])
            .await;
        let page = helper.get(PAGE).await;
        assert!(
            page.status == 200 && page.body.contains("readonly") && !page.body.contains("name=\"person\"")
        );
        for path in [PAGE.to_owned(), format!("{PAGE}/reset"), format!("{PAGE}/test")] {
            assert_eq!(helper.post(&path, &[]).await.status, 403, "{path}");
        }
        let [subject, text, html, seen] = fields(&mut helper).await;
        let sent = [
            ("subject", subject.as_str()),
            ("text", &text),
            ("html", &html),
            ("seen", &seen),
            ("person", "hal"),
        ];
        let named = send(&mut helper, PAGE, &format!("{PAGE}/preview/text"), &sent).await;
        assert_eq!(named.status, 403, "names are for who may see people");
    }
}
