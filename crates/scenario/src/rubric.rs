//! Names of what is scored, for a scenario's rubric.

/// Dimensions of the score.
pub const DIMENSIONS: [&str; 3] = ["containment", "hypotheses", "communication"];

/// Criteria, those of controls included.
pub const CRITERIA: [&str; 27] = [
    "acknowledged",
    "answers",
    "before-acting",
    "calibration",
    "closing",
    "compared",
    "content",
    "corrected",
    "decisive",
    "diagnosis",
    "evidence-kept",
    "first-message",
    "harm-averted",
    "honest",
    "in-time",
    "left-alone",
    "no-false-alarm",
    "no-harm-done",
    "predictions",
    "price-named",
    "scope-message",
    "severity",
    "symptom-first",
    "updates",
    "verdicts",
    "verified",
    "watched",
];

/// What one hint costs, in points of the overall score.
pub const HINT_COSTS: u32 = 5;
