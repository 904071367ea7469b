//! The journal of a session: append-only JSON lines under a hash chain.
//!
//! The first line is the header. Every line is `{"chain":"<16 hex>", …}`; the chain value is a hash over the previous
//! line's value and the rest of the line, so a changed, lost or swapped line is found at once.

use brownout_sim::hash::{StableHasher, combine};
use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::event::Event;

/// Format of the journal.
pub const FORMAT: u32 = 1;

/// First line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Format of the journal.
    pub format: u32,
    /// Version of the physics the run was made with.
    pub physics: u32,
    /// Scenario name.
    pub scenario: String,
    /// Hash of the compiled scenario, hexadecimal.
    pub scenario_hash: String,
    /// Seed.
    pub seed: u64,
    /// Truth, when it was forced instead of drawn by the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced_truth: Option<usize>,
    /// Who played.
    pub player: String,
}

/// A line after the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Position, from 1.
    pub seq: u64,
    /// Simulated time in milliseconds.
    pub at_ms: u64,
    /// What.
    pub entry: Entry,
}

/// What a line records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A command.
    Command(Command),
    /// What followed.
    Event(Event),
    /// Hash of the world, hexadecimal.
    World(String),
}

/// What is wrong with a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Nothing there.
    #[error("the journal is empty")]
    Empty,
    /// The header cannot be read.
    #[error("line 1: the header cannot be read: {0}")]
    Header(String),
    /// Another format.
    #[error("line 1: journal format {0}; this program reads format {FORMAT}")]
    Format(u32),
    /// Another physics.
    #[error(
        "line 1: made with physics version {made}; this program has {here} and does not re-score other versions"
    )]
    Physics {
        /// Of the journal.
        made: u32,
        /// Of this program.
        here: u32,
    },
    /// A record is damaged.
    #[error("line {line}: record {seq}: {what}")]
    Record {
        /// Line in the file, from 1.
        line: usize,
        /// Sequence number the record should have.
        seq: u64,
        /// What is wrong.
        what: String,
    },
}

/// A journal read back.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Header.
    pub header: Header,
    /// Records.
    pub records: Vec<Record>,
    /// Bytes of the valid prefix.
    pub valid_bytes: usize,
    /// First damage, if any; an unterminated last line is no damage.
    pub damage: Option<Damage>,
}

const PREFIX: &str = "{\"chain\":\"";
/// Start of the rest of a line: prefix, 16 digits, `",`.
const REST: usize = PREFIX.len() + 18;

/// Writes lines and carries the chain.
#[derive(Clone, Debug, Default)]
pub struct Chain(u64);

impl Chain {
    /// The line of a header or record, newline included.
    pub fn line<T: Serialize>(&mut self, value: &T) -> String {
        // Serialising plain structs of integers and strings into memory cannot fail; an empty object would be caught
        // as damage on reading.
        let body = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
        let rest = body.get(1..).unwrap_or_default();
        self.advance(rest);
        format!("{PREFIX}{:016x}\",{rest}\n", self.0)
    }

    fn advance(&mut self, rest: &str) {
        let mut hasher = StableHasher::new();
        hasher.bytes(rest.as_bytes());
        self.0 = combine(self.0, hasher.finish());
    }

    /// Check a line (without newline) and return its body.
    fn check(&mut self, line: &str) -> Result<String, String> {
        let (Some(digits), Some(rest)) =
            (line.get(PREFIX.len()..PREFIX.len() + 16), line.get(REST..))
        else {
            return Err("too short".to_owned());
        };
        self.advance(rest);
        let separator = line.get(PREFIX.len() + 16..REST);
        if !line.starts_with(PREFIX)
            || separator != Some("\",")
            || digits != format!("{:016x}", self.0)
        {
            return Err("it does not fit the hash chain: changed, lost or out of order".to_owned());
        }
        Ok(format!("{{{rest}"))
    }
}

/// Read a journal as far as it is sound. Bytes that are no UTF-8 are damage like any other.
///
/// # Errors
/// [`Damage`] when not even the header can be used.
pub fn read(bytes: &[u8]) -> Result<Journal, Damage> {
    let mut chain = Chain::default();
    let mut lines = Vec::new();
    let mut start = 0;
    while let Some(length) = bytes
        .get(start..)
        .and_then(|rest| rest.iter().position(|&b| b == b'\n'))
    {
        lines.push((start, start + length));
        start += length + 1;
    }
    let text = |&(from, to): &(usize, usize)| {
        core::str::from_utf8(bytes.get(from..to).unwrap_or_default())
            .map_err(|_| "not UTF-8".to_owned())
    };
    let first = lines.first().ok_or(Damage::Empty)?;
    let body = text(first)
        .and_then(|line| chain.check(line))
        .map_err(Damage::Header)?;
    let header: Header = serde_json::from_str(&body).map_err(|e| Damage::Header(e.to_string()))?;
    if header.format != FORMAT {
        return Err(Damage::Format(header.format));
    }
    if header.physics != brownout_sim::PHYSICS_VERSION {
        return Err(Damage::Physics {
            made: header.physics,
            here: brownout_sim::PHYSICS_VERSION,
        });
    }
    let mut journal = Journal {
        header,
        records: Vec::new(),
        valid_bytes: first.1 + 1,
        damage: None,
    };
    for (index, bounds) in lines.iter().enumerate().skip(1) {
        let seq = index as u64;
        let record = text(bounds)
            .and_then(|line| chain.check(line))
            .and_then(|body| {
                let record: Record = serde_json::from_str(&body).map_err(|e| e.to_string())?;
                if record.seq == seq {
                    Ok(record)
                } else {
                    Err(format!("its number is {}", record.seq))
                }
            });
        match record {
            Ok(record) => {
                journal.records.push(record);
                journal.valid_bytes = bounds.1 + 1;
            }
            Err(what) => {
                journal.damage = Some(Damage::Record {
                    line: index + 1,
                    seq,
                    what,
                });
                break;
            }
        }
    }
    Ok(journal)
}

impl Journal {
    /// The chain after the last sound record, for appending.
    #[must_use]
    pub fn chain(&self) -> Chain {
        let mut chain = Chain::default();
        let _ = chain.line(&self.header);
        for record in &self.records {
            let _ = chain.line(record);
        }
        chain
    }
}
