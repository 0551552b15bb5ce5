//! The settings: one section a file, first raw as written, then resolved into what the program uses.
//!
//! `passpost.toml` is read first, then `PASSPOST_…` variables (`PASSPOST_DATABASE__URL` is
//! `database.url`), then `--data`. Whatever is wrong or unknown stops the start with its place and with
//! what is allowed; all problems are named at once.

mod api;
mod bounces;
mod database;
mod dkim;
mod keys;
mod limits;
mod links;
mod locate;
mod log;
mod mail;
mod mailbox;
mod masked;
mod notices;
mod password;
mod problem;
mod relay;
mod server;
mod shown;
mod source;

pub(crate) use bounces::Bounces;
pub(crate) use log::LogFormat;
pub(crate) use problem::SettingsError;
pub(crate) use relay::{RelaySettings, TlsSetting};
pub(crate) use server::BaseUrl;
pub(crate) use source::{Sources, load};

use problem::Problems;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything as written, with the defaults filled in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Raw {
    base_url: String,
    listen: String,
    data_dir: String,
    trusted_proxies: Vec<String>,
    locale: String,
    database: database::Raw,
    keys: keys::Raw,
    smtp: Vec<relay::Raw>,
    mailbox: mailbox::Raw,
    mail: mail::Raw,
    dkim: dkim::Raw,
    bounces: bounces::Raw,
    limits: limits::Raw,
    password: password::Raw,
    links: links::Raw,
    notices: notices::Raw,
    api: api::Raw,
    log: log::Raw,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:8080".into(),
            listen: "127.0.0.1:8080".into(),
            data_dir: "./passpost-data".into(),
            trusted_proxies: Vec::new(),
            locale: "en".into(),
            database: Default::default(),
            keys: Default::default(),
            smtp: Vec::new(),
            mailbox: Default::default(),
            mail: Default::default(),
            dkim: Default::default(),
            bounces: Default::default(),
            limits: Default::default(),
            password: Default::default(),
            links: Default::default(),
            notices: Default::default(),
            api: Default::default(),
            log: Default::default(),
        }
    }
}

/// What the program runs by.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The file that was read, when there is one.
    pub(crate) file: Option<PathBuf>,
    /// Everything as written, for `passpost config`; secrets in it do not print.
    pub(crate) raw: Raw,
    /// Who set what.
    pub(crate) origins: shown::Origins,
    pub(crate) server: server::Server,
    pub(crate) database: store::Location,
    pub(crate) keys_file: PathBuf,
    pub(crate) relays: Vec<RelaySettings>,
    pub(crate) mailbox: mailbox::Mailbox,
    pub(crate) mail: mail::Mail,
    pub(crate) dkim: Option<dkim::Dkim>,
    /// Set: mails leave with return paths of their own.
    pub(crate) bounces: Option<Bounces>,
    pub(crate) limits: limits::Limits,
    pub(crate) password: password::Password,
    pub(crate) login_url: String,
    /// How long a personal link works, in milliseconds.
    pub(crate) link_life_ms: i64,
    pub(crate) notices: notices::Notices,
    pub(crate) api: api::Api,
    pub(crate) log: log::Log,
}

impl Settings {
    fn resolve(raw: Raw, file: Option<PathBuf>, problems: &mut Problems) -> Option<Self> {
        let server = server::resolve(&raw, problems);
        let relays = relay::resolve(&raw.smtp, problems);
        let mail = mail::resolve(&raw.mail, &raw.locale, !relays.is_empty(), problems);
        let data_dir = PathBuf::from(&raw.data_dir);
        let database = database::resolve(&raw.database, &data_dir, problems);
        let base = server.as_ref().map(|server| server.base_url.clone());
        let login_url = links::resolve(&raw.links, base.as_ref(), problems);
        let link_life_ms = links::life_ms(&raw.links, problems);
        let dkim = dkim::resolve(&raw.dkim, problems);
        let bounces = bounces::resolve(&raw.bounces, problems);
        let limits = limits::resolve(&raw.limits, problems);
        let password = password::resolve(&raw.password, problems);
        let log = log::resolve(&raw.log, problems);
        let mailbox = mailbox::resolve(&raw.mailbox, problems);
        if !problems.is_empty() {
            return None;
        }
        Some(Self {
            file,
            keys_file: data_dir.join(&raw.keys.file),
            server: server?,
            database: database?,
            relays,
            mailbox: mailbox?,
            mail: mail?,
            dkim,
            bounces: bounces?,
            limits: limits?,
            password: password?,
            login_url: login_url?,
            link_life_ms,
            notices: notices::resolve(&raw.notices),
            api: api::resolve(&raw.api),
            log: log?,
            origins: shown::Origins::default(),
            raw,
        })
    }

    /// The reverse proxies as written.
    #[must_use]
    pub(crate) fn raw_trusted_proxies(&self) -> &[String] {
        &self.raw.trusted_proxies
    }

    /// Whether the mailbox inside the program takes the mail.
    #[must_use]
    pub(crate) const fn mailbox_is_relay(&self) -> bool {
        self.relays.is_empty()
    }
}

#[cfg(test)]
mod tests;
