//! `--serve` and `--open`.

use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Response, Server};

/// Serves a folder on this machine alone until the program is ended.
///
/// # Errors
/// A port that is taken.
pub fn serve(folder: &Path, port: u16, open_it: bool) -> Result<()> {
    let server = Server::http(("127.0.0.1", port))
        .map_err(|error| anyhow!("cannot serve on port {port}: {error}. Try another --port"))?;
    let address = server.server_addr().to_ip().context("no address")?;
    println!("http://{address}/ (Ctrl-C ends it)");
    if open_it {
        open(&format!("http://{address}/"))?;
    }
    for request in server.incoming_requests() {
        let found =
            (*request.method() == Method::Get).then(|| file(folder, request.url())).flatten();
        // Whoever asked may have gone; the next one is served all the same.
        _ = match found.and_then(|path| Some((File::open(&path).ok()?, media_type(&path)))) {
            Some((file, kind)) => {
                let header = Header::from_bytes("Content-Type", kind).expect("a plain header");
                request.respond(Response::from_file(file).with_header(header))
            }
            None => request.respond(Response::from_string("not here").with_status_code(404)),
        };
    }
    Ok(())
}

/// The file that an address means; nothing outside the folder.
fn file(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(path);
    inside.then_some(if path.is_dir() { path.join("index.html") } else { path })
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// Opens an address in the browser.
///
/// # Errors
/// If there is no program to do it.
pub fn open(address: &str) -> Result<()> {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let mut child = Command::new(program)
        .arg(address)
        .spawn()
        .with_context(|| format!("cannot start {program}; open {address} yourself"))?;
    // explorer's exit code says nothing; the others answer quickly.
    _ = child.wait();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = Path::new("site");
        assert_eq!(file(folder, "/"), Some(folder.join("index.html")));
        assert_eq!(file(folder, "/a/b.html?x#y"), Some(folder.join("a/b.html")));
        assert_eq!(file(folder, "/../secret"), None);
        assert_eq!(file(folder, "//etc/passwd"), Some(folder.join("etc/passwd")));
    }
}
