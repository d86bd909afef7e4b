//! What a submission may not contain, whatever it is for.
//!
//! The walls around compiler and program are what keeps a learner's code in (see `jail`). This is
//! the sign at the door: each refusal has a reason and a line, and none of it is needed by an exercise. Macros
//! are looked into as well: what they are given and what they are made of are tokens like all others.

use super::tokens::{Kind, Token};

/// Refused wherever it stands.
const NEVER: [(&str, &str); 9] = [
    ("unsafe", "what it does cannot be vouched for"),
    ("extern", "only what the exercise stands on can be used, and nothing is linked"),
    ("include_str", "an exercise is one file"),
    ("include_bytes", "an exercise is one file"),
    ("option_env", "an exercise does not depend on the machine"),
    ("global_asm", "an exercise is written in Rust"),
    ("naked_asm", "an exercise is written in Rust"),
    ("asm", "an exercise is written in Rust"),
    ("cfg_attr", "attributes stand for themselves"),
];

/// Attributes that do no more than describe; all others are refused, among them `path`, `link`,
/// `no_mangle`, `export_name`, `link_section`.
const ATTRIBUTES: [&str; 19] = [
    "allow",
    "warn",
    "deny",
    "expect",
    "doc",
    "inline",
    "cold",
    "derive",
    "default",
    "must_use",
    "cfg",
    "test",
    "ignore",
    "should_panic",
    "rustfmt",
    "non_exhaustive",
    "repr",
    "track_caller",
    "deprecated",
];

/// Why a file is refused, with the line; none where it is welcome.
pub fn refusal(tokens: &[Token]) -> Option<String> {
    let has_macros = tokens.iter().any(|token| token.word() == "macro_rules");
    (0..tokens.len()).find_map(|k| {
        let (what, why) = at(tokens, k, has_macros)?;
        Some(format!("line {}: {what} is not allowed: {why}.", tokens[k].line))
    })
}

fn at(tokens: &[Token], k: usize, has_macros: bool) -> Option<(String, &'static str)> {
    let next = |n: usize| tokens.get(k + n);
    let word = tokens[k].word();
    if let Some((_, why)) = NEVER.iter().find(|(never, _)| *never == word) {
        return Some((format!("`{word}`"), why));
    }
    // A macro can put together what its pieces do not show.
    let is_macro = || next(1).is_some_and(|t| t.is('!') || t.word() == "as");
    let is_path = || k > 0 && tokens[k - 1].is(':');
    match word {
        "include" if has_macros || is_macro() || is_path() => {
            Some(("`include`".into(), "an exercise is one file"))
        }
        "env" if has_macros || is_macro() || is_path() => {
            Some(("`env`".into(), "an exercise does not depend on the machine"))
        }
        // `pub(crate)` is no path. A file is judged by itself, so it may not lean on its neighbours.
        "crate" if has_macros || !is_visibility(tokens, k) => {
            Some(("`crate`".into(), "an exercise stands by itself"))
        }
        "super" if is_path() => Some(("`super::super`".into(), "an exercise stands by itself")),
        "mod" => {
            let inline = next(2).is_some_and(|t| t.kind == Kind::Open('{'));
            (has_macros || !inline).then(|| {
                ("`mod` with another file, or beside a macro".into(), "an exercise is one file")
            })
        }
        _ if tokens[k].is('#') => {
            let behind = if next(1).is_some_and(|t| t.is('!')) { 2 } else { 1 };
            if next(behind)?.kind != Kind::Open('[') {
                return None;
            }
            let name = next(behind + 1)?.word();
            let shown = if name.is_empty() { "...".to_owned() } else { name.to_owned() };
            (!ATTRIBUTES.contains(&name))
                .then(|| (format!("`#[{shown}]`"), "only attributes that describe are"))
        }
        _ => None,
    }
}

/// Whether the word at `k` is the whole of what stands in `pub(...)`.
fn is_visibility(tokens: &[Token], k: usize) -> bool {
    let kind = |k: usize| tokens.get(k).map(|token| &token.kind);
    k > 1
        && tokens[k - 2].word() == "pub"
        && kind(k - 1) == Some(&Kind::Open('('))
        && kind(k + 1) == Some(&Kind::Close(')'))
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn refused(source: &str) -> Option<String> {
        refusal(&tokens(source).expect("it is Rust"))
    }

    #[test]
    fn honest_code_is_welcome() {
        for source in [
            "//! unsafe in a comment\n/// include_str!\n#[derive(Debug, Clone)] pub struct A { pub h: f64 }",
            "fn f(include: bool, env: f64) -> bool { assert!(include, \"unsafe {env}\"); include }",
            "#[cfg(test)] mod tests { use super::*; #[test] fn f() { assert!(true); } }",
            "#[allow(clippy::all)] #[inline] fn f() { let path = 1; macro_free!(path) }",
            "pub(crate) fn f() {} mod tests { use super::f; }",
            "macro_rules! sq { ($x:expr) => { $x * $x } } fn f() -> f64 { sq!(2.0) }",
        ] {
            assert_eq!(refused(source), None, "{source}");
        }
    }

    #[test]
    fn what_reaches_out_is_refused_also_in_macros() {
        for source in [
            "fn f() { unsafe { } }",
            "fn f() { println!(\"{}\", unsafe { g() }) }",
            "macro_rules! m { () => { unsafe { } } }",
            "const S: &str = include_str!(\"/etc/passwd\");",
            "const S: &str = r#include_str!(\"/etc/passwd\");",
            "use std::include_str as harmless;",
            "use std::include as harmless;",
            "use std::{env as harmless};",
            "std::include!(\"x\");",
            "#[doc = include_str!(\"x\")] fn f() {}",
            "const S: &str = env!(\"PATH\");",
            "const S: Option<&str> = option_env!(\"PATH\");",
            "fn f() { std::env::var(\"HOME\"); }",
            "#[path = \"/solutions/x.rs\"] mod x;",
            "#[cfg_attr(all(), path = \"x\")] mod x;",
            "mod x;",
            "macro_rules! m { ($a:tt $b:tt $c:tt) => { $b $a $c } } m!(! include (\"x\"));",
            "macro_rules! m { ($a:tt $b:tt $c:tt) => { $a $b; } } m!(mod x {});",
            "macro_rules! m { ($m:meta) => { #[$m] fn f() {} } } m!(no_mangle);",
            "use crate::unit1::code::f;",
            "fn f() { (crate::unit1::code::f)() }",
            "fn f() { g(crate::unit1::code::f()) }",
            "macro_rules! m { ($c:tt) => { $c::unit1::code::f() } } m!(crate);",
            "macro_rules! m { (pub ($c:tt)) => { $c::unit1::code::f() } } m!(pub(crate));",
            "fn f() { super::super::unit1::code::f() }",
            "macro_rules! m { () => { $crate::unit1::code::f() } }",
            "extern crate seqcore;",
            "#[unsafe(no_mangle)] pub fn malloc() {}",
            "#[no_mangle] pub fn malloc() {}",
            "#[link_section = \".init_array\"] static A: fn() = f;",
            "#![feature(x)]",
            "std::arch::global_asm!(\".incbin \\\"x\\\"\");",
            "extern \"C\" fn f() {}",
            "#[macro_export] macro_rules! vec { () => {} }",
        ] {
            assert!(refused(source).is_some(), "{source}");
        }
        assert_eq!(
            refused("\n\nfn f() { unsafe { } }").unwrap(),
            "line 3: `unsafe` is not allowed: what it does cannot be vouched for."
        );
    }

    #[test]
    fn depth_is_no_danger() {
        let deep =
            format!("fn f() {{ {}1{} unsafe {{}} }}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(refused(&deep).is_some());
    }
}
