//! Fetching from a server of our own on the loopback interface, well behaved and not.

use std::fs;
use std::io::{self, BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lesson::catalogue::Catalogue;
use sha2::Digest;
use xtask_data::download::Patience;
use xtask_data::fetch::{Fetcher, Outcome};
use xtask_data::verify::{State, verify};

/// What a client asked for.
#[derive(Debug, Clone, PartialEq)]
struct Request {
    path: String,
    from: Option<usize>,
}

/// A server that answers every request with `answer`.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    fn start(
        answer: impl Fn(&Request, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (seen.clone(), answer.clone());
                std::thread::spawn(move || -> io::Result<()> {
                    let mut stream = stream?;
                    let request = read_request(&stream)?;
                    seen.lock().unwrap().push(request.clone());
                    answer(&request, &mut stream)
                });
            }
        });
        Self { address, requests }
    }

    fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> io::Result<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
    let mut request =
        Request { path: first.split(' ').nth(1).unwrap_or_default().to_owned(), from: None };
    for line in lines {
        let line = line?.to_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            request.from = range.trim_end_matches('-').parse().ok();
        }
        if line.is_empty() {
            break;
        }
    }
    Ok(request)
}

/// An answer as a good server gives it, cut off after `cut` bytes of the body.
fn give(request: &Request, stream: &mut TcpStream, body: &[u8], cut: usize) -> io::Result<()> {
    let from = request.from.unwrap_or(0);
    let head = match request.from {
        Some(_) if from >= body.len() => {
            return write!(
                stream,
                "HTTP/1.1 416 Range\r\nContent-Range: bytes */{}\r\nContent-Length: 0\r\n\r\n",
                body.len()
            );
        }
        Some(_) => {
            format!("206 Partial\r\nContent-Range: bytes {from}-{}/{}", body.len() - 1, body.len())
        }
        None => "200 OK".to_owned(),
    };
    let rest = &body[from..];
    write!(
        stream,
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        rest.len()
    )?;
    stream.write_all(&rest[..cut.min(rest.len())])
}

fn status(stream: &mut TcpStream, status: &str) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// A folder with a manifest of one set, `x`.
struct Place {
    folder: tempfile::TempDir,
    fetcher: Fetcher,
}

/// Tests count requests: none may be given up only because the machine is busy.
fn patience() -> Patience {
    let seconds = Duration::from_secs;
    let pause = Duration::from_millis(1);
    Patience { connect: seconds(5), idle: seconds(5), pause, attempts: 3 }
}

impl Place {
    fn new(file: &str, urls: &[String], rest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!(
            "[[dataset]]\nid='x'\ntitle='X'\nlessons=[]\nformat='text'\nfile='{file}'\nabout=''\nquirks=[]\nlicence=''\ncite=''\nsource=''\nunchecked='test'\n[dataset.download]\nurls={urls:?}\n{rest}\n"
        );
        fs::write(folder.path().join("manifest.toml"), manifest).unwrap();
        let catalogue = Catalogue::at(folder.path(), &folder.path().join("cache")).unwrap();
        // The servers are on this machine, which the environment's proxy may not reach.
        let fetcher = Fetcher { catalogue, patience: patience(), proxies: false, quiet: true };
        Self { folder, fetcher }
    }

    /// For a plain file `x.txt` with its size and checksum known.
    fn plain(server: &Server, body: &[u8]) -> Self {
        let rest = format!("bytes={}\nsha256='{}'", body.len(), sha256(body));
        Self::new("x.txt", &[format!("{}/x.txt", server.address)], &rest)
    }

    fn fetch(&self) -> anyhow::Result<Outcome> {
        self.fetcher.fetch("x", None)
    }

    fn cache(&self, name: &str) -> PathBuf {
        self.folder.path().join("cache").join(name)
    }

    fn fetched(&self, name: &str) -> Vec<u8> {
        fs::read(self.cache("x").join(name)).unwrap()
    }

    fn refused(&self) -> String {
        let error = format!("{:#}", self.fetch().unwrap_err());
        assert!(!self.cache("x").exists(), "a set must not appear: {error}");
        error
    }

    fn state(&self) -> State {
        let catalogue = &self.fetcher.catalogue;
        verify(catalogue, &catalogue.sets()[0]).unwrap()
    }
}

fn sha256(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * i / 7) as u8).collect()
}

#[test]
fn a_file_is_fetched_once_and_verified() {
    let body = body(300_000);
    let served = body.clone();
    let server = Server::start(move |r, s| give(r, s, &served, usize::MAX));
    let place = Place::plain(&server, &body);
    assert_eq!(place.state(), State::NotFetched);
    assert_eq!(place.fetch().unwrap(), Outcome::Fetched);
    assert_eq!(place.fetched("x.txt"), body);
    assert_eq!(place.state(), State::Right);
    assert_eq!(place.fetch().unwrap(), Outcome::AlreadyThere);
    assert_eq!(server.requests().len(), 1);
    let resolved = place.fetcher.catalogue.resolve("x").unwrap();
    assert_eq!(resolved.sha256_expected.unwrap(), sha256(&body));

    // Altered or cut on the disk: verify says so, and fetch repairs what is cut.
    fs::write(&resolved.path, "altered").unwrap();
    let State::Wrong(what) = place.state() else { panic!("not noticed") };
    assert!(what.contains("altered") && what.contains("cargo xtask data fetch x"), "{what}");
    assert_eq!(place.fetch().unwrap(), Outcome::Fetched);
    assert_eq!(place.state(), State::Right);
}

#[test]
fn redirects_are_followed_with_the_range() {
    let body = body(1000);
    let served = body.clone();
    let server = Server::start(move |request, stream| match request.path.as_str() {
        "/x.txt" => write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: /moved/x.txt\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        _ => give(request, stream, &served, 400),
    });
    let place = Place::plain(&server, &body);
    place.fetch().unwrap();
    assert_eq!(place.fetched("x.txt"), body);
    let moved: Vec<_> = server.requests().into_iter().filter(|r| r.path != "/x.txt").collect();
    assert_eq!(moved.iter().map(|r| r.from).collect::<Vec<_>>(), [None, Some(400), Some(800)]);

    let circle = Server::start(|_, stream| {
        write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: /x.txt\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    });
    let error = Place::plain(&circle, &body).refused();
    assert!(error.contains("in a circle"), "{error}");
}

#[test]
fn interrupted_at_any_byte_the_next_run_goes_on() {
    let body = body(67);
    let served = body.clone();
    let server = Server::start(move |r, s| give(r, s, &served, usize::MAX));
    for length in 0..=body.len() {
        let place = Place::plain(&server, &body);
        fs::create_dir_all(place.cache("_downloads")).unwrap();
        // As a run leaves it that is killed after `length` bytes, or while it unpacks.
        fs::write(place.cache("_downloads/x.txt.part"), &body[..length]).unwrap();
        fs::create_dir_all(place.cache("_staging-x")).unwrap();
        fs::write(place.cache("_staging-x/x.txt"), &body[..length]).unwrap();
        let before = server.requests().len();
        place.fetch().unwrap();
        assert_eq!(place.fetched("x.txt"), body);
        assert_eq!(place.state(), State::Right);
        let asked: Vec<_> = server.requests()[before..].iter().map(|r| r.from).collect();
        match length {
            0 => assert_eq!(asked, [None]),
            67 => assert!(asked.is_empty()),
            n => assert_eq!(asked, [Some(n)]),
        }
        assert!(!place.cache("_staging-x").exists());
        assert!(!place.cache("_downloads/x.txt.part").exists());
    }
}

#[test]
fn a_connection_that_breaks_again_and_again_brings_the_file_in_the_end() {
    let body = body(1000);
    let served = body.clone();
    let server = Server::start(move |r, s| give(r, s, &served, 97));
    let place = Place::plain(&server, &body);
    place.fetch().unwrap();
    assert_eq!(place.fetched("x.txt"), body);
    assert_eq!(server.requests().len(), 11); // 10 times 97 bytes, then 30
}

#[test]
fn a_server_without_ranges_starts_over() {
    let body = body(1000);
    let served = body.clone();
    let server = Server::start(move |request, stream| {
        give(&Request { from: None, ..request.clone() }, stream, &served, usize::MAX)
    });
    let place = Place::plain(&server, &body);
    fs::create_dir_all(place.cache("_downloads")).unwrap();
    fs::write(place.cache("_downloads/x.txt.part"), &body[..500]).unwrap();
    place.fetch().unwrap();
    assert_eq!(place.fetched("x.txt"), body);
}

#[test]
fn a_partial_file_of_something_else_is_thrown_away() {
    let body = body(1000);
    let served = body.clone();
    let server = Server::start(move |r, s| give(r, s, &served, usize::MAX));
    for partial in [vec![7; 300], vec![7; 1000], vec![7; 2000]] {
        let place = Place::plain(&server, &body);
        fs::create_dir_all(place.cache("_downloads")).unwrap();
        fs::write(place.cache("_downloads/x.txt.part"), partial).unwrap();
        place.fetch().unwrap();
        assert_eq!(place.fetched("x.txt"), body);
    }
}

#[test]
fn a_wrong_checksum_is_never_used() {
    let right = body(1000);
    let mut wrong = right.clone();
    wrong[500] ^= 1;
    let server = Server::start(move |r, s| give(r, s, &wrong, usize::MAX));
    let place = Place::plain(&server, &right);
    let error = place.refused();
    assert!(error.contains("not the right file: its sha256 is"), "{error}");
    assert!(!place.cache("_downloads/x.txt").exists());
    assert!(!place.cache("_downloads/x.txt.part").exists());
    assert_eq!(place.state(), State::NotFetched);
}

#[test]
fn what_to_do_by_hand_is_said_and_works() {
    let body = body(1000);
    let server = Server::start(|_, stream| status(stream, "404 Not Found"));
    let place = Place::plain(&server, &body);
    let error = place.refused();
    let target = place.cache("_downloads/x.txt");
    for part in [
        "no longer at this address (404)",
        &format!("download {}/x.txt with a browser", server.address),
        &format!("save it as\n  {}\n", target.display()),
        "cargo xtask data fetch x --from FILE",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(server.requests().len(), 1); // a 404 is not asked for again

    // A wrong file put there is said to be wrong, and left alone.
    fs::write(&target, "wrong").unwrap();
    let error = place.refused();
    assert!(error.contains("it has 5 bytes, but should have 1000"), "{error}");
    assert!(target.exists());
    // The right one is taken without the network.
    fs::write(&target, &body).unwrap();
    place.fetch().unwrap();
    assert_eq!(place.fetched("x.txt"), body);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_file_from_elsewhere_is_checked_and_copied() {
    let body = body(1000);
    let server = Server::start(|_, stream| status(stream, "500 Oh"));
    let place = Place::plain(&server, &body);
    let own = place.folder.path().join("own.bin");
    fs::write(&own, "no").unwrap();
    let error = format!("{:#}", place.fetcher.fetch("x", Some(&own)).unwrap_err());
    assert!(
        error.contains("is not the file that x needs") && error.contains("--data PATH"),
        "{error}"
    );
    assert!(!place.cache("x").exists());
    fs::write(&own, &body).unwrap();
    assert_eq!(place.fetcher.fetch("x", Some(&own)).unwrap(), Outcome::Fetched);
    assert_eq!((place.fetched("x.txt"), own.exists()), (body, true));
    assert_eq!(place.state(), State::Right);
    assert!(server.requests().is_empty());
    let error = format!("{:#}", place.fetcher.fetch("x", Some(Path::new("/none"))).unwrap_err());
    assert!(error.contains("/none"), "{error}");
}

#[test]
fn a_folder_that_no_fetch_made_is_left_alone() {
    let body = body(100);
    let served = body.clone();
    let server = Server::start(move |r, s| give(r, s, &served, usize::MAX));
    let place = Place::plain(&server, &body);
    fs::create_dir_all(place.cache("x")).unwrap();
    fs::write(place.cache("x/thesis.txt"), "years of work").unwrap();
    let error = place.fetch().unwrap_err().to_string();
    assert!(error.contains("SEQ_DATA_DIR"), "{error}");
    assert_eq!(fs::read(place.cache("x/thesis.txt")).unwrap(), b"years of work");
    assert!(server.requests().is_empty(), "it is said before the download");
}

#[test]
fn errors_of_the_server_are_retried_and_other_addresses_tried() {
    let body = body(1000);
    let served = body.clone();
    let good = Server::start(move |r, s| give(r, s, &served, usize::MAX));
    let bad = Server::start(|_, stream| status(stream, "503 Busy"));
    let urls = [format!("{}/x.txt", bad.address), format!("{}/x.txt", good.address)];
    let place = Place::new("x.txt", &urls, &format!("sha256='{}'", sha256(&body)));
    place.fetch().unwrap();
    assert_eq!(bad.requests().len(), 3);
    assert_eq!(
        place.fetcher.catalogue.record(&place.fetcher.catalogue.sets()[0]).unwrap().from,
        urls[1]
    );
}

#[test]
fn a_slow_server_is_waited_for() {
    let body = body(40);
    let served = body.clone();
    let slow = Server::start(move |_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 40\r\nConnection: close\r\n\r\n")?;
        served.chunks(8).try_for_each(|chunk| {
            std::thread::sleep(Duration::from_millis(500)); // 2.5 s in all, idle limit 2 s
            stream.write_all(chunk)
        })
    });
    let mut place = Place::plain(&slow, &body);
    place.fetcher.patience.idle = Duration::from_secs(2);
    place.fetch().unwrap();
    assert_eq!((place.fetched("x.txt"), slow.requests().len()), (body, 1));
}

#[test]
fn a_dead_server_is_not_waited_for() {
    let dead = Server::start(|_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n12345")?;
        std::thread::sleep(Duration::from_secs(20));
        Ok(())
    });
    let mut place = Place::plain(&dead, &body(40));
    place.fetcher.patience.idle = Duration::from_millis(300);
    let started = Instant::now();
    let error = place.refused();
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(error.contains("5 bytes that have arrived are kept"), "{error}");
    assert_eq!(fs::read(place.cache("_downloads/x.txt.part")).unwrap(), b"12345");
}

#[test]
fn nobody_there_is_said() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port(); // closed again
    let place = Place::new("x.txt", &[format!("http://127.0.0.1:{port}/x.txt")], "sha256='00'");
    let error = place.refused();
    assert!(error.contains("By hand: download"), "{error}");
    let place = Place::new("x.txt", &["http://no-such-host.invalid/x.txt".into()], "sha256='00'");
    let error = place.refused();
    assert!(error.contains("Is there a network connection?"), "{error}");
}

#[test]
fn proxies_of_the_environment_are_used() {
    let proxy = Server::start(|_, stream| status(stream, "403 Not through here"));
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xtask-data"))
        .args(["fetch", "tinyshakespeare"])
        .env("SEQ_DATA_DIR", folder.path())
        .env("HTTPS_PROXY", &proxy.address)
        .env("https_proxy", &proxy.address)
        .env_remove("ALL_PROXY")
        .env_remove("all_proxy")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("the proxy refuses the connection"), "{error}");
    assert_eq!(proxy.requests()[0].path, "raw.githubusercontent.com:443");
}

#[test]
fn more_bytes_than_published_are_refused() {
    let body = body(1000);
    let announced = Server::start(|r, s| give(r, s, &[1; 5000], usize::MAX));
    let error = Place::plain(&announced, &body).refused();
    assert!(error.contains("more bytes than expected"), "{error}");
    let endless = Server::start(|_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
        loop {
            stream.write_all(&[1; 4096])?;
        }
    });
    let place = Place::plain(&endless, &body);
    let error = place.refused();
    assert!(error.contains("more bytes than expected"), "{error}");
}

#[test]
fn two_runs_do_not_collide() {
    let body = body(200_000);
    let served = body.clone();
    let server = Server::start(move |r, s| {
        std::thread::sleep(Duration::from_millis(200));
        give(r, s, &served, usize::MAX)
    });
    let place = Place::plain(&server, &body);
    let mut outcomes = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| place.fetch().unwrap())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    outcomes.sort_by_key(|outcome| *outcome == Outcome::AlreadyThere);
    assert_eq!(outcomes, [Outcome::Fetched, Outcome::AlreadyThere, Outcome::AlreadyThere]);
    assert_eq!(server.requests().len(), 1);
}

// ---- archives

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = zip::write::SimpleFileOptions::default();
        match name.strip_suffix('@') {
            Some(link) => {
                writer.add_symlink(link, str::from_utf8(content).unwrap(), options).unwrap()
            }
            None => {
                writer.start_file(*name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

fn tar_gz(members: &[(&str, &[u8])]) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        let path = name.trim_end_matches('@');
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_mode(0o644);
        if name.ends_with('@') {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            header.set_link_name(str::from_utf8(content).unwrap()).unwrap();
            header.set_cksum();
            builder.append(&header, io::empty()).unwrap();
        } else {
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn archive_place(name: &str, archive: Vec<u8>) -> Place {
    let rest = format!("sha256='{}'\nunpack=['x.txt', 'y.txt']", sha256(&archive));
    let server = Server::start(move |r, s| give(r, s, &archive, usize::MAX));
    Place::new("x.txt", &[format!("{}/{name}", server.address)], &rest)
}

type Members = [(&'static str, &'static [u8])];
type Pack = fn(&Members) -> Vec<u8>;
const BOTH: [(&str, Pack); 2] = [("a.zip", zip), ("a.tar.gz", tar_gz)];

#[test]
fn the_wanted_files_are_unpacked() {
    for (name, pack) in BOTH {
        let place = archive_place(
            name,
            pack(&[
                ("d/x.txt", b"one"),
                ("__MACOSX/d/._x.txt", b"?"),
                ("z.txt", b"?"),
                ("y.txt", b"two"),
            ]),
        );
        place.fetch().unwrap();
        assert_eq!(
            (place.fetched("x.txt"), place.fetched("y.txt")),
            (b"one".into(), b"two".into())
        );
        let mut names: Vec<_> =
            fs::read_dir(place.cache("x")).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["fetched.json", "x.txt", "y.txt"]);
        assert_eq!(place.state(), State::Right);
        assert!(!place.cache("_downloads").join(name).exists()); // its space is freed
    }
}

#[test]
fn hostile_archives_leave_nothing_anywhere() {
    let cases: [(&Members, &str); 8] = [
        (&[("x.txt", b"1"), ("y.txt", b"2"), ("../evil.txt", b"!")], "leaves its folder"),
        (&[("../../x.txt", b"!"), ("y.txt", b"2")], "leaves its folder"),
        (&[("/tmp/x.txt", b"!"), ("y.txt", b"2")], "leaves its folder"),
        (&[("a\\..\\..\\x.txt", b"!"), ("y.txt", b"2")], "leaves its folder"),
        (&[("C:x.txt", b"!"), ("y.txt", b"2")], "leaves its folder"),
        (&[("x.txt@", b"/etc/passwd"), ("y.txt", b"2")], "no regular file"),
        (&[("a/x.txt", b"1"), ("b/x.txt", b"2"), ("y.txt", b"2")], "twice"),
        (&[("x.txt", b"1")], "does not hold y.txt"),
    ];
    for (name, pack) in BOTH {
        for (members, expected) in cases {
            let place = archive_place(name, pack(members));
            let error = place.refused();
            assert!(error.contains(expected), "{name} {expected}: {error}");
            assert!(!place.folder.path().join("evil.txt").exists());
            assert!(!place.folder.path().join("x.txt").exists());
            assert!(!place.cache("evil.txt").exists());
            assert!(!place.cache("_staging-x").exists());
        }
    }
}

#[test]
fn damaged_archives_are_refused() {
    for (name, pack) in BOTH {
        let whole = pack(&[("x.txt", b"some text, long enough to be cut"), ("y.txt", b"two")]);
        for cut in (0..whole.len()).step_by(7) {
            archive_place(name, whole[..cut].to_vec()).refused();
        }
    }
    let error = archive_place("a.rar", b"Rar!".to_vec()).refused();
    assert!(error.contains("neither a .zip nor a .tar.gz"), "{error}");
}
