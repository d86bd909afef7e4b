//! Line and bar charts in characters.
//!
//! With colour, or for one series, lines are drawn in braille dots (2 × 4 to a character). Several
//! series without colour get a character each, which is coarser but tells them apart.

use super::Terminal;
use crate::plot::axis::{Axis, number};
use crate::plot::{BarChart, LineChart};
use crate::text;

const ROWS: usize = 14;

impl LineChart {
    /// The chart in characters.
    pub fn terminal(&self, terminal: &Terminal) -> String {
        line_chart(self, terminal)
    }
}

impl BarChart {
    /// The chart in characters.
    pub fn terminal(&self, terminal: &Terminal) -> String {
        bars(self, terminal)
    }
}

/// A grid of characters that lines are drawn on.
struct Grid {
    columns: usize,
    /// Braille dots, the series that was drawn last, and a character that replaces the dots.
    cells: Vec<(u8, usize, Option<char>)>,
}

impl Grid {
    /// Dot (x, y), counted from the left upper corner, in dots.
    fn dot(&mut self, x: usize, y: usize, series: usize, mark: Option<char>) {
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let (column, row) = (x / 2, y / 4);
        if column < self.columns && row < ROWS {
            let cell = &mut self.cells[row * self.columns + column];
            cell.0 |= BITS[y % 4][x % 2];
            cell.1 = series;
            cell.2 = mark;
        }
    }

    fn segment(&mut self, from: (f64, f64), to: (f64, f64), series: usize, mark: Option<char>) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).ceil().max(1.0);
        for i in 0..=steps as usize {
            let t = i as f64 / steps;
            let (x, y) = (from.0 + t * dx, from.1 + t * dy);
            self.dot(x.round() as usize, y.round() as usize, series, mark);
        }
    }
}

/// The chart in characters, as wide as the terminal (at most 100 columns).
pub fn line_chart(chart: &LineChart, terminal: &Terminal) -> String {
    let (x, y) = chart.axes();
    let ticks: Vec<(f64, String)> =
        y.ticks(5).into_iter().map(|(v, t)| (v, terminal.show(&t))).collect();
    let gutter = ticks.iter().map(|(_, t)| text::columns(t)).max().unwrap_or(0).min(10);
    let columns = terminal.width.min(100).saturating_sub(gutter + 2).max(4);

    let mut grid = Grid { columns, cells: vec![(0, 0, None); columns * ROWS] };
    let down = |at: f64| (1.0 - at.clamp(0.0, 1.0)) * (4 * ROWS - 1) as f64;
    let marks = marks(chart.series.len(), terminal);
    // The first series is drawn last: it lies on top.
    for (i, series) in chart.series.iter().enumerate().rev() {
        let mut last = None;
        for &(px, py) in &series.points {
            let here = x
                .place(px)
                .zip(y.place(py))
                .map(|(a, d)| (a.clamp(0.0, 1.0) * (2 * columns - 1) as f64, down(d)));
            if let Some(here) = here {
                grid.segment(last.unwrap_or(here), here, i, marks[i]);
            }
            last = here;
        }
    }

    let row_of = |value: f64| y.place(value).map(|at| down(at).round() as usize / 4);
    let references: Vec<usize> = chart.references.iter().filter_map(|r| row_of(r.1)).collect();
    let (bar, corner, rule, dashes) = match terminal.unicode {
        true => ('│', '└', '─', '┈'),
        false => ('|', '+', '-', '.'),
    };
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let max = terminal.width.min(100) as f64;
    let wrap = |text: &str| text::wrap(&terminal.show(text), max, |t| text::columns(t) as f64);
    for title in wrap(&chart.title) {
        line(terminal.bold(&title));
    }
    for label in wrap(&chart.y_label).into_iter().filter(|l| !l.is_empty()) {
        line(label);
    }
    for row in 0..ROWS {
        let tick = ticks.iter().find(|(v, _)| row_of(*v) == Some(row));
        let label = text::shorten(tick.map_or("", |(_, t)| t), gutter);
        let pad = " ".repeat(gutter - text::columns(&label));
        let cells = &grid.cells[row * columns..][..columns];
        let background = if references.contains(&row) { dashes } else { ' ' };
        line(format!("{pad}{label} {bar}{}", paint_row(cells, background, terminal)));
    }
    line(format!("{} {corner}{}", " ".repeat(gutter), rule.to_string().repeat(columns)));
    line(format!("{}{}", " ".repeat(gutter + 2), x_labels(chart, &x, columns, terminal)));
    for key in legend(chart, &marks, dashes, terminal) {
        line(key);
    }
    out
}

/// The character of each series; `None` draws braille dots.
fn marks(n: usize, terminal: &Terminal) -> Vec<Option<char>> {
    if terminal.unicode && (terminal.color || n <= 1) {
        return vec![None; n];
    }
    let marks = if terminal.unicode {
        ['•', '+', '×', 'o', '*', '#', '%', '@']
    } else {
        ['*', '+', 'x', 'o', '@', '#', '%', '&']
    };
    (0..n).map(|i| Some(marks[i % marks.len()])).collect()
}

fn paint_row(cells: &[(u8, usize, Option<char>)], empty: char, terminal: &Terminal) -> String {
    // Neighbours of one colour share an escape sequence.
    let mut out = String::new();
    for run in cells.chunk_by(|a, b| a.1 == b.1 && (a.0 == 0) == (b.0 == 0)) {
        if run[0].0 == 0 {
            out.extend(run.iter().map(|_| empty));
            continue;
        }
        let text: String = run
            .iter()
            .map(|(dots, _, mark)| {
                mark.unwrap_or_else(|| char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' '))
            })
            .collect();
        out += &terminal.paint(&text, run[0].1);
    }
    out
}

/// The lowest and the highest x at the ends, the axis's label between them.
fn x_labels(chart: &LineChart, x: &Axis, columns: usize, terminal: &Terminal) -> String {
    let (low, high) = (terminal.show(&number(x.low())), terminal.show(&number(x.high())));
    let ends = text::columns(&low) + text::columns(&high);
    if ends + 1 > columns {
        return text::shorten(&low, columns);
    }
    let label = text::shorten(&terminal.show(&chart.x_label), (columns - ends).saturating_sub(2));
    let room = columns - ends - text::columns(&label);
    format!("{low}{}{label}{}{high}", " ".repeat(room / 2), " ".repeat(room - room / 2))
}

/// The names of series and references, as many lines as they need.
fn legend(
    chart: &LineChart,
    marks: &[Option<char>],
    dashes: char,
    terminal: &Terminal,
) -> Vec<String> {
    let width = terminal.width.min(100);
    let series = chart.series.iter().enumerate().filter(|(_, s)| !s.name.is_empty());
    let keys = series.map(|(i, s)| {
        let mark = marks[i].unwrap_or('━').to_string();
        (terminal.paint(&mark, i), s.name.clone())
    });
    let references =
        chart.references.iter().map(|(n, v)| (dashes.to_string(), format!("{n} {}", number(*v))));
    let mut lines: Vec<(String, usize)> = Vec::new();
    for (mark, name) in keys.chain(references) {
        let name = text::shorten(&terminal.show(&name), width.saturating_sub(2));
        let wide = 2 + text::columns(&name);
        match lines.last_mut() {
            Some((line, used)) if *used + 3 + wide <= width => {
                *line += &format!("   {mark} {name}");
                *used += 3 + wide;
            }
            _ => lines.push((format!("{mark} {name}"), wide)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

/// Horizontal bars with their names and values.
pub fn bars(chart: &BarChart, terminal: &Terminal) -> String {
    let width = terminal.width.min(100);
    let names: Vec<String> = chart
        .bars
        .iter()
        .map(|b| text::shorten(&terminal.show(&b.name), (width / 3).max(4)))
        .collect();
    let values: Vec<String> = chart.bars.iter().map(|b| terminal.show(&number(b.value))).collect();
    let widest = |texts: &[String]| texts.iter().map(|t| text::columns(t)).max().unwrap_or(0);
    let (name_width, value_width) = (widest(&names), widest(&values));
    let room = width.saturating_sub(name_width + value_width + 3).max(1);
    let finite = || chart.bars.iter().map(|b| b.value).filter(|v| v.is_finite());
    let (low, high) = (finite().fold(0.0, f64::min), finite().fold(0.0, f64::max));
    let span = (high - low).max(f64::MIN_POSITIVE);
    let across = |v: f64| ((v - low) / span * room as f64).clamp(0.0, room as f64);

    let mut out = String::new();
    let heading = match (chart.title.as_str(), chart.unit.as_str()) {
        (title, "") => title.to_owned(),
        ("", unit) => unit.to_owned(),
        (title, unit) => format!("{title} ({unit})"),
    };
    if !heading.is_empty() {
        for line in text::wrap(&terminal.show(&heading), width as f64, |t| text::columns(t) as f64)
        {
            out += &format!("{}\n", terminal.bold(&line));
        }
    }
    for ((bar, name), value) in chart.bars.iter().zip(&names).zip(&values) {
        let (zero, end) =
            (across(0.0), across(if bar.value.is_finite() { bar.value } else { 0.0 }));
        let (from, to) = (zero.min(end), zero.max(end));
        let lead = " ".repeat(from.round() as usize);
        let body = bar_text(to - from.round(), terminal.unicode);
        let pad = " ".repeat(name_width - text::columns(name));
        let painted = terminal.paint(&body, usize::from(bar.highlight));
        let rest = room.saturating_sub(lead.len() + text::columns(&body));
        let right = value_width - text::columns(value);
        out += &format!("{pad}{name} {lead}{painted}{}  {value}\n", " ".repeat(rest + right));
    }
    out
}

/// A bar `length` columns long, in eighths of a column where Unicode allows it.
fn bar_text(length: f64, unicode: bool) -> String {
    let eighths = (length * 8.0).round().max(0.0) as usize;
    if !unicode {
        return "#".repeat((eighths + 4) / 8);
    }
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    "█".repeat(eighths / 8) + parts[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses() -> LineChart {
        let train: Vec<_> = (0..40).map(|i| (f64::from(i), 4.0 / (1.0 + f64::from(i)))).collect();
        LineChart::new("Loss", "falls").x("step").y("nats/char").series("train", &train)
    }

    #[test]
    fn braille_for_one_series() {
        let drawn = line_chart(&losses().reference("a", 2.0), &Terminal::plain(40));
        let lines: Vec<_> = drawn.lines().collect();
        assert_eq!(lines.len(), 2 + ROWS + 3);
        assert_eq!(lines[..2], ["Loss", "nats/char"]);
        assert!(lines.iter().any(|l| l.starts_with("2 │") && l.contains("┈┈┈")), "{drawn}");
        assert!(lines[2 + ROWS + 1].starts_with("   0") && lines[2 + ROWS + 1].ends_with("39"));
        assert_eq!(*lines.last().unwrap(), "━ train   ┈ a 2");
    }

    #[test]
    fn braille_dots_are_where_they_belong() {
        // Unicode numbers the dots 1-3 down the left, 4-6 down the right, 7 and 8 below.
        let mut grid = Grid { columns: 2, cells: vec![(0, 0, None); 2 * ROWS] };
        for (x, y) in [(0, 0), (1, 1), (0, 3), (2, 2), (3, 3), (9, 9), (0, 4 * ROWS)] {
            grid.dot(x, y, 0, None);
        }
        let row = paint_row(&grid.cells[..2], ' ', &Terminal::plain(20));
        assert_eq!(row, "⡑⢄");
    }

    #[test]
    fn series_without_colour_have_their_own_characters() {
        let chart = losses().series("val", &[(0.0, 4.0), (39.0, 1.0)]);
        let plain = line_chart(&chart, &Terminal::plain(60));
        assert!(plain.contains("• train   + val") && plain.matches('+').count() > 10, "{plain}");
        assert!(!plain.contains('\x1b'));
        let ascii = Terminal { width: 60, color: false, unicode: false };
        assert!(line_chart(&chart, &ascii).is_ascii());
        let color = Terminal { width: 60, color: true, unicode: true };
        assert!(line_chart(&chart, &color).contains("\x1b[38;5;33m"));
    }

    #[test]
    fn never_wider_than_asked_and_never_a_panic() {
        let nan = [(0.0, f64::NAN), (f64::INFINITY, 1.0), (1.0, 2.0)];
        let odd = LineChart::new("", "")
            .x("a rather long label of the x axis, longer than the terminal")
            .series("", &nan)
            .series("a name that is longer than the whole terminal is wide, by far", &[])
            .series("constant", &[(1.0, -3e9), (2.0, -3e9)])
            .log_y();
        for chart in [&losses(), &odd, &LineChart::new("t", "a")] {
            for width in 20..90 {
                for line in line_chart(chart, &Terminal::plain(width)).lines() {
                    assert!(text::columns(line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn bars_start_at_zero() {
        let chart = BarChart::new("Ladder", "")
            .unit("nats/char")
            .bar("uniform", 4.0)
            .bar("5-gram", 2.0)
            .bar("broken", f64::NAN)
            .highlight("RNN", 1.25);
        let expected = "\
Ladder (nats/char)
uniform ███████████████████     4
 5-gram █████████▌              2
 broken                         –
    RNN ██████               1.25
";
        assert_eq!(bars(&chart, &Terminal::plain(33)), expected);
        let signed = BarChart::new("", "").bar("a", -1.0).bar("b", 1.0);
        assert_eq!(
            bars(&signed, &Terminal::plain(20)),
            "a ███████         −1\nb        ███████   1\n"
        );
    }
}
