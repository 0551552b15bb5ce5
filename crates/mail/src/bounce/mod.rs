//! Bounces: the return path a mail leaves with, and what a mail that comes back to it says.
//!
//! [`Bounce`] makes a signed return path for each mail and reads it again; [`read`] reads a mail that came
//! to one: a delivery status notification (RFC 3464), the plain text of a mail server, an automatic reply.
//! Nothing here decides whether a bounce counts: that is done by whoever knows what was sent.

mod fields;
mod parts;
mod reader;
mod return_path;
mod status;

pub use reader::{Failure, MOST_OCTETS, Meant, Returned, Said, read};
pub use return_path::{Bounce, MOST_KEY, ReturnPath};
