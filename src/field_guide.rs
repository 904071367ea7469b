//! The rules of the field guide in a few words each: criteria and scenarios name them by id.

/// A family of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// First letter of its rules.
    pub letter: char,
    /// Name.
    pub name: &'static str,
}

/// Families in the order of the guide.
pub const FAMILIES: [Family; 6] = [
    family('P', "Process"),
    family('C', "Communication"),
    family('S', "Signals"),
    family('A', "Actions"),
    family('F', "Failures"),
    family('M', "Mistakes"),
];

const fn family(letter: char, name: &'static str) -> Family {
    Family { letter, name }
}

/// Rules by id.
const RULES: [(&str, &str); 81] = [
    ("P1", "establish the impact first"),
    ("P2", "find what changed"),
    ("P3", "contain before you explain"),
    ("P4", "narrow down along the service graph"),
    ("P5", "write the hypothesis before acting on it"),
    ("P6", "fix with the lowest risk"),
    ("P7", "verify that users have recovered"),
    ("P8", "keep talking throughout"),
    ("P9", "prevent the whole class, and learn"),
    ("C1", "acknowledge, and declare a severity"),
    ("C2", "a first message within minutes"),
    ("C3", "regular updates, promises kept"),
    ("C4", "everything an update must say"),
    ("C5", "no guess told as a fact, no blame"),
    ("C6", "words that fit who reads them"),
    ("C7", "call the owner the evidence points at"),
    ("C8", "answer people who ask"),
    ("C9", "a closing message"),
    ("S1", "rates, errors, latency"),
    ("S2", "saturation of resources"),
    ("S3", "logs"),
    ("S4", "traces"),
    ("S5", "the change log"),
    ("S6", "differences between regions and versions"),
    ("S7", "databases from inside"),
    ("S8", "queues from inside"),
    ("S9", "checks of the data"),
    ("S10", "providers' status pages"),
    ("S11", "customers' reports"),
    ("S12", "alerts and the error budget"),
    ("S13", "trying it yourself"),
    ("S14", "dumps, before a restart destroys them"),
    ("A1", "roll back a release"),
    ("A2", "turn off a feature flag"),
    ("A3", "revert or set a configuration value"),
    ("A4", "fail over or route traffic away"),
    ("A5", "scale out or up"),
    ("A6", "limit or shed load"),
    ("A7", "pause or resume a consumer"),
    ("A8", "open a circuit breaker by hand"),
    ("A9", "change time-outs, retries or pools"),
    ("A10", "restart"),
    ("A11", "drain or cordon"),
    ("A12", "end a query, add an index"),
    ("A13", "revert a step of a migration"),
    ("A14", "flush or warm a cache"),
    ("A15", "purge, redrive or skip messages"),
    ("A16", "release a hotfix"),
    ("A17", "rotate a certificate or secret"),
    ("A18", "capture evidence"),
    ("A19", "call an owner or a provider"),
    ("A20", "repair data"),
    ("A21", "watch on purpose, for a stated time"),
    ("A22", "try it on one instance first"),
    ("A23", "freeze changes, set a time-box"),
    ("A24", "add a guardrail"),
    ("F1", "databases"),
    ("F2", "distributed systems"),
    ("F3", "infrastructure"),
    ("F4", "asynchronous work"),
    ("F5", "dependencies"),
    ("F6", "changes"),
    ("F7", "load"),
    ("F8", "feedback loops"),
    ("F9", "nothing broken"),
    ("M1", "looking for the cause before the impact"),
    ("M2", "the lone hero"),
    ("M3", "reading logs only"),
    ("M4", "a reckless fix"),
    ("M5", "silence"),
    ("M6", "no prevention"),
    ("M7", "several changes at once"),
    ("M8", "taking a rollback for an explanation"),
    ("M9", "tools named, no reasoning"),
    ("M10", "taking containment for correction"),
    ("M11", "certainty from one weak clue"),
    ("M12", "rolling forward where back was safer"),
    ("M13", "staying with the first odd thing seen"),
    ("M14", "acting on a distractor"),
    ("M15", "all clear too early"),
    ("M16", "evidence destroyed before it was kept"),
];

/// A rule in a few words.
#[must_use]
pub fn rule(id: &str) -> Option<&'static str> {
    RULES
        .iter()
        .find(|(known, _)| *known == id)
        .map(|(_, words)| *words)
}

/// Rules with their words, one per line; an id nobody knows stands alone.
#[must_use]
pub fn rules<S: AsRef<str>>(ids: &[S]) -> String {
    let line = |id: &S| {
        let id = id.as_ref();
        rule(id).map_or_else(|| id.to_owned(), |words| format!("{id}  {words}"))
    };
    ids.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// How many rules of each family there are among some, families without any left out.
#[must_use]
pub fn by_family<S: AsRef<str>>(ids: &[S]) -> Vec<(Family, Vec<&str>)> {
    let of = |family: Family| {
        let ids = ids.iter().map(AsRef::as_ref);
        let ids: Vec<&str> = ids.filter(|id| id.starts_with(family.letter)).collect();
        (family, ids)
    };
    FAMILIES
        .into_iter()
        .map(of)
        .filter(|(_, ids)| !ids.is_empty())
        .collect()
}

/// What a criterion of the score is about, by its id.
#[must_use]
pub fn criterion(id: &str) -> Option<&'static str> {
    Some(match id {
        "symptom-first" => "Symptom stated first",
        "harm-averted" => "Harm averted",
        "decisive" => "Changes that helped",
        "in-time" => "Acted in time",
        "verified" => "Recovery watched",
        "corrected" => "Cause corrected",
        "evidence-kept" => "Evidence kept",
        "price-named" => "Price named",
        "before-acting" => "Hypothesis before acting",
        "predictions" => "Predictions that test",
        "verdicts" => "Fair verdicts",
        "calibration" => "Confidence that fits",
        "diagnosis" => "Right diagnosis",
        "compared" => "Bad compared with good",
        "acknowledged" => "Page acknowledged",
        "severity" => "Severity declared",
        "first-message" => "First message",
        "scope-message" => "Message about the scope",
        "updates" => "Regular updates",
        "content" => "Parts of good updates",
        "honest" => "Claims that hold",
        "answers" => "Questions answered",
        "closing" => "Closing message",
        "no-harm-done" => "No harm done",
        "left-alone" => "Left alone what works",
        "watched" => "Watched on purpose",
        "no-false-alarm" => "No false alarm",
        _ => return None,
    })
}

/// Words of the debrief that are not everyday ones.
pub const TERMS: [(&str, &str); 6] = [
    (
        "harm",
        "requests of users that failed or were too slow, each weighted by how much it matters, added up",
    ),
    (
        "nothing done",
        "the same run again, request by request, with none of your actions",
    ),
    (
        "reference",
        "the same run played by a program that keeps to the field guide and sees only what you can see",
    ),
    (
        "chance ±",
        "how far harm moves by luck alone: a smaller difference counts as none",
    ),
    (
        "something else",
        "what your confidences leave, out of 100, for a cause you had not written down",
    ),
    (
        "Brier score",
        "the squared distance between your confidences and the truth, over time: 0 is best, 2 is worst",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// No rule twice, every one in a family, and none without words.
    #[test]
    fn rules_are_named_once() {
        let mut ids: Vec<&str> = RULES.iter().map(|(id, _)| *id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        let families = by_family(&ids);
        let sum: usize = families.iter().map(|(_, ids)| ids.len()).sum();
        assert_eq!(sum, count);
        assert!(RULES.iter().all(|(_, words)| !words.is_empty()));
        assert_eq!(rules(&["P1", "X9"]), "P1  establish the impact first\nX9");
    }

    /// What the scenarios say they train is known by name.
    #[test]
    fn scenarios_train_known_rules() {
        let library = crate::cli::library(7);
        assert!(!library.is_empty());
        for loaded in library {
            for skill in &loaded.scenario.skills {
                assert!(rule(skill).is_some(), "{}: {skill}", loaded.scenario.name);
            }
        }
    }
}
