//! Engines of MariaDB that lock a whole table while it is read.

use super::*;

#[test]
fn rows_of_engines_that_lock_whole_tables_are_set_aside() {
    for (name, engine, of_locked) in [("engine_locks", "MyISAM", true), ("engine_snapshots", "InnoDB", false)] {
        let statements = format!(
            "CREATE TABLE t (id int) ENGINE = {engine}; CREATE VIEW v AS SELECT id FROM t;
             CREATE TABLE u (id int) ENGINE = InnoDB"
        );
        let Some(world) = World::new(ServerKind::Mysql, name, &statements) else { return };
        let id = || vec![column("id", "id", vec![])];
        for (source, expected) in [
            (world.table("t", id()), of_locked),
            (world.table("u", id()), false),
            (world.table("v", id()), of_locked),
            (world.query("SELECT id FROM t", id()), of_locked),
        ] {
            let server = Server::of(&source).unwrap();
            let hint = run(async {
                let mut session = mysql::Mysql::open(&server).await.unwrap();
                session.columns(&server).await.unwrap();
                session.select_hint()
            });
            assert_eq!(hint == "SQL_BUFFER_RESULT ", expected, "{engine}: {}", server.describe());
            assert!(read_all(&source).unwrap().0.parts[0].whole);
        }
    }
}
