//! The routes, and what each answers. Anything else is not found, and is not repeated.

use super::guard::{Allowed, guard};
use super::snapshot::Unanswered;
use super::{WebState, metrics, ready};
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use std::time::Duration;

/// The daemon looks at its schedules at least once a minute: after so long it hangs.
const HANGS_AFTER: Duration = Duration::from_mins(3);

const PLAIN: (HeaderName, &str) = (CONTENT_TYPE, "text/plain; charset=utf-8");

type Answer = (StatusCode, [(HeaderName, &'static str); 1], String);

/// The routes behind their guard.
pub(super) fn router(state: WebState, allowed: Allowed) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(not_found)
        .layer(from_fn_with_state(allowed, guard))
        .with_state(state)
}

async fn healthz(State(state): State<WebState>) -> Answer {
    let age = state.health.tick_age();
    if age < HANGS_AFTER {
        return (StatusCode::OK, [PLAIN], "ok\n".to_owned());
    }
    let text = format!("the schedules were last looked at {} s ago\n", age.as_secs());
    (StatusCode::SERVICE_UNAVAILABLE, [PLAIN], text)
}

async fn readyz(State(state): State<WebState>) -> Answer {
    let reasons = match state.snapshots.latest().await {
        Ok(picture) => ready::reasons(&picture, &state.health),
        Err(unanswered) => vec![said(&unanswered)],
    };
    if reasons.is_empty() {
        return (StatusCode::OK, [PLAIN], "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, [PLAIN], reasons.iter().map(|reason| format!("{reason}\n")).collect())
}

async fn metrics(State(state): State<WebState>) -> Answer {
    let picture = state.snapshots.latest().await;
    if let Err(unanswered) = &picture {
        tracing::warn!("metrics without the store: {}", said(unanswered));
    }
    match metrics::text(picture.as_deref().ok(), &state.health) {
        Ok(text) => (StatusCode::OK, [(CONTENT_TYPE, metrics::CONTENT_TYPE)], text),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, [PLAIN], "the metrics could not be written\n".to_owned()),
    }
}

fn said(unanswered: &Unanswered) -> String {
    match unanswered {
        Unanswered::Late => "the store did not answer in time".to_owned(),
        Unanswered::Failed(why) => format!("the store cannot be read: {}", why.replace('\n', " ")),
    }
}

async fn not_found() -> Answer {
    (StatusCode::NOT_FOUND, [PLAIN], "there are /healthz, /readyz and /metrics\n".to_owned())
}
