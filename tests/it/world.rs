//! A small company in a temporary folder: the contract's own configuration with made-up data, and the
//! program run against it as a user runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The instant of the contract's examples.
pub const NOW: &str = "2027-02-28T12:00:00+09:00";

/// A name, a mail address and numbers that stand in the data and must never leave it.
pub const CANARIES: &[&str] = &["canary", "Canary", "金糸雀", "0312345678", "09012345678", "9012345678", "partner-a"];

/// What a register begins with: an organisation with one division.
pub const SALES: &str = r#"
[organisation]
name = "Example"
contact_point = "privacy@example.co.jp"
privacy_manager = "boss"
[people]
boss = { email = "boss@example.co.jp" }
[divisions.sales]
person_in_charge = "boss"
"#;

/// A company.
pub struct World {
    folder: TempDir,
}

/// What the program answered.
pub struct Answer {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A server that declares these connections and roots. Its register is what is written to `register/`, for which
    /// [`SALES`] is a beginning.
    pub fn with_places(places: &str) -> Self {
        let world = Self::empty();
        world.write(
            "purposed.toml",
            format!(
                "version = 1\nregister = \"register/*.toml\"\n[service]\nstate = \"state\"\n\
                 [mail]\nfrom = \"privacy@example.co.jp\"\n[mail.maildir]\npath = \"outbox\"\n{places}\n"
            ),
        );
        world
    }

    /// The contract's configuration with data of every kind.
    pub fn contract() -> Self {
        let world = Self { folder: TempDir::new().unwrap() };
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
        world.copy(&contract.join("purposed.toml"), "purposed.toml");
        for file in listed(&contract.join("register")) {
            world.copy(&file, &format!("register/{}", file.file_name().unwrap().to_str().unwrap()));
        }
        // A fixed key, so that the evidence's hashes, which letters print, are the same in every run.
        world.write("state/digest.key", "00112233445566778899aabbccddeeff".repeat(2));
        world.restrict("state/digest.key");
        world.recordings();
        world.lists();
        world.workbook();
        world.databases();
        world
    }

    /// The path of a file in the company's folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Adds text to the end of a file.
    pub fn append(&self, relative: &str, text: &str) {
        let mut content = fs::read(self.path(relative)).unwrap();
        content.extend_from_slice(text.as_bytes());
        self.write(relative, content);
    }

    fn copy(&self, from: &Path, to: &str) {
        self.write(to, fs::read(from).unwrap());
    }

    fn restrict(&self, relative: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(self.path(relative), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs `purposed ARGUMENTS --config purposed.toml` in the company's folder.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        self.run_with_input(arguments, "")
    }

    /// The same with a text on standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Answer {
        self.write("input", input);
        let output = Command::new(env!("CARGO_BIN_EXE_purposed"))
            .args(arguments)
            .args(["--config", "purposed.toml"])
            .current_dir(self.folder.path())
            .env("USER", "admin")
            .env_remove("SUDO_USER")
            .stdin(Stdio::from(fs::File::open(self.path("input")).unwrap()))
            .output()
            .unwrap();
        Answer {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Scans everything at `now` and returns the answer as JSON.
    pub fn scan(&self, now: &str) -> serde_json::Value {
        let answer = self.run(&["scan", "--now", now, "--format", "json"]);
        assert!(matches!(answer.code, 0 | 3), "scan failed: {}", answer.stderr);
        serde_json::from_str(&answer.stdout).unwrap()
    }

    /// The letters in the maildir, in the order of their numbers.
    pub fn letters(&self) -> Vec<String> {
        listed(&self.path("outbox/new")).iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// Every file beneath a folder.
    pub fn files(&self, relative: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(relative)];
        while let Some(folder) = folders.pop() {
            for path in listed(&folder) {
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    }

    /// Six calls: due this very second, due by a clamped month end, with hyphens in the number, due soon,
    /// young, and one whose name tells no date.
    fn recordings(&self) {
        for name in [
            "2026/08/28/in-0312345678-09012345678-20260828-120000-1787886000.1.wav",
            "2026/08/31/out-0312345678-09012345678-20260831-115959-1788145199.2.wav",
            "2026/08/01/in-03-1234-5678-canary-20260801-090000-1785542400.3.wav",
            "2026/09/15/in-0312345678-09012345678-20260915-101500-1789434900.4.wav",
            "2027/02/01/in-0312345678-09012345678-20270201-101500-1801444500.5.wav",
            "2026/08/28/canary.wav",
            "2026/08/28/canary.txt",
        ] {
            self.write(&format!("data/monitor/{name}"), b"RIFF");
        }
    }

    fn lists(&self) {
        let seminar = "受付番号,氏名,メールアドレス,開催日,利用目的\r\n\
                       1,金糸雀 一郎,canary1@example.jp,令和8年2月27日,情報提供\r\n\
                       2,金糸雀 二郎,Canary2@Example.JP,R8.2.28,資料送付\r\n\
                       3,金糸雀 三郎,,２０２６年３月１日,集計\r\n\
                       4,金糸雀 四郎,canary4@example.jp,令和8年13月1日,\r\n\
                       合計,4\r\n";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(seminar);
        self.write("data/lists/seminar/partner-a.csv", bytes);
        self.write("data/lists/do-not-call.csv", "tel,since\n+81 90-1234-5678,2026-01-01\n");
        self.write("data/lists/acme/billing.csv", "customer_no,name\nC-1,Canary A\nC-2,Canary B\n");
        self.write("data/lists/applicants.csv", "id,name,applied_at\nA-1,Canary,2025/03/31\nA-2,Canary,2025/04/01\n");
    }

    fn workbook(&self) {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet().set_name("名簿").unwrap();
        for (column, text) in ["No", "氏名", "電話番号", "取得日"].into_iter().enumerate() {
            sheet.write(0, u16::try_from(column).unwrap(), text).unwrap();
        }
        // A number that lost its leading zero, and a serial date; then texts.
        sheet.write(1, 0, 1).unwrap();
        sheet.write(1, 1, "金糸雀").unwrap();
        sheet.write(1, 2, 9_012_345_678_i64).unwrap();
        sheet.write(1, 3, 45_880).unwrap();
        sheet.write(2, 0, 2).unwrap();
        sheet.write(2, 1, "金糸雀").unwrap();
        sheet.write(2, 2, "080-0000-0001").unwrap();
        sheet.write(2, 3, "2026-12-01").unwrap();
        fs::create_dir_all(self.path("data/lists/purchased")).unwrap();
        workbook.save(self.path("data/lists/purchased/list-2025.xlsx")).unwrap();
    }

    fn databases(&self) {
        self.sql(
            "data/frigate.db",
            "CREATE TABLE recordings (id TEXT PRIMARY KEY, camera TEXT NOT NULL, path TEXT, start_time DATETIME NOT NULL,
                 end_time DATETIME, duration REAL);
             CREATE INDEX recordings_start ON recordings (start_time DESC);
             INSERT INTO recordings VALUES
                 ('1', 'entrance', '/media/frigate/canary-1.mp4', 1801191600.0, 1801191610.0, 10),
                 ('2', 'entrance', '/media/frigate/canary-2.mp4', 1801191600.5, 1801191610.0, 10),
                 ('3', 'vault-1', '/media/frigate/canary-3.mp4', 1796007600.0, 1796007610.0, 10),
                 ('4', 'vault-1', '/media/frigate/canary-4.mp4', 1801191600.0, 1801191610.0, 10);",
        );
        self.sql(
            "data/consents.db",
            "CREATE TABLE consents (email TEXT, phone TEXT, purpose TEXT, given_at TEXT, withdrawn_at TEXT);
             INSERT INTO consents VALUES
                 ('canary1@example.jp', NULL, '情報提供', '2025-02-28 12:00:00', NULL),
                 ('canary2@example.jp', NULL, 'sending-materials', '2026-03-01', '2026-04-01T00:00:00Z'),
                 (NULL, '080-0000-0001', 'direct-marketing', '2026-12-01', NULL);",
        );
    }

    /// Runs statements on a database of the company, as another program would.
    pub fn sql(&self, relative: &str, statements: &str) {
        use sqlx::ConnectOptions as _;
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
            sqlx::Connection::close(connection).await.unwrap();
        });
    }
}

/// The text without the ordinals of files, which come in the order in which threads meet them.
pub fn without_ordinals(text: &str) -> String {
    let mut words = text.split("item ");
    let mut read = words.next().unwrap_or_default().to_owned();
    for word in words {
        let rest = word.trim_start_matches(|character: char| character.is_ascii_digit());
        read.push_str(if rest.len() < word.len() { "item N" } else { "item " });
        read.push_str(rest);
    }
    read
}

/// What lies in a folder, sorted; nothing where there is no folder.
#[expect(clippy::disallowed_methods, reason = "the test's own folders are listed, nothing that is scanned")]
fn listed(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The items, new, continuing and gone of one finding in a scan's answer; `None` when it is not there.
pub fn counts(scan: &serde_json::Value, dataset: &str, rule: &str, reason: &str) -> Option<[u64; 4]> {
    let finding = scan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["dataset"] == dataset && finding["rule"] == rule && finding["reason"] == reason)?;
    Some(["items", "new", "continuing", "gone"].map(|key| finding[key].as_u64().unwrap()))
}

/// The identifier of one finding in a scan's answer.
pub fn finding_id(scan: &serde_json::Value, dataset: &str, reason: &str) -> String {
    let findings = scan["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["dataset"] == dataset && finding["reason"] == reason);
    finding.unwrap()["id"].as_str().unwrap().to_owned()
}
