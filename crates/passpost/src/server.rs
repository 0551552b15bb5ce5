//! The running server: pages, scheduler and worker in one process, and how they end together.
//!
//! The first signal stops softly: nothing new is claimed, mails on their way are answered and recorded,
//! open requests finish. A second signal, or thirty seconds, end it hard; what was on its way then has
//! an unknown outcome, which leaves both passwords acceptable.

use crate::clock::now_ms;
use crate::context::Context;
use crate::failure::{Done, Failure, Outcome};
use crate::maildir;
use crate::wiring::{self, Holder, WorkerLock};
use auth::Auth;
use flow::{Flow, Stop};
use mail::mailbox::Mailbox;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::node::Node;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long answers of mails on their way are waited for.
const LAST_ANSWERS: Duration = Duration::from_secs(20);
/// How long the whole end may take.
const END: Duration = Duration::from_secs(29);
/// How often sessions that are over, and files nobody said yes to, are removed.
const TIDY: Duration = Duration::from_secs(15 * 60);

/// How often is looked whether names changed.
const WORDS_REST: Duration = Duration::from_secs(1);
/// The pause between two chunks of names, so that runs and pages write in between.
const WORDS_BREATH: Duration = Duration::from_millis(5);

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) web: bool,
    pub(crate) worker: bool,
    pub(crate) scheduler: bool,
}

impl Roles {
    pub(crate) const ALL: Self = Self { web: true, worker: true, scheduler: true };

    fn names(self) -> String {
        let all = [("web", self.web), ("worker", self.worker), ("scheduler", self.scheduler)];
        all.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect::<Vec<_>>().join(",")
    }
}

/// A server whose parts run.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) flow: Flow,
    pub(crate) auth: Auth,
    pub(crate) mailbox: Option<Arc<Mailbox>>,
    /// Where it listens, when it serves pages.
    pub(crate) address: Option<SocketAddr>,
    context: Context,
    node: Node,
    stop: Stop,
    parts: Vec<JoinHandle<()>>,
    tidying: Vec<JoinHandle<()>>,
    _lock: Option<WorkerLock>,
}

impl Server {
    /// Starts the parts.
    ///
    /// # Errors
    /// Another process works on this data folder; the address is taken; a key or relay cannot be used.
    pub(crate) async fn start(context: &Context, roles: Roles) -> Result<Self, Failure> {
        let settings = &context.settings;
        let lock = if roles.worker || roles.scheduler { Some(take_lock(settings)?) } else { None };
        let keys = wiring::keys(settings)?;
        let auth = wiring::auth(settings, context.store.clone(), keys.clone())?;
        let mailbox = wiring::mailbox(settings);
        let sole = matches!(settings.database, store::Location::Sqlite(_)) && lock.is_some();
        let flow = wiring::flow(settings, context.store.clone(), keys, mailbox.clone(), sole)?;
        let mut server = Self {
            node: Node {
                id: flow.settings().node.clone(),
                roles: roles.names(),
                listen: String::new(),
                started_at: now_ms(),
                seen_at: now_ms(),
            },
            flow,
            auth,
            mailbox,
            address: None,
            context: context.clone(),
            stop: Stop::new(),
            parts: Vec::new(),
            tidying: Vec::new(),
            _lock: lock,
        };
        if roles.web {
            server.serve_pages().await?;
        }
        server.start_flow(roles);
        server.start_tidying();
        Ok(server)
    }

    async fn serve_pages(&mut self) -> Result<(), Failure> {
        let listen = self.context.settings.server.listen;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Failure::failed(format!("cannot listen on {listen}: {error}"))
                .hint("is another program there? Choose another address with listen in passpost.toml or PASSPOST_LISTEN")
        })?;
        let address = listener.local_addr()?;
        self.address = Some(address);
        self.node.listen = address.to_string();
        let state = wiring::web(
            &self.context.settings,
            self.context.store.clone(),
            &self.auth,
            &self.flow,
            self.mailbox.clone(),
        )?;
        let stop = self.stop.clone();
        self.parts.push(tokio::spawn(async move {
            let ended = web::serve(listener, state, async move { stop.wait().await }).await;
            if let Err(error) = ended {
                tracing::error!(%error, "pages are no longer served");
            }
        }));
        Ok(())
    }

    fn start_flow(&mut self, roles: Roles) {
        if roles.worker {
            let (flow, stop) = (self.flow.clone(), self.stop.clone());
            self.parts.push(tokio::spawn(async move { flow.work(stop).await }));
            let folder = self.context.settings.bounces.as_ref().and_then(|bounces| bounces.maildir.clone());
            if let Some(folder) = folder {
                let (flow, stop) = (self.flow.clone(), self.stop.clone());
                self.parts.push(tokio::spawn(async move { maildir::watch(flow, folder, stop).await }));
            }
            let (flow, stop) = (self.flow.clone(), self.stop.clone());
            self.parts.push(tokio::spawn(async move { flow.notify(stop).await }));
            let (flow, stop) = (self.flow.clone(), self.stop.clone());
            self.parts.push(tokio::spawn(async move { flow.answer_people(stop).await }));
        }
        if roles.scheduler {
            let (flow, stop) = (self.flow.clone(), self.stop.clone());
            self.parts.push(tokio::spawn(async move { flow.schedule(stop).await }));
        }
    }

    fn start_tidying(&mut self) {
        let beat = crate::node::beat(self.context.store.clone(), self.node.clone());
        self.tidying.push(tokio::spawn(beat));
        self.tidying.push(tokio::spawn(keep_words(self.context.store.clone())));
        let (auth, store) = (self.auth.clone(), self.context.store.clone());
        self.tidying.push(tokio::spawn(async move {
            loop {
                if let Err(error) = auth.purge(now_ms()).await {
                    tracing::warn!(%error, "sessions that are over could not be removed");
                }
                let now = now_ms();
                let uploads =
                    store.write(move |tx| Box::pin(async move { store::upload::purge(tx, now).await }));
                if let Err(error) = uploads.await {
                    tracing::warn!(%error, "files nobody said yes to could not be removed");
                }
                tokio::time::sleep(TIDY).await;
            }
        }));
    }

    /// Waits for a signal, then ends softly; a second signal ends hard.
    pub(crate) async fn until_stopped(self) -> Outcome {
        signal().await;
        self.end().await
    }

    /// Ends softly, within thirty seconds.
    pub(crate) async fn end(mut self) -> Outcome {
        tracing::info!("stopping: mails on their way are finished first");
        self.stop.request(Instant::now() + LAST_ANSWERS);
        let parts = std::mem::take(&mut self.parts);
        let softly = async {
            for part in parts {
                let _ = part.await;
            }
        };
        let soft = tokio::select! {
            () = softly => true,
            () = signal() => false,
            () = tokio::time::sleep(END) => false,
        };
        for task in &self.tidying {
            task.abort();
        }
        let id = self.node.id.clone();
        let farewell = self.context.store.write::<_, store::StoreError, _>(move |tx| {
            Box::pin(async move { store::node::remove(tx, &id).await })
        });
        let _ = tokio::time::timeout(Duration::from_secs(1), farewell).await;
        if soft {
            tracing::info!("stopped");
            return Ok(Done::All);
        }
        Err(Failure::failed("stopped hard: mails that were on their way have an unknown outcome")
            .hint("the next start takes them up; nobody is locked out"))
    }
}

/// Keeps the words people are found by up with their names.
async fn keep_words(store: store::Store) {
    loop {
        let rest = match store::person_words::catch_up(&store).await {
            Ok(0) => WORDS_REST,
            Ok(_) => WORDS_BREATH,
            Err(error) => {
                tracing::warn!(%error, "the words people are found by could not be written");
                WORDS_REST
            }
        };
        tokio::time::sleep(rest).await;
    }
}

fn take_lock(settings: &crate::settings::Settings) -> Result<WorkerLock, Failure> {
    match WorkerLock::take(settings)? {
        Holder::Us(lock) => Ok(lock),
        Holder::Another(process) => {
            let which = process.map_or_else(String::new, |id| format!(" (process {id})"));
            Err(Failure::failed(format!(
                "another passpost works with the data folder {}{which}",
                settings.server.data_dir.display()
            ))
            .hint("stop it first, or name another folder with --data DIR"))
        }
    }
}

/// SIGINT (Ctrl-C) or SIGTERM.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
