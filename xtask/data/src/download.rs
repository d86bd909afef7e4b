//! One address to one file, in as many attempts as it takes.
//!
//! Bytes are appended to a `.part` file. Whatever ends an attempt, what has arrived stays, and the
//! next attempt, of this run or of a later one, asks for the rest with a `Range` header. A server
//! that ignores it starts over. An attempt is given up when nothing arrives for a while, so that a
//! slow server is waited for and a dead one is not.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

/// How patient a download is.
#[derive(Debug, Clone)]
pub struct Patience {
    /// Without a connection, or without an answer, for so long: give up the attempt.
    pub connect: Duration,
    /// Without a byte for so long: give up the attempt.
    pub idle: Duration,
    /// The pause after a failed attempt; it doubles each time.
    pub pause: Duration,
    /// Give up after so many attempts in a row that brought nothing.
    pub attempts: u32,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(30), idle: seconds(60), pause: seconds(1), attempts: 4 }
    }
}

/// Why a download ended without the file.
#[derive(Debug)]
pub enum Failure {
    /// The server said no: 404, 403, ...
    Status(u16),
    /// No server was reached, or the connection broke again and again.
    Network(String),
    /// There are more bytes than the manifest says.
    TooLong,
    /// The file could not be written.
    Write(io::Error),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(code @ (404 | 410)) => {
                write!(f, "the file is no longer at this address ({code})")
            }
            Self::Status(code @ (401 | 403 | 406)) => {
                write!(f, "the server refuses to hand it out ({code})")
            }
            Self::Status(code) => write!(f, "the server answered with an error ({code})"),
            Self::Network(what) => write!(f, "{what}"),
            Self::TooLong => write!(f, "there are more bytes than expected: it is another file"),
            Self::Write(error) if error.kind() == ErrorKind::StorageFull => {
                write!(
                    f,
                    "the disk is full. What has arrived is kept: free some space, or name a folder on another disk with SEQ_DATA_DIR"
                )
            }
            Self::Write(error) => write!(f, "cannot write the file: {error}"),
        }
    }
}

/// How one attempt ended, unless it brought the whole file.
enum Ended {
    /// Another attempt may go on.
    Broken(String),
    /// Another attempt would be no better.
    Final(Failure),
}

/// A client; with `proxies`, it goes through those of the environment (`HTTPS_PROXY`, `ALL_PROXY`,
/// `NO_PROXY`, ...). Where `SSL_CERT_FILE` names a file, its certificates hold besides the usual ones.
pub fn client(patience: &Patience, proxies: bool) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("seqcore-course/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .timeout_connect(Some(patience.connect))
        .timeout_recv_response(Some(patience.connect))
        .timeout_per_read(Some(patience.idle));
    if !proxies {
        config = config.proxy(None);
    }
    if let Some(roots) = roots_from_environment() {
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    config.build().into()
}

fn roots_from_environment() -> Option<RootCerts> {
    let pem = std::fs::read(std::env::var_os("SSL_CERT_FILE")?).ok()?;
    let certificates: Vec<_> = ureq::tls::parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    (!certificates.is_empty()).then(|| RootCerts::new_with_certs(&certificates))
}

/// Downloads `url` to `part`, going on where an earlier attempt stopped. `bytes` is the size, if it
/// is known. Returns whether bytes of more than one attempt are in the file: if it then turns out
/// wrong, a fresh start may help.
///
/// # Errors
/// See [`Failure`]. What has arrived is kept.
pub fn download(
    agent: &Agent,
    patience: &Patience,
    url: &str,
    part: &Path,
    bytes: Option<u64>,
    bar: &ProgressBar,
) -> Result<bool, Failure> {
    let size = || std::fs::metadata(part).map_or(0, |file| file.len());
    let (mut in_vain, mut pause, mut resumed) = (0, patience.pause, size() > 0);
    loop {
        let before = size();
        if bytes.is_some_and(|bytes| before == bytes) {
            return Ok(resumed);
        }
        let why = match attempt(agent, url, part, before, bytes, bar) {
            Ok(()) if bytes.is_none_or(|bytes| size() == bytes) => return Ok(resumed),
            Ok(()) => "the file ended early".to_owned(),
            Err(Ended::Final(failure)) => return Err(failure),
            Err(Ended::Broken(why)) => why,
        };
        resumed = size() > 0;
        if size() > before {
            (in_vain, pause) = (0, patience.pause);
        } else {
            in_vain += 1;
        }
        if in_vain >= patience.attempts {
            return Err(Failure::Network(why));
        }
        bar.set_message(format!("{why}; trying again"));
        std::thread::sleep(pause);
        pause *= 2;
    }
}

fn attempt(
    agent: &Agent,
    url: &str,
    part: &Path,
    have: u64,
    bytes: Option<u64>,
    bar: &ProgressBar,
) -> Result<(), Ended> {
    let mut request = agent.get(url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    let response = request.call().map_err(from_client)?;
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let start = match response.status() {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT => {
            let range = header("content-range").and_then(|range| range.strip_prefix("bytes "));
            let start = range.and_then(|range| range.split('-').next()?.parse().ok());
            match start == Some(have) {
                true => have,
                false => return start_over(part, "the server sent another part than asked for"),
            }
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            // There is nothing after what we have: either it is whole, or it is something else.
            let total = header("content-range").and_then(|range| range.strip_prefix("bytes */"));
            match bytes.is_none() && total.and_then(|total| total.parse().ok()) == Some(have) {
                true => return Ok(()),
                false => return start_over(part, "the partial file does not fit the server's"),
            }
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            return Err(Ended::Broken(Failure::Status(status.as_u16()).to_string()));
        }
        status => return Err(Ended::Final(Failure::Status(status.as_u16()))),
    };
    let length = response.body().content_length().map(|length| start + length);
    let total = bytes.or(length);
    if bytes.is_some() && length.is_some_and(|length| Some(length) > bytes) {
        return Err(Ended::Final(Failure::TooLong));
    }
    match total {
        Some(total) => bar.set_length(total),
        None => bar.unset_length(),
    }
    bar.set_position(start);
    bar.reset_eta();
    let file = open_part(part, start).map_err(|error| Ended::Final(Failure::Write(error)))?;
    copy(response.into_body().into_reader(), file, bytes.map(|bytes| bytes - start), bar)
}

/// Drops the partial file, so that the next attempt begins anew.
fn start_over(part: &Path, why: &str) -> Result<(), Ended> {
    std::fs::remove_file(part).map_err(|error| Ended::Final(Failure::Write(error)))?;
    Err(Ended::Broken(why.to_owned()))
}

fn open_part(part: &Path, start: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(part)?;
    file.set_len(start)?;
    file.seek(io::SeekFrom::End(0))?;
    Ok(file)
}

fn copy(
    mut body: impl Read,
    mut file: File,
    mut left: Option<u64>,
    bar: &ProgressBar,
) -> Result<(), Ended> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Ended::Broken(broken_connection(&error))),
        };
        if let Some(left) = &mut left {
            *left = match left.checked_sub(read as u64) {
                Some(rest) => rest,
                None => return Err(Ended::Final(Failure::TooLong)),
            };
        }
        file.write_all(&buffer[..read]).map_err(|error| Ended::Final(Failure::Write(error)))?;
        bar.inc(read as u64);
    }
}

fn broken_connection(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "the server stopped sending".to_owned(),
        _ => format!("the connection broke ({error})"),
    }
}

fn unreachable(why: &str) -> String {
    format!(
        "cannot reach the server ({why}). Is there a network connection? Behind a proxy, set HTTPS_PROXY"
    )
}

fn from_client(error: ureq::Error) -> Ended {
    let network = |what: String| Ended::Final(Failure::Network(what));
    match error {
        ureq::Error::ConnectProxyFailed(why) => network(format!(
            "the proxy refuses the connection ({why}). Check HTTPS_PROXY and NO_PROXY"
        )),
        ureq::Error::InvalidProxyUrl => network(
            "the proxy's address cannot be right. Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
                .into(),
        ),
        ureq::Error::Rustls(why) => network(format!(
            "no safe connection ({why}). Behind a filter that opens connections, name its certificate with SSL_CERT_FILE"
        )),
        ureq::Error::TooManyRedirects => network("the address leads in a circle".into()),
        ureq::Error::HostNotFound => Ended::Broken(unreachable("its name is not known here")),
        ureq::Error::Io(error) => Ended::Broken(unreachable(&error.to_string())),
        ureq::Error::Timeout(_) => Ended::Broken(unreachable("it does not answer in time")),
        other => Ended::Broken(other.to_string()),
    }
}

/// A progress bar with rate and time left; nothing where `visible` is false.
pub fn progress_bar(visible: bool, bytes: Option<u64>) -> ProgressBar {
    if !visible {
        return ProgressBar::hidden();
    }
    let template = "  [{bar:30}] {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
    let style = ProgressStyle::with_template(template).expect("a constant that a test parses");
    let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bar.with_style(style.progress_chars("=> "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_well_formed_and_messages_say_what_to_do() {
        progress_bar(true, Some(10)).finish_and_clear();
        let full = Failure::Write(ErrorKind::StorageFull.into()).to_string();
        assert!(full.contains("disk is full") && full.contains("SEQ_DATA_DIR"), "{full}");
        assert!(Failure::Status(404).to_string().contains("no longer at this address (404)"));
    }
}
