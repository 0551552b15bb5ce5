//! Stories about handing mail to a relay, told against a scripted one.

mod answers;
mod handing_over;
mod losses;
mod scene;
mod security;
mod stopping;
