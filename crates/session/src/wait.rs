//! Waiting until something happens: when a wait is over, told from two views.
//!
//! A wait is no command and leaves no trace in the journal. Whoever moves the clock asks after each stretch of simulated
//! time whether it is over.

use crate::progress::CutShort;
use crate::view::{ActionView, AlertView, PlayerView, PredictionOutcome};

/// How long before a promised time a wait for it ends: enough to write an update.
pub const PROMISE_LEAD_NS: u64 = 60 * SECOND_NS;
/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A running action is done, or overtaken by another.
    ActionDone,
    /// An alert fires that did not.
    Alert,
    /// Somebody says or asks something.
    Message,
    /// The promised time of the next update is [`PROMISE_LEAD_NS`] away.
    PromiseDue,
    /// A prediction is decided.
    Prediction,
    /// Users are served again: [`PlayerView::recovered`], so that it may be said when the wait is over.
    Served,
    /// A simulated time in nanoseconds.
    At(u64),
    /// Whatever of the others comes first; never a stated time.
    Anything,
}

/// What [`Until::Anything`] waits for.
const KINDS: [Until; 6] = [
    Until::ActionDone,
    Until::Alert,
    Until::Message,
    Until::PromiseDue,
    Until::Prediction,
    Until::Served,
];

/// Whether a wait can end by what it waits for.
///
/// # Errors
/// Why it cannot, in words for the player.
pub fn possible(until: Until, now: &PlayerView) -> Result<(), &'static str> {
    match until {
        Until::ActionDone if !now.actions.iter().any(running) => Err("no action is running"),
        Until::PromiseDue => match now.update_due_ns {
            None => Err("no update is promised"),
            Some(due_ns) if due_ns <= now.now_ns + PROMISE_LEAD_NS => {
                Err("the update is due already")
            }
            Some(_) => Ok(()),
        },
        Until::Prediction if undecided(now).next().is_none() => Err("no prediction is open"),
        Until::Served if now.recovered => Err("users are served"),
        Until::At(at_ns) if at_ns <= now.now_ns => Err("that time has passed"),
        _ => Ok(()),
    }
}

/// Whether a wait that began at `before` is over `now`, and what ended it, in words for the player. No wait runs into a
/// promised update: each ends [`PROMISE_LEAD_NS`] before it.
#[must_use]
pub fn over(until: Until, before: &PlayerView, now: &PlayerView) -> Option<String> {
    if now.ended {
        return Some("the incident is over".to_owned());
    }
    happened(until, before, now).or_else(|| promise_due(before, now))
}

/// Whether what is waited for has happened.
fn happened(until: Until, before: &PlayerView, now: &PlayerView) -> Option<String> {
    match until {
        Until::ActionDone => action_done(before, now),
        Until::Alert => new_alert(before, now),
        Until::Message => new_message(before, now),
        Until::PromiseDue => promise_due(before, now),
        Until::Prediction => prediction_decided(before, now),
        Until::Served => {
            (!before.recovered && now.recovered).then(|| "users are served again".to_owned())
        }
        Until::At(at_ns) => (now.now_ns >= at_ns).then(|| format!("it is {}", now.clock(at_ns))),
        Until::Anything => KINDS
            .into_iter()
            .find_map(|kind| happened(kind, before, now)),
    }
}

const fn running(action: &ActionView) -> bool {
    action.done_ns.is_none()
}

fn action_done(before: &PlayerView, now: &PlayerView) -> Option<String> {
    let waited_for = before.actions.iter().filter(|action| running(action));
    waited_for
        .filter_map(|action| now.actions.iter().find(|found| found.id == action.id))
        .find(|action| !running(action))
        .map(|action| {
            let how = action.cut_short.map_or("done", CutShort::words);
            format!("{} is {how}", action.title)
        })
}

fn new_alert(before: &PlayerView, now: &PlayerView) -> Option<String> {
    let same = |one: &AlertView, other: &AlertView| {
        (one.since_ns, &one.name, &one.region) == (other.since_ns, &other.name, &other.region)
    };
    now.alerts
        .iter()
        .find(|alert| !before.alerts.iter().any(|known| same(known, alert)))
        .map(|alert| format!("alert: {}, {}", alert.name, alert.region))
}

fn new_message(before: &PlayerView, now: &PlayerView) -> Option<String> {
    now.talk
        .iter()
        .find(|line| line.at_ns > before.now_ns)
        .map(|line| {
            let what = if line.question.is_some() {
                "asks something"
            } else {
                "has written"
            };
            format!("{} {what}", line.person)
        })
}

fn promise_due(before: &PlayerView, now: &PlayerView) -> Option<String> {
    // A promise that was near before the wait began ends nothing.
    possible(Until::PromiseDue, before).ok()?;
    let due_ns = now.update_due_ns?;
    (due_ns <= now.now_ns + PROMISE_LEAD_NS).then(|| {
        let left_s = due_ns.saturating_sub(now.now_ns) / SECOND_NS;
        format!("the next update is due in {left_s} s")
    })
}

/// Predictions without an outcome: hypothesis and position.
fn undecided(view: &PlayerView) -> impl Iterator<Item = (u32, usize)> + '_ {
    view.hypotheses.iter().flat_map(|hypothesis| {
        let outcomes = hypothesis.outcomes.iter().enumerate();
        outcomes
            .filter(|(_, outcome)| **outcome == PredictionOutcome::Undecided)
            .map(|(index, _)| (hypothesis.id, index))
    })
}

fn prediction_decided(before: &PlayerView, now: &PlayerView) -> Option<String> {
    let outcome = |(id, index): (u32, usize)| {
        let hypothesis = now.hypotheses.iter().find(|found| found.id == id)?;
        Some((hypothesis, *hypothesis.outcomes.get(index)?))
    };
    undecided(before)
        .filter_map(outcome)
        .find_map(|(hypothesis, outcome)| {
            let words = match outcome {
                PredictionOutcome::Undecided => return None,
                PredictionOutcome::Met => "came true",
                PredictionOutcome::NotMet => "did not come true",
                PredictionOutcome::NotObservable => "had no samples to be decided by",
            };
            Some(format!(
                "the prediction about {} {words}",
                hypothesis.written.suspect
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Action, NewHypothesis, Verdict};
    use crate::view::{HypothesisView, TalkView};

    fn at(seconds: u64) -> PlayerView {
        PlayerView {
            now_ns: seconds * SECOND_NS,
            ..PlayerView::default()
        }
    }

    fn action(id: u32, done_s: Option<u64>) -> ActionView {
        ActionView {
            id,
            at_ns: 0,
            action: Action::Restart {
                service: "checkout".to_owned(),
                region: None,
            },
            title: format!("action {id}"),
            serves: None,
            progress: (0, 1),
            expected_ns: 60 * SECOND_NS,
            done_ns: done_s.map(|seconds| seconds * SECOND_NS),
            cut_short: None,
        }
    }

    fn alert(region: &str, since_s: u64) -> AlertView {
        AlertView {
            name: "errors".to_owned(),
            region: region.to_owned(),
            since_ns: since_s * SECOND_NS,
            until_ns: None,
            pages: false,

            runbook: Vec::new(),
            reading: 0,
            unit: "ppm",
        }
    }

    fn talk(at_s: u64, question: Option<u32>) -> TalkView {
        TalkView {
            at_ns: at_s * SECOND_NS,
            person: "Mara".to_owned(),
            text: String::new(),
            question,
            answered_ns: None,
            patience_ends_ns: None,
        }
    }

    fn hypothesis(outcome: PredictionOutcome) -> HypothesisView {
        HypothesisView {
            id: 3,
            at_ns: 0,
            written: NewHypothesis {
                suspect: "payments".to_owned(),
                mechanism: String::new(),
                regions: Vec::new(),
                trigger: None,
                predictions: Vec::new(),
                confidence: 50,
            },
            sustaining: None,
            path: Vec::new(),
            confidence: 50,
            verdict: Verdict::Open,
            outcomes: vec![outcome],
            evidence: Vec::new(),
        }
    }

    /// The action waited for ends the wait; one that was done before, or begun since, does not.
    #[test]
    fn a_running_action_ends_it_when_done() {
        let mut before = at(10);
        before.actions = vec![action(1, Some(5)), action(2, None)];
        let mut now = at(20);
        now.actions = vec![action(1, Some(5)), action(2, None), action(3, Some(19))];
        assert_eq!(over(Until::ActionDone, &before, &now), None);
        now.actions[1] = action(2, Some(20));
        let words = over(Until::ActionDone, &before, &now);
        assert_eq!(words.as_deref(), Some("action 2 is done"));
        now.actions[1] = ActionView {
            cut_short: Some(CutShort::Overtaken),
            ..action(2, Some(20))
        };
        let words = over(Until::ActionDone, &before, &now);
        assert_eq!(words.as_deref(), Some("action 2 is overtaken"));
        assert!(possible(Until::ActionDone, &at(10)).is_err());
        assert!(possible(Until::ActionDone, &before).is_ok());
    }

    /// An alert that fires again is another alert; one that ends is not.
    #[test]
    fn an_alert_ends_it_when_it_is_new() {
        let mut before = at(10);
        before.alerts = vec![alert("eu", 5)];
        let mut now = at(20);
        now.alerts = vec![AlertView {
            until_ns: Some(15 * SECOND_NS),
            ..alert("eu", 5)
        }];
        assert_eq!(over(Until::Alert, &before, &now), None);
        now.alerts.insert(0, alert("us", 5));
        let words = over(Until::Alert, &before, &now);
        assert_eq!(words.as_deref(), Some("alert: errors, us"));
        now.alerts[0] = alert("eu", 19);
        assert!(over(Until::Alert, &before, &now).is_some());
    }

    /// What is said from now on ends it.
    #[test]
    fn a_message_ends_it() {
        let mut before = at(10);
        before.talk = vec![talk(10, None)];
        let mut now = at(11);
        now.talk.clone_from(&before.talk);
        assert_eq!(over(Until::Message, &before, &now), None);
        now.talk.push(talk(11, Some(0)));
        let words = over(Until::Message, &before, &now);
        assert_eq!(words.as_deref(), Some("Mara asks something"));
    }

    /// The wait for a promise ends a minute before it, and is not offered later.
    #[test]
    fn a_promise_ends_it_a_minute_ahead() {
        let due = |now_s: u64| PlayerView {
            update_due_ns: Some(200 * SECOND_NS),
            ..at(now_s)
        };
        assert_eq!(over(Until::PromiseDue, &due(10), &due(139)), None);
        assert!(over(Until::PromiseDue, &due(10), &due(140)).is_some());
        assert!(possible(Until::PromiseDue, &due(139)).is_ok());
        assert!(possible(Until::PromiseDue, &due(140)).is_err());
        assert!(possible(Until::PromiseDue, &at(0)).is_err());
    }

    /// A prediction that is decided ends it, whichever way.
    #[test]
    fn a_decided_prediction_ends_it() {
        let mut before = at(10);
        before.hypotheses = vec![hypothesis(PredictionOutcome::Undecided)];
        let mut now = at(20);
        now.hypotheses.clone_from(&before.hypotheses);
        assert_eq!(over(Until::Prediction, &before, &now), None);
        now.hypotheses = vec![hypothesis(PredictionOutcome::NotMet)];
        let words = over(Until::Prediction, &before, &now).unwrap_or_default();
        assert!(words.contains("payments did not"), "{words}");
        assert!(possible(Until::Prediction, &now).is_err());
    }

    /// Whatever comes first: nothing, then an alert. A promise that was near all along is nothing new.
    #[test]
    fn anything_is_whatever_comes_first() {
        let mut before = at(10);
        before.update_due_ns = Some(30 * SECOND_NS);
        let mut now = at(20);
        now.update_due_ns = before.update_due_ns;
        assert_eq!(over(Until::Anything, &before, &now), None);
        now.alerts = vec![alert("eu", 15)];
        assert!(over(Until::Anything, &before, &now).is_some());
    }

    /// Whatever is waited for, the time to write a promised update is left.
    #[test]
    fn no_wait_runs_into_a_promise() {
        let due = |now_s: u64| PlayerView {
            update_due_ns: Some(200 * SECOND_NS),
            ..at(now_s)
        };
        for until in [Until::Alert, Until::At(900 * SECOND_NS)] {
            assert_eq!(over(until, &due(10), &due(139)), None);
            let words = over(until, &due(10), &due(140)).unwrap_or_default();
            assert!(words.contains("update is due"), "{words}");
            assert_eq!(over(until, &due(150), &due(190)), None, "known before");
        }
    }

    /// What may be said ends it, not a good minute before it may.
    #[test]
    fn users_served_again_end_it() {
        let with = |now_s: u64, recovered: bool| PlayerView {
            recovered,
            ..at(now_s)
        };
        let before = with(10, false);
        assert!(possible(Until::Served, &before).is_ok());
        assert_eq!(over(Until::Served, &before, &with(20, false)), None);
        assert!(over(Until::Served, &before, &with(30, true)).is_some());
        assert_eq!(over(Until::Served, &with(30, true), &with(40, true)), None);
        assert!(possible(Until::Served, &with(30, true)).is_err());
    }

    /// A stated time is reached exactly; the end of the incident ends every wait.
    #[test]
    fn times_and_the_end_are_reached() {
        let until = Until::At(30 * SECOND_NS);
        assert_eq!(over(until, &at(10), &at(29)), None);
        assert!(over(until, &at(10), &at(30)).is_some());
        assert!(possible(until, &at(30)).is_err());
        let ended = PlayerView {
            ended: true,
            ..at(12)
        };
        assert!(over(until, &at(10), &ended).is_some());
    }
}
