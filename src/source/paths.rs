//! Which paths beneath a root belong to a source, and which folders can be passed by without opening
//! them. Globs match the whole path relative to the root; `*` never crosses a slash.

use super::SourceError;
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

/// The globs of a source, compiled.
#[derive(Debug)]
pub struct PathRules {
    /// The common case, `**/*.wav` or `recordings/**/*.wav`, which is told without a glob.
    plain: Vec<Plain>,
    included: GlobSet,
    excluded: GlobSet,
    /// Folders that are left out with everything beneath them.
    pruned: GlobSet,
    /// Where the patterns can lead; empty when nothing is known of one of them.
    routes: Vec<Route>,
}

/// All files below one folder whose paths end alike.
#[derive(Debug)]
struct Plain {
    /// The folder with a slash behind it; empty for the root.
    folder: Vec<u8>,
    suffix: Vec<u8>,
}

/// The folders in which a pattern can match.
#[derive(Debug)]
struct Route {
    /// The components up to the first `**`; nothing for those with wildcards.
    literal: Vec<Option<Vec<u8>>>,
    /// The deepest folder that can hold a match; nothing with `**`.
    depth: Option<usize>,
}

impl PathRules {
    /// Compiles the globs.
    pub fn compile(files: &[String], exclude: &[String]) -> Result<Self, SourceError> {
        let (mut plain, mut included) = (Vec::new(), GlobSetBuilder::new());
        for pattern in files {
            match Plain::of(pattern) {
                Some(found) => plain.push(found),
                None => drop(included.add(glob(pattern)?)),
            }
        }
        let (mut excluded, mut pruned) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in exclude {
            excluded.add(glob(pattern)?);
            pruned.add(glob(pattern)?);
            if let Some(folder) = pattern.strip_suffix("/**").filter(|folder| !folder.is_empty() && *folder != "**") {
                pruned.add(glob(folder)?);
            }
        }
        let routes: Option<Vec<Route>> = files.iter().map(|pattern| route(pattern)).collect();
        Ok(Self {
            plain,
            included: build(&included)?,
            excluded: build(&excluded)?,
            pruned: build(&pruned)?,
            routes: routes.unwrap_or_default(),
        })
    }

    /// Whether the file at `path` belongs to the source.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        let is_plain = self.plain.iter().any(|plain| plain.matches(path));
        if self.excluded.is_empty() && (is_plain || self.included.is_empty()) {
            return is_plain;
        }
        let candidate = Candidate::from_bytes(path);
        (is_plain || self.included.is_match_candidate(&candidate)) && !self.excluded.is_match_candidate(&candidate)
    }

    /// Whether the folder at `path` can hold a file that belongs to the source.
    #[must_use]
    pub fn enters(&self, path: &[u8]) -> bool {
        let reachable = self.routes.is_empty() || self.routes.iter().any(|route| route.leads_through(path));
        reachable && (self.pruned.is_empty() || !self.pruned.is_match_candidate(&Candidate::from_bytes(path)))
    }
}

impl Plain {
    /// What `**/*suffix` or `folder/**/*suffix` asks for, where that is all that the pattern asks for.
    fn of(pattern: &str) -> Option<Self> {
        let (folder, suffix) = match pattern.strip_prefix("**/*") {
            Some(suffix) => ("", suffix),
            None => pattern.split_once("**/*")?,
        };
        let is_plain = (folder.is_empty() || folder.ends_with('/')) && !has_wildcard(folder) && !has_wildcard(suffix);
        let plain = Self { folder: folder.as_bytes().to_vec(), suffix: suffix.as_bytes().to_vec() };
        (is_plain && !suffix.contains('/')).then_some(plain)
    }

    fn matches(&self, path: &[u8]) -> bool {
        path.strip_prefix(self.folder.as_slice()).is_some_and(|below| below.ends_with(&self.suffix))
    }
}

impl Route {
    fn leads_through(&self, path: &[u8]) -> bool {
        let mut depth = 0;
        for (index, component) in path.split(|&byte| byte == b'/').enumerate() {
            if let Some(Some(literal)) = self.literal.get(index)
                && literal != component
            {
                return false;
            }
            depth = index + 1;
        }
        self.depth.is_none_or(|deepest| depth <= deepest)
    }
}

fn build(builder: &GlobSetBuilder) -> Result<GlobSet, SourceError> {
    builder.build().map_err(|_| SourceError::Unfit("the globs cannot be read together".to_owned()))
}

fn glob(pattern: &str) -> Result<globset::Glob, SourceError> {
    let built = GlobBuilder::new(pattern).literal_separator(true).build();
    built.map_err(|problem| SourceError::Unfit(format!("the glob `{pattern}` cannot be read: {}", problem.kind())))
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', ']', '{', '}', '\\', '!'])
}

/// Where a pattern leads. Nothing is known of patterns in which a slash may not be what it seems.
fn route(pattern: &str) -> Option<Route> {
    if pattern.contains(['[', '{', '\\']) {
        return None;
    }
    let components: Vec<&str> = pattern.split('/').collect();
    let folders = &components[..components.len() - 1];
    let known = folders.iter().take_while(|component| !component.contains("**"));
    let literal = known.map(|component| (!has_wildcard(component)).then(|| component.as_bytes().to_vec())).collect();
    let depth = (!pattern.contains("**")).then_some(folders.len());
    Some(Route { literal, depth })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(files: &[&str], exclude: &[&str]) -> PathRules {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        PathRules::compile(&owned(files), &owned(exclude)).unwrap()
    }

    #[test]
    fn double_star_matches_at_every_depth() {
        for rules in [rules(&["**/*.wav"], &[]), rules(&["**/*.{wav,gsm}"], &[]), rules(&["**/*.[w]av"], &[])] {
            assert!(rules.matches(b"a.wav") && rules.matches(b"2026/01/15/a.wav") && rules.matches(b"x/\xff.wav"));
            assert!(!rules.matches(b"a.wav.part") && !rules.matches(b"a.mp3"));
        }
    }

    #[test]
    fn what_lies_below_a_folder_is_told_as_by_its_glob() {
        for (plain, same) in [("a/b/**/*.wav", "a/b/**/*.[w]av"), ("a/**/*", "a/**/{*}"), ("**/*v", "**/*[v]")] {
            let (plain, same) = (rules(&[plain], &[]), rules(&[same], &[]));
            assert_eq!((plain.plain.len(), same.plain.len()), (1, 0));
            for path in
                ["a/b/c.wav", "a/b/c/d.wav", "a/b/.wav", "a/bb/c.wav", "a/b.wav", "x/a/b/c.wav", "a/b/c.mp3", "a"]
            {
                assert_eq!(plain.matches(path.as_bytes()), same.matches(path.as_bytes()), "{path}");
            }
        }
        assert!(rules(&["a**/*.wav", "*/**/*.wav", "/a/**/x/**/*.wav", "a/**/*.w/x"], &[]).plain.is_empty());
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        let rules = rules(&["seminar/*.csv", "do-not-call.csv"], &[]);
        assert!(rules.matches(b"seminar/a.csv") && rules.matches(b"do-not-call.csv"));
        assert!(!rules.matches(b"seminar/x/a.csv") && !rules.matches(b"a.csv"));
        assert!(rules.enters(b"seminar") && !rules.enters(b"seminar/x") && !rules.enters(b"other"));
    }

    #[test]
    fn folders_are_entered_only_where_a_pattern_leads() {
        let deep = rules(&["a/b/**/*.csv"], &[]);
        assert!(deep.enters(b"a") && deep.enters(b"a/b") && deep.enters(b"a/b/c/d"));
        assert!(!deep.enters(b"b") && !deep.enters(b"a/c"));
        let unknown = rules(&["{a,b/c}/*.csv"], &[]);
        assert!(unknown.enters(b"b") && unknown.matches(b"b/c/x.csv"));
        assert!(rules(&["*/x/*.csv"], &[]).enters(b"q/x") && !rules(&["*/x/*.csv"], &[]).enters(b"q/y"));
    }

    #[test]
    fn excluded_files_and_folders_are_left_out() {
        let rules = rules(&["**/*.csv"], &["**/~$*", "old/**", "tmp"]);
        assert!(rules.matches(b"a.csv") && !rules.matches(b"x/~$a.csv") && !rules.matches(b"old/a.csv"));
        assert!(!rules.enters(b"old") && !rules.enters(b"tmp") && rules.enters(b"new"));
    }

    #[test]
    fn a_glob_that_cannot_be_read_is_told() {
        let problem = PathRules::compile(&["a[".to_owned()], &[]).unwrap_err();
        assert!(problem.to_string().starts_with("the glob `a[` cannot be read"), "{problem}");
    }
}
