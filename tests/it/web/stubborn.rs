//! Clients that keep connections: half-open ones in thousands, slow writers, slow readers. None of them keeps others
//! waiting, and none is kept for long.

use super::Served;
use super::client::{connect, get};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A healthy request is answered within this time, whatever others do.
const SOON: Duration = Duration::from_secs(3);
/// Silence and slowness are ended within this time.
const CUT_OFF: Duration = Duration::from_secs(20);

/// Waits until the server has closed a connection, and says how long that took.
fn until_closed(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut byte = [0; 4096];
    while matches!(stream.read(&mut byte), Ok(read) if read > 0) {}
    began.elapsed()
}

/// Both ends of two thousand connections are files of this process.
pub fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = 4_096;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        setrlimit(Resource::Nofile, limit).unwrap();
    }
}

/// What a process (`self` or a number) holds in memory.
pub fn memory_kilobytes(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn thousands_of_half_open_connections_keep_nobody_waiting() {
    allow_many_files();
    let served = Served::start();
    assert_eq!(get(served.address, "/metrics").status, 200);
    let before = memory_kilobytes("self");
    let mut half_open = Vec::new();
    for number in 0..2_000 {
        let mut stream = connect(served.address);
        // Some say nothing at all, some begin a request and never end it.
        if number % 2 == 0 {
            let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        }
        half_open.push(stream);
        if number % 200 == 199 {
            let began = Instant::now();
            assert_eq!(get(served.address, "/metrics").status, 200);
            assert!(began.elapsed() < SOON, "after {number}: {:?}", began.elapsed());
        }
    }
    let grown = memory_kilobytes("self").saturating_sub(before);
    assert!(grown < 32 * 1024, "memory grew by {grown} kB");
    // The first ones had to give way.
    assert!(until_closed(&mut half_open[0]) < SOON);
}

#[test]
fn slow_heads_are_cut_off() {
    let served = Served::start();
    let mut silent = connect(served.address);
    let mut slow = connect(served.address);
    let mut kept = connect(served.address);
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let began = Instant::now();
    let mut writer = slow.try_clone().unwrap();
    let dripping = std::thread::spawn(move || {
        let drops = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        for byte in drops {
            if writer.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(400));
        }
    });
    until_closed(&mut silent);
    until_closed(&mut slow);
    // One that was answered and then falls silent is not kept either.
    until_closed(&mut kept);
    assert!(began.elapsed() < CUT_OFF, "{:?}", began.elapsed());
    dripping.join().unwrap();
}

#[test]
fn slow_readers_are_cut_off() {
    let served = Served::start();
    let mut stream = connect(served.address);
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let began = Instant::now();
    // Asks again and again and reads nothing, until nothing can be written any more.
    let ask = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    while stream.write_all(&ask).is_ok() && began.elapsed() < Duration::from_secs(20) {}
    assert_eq!(get(served.address, "/metrics").status, 200);
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let is_cut = |stream: &mut TcpStream| matches!(stream.write(b"G"), Err(error) if !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    while !is_cut(&mut stream) {
        assert!(began.elapsed() < Duration::from_mins(1), "a slow reader is kept");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn the_end_of_the_service_waits_for_nobody() {
    let mut served = Served::start();
    let _silent: Vec<TcpStream> = (0..10).map(|_| connect(served.address)).collect();
    assert_eq!(get(served.address, "/healthz").status, 200);
    let began = Instant::now();
    served.stop();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(TcpStream::connect(served.address).is_err());
}
