//! What is refused before any route is looked at: other methods, bodies, and requests that were meant for another
//! server. The last one keeps a page in somebody's browser from reading the metrics through a name of its own that
//! it lets point to this machine (DNS rebinding).

use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY,
    TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::net::{IpAddr, SocketAddr};

/// What the security headers say: nothing here is for frames, scripts, caches or other sites.
const SECURITY: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The names by which this server may be asked.
#[derive(Debug, Clone)]
pub(super) struct Allowed {
    listens_on: IpAddr,
    /// This machine's own name, where it listens to others than itself.
    machine: Option<String>,
}

impl Allowed {
    /// Those of a server that listens there: `localhost` and loopback addresses; the address itself, or any address
    /// where it listens on all of them; and the machine's own name where others than itself may ask.
    pub(super) fn on(address: SocketAddr) -> Self {
        let listens_on = address.ip();
        let machine = (!listens_on.is_loopback())
            .then(|| rustix::system::uname().nodename().to_string_lossy().to_lowercase())
            .filter(|name| !name.is_empty());
        Self { listens_on, machine }
    }

    /// Whether a request to this host (with or without a port) is meant for this server.
    pub(super) fn is_meant(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return address.is_loopback() || address == self.listens_on || self.listens_on.is_unspecified();
        }
        name == "localhost" || Some(&name) == self.machine.as_ref()
    }
}

/// The host without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // A bare IPv6 address has colons of its own.
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.contains(':') => name,
        Some((name, _)) if name.ends_with(']') => name,
        _ => host,
    }
}

/// Refuses what is not to be answered, and adds the security headers to every answer.
pub(super) async fn guard(State(allowed): State<Allowed>, request: Request, next: Next) -> Response {
    let refused = refusal(&allowed, &request);
    let was_refused = refused.is_some();
    let mut response = match refused {
        Some(response) => response,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if was_refused {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn refusal(allowed: &Allowed, request: &Request) -> Option<Response> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let answer = (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")], "only GET and HEAD are answered\n");
        return Some(answer.into_response());
    }
    if has_body(request.headers()) {
        return Some((StatusCode::PAYLOAD_TOO_LARGE, "a request here has no body\n").into_response());
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
        (Some(Ok(host)), None) => host,
        // Old health checks name no host; browsers always do.
        (None, _) if request.version() == Version::HTTP_10 => "localhost",
        _ => return Some((StatusCode::BAD_REQUEST, "one Host header is expected\n").into_response()),
    };
    let target = request.uri().authority().map(axum::http::uri::Authority::as_str);
    if !allowed.is_meant(host) || target.is_some_and(|target| !allowed.is_meant(target)) {
        let text = "this server is asked by its address or as `localhost`\n";
        return Some((StatusCode::MISDIRECTED_REQUEST, text).into_response());
    }
    None
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(address: &str) -> Allowed {
        let mut allowed = Allowed::on(address.parse().unwrap());
        if let Some(machine) = &mut allowed.machine {
            "server1".clone_into(machine);
        }
        allowed
    }

    #[test]
    fn a_loopback_server_answers_to_loopback_names_alone() {
        let loopback = allowed("127.0.0.1:8470");
        for host in ["localhost", "LocalHost:8470", "127.0.0.1", "127.0.0.1:8470", "[::1]:8470", "[::1]", "127.1.2.3"] {
            assert!(loopback.is_meant(host), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "192.0.2.7", "server1", "", "[::2]", "localhost:evil", "a:b:c"]
        {
            assert!(!loopback.is_meant(host), "{host}");
        }
    }

    #[test]
    fn a_server_for_others_answers_to_its_address_and_its_name() {
        let one = allowed("192.0.2.7:8470");
        assert!(one.is_meant("192.0.2.7:8470") && one.is_meant("server1:8470") && one.is_meant("localhost"));
        assert!(!one.is_meant("192.0.2.8") && !one.is_meant("server1.evil.example"));
        let all = allowed("[::]:8470");
        assert!(all.is_meant("192.0.2.8:8470") && all.is_meant("[2001:db8::1]:8470") && !all.is_meant("evil.example"));
    }
}
