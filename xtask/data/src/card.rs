//! `datasets/README.md`, written from the manifest, with a small figure of every embedded set.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;
use lesson::catalogue::{Catalogue, DataSet, Format};
use lesson::files::{read_text, reviews};
use lesson::plot::{BarChart, Figure};

use crate::show;

/// A file of the card: its path below `datasets`, and its content.
pub type CardFile = (String, String);

const INTRODUCTION: &str = "\
<!-- Written by `cargo xtask data card` from manifest.toml. Change that, not this. -->
# Data sets

Every lesson takes `--data ID` or `--data PATH`. *Embedded* sets are part of the course. *Fetched*
ones come from their publishers, once, with

```
cargo xtask data list
cargo xtask data fetch ID...
cargo xtask data fetch ID --from FILE    # a file you downloaded yourself
cargo xtask data verify
```

into `datasets/cache`, or the folder that `SEQ_DATA_DIR` names. A download that is interrupted goes
on the next time; a file whose checksum is wrong is never used. Nothing is downloaded unless
you ask: with that command, or with `--fetch` beside a lesson's `--data ID`.
";

/// The card's files.
///
/// # Errors
/// An embedded file that its loader refuses.
pub fn files(catalogue: &Catalogue) -> Result<Vec<CardFile>> {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| `--data` | what | size | licence |\n|---|---|---|---|\n");
    for set in catalogue.sets() {
        let size = format!("{}, {}", rows(set), storage(set));
        let licence = set.licence.split([':', ';', ',']).next().unwrap_or_default();
        let licence = licence.split(". ").next().unwrap_or_default().trim_end_matches('.');
        writeln!(page, "| [`{0}`](#{0}) | {1} | {size} | {licence} |", set.id, set.title)?;
    }
    let mut figures = Vec::new();
    for set in catalogue.sets() {
        let figure = match set.embedded {
            Some(_) => figure(catalogue, set).with_context(|| set.id.clone())?,
            None => None,
        };
        section(&mut page, catalogue, set, figure.as_ref())?;
        if let Some(figure) = figure {
            figures.push((figure_name(set), figure.svg + "\n"));
        }
    }
    figures.insert(0, ("README.md".to_owned(), page));
    Ok(figures)
}

/// Writes the card.
///
/// # Errors
/// A file that cannot be written.
pub fn write(catalogue: &Catalogue) -> Result<()> {
    let folder = catalogue.folder().join("figures");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, content) in files(catalogue)? {
        let path = catalogue.folder().join(name);
        lesson::files::write_atomically(&path, content.as_bytes())?;
    }
    Ok(())
}

/// The files of the card that are not what they would be if written now.
///
/// # Errors
/// As [`files`].
pub fn stale(catalogue: &Catalogue) -> Result<Vec<String>> {
    let same = |name: &str, content: &str| {
        let found = std::fs::read_to_string(catalogue.folder().join(name));
        found.is_ok_and(|found| found.replace("\r\n", "\n") == content)
    };
    let files = files(catalogue)?;
    Ok(files.into_iter().filter(|(name, text)| !same(name, text)).map(|(name, _)| name).collect())
}

fn rows(set: &DataSet) -> String {
    let name = set.row_name.as_deref().unwrap_or("rows");
    set.rows.map_or_else(|| name.to_owned(), |rows| format!("{} {name}", thousands(rows)))
}

fn storage(set: &DataSet) -> String {
    match &set.embedded {
        Some(embedded) => format!("embedded ({:.0} kB)", (embedded.bytes as f64 / 1e3).max(1.0)),
        None => set.download_size().map_or("fetched".into(), |size| format!("fetched ({size})")),
    }
}

fn figure_name(set: &DataSet) -> String {
    format!("figures/{}.svg", set.id)
}

fn section(
    page: &mut String,
    catalogue: &Catalogue,
    set: &DataSet,
    figure: Option<&Figure>,
) -> Result<()> {
    writeln!(page, "\n## {}\n\n**{}.** {}", set.id, set.title, set.about)?;
    writeln!(
        page,
        "\nUsed by {}. {}; {}; `{}`.",
        set.lessons.join(", "),
        capital(&rows(set)),
        storage(set),
        set.file
    )?;
    if let Some(figure) = figure {
        writeln!(page, "\n![{}]({})", figure.alt, figure_name(set))?;
    }
    if !set.columns.is_empty() {
        page.push_str("\n| column | meaning |\n|---|---|\n");
        for column in &set.columns {
            writeln!(page, "| `{}` | {} |", column.name, column.about)?;
        }
    }
    if set.embedded.is_some() {
        writeln!(page, "\nIt begins:\n\n```\n{}\n```", first_lines(&catalogue.path_of(set), 5)?)?;
    }
    page.push_str("\nTo know before using it:\n\n");
    for quirk in &set.quirks {
        writeln!(page, "- {quirk}")?;
    }
    writeln!(page, "\n- *Source:* {}", linked(&set.source))?;
    if let Some(changes) = &set.changes {
        writeln!(page, "- *Changed here:* {changes}")?;
    }
    writeln!(page, "- *Licence:* {}\n- *Cite:* {}", set.licence, set.cite)?;
    if let Some(download) = &set.download {
        let addresses: Vec<_> = download.urls.iter().map(|url| format!("<{url}>")).collect();
        writeln!(page, "- *Address:* {}", addresses.join(" or "))?;
    }
    let known = set.download.iter().flat_map(|download| {
        [("sha256", &download.sha256), ("sha1", &download.sha1), ("md5", &download.md5)]
    });
    let known = known.filter_map(|(name, sum)| sum.as_ref().map(|sum| (name, sum)));
    let embedded = set.embedded.as_ref().map(|embedded| ("sha256", &embedded.sha256));
    for (name, sum) in known.chain(embedded) {
        writeln!(page, "- *Checksum:* {name} `{sum}`")?;
    }
    if let Some(unchecked) = &set.unchecked {
        writeln!(page, "- *Checksum:* {unchecked}")?;
    }
    Ok(())
}

fn figure(catalogue: &Catalogue, set: &DataSet) -> Result<Option<Figure>> {
    let path = catalogue.path_of(set);
    Ok(match (set.format, &set.figure) {
        (Format::Series, Some(column)) => {
            let series = show::read_series(&path, set.only.as_ref())?;
            let title = match &set.only {
                Some(only) => format!("{} ({})", set.title, only.value),
                None => set.title.clone(),
            };
            Some(show::chart(&title, &series, column)?.render())
        }
        (Format::Text, _) => Some(frequent_words(set, &read_text(&path)?)),
        (Format::Reviews, _) => Some(review_lengths(set, &path)?),
        _ => None,
    })
}

/// The most frequent words of five letters or more: what the text is about.
fn frequent_words(set: &DataSet, text: &str) -> Figure {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for word in seqcore::data::vocab::words(text).filter(|word| word.chars().count() >= 5) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count)); // stable: then by the alphabet
    let top = &counts[..counts.len().min(8)];
    let list = top.iter().map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>();
    let title = format!("{}: frequent words of five letters or more", set.title);
    let alt = format!("The most frequent words of five letters or more: {}.", list.join(", "));
    let chart = BarChart::new(title, alt).unit("times");
    top.iter().fold(chart, |chart, (word, count)| chart.bar(word, *count as f64)).render()
}

/// How many reviews have how many words.
fn review_lengths(set: &DataSet, path: &Path) -> Result<Figure> {
    const WIDTH: usize = 20;
    let mut counts = Vec::new();
    for review in reviews::open(path)? {
        let bin = review?.text.split_whitespace().count() / WIDTH;
        counts.resize(counts.len().max(bin + 1), 0);
        counts[bin] += 1;
    }
    let bins: Vec<_> = counts
        .iter()
        .enumerate()
        .map(|(i, count)| (format!("{}-{} words", i * WIDTH, (i + 1) * WIDTH - 1), *count))
        .collect();
    let list = bins.iter().map(|(name, count)| format!("{name}: {count}")).collect::<Vec<_>>();
    let chart = BarChart::new(
        format!("{}: length", set.title),
        format!("Reviews by length. {}.", list.join(", ")),
    );
    let chart = bins.iter().fold(chart.unit("reviews"), |c, (name, n)| c.bar(name, f64::from(*n)));
    Ok(chart.render())
}

/// The first lines of a file, plain or gzip; long ones are cut.
fn first_lines(path: &Path, count: usize) -> Result<String> {
    let file =
        std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let reader: Box<dyn Read> = match path.extension().is_some_and(|extension| extension == "gz") {
        true => Box::new(MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    let mut lines = Vec::new();
    for line in BufReader::new(reader).lines().take(count) {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        match line.char_indices().nth(96) {
            Some((at, _)) => lines.push(format!("{} ...", &line[..at])),
            None => lines.push(line),
        }
    }
    Ok(lines.join("\n").trim_end().to_owned())
}

fn linked(source: &str) -> String {
    let link = |word: &str| match word.starts_with("http") {
        true => format!("<{word}>"),
        false => word.to_owned(),
    };
    source.split(' ').map(link).collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_card_is_the_one_that_would_be_written() {
        let stale = stale(&Catalogue::open().unwrap()).unwrap();
        assert!(stale.is_empty(), "run `cargo xtask data card`: {stale:?} are out of date");
    }

    #[test]
    fn numbers_are_grouped() {
        let grouped = [7, 999, 1000, 420_551].map(thousands);
        assert_eq!(grouped, ["7", "999", "1,000", "420,551"]);
    }
}
