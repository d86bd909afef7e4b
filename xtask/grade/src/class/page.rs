//! A page as Markdown and as HTML.
//!
//! Every text may come from a learner: a name, a panic's message, a line of code. What is meant as
//! text stays text in both forms; nothing in it becomes a tag, a link, a script or an escape sequence.

use std::fmt::Write;

use crate::report::escaped;

/// A piece of a page.
#[derive(Debug, Clone)]
pub enum Block {
    /// Level and text.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// What must not be overlooked.
    Warning(String),
    /// Points, one under the other.
    List(Vec<String>),
    /// Head and rows.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Lines as they are.
    Code(String),
}

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// For the window.
    pub title: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// Text for HTML and XML, in elements and in attributes. What XML cannot hold becomes `\u{..}`.
pub fn html(text: &str) -> String {
    let mut out = String::new();
    for letter in escaped(text, usize::MAX).chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\u{fffe}' | '\u{ffff}' => out.extend(letter.escape_unicode()),
            letter => out.push(letter),
        }
    }
    out
}

/// Text for a line of Markdown.
fn markdown(text: &str) -> String {
    let mut out = String::new();
    for (place, letter) in escaped(text, usize::MAX).trim().chars().enumerate() {
        match letter {
            '\n' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '&' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            // The beginning of a list or of a line below a heading.
            '-' | '+' | '=' if place == 0 => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}

/// A cell that a spreadsheet takes for text, never for a formula.
pub fn cell(text: &str) -> String {
    let text = escaped(text, 1000).replace('\n', " ");
    match text.trim_start().starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}

/// Backticks, more than the text has in a row.
fn fence(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(3.max(longest + 1))
}

impl Page {
    /// As Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Heading(level, text) => {
                    _ = writeln!(out, "{} {}\n", "#".repeat(usize::from(*level)), markdown(text));
                }
                Block::Text(text) => _ = writeln!(out, "{}\n", markdown(text)),
                Block::Warning(text) => _ = writeln!(out, "> **{}**\n", markdown(text)),
                Block::List(items) => {
                    items.iter().for_each(|item| _ = writeln!(out, "- {}", markdown(item)));
                    out.push('\n');
                }
                Block::Table(head, rows) => {
                    let line = |cells: &[String]| {
                        let cells: Vec<_> = cells.iter().map(|cell| markdown(cell)).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    out += &line(head);
                    _ = writeln!(out, "|{}", "---|".repeat(head.len()));
                    rows.iter().for_each(|row| out += &line(row));
                    out.push('\n');
                }
                Block::Code(text) => {
                    let text = escaped(text, usize::MAX);
                    let fence = fence(&text);
                    _ = writeln!(out, "{fence}text\n{}\n{fence}\n", text.trim_end());
                }
            }
        }
        out
    }

    /// As one HTML file that loads nothing and runs nothing.
    pub fn to_html(&self) -> String {
        let mut out = format!("{HEAD}<title>{}</title>\n<main>\n", html(&self.title));
        for block in &self.blocks {
            match block {
                Block::Heading(level, text) => {
                    _ = writeln!(out, "<h{level}>{}</h{level}>", html(text))
                }
                Block::Text(text) => _ = writeln!(out, "<p>{}</p>", html(text)),
                Block::Warning(text) => {
                    _ = writeln!(out, "<p class=\"warning\">{}</p>", html(text))
                }
                Block::List(items) => {
                    out += "<ul>\n";
                    items.iter().for_each(|item| _ = writeln!(out, "<li>{}</li>", html(item)));
                    out += "</ul>\n";
                }
                Block::Table(head, rows) => {
                    let line = |tag: &str, cells: &[String]| {
                        let cells: Vec<_> = cells
                            .iter()
                            .map(|cell| format!("<{tag}>{}</{tag}>", html(cell)))
                            .collect();
                        format!("<tr>{}</tr>\n", cells.join(""))
                    };
                    _ = write!(out, "<table>\n{}", line("th", head));
                    rows.iter().for_each(|row| out += &line("td", row));
                    out += "</table>\n";
                }
                Block::Code(text) => _ = writeln!(out, "<pre>{}</pre>", html(text.trim_end())),
            }
        }
        out + "</main>\n"
    }
}

const HEAD: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { border: 1px solid #8886; padding: .2rem .6rem; text-align: left; }
pre { background: #8882; overflow-x: auto; padding: .8rem; } .warning { border-left: 4px solid #c60; padding-left: .8rem; }
</style>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str =
        "<script>alert(1)</script>\x1b[31m\n# [x](javascript:x) | `</pre>` ````\n![i](u)";

    #[test]
    fn text_stays_text() {
        let text = EVIL.to_owned();
        let blocks = vec![
            Block::Heading(1, text.clone()),
            Block::Text(text.clone()),
            Block::Warning(text.clone()),
            Block::List(vec![text.clone()]),
            Block::Table(vec![text.clone()], vec![vec![text.clone()]]),
            Block::Code(text.clone()),
        ];
        let page = Page { title: text, blocks };
        let html = page.to_html();
        assert!(
            !html.contains("<script")
                && !html.contains('\x1b')
                && html.matches("</pre>").count() == 1
        );
        let markdown = page.to_markdown();
        assert!(!markdown.contains('\x1b'));
        let (before, code) = markdown.split_once("\n`````text\n").unwrap();
        assert!(!before.contains("<script") || before.contains("\\<script"));
        assert!(!before.replace("\\<", "").contains('<') && !before.contains("\n# ["));
        assert_eq!(before.lines().filter(|line| line.starts_with('|')).count(), 3);
        // The fence is longer than any in the text, and the text cannot close it.
        assert_eq!(code.matches("\n`````\n").count(), 1);
    }

    #[test]
    fn a_spreadsheet_sees_no_formula() {
        assert_eq!(cell("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(
            [cell(" +1"), cell("@x"), cell("-2"), cell("\t=1")],
            ["' +1", "'@x", "'-2", "'    =1"]
        );
        assert_eq!(cell("Ann\r\n=1"), "Ann\\u{d} =1");
    }
}
