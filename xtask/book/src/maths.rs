//! Formulas: `$...$` and `$$...$$` become MathML, which browsers show without any script.

use std::ops::Range;
use std::path::Path;

use anyhow::{Result, bail};
use pulldown_cmark::{Event, Options, Parser};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser as Latex, Storage, push_mathml};

/// The Markdown with its formulas as MathML.
///
/// # Errors
/// A formula that cannot be read, with its page and line.
pub fn render(page: &Path, text: &str) -> Result<String> {
    let mut out = String::with_capacity(2 * text.len());
    let mut done = 0;
    for (range, latex, mode) in formulas(text) {
        let html = match formula(&latex, mode) {
            Ok(html) => html,
            Err(what) => {
                let line = text[..range.start].matches('\n').count() + 1;
                bail!("{}, line {line}: this formula cannot be shown: {what}", page.display());
            }
        };
        out += &text[done..range.start];
        out += &html;
        done = range.end;
    }
    Ok(out + &text[done..])
}

/// Where the formulas stand, what they are, and how they are to be shown.
fn formulas(text: &str) -> Vec<(Range<usize>, String, DisplayMode)> {
    let options = Options::ENABLE_MATH | Options::ENABLE_TABLES;
    let events = Parser::new_ext(text, options).into_offset_iter();
    events
        .filter_map(|(event, range)| match event {
            Event::InlineMath(latex) => Some((range, latex.into_string(), DisplayMode::Inline)),
            Event::DisplayMath(latex) => Some((range, latex.into_string(), DisplayMode::Block)),
            _ => None,
        })
        .collect()
}

/// One formula as HTML that Markdown leaves alone.
fn formula(latex: &str, mode: DisplayMode) -> Result<String, String> {
    let (latex, tag) = take_tag(latex);
    let storage = Storage::new();
    let events: Vec<_> = Latex::new(&latex, &storage).collect();
    if let Some(error) = events.iter().find_map(|event| event.as_ref().err()) {
        return Err(error.to_string());
    }
    let config = RenderConfig { display_mode: mode, ..RenderConfig::default() };
    let mut html = String::new();
    push_mathml(&mut html, events.into_iter(), config).map_err(|error| error.to_string())?;
    let html = shielded(&html);
    Ok(match (mode, tag) {
        (DisplayMode::Inline, _) => html,
        (DisplayMode::Block, None) => format!("<div class=\"equation\">{html}</div>"),
        (DisplayMode::Block, Some(tag)) => format!(
            "<div class=\"equation\">{html}<span class=\"equation-tag\">({tag})</span></div>"
        ),
    })
}

/// A formula without its `\tag{...}`, and the tag.
fn take_tag(latex: &str) -> (String, Option<String>) {
    let Some((before, rest)) = latex.split_once("\\tag{") else { return (latex.to_owned(), None) };
    let Some((tag, after)) = rest.split_once('}') else { return (latex.to_owned(), None) };
    (format!("{before}{after}"), Some(tag.to_owned()))
}

/// One line, and nothing in it that means something to Markdown.
fn shielded(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for c in html.chars() {
        match c {
            '\n' => out.push(' '),
            '*' | '_' | '`' | '[' | ']' | '|' | '\\' | '~' | '$' | '!' | '{' | '}' => {
                out += &format!("&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        render(Path::new("page.md"), text).unwrap()
    }

    #[test]
    fn formulas_become_mathml_and_code_stays() {
        let html = rendered("The state $h_t$ costs `$5`.\n\n```\n$x$\n```\n");
        assert!(html.contains("<math") && html.contains("<msub>"), "{html}");
        assert!(html.contains("`$5`") && html.contains("\n$x$\n"), "{html}");
        assert_eq!(rendered("It costs 5 \\$ or 6 \\$."), "It costs 5 \\$ or 6 \\$.");
    }

    #[test]
    fn a_tag_stands_beside_its_equation() {
        let html = rendered("$$\nh_t = \\tanh(a_t) \\tag{R2}\n$$\n");
        assert!(html.starts_with("<div class=\"equation\"><math"), "{html}");
        assert!(html.contains("<span class=\"equation-tag\">(R2)</span></div>"), "{html}");
        assert!(!html.contains("tag{"), "{html}");
    }

    #[test]
    fn markdown_finds_nothing_to_do_in_a_formula() {
        let html = rendered("| a |\n|---|\n| $a * b * \\lvert c \\rvert$ |\n");
        let row = html.lines().last().unwrap();
        assert_eq!(row.matches('|').count(), 2, "{row}");
        assert!(!row.contains('*'), "{row}");
    }

    #[test]
    fn a_wrong_formula_is_named_by_page_and_line() {
        let error = render(Path::new("theory/x.md"), "one\n\n$\\nosuchthing$\n").unwrap_err();
        assert!(error.to_string().starts_with("theory/x.md, line 3: "), "{error}");
    }
}
