//! What is in a data set: read once through its loader.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use lesson::catalogue::{Format, Only};
use lesson::files::tables::{Select, Series};
use lesson::files::{pairs, read_text, reviews, tables, vectors};
use lesson::plot::LineChart;
use seqcore::data::vocab::words;

/// Which loader a path is for, if nothing says so: by its name.
pub fn guess(path: &Path) -> Format {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if path.is_dir() || name.ends_with(".tar") || name.ends_with(".tgz") {
        Format::Reviews
    } else if name.ends_with(".csv") {
        Format::Series
    } else {
        Format::Text
    }
}

/// Reads everything, and says how much there is, line by line.
///
/// # Errors
/// What the loader refuses.
pub fn summary(path: &Path, format: Format, only: Option<&Only>) -> Result<Vec<String>> {
    match format {
        Format::Text => {
            let text = read_text(path)?;
            let characters: HashSet<char> = text.chars().collect();
            Ok(vec![format!(
                "{} lines, {} words, {} characters ({} different)",
                text.lines().count(),
                words(&text).filter(|word| word.starts_with(char::is_alphanumeric)).count(),
                text.chars().count(),
                characters.len()
            )])
        }
        Format::Series => {
            let series = read_series(path, only)?;
            let (first, last) = (series.times[0], series.times[series.times.len() - 1]);
            let mut lines = vec![format!(
                "{} rows from {first} to {last}, {} gaps",
                series.times.len(),
                series.gaps()
            )];
            if series.notes.sorted {
                lines.push("the rows were out of order and have been sorted".into());
            }
            if series.notes.duplicates > 0 {
                lines.push(format!("{} rows were there twice", series.notes.duplicates));
            }
            for (i, name) in series.names.iter().enumerate() {
                let known = series.values.column(i).to_vec();
                let known: Vec<f64> = known.into_iter().filter(|x| !x.is_nan()).collect();
                let low = known.iter().copied().fold(f64::INFINITY, f64::min);
                let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mean = known.iter().sum::<f64>() / known.len() as f64;
                let missing = series.notes.missing[i];
                lines.push(format!("{name}: {low} to {high}, mean {mean:.4}, {missing} missing"));
            }
            if !series.notes.left_out.is_empty() {
                lines.push(format!("left out (texts): {}", series.notes.left_out.join(", ")));
            }
            Ok(lines)
        }
        Format::Reviews => {
            let (mut counts, mut tokens) = ([[0_usize; 2]; 2], 0);
            for review in reviews::open(path)? {
                let review = review?;
                let part = usize::from(review.split == reviews::Split::Test);
                counts[part][usize::from(review.positive)] += 1;
                tokens += words(&review.text).count();
            }
            let part = |name: &str, [negative, positive]: [usize; 2]| {
                format!("{name}: {negative} negative, {positive} positive")
            };
            Ok(vec![
                part("train", counts[0]),
                part("test", counts[1]),
                format!("{tokens} tokens (words, spaces and marks)"),
            ])
        }
        Format::Pairs => {
            let (mut count, mut sources) = (0, HashSet::new());
            for pair in pairs::open(path)? {
                sources.insert(pair?.source);
                count += 1;
            }
            Ok(vec![format!("{count} pairs of {} different sentences", sources.len())])
        }
        Format::Vectors => {
            let vectors = vectors::read(path, |_| true)?;
            Ok(vec![format!("{} words, {} dimensions", vectors.words.len(), vectors.dimensions())])
        }
    }
}

/// The series that a card shows, or all of a table.
///
/// # Errors
/// What the loader refuses.
pub fn read_series(path: &Path, only: Option<&Only>) -> Result<Series> {
    let mut select = Select::default();
    if let Some(only) = only {
        select = select.only(&only.column, &only.value);
    }
    Ok(tables::read(path, &select)?)
}

/// One column over time, as means of at most 400 blocks, so that a figure stays small.
///
/// # Errors
/// No such column.
pub fn chart(title: &str, series: &Series, column: &str) -> Result<LineChart> {
    const BLOCKS: usize = 400;
    let values = series.column(column)?.to_vec();
    let length = values.len().div_ceil(BLOCKS).max(1);
    let seconds_a_year = 365.2425 * 86_400.0;
    let year = |i: usize| 1970.0 + series.times[i].and_utc().timestamp() as f64 / seconds_a_year;
    let point = |(block, values): (usize, &[f64])| {
        let known: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
        (year(block * length), known.iter().sum::<f64>() / known.len() as f64) // NaN is a gap
    };
    let points: Vec<_> = values.chunks(length).enumerate().map(point).collect();
    let alt = format!(
        "{column} from {} to {}{}.",
        series.times[0].date(),
        series.times[series.times.len() - 1].date(),
        if length > 1 { format!(", means of {length} rows") } else { String::new() }
    );
    let label = match length {
        1 => column.to_owned(),
        _ => format!("{column} (means of {length} rows)"),
    };
    Ok(LineChart::new(title, alt).x("year").y(label).series(column, &points))
}
