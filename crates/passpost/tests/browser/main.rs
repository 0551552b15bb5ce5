//! The pages as people meet them: Chromium, driven as by hand, against the program as a process.
//!
//! Every page that is looked at is also held against what holds for all of them ([`page::Browser::look`]):
//! nothing on the console, no request to another host, less than 300 kB, no sideways scrolling on a phone.
//! Three variables make more of a walk than a test:
//!
//! - `PASSPOST_PICTURES`: a folder; every page is written there, light and dark, wide and on a phone.
//! - `AXE_CORE`: the file `axe.min.js` of axe-core; every page is held against its rules. `make test` sets it.
//! - `PASSPOST_CHROMEDRIVER`: another driver than the one on the path.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chrome;
mod every_page;
mod guarded;
mod keyboard;
mod limits;
mod listener;
mod mailing;
mod newcomer;
mod operator;
mod page;
mod picture;
mod plain;
mod planner;
mod preferences;
mod program;
mod recipient;
mod reference;
mod rules;
mod running;
mod scene;
mod settings;
mod tour;
mod way_back;
mod words;
