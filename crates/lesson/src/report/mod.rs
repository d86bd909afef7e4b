//! The lesson report: one HTML file with everything in it.
//!
//! Text, tables and figures are added from top to bottom; [`Report::to_html`] sets them as a page
//! that needs no JavaScript, no network and no fonts, follows the reader's light or dark setting,
//! fits a phone and prints. All text is escaped; the only markup is `` `code` `` in backticks.

mod html;

use std::path::Path;

use crate::error::Result;
use crate::files::write_atomically;
use crate::plot::{Figure, Table, TextHeat};

/// A report that grows from top to bottom.
///
/// ```
/// use lesson::plot::Table;
/// use lesson::report::Report;
/// let mut report = Report::new("RNN basics", "What a recurrent network is.");
/// report.section("The ladder");
/// report.paragraph("Each model on the same held-out text.");
/// report.table(&Table::new(["model", "nats/char"]).row(["unigram", "3.31"]));
/// assert!(report.to_html().contains("<h2 id=\"the-ladder\">The ladder</h2>"));
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    lead: String,
    footer: String,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
enum Block {
    Section(String),
    Subsection(String),
    Paragraph(String),
    List(Vec<String>),
    Table(Table),
    Figure(Figure),
    Preformatted(String),
    Lines(String),
    TextHeat(TextHeat),
    Details(String, String),
}

impl Report {
    /// A report with a title and the paragraph that opens it.
    pub fn new(title: impl Into<String>, lead: impl Into<String>) -> Self {
        let (title, lead) = (title.into(), lead.into());
        Report { title, lead, footer: String::new(), blocks: Vec::new() }
    }

    /// A heading of the first level, which the table of contents lists.
    pub fn section(&mut self, heading: impl Into<String>) {
        self.blocks.push(Block::Section(heading.into()));
    }

    /// A heading below a section.
    pub fn subsection(&mut self, heading: impl Into<String>) {
        self.blocks.push(Block::Subsection(heading.into()));
    }

    /// A paragraph; empty lines in `text` begin another one.
    pub fn paragraph(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph(text.into()));
    }

    /// A bulleted list.
    pub fn list<S: Into<String>>(&mut self, items: impl IntoIterator<Item = S>) {
        self.blocks.push(Block::List(items.into_iter().map(Into::into).collect()));
    }

    /// A table with its caption.
    pub fn table(&mut self, table: &Table) {
        self.blocks.push(Block::Table(table.clone()));
    }

    /// A figure with its caption and, folded, its data.
    pub fn figure(&mut self, figure: &Figure) {
        self.blocks.push(Block::Figure(figure.clone()));
    }

    /// Text in a fixed-width font, as it stands.
    pub fn preformatted(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Preformatted(text.into()));
    }

    /// A line in a fixed-width font. Lines that follow one another are one text; whether this one goes on
    /// with an earlier one is returned.
    pub fn line(&mut self, line: &str) -> bool {
        if let Some(Block::Lines(lines)) = self.blocks.last_mut() {
            lines.push('\n');
            lines.push_str(line);
            return true;
        }
        self.blocks.push(Block::Lines(line.to_owned()));
        false
    }

    /// A text coloured by values.
    pub fn text_heat(&mut self, heat: &TextHeat) {
        self.blocks.push(Block::TextHeat(heat.clone()));
    }

    /// Raw data or long output, folded away below its summary.
    pub fn details(&mut self, summary: impl Into<String>, text: impl Into<String>) {
        self.blocks.push(Block::Details(summary.into(), text.into()));
    }

    /// The small print at the end: how the report was made.
    pub fn footer(&mut self, text: impl Into<String>) {
        self.footer = text.into();
    }

    /// The page.
    pub fn to_html(&self) -> String {
        html::page(self)
    }

    /// Writes the page to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`crate::Error::Write`] if the folder or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_atomically(path, self.to_html().as_bytes())
    }
}
