//! One connection: HTTP/1, a bounded head within a bounded time, and an end in any case.

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep, timeout};

/// How long a request's head may take, from the moment at which one is waited for: silence ends there as well.
const HEAD: Duration = Duration::from_secs(10);
/// How long nothing may be taken of an answer.
const STALL: Duration = Duration::from_secs(10);
/// How long a connection may last, however busy it is.
const LIFE: Duration = Duration::from_mins(1);
/// How long the answer that is under way may take after that.
const FAREWELL: Duration = Duration::from_secs(5);
/// The largest head, in bytes.
const HEAD_BYTES: usize = 8 * 1024;
/// The most headers.
const HEADERS: usize = 64;
/// What is buffered of a connection, in bytes.
const BUFFER_BYTES: usize = 16 * 1024;

/// What a connection needs.
pub(super) struct Conversation {
    pub(super) router: Router,
    /// Set while a request is being answered.
    pub(super) is_answering: Arc<AtomicBool>,
    /// Changes when the service stops.
    pub(super) closing: watch::Receiver<()>,
}

/// Answers the requests of one connection, until it ends, its time is over or the service stops.
pub(super) async fn converse(stream: TcpStream, conversation: Conversation) {
    let Conversation { router, is_answering, mut closing } = conversation;
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, is_answering) = (router.clone(), Arc::clone(&is_answering));
        async move {
            is_answering.store(true, Ordering::Relaxed);
            let answer = TowerToHyperService::new(router).call(request).await;
            is_answering.store(false, Ordering::Relaxed);
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_header_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(Impatient { stream, stalled: None }), service);
    let mut connection = std::pin::pin!(connection);
    // What goes wrong with a connection concerns nobody but the other side: it is closed.
    tokio::select! {
        _ended = connection.as_mut() => return,
        () = sleep(LIFE) => {}
        _closing = closing.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ended = timeout(FAREWELL, connection).await;
}

/// A stream that gives up when the other side takes nothing of what is written.
struct Impatient {
    stream: TcpStream,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    /// Starts to count when nothing moves, and stops when something does.
    fn within_patience<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALL)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Impatient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within_patience(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.within_patience(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
