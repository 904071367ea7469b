//! Noticing that files were saved: looked at in regular intervals, read once they have come to rest.
//!
//! Looking beats being told here. The files are few, a look at one costs microseconds, and it sees the same on network
//! shares and in containers, for editors that write in place, save under another name and rename, or delete and create.

use std::collections::BTreeMap;

/// What can be seen of a file without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Last modification, in nanoseconds since 1970.
    pub modified_ns: u128,
    /// Length in bytes.
    pub size: u64,
    /// Which file it is, where the system says: another one may have taken its name.
    pub identity: u64,
}

/// Looks at files by their names in a library.
pub trait Stamps {
    /// The stamp of a file; `None` if there is none.
    fn stamp(&self, name: &str) -> Option<Stamp>;
}

/// Time between two looks, in milliseconds.
pub const INTERVAL_MS: u64 = 120;
/// Looks that find the files changed again each time, after which they are read all the same.
const PATIENCE: u32 = 4;

/// Stamps by the names of the files.
pub type Seen = BTreeMap<String, Option<Stamp>>;

/// The files that are watched, as they were when they were read.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    read: Seen,
    /// What the last look found if it was something new, and how many looks in a row did.
    moving: Option<(Seen, u32)>,
}

impl Watch {
    /// Watches these files from now on. The stamps have to be from before the files were read: a save in between is
    /// noticed then.
    pub fn follow(&mut self, read: Seen) {
        self.read = read;
        self.moving = None;
    }

    /// Names of the files watched.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.read.keys().map(String::as_str)
    }

    /// Looks at the files, once each [`INTERVAL_MS`]; whether they should be read again.
    ///
    /// A file that is still being written is left alone until two looks in a row see the same, but not for longer than a few.
    pub fn look(&mut self, stamps: &dyn Stamps) -> bool {
        let now: Seen = self
            .read
            .keys()
            .map(|name| (name.clone(), stamps.stamp(name)))
            .collect();
        if now == self.read {
            self.moving = None;
            return false;
        }
        let looks = match &self.moving {
            Some((before, _)) if *before == now => return true,
            Some((_, looks)) => looks + 1,
            None => 1,
        };
        self.moving = Some((now, looks));
        looks >= PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Files made of stamps alone.
    #[derive(Default)]
    struct Folder(RefCell<Seen>);

    impl Folder {
        fn save(&self, name: &str, modified_ns: u128, size: u64, identity: u64) {
            let stamp = Stamp {
                modified_ns,
                size,
                identity,
            };
            self.0.borrow_mut().insert(name.to_owned(), Some(stamp));
        }

        fn delete(&self, name: &str) {
            self.0.borrow_mut().insert(name.to_owned(), None);
        }
    }

    impl Stamps for Folder {
        fn stamp(&self, name: &str) -> Option<Stamp> {
            self.0.borrow().get(name).copied().flatten()
        }
    }

    /// Two files, read.
    fn watched() -> (Folder, Watch) {
        let folder = Folder::default();
        folder.save("a/scenario.ron", 1, 10, 1);
        folder.save("systems/b.ron", 1, 20, 2);
        let mut watch = Watch::default();
        watch.follow(folder.0.borrow().clone());
        (folder, watch)
    }

    /// Looks until the files are to be read; how many looks that took, `None` for more than ten.
    fn looks(watch: &mut Watch, folder: &Folder) -> Option<u64> {
        (1..=10).find(|_| watch.look(folder))
    }

    /// However an editor saves, and whichever file of the set, it is read at the second look after: with the wait for the first
    /// look, three intervals, which leaves more than half a second of a second for reading and drawing.
    #[test]
    fn every_way_of_saving_is_noticed() {
        type Way = (&'static str, fn(&Folder));
        let ways: [Way; 6] = [
            ("in place", |folder| folder.save("a/scenario.ron", 2, 11, 1)),
            ("within the clock's grain", |folder| {
                folder.save("a/scenario.ron", 1, 11, 1);
            }),
            ("by renaming, with the old time kept", |folder| {
                folder.save("a/scenario.ron", 1, 10, 3);
            }),
            ("an older copy put back", |folder| {
                folder.save("a/scenario.ron", 0, 10, 1);
            }),
            ("the included file", |folder| {
                folder.save("systems/b.ron", 5, 20, 2);
            }),
            ("deleted", |folder| folder.delete("systems/b.ron")),
        ];
        for (way, save) in ways {
            let (folder, mut watch) = watched();
            assert_eq!(looks(&mut watch, &folder), None, "nothing was saved yet");
            save(&folder);
            assert_eq!(looks(&mut watch, &folder), Some(2), "{way}");
            watch.follow(folder.0.borrow().clone());
            assert_eq!(looks(&mut watch, &folder), None, "{way}: read once");
        }
        const { assert!(3 * INTERVAL_MS < 500, "a save is read within half a second") };
    }

    /// A file that vanishes and comes back is noticed both times.
    #[test]
    fn what_was_deleted_may_come_back() {
        let (folder, mut watch) = watched();
        folder.delete("a/scenario.ron");
        assert_eq!(looks(&mut watch, &folder), Some(2));
        watch.follow(folder.0.borrow().clone());
        folder.save("a/scenario.ron", 7, 12, 9);
        assert_eq!(looks(&mut watch, &folder), Some(2));
    }

    /// A file half written is not read, one that is written for ever is.
    #[test]
    fn writing_is_waited_for_but_not_for_ever() {
        let (folder, mut watch) = watched();
        folder.save("a/scenario.ron", 2, 0, 1);
        assert!(!watch.look(&folder), "truncated");
        folder.save("a/scenario.ron", 3, 10, 1);
        assert!(!watch.look(&folder), "just written");
        assert!(watch.look(&folder), "at rest");
        let (folder, mut watch) = watched();
        let growing = (1..=100).find(|at| {
            folder.save("a/scenario.ron", u128::from(*at), *at, 1);
            watch.look(&folder)
        });
        assert_eq!(growing, Some(u64::from(PATIENCE)));
    }

    /// What is put back as it was before it was read is no change.
    #[test]
    fn what_was_undone_is_not_read() {
        let (folder, mut watch) = watched();
        folder.save("a/scenario.ron", 2, 11, 1);
        assert!(!watch.look(&folder));
        folder.save("a/scenario.ron", 1, 10, 1);
        assert_eq!(looks(&mut watch, &folder), None);
    }
}
