//! What is answered, what is refused, and what no answer ever repeats.

use super::Served;
use super::client::{get, say};

#[test]
fn a_living_service_says_so() {
    let served = Served::start();
    let health = get(served.address, "/healthz");
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    for header in [
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        "referrer-policy: no-referrer",
        "x-frame-options: deny",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(health.head.contains(header), "{header} is missing in {}", health.head);
    }
    let head = say(served.address, "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn readiness_says_why_not() {
    let served = Served::start();
    let ready = get(served.address, "/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    served.health.reload_failed();
    let refused = get(served.address, "/readyz");
    assert_eq!(refused.status, 503);
    assert!(refused.body.starts_with("the configuration was refused"), "{}", refused.body);
}

#[test]
fn other_methods_and_bodies_are_refused() {
    let served = Served::start();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"] {
        let target = if method == "CONNECT" { "localhost:80" } else { "/metrics" };
        let request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na=b");
        let answer = say(served.address, &request);
        assert_eq!(answer.status, 405, "{method}: {}", answer.head);
        assert!(answer.head.contains("allow: get, head"), "{}", answer.head);
    }
    for body in ["Content-Length: 4000000000", "Transfer-Encoding: chunked"] {
        let answer = say(served.address, &format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{body}\r\n\r\n"));
        assert_eq!(answer.status, 413, "{body}: {}", answer.head);
    }
}

#[test]
fn a_request_for_another_host_is_refused() {
    let served = Served::start();
    let ask = |line: &str, headers: &str| {
        say(served.address, &format!("GET {line} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")).status
    };
    assert_eq!(ask("/metrics", "Host: rebound.example\r\n"), 421);
    assert_eq!(ask("http://rebound.example/metrics", "Host: localhost\r\n"), 421);
    assert_eq!(ask("/metrics", ""), 400);
    assert_eq!(ask("/metrics", "Host: localhost\r\nHost: localhost\r\n"), 400);
    assert_eq!(ask("/metrics", "Host: localhost\r\n"), 200);
    assert_eq!(say(served.address, "GET /healthz HTTP/1.0\r\n\r\n").status, 200);
    assert_eq!(say(served.address, "GET /healthz HTTP/1.0\r\nHost: rebound.example\r\n\r\n").status, 421);
}

#[test]
fn unknown_paths_are_not_repeated() {
    let served = Served::start();
    for path in ["/", "/canary", "/metrics/canary", "/../canary", "/%63anary?canary=%3Cscript%3E"] {
        let answer = get(served.address, path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("canary") && !answer.head.contains("canary"), "{}", answer.body);
    }
    let malformed = get(served.address, "/canary?<script>");
    assert!(malformed.status == 400 && !malformed.body.contains("canary"), "{malformed:?}");
}

#[test]
fn heads_have_a_limit() {
    let served = Served::start();
    for headers in [format!("X-Long: {}\r\n", "a".repeat(60_000)), "X-Many: 1\r\n".repeat(500)] {
        let answer = say(served.address, &format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"));
        assert!(matches!(answer.status, 431 | 0), "{}", answer.head);
    }
    let long = get(served.address, &format!("/{}", "a".repeat(60_000)));
    assert!(matches!(long.status, 414 | 431 | 0), "{}", long.head);
    assert_eq!(get(served.address, "/healthz").status, 200);
}
