//! Charts and tables in characters.
//!
//! Every function takes a [`Terminal`], which says how wide it is and what it can show, and returns
//! text that is never wider. Without colour nothing is lost: series get their own characters, and a
//! coloured text gets a row of digits.

mod chart;
mod heat;
mod screen;
mod table;

use std::io::IsTerminal;

pub use chart::{bars, line_chart};
pub use heat::heat_text;
pub use screen::Screen;
pub use table::table;

use crate::text;

/// What the place that text goes to can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Columns.
    pub width: usize,
    /// Whether ANSI colours are understood and wanted.
    pub color: bool,
    /// Whether characters beyond ASCII are shown.
    pub unicode: bool,
}

impl Terminal {
    /// The capabilities of standard output.
    ///
    /// The width is `COLUMNS`, else the terminal's, else 80. Colour needs a terminal and no
    /// `NO_COLOR` (<https://no-color.org>). Unicode is on unless the locale is plain C or `TERM=dumb`.
    pub fn detect() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let is_terminal = std::io::stdout().is_terminal();
        let measured = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
        Self::from_environment(variable, is_terminal, measured)
    }

    fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
        is_terminal: bool,
        measured: impl Fn() -> Option<usize>,
    ) -> Self {
        let asked = variable("COLUMNS").and_then(|c| c.trim().parse().ok());
        let measured = || if is_terminal { measured() } else { None };
        let width = asked.or_else(measured).filter(|&w: &usize| w > 0).unwrap_or(80);
        let dumb = variable("TERM").is_some_and(|t| t == "dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&variable);
        let ascii_locale = locale.is_some_and(|l| l == "C" || l == "POSIX");
        Terminal {
            width: width.clamp(20, 500),
            color: is_terminal && !dumb && variable("NO_COLOR").is_none(),
            unicode: !dumb && !ascii_locale,
        }
    }

    /// A place `width` columns wide that shows Unicode without colours, such as a file or a pipe.
    pub fn plain(width: usize) -> Self {
        Terminal { width, color: false, unicode: true }
    }

    /// The width of running text: no wider than is pleasant to read.
    pub fn measure(&self) -> usize {
        self.width.min(88)
    }

    /// `text` broken into lines of at most [`Terminal::measure`] columns; line breaks are kept.
    pub fn wrap(&self, text: &str) -> String {
        let max = self.measure() as f64;
        let mut out = String::new();
        for paragraph in text.lines() {
            for line in text::wrap(paragraph, max, |t| text::columns(t) as f64) {
                out += &line;
                out.push('\n');
            }
        }
        out
    }

    /// `text` in bold, where colours are on.
    pub fn bold(&self, text: &str) -> String {
        if self.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// `text` in the colour of series `i`, where colours are on.
    fn paint(&self, text: &str, i: usize) -> String {
        // Close to the Okabe-Ito palette, and visible on black and on white.
        const COLORS: [u8; 7] = [33, 166, 36, 175, 172, 74, 244];
        if self.color {
            format!("\x1b[38;5;{}m{text}\x1b[0m", COLORS[i % COLORS.len()])
        } else {
            text.to_owned()
        }
    }

    /// The characters of `text` that this terminal shows; others become their nearest ASCII.
    fn show(&self, text: &str) -> String {
        if self.unicode {
            return text.to_owned();
        }
        text.chars()
            .map(|c| match c {
                c if c.is_ascii() => c,
                '−' | '–' | '—' => '-',
                '×' => 'x',
                '·' | '•' => '.',
                '…' => '~',
                _ => '?',
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(env: &[(&str, &str)], is_terminal: bool) -> Terminal {
        let variable =
            |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Terminal::from_environment(variable, is_terminal, || Some(120))
    }

    #[test]
    fn the_environment_is_honoured() {
        assert_eq!(detect(&[], false), Terminal { width: 80, color: false, unicode: true });
        assert_eq!(detect(&[], true), Terminal { width: 120, color: true, unicode: true });
        assert_eq!(detect(&[("COLUMNS", "60")], false).width, 60);
        assert_eq!(detect(&[("COLUMNS", "many")], false).width, 80);
        assert!(!detect(&[("NO_COLOR", "1")], true).color);
        assert!(!detect(&[("TERM", "dumb")], true).color);
        assert!(!detect(&[("LANG", "C")], true).unicode);
        assert!(detect(&[("LANG", "C.UTF-8")], true).unicode);
    }

    #[test]
    fn text_is_wrapped_for_reading() {
        let text = Terminal::plain(200).wrap(&"word ".repeat(40));
        assert!(text.lines().all(|l| l.len() <= 88));
        assert_eq!(Terminal::plain(20).wrap("one\ntwo"), "one\ntwo\n");
    }
}
