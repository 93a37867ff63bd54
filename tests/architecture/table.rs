//! The architecture as data: which layer may import which, and where crates and parts of the standard
//! library are at home. A change of architecture is a change of this file, with its reason.

/// A layer (a top-level module of the library) and the layers that it may import beside itself, in groups.
pub type Layer = (&'static str, &'static [&'static [&'static str]]);

/// Everything that is at the disposal of all layers but the pure ones.
const LAYERS_BELOW_APP: &[&str] =
    &["scan", "source", "store", "mail", "config", "rule", "notify", "domain", "clock", "secret", "telemetry"];

/// Downwards only. `source`, `store` and `mail` never import each other: what they share is in `domain`.
/// `clock` and `secret` speak of the domain's types; the pure layers know neither.
pub const LAYERS: &[Layer] = &[
    ("main", &[&["cli"]]),
    ("cli", &[&["daemon", "app"], LAYERS_BELOW_APP]),
    ("daemon", &[&["web", "app"], LAYERS_BELOW_APP]),
    ("web", &[&["app"], LAYERS_BELOW_APP]),
    ("app", &[LAYERS_BELOW_APP]),
    ("scan", &[&["source", "config", "rule", "notify", "domain", "clock", "secret", "telemetry"]]),
    ("source", &[&["config", "rule", "domain", "clock", "secret", "telemetry"]]),
    ("store", &[&["config", "rule", "notify", "domain", "clock", "secret", "telemetry"]]),
    ("mail", &[&["config", "notify", "domain", "clock", "secret", "telemetry"]]),
    ("config", &[&["rule", "notify", "domain", "secret"]]),
    ("rule", &[&["domain"]]),
    ("notify", &[&["domain"]]),
    ("domain", &[]),
    ("clock", &[&["domain"]]),
    ("secret", &[&["domain"]]),
    ("telemetry", &[&["domain", "secret"]]),
];

/// A path that is at home only in some modules.
pub struct Home {
    /// The path's first segments.
    pub path: &'static str,
    /// Modules (with everything beneath them) where it may be named.
    pub modules: &'static [&'static str],
    /// Why.
    pub reason: &'static str,
}

const fn home(path: &'static str, modules: &'static [&'static str], reason: &'static str) -> Home {
    Home { path, modules, reason }
}

const EFFECTS: &[&str] = &["main", "cli", "daemon", "web", "app", "scan", "source", "store", "mail"];
const PURITY: &str = "the layers below the adapters have no effects";

/// Where crates and parts of the standard library are at home; the longest path that matches decides. Tests
/// beside the code are free of this.
pub const HOMES: &[Home] = &[
    home("clap", &["cli"], "arguments are the command line's"),
    home("clap_complete", &["cli"], "arguments are the command line's"),
    home("clap_mangen", &["cli"], "arguments are the command line's"),
    home("comfy_table", &["cli"], "only the command line prints"),
    home("indicatif", &["cli"], "only the command line prints"),
    home("anyhow", &["cli", "main"], "every other module has an error type of its own"),
    home("lettre", &["mail"], "letters are sent and encoded in one place"),
    home("lettre::Address", &["config", "mail"], "addresses are checked by what later sends to them"),
    home("lettre::message::Mailbox", &["config", "mail"], "addresses are checked by what later sends to them"),
    home("mail_parser", &["mail"], "letters are sent, and read when they come back, in one place"),
    home("minijinja", &["notify"], "letters are rendered in one place"),
    // The demo makes up other products' databases and lists, which no adapter writes.
    home("sqlx", &["source", "store", "app::demo"], "databases are for the adapters"),
    home("encoding_rs", &["source", "app::demo"], "lists are decoded in one place"),
    home("rust_xlsxwriter", &["app::demo"], "nothing but the demo writes workbooks"),
    home("calamine", &["source"], "lists are read in one place"),
    home("simd_csv", &["source"], "lists are read in one place"),
    home("zip", &["source"], "lists are read in one place"),
    home("quick_xml", &["source"], "lists are read in one place"),
    home("url", &["config"], "what a connection's URL says is read in one place"),
    home("percent_encoding", &["config"], "what a connection's URL says is read in one place"),
    home("toml", &["config"], "configuration is read in one place"),
    home("serde_saphyr", &["source"], "only products' own configuration is YAML"),
    home("schemars", &["config", "domain"], "configuration is described by its own types"),
    home("cron", &["rule::schedule"], "schedules are read in one place"),
    home("chrono", &["rule::schedule"], "time is `jiff`'s; `cron` alone speaks of it otherwise"),
    home("axum", &["web"], "requests are answered in one place"),
    home("hyper", &["web"], "requests are answered in one place"),
    home("hyper_util", &["web"], "requests are answered in one place"),
    home("prometheus_client", &["web"], "metrics are written in one place"),
    home("sd_notify", &["daemon"], "the service manager is told in one place"),
    home("tracing_journald", &["telemetry"], "logging is set up in one place"),
    home("tracing_subscriber", &["telemetry"], "logging is set up in one place"),
    home("tracing", &["main", "cli", "daemon", "web", "app", "scan", "source", "store", "mail", "telemetry"], PURITY),
    home("tokio", EFFECTS, PURITY),
    home("rustix", EFFECTS, PURITY),
    // Sorting on all cores is no effect.
    home("rayon", &["app", "scan", "source", "store", "rule"], PURITY),
    home("getrandom", &["app", "store", "mail", "secret"], PURITY),
    home("std::fs", &["app", "cli", "daemon", "source", "store", "mail", "secret", "config::read"], PURITY),
    home("std::env", &["cli"], "the environment is the command line's; everything else is given its settings"),
    home("std::net", &["source", "store", "mail", "web"], "the network is for the adapters"),
    home(
        "std::net::SocketAddr",
        &["config", "cli", "mail", "daemon", "web", "app"],
        "an address is a setting, a connection is not",
    ),
    home("std::net::IpAddr", &["config", "cli", "mail", "web"], "an address is a setting, a connection is not"),
    home("std::os::unix::net", &["source", "store", "mail", "daemon", "cli"], "the network is for the adapters"),
    home("std::process", &["main", "cli", "mail"], "exit codes are the command line's, programs the mailer's"),
    home("std::thread", EFFECTS, PURITY),
];

/// Types whose `now` reads the wall clock: only `clock` may.
pub const WALL_CLOCKS: &[&str] = &["Timestamp", "ZonedDateTime", "Zoned", "DateTime", "SystemTime"];

/// Macros that print: only the command line may.
pub const PRINTING: &[&str] = &["println", "print", "eprintln", "eprint", "dbg"];

/// No source file is longer than this.
pub const LONGEST_FILE_LINES: usize = 600;
/// Half of all source files are no longer than this.
pub const MEDIAN_FILE_LINES: usize = 150;
/// Nine of ten source files are no longer than this.
pub const P90_FILE_LINES: usize = 350;
