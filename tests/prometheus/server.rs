//! A real Prometheus, fetched from Debian, unpacked beside the build and never installed, filled with our exports.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

use crate::data::Data;

/// Longest wait for it to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; it ends with the test.
pub struct Server {
    process: Child,
    address: String,
    agent: Agent,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A port nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

/// Held while the programs are fetched: two tests need them.
static FETCHING: Mutex<()> = Mutex::new(());

/// The folder of the programs, fetched once per machine.
fn programs() -> PathBuf {
    let _turn = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prometheus-2.42");
    let programs = folder.join("usr/bin");
    if programs.join("promtool").exists() && programs.join("prometheus").exists() {
        return programs;
    }
    std::fs::create_dir_all(&folder).expect("a folder for Prometheus");
    let download = || {
        run(Command::new("apt-get")
            .args(["download", "prometheus"])
            .stderr(Stdio::null())
            .current_dir(&folder))
    };
    // A fresh machine has no lists of packages yet.
    let fetched = download() || {
        run(Command::new("apt-get").args(["update", "-qq"]));
        download()
    };
    assert!(
        fetched,
        "this test needs Debian's package prometheus: apt-get download prometheus"
    );
    let package = std::fs::read_dir(&folder)
        .expect("the folder of Prometheus")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|ending| ending == "deb"))
        .expect("a package was fetched");
    let unpacked = run(Command::new("dpkg-deb").arg("-x").args([&package, &folder]));
    assert!(unpacked, "{} cannot be unpacked", package.display());
    programs
}

impl Server {
    /// A server with all the data.
    pub fn start<'a>(all: impl Iterator<Item = &'a Data>) -> Self {
        let programs = programs();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prometheus-data");
        let _ = std::fs::remove_dir_all(&folder);
        let store = folder.join("store");
        std::fs::create_dir_all(&store).expect("a folder for its data");
        for data in all {
            let file = folder.join(format!("{}.om", data.name));
            let mut out = std::fs::File::create(&file).expect("a file for an export");
            out.write_all(&data.export).expect("a written export");
            let filled = Command::new(programs.join("promtool"))
                .args(["tsdb", "create-blocks-from", "openmetrics"])
                .args([&file, &store])
                .output()
                .expect("promtool runs");
            let said = String::from_utf8_lossy(&filled.stderr);
            assert!(filled.status.success(), "{}: {said}", data.name);
        }
        Self::launch(&folder, "global:\n  evaluation_interval: 1m\n")
    }

    /// A server that scrapes an address every second.
    pub fn scraping(address: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prometheus-scrape");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for its data");
        let settings = format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: brownout\n    \
             static_configs:\n      - targets: [\"{address}\"]\n"
        );
        Self::launch(&folder, &settings)
    }

    /// The value of a query that has one, once it has.
    pub fn wait_for(&self, query: &str) -> f64 {
        let began = Instant::now();
        loop {
            let answer = self.get("query", &[("query", query.to_owned())]);
            let value = answer["data"]["result"][0]["value"][1].as_str();
            let value: Option<f64> = value.and_then(|value| value.parse().ok());
            if let Some(value) = value.filter(|value| *value > 0.0) {
                return value;
            }
            assert!(began.elapsed() < PATIENCE, "{query}: {answer}");
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    fn launch(folder: &Path, text: &str) -> Self {
        let programs = programs();
        let store = folder.join("store");
        let settings = folder.join("prometheus.yml");
        std::fs::write(&settings, text).expect("its settings");
        let address = format!("127.0.0.1:{}", free_port());
        let process = Command::new(programs.join("prometheus"))
            .arg(format!("--config.file={}", settings.display()))
            .arg(format!("--storage.tsdb.path={}", store.display()))
            .arg("--storage.tsdb.retention.time=100y")
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Prometheus runs");
        // Refusals are answers: their body says why.
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let server = Self {
            process,
            address,
            agent,
        };
        let began = Instant::now();
        while !server.is_ready() {
            assert!(began.elapsed() < PATIENCE, "Prometheus does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }

    fn is_ready(&self) -> bool {
        let answer = self
            .agent
            .get(format!("http://{}/-/ready", self.address))
            .call();
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    fn get(&self, path: &str, parameters: &[(&str, String)]) -> Value {
        let address = format!("http://{}/api/v1/{path}", self.address);
        let form = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = self.agent.post(address).send_form(form);
        let text = answer
            .and_then(|mut answer| {
                answer
                    .body_mut()
                    .with_config()
                    .limit(1 << 28)
                    .read_to_string()
            })
            .expect("an answer");
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"))
    }

    /// Its answer at a moment.
    pub fn instant(&self, query: &str, at_ms: i64) -> Value {
        let parameters = [("query", query.to_owned()), ("time", seconds(at_ms))];
        self.get("query", &parameters)
    }

    /// Its answer over a range.
    pub fn range(&self, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Value {
        let parameters = [
            ("query", query.to_owned()),
            ("start", seconds(start_ms)),
            ("end", seconds(end_ms)),
            ("step", seconds(step_ms)),
        ];
        self.get("query_range", &parameters)
    }
}

fn seconds(at_ms: i64) -> String {
    format!("{}.{:03}", at_ms / 1_000, at_ms % 1_000)
}
