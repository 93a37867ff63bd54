//! A scan that somebody interrupts on the command line: the server's statement ends with it, and nothing is stored.

use crate::servers::{mariadb, psql, servers};
use crate::world::{SALES, World};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Waits until `is_so`, or fails.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Scans a query that takes two minutes, sends the signal, and says how that ended. `running` counts its statements.
fn interrupt(world: &World, signal: rustix::process::Signal, running: &dyn Fn() -> usize) {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_purposed"))
        .args(["scan", "--config", "purposed.toml"])
        .current_dir(world.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ended = None;
    wait_until("the statement never began", || {
        ended = scan.try_wait().unwrap();
        ended.is_some() || running() == 1
    });
    assert!(ended.is_none(), "{}", String::from_utf8_lossy(&scan.wait_with_output().unwrap().stderr));
    let process = rustix::process::Pid::from_child(&scan);
    rustix::process::kill_process(process, signal).unwrap();
    wait_until("the scan goes on", || scan.try_wait().unwrap().is_some());
    let output = scan.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("stopping") && said.contains("nothing of it was stored"), "{said}");
    wait_until("the statement goes on", || running() == 0);
    let runs = world.run(&["runs"]).stdout;
    assert!(runs.contains("stopped"), "{runs}");
}

fn company(connection: &str, query: &str) -> World {
    let world = World::with_places(&format!("[connections.crm]\n{connection}\npassword = {{ file = \"password\" }}\n"));
    world.write(
        "register/register.toml",
        format!(
            "{SALES}[purposes.mailing]\nground = \"notice\"\n[categories.lists]\npurposes = [\"mailing\"]\n\
             [datasets.people]\ndivision = \"sales\"\ncategory = \"lists\"\npurposes = [\"mailing\"]\n\
             keep = {{ for = \"1 year\", from = \"at\" }}\n[datasets.people.source]\nconnection = \"crm\"\n\
             query = \"{query}\"\nfields = {{ at = \"at\", id = \"marker\" }}\n"
        ),
    );
    world
}

#[test]
fn an_interrupted_scan_ends_the_statement_of_mariadb() {
    let Some(servers) = servers() else { return };
    mariadb(
        servers,
        "CREATE DATABASE interrupted; CREATE TABLE interrupted.t (at datetime); INSERT INTO interrupted.t VALUES ('2020-01-01');",
    );
    let url = format!("url = \"mariadb://purposed@127.0.0.1:{}/interrupted\"", servers["mariadb"]);
    let world = company(&url, "SELECT at, SLEEP(120) AS marker FROM t");
    world.write("password", &servers["password"]);
    let running = || {
        let asked = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%AS marker%' AND info NOT LIKE '%processlist%'";
        mariadb(servers, asked).trim().parse().unwrap()
    };
    interrupt(&world, rustix::process::Signal::INT, &running);
}

#[test]
fn an_interrupted_scan_ends_the_statement_of_postgresql() {
    let Some(servers) = servers() else { return };
    psql(servers, "postgres", "CREATE DATABASE interrupted");
    let url = format!(
        "url = \"postgresql://purposed@localhost:{}/interrupted?sslmode=verify-full&sslrootcert={}\"",
        servers["postgresql"], servers["authority"]
    );
    let world = company(&url, "SELECT timestamptz '2020-01-01' AS at, pg_sleep(120)::text AS marker");
    world.write("password", &servers["password"]);
    let running = || {
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS marker%' AND query NOT LIKE '%pg_stat_activity%'";
        psql(servers, "postgres", asked).trim().parse().unwrap()
    };
    interrupt(&world, rustix::process::Signal::TERM, &running);
}
