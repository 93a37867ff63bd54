//! A mail server that plays tricks by a script: at each step of each conversation it may do something else than what
//! is expected. It keeps what it was told and what it took.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A step of the conversation, by what the client has just said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Connect,
    Hello,
    Sender,
    Recipient,
    Data,
    Dot,
}

/// What the server does there instead of what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trick {
    Say(&'static str),
    /// Says what is expected after a while.
    Late(Duration),
    Hang,
    /// At the final dot: takes the message, and is gone before it says so.
    Close,
    /// Closes with what the client sent still unread, so that the connection is reset.
    Reset,
    /// Nothing wrong.
    None,
}

/// Where a conversation stands.
#[derive(Debug, Clone)]
pub struct Point {
    pub step: Step,
    /// The number of the connection, from 0.
    pub connection: usize,
    /// Whom the letter is for, once that was said.
    pub recipient: String,
    /// How many letters for them were announced, this one included.
    pub visit: usize,
}

/// A message that came to its final dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub recipient: String,
    pub sender: String,
    pub message_id: String,
    /// Whether the server said that it took it.
    pub confirmed: bool,
    pub text: String,
}

#[derive(Default)]
struct Seen {
    taken: Mutex<Vec<Taken>>,
    visits: Mutex<BTreeMap<String, usize>>,
    commands: Mutex<Vec<String>>,
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    has_ended: AtomicBool,
}

/// A running server; it ends when dropped.
pub struct Scripted {
    pub port: u16,
    seen: Arc<Seen>,
}

type Script = dyn Fn(&Point) -> Trick + Send + Sync;

impl Scripted {
    pub fn start(script: impl Fn(&Point) -> Trick + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let (shared, script) = (Arc::clone(&seen), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.has_ended.load(Ordering::SeqCst) {
                    break;
                }
                let (seen, script) = (Arc::clone(&shared), Arc::clone(&script));
                let connection = seen.connections.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    let open = seen.open.fetch_add(1, Ordering::SeqCst) + 1;
                    seen.most_open.fetch_max(open, Ordering::SeqCst);
                    // Whatever the client does, the next one is served.
                    let _ended = converse(&stream.unwrap(), connection, &seen, &*script);
                    seen.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, seen }
    }

    /// The messages that came to their final dot, in the order of recipients.
    pub fn taken(&self) -> Vec<Taken> {
        let mut taken = self.seen.taken.lock().unwrap().clone();
        taken.sort_by(|left, right| left.recipient.cmp(&right.recipient));
        taken
    }

    /// The messages for one recipient that the server said it took.
    pub fn confirmed(&self, recipient: &str) -> usize {
        self.taken().iter().filter(|taken| taken.confirmed && taken.recipient == recipient).count()
    }

    /// How many letters to a recipient were announced.
    pub fn visits(&self, recipient: &str) -> usize {
        self.seen.visits.lock().unwrap().get(recipient).copied().unwrap_or_default()
    }

    /// Everything that clients said, but for messages.
    pub fn commands(&self) -> Vec<String> {
        self.seen.commands.lock().unwrap().clone()
    }

    /// How many connections there were at most at the same time.
    pub fn most_open(&self) -> usize {
        self.seen.most_open.load(Ordering::SeqCst)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.seen.has_ended.store(true, Ordering::SeqCst);
        // Wakes whoever waits for a connection.
        let _woken = TcpStream::connect(("127.0.0.1", self.port));
    }
}

const fn usual(step: Option<Step>) -> &'static str {
    match step {
        Some(Step::Connect) => "220 mail.example.test ESMTP",
        Some(Step::Hello) => "250-mail.example.test\r\n250 8BITMIME",
        Some(Step::Data) => "354 go ahead",
        _ => "250 2.0.0 fine",
    }
}

fn converse(mut stream: &TcpStream, connection: usize, seen: &Seen, script: &Script) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (mut recipient, mut sender, mut visit, mut taken) = (String::new(), String::new(), 0, 0);
    let mut step = Some(Step::Connect);
    loop {
        let point = |step| Point { step, connection, recipient: recipient.clone(), visit };
        let trick = step.map_or(Trick::None, |step| script(&point(step)));
        let reply = match trick {
            Trick::Say(reply) => reply,
            Trick::Close | Trick::Reset => return Ok(()),
            Trick::Hang => {
                // Until the client has had enough.
                while lines.read_line(&mut String::new())? > 0 {}
                return Ok(());
            }
            Trick::Late(after) => {
                thread::sleep(after);
                usual(step)
            }
            Trick::None => usual(step),
        };
        if step == Some(Step::Dot) && reply.starts_with("250") {
            seen.taken.lock().unwrap()[taken].confirmed = true;
        }
        write!(stream, "{reply}\r\n")?;
        if step == Some(Step::Data) && reply.starts_with('3') {
            if script(&point(Step::Dot)) == Trick::Reset {
                stream.peek(&mut [0])?;
                return Ok(());
            }
            let text = message(&mut lines)?;
            let message_id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap_or_default();
            let message_id = message_id.to_owned();
            let (recipient, sender) = (recipient.clone(), sender.clone());
            let mut all = seen.taken.lock().unwrap();
            taken = all.len();
            all.push(Taken { recipient, sender, message_id, confirmed: false, text });
            step = Some(Step::Dot);
            continue;
        }
        let said = line(&mut lines)?;
        seen.commands.lock().unwrap().push(said.clone());
        let address = || said.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        step = match said.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" | "HELO" => Some(Step::Hello),
            "MAIL" => {
                sender = address();
                Some(Step::Sender)
            }
            "RCPT" => {
                recipient = address();
                let mut visits = seen.visits.lock().unwrap();
                let visits = visits.entry(recipient.clone()).or_default();
                *visits += 1;
                visit = *visits;
                Some(Step::Recipient)
            }
            "DATA" => Some(Step::Data),
            _ => None,
        };
    }
}

fn message(lines: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let line = line(lines)?;
        if line == "." {
            return Ok(text);
        }
        text.push_str(&line);
        text.push('\n');
    }
}

fn line(lines: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if lines.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
