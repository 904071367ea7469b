//! From one session to the next.

use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;
use brownout_scenario::compiled::Scenario;
use brownout_session::Session;
use brownout_session::journal::Header;

use super::{Bridge, Record};
use crate::cli::unfinished::Resumed;

impl Bridge {
    /// Gives the session away once it is over; its journal is complete then.
    pub fn take_session(&mut self) -> Option<Session> {
        self.write();
        self.session.take()
    }

    /// Offers the same incident again, from the beginning, recorded in another journal.
    pub fn again(&mut self, journal: Option<PathBuf>) {
        self.offer(Arc::clone(&self.scenario), self.header.clone(), journal);
    }

    /// Offers another incident.
    pub fn offer(&mut self, scenario: Arc<Scenario>, header: Header, journal: Option<PathBuf>) {
        let scripted = self.scripted;
        self.close();
        let record = journal.map_or(Record::Nowhere, Record::At);
        *self = Self::new(scenario, header, self.clock.speed, record);
        self.scripted = scripted;
    }

    /// Goes on with a session that was brought back; its clock stands until the player has looked around.
    pub fn resume(&mut self, resumed: Resumed) {
        let header = resumed.session.header().clone();
        self.offer(resumed.scenario, header, None);
        self.record = Record::Resumed(Box::new(resumed.session), resumed.journal);
        self.clock.paused = true;
        self.start();
        self.refusal = resumed.note;
    }

    /// Stops the clock, or lets it go on.
    pub const fn pause(&mut self, paused: bool) {
        self.clock.paused = paused;
    }

    /// Whether what happens is kept in a journal.
    pub const fn is_recorded(&self) -> bool {
        !matches!(self.record, Record::Nowhere)
    }

    /// Writes what is not yet on disk and makes it durable: what follows may be the end of the program.
    pub fn close(&mut self) {
        self.write();
        if let Record::Open(journal) = &mut self.record
            && let Err(error) = journal.sync()
        {
            warn!("the journal may be incomplete: {error:#}");
        }
    }

    /// What the journal of the incident at hand begins with.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The scenario, to share.
    pub const fn scenario_shared(&self) -> &Arc<Scenario> {
        &self.scenario
    }
}
