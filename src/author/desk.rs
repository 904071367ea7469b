//! A scenario being written: its files watched and checked on a thread, its run on another one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

use brownout_scenario::compiled::Scenario;

use super::check::{Checked, check};
use super::course::{Course, run, session};
use super::disk::Disk;
use super::watch::{INTERVAL_MS, Seen, Watch};

/// Longest time from a save to its reading that is believed.
const LONGEST: Duration = Duration::from_mins(1);

/// Called from a thread when there is something new.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Which of a scenario's possible runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Seed.
    pub seed: u64,
    /// The truth to run under, from 0; `None`: the one the seed draws.
    pub truth: Option<usize>,
}

/// A scenario somebody wants to write.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its folder or file.
    pub path: PathBuf,
    /// Folder includes may not leave; by default the nearest folder above named `scenarios`.
    pub root: Option<PathBuf>,
    /// Which of its runs is shown.
    pub chosen: Chosen,
}

/// A reading of the files.
struct Told {
    checked: Checked,
    /// When the newest of the files was saved, if that is what it was read for.
    saved: Option<SystemTime>,
}

/// A scenario being written.
pub struct Desk {
    disk: Disk,
    told: Mutex<Receiver<Told>>,
    /// Dropped with the desk, which ends the watch.
    _alive: Sender<()>,
    wake: Wake,
    /// The latest reading.
    checked: Option<Arc<Checked>>,
    /// The latest reading that can run.
    good: Option<Arc<Checked>>,
    chosen: Chosen,
    running: Option<Running>,
    /// From the latest save until it was received here.
    reloaded: Option<Duration>,
    /// Why nothing runs although the files are sound.
    trouble: Option<String>,
}

impl Desk {
    /// Opens a scenario and begins to watch it. `wake` is called from a thread whenever there is something to receive.
    ///
    /// # Errors
    /// If there is no such file, or no thread to be had.
    pub fn open(
        path: &Path,
        root: Option<&Path>,
        chosen: Chosen,
        wake: Wake,
    ) -> std::io::Result<Self> {
        let disk = Disk::open(path, root)?;
        let (sender, told) = channel();
        let (alive, stop) = channel();
        let (watched, woken) = (disk.clone(), Arc::clone(&wake));
        std::thread::Builder::new()
            .name("author's watch".to_owned())
            .spawn(move || watch(&watched, &sender, &stop, &*woken))?;
        Ok(Self {
            disk,
            told: Mutex::new(told),
            _alive: alive,
            wake,
            checked: None,
            good: None,
            chosen,
            running: None,
            reloaded: None,
            trouble: None,
        })
    }

    /// Takes in what was read since the last call; whether there was anything.
    pub fn receive(&mut self) -> bool {
        let told: Vec<Told> = self
            .told
            .lock()
            .map(|told| told.try_iter().collect())
            .unwrap_or_default();
        let Some(Told { checked, saved }) = told.into_iter().last() else {
            return false;
        };
        // A file that kept an old time, as a copy may, does not tell when it came.
        self.reloaded = saved
            .and_then(|saved| saved.elapsed().ok())
            .filter(|took| *took < LONGEST);
        let checked = Arc::new(checked);
        self.checked = Some(Arc::clone(&checked));
        if checked.loaded.is_some() {
            self.good = Some(checked);
            self.start();
        }
        true
    }

    /// Runs another of the possible runs.
    pub fn choose(&mut self, chosen: Chosen) {
        if chosen != self.chosen {
            self.chosen = chosen;
            self.start();
        }
    }

    /// Runs what was chosen of the latest sound reading, unless that is what runs already.
    fn start(&mut self) {
        let Some(loaded) = self.good.as_ref().and_then(|good| good.loaded.as_ref()) else {
            return;
        };
        if self.chosen.truth >= Some(loaded.model.truths.len()) {
            self.chosen.truth = None;
        }
        let Chosen { seed, truth } = self.chosen;
        self.trouble = None;
        match brownout_scenario::compile(loaded, truth, seed) {
            Ok(scenario) => {
                let scenario = Arc::new(scenario);
                // What only words changed in goes on; the words are taken over.
                if let Some(running) = &self.running
                    && running.chosen == self.chosen
                    && running.hash == scenario.hash
                    && let Ok(mut course) = running.course.lock()
                {
                    course.scenario = scenario;
                    return;
                }
                match Running::begin(&scenario, self.chosen, &self.wake) {
                    Ok(running) => self.running = Some(running),
                    Err(error) => self.trouble = Some(format!("nothing can be run now: {error}")),
                }
            }
            // Each truth compiled when the files were checked; a seed only draws one.
            Err(found) => self.trouble = found.first().map(ToString::to_string),
        }
    }

    /// The latest reading; `None` before the first.
    #[must_use]
    pub const fn checked(&self) -> Option<&Arc<Checked>> {
        self.checked.as_ref()
    }

    /// The latest reading that can run.
    #[must_use]
    pub const fn good(&self) -> Option<&Arc<Checked>> {
        self.good.as_ref()
    }

    /// What is shown of an earlier reading, because the latest cannot run.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        match (&self.checked, &self.good) {
            (Some(checked), Some(good)) => !Arc::ptr_eq(checked, good),
            _ => false,
        }
    }

    /// The run at hand.
    #[must_use]
    pub const fn chosen(&self) -> Chosen {
        self.chosen
    }

    /// The run as far as it is, for a moment: it waits meanwhile.
    #[must_use]
    pub fn course(&self) -> Option<MutexGuard<'_, Course>> {
        self.running.as_ref()?.course.lock().ok()
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|running| !running.over.load(Ordering::Relaxed))
    }

    /// Wall time the run took; so far, while it runs.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        let running = self.running.as_ref()?;
        let took = running.took.lock().ok()?;
        Some(took.unwrap_or_else(|| running.began.elapsed()))
    }

    /// From the latest save until its reading was here; `None` for the first reading.
    #[must_use]
    pub const fn reloaded(&self) -> Option<Duration> {
        self.reloaded
    }

    /// Why nothing runs although nothing is wrong with the files.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Name of the scenario's own file in its library.
    #[must_use]
    pub fn name(&self) -> &str {
        self.disk.name()
    }

    /// Where a file is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.disk.path(name)
    }
}

/// When the latest of the files that are others than before was saved.
fn newest(before: &Seen, now: &Seen) -> Option<SystemTime> {
    let fresh = now
        .iter()
        .filter(|(name, stamp)| before.get(*name) != Some(*stamp));
    let newest = fresh.filter_map(|(_, stamp)| Some((*stamp)?.modified_ns));
    newest.max().map(|ns| {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    })
}

/// Looks at the files until the desk is gone.
fn watch(disk: &Disk, told: &Sender<Told>, stop: &Receiver<()>, wake: &dyn Fn()) {
    let mut watch = Watch::default();
    let mut known: Vec<String> = Vec::new();
    let mut before = Seen::new();
    let mut first = true;
    loop {
        if first || watch.look(disk) {
            let checked = check(disk, disk.name(), &known);
            let saved = newest(&before, &checked.seen).filter(|_| !first);
            before.clone_from(&checked.seen);
            watch.follow(checked.seen.clone());
            known = checked.names().map(str::to_owned).collect();
            first = false;
            if told.send(Told { checked, saved }).is_err() {
                return;
            }
            wake();
        }
        match stop.recv_timeout(Duration::from_millis(INTERVAL_MS)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// A run on its thread. Given up when dropped.
struct Running {
    chosen: Chosen,
    hash: u64,
    course: Arc<Mutex<Course>>,
    stop: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    began: Instant,
    took: Arc<Mutex<Option<Duration>>>,
}

impl Running {
    fn begin(scenario: &Arc<Scenario>, chosen: Chosen, wake: &Wake) -> std::io::Result<Self> {
        let course = Arc::new(Mutex::new(Course::new(Arc::clone(scenario), chosen.seed)));
        let running = Self {
            chosen,
            hash: scenario.hash,
            course: Arc::clone(&course),
            stop: Arc::default(),
            over: Arc::default(),
            began: Instant::now(),
            took: Arc::default(),
        };
        let (stop, over, took, began) = (
            Arc::clone(&running.stop),
            Arc::clone(&running.over),
            Arc::clone(&running.took),
            running.began,
        );
        let (scenario, wake) = (Arc::clone(scenario), Arc::clone(wake));
        std::thread::Builder::new()
            .name("author's run".to_owned())
            .spawn(move || {
                let mut session = session(&scenario, chosen.seed, chosen.truth);
                run(
                    &mut session,
                    || stop.load(Ordering::Relaxed),
                    |session| {
                        if let Ok(mut course) = course.lock() {
                            course.note(session);
                        }
                    },
                );
                if let Ok(mut took) = took.lock() {
                    *took = Some(began.elapsed());
                }
                over.store(true, Ordering::Relaxed);
                wake();
            })?;
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
