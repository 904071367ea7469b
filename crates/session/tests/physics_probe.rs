mod common;
use brownout_session::outcome::conclude;
use brownout_session::players::*;
use brownout_session::command::*;

#[test]
fn probe() {
    for truth in 0..2 {
        let scenario = common::scenario("regional-gateway", 7, Some(truth));
        let t = |p: &mut dyn Player, name: &str| {
            let start = std::time::Instant::now();
            let s = common::play(&scenario, 7, p);
            let wall = start.elapsed();
            let c = conclude(&s);
            println!("truth {truth} {name}: page {:?} outcome {:?} contained {:?} events {} wall {:?}+{:?}", s.page_ns().map(|p| p/1_000_000_000), c.outcome, c.contained_s, c.events, wall, start.elapsed()-wall);
            for (r, h) in &c.harm.by_region { println!("   {r}: {} failed {} slow {} = {:.2}%", h.requests, h.failed, h.slow, (h.failed+h.slow) as f64 * 100.0/h.requests as f64); }
            println!("   lost {} weighted {} diag {:?}", c.harm.lost, c.harm.weighted, c.diagnosed);
            for r in s.records() { if name == "reference" && !matches!(r.entry, brownout_session::journal::Entry::World(_)) { println!("{} {} {:?}", r.seq, r.at_ms/1000, r.entry); } }
        };
        t(&mut Nobody, "none");
        t(&mut RestartAll::default(), "restart-all");
        t(&mut RollbackAll::default(), "rollback-all");
        t(&mut Scripted::action(120, Action::Rollback{service:"checkout".into(), region: None}), "rollback");
        t(&mut Scripted::action(120, Action::ShiftTraffic{from:"eu-west".into(), to:"us-east".into(), percent:100}), "shift");
        t(&mut Scripted::action(120, Action::SetVariable{service:"checkout".into(), region:Some("eu-west".into()), variable:"PAYMENTS_GATEWAY_URL".into(), value:Some("http://payments.internal".into())}), "setvar");
        t(&mut Scripted::action(120, Action::SetFlag{flag:"live-parcel-quotes".into(), region:Some("eu-west".into()), percent:0}), "flag");
        t(&mut Reference::default(), "reference");
    }
}
