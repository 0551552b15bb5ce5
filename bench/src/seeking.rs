//! S-7 and S-8: counting a selection, a dry run with reasons, and the searches of the person browser.

use crate::measure::{arg, location, runtime};
use crate::orchestra::{Stage, median};
use crate::table::Line;
use domain::automation::{Carries, SendNewPassword};
use domain::id::PersonId;
use domain::person::AttributeKind;
use serde::{Deserialize, Serialize};
use std::process::Stdio;
use std::time::Instant;
use store::person_search::{self, Search};
use store::recipient::{self, Rules};
use store::{Acting, Store, StoreError, attribute, params, selection};

/// Three conditions, one of them on a custom attribute that one in a hundred has, or one in ten: the count costs what
/// looking up the people costs who have it.
const FILTERS: [(&str, &str, Option<f64>); 2] = [
    (
        "one in a hundred",
        "attributes.tier eq \"platinum\" and password.changed_at lt \"now-1d\" and not (language eq \"fr\")",
        Some(150.0),
    ),
    (
        "one in ten",
        "attributes.tier eq \"gold\" and password.changed_at lt \"now-1d\" and not (language eq \"fr\")",
        Some(150.0),
    ),
];

/// Words as somebody types them: begun, common, rare, two at once, an address, nobody.
const SEARCHES: [&str; 9] = [
    "a",
    "lo",
    "lovelace",
    "lovelace042",
    "ada lovelace042",
    "maria de",
    "b0500000",
    "b0500000@bench.example",
    "zzzz",
];

/// How often each is asked; the median counts.
const ROUNDS: usize = 7;

/// Milliseconds of each.
#[derive(Debug, Serialize, Deserialize)]
struct Sought {
    count_ms: Vec<f64>,
    preview_ms: f64,
    searches: Vec<(String, f64)>,
}

/// Measures on a databank of so many people, on SQLite and on PostgreSQL.
pub(crate) fn play(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let postgres =
        tokio::runtime::Runtime::new().expect("a runtime").block_on(testkit::database::postgres_url());
    let databases = [Some(("SQLite", stage.sqlite("s7.db"))), postgres.map(|url| ("PostgreSQL", url))];
    for (engine, database) in databases.into_iter().flatten() {
        stage.prepare_with(&database, people, &["--families"]);
        let output =
            stage.me(&["seek", "--database", &database]).stderr(Stdio::inherit()).output().expect("runs");
        assert!(output.status.success(), "a measure failed");
        let found: Sought = serde_json::from_slice(&output.stdout).expect("one line of JSON");
        let mut line = |number, what: String, figure: String, value, target| {
            lines.push(Line { number, what, figure, value, at_least: false, target });
        };
        for ((have, _, target), ms) in FILTERS.iter().zip(&found.count_ms) {
            let what = format!(
                "count of a selection over {people} people, three conditions, one on an attribute {have} has, {engine}, ms"
            );
            line("S-7", what, String::new(), *ms, *target);
        }
        let what = format!("dry run with reasons, {engine}, ms");
        line("S-7", what, String::new(), found.preview_ms, Some(1_000.0));
        let (slowest, ms) =
            found.searches.iter().max_by(|a, b| a.1.total_cmp(&b.1)).cloned().expect("some searches");
        for (words, ms) in &found.searches {
            eprintln!("S-8 {engine} {words:?}: {ms:.1} ms");
        }
        let what = format!("slowest of {} searches among {people} people, {engine}, ms", SEARCHES.len());
        line("S-8", what, format!("{slowest:?}"), ms, Some(50.0));
    }
}

/// The measure, in a process of its own: `--database URL` with people in it.
pub(crate) fn run(args: &[String]) {
    assert!(arg(args, "--database").is_some(), "--database");
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let now_ms = flow::Clock::system().now_ms() + 2 * 86_400_000;
        furnish(&store, now_ms).await;
        let mut searches = Vec::new();
        for words in SEARCHES {
            let search = Search { text: Some(words.into()), ..Search::default() };
            let ms = timed(&store, async |store| {
                let search = search.clone();
                let page = store.read(move |tx| {
                    Box::pin(async move { person_search::list(tx, &search, None, 50).await })
                });
                page.await.expect("a page");
            });
            searches.push((words.to_owned(), ms.await));
        }
        let mut count_ms = Vec::new();
        for (_, filter, _) in FILTERS {
            let ms = timed(&store, async |store| {
                let counted = store.read(move |tx| {
                    Box::pin(async move {
                        let audience =
                            selection::read_filter(tx, filter, "UTC", now_ms).await?.expect("a filter");
                        selection::count(tx, &audience).await
                    })
                });
                assert!(counted.await.expect("a count") > 0);
            });
            count_ms.push(ms.await);
        }
        let preview_ms = timed(&store, async |store| {
            let previewed = store.read(move |tx| {
                Box::pin(async move {
                    let audience = selection::read_filter(tx, "system_user eq false", "UTC", now_ms).await?;
                    recipient::preview(tx, &audience.expect("a filter"), &rules(now_ms)).await
                })
            });
            assert!(previewed.await.expect("a dry run").would_receive > 0);
        });
        let found = Sought { count_ms, preview_ms: preview_ms.await, searches };
        println!("{}", serde_json::to_string(&found).expect("JSON"));
    });
}

fn rules(now_ms: i64) -> Rules {
    let somebody = PersonId(uuid::Uuid::nil());
    Rules {
        rank: domain::role::Rank::HIGHEST.number(),
        owner: somebody,
        actor: None,
        owners: 2,
        now_ms,
        mailed_since: now_ms - 86_400_000,
        hybrid_users: SendNewPassword::default().hybrid_users,
        carries: Carries::Password,
        done_of: None,
        only: None,
    }
}

async fn timed(store: &Store, work: impl AsyncFn(&Store)) -> f64 {
    let mut found = Vec::with_capacity(ROUNDS);
    // Once before, so that what is measured is warm.
    work(store).await;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        work(store).await;
        found.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    median(&mut found)
}

/// Gives everybody a tier, and has the words of names found.
async fn furnish(store: &Store, now_ms: i64) {
    store
        .write(move |tx| {
            Box::pin(async move {
                attribute::insert(tx, &Acting::system(), "tier", AttributeKind::String, "", now_ms)
                    .await
                    .map_err(|error| StoreError::Defect(error.to_string()))?;
                tx.execute(
                    "INSERT INTO attribute_values (person_id, attribute, string_value)
                     SELECT id, 'tier', CASE WHEN substr(username, 7, 2) = '55' THEN 'platinum'
                        WHEN substr(username, 8, 1) = '7' THEN 'gold' ELSE 'bronze' END
                     FROM people WHERE role_id IS NULL",
                    params![],
                )
                .await?;
                tx.execute(
                    "INSERT INTO person_word_queue (person_id, changes) SELECT id, 1 FROM people",
                    &[],
                )
                .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .expect("everybody has a tier");
    let (began, mut people) = (Instant::now(), 0);
    loop {
        match store::person_words::catch_up(store).await.expect("words") {
            0 => break,
            chunk => people += chunk,
        }
    }
    eprintln!("words of names: {:.0} people a second", people as f64 / began.elapsed().as_secs_f64());
    // PostgreSQL keeps statistics by itself after a while; SQLite has none here, as in the program.
    if store.engine() == store::Engine::Postgres {
        store
            .write(|tx| Box::pin(async move { tx.execute("ANALYZE", &[]).await }))
            .await
            .expect("statistics");
    }
}
