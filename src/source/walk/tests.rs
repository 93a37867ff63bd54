//! Walks that meet trouble.

use super::*;
use rustix::fs::{Mode, OFlags};
use std::fs;
use tempfile::TempDir;

struct Names<'n> {
    seen: Vec<Vec<u8>>,
    on_file: &'n (dyn Fn(&[u8]) + Sync),
}

impl Visitor for Names<'_> {
    fn file(&mut self, found: &Found<'_>) {
        self.seen.push(found.path.to_vec());
        (self.on_file)(found.path);
    }
}

fn walk_with<'n>(root: &TempDir, on_file: &'n (dyn Fn(&[u8]) + Sync)) -> (Walked<Names<'n>>, Vec<Vec<u8>>) {
    let rules = PathRules::compile(&["**/*".to_owned()], &[]).unwrap();
    let descriptor = rustix::fs::open(root.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
    let walked = walk(descriptor, &rules, &AtomicBool::new(false), || Names { seen: Vec::new(), on_file });
    let mut seen: Vec<Vec<u8>> = walked.visitors.iter().flat_map(|visitor| visitor.seen.clone()).collect();
    seen.sort();
    (walked, seen)
}

#[test]
fn a_folder_that_cannot_be_opened_is_counted_and_the_others_are_read() {
    let made = TempDir::new().unwrap();
    for name in ["a", "b", "c"] {
        fs::create_dir(made.path().join(name)).unwrap();
        fs::write(made.path().join(name).join("x"), b"").unwrap();
    }
    // The system opens no folder through a link, so this one cannot be opened once it was listed as a
    // folder: the worker is told of it as the walk would tell.
    std::os::unix::fs::symlink(made.path().join("a"), made.path().join("swapped")).unwrap();
    let descriptor = rustix::fs::open(made.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
    let parent = Arc::new(Folder { descriptor, path: Vec::new() });
    let rules = PathRules::compile(&["**/*".to_owned()], &[]).unwrap();
    let cancel = AtomicBool::new(false);
    let open = |name: &CStr| Work::Open { parent: Arc::clone(&parent), name: name.to_owned() };
    let queue = Queue::starting_with(open(c"swapped"), 1);
    queue.add([open(c"a"), open(c"gone")]);
    let visitor = Names { seen: Vec::new(), on_file: &|_| {} };
    let worker = Worker::new(&queue, &rules, &cancel, visitor).run();
    assert_eq!(worker.visitor.seen, [b"a/x".to_vec()]);
    let walked = Walked { visitors: vec![worker.visitor], unread_folders: worker.unread_folders, why: worker.why };
    assert_eq!(walked.unread_folders, 2);
    let trouble = walked.trouble().unwrap();
    assert!(trouble.starts_with("2 folders could not be read, one of them because: "), "{trouble}");
}

#[test]
fn a_folder_that_disappears_during_the_walk_is_counted() {
    let made = TempDir::new().unwrap();
    fs::write(made.path().join("first"), b"").unwrap();
    for name in 0..40 {
        fs::create_dir(made.path().join(name.to_string())).unwrap();
    }
    // Folders are opened after the stretch of names in which they were listed.
    let remove_all = |_: &[u8]| {
        for name in 0..40 {
            fs::remove_dir(made.path().join(name.to_string())).unwrap();
        }
    };
    let (walked, seen) = walk_with(&made, &remove_all);
    assert_eq!(seen, [b"first".to_vec()]);
    assert_eq!(walked.unread_folders, 40);
    assert_eq!(walked.trouble().unwrap(), "40 folders could not be read, one of them because: it is not there");
}

#[test]
fn deep_folders_are_reached_however_long_their_path() {
    let made = TempDir::new().unwrap();
    let name = "d".repeat(200);
    let mut folder = rustix::fs::open(made.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..40 {
        rustix::fs::mkdirat(&folder, &name, Mode::RWXU).unwrap();
        folder = rustix::fs::openat(&folder, &name, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    rustix::fs::openat(&folder, "x", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
    let (walked, seen) = walk_with(&made, &|_| {});
    assert_eq!(walked.unread_folders, 0);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].len(), 40 * 201 + 1);
}
