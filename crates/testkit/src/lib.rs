//! For tests only: databases, a scripted relay, the whole program with a fixed clock.

pub mod database;
pub mod house;
pub mod proof;
pub mod relay;

pub use database::{Database, TEST_NOW, databases};
pub use house::{House, NewPerson, Through, password_in};
pub use proof::{OLD, Standing, Working, newest_password, passwords, reach, waiting};
