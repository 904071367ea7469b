use crate::common;
use brownout_scenario::action::Action;
use brownout_session::command::{Command, Intervention};
use brownout_session::outcome::conclude;
use brownout_session::players::{Nobody, Scripted};
use brownout_sim::blueprint::SECOND_NS;

#[test]
#[ignore]
fn try_it() {
    let text = std::env::var("TRY").unwrap();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let mut parts = line.splitn(4, ';');
        let name = parts.next().unwrap().trim().to_owned();
        let truth: usize = parts.next().unwrap().trim().parse().unwrap();
        let seed: u64 = parts.next().unwrap().trim().parse().unwrap();
        let actions = parts.next().unwrap_or("[]");
        let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let actions: Vec<Action> = options.from_str(actions).unwrap();
        let scenario = common::scenario(&name, seed, Some(truth));
        let script = (0u64..).zip(&actions).map(|(i, a)| ((120 + 15 * i) * SECOND_NS, Command::Act(Intervention { action: a.clone(), serves: None, price_accepted: true }))).collect();
        let done = if actions.is_empty() {
            conclude(&common::play(&scenario, seed, &mut Nobody))
        } else {
            conclude(&common::play(&scenario, seed, &mut Scripted { script, next: 0 }))
        };
        println!("{name} t{truth} s{seed} {actions:?}: harm {} failed {} slow {} contained {:?}", done.harm.weighted, done.harm.failed, done.harm.slow, done.contained_s);
    }
}
