//! Where products state their own retention.

use super::Lowering;
use super::connection::{Connection, ConnectionPlace};
use super::view::SourceView;
use crate::config::file::{Placed, ProductSettingFile};
use crate::config::suggest;
use crate::domain::register::{Product, ProductSetting, ServerKind, SettingEngine, SettingOf, SettingPlace};

impl Lowering<'_> {
    /// Where the product of a dataset states its retention; `view` is the dataset's source.
    pub(super) fn product_setting(
        &mut self,
        setting: &Placed<ProductSettingFile>,
        view: Option<&SourceView>,
    ) -> Option<ProductSetting> {
        let Some(product) = setting.product.as_ref().map(|product| product.value) else {
            let hint = "write `product = \"frigate\"`, `fusionpbx`, `mediamtx`, `motioneye` or `zoneminder`".to_owned();
            self.report.missing(&[setting.span], "product", "`product_setting` names no product", hint);
            return None;
        };
        let of = self.setting_of(product, setting.of.as_ref())?;
        let member = self.member(product, setting);
        let place = if product.is_in_database() {
            let why = "this product states its retention in its database";
            self.not_here(setting.root.as_ref().map(|at| at.span), "root", why);
            self.not_here(setting.file.as_ref().map(|at| at.span), "file", why);
            self.setting_database(product, setting, view)?
        } else {
            let why = "this product states its retention in a file";
            self.not_here(setting.connection.as_ref().map(|at| at.span), "connection", why);
            self.setting_file(product, setting)?
        };
        Some(ProductSetting { product, of, member, place })
    }

    fn setting_of(&mut self, product: Product, of: Option<&Placed<SettingOf>>) -> Option<SettingOf> {
        let kinds = product.kinds();
        let Some(of) = of else { return kinds.first().copied() };
        if !kinds.contains(&of.value) {
            let message = format!("{} has no setting of its own for `{}`", product.title(), of.value.as_str());
            let hint = format!("it has {}", suggest::list(kinds.iter().map(|kind| kind.as_str())));
            self.report.problem(of.span, message, hint);
            return None;
        }
        Some(of.value)
    }

    /// The camera, path or domain, under the key that the product has for it.
    fn member(&mut self, product: Product, setting: &ProductSettingFile) -> Option<String> {
        let keys = [("camera", &setting.camera), ("path", &setting.path), ("domain", &setting.domain)];
        let mut member = None;
        for (key, given) in keys {
            let Some(given) = given else { continue };
            if key == product.member() {
                member = Some(given.value.clone());
            } else {
                let why = format!("{} has settings for each {}", product.title(), product.member());
                self.not_here(Some(given.span), key, &why);
            }
        }
        member
    }

    fn setting_file(&mut self, product: Product, setting: &Placed<ProductSettingFile>) -> Option<SettingPlace> {
        let Some(root) = &setting.root else {
            let message = format!("nothing says where the configuration of {} lies", product.title());
            let hint = "write `root = \"...\"`, one of `[roots]` of purposed.toml, and `file = \"...\"`".to_owned();
            self.report.missing(&[setting.span], "root", message, hint);
            return None;
        };
        let root = self.root(root);
        let default = match product {
            Product::MediaMtx => "mediamtx.yml",
            Product::MotionEye => "camera-*.conf",
            Product::Frigate | Product::FusionPbx | Product::ZoneMinder => "config.yml",
        };
        let file = setting.file.as_ref().map_or(default, |file| file.value.0.as_str());
        let is_glob = product == Product::MotionEye;
        if let Some(given) = setting.file.as_ref().filter(|_| !is_glob && file.contains(['*', '?', '[', '{'])) {
            let hint = format!("write the path of the file, such as `file = \"{default}\"`");
            self.report.problem(given.span, "the configuration is one file, and this is a glob", hint);
        }
        Some(SettingPlace::File { root: root?, file: file.to_owned() })
    }

    fn setting_database(
        &mut self,
        product: Product,
        setting: &Placed<ProductSettingFile>,
        view: Option<&SourceView>,
    ) -> Option<SettingPlace> {
        let Some(name) = setting.connection.as_ref().or(view.and_then(|view| view.source.connection.as_ref())) else {
            let message = format!("nothing says where the database of {} is", product.title());
            let hint = "write `connection = \"...\"`, one of `[connections]` of purposed.toml".to_owned();
            self.report.missing(&[setting.span], "connection", message, hint);
            return None;
        };
        let Connection { name: connection, place, .. } = self.connection(name)?;
        let wanted = if product == Product::FusionPbx { ServerKind::Postgresql } else { ServerKind::Mysql };
        let engine = match place {
            ConnectionPlace::Server(server) if server.kind != wanted => {
                let message = format!("{} has its settings in another kind of database", product.title());
                let hint = match wanted {
                    ServerKind::Postgresql => "name a connection to its PostgreSQL",
                    ServerKind::Mysql => "name a connection to its MySQL or MariaDB",
                };
                self.report.problem(name.span, message, hint.to_owned());
                return None;
            }
            ConnectionPlace::Server(server) => SettingEngine::Server(server),
            ConnectionPlace::File(path) => SettingEngine::File(path),
        };
        Some(SettingPlace::Database { connection, engine })
    }
}
