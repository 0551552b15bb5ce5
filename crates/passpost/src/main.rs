//! temporary
#![allow(unused, clippy::all, clippy::allow_attributes, clippy::allow_attributes_without_reason)]
mod settings;
fn main() {}
