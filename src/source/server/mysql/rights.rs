//! Which rights of a role, as the server tells them, go beyond reading.

/// Rights that let nobody change anything.
const HARMLESS: [&str; 10] = [
    "USAGE",
    "SELECT",
    "SHOW VIEW",
    "SHOW DATABASES",
    "PROCESS",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "SLAVE MONITOR",
    "LOCK TABLES",
    "PROXY",
];

/// The rights of a line of `SHOW GRANTS` that go beyond reading.
pub fn writing_rights(line: &str) -> Vec<String> {
    let Some(rights) = line.strip_prefix("GRANT ").and_then(|rest| rest.split_once(" ON ")).map(|(rights, _)| rights)
    else {
        return Vec::new();
    };
    let mut names = Vec::new();
    let mut depth = 0;
    let mut name = String::new();
    // Columns in parentheses belong to the right before them.
    for character in rights.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            _ if depth == 0 => name.push(character),
            _ => {}
        }
    }
    names.push(name);
    let names = names.iter().map(|name| name.trim().to_ascii_uppercase());
    names.filter(|name| !name.is_empty() && !HARMLESS.contains(&name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_beyond_reading_are_found_in_grants() {
        for (line, rights) in [
            ("GRANT USAGE ON *.* TO `purposed`@`%`", &[][..]),
            ("GRANT SELECT (`id`, `INSERT`), SHOW VIEW ON `crm`.* TO `purposed`@`%`", &[]),
            (
                "GRANT SELECT, INSERT, UPDATE (`a`, `b`), DELETE ON `crm`.`t` TO `x`@`%`",
                &["INSERT", "UPDATE", "DELETE"],
            ),
            ("GRANT ALL PRIVILEGES ON *.* TO `x`@`%` WITH GRANT OPTION", &["ALL PRIVILEGES"]),
            ("GRANT `staff` TO `x`@`%`", &[]),
        ] {
            assert_eq!(writing_rights(line), rights, "{line}");
        }
    }
}
