//! A desk over files on disk that are saved, broken and deleted.

use std::fs;

use brownout_scenario::FileError;

use super::*;

/// Longest wait for anything, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// A copy of a scenario on disk, and a desk on it.
struct Bench {
    folder: PathBuf,
    sound: String,
    desk: Desk,
    woken: Receiver<()>,
}

impl Bench {
    fn open(name: &str) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let folder = std::env::temp_dir().join(format!("brownout-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let root = folder.join("scenarios");
        fs::create_dir_all(root.join("systems")).unwrap();
        fs::create_dir_all(root.join("kiosk-config")).unwrap();
        for file in ["systems/kiosk.ron", "kiosk-config/scenario.ron"] {
            fs::copy(from.join(file), root.join(file)).unwrap();
        }
        let file = root.join("kiosk-config/scenario.ron");
        let (sender, woken) = channel();
        let sender = Mutex::new(sender);
        let wake: Wake = Arc::new(move || {
            let _ = sender.lock().unwrap().send(());
        });
        let chosen = Chosen {
            seed: 3,
            truth: None,
        };
        Self {
            sound: fs::read_to_string(&file).unwrap(),
            desk: Desk::open(&root.join("kiosk-config"), None, chosen, wake).unwrap(),
            folder,
            woken,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("scenarios/kiosk-config/scenario.ron")
    }

    /// Waits until the desk is as wanted.
    fn until(&mut self, what: &str, wanted: impl Fn(&Desk) -> bool) {
        loop {
            self.desk.receive();
            if wanted(&self.desk) {
                return;
            }
            assert!(self.woken.recv_timeout(PATIENCE).is_ok(), "in vain: {what}");
        }
    }

    fn until_sound(&mut self, what: &str) {
        self.until(what, |desk| {
            desk.checked()
                .is_some_and(|checked| checked.loaded.is_some())
        });
        assert!(!self.desk.is_stale());
    }

    /// Waits until the first error is of a code and says something; the run before stays.
    fn until_error(&mut self, code: &str, words: &str) {
        self.until(words, |desk| {
            let first = desk
                .checked()
                .and_then(|checked| checked.diagnostics.first());
            first.is_some_and(|found| found.code == code && found.message.contains(words))
        });
        assert!(self.desk.is_stale() && self.desk.course().is_some());
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whatever becomes of the file, it is said and the last sound run stays; mended in whatever way, it is sound again.
#[test]
fn files_come_and_go() {
    let mut bench = Bench::open("files");
    bench.until_sound("the first reading");
    bench.until("the run's end", |desk| !desk.is_running());
    assert!(bench.desk.course().unwrap().end.is_some());
    let (path, sound) = (bench.path(), bench.sound.clone());

    fs::write(&path, sound.replace("alert: \"", "alert: \"x-")).unwrap();
    bench.until_error("E0301", "unknown alert");
    assert!(bench.desk.reloaded().is_some());
    // As most editors save: under another name first.
    let other = path.with_extension("ron~");
    fs::write(&other, &sound).unwrap();
    fs::rename(&other, &path).unwrap();
    bench.until_sound("saved by renaming");

    fs::write(&path, &sound[..sound.len() / 2]).unwrap();
    bench.until("half a file", Desk::is_stale);
    fs::write(&path, format!("{sound}//{}", "x".repeat(256 * 1024))).unwrap();
    bench.until_error("E0001", "larger than 256 KiB");
    fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    bench.until_error("E0001", "not UTF-8");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    bench.until_error("E0001", "not a plain file");
    fs::remove_dir(&path).unwrap();
    bench.until_error("E0001", "no such file");
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, &sound).unwrap();
    bench.until_sound("the folder is back");

    // The included file is watched as well, and is one of the files also while it is gone.
    let system = bench.folder.join("scenarios/systems/kiosk.ron");
    let text = fs::read_to_string(&system).unwrap();
    fs::remove_file(&system).unwrap();
    bench.until_error("E0001", "cannot read the system file");
    let files = &bench.desk.checked().unwrap().files;
    assert_eq!(files[1].text, Err(FileError::Missing));
    fs::write(&system, text).unwrap();
    bench.until_sound("the system is back");
}

/// What changes nothing that decides a run does not begin it anew; what does, and another choice, does.
#[test]
fn a_run_is_begun_anew_when_it_would_be_another() {
    let mut bench = Bench::open("runs");
    bench.until_sound("the first reading");
    let began = |bench: &Bench| bench.desk.running.as_ref().unwrap().began;
    let first = began(&bench);
    let (path, sound) = (bench.path(), bench.sound.clone());
    fs::write(&path, format!("// a remark\n{sound}")).unwrap();
    bench.until("the remark", |desk| {
        let text = desk.checked().map(|checked| checked.files[0].text.clone());
        text.is_some_and(|text| text.is_ok_and(|text| text.starts_with("// a remark")))
    });
    assert_eq!(began(&bench), first);
    bench.desk.choose(Chosen {
        seed: 4,
        truth: None,
    });
    let second = began(&bench);
    assert!(second > first);
    assert_eq!(bench.desk.course().unwrap().seed, 4);
    fs::write(&path, sound.replace("horizon: \"", "horizon: \"1")).unwrap();
    bench.until("another horizon", |desk| {
        desk.course()
            .is_some_and(|course| course.scenario.horizon_ns > 6_000_000_000_000)
    });
    assert!(began(&bench) > second);
    // A truth that is not there is not asked for.
    bench.desk.choose(Chosen {
        seed: 4,
        truth: Some(9),
    });
    assert_eq!(bench.desk.chosen().truth, None);
}
