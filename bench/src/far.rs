//! S-6: a relay that is far away.

use crate::measure::Measured;
use crate::orchestra::{Stage, median};
use crate::table::Line;
use std::time::Duration;
use testkit::relay::{Script, ScriptedRelay};

/// A round trip.
const ROUND_TRIP: Duration = Duration::from_millis(20);
/// Mails of the client that waits for each answer: at four round trips a mail it takes some seconds.
const SEQUENTIAL: usize = 2_000;

/// Measures a run against `smtp-source`, to the same relay, with the same 16 connections.
pub(crate) fn play(stage: &Stage, people: usize, lines: &mut Vec<Line>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (what, chunking, target) in
        [("that offers CHUNKING", true, Some(10.0)), ("without CHUNKING", false, None)]
    {
        let script = Script { chunking, round_trip: ROUND_TRIP, keep_content: false, ..Script::default() };
        let relay = runtime.block_on(ScriptedRelay::start(script));
        let address = relay.address().to_string();
        let far = stage.beside(&address);
        let (mut ratios, mut rates) = (Vec::new(), Vec::new());
        for round in 0..3 {
            let sequential = far.reference(SEQUENTIAL);
            let database = stage.sqlite(&format!("s6-{chunking}-{round}.db"));
            stage.prepare(&database, people);
            let ours: Measured = far.run(&database, &[]);
            eprintln!("S-6 {what}: smtp-source {sequential:.0}, Passpost {:.0} a second", ours.rate());
            ratios.push(ours.rate() / sequential);
            rates.push(ours.rate());
        }
        lines.push(Line {
            number: "S-6",
            what: format!("relay 20 ms away {what}, 16 connections, over smtp-source with as many"),
            figure: format!("{:.0}/s", median(&mut rates)),
            value: median(&mut ratios),
            at_least: true,
            target,
        });
    }
}
