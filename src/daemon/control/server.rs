//! The answering side: accepts callers of the right user, few at once, and waits for none for long.

use super::performing::{Follower, perform_call};
use super::{Call, LONGEST_CALL_BYTES, Line, PATIENCE, SIGN_OF_LIFE, path, reach};
use crate::app::scan::Watch as _;
use crate::app::session::Session;
use crate::app::{Environment, ErrorKind};
use crate::daemon::scans::Claims;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// So many callers at once; the next ones wait.
const CALLERS: usize = 16;
/// How many lines wait for a slow caller.
const LINES: usize = 16;
/// How long a caller's farewell is listened for before its call is performed.
const FAREWELL: Duration = Duration::from_millis(2);
/// The pause after an accept that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(200);
/// How long calls may take to end when the service stops.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// The socket, for as long as the daemon has the store.
#[derive(Debug)]
pub(in crate::daemon) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Makes the socket. Whoever calls this has the store's lock, so one that lies there is left over.
    pub(in crate::daemon) fn bind(state: &Path) -> io::Result<Self> {
        let path = path(state);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (short, _folder) = reach(state)?;
        let listener = UnixListener::bind(short)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // One that stays is replaced at the next start.
        let _removed = std::fs::remove_file(&self.path);
    }
}

/// What calls are answered with.
#[derive(Debug, Clone)]
pub(in crate::daemon) struct Control {
    /// The session in use; a reload sends a new one.
    pub(in crate::daemon) sessions: watch::Receiver<Session>,
    pub(in crate::daemon) environment: Environment,
    pub(in crate::daemon) claims: Arc<Claims>,
}

impl Control {
    /// Answers calls until `shutdown` ends. Acts that go on then are stopped, and waited for.
    pub(in crate::daemon) async fn serve(self, socket: Socket, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let (stop, stopping) = watch::channel(());
        let mut callers = JoinSet::new();
        let mut is_failing = false;
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = callers.join_next(), if !callers.is_empty() => {}
                accepted = socket.listener.accept(), if callers.len() < CALLERS => match accepted {
                    Ok((stream, _)) => {
                        is_failing = false;
                        callers.spawn(self.clone().take_call(stream, stopping.clone()));
                    }
                    Err(error) => {
                        if !std::mem::replace(&mut is_failing, true) {
                            tracing::warn!(%error, "callers of the control socket cannot be accepted");
                        }
                        tokio::time::sleep(AFTER_FAILURE).await;
                    }
                }
            }
        }
        drop(socket);
        drop(stop);
        // What has not ended by then ends with the process.
        let _ended = tokio::time::timeout(LAST_WORDS, async { while callers.join_next().await.is_some() {} }).await;
    }

    /// Answers one caller.
    async fn take_call(self, stream: UnixStream, stopping: watch::Receiver<()>) {
        let allowed = is_allowed(&stream);
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let call = match allowed {
            Ok(()) => read_call(&mut reader).await,
            Err(refusal) => Err(refusal),
        };
        match call {
            Ok(call) => self.answer(call, reader, writer, stopping).await,
            Err(message) => {
                let line = Line::Error { kind: ErrorKind::Failure, message };
                let _told = send(&mut writer, &line).await;
            }
        }
    }

    /// Has the call performed, and passes on what comes of it. A caller that goes away stops the act.
    async fn answer(
        self,
        call: Call,
        mut reader: BufReader<OwnedReadHalf>,
        mut writer: OwnedWriteHalf,
        mut stopping: watch::Receiver<()>,
    ) {
        let mut byte = [0; 1];
        // A caller that had lost patience before its turn came was told that nobody answers: then nothing is done.
        if tokio::time::timeout(FAREWELL, reader.read(&mut byte)).await.is_ok() {
            return;
        }
        let (sender, mut lines) = mpsc::channel(LINES);
        let follower = Arc::new(Follower::new(sender));
        let (performer, session) = (Arc::clone(&follower), self.sessions.borrow().clone());
        let thread = std::thread::Builder::new().name("command".to_owned()).spawn(move || {
            perform_call(&session, &call, &self.environment, &self.claims, &performer);
        });
        if let Err(error) = thread {
            tracing::error!(%error, "no thread can be started for a command");
            return;
        }
        let mut is_stopping = false;
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                () = tokio::time::sleep(SIGN_OF_LIFE) => Some(Line::Items(follower.items().load(Ordering::Relaxed))),
                _ = stopping.changed(), if !is_stopping => {
                    is_stopping = true;
                    follower.cancelled().store(true, Ordering::Relaxed);
                    continue;
                }
                // A caller says nothing after its call: this ends when it goes away.
                _ = reader.read(&mut byte) => None,
            };
            let is_last = matches!(line, Some(Line::Answer(_) | Line::Error { .. }));
            let is_sent = match &line {
                Some(line) => send(&mut writer, line).await.is_ok(),
                None => false,
            };
            if is_last || !is_sent {
                break;
            }
        }
        follower.cancelled().store(true, Ordering::Relaxed);
        // The thread must not wait for a caller that is gone.
        lines.close();
        while lines.recv().await.is_some() {}
    }
}

/// Whether the caller is the service's own user, or root; otherwise what to tell it.
fn is_allowed(stream: &UnixStream) -> Result<(), String> {
    let own = rustix::process::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == own || peer.uid() == 0 => Ok(()),
        Ok(peer) => {
            tracing::warn!(uid = peer.uid(), "a command of another user was refused");
            Err("the service takes commands from its own user and root alone\n  hint: `sudo -u purposed purposed ...`"
                .to_owned())
        }
        Err(_) => Err("the service cannot tell who asks".to_owned()),
    }
}

/// Reads the call: one line, not too long, not too slowly.
async fn read_call(reader: &mut BufReader<OwnedReadHalf>) -> Result<Call, String> {
    let mut text = Vec::new();
    let mut limited = reader.take(LONGEST_CALL_BYTES as u64);
    let read = tokio::time::timeout(PATIENCE, limited.read_until(b'\n', &mut text)).await;
    match read {
        Ok(Ok(_)) if text.ends_with(b"\n") => serde_json::from_slice(&text)
            .map_err(|error| format!("the service does not understand the command: {error}")),
        Ok(Ok(_)) if text.len() >= LONGEST_CALL_BYTES => {
            Err(format!("the command is longer than {LONGEST_CALL_BYTES} bytes"))
        }
        Ok(Ok(_)) => Err("the command broke off".to_owned()),
        Ok(Err(error)) => Err(format!("the command cannot be read: {error}")),
        Err(_) => Err("the command came too slowly".to_owned()),
    }
}

async fn send(writer: &mut OwnedWriteHalf, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    tokio::time::timeout(PATIENCE, writer.write_all(&text)).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}
