//! The company's databases: the recorder's own index, as Frigate makes it, and the ledger of consents.

use super::{Chance, Company, person};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::io;

const FRIGATE: &str = r#"
CREATE TABLE "recordings" (
    "id" VARCHAR(30) NOT NULL PRIMARY KEY, "camera" VARCHAR(20) NOT NULL, "path" VARCHAR(255) NOT NULL,
    "start_time" DATETIME NOT NULL, "end_time" DATETIME NOT NULL, "duration" REAL NOT NULL,
    "motion" INTEGER, "objects" INTEGER, "dBFS" INTEGER, "segment_size" REAL NOT NULL DEFAULT 0, "regions" INTEGER);
CREATE UNIQUE INDEX "recordings_path" ON "recordings" ("path");
CREATE INDEX "recordings_camera" ON "recordings" ("camera");
CREATE INDEX "recordings_api_recordings" ON "recordings" (start_time DESC, end_time DESC);
CREATE INDEX "recordings_end_time_start_time" ON "recordings" (end_time DESC, start_time DESC);
"#;

const CONSENTS: &str = "
CREATE TABLE consents (
    email TEXT, phone TEXT, purpose TEXT NOT NULL, given_at TEXT NOT NULL, withdrawn_at TEXT);
CREATE INDEX consents_email ON consents (email);
";

/// Writes both. The library is asynchronous; a thread of its own is right within a runtime and without one.
pub(super) fn write(company: &Company, chance: &mut Chance) -> io::Result<()> {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        runtime.block_on(async {
            footage(company, chance).await.map_err(io::Error::other)?;
            consents(company, chance).await.map_err(io::Error::other)
        })
    };
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err(io::Error::other("the databases of the made-up company could not be written")))
}

async fn open(company: &Company, path: &str) -> Result<SqliteConnection, sqlx::Error> {
    let path = company.path(path).map_err(sqlx::Error::Io)?;
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    options.journal_mode(SqliteJournalMode::Wal).connect().await
}

/// A segment every quarter of an hour from four cameras. Most cameras forget after thirty days; one of them
/// was left out of the recorder's clean-up, and the vault's may be kept for ninety.
async fn footage(company: &Company, chance: &mut Chance) -> Result<(), sqlx::Error> {
    const CAMERAS: &[(&str, u32)] = &[("entrance", 29), ("car-park", 29), ("loading-bay", 41), ("vault-north", 93)];
    let mut connection = open(company, "data/frigate.db").await?;
    sqlx::raw_sql(FRIGATE).execute(&mut connection).await?;
    let mut transaction = connection.begin().await?;
    for (camera, days) in CAMERAS {
        for quarter in 0..days * 96 {
            let at = company.minutes_ago(quarter * 15 + 1);
            let start = at.timestamp().as_millisecond() as f64 / 1_000.0;
            let utc = at.with_time_zone(jiff::tz::TimeZone::UTC);
            sqlx::query(
                "INSERT INTO recordings (id, camera, path, start_time, end_time, duration, segment_size)
                 VALUES (?, ?, ?, ?, ?, 10.0, ?)",
            )
            .bind(format!("{start:.3}-{:05}{camera}", chance.below(100_000)))
            .bind(*camera)
            .bind(format!(
                "/media/frigate/recordings/{}/{camera}/{}.mp4",
                utc.strftime("%Y-%m-%d/%H"),
                utc.strftime("%M.%S")
            ))
            .bind(start)
            .bind(start + 10.0)
            .bind(f64::from(chance.below(40)) / 10.0)
            .execute(&mut *transaction)
            .await?;
        }
    }
    transaction.commit().await?;
    connection.close().await
}

/// Who agreed to what: most people, for the purposes that they were asked for. Some took it back, some agreed
/// to something else, some so long ago that it counts no more.
async fn consents(company: &Company, chance: &mut Chance) -> Result<(), sqlx::Error> {
    let mut connection = open(company, "data/consents.db").await?;
    sqlx::raw_sql(CONSENTS).execute(&mut connection).await?;
    let mut transaction = connection.begin().await?;
    for number in 0..2_400 {
        if chance.percent(10) {
            continue;
        }
        let person = person(number);
        let purposes: &[&str] = match chance.below(20) {
            0 => &["survey-analysis"],
            _ if number >= 1_200 => &["direct-marketing"],
            _ => &["seminar-information", "sending-materials"],
        };
        let given_days = if chance.percent(8) { 740 + chance.below(100) } else { 400 + chance.below(250) };
        let withdrawn = chance.percent(4).then(|| company.day(1 + chance.below(390)).to_string());
        for purpose in purposes {
            sqlx::query("INSERT INTO consents VALUES (?, ?, ?, ?, ?)")
                .bind(&person.email)
                .bind(&person.phone)
                .bind(*purpose)
                .bind(company.day(given_days).to_string())
                .bind(&withdrawn)
                .execute(&mut *transaction)
                .await?;
        }
    }
    transaction.commit().await?;
    connection.close().await
}
