//! A run that real tools watch while it goes on: paced by the clock on the wall, scraped, or pushed to a collector.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use brownout_session::Session;
use brownout_telemetry::export::{openmetrics, otlp};
use serde::Serialize;
use ureq::Agent;

/// Longest wait for a collector.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
#[group(id = "live")]
pub struct Arguments {
    /// Simulated seconds to a second; by default as fast as it goes.
    #[arg(long, value_name = "X")]
    speed: Option<f64>,
    /// Answer scrapes at `http://ADDR/metrics` while the run lasts, such as 127.0.0.1:9464.
    #[arg(long, value_name = "ADDR")]
    serve_metrics: Option<SocketAddr>,
    /// Push metrics, logs and traces to an OpenTelemetry collector at every scrape, such as `http://127.0.0.1:4318`.
    #[arg(long, value_name = "URL")]
    push_otlp: Option<String>,
}

/// What is answered to a scrape.
type Page = Arc<Mutex<Arc<str>>>;

/// Who watches a run from outside.
#[derive(Debug)]
pub struct Live {
    speed: Option<f64>,
    began: Instant,
    page: Option<Page>,
    push: Option<Push>,
    /// Simulated time of the last scrape that was passed on.
    passed_ns: u64,
    /// Simulated time 0: the run happens now.
    start_unix_s: i64,
}

#[derive(Debug)]
struct Push {
    agent: Agent,
    address: String,
    /// A failure has been told.
    failed: bool,
}

impl Live {
    /// Opens what was asked for.
    ///
    /// # Errors
    /// If the speed is no speed, or the address cannot be listened at.
    pub fn open(arguments: &Arguments) -> anyhow::Result<Self> {
        if let Some(speed) = arguments.speed
            && !(speed.is_finite() && speed > 0.0)
        {
            bail!("--speed {speed}: expected a number above 0");
        }
        let page = match arguments.serve_metrics {
            Some(address) => Some(serve(address)?),
            None => None,
        };
        let push = arguments.push_otlp.as_ref().map(|address| Push {
            agent: Agent::config_builder()
                .timeout_global(Some(PATIENCE))
                .build()
                .into(),
            address: address.trim_end_matches('/').to_owned(),
            failed: false,
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Self {
            speed: arguments.speed,
            began: Instant::now(),
            page,
            push,
            passed_ns: 0,
            start_unix_s: now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0)),
        })
    }

    /// Waits until the clock on the wall is as far as the session's, and passes on what has been scraped since.
    pub fn tick(&mut self, session: &Session) {
        let reader = session.reader();
        let scraped_ns = reader.last_scrape_ns();
        if scraped_ns > self.passed_ns && (self.page.is_some() || self.push.is_some()) {
            let recorded = reader.recorded_since(self.start_unix_s);
            if let Some(page) = &self.page {
                let exposition = &recorded.exposition;
                let mut text = Vec::new();
                // Memory can be written to.
                let _ = openmetrics::write_latest(
                    exposition,
                    exposition.unix_ms(scraped_ns),
                    &mut text,
                );
                let text = String::from_utf8_lossy(&text);
                *page.lock().unwrap_or_else(PoisonError::into_inner) = Arc::from(&*text);
            }
            if let Some(push) = &mut self.push {
                let span = (self.passed_ns, scraped_ns);
                push.send("metrics", &otlp::metrics(&recorded, span));
                push.send("logs", &otlp::logs(&recorded, span));
                push.send("traces", &otlp::traces(&recorded, span));
            }
            self.passed_ns = scraped_ns;
        }
        if let Some(speed) = self.speed {
            let due = Duration::from_nanos(session.now_ns()).div_f64(speed);
            std::thread::sleep(due.saturating_sub(self.began.elapsed()));
        }
    }
}

impl Push {
    fn send(&mut self, kind: &str, data: &impl Serialize) {
        let address = format!("{}/v1/{kind}", self.address);
        let sent = serde_json::to_vec(data)
            .context("no JSON")
            .and_then(|body| {
                self.agent
                    .post(&address)
                    .header("content-type", "application/json")
                    .send(&body)?;
                Ok(())
            });
        // A collector that is away does not stop the incident; it is told once.
        if let Err(error) = sent
            && !std::mem::replace(&mut self.failed, true)
        {
            eprintln!("brownout: {address}: {error:#}; going on without what it does not take");
        }
    }
}

/// Answers scrapes until the program ends.
fn serve(address: SocketAddr) -> anyhow::Result<Page> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen at {address}"))?;
    listener.set_nonblocking(true)?;
    let page: Page = Arc::new(Mutex::new(Arc::from("# EOF\n")));
    let answered = Arc::clone(&page);
    let answer = move || {
        let text = Arc::clone(&answered.lock().unwrap_or_else(PoisonError::into_inner));
        async move { ([(CONTENT_TYPE, openmetrics::MEDIA_TYPE)], text.to_string()) }
    };
    let routes = Router::new().route("/metrics", get(answer));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => {
                    let _ = axum::serve(listener, routes).await;
                }
                Err(error) => eprintln!("brownout: {address}: {error}"),
            }
        });
    });
    Ok(page)
}
