//! Stories of the web, told by a browser without a network, on both databases.

mod api;
mod console;
mod house;
mod mailboxes;
mod matrix;
mod people;
mod recipients;
mod rights;
mod rules;
mod second_factor;
mod sessions;
mod users;
