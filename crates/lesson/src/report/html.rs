//! The report as HTML.

use super::{Block, Report};
use crate::plot::{Figure, Scale, Table, TextHeat};
use crate::text::escape;

const STYLE: &str = include_str!("style.css");

/// Figures' data with more rows than this are shown in part.
const DATA_ROWS: usize = 400;

/// Escaped text in which `` `code` `` is set as code. A lone backtick stays one.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, next)) = after.split_once('`') else { break };
        out += &escape(before);
        out += &format!("<code>{}</code>", escape(code));
        rest = next;
    }
    out + &escape(rest)
}

pub(super) fn page(report: &Report) -> String {
    let ids = heading_ids(&report.blocks);
    let mut body = String::new();
    let mut open = false;
    for (block, id) in report.blocks.iter().zip(&ids) {
        if let Block::Section(_) = block {
            body += if open { "</section>\n<section>\n" } else { "<section>\n" };
            open = true;
        }
        body += &html(block, id);
    }
    if open {
        body += "</section>\n";
    }
    let title = escape(&report.title);
    let lead = match report.lead.as_str() {
        "" => String::new(),
        lead => format!("<p class=\"lead\">{}</p>\n", inline(lead)),
    };
    let footer = match report.footer.as_str() {
        "" => String::new(),
        text => format!("<footer>\n{}</footer>\n", paragraphs(text)),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n{lead}</header>\n\
         {}{body}</main>\n{footer}</body>\n</html>\n",
        contents(&report.blocks, &ids),
    )
}

/// An address for each heading, empty for other blocks; repeated headings are numbered.
fn heading_ids(blocks: &[Block]) -> Vec<String> {
    let mut used = std::collections::HashSet::new();
    blocks
        .iter()
        .map(|block| {
            let (Block::Section(text) | Block::Subsection(text)) = block else {
                return String::new();
            };
            let words: Vec<String> = text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|w| !w.is_empty())
                .map(str::to_lowercase)
                .collect();
            let base = if words.is_empty() { "section".to_owned() } else { words.join("-") };
            let mut id = base.clone();
            let mut n = 2;
            while !used.insert(id.clone()) {
                id = format!("{base}-{n}");
                n += 1;
            }
            id
        })
        .collect()
}

/// The table of contents, for two sections or more.
fn contents(blocks: &[Block], ids: &[String]) -> String {
    let sections: Vec<String> = blocks
        .iter()
        .zip(ids)
        .filter_map(|(block, id)| match block {
            Block::Section(text) => {
                Some(format!("<li><a href=\"#{id}\">{}</a></li>\n", inline(text)))
            }
            _ => None,
        })
        .collect();
    if sections.len() < 2 {
        return String::new();
    }
    format!("<nav aria-label=\"Contents\">\n<ul>\n{}</ul>\n</nav>\n", sections.concat())
}

fn html(block: &Block, id: &str) -> String {
    match block {
        Block::Section(text) => format!("<h2 id=\"{id}\">{}</h2>\n", inline(text)),
        Block::Subsection(text) => format!("<h3 id=\"{id}\">{}</h3>\n", inline(text)),
        Block::Paragraph(text) => paragraphs(text),
        Block::List(items) => {
            let items: String = items.iter().map(|i| format!("<li>{}</li>\n", inline(i))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(table) => table_figure(table),
        Block::Figure(f) => figure(f),
        Block::Preformatted(text) | Block::Lines(text) => pre(text),
        Block::TextHeat(heat) => text_heat(heat),
        Block::Details(summary, text) => {
            format!("<details>\n<summary>{}</summary>\n{}</details>\n", inline(summary), pre(text))
        }
    }
}

fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let parts = text.split("\n\n").map(str::trim).filter(|p| !p.is_empty());
    parts.map(|p| format!("<p>{}</p>\n", inline(p))).collect()
}

/// A box of its own that scrolls (with the keyboard too) where its content is wider than the page.
fn pre(text: &str) -> String {
    // A newline right after the tag is not part of the text.
    format!("<pre tabindex=\"0\">\n{}</pre>\n", escape(text.trim_end_matches('\n')))
}

fn caption(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("<figcaption>{}</figcaption>\n", inline(text)),
    }
}

fn table_figure(table: &Table) -> String {
    format!(
        "<figure>\n<div class=\"scroll\" tabindex=\"0\">\n{}</div>\n{}</figure>\n",
        table_html(table),
        caption(&table.caption)
    )
}

fn table_html(table: &Table) -> String {
    let numeric: Vec<bool> = (0..table.columns()).map(|j| table.is_numeric(j)).collect();
    let row = |cells: &[String], tag: &str, scope: &str| {
        let cells = numeric.iter().enumerate().map(|(j, &right)| {
            let class = if right { " class=\"n\"" } else { "" };
            format!("<{tag}{scope}{class}>{}</{tag}>", inline(table.cell(cells, j)))
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let head = match table.header.is_empty() {
        true => String::new(),
        false => format!("<thead>\n{}</thead>\n", row(&table.header, "th", " scope=\"col\"")),
    };
    let body: String = table.rows.iter().map(|cells| row(cells, "td", "")).collect();
    // What has many columns is set a little closer.
    let class = if table.columns() > 6 { " class=\"wide\"" } else { "" };
    format!("<table{class}>\n{head}<tbody>\n{body}</tbody>\n</table>\n")
}

fn figure(figure: &Figure) -> String {
    format!(
        "<figure>\n<div class=\"scroll\">\n{}</div>\n{}{}</figure>\n",
        figure.svg,
        caption(&figure.caption),
        raw_data(&figure.data)
    )
}

/// The numbers behind a figure as CSV, folded away; of many rows every k-th is shown, and said so.
fn raw_data(table: &Table) -> String {
    let n = table.rows.len();
    if n == 0 {
        return String::new();
    }
    let every = n.div_ceil(DATA_ROWS);
    let shown = Table {
        caption: String::new(),
        header: table.header.clone(),
        rows: table.rows.iter().step_by(every).cloned().collect(),
    };
    let note = match every {
        1 => "Data".to_owned(),
        _ => format!("Data (one row in {every} of {n})"),
    };
    format!("<details>\n<summary>{note}</summary>\n{}</details>\n", pre(&shown.to_csv()))
}

fn text_heat(heat: &TextHeat) -> String {
    let shading = heat.shading();
    let mut spans = String::new();
    for (piece, value) in &heat.pieces {
        let amount = shading.amount(*value);
        // A line end is shown, so that it has a colour too.
        let text = escape(&piece.replace('\n', "↵\n"));
        let class = if amount < 0.0 { " class=\"neg\"" } else { "" };
        let title = if value.is_finite() { format!("{value:.4}") } else { "no value".to_owned() };
        let (text, end) = match text.strip_suffix('\n') {
            Some(text) => (text, "\n"),
            None => (text.as_str(), ""),
        };
        spans += &format!(
            "<span{class} style=\"--a:{:.2}\" title=\"{title}\">{text}</span>{end}",
            amount.abs()
        );
    }
    let (low, high) = (crate::plot::number(shading.low), crate::plot::number(shading.high));
    let key = match shading.scale {
        Scale::Sequential => "sequential",
        Scale::Diverging => "diverging",
    };
    let title = match heat.title.as_str() {
        "" => String::new(),
        title => format!("<p class=\"title\">{}</p>\n", inline(title)),
    };
    format!(
        "<figure>\n{title}<pre class=\"heat\" tabindex=\"0\">\n{spans}</pre>\n\
         <p class=\"key\"><span>{low}</span><span class=\"{key}\"></span><span>{high}</span></p>\n{}</figure>\n",
        caption(&heat.caption)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{BarChart, LineChart};

    #[test]
    fn a_small_report() {
        let mut report = Report::new("A & B", "The `lead`.");
        report.paragraph("First.\n\nSecond <script>alert('x')</script>.");
        report.section("Ladder");
        report.table(&Table::new(["model", "loss"]).row(["RNN", "1.98"]).caption("Held out."));
        report.section("Ladder");
        report.subsection("Samples");
        report.list(["one", "two"]);
        report.preformatted("a < b\n  c\n");
        report.details("History", "1,2");
        report.text_heat(&TextHeat::new("Heat", [("a", 0.0), ("\n", 2.0), ("&", 1.0)]));
        report.footer("Made by a test.");
        let html = report.to_html();
        let (_, body) = html.split_once("<body>\n").unwrap();
        assert_eq!(body, include_str!("snapshot.html"));
    }

    #[test]
    fn lines_that_follow_one_another_are_one_text_and_wide_tables_are_set_closer() {
        let mut report = Report::new("Training", "");
        assert!(!report.line("step 1") && report.line("step 2"));
        report.table(&Table::new(["a", "b", "c", "d", "e", "f", "g"]));
        assert!(!report.line("step 3"));
        let html = report.to_html();
        assert!(
            html.contains("step 1\nstep 2") && html.contains("<table class=\"wide\">"),
            "{html}"
        );
        assert_eq!(html.matches("<pre").count(), 2);
    }

    #[test]
    fn two_figures_share_a_page() {
        let mut report = Report::new("Figures", "");
        let bars = BarChart::new("Bars", "bars").bar("a", 1.0).render();
        let points: Vec<_> = (0..1000).map(|i| (f64::from(i), 1.0)).collect();
        let lines = LineChart::new("Lines", "lines").series("s", &points).render();
        report.figure(&bars);
        report.figure(&lines);
        let html = report.to_html();
        assert_eq!(html.matches("<svg").count(), 2);
        assert!(html.contains("Data (one row in 3 of 1000)"));
        assert_eq!(html.matches(" id=").count(), 0);
        for foreign in ["<script", "http-equiv", "<link", "src="] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn backticks_are_code() {
        assert_eq!(inline("a `b<` c ` d"), "a <code>b&lt;</code> c ` d");
        assert_eq!(escape("\u{0}a"), "\u{FFFD}a");
    }
}
