//! Why a command was refused, in one line a person can act on.

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It names something that does not exist.
    #[error("there is no {kind} called \"{name}\"")]
    Unknown {
        /// Kind of thing.
        kind: &'static str,
        /// Name given.
        name: String,
    },
    /// The service is somebody else's.
    #[error("{service} is not yours to change; page its support instead")]
    NotYours {
        /// Service.
        service: String,
    },
    /// It would change nothing.
    #[error("nothing to do: {what}")]
    NothingToDo {
        /// Why.
        what: String,
    },
    /// The page has not come yet.
    #[error("nothing has happened yet: wait for the page")]
    BeforeThePage,
    /// The session is over.
    #[error("the session is over")]
    Over,
    /// A value is out of range.
    #[error("{0}")]
    Range(&'static str),
}

impl Refused {
    pub(crate) fn unknown(kind: &'static str, name: &str) -> Self {
        Self::Unknown {
            kind,
            name: name.to_owned(),
        }
    }
}
