//! A small system with nothing wrong: what the title screen shows, and what panels are tested with.

use brownout_session::view::{FigureView, FlowView, Health, LinkView, NodeView, PlayerView};
use brownout_sim::blueprint::ServiceKind;

/// Service, kind, rank, and the services it calls. A webshop like the one of the shipped scenarios.
const SERVICES: [(&str, ServiceKind, u16, &[&str]); 18] = [
    ("edge", ServiceKind::Edge, 1, &["gateway"]),
    (
        "gateway",
        ServiceKind::Service,
        2,
        &["checkout", "catalogue", "search", "cart"],
    ),
    (
        "catalogue",
        ServiceKind::Service,
        5,
        &["product-cache", "catalogue-db"],
    ),
    (
        "search",
        ServiceKind::Service,
        3,
        &["product-cache", "catalogue"],
    ),
    ("product-cache", ServiceKind::Cache, 6, &[]),
    ("catalogue-db", ServiceKind::Database, 6, &[]),
    ("users", ServiceKind::Service, 5, &["session-cache"]),
    ("session-cache", ServiceKind::Cache, 6, &[]),
    (
        "cart",
        ServiceKind::Service,
        4,
        &["users", "session-cache", "catalogue"],
    ),
    (
        "checkout",
        ServiceKind::Service,
        3,
        &[
            "users",
            "cart",
            "parcel-quotes",
            "payments",
            "orders",
            "order-events",
        ],
    ),
    ("payments", ServiceKind::Service, 4, &["cardhub"]),
    ("cardhub", ServiceKind::ThirdParty, 5, &[]),
    ("parcel-quotes", ServiceKind::ThirdParty, 4, &[]),
    ("orders", ServiceKind::Service, 4, &["orders-db"]),
    ("orders-db", ServiceKind::Database, 5, &[]),
    ("orders-db-replica", ServiceKind::Database, 6, &[]),
    ("order-events", ServiceKind::Queue, 4, &["fulfilment"]),
    (
        "fulfilment",
        ServiceKind::Service,
        5,
        &["orders-db-replica"],
    ),
];

/// The calm system.
#[must_use]
pub fn calm() -> PlayerView {
    let regions = ["us-east", "eu-west"];
    let mut view = PlayerView {
        title: "Northwind Outfitters storefront".to_owned(),
        regions: regions.iter().map(|&region| region.to_owned()).collect(),
        objective_ppm: 990_000,
        recovered: true,
        start_unix_s: 1_772_646_000,
        ..PlayerView::default()
    };
    for region in 0..2u16 {
        for (service, kind, rank, _) in SERVICES {
            // One primary database serves both regions.
            if service != "orders-db" || region == 0 {
                view.nodes.push(node(service, kind, rank, region));
            }
        }
    }
    for region in 0..2u16 {
        let at = |service: &str| position(&view, service, region);
        let mut links: Vec<LinkView> = vec![link(None, region, at("edge"), 125_000, 80_000)];
        for (service, _, rank, callees) in SERVICES {
            let caller = at(service);
            if view.nodes[usize::from(caller)].region != region {
                continue;
            }
            let rate_milli = 150_000 / (u64::from(rank) + 1);
            links.extend(
                callees
                    .iter()
                    .map(|callee| link(Some(caller), region, at(callee), rate_milli, 30_000)),
            );
        }
        view.links.extend(links);
    }
    view.flows = vec![FlowView {
        name: "checkout".to_owned(),
        title: "Checkout".to_owned(),
        main: true,
        regions: vec![figures(35_000, 320_000), figures(28_000, 340_000)],
        entry: "edge".to_owned(),
        slow_us: 1_500_000,
    }];
    view
}

/// Position of a service in a region, or of its only deployment.
fn position(view: &PlayerView, service: &str, region: u16) -> u16 {
    let own = view
        .nodes
        .iter()
        .position(|node| node.service == service && node.region == region);
    let any = own.or_else(|| view.nodes.iter().position(|node| node.service == service));
    any.and_then(|index| u16::try_from(index).ok()).unwrap_or(0)
}

fn node(service: &str, kind: ServiceKind, rank: u16, region: u16) -> NodeView {
    NodeView {
        service: service.to_owned(),
        region,
        kind,
        rank,
        owner: "Platform".to_owned(),
        description: "Part of the storefront.".to_owned(),
        figures: figures(60_000, 40_000),
        saturation_ppm: Some(150_000 + u64::from(rank) * 40_000),
        cpu_ppm: Some(400_000),
        queued: 0,
        oldest_us: 0,
        late_us: None,
        dead_letters: None,
        status_page: None,
        ready: 3,
        replicas: 3,
        slots: 3,
        versions: vec![("2.40.3".to_owned(), 3)],
        health: Health::Healthy,
        rolling: false,
    }
}

fn link(from: Option<u16>, users_region: u16, to: u16, rate_milli: u64, p50_us: u64) -> LinkView {
    LinkView {
        from,
        users_region,
        to,
        figures: figures(rate_milli, p50_us),
    }
}

fn figures(rate_milli: u64, p50_us: u64) -> FigureView {
    FigureView {
        rate_milli,
        success_ppm: Some(1_000_000),
        p50_us: Some(p50_us),
        p95_us: Some(p50_us * 2),
    }
}
