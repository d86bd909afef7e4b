//! From pages to a site.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

use crate::links::{Needed, folder_page, lead};
use crate::maths;
use crate::pages::{Page, Section};

/// In every folder that we made, and in no other: what may be replaced.
const MARKER: &str = ".course-book";

const CONFIG: &str = r#"
[book]
title = "Recurrent networks"
language = "en"
src = "src"

[build]
use-default-preprocessors = false
create-missing = false

[output.html]
default-theme = "light"
preferred-dark-theme = "navy"
additional-css = ["course.css"]
no-section-label = true
fold = { enable = true, level = 1 }
playground = { runnable = false, copyable = true }

[output.html.search]
limit-results = 30
use-boolean-and = true
"#;

/// Builds the site in `out`; returns how many pages it has.
///
/// # Errors
/// A dead link, a formula that cannot be shown, or a folder that is not ours or cannot be written.
pub fn build(root: &Path, mut sections: Vec<Section>, out: &Path) -> Result<usize> {
    if out.exists() && !out.join(MARKER).exists() && out.read_dir()?.next().is_some() {
        bail!(
            "{} is not empty and was not made by this command; name another folder",
            out.display()
        );
    }
    let files = complete(root, &mut sections)?;
    let work = tempfile::tempdir().context("cannot make a folder for temporary files")?;
    let src = work.path().join("src");
    for page in sections.iter().flat_map(|section| &section.pages) {
        write(&src.join(&page.path), &maths::render(&page.path, &page.text)?)?;
    }
    for file in files {
        let to = src.join(&file);
        std::fs::create_dir_all(to.parent().expect("below src"))?;
        std::fs::copy(root.join(&file), to)?;
    }
    write(&src.join("SUMMARY.md"), &summary(&sections))?;
    write(&work.path().join("course.css"), include_str!("course.css"))?;
    let mut config: Config = CONFIG.parse()?;
    config.build.build_dir = out.to_owned();
    MDBook::load_with_config(work.path(), config)?.build()?;
    write(&out.join(MARKER), "Made by `cargo xtask book`, which replaces what is here.\n")?;
    Ok(sections.iter().map(|section| section.pages.len()).sum())
}

/// Leads all links, and adds the pages that they need, until nothing is missing. Returns the files to copy.
fn complete(root: &Path, sections: &mut Vec<Section>) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut there: BTreeSet<PathBuf> =
        sections.iter().flat_map(|section| &section.pages).map(|page| page.path.clone()).collect();
    let (mut first, mut more) = (true, Vec::new());
    loop {
        let mut needed = Needed::default();
        let unled = match first {
            true => sections.iter_mut().flat_map(|section| &mut section.pages).collect(),
            false => more.iter_mut().collect::<Vec<&mut Page>>(),
        };
        for page in unled {
            page.text = lead(root, page, &mut needed)?;
        }
        first = false;
        files.append(&mut needed.files);
        let done = std::mem::take(&mut more);
        if !done.is_empty() {
            match sections.last_mut().filter(|section| section.title == SOURCES) {
                Some(section) => section.pages.extend(done),
                None => sections.push(Section { title: SOURCES, pages: done }),
            }
        }
        let needed = needed.without(&there);
        for path in &needed.pages {
            more.push(Page::read(root, path)?);
        }
        for path in &needed.listings {
            more.push(Page::listing(root, path)?);
        }
        for path in &needed.folders {
            more.push(folder_page(root, path)?);
        }
        if more.is_empty() {
            break;
        }
        there.extend(more.iter().map(|page| page.path.clone()));
    }
    if let Some(sources) = sections.last_mut().filter(|section| section.title == SOURCES) {
        sources.pages.sort_by(|a, b| a.path.cmp(&b.path));
    }
    Ok(files)
}

/// The heading over what pages point to.
const SOURCES: &str = "Files that pages point to";

/// mdBook's table of contents.
fn summary(sections: &[Section]) -> String {
    let mut text = String::from("# Summary\n");
    for Section { title, pages } in sections {
        if title.is_empty() {
            for page in pages {
                text += &format!("\n[{}]({})\n", plain(&page.title), page.path.display());
            }
            continue;
        }
        text += &format!("\n# {title}\n\n");
        for page in pages {
            text += &format!("- [{}]({})\n", plain(&page.title), page.path.display());
        }
    }
    text.replace('\\', "/")
}

/// A title without what means something to Markdown.
fn plain(title: &str) -> String {
    title.replace(['`', '*', '[', ']'], "")
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::create_dir_all(path.parent().expect("a file in a folder"))?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
