//! Dense identifiers. Each is an index into the [`Blueprint`](crate::blueprint::Blueprint) table of the same name.
//!
//! They are 16 or 32 bits wide on every platform: `usize` never reaches stored or hashed state.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
        pub struct $name(pub u16);

        impl $name {
            /// The identifier as a table index.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The identifier of table row `index`.
            ///
            /// Rows beyond the 16-bit range saturate; the scenario limits keep every table far below it.
            #[must_use]
            pub fn from_index(index: usize) -> Self {
                Self(u16::try_from(index).unwrap_or(u16::MAX))
            }
        }
    };
}

id!(
    /// A region: a place with its own deployments and its own users.
    RegionId
);
id!(
    /// A service: one component of the graph, in however many regions.
    ServiceId
);
id!(
    /// An endpoint of a service.
    EndpointId
);
id!(
    /// A client-side edge: calls of one service (or of the users) to one endpoint, with their policy.
    EdgeId
);
id!(
    /// A deployment: one service in one region.
    DeploymentId
);
id!(
    /// An instance slot of a deployment. The slot keeps its identity over restarts and releases.
    InstanceId
);
id!(
    /// An immutable released version of a service.
    VersionId
);
id!(
    /// A configuration variable.
    VariableId
);
id!(
    /// A variable's value.
    ValueId
);
id!(
    /// A feature flag.
    FlagId
);
id!(
    /// A key space.
    KeySpaceId
);
id!(
    /// A table of a database.
    TableId
);
id!(
    /// A class of queries.
    QueryId
);
id!(
    /// A user flow: a kind of root request (checkout, search …).
    FlowId
);
id!(
    /// A source of root requests: one flow from the users of one region and segment.
    SourceId
);
id!(
    /// A customer segment.
    SegmentId
);

id!(
    /// A version of the program on the users' side: an app release, a browser.
    ClientId
);

/// A request frame: one attempt of one call. Frames are recycled once their trace has ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FrameId(pub u32);

impl FrameId {
    /// No frame.
    pub const NONE: Self = Self(u32::MAX);

    /// The identifier as an arena index.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
