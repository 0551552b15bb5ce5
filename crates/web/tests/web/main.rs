//! Stories of the web, told by a browser without a network, on both databases.

mod api;
mod audit;
mod console;
mod house;
mod mailboxes;
mod overview;
mod permissions;
mod recipients;
mod rules;
mod runs;
mod scene;
mod templates;
mod watching;
