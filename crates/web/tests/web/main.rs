//! Stories of the web, told by a browser without a network, on both databases.

mod api;
mod cases;
mod console;
mod house;
mod mailboxes;
mod matrix;
mod people;
mod programs;
mod recipients;
mod rules;
mod second_factor;
mod users;
