//! What rows are made of: the primitives behind the changes, and what narrows them. Both are read off the changes
//! themselves.

/// What a change of the language does at bottom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Primitive {
    /// Something happens to processes or their hosts.
    Process,
    /// Computing takes longer.
    Slowdown,
    /// Requests fail or are refused.
    Errors,
    /// Messages are larger.
    Payload,
    /// Messages are delayed, lost, cut, queued.
    Link,
    /// Names are answered otherwise.
    Name,
    /// Certificates, credentials and clocks.
    Trust,
    /// A limit at a door.
    Limit,
    /// Releases, configuration, flags.
    Release,
    /// How many instances run.
    Fleet,
    /// What components remember: rows, plans, keys, entries, backlogs.
    Data,
    /// How many users come.
    Traffic,
    /// What is recorded.
    Monitoring,
}

impl Primitive {
    /// Every primitive, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::Process,
        Self::Slowdown,
        Self::Errors,
        Self::Payload,
        Self::Link,
        Self::Name,
        Self::Trust,
        Self::Limit,
        Self::Release,
        Self::Fleet,
        Self::Data,
        Self::Traffic,
        Self::Monitoring,
    ];

    /// Name, and what it does.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Process => ("process", "something happens to processes or their hosts"),
            Self::Slowdown => ("slowdown", "computing takes longer"),
            Self::Errors => ("errors", "requests fail or are refused"),
            Self::Payload => ("payload", "messages are larger"),
            Self::Link => (
                "link",
                "messages are delayed, lost, cut or wait for each other",
            ),
            Self::Name => ("name", "names are answered otherwise"),
            Self::Trust => ("trust", "certificates, credentials and clocks"),
            Self::Limit => ("limit", "a limit at a door"),
            Self::Release => ("release", "releases, configuration and flags"),
            Self::Fleet => ("fleet", "how many instances run"),
            Self::Data => (
                "data",
                "what components remember: rows, plans, keys, backlogs",
            ),
            Self::Traffic => ("traffic", "how many users come"),
            Self::Monitoring => ("monitoring", "what is recorded"),
        }
    }

    /// The primitive behind a change of the language; `None` if there is no such change.
    #[must_use]
    pub fn of(change: &str) -> Option<Self> {
        let name = change.split('(').next()?.trim();
        Some(match name {
            "Process" => Self::Process,
            "Slowdown" => Self::Slowdown,
            "Errors" => Self::Errors,
            "Payload" => Self::Payload,
            "Link" => Self::Link,
            "PointName" | "AnswerName" => Self::Name,
            "Certificate" | "Credential" | "Skew" => Self::Trust,
            "Limit" | "Unlimit" => Self::Limit,
            "Deploy" | "Restart" | "Canary" | "Proceed" | "SetVariable" | "SetFlag" => {
                Self::Release
            }
            "Scale" | "Autoscale" => Self::Fleet,
            "FlushCache" | "ResizeCache" | "HotKey" | "Poison" | "Heal" | "SetPlan"
            | "GrowTable" | "Migrate" | "FailOver" | "Pause" | "Resume" | "Corrupt" | "Repair" => {
                Self::Data
            }
            "Traffic" => Self::Traffic,
            "Monitoring" => Self::Monitoring,
            _ => return None,
        })
    }
}

/// Fields of changes that narrow them, and what they narrow them to.
const SELECTORS: [(&str, &str); 22] = [
    ("service", "service"),
    ("endpoint", "endpoint"),
    ("regions", "region"),
    ("region", "region"),
    ("from_region", "region"),
    ("to_region", "region"),
    ("version", "version"),
    ("zone", "zone"),
    ("slot", "instance"),
    ("instance", "instance"),
    ("segment", "segment"),
    ("segments", "segment"),
    ("client", "client version"),
    ("from", "edge"),
    ("to", "edge"),
    ("server", "edge"),
    ("flag", "flag"),
    ("query", "query class"),
    ("keys", "key range"),
    ("table", "table"),
    ("flow", "flow"),
    ("variable", "variable"),
];

/// What a change is narrowed to.
#[must_use]
pub fn selectors(change: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    // A share of instances is one by `only`; elsewhere a share is a size. The client of a credential is a service.
    if change.contains("only: (share:") {
        found.push("share of instances");
    }
    let credential = change.starts_with("Credential");
    for field in change
        .split(['(', ' '])
        .filter_map(|word| word.strip_suffix(':'))
    {
        let known = SELECTORS.iter().find(|(name, _)| *name == field);
        if let Some((_, name)) = known
            && !found.contains(name)
            && !(credential && field == "client")
        {
            found.push(*name);
        }
    }
    found
}
