//! Sources: a folder of files, a folder of lists, or a database.

use super::Lowering;
use super::connection::{Connection, ConnectionPlace};
use super::list_columns::require_id;
use super::organisation::one_or_many;
use super::view::{PlaceKind, SourceView};
use crate::config::file::{GlobText, ItemsText, OneOrMany, Placed};
use crate::config::text::Span;
use crate::domain::hours::DayHours;
use crate::domain::register::{Place, Relation, Root, SourceSpec};
use std::collections::BTreeMap;

impl Lowering<'_> {
    /// Checks every named source, used or not.
    pub(super) fn check_sources(&mut self) {
        let declared = self.declared;
        for entry in declared.sources.values() {
            self.own_name(&entry.name, crate::domain::name::SourceName::new);
            if let Some(view) = self.shared_view(&entry.name, format!("source `{}`", entry.name.value)) {
                self.source(&view);
            }
        }
    }

    /// The source that readers work from, if nothing about it is wrong.
    pub(super) fn source(&mut self, view: &SourceView) -> Option<SourceSpec> {
        let found = match (&view.source.root, &view.source.connection) {
            (Some(root), Some(connection)) => {
                let second = root.span.max(connection.span);
                let hint = "keep `root` for files, or `connection` for a database".to_owned();
                self.report.problem(second, "a source is either a folder or a database", hint);
                None
            }
            (Some(root), None) => self.folder(view, root).map(|place| (place, None)),
            (None, Some(connection)) => self.database(view, connection),
            (None, None) => {
                let message = format!("{} is neither a folder nor a database", view.what);
                let hint = "write `root = \"...\"` and `files`, or `connection = \"...\"` and `table`".to_owned();
                if !view.tables.iter().any(|table| self.report.was_removed(*table, "connection")) {
                    self.report.missing(&view.tables, "root", message, hint);
                }
                None
            }
        };
        let fields = self.fields(view);
        let identity = self.identity(view);
        let (place, connection_zone) = found?;
        let own_zone = view.source.time_zone.as_ref().map(|zone| zone.value.0.clone());
        let time_zone = own_zone.or(connection_zone).unwrap_or_else(|| self.organisation_zone());
        let mut source = SourceSpec { place, fields: fields?, identity, time_zone };
        require_id(&mut source);
        Some(source)
    }

    fn folder(&mut self, view: &SourceView, root: &Placed<String>) -> Option<Place> {
        let source = &view.source;
        self.not_here(source.table.as_ref().map(|at| at.span), "table", "a folder has no tables");
        self.not_here(source.schema.as_ref().map(|at| at.span), "schema", "a folder has no tables");
        self.not_here(source.query.as_ref().map(|at| at.span), "query", "a folder is not queried");
        let root = self.root(root);
        if source.files.is_none() {
            let message = format!("{} does not say which files", view.what);
            self.report.missing(
                &view.tables,
                "files",
                message,
                "write `files = \"**/*.wav\"` or a list of globs".to_owned(),
            );
            return None;
        }
        if let Some(files) = source.files.as_ref().filter(|files| files.entries.is_empty()) {
            self.report.problem(
                files.span,
                "`files` has no glob",
                "write `files = \"**/*.wav\"` or a list of globs".to_owned(),
            );
        }
        let files = globs(source.files.as_ref());
        let exclude = globs(source.exclude.as_ref());
        if view.place_kind() == Some(PlaceKind::Files) {
            let why = "only lists have it, and here each file is an item";
            self.not_here(source.encoding.as_ref().map(|at| at.span), "encoding", why);
            self.not_here(source.sheet.as_ref().map(|at| at.span), "sheet", why);
            self.not_here(source.header_row.as_ref().map(|at| at.span), "header_row", why);
            self.not_here(source.columns.as_ref().map(|at| at.span), "columns", why);
            return Some(Place::Folder { root: root?, files, exclude });
        }
        if let Some(row) = source.header_row.as_ref().filter(|row| row.value == 0) {
            self.report.problem(row.span, "there is no row 0", "rows and lines are counted from 1".to_owned());
        }
        let columns = self.list_columns(view);
        Some(Place::Lists {
            root: root?,
            files,
            exclude,
            encoding: source.encoding.as_ref().map(|encoding| encoding.value.0),
            sheet: source.sheet.as_ref().map(|sheet| sheet.value.clone()),
            header_row: source.header_row.as_ref().map(|row| row.value),
            columns,
        })
    }

    pub(super) fn not_here(&mut self, span: Option<Span>, key: &str, why: &str) {
        if let Some(span) = span {
            self.report.problem(span, format!("`{key}` does not belong here: {why}"), "take it out".to_owned());
        }
    }

    fn database(
        &mut self,
        view: &SourceView,
        connection: &Placed<String>,
    ) -> Option<(Place, Option<jiff::tz::TimeZone>)> {
        let source = &view.source;
        let why = "it is for files, and this is a database";
        self.not_here(source.files.as_ref().map(|at| at.span), "files", why);
        self.not_here(source.exclude.as_ref().map(|at| at.span), "exclude", why);
        self.not_here(source.encoding.as_ref().map(|at| at.span), "encoding", why);
        self.not_here(source.sheet.as_ref().map(|at| at.span), "sheet", why);
        self.not_here(source.header_row.as_ref().map(|at| at.span), "header_row", why);
        self.not_here(source.columns.as_ref().map(|at| at.span), "columns", why);
        self.not_here(source.product_paths.as_ref().map(|at| at.span), "product_paths", why);
        self.not_here(source.matched_by.as_ref().map(|at| at.span), "matched_by", why);
        if let Some(items) = source.items.as_ref().filter(|items| items.value == ItemsText::Files) {
            self.not_here(Some(items.span), "items = \"files\"", "the items of a database are rows");
        }
        let relation = self.relation(view);
        let connection = self.connection(connection)?;
        let Connection { name: connection, place, time_zone, .. } = connection;
        let place = match place {
            ConnectionPlace::File(path) => {
                self.not_here(source.schema.as_ref().map(|at| at.span), "schema", "a SQLite database has none");
                Place::Sqlite { connection, path, relation: relation? }
            }
            ConnectionPlace::Server(server) => {
                let schema = source.schema.as_ref();
                if source.query.is_some() {
                    self.not_here(schema.map(|at| at.span), "schema", "a query names its tables itself");
                }
                if let Some(empty) = schema.filter(|schema| schema.trim().is_empty()) {
                    let hint = "write the schema that the table lies in, or leave it out".to_owned();
                    self.report.problem(empty.span, "`schema` is empty", hint);
                }
                Place::Server { connection, server, schema: schema.map(|at| at.value.clone()), relation: relation? }
            }
        };
        Some((place, time_zone))
    }

    fn relation(&mut self, view: &SourceView) -> Option<Relation> {
        let hint = || "write `table = \"...\"`, or `query = \"SELECT ...\"`".to_owned();
        match (&view.source.table, &view.source.query) {
            (Some(table), Some(query)) => {
                self.report.problem(table.span.max(query.span), "either a table is read or a query", hint());
                None
            }
            (Some(table), None) if table.trim().is_empty() => {
                self.report.problem(table.span, "`table` is empty", hint());
                None
            }
            (Some(table), None) => Some(Relation::Table(table.value.clone())),
            (None, Some(query)) => {
                let word = query.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                if matches!(word.as_str(), "select" | "with" | "values") {
                    return Some(Relation::Query(query.value.clone()));
                }
                let hint = "a query begins with SELECT, and only reads".to_owned();
                self.report.problem(query.span, "`query` does not read", hint);
                None
            }
            (None, None) => {
                let message = format!("{} does not say which table", view.what);
                if !view.tables.iter().any(|table| self.report.was_removed(*table, "query")) {
                    self.report.missing(&view.tables, "table", message, hint());
                }
                None
            }
        }
    }

    pub(super) fn root(&mut self, name: &Placed<String>) -> Option<Root> {
        self.of_server("root", "roots", name, &self.server.roots)
    }

    pub(super) fn connection(&mut self, name: &Placed<String>) -> Option<Connection> {
        self.of_server("connection", "connections", name, &self.server.connections)
    }

    /// The hours in which the source's connection is to be left alone.
    pub(super) fn avoided_hours(&self, view: &SourceView) -> Option<DayHours> {
        let connection = view.source.connection.as_ref()?;
        self.server.connections.get(&connection.value)?.as_ref()?.avoid
    }

    fn of_server<T: Clone>(
        &mut self,
        kind: &str,
        section: &str,
        name: &Placed<String>,
        known: &BTreeMap<String, Option<T>>,
    ) -> Option<T> {
        if let Some(found) = known.get(&name.value) {
            return found.clone();
        }
        if !self.report.section_was_removed(section) {
            let names = known.keys().map(String::as_str);
            let otherwise = format!("declare it under `[{section}]` of purposed.toml");
            self.report.unknown(name.span, kind, &name.value, names, &otherwise);
        }
        None
    }
}

fn globs(globs: Option<&OneOrMany<GlobText>>) -> Vec<String> {
    one_or_many(globs).map(|glob| glob.value.0.clone()).collect()
}
