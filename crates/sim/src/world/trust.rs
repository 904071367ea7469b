//! Trust: certificates on new connections, credentials with requests, clocks that tokens are checked against.

use super::World;
use super::agenda::Rejected;
use super::frame::{Frame, flag};
use super::policy::feature;
use crate::blueprint::{Blueprint, CredentialAction};
use crate::ids::{DeploymentId, FrameId, InstanceId, ServiceId};
use crate::probe::Status;

#[derive(Clone, Copy, Debug)]
struct Credential {
    client: ServiceId,
    server: ServiceId,
    /// Number of the latest one issued.
    issued: u32,
    /// The server accepts this one and later ones.
    accepted_from: u32,
}

/// Certificates, credentials and clocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    /// When the certificates of services expire.
    certificates: Vec<(ServiceId, u64)>,
    credentials: Vec<Credential>,
    /// Instance → number of each credential its process holds; 0 where a row or entry is missing.
    held: Vec<Vec<u32>>,
    /// Instance → how far its clock is ahead; 0 where missing.
    skews_ns: Vec<i64>,
}

impl Trust {
    pub fn new(blueprint: &Blueprint) -> Self {
        let certificates = blueprint.certificates.iter();
        let credentials = blueprint.credentials.iter();
        Self {
            certificates: certificates.map(|c| (c.service, c.expires_ns)).collect(),
            credentials: credentials
                .map(|credential| Credential {
                    client: credential.client,
                    server: credential.server,
                    issued: 0,
                    accepted_from: 0,
                })
                .collect(),
            held: Vec::new(),
            skews_ns: Vec::new(),
        }
    }

    pub const fn has_certificates(&self) -> bool {
        !self.certificates.is_empty()
    }

    pub const fn has_credentials(&self) -> bool {
        !self.credentials.is_empty()
    }

    pub const fn has_skews(&self) -> bool {
        !self.skews_ns.is_empty()
    }

    /// Whether what a process holds lets it in; `None` where no credential is asked for.
    pub fn accepts(
        &self,
        process: InstanceId,
        client: ServiceId,
        server: ServiceId,
    ) -> Option<bool> {
        let held = self.held.get(process.index());
        let mut asked = self.credentials.iter().enumerate();
        let (index, credential) = asked
            .find(|(_, credential)| (credential.client, credential.server) == (client, server))?;
        let holds = held.and_then(|held| held.get(index)).copied().unwrap_or(0);
        Some(holds >= credential.accepted_from)
    }

    pub fn expires_ns(&self, service: ServiceId) -> Option<u64> {
        let found = self.certificates.iter().find(|(of, _)| *of == service);
        found.map(|(_, expires_ns)| *expires_ns)
    }
}

impl World {
    pub(super) fn has_certificate(&self, service: ServiceId) -> bool {
        self.trust.expires_ns(service).is_some()
    }

    /// Whether an attempt gets a connection to a server: an open one of its pool, or a new one if the certificate is
    /// still good.
    pub(super) fn is_trusted(&mut self, id: FrameId, server: InstanceId) -> bool {
        let frame = *self.arena.frame(id);
        let service = self.instances[server.index()].service;
        if frame.is(flag::CONNECTED) && self.reuses_connection(&frame) {
            return true;
        }
        let good = self
            .trust
            .expires_ns(service)
            .is_none_or(|expires_ns| self.now_ns < expires_ns);
        if good && frame.is(flag::CONNECTED) {
            self.note_connection(&frame);
        }
        good
    }

    /// After a result that leaves it open what may still come over its connection, the connection is closed.
    pub(super) fn doubt_connection(&mut self, frame: &Frame, status: Status) {
        if matches!(status, Status::Timeout | Status::Reset)
            && frame.is(flag::CONNECTED)
            && let Some(state) = self.client_edge(frame)
        {
            state.open = state.open.saturating_sub(1);
        }
    }

    /// Whether an attempt that holds a connection of its pool has an open one.
    fn reuses_connection(&mut self, frame: &Frame) -> bool {
        self.client_edge(frame)
            .is_some_and(|state| state.connections <= state.open)
    }

    /// An attempt has opened the connection it holds.
    fn note_connection(&mut self, frame: &Frame) {
        if let Some(state) = self.client_edge(frame) {
            state.open = (state.open + 1).min(state.connections);
        }
    }

    /// The process of one instance ends, and with it its share of the open connections of each of its clients.
    pub(super) fn close_connections_to(&mut self, id: InstanceId) {
        let instance = &self.instances[id.index()];
        let (service, deployment) = (instance.service, instance.deployment);
        let replicas = u32::from(self.deployments[deployment.index()].replicas).max(1);
        let regions = self.blueprint.regions.len();
        for (index, edge) in self.blueprint.edges.iter().enumerate() {
            let target = self.blueprint.endpoints[edge.target.index()].service;
            let (Some(client), true) = (edge.client, target == service) else {
                continue;
            };
            if self.tables.edges[index].features & feature::POOL == 0 {
                continue;
            }
            for caller in self.instances.iter().filter(|i| i.service == client) {
                let route = service.index() * regions + caller.region.index();
                if self.tables.route[route] == Some(deployment) {
                    let row = self.client_base[index] + caller.ordinal;
                    let state = &mut self.client_edges[row as usize];
                    state.open -= state.open.div_ceil(replicas);
                }
            }
        }
    }

    /// Whether the server knows the caller. Users have no credential, and work handed over has been let in already.
    pub(super) fn knows_caller(&self, id: FrameId) -> bool {
        let frame = self.arena.frame(id);
        if frame.parent == FrameId::NONE || frame.is(flag::GONE) {
            return true;
        }
        let client = self.blueprint.edges[frame.edge.index()].client;
        let server = self.instances[frame.instance.index()].service;
        let caller = self.arena.frame(frame.parent).instance;
        let held = self.trust.held.get(caller.index());
        let mut credentials = self.trust.credentials.iter().enumerate();
        credentials.all(|(index, credential)| {
            (Some(credential.client), credential.server) != (client, server)
                || held.and_then(|held| held.get(index)).copied().unwrap_or(0)
                    >= credential.accepted_from
        })
    }

    /// A new process reads its credentials.
    pub(super) fn read_credentials(&mut self, id: InstanceId) {
        let held = &mut self.trust.held;
        if held.len() <= id.index() {
            held.resize_with(id.index() + 1, Vec::new);
        }
        held[id.index()] = self.trust.credentials.iter().map(|c| c.issued).collect();
    }

    /// How far an instance's clock is ahead of true time, in nanoseconds; negative when it is behind.
    #[must_use]
    pub fn skew_ns(&self, id: InstanceId) -> i64 {
        self.trust.skews_ns.get(id.index()).copied().unwrap_or(0)
    }

    /// Whether a token that the caller dated by its clock is good by the server's.
    pub(super) fn accepts_token(&self, id: FrameId, leeway_ns: u64) -> bool {
        let frame = self.arena.frame(id);
        let own = self.skew_ns(frame.instance);
        own.abs_diff(self.caller_skew_ns(frame)) <= leeway_ns
    }

    /// Skew of the clock of a frame's client; users' clocks are right.
    pub(super) fn caller_skew_ns(&self, frame: &Frame) -> i64 {
        if frame.parent == FrameId::NONE {
            return 0;
        }
        self.skew_ns(self.arena.frame(frame.parent).instance)
    }

    pub(super) fn check_certificate(
        &self,
        service: ServiceId,
        expires_ns: u64,
    ) -> Result<(), Rejected> {
        match self.trust.expires_ns(service) {
            None => Err(Rejected::Unknown),
            Some(now) if now == expires_ns => Err(Rejected::NoChange),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn set_certificate(&mut self, service: ServiceId, expires_ns: u64) {
        for (of, expires) in &mut self.trust.certificates {
            if *of == service {
                *expires = expires_ns;
            }
        }
    }

    fn credential(&self, client: ServiceId, server: ServiceId) -> Option<usize> {
        let mut all = self.trust.credentials.iter();
        all.position(|c| (c.client, c.server) == (client, server))
    }

    pub(super) fn check_credential(
        &self,
        client: ServiceId,
        server: ServiceId,
        action: CredentialAction,
    ) -> Result<(), Rejected> {
        let index = self.credential(client, server).ok_or(Rejected::Unknown)?;
        let state = &self.trust.credentials[index];
        let unchanged = match action {
            CredentialAction::Rotate => false,
            CredentialAction::RevokeOlder => state.accepted_from >= state.issued,
            CredentialAction::RevokeAll => state.accepted_from > state.issued,
        };
        if unchanged {
            Err(Rejected::NoChange)
        } else {
            Ok(())
        }
    }

    pub(super) fn change_credential(
        &mut self,
        client: ServiceId,
        server: ServiceId,
        action: CredentialAction,
    ) {
        let Some(index) = self.credential(client, server) else {
            return;
        };
        let state = &mut self.trust.credentials[index];
        match action {
            CredentialAction::Rotate => state.issued += 1,
            CredentialAction::RevokeOlder => state.accepted_from = state.issued,
            CredentialAction::RevokeAll => state.accepted_from = state.issued + 1,
        }
    }

    fn slots_of(&self, deployment: DeploymentId, slot: Option<u16>) -> Vec<usize> {
        let state = &self.deployments[deployment.index()];
        let slots = 0..state.slots;
        slots
            .filter(|candidate| slot.is_none_or(|only| only == *candidate))
            .map(|candidate| usize::from(state.first + candidate))
            .collect()
    }

    pub(super) fn check_skew(
        &self,
        deployment: DeploymentId,
        slot: Option<u16>,
        skew_ns: i64,
    ) -> Result<(), Rejected> {
        if deployment.index() >= self.deployments.len() {
            return Err(Rejected::Unknown);
        }
        let slots = self.slots_of(deployment, slot);
        if slots.is_empty() {
            return Err(Rejected::Unknown);
        }
        let same = |index: &usize| self.skew_ns(InstanceId::from_index(*index)) == skew_ns;
        if slots.iter().all(same) {
            Err(Rejected::NoChange)
        } else {
            Ok(())
        }
    }

    /// Set the clocks of a deployment's instances, or of one of them. The host's clock: it outlives processes.
    pub(super) fn set_skew(&mut self, deployment: DeploymentId, slot: Option<u16>, skew_ns: i64) {
        for index in self.slots_of(deployment, slot) {
            let skews = &mut self.trust.skews_ns;
            if skews.len() <= index {
                skews.resize(index + 1, 0);
            }
            skews[index] = skew_ns;
        }
    }
}

/// A time as a clock shows it that is so far ahead.
pub(super) fn shown(at_ns: u64, skew_ns: i64) -> u64 {
    if at_ns == 0 {
        // Stands for "never".
        return 0;
    }
    at_ns.saturating_add_signed(skew_ns).max(1)
}
