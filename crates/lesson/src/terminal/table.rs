//! Tables in columns.

use super::Terminal;
use crate::plot::Table;
use crate::text;

/// The table in aligned columns: numbers to the right, text to the left, long cells on several lines.
pub fn table(table: &Table, terminal: &Terminal) -> String {
    let n = table.columns();
    if n == 0 {
        return String::new();
    }
    let gap = if terminal.width >= 4 * n { 2 } else { 1 };
    let widths = fit(natural_widths(table, n), terminal.width.saturating_sub(gap * (n - 1)));
    let numeric: Vec<bool> = (0..n).map(|j| table.is_numeric(j)).collect();

    let mut lines = Vec::new();
    if !table.header.is_empty() {
        lines.extend(
            row(table, &table.header, &widths, &numeric, gap).iter().map(|l| terminal.bold(l)),
        );
        let rule = if terminal.unicode { "─" } else { "-" };
        let rules: Vec<String> = widths.iter().map(|&w| rule.repeat(w)).collect();
        lines.push(rules.join(&" ".repeat(gap)));
    }
    for cells in &table.rows {
        lines.extend(row(table, cells, &widths, &numeric, gap));
    }
    if !table.caption.is_empty() {
        lines.extend(terminal.wrap(&table.caption).lines().map(str::to_owned));
    }
    let text = lines.join("\n") + "\n";
    terminal.show(&text)
}

fn natural_widths(table: &Table, n: usize) -> Vec<usize> {
    let rows = || table.rows.iter().chain([&table.header]);
    (0..n)
        .map(|j| rows().map(|r| text::columns(table.cell(r, j).trim())).max().unwrap_or(0).max(1))
        .collect()
}

/// Narrows the widest column, again and again, until all fit.
fn fit(mut widths: Vec<usize>, room: usize) -> Vec<usize> {
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max_by_key(|w| **w).filter(|w| **w > 1) else { break };
        *widest -= 1;
    }
    widths
}

fn row(
    table: &Table,
    cells: &[String],
    widths: &[usize],
    numeric: &[bool],
    gap: usize,
) -> Vec<String> {
    let wrapped: Vec<Vec<String>> = widths
        .iter()
        .enumerate()
        .map(|(j, &w)| text::wrap(table.cell(cells, j), w as f64, |t| text::columns(t) as f64))
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|i| {
            let parts: Vec<String> = wrapped
                .iter()
                .zip(widths)
                .zip(numeric)
                .map(|((lines, &w), &right)| {
                    let text = lines.get(i).map_or("", String::as_str);
                    let pad = " ".repeat(w.saturating_sub(text::columns(text)));
                    if right { pad + text } else { text.to_owned() + &pad }
                })
                .collect();
            parts.join(&" ".repeat(gap)).trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder() -> Table {
        Table::new(["model", "nats/char", "note"])
            .row(["uniform", "4.17", "knows the alphabet"])
            .row(["5-gram (Kneser–Ney)", "1.52", "counts"])
            .row(["RNN", "–", "café"])
    }

    #[test]
    fn columns_are_aligned() {
        let expected = "\
model                nats/char  note
───────────────────  ─────────  ──────────────────
uniform                   4.17  knows the alphabet
5-gram (Kneser–Ney)       1.52  counts
RNN                          –  café
";
        assert_eq!(table(&ladder(), &Terminal::plain(80)), expected);
    }

    #[test]
    fn a_narrow_terminal_wraps_cells() {
        let expected = "\
model       nats/char  note
──────────  ─────────  ─────────
uniform          4.17  knows the
                       alphabet
5-gram           1.52  counts
(Kneser–Ne
y)
RNN                 –  café
";
        assert_eq!(table(&ladder(), &Terminal::plain(32)), expected);
    }

    #[test]
    fn never_wider_than_asked() {
        for width in 5..60 {
            for line in table(&ladder(), &Terminal::plain(width)).lines() {
                assert!(text::columns(line) <= width, "{width}: {line}");
            }
        }
        assert_eq!(table(&Table::default(), &Terminal::plain(80)), "");
    }
}
