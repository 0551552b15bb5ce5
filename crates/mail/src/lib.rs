//! From template to message, and from the relay's answer to a decision.
//!
//! Words of this crate: a [`Template`] is what operators write, the [`guard`] lets only [`replacement`]s and
//! conditions through, a [`Composer`] is prepared once per run and fills in one recipient after another,
//! [`meaning`] says what an answer asks for, [`relay`] and [`pace`] choose where and how fast to send, and
//! the [`mailbox`] is the relay inside the program. The [`mailing`]s have words of their own, from Markdown or MJML.

mod account_confirm;
mod account_mail;
pub mod bounce;
mod clock;
mod compose;
mod content;
pub mod dkim;
pub mod guard;
mod header;
mod house;
mod letter;
pub mod mailbox;
pub mod mailing;
pub mod meaning;
mod notice;
mod notice_page;
pub mod pace;
mod prepared;
mod quoted_printable;
pub mod refusals;
pub mod relay;
mod render;
pub mod replacement;
mod template;
pub mod words;

pub use account_mail::AccountMailComposer;
pub use compose::{ComposeError, Composer};
pub use content::{Composed, Content};
pub use header::clean;
pub use house::{Colour, ColourError, House, Sender};
pub use notice::NoticeComposer;
pub use render::RenderError;
pub use template::{MOST_OCTETS, Part, Template, TemplateKind, Templates};
