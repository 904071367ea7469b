//! Scores of a person over time, in a small file in the data folder: what the library shows as their record.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use brownout_session::score::{Dimension, ScoreCard};
use serde::{Deserialize, Serialize};

/// Sessions that count for what somebody is good at now.
const RECENT: usize = 5;
/// Sessions kept.
const KEPT: usize = 200;

/// One session's scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Stable name of the scenario.
    pub scenario: String,
    /// Seed.
    pub seed: u64,
    /// When it was finished, in Unix seconds.
    pub at_unix_s: u64,
    /// 0 to 100.
    pub containment: u32,
    /// 0 to 100.
    pub hypotheses: u32,
    /// 0 to 100.
    pub communication: u32,
    /// Mean of the three.
    pub overall: u32,
}

impl Score {
    /// The scores of a card.
    #[must_use]
    pub fn of(card: &ScoreCard, scenario: &str, seed: u64, at_unix_s: u64) -> Self {
        Self {
            scenario: scenario.to_owned(),
            seed,
            at_unix_s,
            containment: card.containment,
            hypotheses: card.hypotheses,
            communication: card.communication,
            overall: card.overall,
        }
    }

    /// Points of a dimension.
    #[must_use]
    pub const fn points(&self, dimension: Dimension) -> u32 {
        match dimension {
            Dimension::Containment => self.containment,
            Dimension::Hypotheses => self.hypotheses,
            Dimension::Communication => self.communication,
        }
    }
}

/// Dimensions in the order they are shown.
pub const DIMENSIONS: [(Dimension, &str); 3] = [
    (Dimension::Containment, "Containment"),
    (Dimension::Hypotheses, "Hypotheses"),
    (Dimension::Communication, "Communication"),
];

/// All scores, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scorebook {
    /// Scores.
    pub scores: Vec<Score>,
}

impl Scorebook {
    /// What a file holds; a file that cannot be read is as if nothing had been played.
    #[must_use]
    pub fn load(path: &Path) -> Self {
        fs::read(path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Adds a score to a file. The file is replaced at once: a crash leaves the old one or the new one. One that
    /// cannot be read is kept aside, not written over.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(path: &Path, score: Score) -> anyhow::Result<()> {
        let mut book = Self::default();
        if let Ok(bytes) = fs::read(path) {
            if let Ok(read) = serde_json::from_slice(&bytes) {
                book = read;
            } else {
                fs::rename(path, with_ending(path, "damaged"))?;
            }
        }
        book.scores.push(score);
        let surplus = book.scores.len().saturating_sub(KEPT);
        book.scores.drain(..surplus);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let fresh = with_ending(path, "new");
        let mut file =
            File::create(&fresh).with_context(|| format!("cannot write {}", fresh.display()))?;
        file.write_all(serde_json::to_string_pretty(&book)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The best score of a scenario.
    #[must_use]
    pub fn best(&self, scenario: &str) -> Option<&Score> {
        let played = self.scores.iter();
        played
            .filter(|score| score.scenario == scenario)
            .max_by_key(|score| (score.overall, score.at_unix_s))
    }

    /// How often a scenario was played, and when last.
    #[must_use]
    pub fn played(&self, scenario: &str) -> Option<(usize, u64)> {
        let played = || {
            let scores = self.scores.iter();
            scores.filter(|score| score.scenario == scenario)
        };
        let last = played().map(|score| score.at_unix_s).max()?;
        Some((played().count(), last))
    }

    /// Mean points of a dimension over the latest sessions.
    #[must_use]
    pub fn recent(&self, dimension: Dimension) -> Option<u32> {
        let latest = &self.scores[self.scores.len().saturating_sub(RECENT)..];
        let sum: u32 = latest.iter().map(|score| score.points(dimension)).sum();
        sum.checked_div(u32::try_from(latest.len()).ok()?)
    }

    /// The dimension with the fewest points over the latest sessions.
    #[must_use]
    pub fn weakest(&self) -> Option<(Dimension, &'static str)> {
        let known = DIMENSIONS
            .into_iter()
            .filter_map(|(dimension, name)| Some((self.recent(dimension)?, dimension, name)));
        known
            .min_by_key(|(points, _, _)| *points)
            .map(|(_, dimension, name)| (dimension, name))
    }

    /// Best overall score per scenario.
    #[must_use]
    pub fn bests(&self) -> BTreeMap<&str, u32> {
        let mut bests = BTreeMap::new();
        for score in &self.scores {
            let best = bests.entry(score.scenario.as_str()).or_insert(0);
            *best = score.overall.max(*best);
        }
        bests
    }
}

/// Families of the field guide that train a dimension.
#[must_use]
pub const fn families(dimension: Dimension) -> &'static [&'static str] {
    match dimension {
        Dimension::Containment => &["P", "A"],
        Dimension::Hypotheses => &["S", "F"],
        Dimension::Communication => &["C"],
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// What may be suggested: a scenario by name, its difficulty and the field-guide rules it trains.
pub struct Offer<'a> {
    /// Stable name.
    pub name: &'a str,
    /// 1 to 5.
    pub difficulty: u8,
    /// Rules.
    pub skills: &'a [String],
}

/// What to play next, by position, and why in one line. Nothing played: the easiest. Otherwise what trains the weakest
/// dimension most, something not played yet before something played.
#[must_use]
pub fn suggest(book: &Scorebook, offers: &[Offer<'_>]) -> Option<(usize, String)> {
    let Some((dimension, name)) = book.weakest() else {
        let easiest = offers.iter().enumerate();
        let (index, _) = easiest.min_by_key(|(_, offer)| offer.difficulty)?;
        return Some((index, "It is the easiest one to begin with.".to_owned()));
    };
    let trains = |offer: &Offer<'_>| {
        let skills = offer.skills.iter();
        skills
            .filter(|skill| {
                families(dimension)
                    .iter()
                    .any(|family| skill.starts_with(family))
            })
            .count()
    };
    let (index, _) = offers.iter().enumerate().max_by_key(|(index, offer)| {
        let fresh = book.played(offer.name).is_none();
        (fresh, trains(offer), std::cmp::Reverse(*index))
    })?;
    let why = format!("{name} has been your weakest of late.");
    Some((index, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(scenario: &str, at_unix_s: u64, points: [u32; 3]) -> Score {
        Score {
            scenario: scenario.to_owned(),
            seed: 7,
            at_unix_s,
            containment: points[0],
            hypotheses: points[1],
            communication: points[2],
            overall: points.iter().sum::<u32>() / 3,
        }
    }

    /// Scores survive the file, the best is kept whatever came later, and a file that cannot be read is not lost.
    #[test]
    fn scores_are_kept() {
        let folder =
            std::env::temp_dir().join(format!("brownout-scorebook-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let path = folder.join("scores.json");
        assert_eq!(Scorebook::load(&path), Scorebook::default());
        for (at, points) in [(1, [90, 80, 70]), (2, [10, 20, 30])] {
            Scorebook::add(&path, score("a", at, points)).expect("written");
        }
        let book = Scorebook::load(&path);
        assert_eq!(book.best("a").map(|best| best.overall), Some(80));
        assert_eq!(book.played("a"), Some((2, 2)));
        assert_eq!(book.played("b"), None);
        assert_eq!(book.bests(), BTreeMap::from([("a", 80)]));

        fs::write(&path, "{\"scores\": [").expect("write");
        Scorebook::add(&path, score("b", 3, [1, 2, 3])).expect("written");
        assert_eq!(Scorebook::load(&path).scores.len(), 1);
        let aside = fs::read_to_string(folder.join("scores.json.damaged"));
        assert!(aside.is_ok_and(|text| text.starts_with("{\"scores\"")));
        assert!(!folder.join("scores.json.new").exists());
        let _ = fs::remove_dir_all(folder);
    }

    /// The suggestion follows the weakest dimension, and prefers what was not played.
    #[test]
    fn the_suggestion_trains_what_is_weak() {
        let (talk, dig) = (["C1".to_owned()], ["S1".to_owned(), "F2".to_owned()]);
        let offer = |name, difficulty, skills| Offer {
            name,
            difficulty,
            skills,
        };
        let offers = [offer("talk", 3, &talk[..]), offer("dig", 2, &dig[..])];
        let book = |scores: &[(&str, [u32; 3])]| Scorebook {
            scores: (1..)
                .zip(scores)
                .map(|(at, (name, points))| score(name, at, *points))
                .collect(),
        };
        let at = |book: &Scorebook| suggest(book, &offers).map(|(index, _)| index);
        assert_eq!(at(&Scorebook::default()), Some(1), "the easiest");
        let both = [("talk", [90, 90, 20]), ("dig", [90, 90, 20])];
        assert_eq!(at(&book(&both)), Some(0), "communication is weak");
        let both = [("talk", [90, 20, 90]), ("dig", [90, 20, 90])];
        assert_eq!(at(&book(&both)), Some(1), "hypotheses are weak");
        assert_eq!(at(&book(&both[..1])), Some(1), "not played yet");
        assert_eq!(suggest(&Scorebook::default(), &[]), None);
    }
}
