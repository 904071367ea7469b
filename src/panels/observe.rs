//! When something on the screen counts as looked at: it was shown long enough to be read.

use brownout_session::command::Look;

/// Seconds something is shown before it was looked at.
pub const LONG_ENOUGH_S: f64 = 1.5;

/// Follows what is shown; says once per change that it was looked at.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    shown: Option<Look>,
    since_s: f64,
    said: bool,
}

impl Watch {
    /// What is shown at a wall time in seconds; the look to record, if it has just been shown long enough.
    pub fn show(&mut self, look: Option<Look>, now_s: f64) -> Option<Look> {
        if look != self.shown {
            self.shown = look;
            self.since_s = now_s;
            self.said = false;
        }
        if self.said || now_s - self.since_s < LONG_ENOUGH_S {
            return None;
        }
        self.said = true;
        self.shown.clone()
    }

    /// What is on the screen counts anew: something has been written down that a look would decide.
    pub fn again(&mut self, now_s: f64) {
        self.said = false;
        self.since_s = now_s;
    }

    /// It was recorded by other means.
    pub const fn recorded(&mut self) {
        self.said = true;
    }

    /// What is shown.
    #[must_use]
    pub const fn shown(&self) -> Option<&Look> {
        self.shown.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as it is compared")]
    fn logs(window_s: u64) -> Option<Look> {
        Some(Look::Logs {
            service: "checkout".to_owned(),
            region: None,
            window_s,
        })
    }

    #[test]
    fn a_glance_is_no_look() {
        let mut watch = Watch::default();
        assert_eq!(watch.show(logs(60), 10.0), None);
        assert_eq!(watch.show(logs(60), 11.4), None);
        assert_eq!(watch.show(Some(Look::Overview), 11.5), None);
        assert_eq!(watch.show(Some(Look::Overview), 12.9), None);
    }

    #[test]
    fn it_is_said_once_and_again_after_a_change() {
        let mut watch = Watch::default();
        assert_eq!(watch.show(logs(60), 10.0), None);
        assert_eq!(watch.show(logs(60), 11.5), logs(60));
        assert_eq!(watch.show(logs(60), 30.0), None);
        assert_eq!(watch.show(logs(300), 31.0), None, "another window");
        assert_eq!(watch.show(logs(300), 32.5), logs(300));
        assert_eq!(watch.show(None, 33.0), None);
        assert_eq!(watch.show(logs(300), 34.0), None);
        assert_eq!(watch.show(logs(300), 35.5), logs(300), "back again");
    }

    #[test]
    fn a_new_prediction_makes_the_same_chart_count_again() {
        let mut watch = Watch::default();
        watch.show(logs(60), 0.0);
        assert!(watch.show(logs(60), 2.0).is_some());
        watch.again(5.0);
        assert_eq!(watch.show(logs(60), 6.0), None);
        assert_eq!(watch.show(logs(60), 6.5), logs(60));
    }
}
