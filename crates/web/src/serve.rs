//! Listening, and stopping without cutting anybody off.

use crate::state::State;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long open requests may go on after the stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` completes, then lets open requests finish for at most ten seconds.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    state: State,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = watch::channel(());
    let live = state.live.clone();
    tokio::spawn(async move {
        stop.await;
        live.stop();
        // Whoever waits for a change sees the sender go.
        drop(stopping);
    });
    let wait = |mut stopped: watch::Receiver<()>| async move { while stopped.changed().await.is_ok() {} };
    let service = crate::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(wait(stopped.clone()));
    tokio::select! {
        ended = serving => ended,
        () = async { wait(stopped).await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}
