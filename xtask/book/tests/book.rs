//! The whole book, built and looked through.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn book(out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask-book")).arg("--out").arg(out).output().unwrap()
}

fn html_files(folder: &Path, list: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            html_files(&path, list);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            list.push(path);
        }
    }
}

/// The values of an attribute in a page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_page_stands_alone_and_every_link_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("book");
    let first = book(&out);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    // Its own folder may be made again.
    assert!(book(&out).status.success());
    let mut pages = Vec::new();
    html_files(&out, &mut pages);
    assert!(pages.len() > 8, "{}", pages.len());
    let mut formulas = 0;
    for page in &pages {
        let html = std::fs::read_to_string(page).unwrap();
        formulas += html.matches("<math").count();
        for address in attributes(&html, "href").into_iter().chain(attributes(&html, "src")) {
            let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
            if path.contains("://") || address.starts_with("data:") || path.starts_with("mailto:") {
                assert!(!address.ends_with(".js") && !address.ends_with(".css"), "{address}");
                continue;
            }
            let target = match path {
                "" => page.clone(),
                path if page.ends_with("404.html") => out.join(path.trim_start_matches('/')),
                path => page.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {address} leads nowhere", page.display());
            if !anchor.is_empty() && target.extension().is_some_and(|e| e == "html") {
                let there = std::fs::read_to_string(&target).unwrap();
                let there = there.contains(&format!("id=\"{anchor}\""));
                assert!(there, "{}: {address}: no such anchor", page.display());
            }
        }
    }
    assert!(formulas > 500, "{formulas}");
    let chapter = std::fs::read_to_string(out.join("theory/02_lstm_architecture.html")).unwrap();
    assert!(!chapter.contains("\\tag") && !chapter.contains("$$"));
    assert!(chapter.contains("(L6)</span>"));
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thesis.txt");
    std::fs::write(&file, "three years").unwrap();
    let out = book(folder.path());
    assert_eq!(out.status.code(), Some(2));
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("is not empty and was not made by this command"), "{said}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "three years");
}
