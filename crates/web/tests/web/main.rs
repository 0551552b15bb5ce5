//! Stories of the web, told by a browser without a network, on both databases.

mod api;
mod audit;
mod automation_starts;
mod automations;
mod console;
mod house;
mod kept;
mod mailboxes;
mod matrix;
mod overview;
mod people;
mod programs;
mod recipients;
mod resets;
mod rights;
mod rules;
mod runs;
mod scene;
mod second_factor;
mod selections;
mod sessions;
mod templates;
mod users;
mod watching;
