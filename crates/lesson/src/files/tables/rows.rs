//! The rows of a CSV table, streamed: dates, numbers, and errors with line and column.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use csv::StringRecord;

use super::super::{dates, lines};
use crate::{Error, Result};

/// How many of the rows that are wanted are looked at to tell numbers from texts.
pub(super) const ROWS_LOOKED_AT: usize = 10_000;

/// Which part of a table is wanted. The default is all numeric columns of all rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Select {
    columns: Vec<String>,
    only: Option<(String, String)>,
    time: Option<String>,
}

impl Select {
    /// The dates stand in this column; without it they are looked for.
    pub fn time(mut self, column: impl Into<String>) -> Self {
        self.time = Some(column.into());
        self
    }

    /// These columns, in this order.
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns = names.into_iter().map(Into::into).collect();
        self
    }

    /// Only rows that hold `value` in `column`: one share, one station.
    pub fn only(mut self, column: impl Into<String>, value: impl Into<String>) -> Self {
        self.only = Some((column.into(), value.into()));
        self
    }

    /// The column and value of [`Self::only`].
    pub(super) fn wanted(&self) -> Option<&(String, String)> {
        self.only.as_ref()
    }
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: usize,
    /// Its moment.
    pub time: NaiveDateTime,
    /// Its numbers, (C); NaN where one is missing.
    pub values: Vec<f64>,
}

/// The rows of a table, one at a time, in the file's order.
pub struct Rows {
    path: PathBuf,
    table: csv::Reader<lines::Content>,
    layout: Layout,
    record: StringRecord,
    failed: bool,
}

/// Where in a record things stand.
#[derive(Debug, Clone)]
struct Layout {
    header: Vec<String>,
    date: DateColumns,
    values: Vec<usize>,
    left_out: Vec<String>,
    only: Option<(usize, String)>,
}

#[derive(Debug, Clone)]
enum DateColumns {
    /// One column.
    One(usize),
    /// A date and a time.
    Two(usize, usize),
    /// Year, month, day, hour.
    Parts(usize, usize, usize, Option<usize>),
}

impl Rows {
    /// Opens a table and reads its header.
    ///
    /// # Errors
    /// A file that cannot be read, an empty one, a header without the columns that were selected,
    /// no numeric column.
    pub fn open(path: impl AsRef<Path>, select: &Select) -> Result<Self> {
        let path = path.as_ref();
        let (mut table, header) = open_table(path)?;
        let mut layout = Layout::of(path, header, select)?;
        if select.columns.is_empty() {
            layout.find_numeric_columns(path, &mut table)?;
            (table, _) = open_table(path)?; // once more from the beginning
        }
        Ok(Self {
            path: path.to_owned(),
            table,
            layout,
            record: StringRecord::new(),
            failed: false,
        })
    }

    /// The names of the columns, (C).
    pub fn names(&self) -> Vec<String> {
        self.layout.values.iter().map(|&i| self.layout.header[i].clone()).collect()
    }

    /// The columns that were left out because they hold texts, or nothing.
    pub fn left_out(&self) -> &[String] {
        &self.layout.left_out
    }

    fn read(&mut self) -> Result<Option<Row>> {
        while read_record(&mut self.table, &mut self.record, &self.path, &self.layout.header)? {
            if self.layout.wants(&self.record) {
                return self.layout.row(&self.path, &self.record).map(Some);
            }
        }
        Ok(None)
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;

    /// The next row. After an error there are no more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.read().transpose();
        self.failed = matches!(row, Some(Err(_)));
        row
    }
}

/// What a column holds, without repetition and sorted: the shares or stations of a table.
///
/// # Errors
/// As [`Rows::open`].
pub fn distinct(path: impl AsRef<Path>, column: &str) -> Result<Vec<String>> {
    let path = path.as_ref();
    let (mut table, header) = open_table(path)?;
    let index = find_column(path, &header, column)?;
    let mut record = StringRecord::new();
    let mut found = BTreeSet::new();
    while read_record(&mut table, &mut record, path, &header)? {
        if !found.contains(record[index].trim()) {
            found.insert(record[index].trim().to_owned());
        }
    }
    Ok(found.into_iter().collect())
}

fn open_table(path: &Path) -> Result<(csv::Reader<lines::Content>, Vec<String>)> {
    let mut table = csv::ReaderBuilder::new().from_reader(lines::open(path)?);
    let header = table.headers().map_err(|error| csv_error(path, &[], error))?;
    let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    if header.iter().all(|name| name.is_empty()) {
        let what = "the file is empty. Expected a CSV table with a header in its first line.";
        return Err(Error::data(path, None, what));
    }
    Ok((table, header))
}

/// Reads the next record; false at the end.
fn read_record(
    table: &mut csv::Reader<lines::Content>,
    record: &mut StringRecord,
    path: &Path,
    header: &[String],
) -> Result<bool> {
    table.read_record(record).map_err(|error| csv_error(path, header, error))
}

/// The csv crate's error in our words, with line and column.
pub(crate) fn csv_error(path: &Path, header: &[String], error: csv::Error) -> Error {
    let line = error.position().map(|position| position.line() as usize);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => lines::read_error(path, line, source),
        csv::ErrorKind::Utf8 { err, .. } => {
            let column = place(header, err.field());
            let what = format!("{column} is not valid UTF-8. Save the file as UTF-8.");
            Error::data(path, line, what)
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let what = format!(
                "expected {expected_len} columns as in the header, found {len}. Is a comma missing or a quote left open?"
            );
            Error::data(path, line, what)
        }
        other => Error::data(path, line, format!("this is no CSV table ({other:?}).")),
    }
}

/// How a column is named in messages.
pub(crate) fn place(header: &[String], index: usize) -> String {
    match header.get(index) {
        Some(name) => format!("column {} ({name})", index + 1),
        None => format!("column {}", index + 1),
    }
}

pub(crate) fn find_column(path: &Path, header: &[String], name: &str) -> Result<usize> {
    header.iter().position(|n| n == name).ok_or_else(|| {
        let what = format!("there is no column {name:?}. There are: {}.", header.join(", "));
        Error::data(path, 1, what)
    })
}

pub(crate) fn line_of(record: &StringRecord) -> usize {
    record.position().map_or(0, |position| position.line() as usize)
}

fn is_missing(text: &str) -> bool {
    text.is_empty() || ["na", "n/a", "nan", "null"].iter().any(|m| text.eq_ignore_ascii_case(m))
}

impl Layout {
    fn of(path: &Path, header: Vec<String>, select: &Select) -> Result<Self> {
        let named = |names: &[&str]| {
            header.iter().position(|name| names.iter().any(|n| name.eq_ignore_ascii_case(n)))
        };
        let parts = (named(&["year"]), named(&["month"]), named(&["day"]));
        let hour = named(&["hour"]);
        let whole = named(&["datetime", "date time", "date_time", "timestamp"]);
        let asked = match &select.time {
            Some(name) => Some(find_column(path, &header, name)?),
            None => None,
        };
        let date = match (asked.or(whole), named(&["date"]), named(&["time"]), parts) {
            (Some(i), ..) => DateColumns::One(i),
            (_, Some(date), Some(time), _) => DateColumns::Two(date, time),
            (_, Some(i), None, _) | (_, None, Some(i), _) => DateColumns::One(i),
            (.., (Some(y), Some(m), Some(d))) => DateColumns::Parts(y, m, d, hour),
            _ => DateColumns::One(0), // the first column, whatever its name
        };
        let only = match &select.only {
            Some((column, value)) => Some((find_column(path, &header, column)?, value.clone())),
            None => None,
        };
        let find = |name: &String| find_column(path, &header, name);
        let values = select.columns.iter().map(find).collect::<Result<_>>()?;
        Ok(Self { header, date, values, left_out: Vec::new(), only })
    }

    /// Takes every column whose first entries are numbers and that is no date.
    fn find_numeric_columns(
        &mut self,
        path: &Path,
        table: &mut csv::Reader<lines::Content>,
    ) -> Result<()> {
        let mut undecided: Vec<usize> =
            (0..self.header.len()).filter(|&i| !self.date.uses(i)).collect();
        let mut record = StringRecord::new();
        let (mut looked_at, mut several_lines) = (0, None);
        while looked_at < ROWS_LOOKED_AT
            && !undecided.is_empty()
            && read_record(table, &mut record, path, &self.header)?
        {
            if several_lines.is_none() && record.iter().any(|field| field.contains('\n')) {
                several_lines = Some(line_of(&record));
            }
            if self.wants(&record) {
                looked_at += 1;
                undecided.retain(|&i| {
                    let text = record[i].trim();
                    if text.parse::<f64>().is_ok() && !is_missing(text) {
                        self.values.push(i);
                    }
                    is_missing(text)
                });
            }
        }
        self.values.sort();
        let left_out = |i: &usize| !self.date.uses(*i) && !self.values.contains(i);
        self.left_out =
            (0..self.header.len()).filter(left_out).map(|i| self.header[i].clone()).collect();
        if self.values.is_empty() && looked_at > 0 {
            let quote = match several_lines {
                Some(_) => {
                    " A text begins here that goes on in the next line: is a quote left open?"
                }
                None => "",
            };
            let what = format!(
                "there is no column of numbers. Columns: {}. Expected a date and numbers, separated by commas.{quote}",
                self.header.join(", ")
            );
            return Err(Error::data(path, several_lines, what));
        }
        Ok(())
    }

    fn wants(&self, record: &StringRecord) -> bool {
        self.only.as_ref().is_none_or(|(column, value)| record[*column].trim() == value)
    }

    fn row(&self, path: &Path, record: &StringRecord) -> Result<Row> {
        let line = line_of(record);
        let values = self.values.iter().map(|&i| {
            number(&record[i]).map_err(|expected| {
                let what = format!(
                    "{}: expected {expected}, found {:?}.",
                    place(&self.header, i),
                    &record[i]
                );
                Error::data(path, line, what)
            })
        });
        let values = values.collect::<Result<_>>()?;
        Ok(Row { line, time: self.time(path, record)?, values })
    }

    fn time(&self, path: &Path, record: &StringRecord) -> Result<NaiveDateTime> {
        let at = |i: usize| record[i].trim();
        let (first, text) = match &self.date {
            DateColumns::One(i) => (*i, at(*i).to_owned()),
            DateColumns::Two(date, time) => (*date, format!("{} {}", at(*date), at(*time))),
            DateColumns::Parts(y, m, d, None) => (*y, format!("{}-{}-{}", at(*y), at(*m), at(*d))),
            DateColumns::Parts(y, m, d, Some(h)) => {
                (*y, format!("{}-{}-{} {}", at(*y), at(*m), at(*d), at(*h)))
            }
        };
        dates::parse(&text).ok_or_else(|| {
            let what = format!(
                "{}: expected a date such as {}, found {text:?}.",
                place(&self.header, first),
                dates::EXAMPLES
            );
            Error::data(path, line_of(record), what)
        })
    }
}

impl DateColumns {
    fn uses(&self, column: usize) -> bool {
        match self {
            Self::One(i) => column == *i,
            Self::Two(date, time) => column == *date || column == *time,
            Self::Parts(y, m, d, h) => [*y, *m, *d].contains(&column) || *h == Some(column),
        }
    }
}

/// A number, NaN where it is missing, or what was expected instead.
fn number(text: &str) -> std::result::Result<f64, &'static str> {
    let text = text.trim();
    match text.parse::<f64>() {
        _ if is_missing(text) => Ok(f64::NAN),
        Ok(x) if x.is_finite() => Ok(x),
        Ok(x) if x.is_nan() => Ok(f64::NAN), // such as "-nan"
        Ok(_) => Err("a finite number"),
        Err(_) => Err("a number, or nothing where it is missing"),
    }
}
