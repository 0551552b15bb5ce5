//! `passpost people`: import, export, find and change people.

mod change;
mod export;
mod import;
mod list;

pub(crate) use list::print;

use crate::context::Context;
use crate::failure::Outcome;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Bring people in from a CSV file: look first, then apply
    Import(import::Args),
    /// Write people as CSV or JSON Lines
    Export(export::Args),
    /// Find people
    List(list::Args),
    /// One person with everything known of the credential
    Show {
        /// User name, id, external id or address
        who: String,
    },
    /// Keep a person from signing in and from getting mail
    Block {
        /// User name, id, external id or address
        who: String,
    },
    /// Let a blocked person in again
    Unblock {
        /// User name, id, external id or address
        who: String,
    },
    /// Change where a person's mail goes
    Address {
        /// User name, id, external id or address
        who: String,
        /// The new address; "none" takes it away
        address: String,
    },
    /// Erase a person: personal data is gone, counts and audit log stay
    Erase {
        /// User name, id, external id or address
        who: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Import(args) => import::run(context, args).await,
        Command::Export(args) => export::run(context, args).await,
        Command::List(args) => list::run(context, args).await,
        Command::Show { who } => list::show(context, &who).await,
        Command::Block { who } => change::block(context, &who, true).await,
        Command::Unblock { who } => change::block(context, &who, false).await,
        Command::Address { who, address } => change::address(context, &who, &address).await,
        Command::Erase { who, yes } => change::erase(context, &who, yes).await,
    }
}
