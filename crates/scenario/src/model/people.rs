//! People around an incident.

use schemars::JsonSchema;
use serde::Deserialize;

use super::system::DurationText;

/// Somebody around the incident.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Unique name.
    pub name: String,
    /// Role.
    pub role: PersonRole,
    /// Service they own, for owners and provider support.
    #[serde(default)]
    pub owns: Option<String>,
    /// How long they wait for an answer before they grow impatient.
    pub patience: DurationText,
    /// How long they take to answer when asked; default 90 s.
    #[serde(default)]
    pub answers_after: Option<DurationText>,
    /// What they ask without being asked.
    #[serde(default)]
    pub asks: Vec<Question>,
    /// What they say when they are paged.
    #[serde(default)]
    pub knows: Vec<Knowledge>,
}

/// People several scenarios share: the top level of such a file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "People")]
pub struct PeopleFile {
    /// Format version; 2.
    pub format: u32,
    /// People.
    pub people: Vec<Person>,
}

/// Role of a person.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum PersonRole {
    /// Leads customer support.
    SupportLead,
    /// Decides about money and risk.
    Executive,
    /// Speaks for big customers.
    CustomerSuccess,
    /// On call for a service.
    ServiceOwner,
    /// A third party's support desk.
    ProviderSupport,
}

/// Something a person asks by themselves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// How long after the page.
    pub after: DurationText,
    /// Words.
    pub text: String,
    /// What a good answer contains.
    pub wants: Vec<Topic>,
}

/// A part of a message (field guide C4).
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What users feel.
    Impact,
    /// Who, where, since when.
    Scope,
    /// What is known of the cause.
    Cause,
    /// What is being done.
    Action,
    /// When the next update comes.
    NextUpdate,
}

/// Something a person says when paged.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Knowledge {
    /// Truth under which they say it; all when left out.
    #[serde(default)]
    pub truth: Option<String>,
    /// Words.
    pub text: String,
}
