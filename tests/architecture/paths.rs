//! Reads the paths, macros and module lines out of Rust source, as tokens: strings and comments do not
//! count, and the branches of a `use` tree are taken apart. Aliases (`use std as s`) are not followed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::str::FromStr;

/// A path somewhere in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its segments, from the crate's root where it begins with `crate`, `self` or `super`.
    pub segments: Vec<String>,
    /// Its line, from 1.
    pub line: usize,
    /// Whether it stands in a test module.
    pub in_test: bool,
}

/// What a source file holds.
#[derive(Debug, Default)]
pub struct Outline {
    /// Paths, in `use` lines and elsewhere.
    pub paths: Vec<Found>,
    /// Names of macros that are called.
    pub macros: Vec<Found>,
    /// Names of the modules that are declared with a file of their own.
    pub modules: Vec<String>,
    /// Lines of `ignore` attributes.
    pub ignored: Vec<usize>,
}

/// Reads the outline of the source of `module`.
pub fn outline(text: &str, module: &[String], is_test: bool) -> Result<Outline, String> {
    let tokens = TokenStream::from_str(text).map_err(|error| error.to_string())?;
    let mut outline = Outline::default();
    walk(tokens, module, is_test, &mut outline);
    Ok(outline)
}

fn walk(stream: TokenStream, module: &[String], in_test: bool, outline: &mut Outline) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut next_is_test = false;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) {
                    let words: Vec<String> = attribute.stream().into_iter().map(|token| token.to_string()).collect();
                    next_is_test |= words.first().is_some_and(|word| word == "cfg") && words[1] == "(test)";
                    if words.first().is_some_and(|word| word == "ignore") {
                        outline.ignored.push(mark.span().start().line);
                    }
                }
            }
            TokenTree::Ident(word) if word == "use" => {
                let end = (at..tokens.len()).find(|&end| is_mark(tokens.get(end), ';')).unwrap_or(tokens.len());
                use_tree(&tokens[at + 1..end], &[], module, in_test, outline);
                at = end;
                next_is_test = false;
            }
            TokenTree::Ident(word) if word == "mod" => {
                at += 1;
                let name = tokens.get(at).map(ToString::to_string).unwrap_or_default();
                if let Some(TokenTree::Group(body)) = tokens.get(at + 1) {
                    let inner: Vec<String> = module.iter().cloned().chain([name]).collect();
                    walk(body.stream(), &inner, in_test || next_is_test, outline);
                    at += 1;
                } else {
                    outline.modules.push(name);
                }
                next_is_test = false;
            }
            TokenTree::Ident(word) => {
                let line = word.span().start().line;
                let (segments, end) = path_at(&tokens, at);
                if is_mark(tokens.get(end), '!') && matches!(tokens.get(end + 1), Some(TokenTree::Group(_))) {
                    outline.macros.extend(segments.last().map(|name| Found {
                        segments: vec![name.clone()],
                        line,
                        in_test,
                    }));
                }
                outline.paths.push(Found { segments: resolve(&segments, module), line, in_test });
                at = end - 1;
            }
            TokenTree::Group(group) => {
                walk(group.stream(), module, in_test, outline);
                if group.delimiter() == Delimiter::Brace {
                    next_is_test = false;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The path that begins at `start`, and the index behind it.
fn path_at(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut segments = vec![tokens[start].to_string()];
    let mut at = start + 1;
    while is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':') {
        let Some(TokenTree::Ident(word)) = tokens.get(at + 2) else { break };
        segments.push(word.to_string());
        at += 3;
    }
    (segments, at)
}

/// Takes the branches of a `use` tree apart; `tokens` is what follows `prefix::`.
fn use_tree(tokens: &[TokenTree], prefix: &[String], module: &[String], in_test: bool, outline: &mut Outline) {
    for branch in tokens.split(|token| is_mark(Some(token), ',')) {
        let mut segments = prefix.to_vec();
        let mut line = 0;
        let mut is_leaf = true;
        for token in branch {
            line = token.span().start().line;
            match token {
                TokenTree::Ident(word) if word == "as" => break,
                TokenTree::Ident(word) => segments.push(word.to_string()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    use_tree(&inner, &segments, module, in_test, outline);
                    is_leaf = false;
                }
                _ => {}
            }
        }
        if is_leaf && !branch.is_empty() {
            outline.paths.push(Found { segments: resolve(&segments, module), line, in_test });
        }
    }
}

/// Spells a path from the crate's root, where it begins with `crate`, `self` or `super`.
fn resolve(segments: &[String], module: &[String]) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = segments;
    match rest.first().map(String::as_str) {
        Some("crate" | "purposed") => base.clear(),
        Some("self" | "super") => {
            while let Some(word @ ("self" | "super")) = rest.first().map(String::as_str) {
                if word == "super" {
                    base.pop();
                }
                rest = &rest[1..];
            }
            return ["crate".to_owned()].into_iter().chain(base).chain(rest.iter().cloned()).collect();
        }
        _ => return segments.to_vec(),
    }
    ["crate".to_owned()].into_iter().chain(base).chain(rest[1..].iter().cloned()).collect()
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark)
}
