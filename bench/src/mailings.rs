//! Mailings against the password run: the same people, the same relay, the words that come with the program.

use crate::measure::{Measured, arg, flow, location, peak_kib, runtime, wait};
use crate::orchestra::{Stage, median};
use crate::table::Line;
use domain::automation::SendNewPassword;
use domain::id::PersonId;
use domain::language::Language;
use domain::mailing::{HtmlFormat, Intent, Settled, Words};
use domain::pace::Pace;
use flow::{ArmMailing, Stop};
use std::time::{Duration, Instant};
use store::mailing::Draft;
use store::{Store, StoreError, run, selection};

/// Measures each intent three times beside a password run in the same round.
pub(crate) fn play(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); Intent::ALL.len()];
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); Intent::ALL.len()];
    for round in 0..3 {
        let database = stage.sqlite(&format!("mailing-{round}-password.db"));
        stage.prepare(&database, people);
        let password = stage.run(&database, &[]).rate();
        for (place, intent) in Intent::ALL.iter().enumerate() {
            let database = stage.sqlite(&format!("mailing-{round}-{intent}.db"));
            stage.prepare(&database, people);
            let ours = stage.play_one("mailing", &database, &["--intent", intent.as_str()]).rate();
            eprintln!(
                "mailing {intent} round {round}: password run {password:.0}, mailing {ours:.0} a second"
            );
            ratios[place].push(ours / password);
            rates[place].push(ours);
        }
    }
    for (place, intent) in Intent::ALL.iter().enumerate() {
        lines.push(Line {
            number: "mailing",
            what: format!("mailing to {people} people, {intent}, over Send New Password to as many"),
            figure: format!("{:.0}/s", median(&mut rates[place])),
            value: median(&mut ratios[place]),
            at_least: true,
            target: Some(0.9),
        });
    }
}

/// The measure, in a process of its own: `--database URL --intent I`.
pub(crate) fn run(args: &[String]) {
    let intent = arg(args, "--intent").and_then(Intent::parse).expect("--intent");
    runtime().block_on(async {
        let store = Store::open(&location(args)).await.expect("the database opens");
        let flow = flow(args, store.clone());
        let stop = Stop::new();
        let worker = tokio::spawn({
            let (flow, stop) = (flow.clone(), stop.clone());
            async move { flow.work(stop).await }
        });
        let (owner, draft) = drafted(&store, intent).await;
        let acting = testkit::by(owner);
        let mailing = flow.create_mailing(draft, "UTC", &acting).await.expect("a draft");
        let preview = flow.preview_mailing(mailing.id, owner, 0).await.expect("a preview");
        let began = Instant::now();
        let confirmed = Some(preview.counts.would_receive);
        let asked =
            ArmMailing { mailing: mailing.id, start: None, time_zone: "UTC".into(), confirmed, acting };
        flow.arm_mailing(asked).await.expect("it can be armed");
        assert_eq!(flow.schedule_once().await.expect("a schedule").runs, 1);
        let id = mailing.id;
        let runs = store.read(move |tx| Box::pin(async move { run::list_of_mailing(tx, id).await }));
        let begun = runs.await.expect("runs").pop().expect("a run");
        let done = wait(&store, begun.id).await;
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(Some(done.counts.accepted), confirmed, "everyone was mailed: {done:?}");
        stop.request((Instant::now() + Duration::from_secs(10)).into());
        worker.await.expect("the worker ends");
        Measured { count: done.counts.accepted, seconds, peak_kib: peak_kib() }.print();
    });
}

async fn drafted(store: &Store, intent: Intent) -> (PersonId, Draft) {
    let read = store.read(|tx| {
        Box::pin(async move {
            let row = tx.find("SELECT id FROM people WHERE username = 'owner'", &[]).await?;
            let owner: PersonId = row.expect("an owner").take(0)?;
            let selection = selection::list(tx, None).await?.pop().expect("a selection");
            Ok::<_, StoreError>((owner, selection.id))
        })
    });
    let (owner, selection) = read.await.expect("reads");
    let starter = flow::template::mailing_words::starter(intent, Language::En);
    let words = Words {
        language: Language::En,
        sender_name: "Example Portal".into(),
        sender_address: "office@bench.example".into(),
        reply_to: String::new(),
        subject: starter.subject.into(),
        text: starter.text.into(),
        html_format: HtmlFormat::Markdown,
        html_source: starter.markdown.into(),
    };
    let draft = Draft {
        folder: String::new(),
        name: "bench".into(),
        intent,
        words,
        html: String::new(),
        link_hours: domain::mailing::LINK_HOURS,
        password: SendNewPassword { remail_after_hours: 0, ..Default::default() },
        pace: Pace::default(),
        selection_id: Some(selection),
        settled: Settled::AtStart,
        late_until_at: None,
        reminder: None,
        keep_days: None,
    };
    (owner, draft)
}
