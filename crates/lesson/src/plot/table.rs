//! A table of text cells, shown in the terminal, in the report and as CSV.

/// Rows of text under a header.
///
/// ```
/// use lesson::plot::Table;
/// let ladder = Table::new(["model", "nats/char"]).row(["unigram", "3.31"]).row(["RNN", "1.98"]);
/// assert_eq!(ladder.to_csv(), "model,nats/char\nunigram,3.31\nRNN,1.98\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The sentence below the table; may be empty.
    pub caption: String,
    /// One name a column.
    pub header: Vec<String>,
    /// The rows; short ones are filled up with empty cells when shown.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns and no rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        let header = header.into_iter().map(Into::into).collect();
        Table { caption: String::new(), header, rows: Vec::new() }
    }

    /// The sentence below the table.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// The table with one more row.
    pub fn row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Self {
        self.push(cells);
        self
    }

    /// Adds a row.
    pub fn push<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The number of columns: the header's, or the longest row's.
    pub fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).chain([self.header.len()]).max().unwrap_or(0)
    }

    /// The cell, empty where the row is short.
    pub(crate) fn cell<'a>(&self, row: &'a [String], column: usize) -> &'a str {
        row.get(column).map_or("", String::as_str)
    }

    /// Whether a column holds numbers (and empty cells) only, so that it is set right-aligned.
    pub fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().map(|r| self.cell(r, column)).filter(|c| !c.is_empty());
        let first = cells.next();
        first.is_some_and(is_number) && cells.all(is_number)
    }

    /// The table as CSV (RFC 4180, `\n` line ends).
    pub fn to_csv(&self) -> String {
        let quote = |cell: &String| {
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let line = |cells: &Vec<String>| cells.iter().map(quote).collect::<Vec<_>>().join(",");
        let mut lines: Vec<String> = Vec::with_capacity(self.rows.len() + 1);
        lines.extend((!self.header.is_empty()).then(|| line(&self.header)));
        lines.extend(self.rows.iter().map(line));
        lines.iter().map(|l| format!("{l}\n")).collect()
    }
}

/// `1.5`, `-3`, `1,234`, `12 %`, `3.2×`, `1e-5`, `0.52 ± 0.01`, `–` for nothing.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim();
    matches!(cell, "–" | "-" | "n/a")
        || cell.split('±').all(|part| {
            let part = part.trim().trim_end_matches(['%', '×', 's']).trim_end();
            let part = part.replace(',', "").replace('−', "-");
            part.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
                && part.parse::<f64>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_recognised_with_their_units() {
        for cell in ["1.5", "−3", "1,234", "12 %", "3.2×", "1e-5", "0.52 ± 0.01", "–"] {
            assert!(is_number(cell), "{cell}");
        }
        for cell in ["nan", "LSTM", "2 layers", "1.5 / 2", "inf"] {
            assert!(!is_number(cell), "{cell}");
        }
        let t = Table::new(["a", "b"]).row(["x", "1"]).row(["y"]);
        assert!(!t.is_numeric(0) && t.is_numeric(1));
        assert!(!Table::new(["a"]).is_numeric(0));
    }

    #[test]
    fn csv_quotes_what_needs_quotes() {
        let t = Table::new(["text"]).row(["a,b"]).row(["say \"hi\""]);
        assert_eq!(t.to_csv(), "text\n\"a,b\"\n\"say \"\"hi\"\"\"\n");
    }
}
