//! The shape of a file's path: digits and letters replaced, so that no name of a person, and no number, is shown. Only
//! words that programs write, and endings of known kinds of files, stay as they are. Pure.

/// Words that programs write into names of recordings, footage and lists.
const WORDS: [&str; 57] = [
    "rec",
    "recording",
    "recordings",
    "in",
    "out",
    "inbound",
    "outbound",
    "internal",
    "external",
    "exten",
    "force",
    "rg",
    "q",
    "queue",
    "msg",
    "voicemail",
    "inbox",
    "old",
    "call",
    "calls",
    "audio",
    "video",
    "clip",
    "clips",
    "snapshot",
    "snapshots",
    "event",
    "events",
    "export",
    "exports",
    "camera",
    "cam",
    "motion",
    "movie",
    "photo",
    "picture",
    "img",
    "dsc",
    "thumb",
    "list",
    "lists",
    "import",
    "backup",
    "archive",
    "data",
    "report",
    "survey",
    "seminar",
    "attendees",
    "members",
    "contacts",
    "subscribed",
    "unsubscribed",
    "cleaned",
    "segments",
    "monitor",
    "live",
];

/// Endings of files.
const ENDINGS: [&str; 48] = [
    "wav", "mp3", "gsm", "g722", "ogg", "opus", "flac", "m4a", "aac", "mp4", "mkv", "avi", "mov", "ts", "flv", "webm",
    "swf", "h264", "jpg", "jpeg", "png", "gif", "thumb", "csv", "tsv", "tab", "txt", "xlsx", "xlsm", "xls", "ods",
    "pdf", "doc", "docx", "zip", "gz", "tar", "7z", "db", "sqlite", "json", "xml", "html", "eml", "msg", "log", "bak",
    "tmp",
];

/// Deeper folders are told together.
const DEEPEST_FOLDERS: usize = 6;

/// The ending of a name in lower case, without its dot; `other` for one that is not of a known kind.
#[must_use]
pub fn ending(name: &str) -> &'static str {
    let Some((_, written)) = name.rsplit_once('.') else { return "none" };
    let written = written.to_ascii_lowercase();
    ENDINGS.iter().find(|known| **known == written).copied().unwrap_or("other")
}

/// A path whose digits and letters are replaced, and how long each run of digits is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// The shape; `#` stands for a run of digits.
    pub text: String,
    /// The lengths of the runs of digits.
    pub digits: Vec<usize>,
}

/// The shape of a path relative to its root.
#[must_use]
pub fn of_path(path: &[u8]) -> Shape {
    let path = String::from_utf8_lossy(path);
    let mut shape = Shape::default();
    let parts: Vec<&str> = path.split('/').collect();
    let (folders, name) = parts.split_at(parts.len().saturating_sub(1));
    for (index, folder) in folders.iter().enumerate() {
        if index == DEEPEST_FOLDERS {
            shape.text.push_str("<folders>/");
            break;
        }
        add(&mut shape, folder);
        shape.text.push('/');
    }
    for name in name {
        let (stem, dot) = name.rsplit_once('.').map_or((*name, false), |(stem, _)| (stem, true));
        add(&mut shape, stem);
        if dot {
            shape.text.push_str(&match ending(name) {
                "other" => ".<other>".to_owned(),
                known => format!(".{known}"),
            });
        }
    }
    shape
}

/// Adds the shape of a part of a path: its runs of letters and digits, and what lies between them.
fn add(shape: &mut Shape, part: &str) {
    let mut run = String::new();
    for character in part.chars().chain(['\0']) {
        // Whatever is no plain sign may be a letter of some script.
        if character.is_alphanumeric() || (!character.is_ascii() && !character.is_whitespace()) {
            run.push(character);
            continue;
        }
        add_run(shape, &run);
        run.clear();
        match character {
            '\0' => {}
            // What marks a shape, itself.
            '#' | '<' | '>' => shape.text.push('?'),
            sign if sign.is_ascii_graphic() || sign == ' ' => shape.text.push(sign),
            _ => shape.text.push('?'),
        }
    }
}

fn add_run(shape: &mut Shape, run: &str) {
    if run.is_empty() {
        return;
    }
    let is_digits = run.chars().all(|character| character.is_ascii_digit());
    if is_digits {
        shape.text.push('#');
        shape.digits.push(run.len());
    } else if WORDS.contains(&run.to_ascii_lowercase().as_str()) {
        shape.text.push_str(run);
    } else if run.chars().any(char::is_numeric) {
        shape.text.push_str("<letters and digits>");
    } else {
        shape.text.push_str("<letters>");
    }
}

/// The shape for people, where runs of digits are so long: always equally, or not.
#[must_use]
pub fn shown(shape: &str, lengths: &[(usize, usize)]) -> String {
    let mut lengths = lengths.iter();
    let mut text = String::new();
    for character in shape.chars() {
        match (character, lengths.clone().next()) {
            ('#', Some((least, most))) => {
                lengths.next();
                text.push_str(&match (least, most) {
                    (1, 1) => "<digit>".to_owned(),
                    (least, most) if least == most => format!("<{least} digits>"),
                    _ => "<digits>".to_owned(),
                });
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_path(path: &str) -> String {
        let shape = of_path(path.as_bytes());
        let lengths: Vec<(usize, usize)> = shape.digits.iter().map(|length| (*length, *length)).collect();
        shown(&shape.text, &lengths)
    }

    #[test]
    fn digits_and_letters_are_replaced() {
        for (path, shape) in [
            ("rec-0001.wav", "rec-<4 digits>.wav"),
            ("2026/08/28/in-0312345678-x.WAV", "<4 digits>/<2 digits>/<2 digits>/in-<10 digits>-<letters>.wav"),
            ("Yamada Taro.csv", "<letters> <letters>.csv"),
            ("山田 太郎.xlsx", "<letters> <letters>.xlsx"),
            ("山田\u{3000}太郎.xlsx", "<letters>?<letters>.xlsx"),
            ("a1b2c3.jpg", "<letters and digits>.jpg"),
            ("report.yamada", "report.<other>"),
            ("yamada", "<letters>"),
            ("a#<b>.wav", "<letters>??<letters>?.wav"),
            (
                "a/b/c/d/e/f/g/h/1.wav",
                "<letters>/<letters>/<letters>/<letters>/<letters>/<letters>/<folders>/<digit>.wav",
            ),
            ("１２３.wav", "<letters and digits>.wav"),
            (".bashrc", ".<other>"),
        ] {
            assert_eq!(shown_path(path), shape, "{path}");
        }
        assert_eq!(shown("#-#.wav", &[(3, 5), (1, 1)]), "<digits>-<digit>.wav");
    }

    proptest::proptest! {
        #[test]
        fn no_word_comes_through(word in "[a-z]{5,12}", number in "[0-9]{1,12}") {
            let path = format!("{word}/{number}/x{word}-{number}.{word}");
            let shape = shown_path(&path);
            let is_ours = WORDS.contains(&word.as_str()) || ENDINGS.contains(&word.as_str());
            let telling = ["letters", "digits", "digit", "other", "folders"];
            proptest::prop_assert!(is_ours || telling.iter().any(|own| own.contains(&word)) || !shape.contains(&word));
            let of_length = format!("<{} digits>", number.len());
            proptest::prop_assert!(!shape.replace(&of_length, "").contains(&number));
        }
    }
}
