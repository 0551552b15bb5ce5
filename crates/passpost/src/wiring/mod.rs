//! Settings become parts: keys, who may act, the flow with its relays. Nothing here decides anything.

mod relays;
mod worker_lock;

pub(crate) use relays::relay;
pub(crate) use worker_lock::{Holder, WorkerLock};

use crate::failure::Failure;
use crate::settings::Settings;
use auth::Auth;
use auth::hashing::{Costs, Hasher};
use auth::keys::{Keys, Purpose};
use auth::limits::{LoginLimits, ResetLimits};
use auth::password_rules::PasswordRules;
use flow::{Clock, Flow, Outlet};
use mail::bounce::Bounce;
use mail::mailbox::Mailbox;
use mail::{House, Sender};
use std::sync::Arc;
use store::Store;
use store::rate::Limit;

/// The most octets the mailbox inside the program keeps: a mail has about 10 KiB.
const MAILBOX_OCTETS: usize = 512 * 1024 * 1024;

/// Reads the server keys; makes them at the very first start.
pub(crate) fn keys(settings: &Settings) -> Result<Keys, Failure> {
    Keys::read_or_create(&settings.keys_file).map_err(|error| {
        Failure::failed(error).hint("keys.file names the file; restore it from your backup if it is lost")
    })
}

/// Who may act.
pub(crate) fn auth(settings: &Settings, store: Store, keys: Keys) -> Result<Auth, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let hasher = Hasher::new(keys.clone(), Costs::default(), cores).map_err(Failure::failed)?;
    let rules = PasswordRules {
        least_length: settings.password.min_length,
        least_strength: settings.password.least_strength,
        blocklist: settings.password.blocklist.clone(),
        service_words: vec!["Passpost".into(), settings.mail.organisation.clone()],
    };
    let limits = LoginLimits {
        network_minute: Limit { most: settings.limits.signin_failures_per_minute.into(), window_ms: 60_000 },
        network_hour: Limit { most: settings.limits.signin_failures_per_hour.into(), window_ms: 3_600_000 },
        ..LoginLimits::default()
    };
    Ok(Auth::new(store, keys, hasher, rules, limits).with_resets(reset_limits(settings)))
}

/// The limits of asking for links, in the units of those who count.
fn reset_limits(settings: &Settings) -> ResetLimits {
    let usual = ResetLimits::default();
    let most = settings.limits.reset_requests_during_mailing.into();
    ResetLimits {
        network_during_mailing: Limit { most, ..usual.network_during_mailing },
        mailing_recent_ms: i64::from(settings.limits.mailing_recent_hours) * 3_600_000,
        ..usual
    }
}

/// The mailbox inside the program, when no relay is set.
pub(crate) fn mailbox(settings: &Settings) -> Option<Arc<Mailbox>> {
    settings
        .mailbox_is_relay()
        .then(|| Arc::new(Mailbox::new(settings.mailbox.keep_messages, MAILBOX_OCTETS)))
}

/// The flow, with the mailbox as relay when there is one.
pub(crate) fn flow(
    settings: &Settings,
    store: Store,
    keys: Keys,
    mailbox: Option<Arc<Mailbox>>,
    sole_worker: bool,
) -> Result<Flow, Failure> {
    let outlet = match mailbox {
        Some(mailbox) => Outlet::Mailbox(mailbox),
        None => Outlet::Relays(relays::all(settings)?),
    };
    let signers: Vec<_> =
        settings.dkim.iter().map(|dkim| dkim.signer().map_err(Failure::failed)).collect::<Result<_, _>>()?;
    let flow_settings = flow::Settings {
        node: node_name()?,
        sole_worker,
        sender: Sender {
            address: settings.mail.from.clone(),
            name: settings.mail.from_name.clone(),
            reply_to: settings.mail.reply_to.clone(),
            bounce: return_paths(settings, &keys),
        },
        house: House {
            organisation: settings.mail.organisation.clone(),
            help_contact: settings.mail.help_contact.clone(),
            login_url: settings.login_url.clone(),
            base_url: settings.server.base_url.to_string(),
            accent: settings.mail.accent,
            time_zone: settings.mail.time_zone.clone(),
        },
        language: settings.mail.language,
        signers: signers.into(),
        generator: settings.password.generator.clone(),
        limits: limits(settings),
        names_of_unverified: settings.mail.names_of_unverified,
        notices: flow::NoticeSettings {
            console_url: format!("{}/console", settings.server.base_url),
            closing_report: settings.notices.closing_report,
        },
        resets: flow::ResetSettings {
            link_life_ms: settings.link_life_ms,
            limits: reset_limits(settings),
            ..flow::ResetSettings::new(settings.server.base_url.to_string())
        },
        outlet,
    };
    Ok(Flow::new(store, keys, flow_settings, Clock::reading(crate::clock::now_ms)))
}

/// Signed return paths, when a domain for them is set. Mails that left before the server keys changed still come
/// back to paths of the older ones.
fn return_paths(settings: &Settings, keys: &Keys) -> Option<Bounce> {
    let bounces = settings.bounces.as_ref()?;
    let current = keys.current(Purpose::ReturnPath).derived();
    let older = keys.all(Purpose::ReturnPath).skip(1);
    Some(older.fold(Bounce::new(&bounces.domain, &current), |paths, key| paths.with_older(&key.derived())))
}

/// The limits of runs, in the units of the flow.
pub(crate) fn limits(settings: &Settings) -> flow::Limits {
    let limits = &settings.limits;
    flow::Limits {
        people_per_run: limits.people_per_run.into(),
        people_per_day: limits.people_per_day.into(),
        confirm_above: limits.confirm_above.into(),
        approve_above: limits.approve_above.into(),
        grace_ms: i64::from(limits.grace_hours) * 3_600_000,
        relay_patience_ms: i64::from(limits.relay_patience_minutes) * 60_000,
        refused_in_a_row: limits.refused_in_a_row.into(),
        refused_percent: limits.refused_percent.into(),
        keep_events_ms: i64::from(limits.keep_events_days) * 86_400_000,
    }
}

/// New with each start, so that a process is never taken for the one before it.
fn node_name() -> Result<String, Failure> {
    let random = crate::clock::randomness()?;
    let tail: String = random[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{tail}", std::process::id()))
}

/// What the pages need.
pub(crate) fn web(
    settings: &Settings,
    store: Store,
    auth: &Auth,
    flow: &Flow,
    mailbox: Option<Arc<Mailbox>>,
) -> Result<web::State, Failure> {
    let mail = &settings.mail;
    let mut pages = web::Settings::new(
        settings.server.base_url.as_str(),
        &mail.organisation,
        &mail.accent.to_string(),
        &mail.help_contact,
        &mail.time_zone,
    )
    .map_err(Failure::usage)?;
    pages.trusted_proxies = settings.server.trusted_proxies.clone();
    pages.loopback_hosts = settings.server.base_url.is_local();
    pages.verify = settings.api.verify;
    pages.metrics = settings.api.metrics;
    pages.job.valid_hours = settings.password.valid_hours;
    pages.job.remail_after_hours = settings.password.remail_after_hours;
    Ok(web::State {
        store,
        auth: auth.clone(),
        flow: flow.clone(),
        mailbox,
        settings: Arc::new(pages),
        installation: Arc::new(settings.installation()),
        live: web::Live::default(),
        verifier: web::Verifier::default(),
        refusals: web::Refusals::default(),
        clock: Arc::new(crate::clock::now_ms),
    })
}
