//! Connections that break: what may have arrived is unknown, the rest is not sent, and never the other way round.

use crate::scene::*;
use smtp::{Answer, Ended};
use std::time::Duration;
use testkit::relay::{Action, Script, ScriptedRelay, Stage};

fn chunked() -> Script {
    Script { chunking: true, ..Script::default() }
}

fn step_by_step() -> Script {
    Script { pipelining: false, ..Script::default() }
}

/// What holds after any loss: what was stored is accepted or unknown, and nothing is lost from sight.
fn assert_honest(outcome: &Outcome, server: &ScriptedRelay, total: usize) {
    for stored in server.messages() {
        let n = (1..=total).find(|n| stored.rcpt_to == [address(*n)]).unwrap();
        let answer = &outcome.answers[&n];
        assert!(
            matches!(answer, Answer::Accepted(_) | Answer::Unknown { .. }),
            "{n} is stored but {answer:?}"
        );
    }
    for (n, answer) in &outcome.answers {
        if let Answer::Accepted(_) = answer {
            assert_eq!(server.messages_for(&address(*n)).len(), 1, "{n} is accepted but not stored");
        }
    }
    assert_eq!(outcome.answers.len() + outcome.rest.len(), total);
}

#[tokio::test]
async fn cut_before_the_content_is_not_sent() {
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data] {
        for script in [Script::default(), step_by_step()] {
            let server = ScriptedRelay::start(script.nth(stage, 3, Action::Cut)).await;
            let outcome = send(&settings(&server), messages(9)).await;
            assert_honest(&outcome, &server, 9);
            assert!(matches!(outcome.ended, Ended::Lost(_)));
            assert_eq!(outcome.counts(), [2, 0, 0, 0, 0, 1], "{stage:?}: {outcome:?}");
            assert_eq!(outcome.rest, [4, 5, 6, 7, 8, 9]);
        }
    }
}

#[tokio::test]
async fn cut_within_a_content_larger_than_the_buffers_is_not_sent() {
    for (script, stage) in [(Script::default(), Stage::Data), (step_by_step(), Stage::Data)] {
        let server = ScriptedRelay::start(script.nth(stage, 2, Action::CutWithinContent(100_000))).await;
        let mut all = messages(4);
        all[1].content = b"0123456789\r\n".repeat(1_900_000);
        let outcome = send(&settings(&server), all).await;
        assert_honest(&outcome, &server, 4);
        assert!(is_not_sent(&outcome.answers[&2]), "its end never left: {:?}", outcome.answers[&2]);
        assert_eq!(server.stored(), 1);
    }
}

#[tokio::test]
async fn the_last_words_of_a_relay_that_cuts_within_the_content_are_read() {
    for script in [Script::default(), step_by_step()] {
        let refuse = Action::RefuseWithinContent(100_000, "552 5.3.4 Enough".into());
        let server = ScriptedRelay::start(script.nth(Stage::Data, 2, refuse)).await;
        let mut all = messages(4);
        all[1].content = b"0123456789\r\n".repeat(1_900_000);
        let outcome = send(&settings(&server), all).await;
        assert_honest(&outcome, &server, 4);
        assert_eq!(word(&outcome.answers[&2]), (smtp::Stage::Content, 552));
        assert!(matches!(outcome.ended, Ended::Lost(_)));
    }
}

#[tokio::test]
async fn cut_after_the_final_dot_is_unknown_whether_stored_or_not() {
    for script in [Script::default(), step_by_step()] {
        for (action, stored) in [(Action::store_and_cut(), 3), (Action::Cut, 2)] {
            let server = ScriptedRelay::start(script.clone().nth(Stage::Content, 3, action)).await;
            let outcome = send(&settings(&server), messages(9)).await;
            assert_honest(&outcome, &server, 9);
            assert!(is_unknown(&outcome.answers[&3]), "{outcome:?}");
            assert_eq!((outcome.counts()[0], outcome.counts()[4], server.stored()), (2, 1, stored));
        }
    }
}

#[tokio::test]
async fn the_next_envelope_behind_a_lost_reply_is_not_sent() {
    let server =
        ScriptedRelay::start(Script::default().nth(Stage::Content, 3, Action::store_and_cut())).await;
    let outcome = send(&settings(&server), messages(9)).await;
    assert!(is_unknown(&outcome.answers[&3]) && is_not_sent(&outcome.answers[&4]), "{outcome:?}");
    assert_eq!(outcome.rest, [5, 6, 7, 8, 9]);
}

#[tokio::test]
async fn chunks_in_flight_behind_a_cut_are_unknown() {
    let server = ScriptedRelay::start(chunked().nth(Stage::Content, 3, Action::store_and_cut())).await;
    let outcome = send(&settings(&server), messages(9)).await;
    assert_honest(&outcome, &server, 9);
    assert!((3..=4).all(|n| is_unknown(&outcome.answers[&n])), "their last octets had left: {outcome:?}");
    assert!(outcome.counts()[4] <= 4, "no more than may be in flight");
    assert_eq!(outcome.counts()[5], 0);
}

#[tokio::test]
async fn a_chunk_that_did_not_leave_completely_is_not_sent() {
    let server = ScriptedRelay::start(chunked().nth(Stage::Rcpt, 2, Action::Stall)).await;
    let mut all = messages(2);
    all[1].content = b"0123456789\r\n".repeat(1_900_000);
    let mut relay = settings(&server);
    relay.timeouts.block = Duration::from_millis(300);
    let outcome = send(&relay, all).await;
    assert!(is_not_sent(&outcome.answers[&2]), "{:?}", outcome.answers[&2]);
    assert_eq!(outcome.counts()[0], 1, "the first one was answered before");
}

#[tokio::test]
async fn a_refusal_that_was_read_stays_a_refusal_when_the_rest_is_lost() {
    let script =
        chunked().rcpt(&address(1), [Action::reply("550 5.1.1 No")]).always(Stage::Mail, Action::Accept);
    let script = script.answer(|moment| {
        if moment.nth == 2 && moment.stage == Stage::Rset { Action::Cut } else { Action::Accept }
    });
    let server = ScriptedRelay::start(script).await;
    let outcome = send(&settings(&server), messages(6)).await;
    assert_honest(&outcome, &server, 6);
    assert_eq!(word(&outcome.answers[&1]).1, 550);
}

#[tokio::test]
async fn silence_after_the_final_dot_is_unknown_and_before_it_not_sent() {
    for (stage, unknown) in [(Stage::Content, true), (Stage::Data, false), (Stage::Rcpt, false)] {
        let server = ScriptedRelay::start(Script::default().nth(stage, 2, Action::Stall)).await;
        let mut relay = settings(&server);
        let short = Duration::from_millis(200);
        (relay.timeouts.rcpt, relay.timeouts.data, relay.timeouts.end) = (short, short, short);
        let outcome = send(&relay, messages(5)).await;
        assert_honest(&outcome, &server, 5);
        assert_eq!(is_unknown(&outcome.answers[&2]), unknown, "{stage:?}: {outcome:?}");
        assert_eq!(is_not_sent(&outcome.answers[&2]), !unknown);
    }
}

#[tokio::test]
async fn a_421_to_a_chunk_without_leaving_keeps_what_follows_unknown() {
    let script = chunked().nth(Stage::Mail, 2, Action::reply("421 4.3.2 Closing, or maybe not"));
    let server = ScriptedRelay::start(script).await;
    let mut relay = settings(&server);
    relay.timeouts.quit = Duration::from_millis(200);
    let outcome = send(&relay, messages(4)).await;
    assert_honest(&outcome, &server, 4);
    assert_eq!(word(&outcome.answers[&2]).1, 421);
    assert!(is_unknown(&outcome.answers[&3]), "the relay went on and stored it: {outcome:?}");
}

/// Cuts at every possible moment, each way, and looks whether the answers are honest.
#[tokio::test]
async fn whatever_is_cut_the_answers_are_honest() {
    for script in [Script::default(), step_by_step(), chunked()] {
        for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Content] {
            for nth in [1, 2, 5] {
                for action in
                    [Action::Cut, Action::store_and_cut(), Action::ReplyAndClose("421 4.3.2 Bye".into())]
                {
                    let server = ScriptedRelay::start(script.clone().nth(stage, nth, action)).await;
                    let outcome = send(&settings(&server), messages(12)).await;
                    assert_honest(&outcome, &server, 12);
                }
            }
        }
    }
}
