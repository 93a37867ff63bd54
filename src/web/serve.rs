//! The loop that accepts connections. `axum`'s own has no time-out for request heads and no limit of connections.

use super::connection::{Conversation, converse};
use super::guard::Allowed;
use super::{WebState, routes};
use axum::Router;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, Id, JoinSet};

/// So many connections are open at once; the next one takes the place of the one that is in the way longest.
const CONNECTIONS: usize = 64;
/// How long to wait when the system has no connection to give (too many open files).
const AFTER_FAILURE: Duration = Duration::from_millis(200);
/// How long open connections may take to end when the service stops.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Answers requests until `shutdown` ends, and then for as long as last words take.
///
/// # Errors
/// When the listener is not usable at all.
pub async fn serve(listener: TcpListener, state: WebState, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let allowed = Allowed::on(listener.local_addr()?);
    let mut connections = Connections::new(routes::router(state, allowed));
    let mut shutdown = std::pin::pin!(shutdown);
    let mut is_failing = false;
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            () = connections.ended(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    is_failing = false;
                    connections.take(stream);
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!(%error, "connections to the metrics cannot be accepted");
                    }
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    }
    drop(listener);
    connections.close().await;
    Ok(())
}

/// The open connections.
struct Connections {
    router: Router,
    tasks: JoinSet<()>,
    open: HashMap<Id, Place>,
    next_number: u64,
    closing: watch::Sender<()>,
}

/// The place of one connection.
struct Place {
    /// In the order of arrival.
    number: u64,
    /// A request is being answered.
    is_answering: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Connections {
    fn new(router: Router) -> Self {
        let (closing, _) = watch::channel(());
        Self { router, tasks: JoinSet::new(), open: HashMap::new(), next_number: 0, closing }
    }

    fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Takes a connection in; when there are too many, another one gives way.
    fn take(&mut self, stream: TcpStream) {
        if self.open.len() >= CONNECTIONS {
            self.cut_one();
        }
        let is_answering = Arc::new(AtomicBool::new(false));
        let conversation = Conversation {
            router: self.router.clone(),
            is_answering: Arc::clone(&is_answering),
            closing: self.closing.subscribe(),
        };
        let task = self.tasks.spawn(converse(stream, conversation));
        self.open.insert(task.id(), Place { number: self.next_number, is_answering, task });
        self.next_number += 1;
        // Those that were cut leave their memory before more come.
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.forget(&ended);
        }
    }

    /// Cuts the oldest of those to which no answer is owed; the oldest of all when there is no such one.
    fn cut_one(&mut self) {
        let in_the_way =
            self.open.iter().min_by_key(|(_, place)| (place.is_answering.load(Ordering::Relaxed), place.number));
        if let Some((id, place)) = in_the_way.map(|(id, place)| (*id, place.task.clone())) {
            place.abort();
            self.open.remove(&id);
        }
    }

    /// Waits until some connection has ended.
    async fn ended(&mut self) {
        if let Some(ended) = self.tasks.join_next_with_id().await {
            self.forget(&ended);
        }
    }

    fn forget(&mut self, ended: &Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => {
                if error.is_panic() {
                    tracing::error!("an answer to a request broke down");
                }
                error.id()
            }
        };
        self.open.remove(&id);
    }

    /// Lets every connection end, and cuts those that do not.
    async fn close(mut self) {
        self.closing.send_replace(());
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_WORDS, all).await.is_err() {
            self.tasks.shutdown().await;
        }
    }
}
