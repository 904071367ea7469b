//! The scenarios that ship with the game.
use brownout_scenario::*;
#[test]
fn probe() {
    let files = MemoryFiles::new(&[
        ("systems/storefront.ron", include_str!("../../../scenarios/systems/storefront.ron")),
        ("regional-gateway/scenario.ron", include_str!("../../../scenarios/regional-gateway/scenario.ron")),
    ]);
    let (loaded, found) = load(&files, "regional-gateway/scenario.ron");
    for d in &found { println!("{d}"); }
    let loaded = loaded.unwrap();
    for k in 0..2 {
        let s = compile(&loaded, Some(k), 0).unwrap();
        println!("{:?} {} edges {} versions {} records {:?} {:x}", s.truth, s.blueprint.edges.len(), s.blueprint.versions.len(), s.records.len(), s.ranks, s.hash);
        println!("{:?}", s.blueprint.timeline);
    }
    for shift in 0..64 { print!("{}:{} ", shift, (brownout_sim::hash::combine(7, brownout_sim::hash::name_hash("regional-gateway"))>>shift)%2); }
    println!("{}", compile::truth_index("regional-gateway", 7, 2));
}
