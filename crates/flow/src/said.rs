//! Why something is not done, in sentences: pages say them in the operator's language.

use domain::sentence::Sentence;

domain::sentences! {
    /// Why a run or an automation is not in a state for something.
    pub enum NotNow in "not-now" {
        Pause { state: &'static str } = "pause", "only a running run can be paused, this one is {state}";
        Resume { state: &'static str } = "resume", "only a paused run can be resumed, this one is {state}";
        Over { state: &'static str } = "over", "the run is over already: {state}";
        NobodyFailed = "nobody-failed", "nobody in this run failed, so there is nobody to try again";
        DidNotFail = "did-not-fail", "this mail did not fail, so there is nothing to try again";
        Cancelled = "cancelled", "a cancelled run stays as it is; start a new run instead";
        Changed = "changed", "it has been changed since that digest was shown; look at it again";
        OfEvents = "of-events", "an event begins this automation; send or simulate one instead";
        NotApproved = "not-approved", "nobody has approved this automation";
    }
}

domain::sentences! {
    /// Why there is no approval that holds.
    pub enum Lacking in "lacking" {
        Nobody = "nobody", "nobody has approved it";
        Changed { name: String } = "changed", "it has been changed since {name} approved it";
        Part { name: String } = "part",
            "{name} has a part in it: owns or edited the automation, its selection or its template";
        KeyMaker { name: String } = "key-maker", "{name} made an API key for somebody who has a part in it";
        Starter { name: String } = "starter", "{name} approved it and cannot start it as well";
        NoRole { name: String } = "no-role",
            "{name} has no valid system role that allows approving (mailings.approve)";
        Erased = "erased",
            "an erased person has no valid system role that allows approving (mailings.approve)";
        Rank { name: String, own: i64, rank: i64 } = "rank", "{name} has rank {own}, below the run's {rank}";
    }
}

domain::sentences! {
    /// Why a mail is not composed or no test of it is sent.
    pub enum Unsent in "unsent" {
        NoAddress { name: String } = "no-address", "{name} has no mail address";
        NotComposed { detail: String } = "not-composed", "{detail}";
        TooLarge = "too-large", "the mail is too large";
        NoRelay = "no-relay", "no relay is set: the mailbox inside the program lives in `passpost serve`";
        Stopped = "stopped", "all sending is stopped; start it again first (passpost sending start)";
    }
}

impl Unsent {
    /// What the composer or its template engine says.
    pub(crate) fn not_composed(detail: impl ToString) -> Sentence {
        Self::NotComposed { detail: detail.to_string() }.into()
    }
}

impl serde::Serialize for Lacking {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
