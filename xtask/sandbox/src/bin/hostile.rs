//! A program that misbehaves in the way its argument says; the tests shut it in. It is no example,
//! because cargo builds the binaries of a package before any of its tests.

use std::fs::{self, File};
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

fn main() {
    xtask_sandbox::trampoline();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["hello"] => println!("hello {}", std::env::vars().count()),
        ["threads"] => {
            let threads: Vec<_> = (0..4).map(|k| std::thread::spawn(move || k * k)).collect();
            println!("{}", threads.into_iter().map(|t| t.join().unwrap()).sum::<i32>());
        }
        ["panic"] => panic!("a learner's panic"),
        ["abort"] => std::process::abort(),
        ["read", path] => println!("{}", fs::read_to_string(path).unwrap().len()),
        ["write", path] => println!("{:?}", fs::write(path, "mine").unwrap()),
        ["list", path] => println!("{}", fs::read_dir(path).unwrap().count()),
        ["udp"] => println!("{:?}", UdpSocket::bind("127.0.0.1:0").unwrap()),
        ["tcp", address] => println!("{:?}", TcpStream::connect(address).unwrap()),
        ["start", program] => println!("{:?}", Command::new(program).status().unwrap()),
        #[cfg(target_os = "linux")]
        ["kill", pid] => {
            let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            println!("killed");
        }
        #[cfg(target_os = "linux")]
        ["limits"] => {
            use rustix::process::{Resource, Rlimit, setrlimit};
            setrlimit(Resource::As, Rlimit { current: None, maximum: None }).unwrap();
            println!("raised");
        }
        ["memory"] => {
            let hoard: Vec<Vec<u8>> = (0..64).map(|_| vec![1; 1 << 27]).collect();
            println!("{}", hoard.len());
        }
        ["spin"] => loop {
            std::hint::spin_loop();
        },
        ["large", path] => {
            let mut file = File::create(path).unwrap();
            loop {
                file.write_all(&[0; 1 << 16]).unwrap();
            }
        }
        ["sleep"] => std::thread::sleep(Duration::from_secs(600)),
        _ => panic!("no such misdeed: {arguments:?}"),
    }
}
