//! Where products state their own retention: what is taken where nothing is said, and what does not go together.

use super::world::{DATASET, ORGANISATION, SERVER, SOURCE, faults, load_files, told};
use crate::domain::register::{Product, ProductSetting, SettingOf, SettingPlace};

fn setting(keys: &str) -> String {
    format!("{DATASET}product_setting = {{ {keys} }}\n{SOURCE}")
}

/// The setting, with two servers among the connections.
fn read(register: &str) -> ProductSetting {
    let server = format!("{SERVER}zm = \"mariadb://reader@127.0.0.1/zm?sslmode=disable\"\n");
    let files = [("purposed.toml", server.as_str()), ("register/a.toml", ORGANISATION), ("register/b.toml", register)];
    let loaded = load_files(&files).unwrap_or_else(|problems| panic!("{}", told(&problems)));
    loaded.register.datasets.values().next().unwrap().product_setting.clone().unwrap()
}

#[test]
fn what_is_not_said_is_taken_as_products_have_it() {
    let file = |product: &str| match read(&setting(&format!("product = \"{product}\", root = \"lists\""))).place {
        SettingPlace::File { root, file } => format!("{} {file}", root.name.as_str()),
        SettingPlace::Database { .. } => panic!("{product} is no database"),
    };
    assert_eq!(file("frigate"), "lists config.yml");
    assert_eq!(file("mediamtx"), "lists mediamtx.yml");
    assert_eq!(file("motioneye"), "lists camera-*.conf");
    let own = read(&setting("product = \"frigate\", root = \"lists\", of = \"exports\", camera = \"door\""));
    assert_eq!((own.product, own.of, own.member.as_deref()), (Product::Frigate, SettingOf::Exports, Some("door")));
    let zoneminder = setting("product = \"zoneminder\"");
    let of_source =
        zoneminder.replace("root = \"lists\"\nfiles = \"*.csv\"", "connection = \"zm\"\ntable = \"Events\"");
    assert!(matches!(read(&of_source).place, SettingPlace::Database { connection, .. } if connection.as_str() == "zm"));
}

#[test]
fn what_does_not_go_together_is_told() {
    let told = |keys: &str| faults(&setting(keys));
    for (keys, message) in [
        ("root = \"lists\"", "`product_setting` names no product"),
        ("product = \"frigate\"", "nothing says where the configuration of Frigate lies"),
        ("product = \"zoneminder\"", "nothing says where the database of ZoneMinder is"),
        (
            "product = \"frigate\", root = \"lists\", file = \"*.yml\"",
            "the configuration is one file, and this is a glob",
        ),
        ("product = \"frigate\", root = \"lists\", of = \"calls\"", "Frigate has no setting of its own for `calls`"),
        ("product = \"frigate\", root = \"lists\", path = \"x\"", "`path` does not belong here"),
        ("product = \"frigate\", root = \"lists\", connection = \"nvr\"", "`connection` does not belong here"),
        ("product = \"zoneminder\", connection = \"nvr\", file = \"x\"", "`file` does not belong here"),
        ("product = \"frigate\", root = \"nowhere\"", "there is no root `nowhere`"),
        ("product = \"blue-iris\", root = \"lists\"", "blue-iris"),
    ] {
        let told = told(keys);
        assert!(told.contains(message), "{keys}: {told}");
        assert!(told.contains("hint: "), "{keys}: {told}");
    }
}
