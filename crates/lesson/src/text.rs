//! Text for pictures and pages: how wide it is without asking a font (a table that is right to a few per cent,
//! on the wide side), broken into lines, cut, escaped.

use unicode_width::UnicodeWidthChar;

/// The width of `c` in em for the sans-serif fonts in use (Helvetica, Arial, Segoe UI, DejaVu Sans),
/// chosen so that the widest of them still fits.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '!' | '.' | ',' | ':' | ';' | '·' => 0.32,
        'I' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' | '"' | ' ' => 0.41,
        'm' | 'w' | '%' | 'M' | 'W' | '@' | '—' | '…' | '→' | '∞' => 0.98,
        'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '~' | '±' | '×' | '−' | '≤' | '≥' => 0.78,
        'a'..='z' | '0'..='9' => 0.63,
        _ => match c.width().unwrap_or(0) {
            0 => 0.0,
            1 => 0.7,
            _ => 1.05,
        },
    }
}

/// The width of `text` in pixels at this font size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The columns that `text` takes in a terminal.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Breaks `text` at spaces into lines of at most `max` in the unit of `measure`; a word longer than
/// a line is broken inside. Never returns an empty list.
pub(crate) fn wrap(text: &str, max: f64, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let with_word = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if measure(&with_word) <= max {
            line = with_word;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if measure(&line) > max && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, c.to_string()));
            }
        }
    }
    lines.push(line);
    lines
}

/// `text` in at most `max` columns, cut with `…` where it has to be.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    if columns(text) <= max {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > max {
            break;
        }
        out.push(c);
    }
    if max > 0 {
        out.push('…');
    }
    out
}

/// Text with the five characters replaced that mean something in HTML and XML; control characters,
/// which neither may hold, become `�`.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_measured_not_bytes() {
        assert_eq!(width("é", 10.0), width("ö", 10.0));
        assert!(width("°C", 10.0) < 16.0, "two characters, three bytes");
        assert_eq!(columns("é–中"), 4);
        assert_eq!(columns("e\u{301}"), 1);
    }

    #[test]
    fn wrapping_keeps_every_character_and_the_limit() {
        let text = "a recurrent network reads Donaudampfschifffahrtsgesellschaft now";
        let lines = wrap(text, 12.0, |s| columns(s) as f64);
        assert!(lines.iter().all(|l| columns(l) <= 12), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(wrap("", 5.0, |s| columns(s) as f64), [""]);
    }

    #[test]
    fn shortening_counts_columns() {
        assert_eq!(shorten("temperature", 5), "temp…");
        assert_eq!(shorten("中文字", 4), "中…");
        assert_eq!(shorten("ok", 2), "ok");
    }
}
