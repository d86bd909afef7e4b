//! A source text as one flat list of tokens.
//!
//! Flat, because depth is what a hostile file has most of; and tokens, because what a macro contains
//! is nothing else until it is expanded.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword, without `r#`.
    Word(String),
    /// One sign of punctuation.
    Sign(char),
    /// A number or text.
    Literal(String),
    /// `(`, `[`, `{`
    Open(char),
    /// `)`, `]`, `}`
    Close(char),
}

/// A token and the line it is in.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// From 1.
    pub line: usize,
}

impl Token {
    /// The name or keyword that it is; empty for others.
    pub fn word(&self) -> &str {
        match &self.kind {
            Kind::Word(word) => word,
            _ => "",
        }
    }

    /// Whether it is this sign.
    pub fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// All tokens of a text; none where it is no Rust.
pub fn tokens(source: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut open = vec![(TokenStream::from_str(source).ok()?.into_iter(), None)];
    while let Some((stream, end)) = open.last_mut() {
        let Some(tree) = stream.next() else {
            out.extend(end.take());
            open.pop();
            continue;
        };
        let line = tree.span().start().line;
        let token = |kind| Token { kind, line };
        match tree {
            TokenTree::Ident(name) => {
                out.push(token(Kind::Word(name.to_string().trim_start_matches("r#").to_owned())));
            }
            TokenTree::Punct(sign) => out.push(token(Kind::Sign(sign.as_char()))),
            TokenTree::Literal(literal) => out.push(token(Kind::Literal(literal.to_string()))),
            TokenTree::Group(group) => {
                let signs = match group.delimiter() {
                    Delimiter::Parenthesis => Some(('(', ')')),
                    Delimiter::Bracket => Some(('[', ']')),
                    Delimiter::Brace => Some(('{', '}')),
                    Delimiter::None => None,
                };
                out.extend(signs.map(|(first, _)| token(Kind::Open(first))));
                let line = group.span_close().start().line;
                let close = signs.map(|(_, last)| Token { kind: Kind::Close(last), line });
                open.push((group.stream().into_iter(), close));
            }
        }
    }
    Some(out)
}
