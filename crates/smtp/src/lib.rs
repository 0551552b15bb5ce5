//! SMTP client: hands messages to one relay over few long-lived connections and says exactly what became of each.
//!
//! **Cast.** A [`Relay`] says where and how to connect. [`Connection::open`] dials, secures and logs in.
//! [`Connection::run`] takes groups of [`Outgoing`] messages from a [`Feed`] and gives groups of [`Answered`] back;
//! [`Stop`] ends it softly. [`check`] tries a relay without sending anything.
//!
//! **Guarantees.** One recipient per message. Nothing but the greeting, `EHLO` and `STARTTLS` is said before TLS is
//! verified, except toward this very machine. Only CRLF line ends reach the wire. An [`Answer`] is
//! [`Answer::Unknown`] exactly when the end of the message may have left our buffer and no final reply was read;
//! [`Answer::NotSent`] means the relay cannot have the complete message.
//!
//! The crate knows no database and nothing of what the messages are about.

mod answer;
mod capabilities;
mod check;
mod connect_error;
mod content;
mod envelope;
mod feed;
mod flight;
mod handover;
mod login;
mod open;
mod relay;
mod reply;
mod roots;
mod run;
mod stop;
mod stream;
mod wire;

pub use answer::{Answer, Answered, Cause, Stage, Unsendable};
pub use capabilities::{Capabilities, Mechanism};
pub use check::{Checked, check};
pub use connect_error::{ConnectError, Step};
pub use envelope::Outgoing;
pub use feed::{Feed, feed};
pub use open::Connection;
pub use relay::{Credentials, Relay, Timeouts, Tls};
pub use reply::{Enhanced, Reply};
pub use roots::{Roots, RootsError};
pub use run::Ended;
pub use stop::Stop;
