//! A mailing from both sides: the operator's three steps, with script and without, and the recipient's three; then the
//! funnel says what was done.

use crate::page::Browser;
use crate::program::Program;
use crate::scene::{become_owner, choose, fill, press, serve, set};
use fantoccini::Locator;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const FRESH: &str = "meadow copper sailing biscuit";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_steps_of_the_operator_and_three_of_the_recipient_and_the_funnel_shows_them() {
    let program = serve();
    let Some(mut browser) = Browser::open(&program.base, "en").await else { return };
    become_owner(&browser, &program).await;
    furnish(&program);
    browser.goto("/console/mailings").await;
    browser.look("mailings-empty", "en", 200).await;
    browser.let_scripts_run(false).await;
    write(&browser, "Without script").await;
    recipients_without_script(&browser).await;
    start_without_script(&browser).await;
    browser.let_scripts_run(true).await;
    write(&browser, "New term").await;
    recipients(&browser).await;
    start(&browser).await;
    let mailing = browser.path().await;
    let begun = "document.querySelector('.funnel .accepted b')?.textContent === '4'";
    wait(&browser, &mailing, begun).await;
    browser.look("mailing-begun", "en", 200).await;
    let username = recipient(&browser).await;
    browser.goto(&mailing).await;
    for (stage, count) in
        [("opened", "1"), ("requested", "1"), ("link_sent", "1"), ("password_set", "1"), ("logged_in", "1")]
    {
        assert_eq!(browser.text(&format!(".funnel .{stage} b")).await, count, "{stage}");
    }
    browser.look("mailing-funnel", "en", 200).await;
    browser.click(".funnel .password_set a").await;
    assert!(browser.text("tbody").await.contains("Lovelace"), "{username}");
    browser.look("mailing-people", "en", 200).await;
    browser.click("tbody th a").await;
    assert!(browser.text(".timeline").await.contains("Set a new password"));
    browser.look("person-with-mailing", "en", 200).await;
    remind(&browser, &mailing).await;
    in_other_languages(&browser, &mailing).await;
    browser.close().await;
}

fn furnish(program: &Program) {
    let mut people = String::from("username,address,given_name,family_name,groups\n");
    for number in 0..12 {
        let group = if number < 3 { "pupils" } else { "parents" };
        writeln!(people, "p{number},p{number}@members.example,Ada,Lovelace,{group}").unwrap();
    }
    people.push_str("silent,,Sam,Silent,pupils\n");
    program.write("people.csv", &people);
    program.run(&["people", "import", "people.csv"]);
    program.run(&["selection", "create", "Pupils", "--filter", "groups.name eq \"pupils\"", "--publish"]);
}

/// The first step: begun, changed, saved.
async fn write(browser: &Browser, name: &str) {
    browser.goto("/console/mailings/new").await;
    browser.look("mailing-new", "en", 200).await;
    browser.click("form .primary").await;
    browser.look("mailing-new-refused", "en", 422).await;
    fill(browser, "name", name).await;
    fill(browser, "folder", "Spring").await;
    browser.click("form .primary").await;
    assert!(browser.text("[role=status]").await.contains("as a draft"));
    assert!(browser.count("code[data-insert], button.insert").await > 5, "the replacements are listed");
    if browser.has_script() {
        browser.until("the preview", "document.querySelector('iframe.mail') !== null").await;
        browser.client().find(Locator::Id("text")).await.unwrap().click().await.unwrap();
        press(browser, "button.insert").await;
        let put = "document.querySelector('#text').value.includes('{{ salutation }}')";
        browser.until("the replacement in the text", put).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    browser.look(&named("mailing-mail", browser), "en", 200).await;
    fill(browser, "sender_name", "").await;
    browser.click("button[value=next]").await;
    browser.look(&named("mailing-mail-lacking", browser), "en", 200).await;
    fill(browser, "sender_name", "The office").await;
    browser.click("button[value=next]").await;
    assert!(browser.path().await.ends_with("/recipients"), "{}", browser.text("main").await);
}

fn named(name: &str, browser: &Browser) -> String {
    if browser.has_script() { name.to_owned() } else { format!("{name}-without-script") }
}

/// The second step: somebody by search, a selection, and a list.
async fn recipients(browser: &Browser) {
    browser.look("mailing-recipients", "en", 200).await;
    let step = browser.path().await;
    fill(browser, "q", "p7").await;
    browser.until("the one found", "document.querySelectorAll('.folk tbody tr').length === 1").await;
    press(browser, ".folk tbody input[type=checkbox]").await;
    browser.click("button[value=add]").await;
    assert!(browser.text("[role=status]").await.contains("Newly taken over: 1"));
    browser.goto(&step).await;
    fill(browser, "lines", "p7\nAda <p8@members.example>\nnobody@members.example").await;
    browser.click("button[value=check]").await;
    let told = browser.text(".lines").await;
    assert!(told.contains("found: p8") && told.contains("nobody has this address"), "{told}");
    browser.look("mailing-recipients-list", "en", 200).await;
    browser.goto(&step).await;
    choose(browser, "selection", "Pupils").await;
    browser.click("#audience button[value=next]").await;
    assert!(browser.path().await.ends_with("/start"));
}

/// The third step: a start that is past is refused, then it begins now.
async fn start(browser: &Browser) {
    assert!(browser.text("section[aria-labelledby=count-title]").await.contains("no mail address"));
    browser.look("mailing-start", "en", 200).await;
    set(browser, "start", "2001-01-01T09:00").await;
    browser.click("button[formaction$='/arm']").await;
    browser.look("mailing-start-refused", "en", 422).await;
    press(browser, "#when-now").await;
    browser.click("button[formaction$='/arm']").await;
    assert!(browser.text("[role=status]").await.contains("armed"), "{}", browser.text("main").await);
}

/// The second step without script: by search, with a list that is looked at and taken, a group put in and taken out, a
/// selection.
async fn recipients_without_script(browser: &Browser) {
    browser.look("mailing-recipients-without-script", "en", 200).await;
    fill(browser, "q", "p7").await;
    browser.click("form[role=search] button").await;
    assert_eq!(browser.count(".folk tbody tr").await, 1);
    browser.look("mailing-recipients-found-without-script", "en", 200).await;
    press(browser, ".folk tbody input[type=checkbox]").await;
    browser.click("button[value=add]").await;
    assert!(browser.text("[role=status]").await.contains("Newly taken over: 1"));
    for (deed, taken) in [("check", false), ("take", true)] {
        fill(browser, "lines", "p7\nAda <p8@members.example>\nnobody@members.example").await;
        browser.click(&format!("form.form button[value={deed}]")).await;
        let told = browser.text(".lines").await;
        assert!(told.contains("found: p8") && told.contains("nobody has this address"), "{told}");
        let named = browser.text("section[aria-labelledby=named]").await;
        assert_eq!((named.contains("p7"), named.contains("p8")), (true, taken), "{deed}: {named}");
        browser.look(&format!("mailing-recipients-{deed}-without-script"), "en", 200).await;
    }
    choose(browser, "group", "parents").await;
    browser.click("form.filters button[value=add]").await;
    assert_eq!(browser.count("section[aria-labelledby=groups-title] .sample li").await, 1);
    browser.click("button.link[value=remove]").await;
    assert_eq!(browser.count("section[aria-labelledby=groups-title] .sample li").await, 0);
    choose(browser, "selection", "Pupils").await;
    browser.click("#audience button[value=next]").await;
    assert!(browser.path().await.ends_with("/start"), "{}", browser.text("main").await);
}

/// The third step without script: the pace is kept, a start that is past is refused with all that was typed, then it is
/// armed for later and taken back.
async fn start_without_script(browser: &Browser) {
    browser.look("mailing-start-without-script", "en", 200).await;
    let count = browser.text("section[aria-labelledby=count-title]").await;
    assert!(count.contains("no mail address") && browser.text(".percent").await.starts_with('5'), "{count}");
    press(browser, "section[aria-labelledby=pace-title] summary").await;
    fill(browser, "per_minute", "600").await;
    set(browser, "start", "2001-01-01T09:00").await;
    browser.click("section[aria-labelledby=pace-title] .acts button:not([value])").await;
    assert!(browser.text("[role=status]").await.contains("Saved as a draft"));
    browser.click("button[formaction$='/arm']").await;
    browser.look("mailing-start-refused-without-script", "en", 422).await;
    let typed =
        browser.ask("[document.getElementById('start').value, document.getElementById('per_minute').value]");
    assert_eq!(typed.await, serde_json::json!(["2001-01-01T09:00", "600"]), "what was typed stays");
    set(browser, "start", "2037-01-05T09:00").await;
    browser.click("button[formaction$='/arm']").await;
    assert!(browser.text("[role=status]").await.contains("armed"), "{}", browser.text("main").await);
    assert!(browser.text("section[aria-labelledby=armed-title]").await.contains("2037"));
    browser.look("mailing-armed-without-script", "en", 200).await;
    browser.click("form[action$='/disarm'] button").await;
    assert!(browser.text("[role=status]").await.contains("draft again"));
}

async fn wait(browser: &Browser, page: &str, expression: &str) {
    let began = Instant::now();
    loop {
        browser.goto(page).await;
        if browser.ask(expression).await == true {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{}", browser.text("main").await);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Opens the mail and the page, asks for a link, sets a password by it, signs in.
async fn recipient(browser: &Browser) -> String {
    browser.goto("/mailbox?q=p7%40members.example").await;
    browser.click(".mails a").await;
    browser.look("mailing-mailbox-mail", "en", 200).await;
    let mail = browser.path().await;
    // A program opens the page first, as scanners do; then the person.
    browser.click(".links a[href*='/reset?m=']").await;
    browser.show_a_window().await;
    browser.goto(&mail).await;
    browser.click(".links a[href*='/reset?m=']").await;
    browser.is_at("/reset").await;
    fill(browser, "username", "p7@members.example").await;
    browser.enter().await;
    let began = Instant::now();
    loop {
        browser.goto("/mailbox?q=p7%40members.example").await;
        browser.click(".mails a").await;
        if browser.count(".links a[href*='/reset/link/']").await > 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no second mail: {}", browser.text("main").await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    browser.click(".links a[href*='/reset/link/']").await;
    browser.is_at("/reset/new").await;
    for field in ["password", "confirmation"] {
        fill(browser, field, FRESH).await;
    }
    browser.enter().await;
    browser.is_at("/reset/done").await;
    browser.click("a.primary").await;
    browser.is_at("/login").await;
    fill(browser, "username", "p7").await;
    fill(browser, "password", FRESH).await;
    browser.enter().await;
    browser.is_at("/account").await;
    "p7".to_owned()
}

/// Those who are not done are reminded by a mailing of its own, which is armed for later and taken back.
async fn remind(browser: &Browser, mailing: &str) {
    browser.goto(mailing).await;
    fill(browser, "gap_hours", "1").await;
    browser.click("#reminder .primary").await;
    browser.click("button[value=next]").await;
    browser.look("mailing-reminder", "en", 200).await;
    browser.click("button[value=next]").await;
    browser.look("mailing-reminder-start", "en", 200).await;
    let start = browser.path().await;
    browser.goto(start.strip_suffix("/start").unwrap()).await;
    browser.look("mailing-reminder-draft", "en", 200).await;
    browser.goto("/console/mailings").await;
    let folder = browser.client().find(Locator::Id("folder")).await.unwrap();
    folder.select_by_value("Spring").await.unwrap();
    browser.until("the folder", "location.search.includes('folder=Spring')").await;
    browser.look("mailings", "en", 200).await;
    browser.click(".mailings tbody tr:last-child a").await;
    browser.look("mailing-draft", "en", 200).await;
    browser.goto(&format!("{}/preview", browser.path().await)).await;
    browser.goto(&format!("{mailing}/preview")).await;
    browser.click("a[rel=next]").await;
    browser.look("mailing-preview", "en", 200).await;
}

async fn in_other_languages(browser: &Browser, mailing: &str) {
    browser.goto("/console/mailings").await;
    let draft = browser.ask("document.querySelector('.mailings tbody tr:last-child a').pathname").await;
    let draft = draft.as_str().unwrap().to_owned();
    for language in ["de", "fr"] {
        browser.goto("/console/account").await;
        browser
            .client()
            .find(Locator::Id("language"))
            .await
            .unwrap()
            .select_by_value(language)
            .await
            .unwrap();
        browser.click("form[action='/console/account'] .primary").await;
        let pages = [
            ("/console/mailings".to_owned(), "mailings"),
            ("/console/mailings/new".to_owned(), "mailing-new"),
            (mailing.to_owned(), "mailing-funnel"),
            (draft.clone(), "mailing-draft"),
            (format!("{draft}/mail"), "mailing-mail"),
            (format!("{draft}/recipients"), "mailing-recipients"),
            (format!("{draft}/start"), "mailing-start"),
        ];
        for (path, name) in pages {
            browser.goto(&path).await;
            browser.look(&format!("{name}-{language}"), language, 200).await;
        }
    }
}
