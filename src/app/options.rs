//! What the window is opened with.

use std::path::PathBuf;
use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_session::journal::Header;

use crate::author::Asked;
use crate::cli::unfinished::Resumed;
use crate::settings::ThemeName;

/// Options of [`play`](super::play).
#[derive(Debug)]
pub struct PlayOptions {
    /// The incident the title screen offers.
    pub scenario: Arc<Scenario>,
    /// What its journal begins with: the seed, and who plays.
    pub header: Header,
    /// Where the session is recorded; `None`: nowhere.
    pub journal: Option<PathBuf>,
    /// A session to go on with; its journal is open already.
    pub resumed: Option<Resumed>,
    /// File of the scenario, where it is known.
    pub file: Option<PathBuf>,
    /// The scenario was named, so it is what the title offers first.
    pub named: bool,
    /// Times as fast as a wall clock to begin with, 1 to 10.
    pub speed: u32,
    /// Title of the window.
    pub title: String,
}

/// Options of [`author`](super::author).
#[derive(Clone, Debug)]
pub struct AuthorOptions {
    /// What is to be written.
    pub asked: Asked,
    /// The incident the title screen offers to who leaves for it.
    pub scenario: Arc<Scenario>,
    /// What its journal would begin with.
    pub header: Header,
    /// Where sessions are recorded that are not trials; `None`: nowhere.
    pub journal: Option<PathBuf>,
}

/// Options of [`shots`](super::shots).
#[derive(Clone, Debug)]
pub struct ShotsOptions {
    /// Folder the pictures go to; created if it is missing.
    pub dir: PathBuf,
    /// Width and height of the window in pixels.
    pub size: (u32, u32),
    /// Size of the interface in per cent.
    pub scale: u16,
    /// Words that cannot be read are a failure.
    pub strict: bool,
    /// Screen shown.
    pub screen: ShotScreen,
    /// Colours.
    pub theme: ThemeName,
    /// The incident.
    pub scenario: Arc<Scenario>,
    /// What its journal would begin with: the seed, and who plays.
    pub header: Header,
    /// Folder or file of the scenario.
    pub file: PathBuf,
}

/// A screen pictures can be taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShotScreen {
    /// The title.
    Title,
    /// Scenarios to choose from.
    Library,
    /// The briefing.
    Briefing,
    /// The incident.
    Incident,
    /// The debrief of a session played by the reference responder, late.
    Debrief,
    /// The scenario being written, sound and broken.
    Author,
    /// The settings.
    Settings,
}

impl ShotScreen {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Title,
        Self::Library,
        Self::Briefing,
        Self::Incident,
        Self::Debrief,
        Self::Author,
        Self::Settings,
    ];

    /// Its name, as typed and as it begins the pictures' file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Library => "library",
            Self::Briefing => "briefing",
            Self::Incident => "incident",
            Self::Debrief => "debrief",
            Self::Author => "author",
            Self::Settings => "settings",
        }
    }
}

impl std::str::FromStr for ShotScreen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|screen| screen.name() == text)
            .ok_or_else(|| {
                format!("there is no screen called \"{text}\"; there are: title, library, briefing, incident, debrief, author, settings")
            })
    }
}
