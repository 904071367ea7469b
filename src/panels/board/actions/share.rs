//! The number an action leaves open, a share or an amount: typed, stepped or dragged.

use brownout_scenario::action::Amount;
use brownout_session::command::Action;
use egui::{Key, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::theme::Theme;
use crate::widgets::button::{Weight, button};
use crate::widgets::text;

/// Digits typed within this many seconds make one number.
const TOGETHER_S: f64 = 1.2;

/// A number after a digit: it goes on while it is typed in one go and stays within the most there may be.
fn typed(number: u32, together: bool, digit: u32, most: u32) -> u32 {
    let longer = u64::from(number) * 10 + u64::from(digit);
    match u32::try_from(longer) {
        Ok(longer) if together && longer <= most => longer,
        _ => digit,
    }
}

/// A number of an action: its words and unit, the range it may have, and the step of an arrow.
struct Dial {
    words: &'static str,
    unit: &'static str,
    least: u32,
    most: u32,
    step: u32,
}

const fn dial(
    words: &'static str,
    unit: &'static str,
    (least, most): (u32, u32),
    step: u32,
) -> Dial {
    Dial {
        words,
        unit,
        least,
        most,
        step,
    }
}

/// The number an action leaves open.
fn number(action: &mut Action) -> Option<(Dial, u32)> {
    if let Some(percent) = action.percent_mut() {
        return Some((dial("share", "%", (0, 100), 5), u32::from(*percent)));
    }
    Some(match action.amount_mut()? {
        Amount::Replicas(number) => (dial("instances", "", (0, 10_000), 1), u32::from(*number)),
        Amount::PerSecond(number) => (dial("limit", "/s", (1, 1_000_000), 10), *number),
        Amount::Milliseconds(number) => (dial("time-out", "ms", (1, 86_400_000), 100), *number),
        Amount::Attempts(number) => (dial("attempts", "", (1, 10), 1), u32::from(*number)),
        Amount::Connections(number) => (dial("connections", "", (1, 1_000_000), 10), *number),
        Amount::Work(number) => (dial("pieces of work", "", (1, 1_000_000), 100), *number),
        Amount::Minutes(number) => (dial("time", "min", (1, 60), 1), u32::from(*number)),
    })
}

/// Sets the number of an action, within its range.
fn set(action: &mut Action, to: u32) {
    let Some((dial, _)) = number(action) else {
        return;
    };
    let to = to.clamp(dial.least, dial.most);
    let byte = u8::try_from(to).unwrap_or(u8::MAX);
    if let Some(percent) = action.percent_mut() {
        *percent = byte;
        return;
    }
    match action.amount_mut() {
        Some(Amount::Replicas(number)) => *number = u16::try_from(to).unwrap_or(u16::MAX),
        Some(
            Amount::PerSecond(number)
            | Amount::Milliseconds(number)
            | Amount::Connections(number)
            | Amount::Work(number),
        ) => *number = to,
        Some(Amount::Attempts(number) | Amount::Minutes(number)) => *number = byte,
        None => {}
    }
}

/// Digits set the number outright, arrows in steps.
pub(super) fn digits(ui: &Ui, action: &mut Action, typed_s: &mut f64) {
    const KEYS: [Key; 10] = [
        Key::Num0,
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
        Key::Num9,
    ];
    let Some((dial, mut now)) = number(action) else {
        return;
    };
    let before = now;
    let now_s = ui.input(|input| input.time);
    for (digit, key) in (0..).zip(KEYS) {
        if ui.input(|input| input.modifiers.is_none() && input.key_pressed(key)) {
            now = typed(now, now_s - *typed_s < TOGETHER_S, digit, dial.most);
            *typed_s = now_s;
        }
    }
    if ui.ctx().memory(|memory| memory.focused().is_none()) {
        if ui.input(|input| input.key_pressed(Key::ArrowRight)) {
            now = now.saturating_add(dial.step);
        }
        if ui.input(|input| input.key_pressed(Key::ArrowLeft)) {
            now = now.saturating_sub(dial.step);
        }
    }
    if now != before {
        set(action, now);
    }
}

/// The number, to be typed, stepped or, if it is a share, dragged.
pub(super) fn ui(ui: &mut Ui, action: &mut Action, theme: &Theme) {
    if let Some(percent) = action.percent_mut() {
        return bar(ui, percent, theme);
    }
    let Some((dial, now)) = number(action) else {
        return;
    };
    ui.horizontal(|ui| {
        ui.label(text::quiet(theme, format!("{} (type it)", dial.words)));
        let less = button(ui, "Less", None, Weight::Normal);
        let words = format!("{now} {}", dial.unit);
        ui.label(text::number(theme, words.trim_end(), theme.palette.text));
        let more = button(ui, "More", None, Weight::Normal);
        if less.clicked() {
            set(action, now.saturating_sub(dial.step));
        }
        if more.clicked() {
            set(action, now.saturating_add(dial.step));
        }
    });
}

/// A bar to drag.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100"
)]
fn bar(ui: &mut Ui, percent: &mut u8, theme: &Theme) {
    let palette = theme.palette;
    ui.horizontal(|ui| {
        ui.label(text::quiet(theme, "share (type it)"));
        let size = vec2((ui.available_width() - 52.0).max(60.0), 24.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::slider(true, f64::from(*percent), "Share in per cent"));
        let track = rect.shrink2(vec2(6.0, 9.0));
        ui.painter().rect_filled(track, 3, palette.line);
        let width = track.width() * f32::from(*percent) / 100.0;
        let fill = Rect::from_min_size(track.min, vec2(width, track.height()));
        ui.painter().rect_filled(fill, 3, palette.accent);
        let knob = pos2(fill.right(), track.center().y);
        let lit = response.hovered() || response.has_focus();
        ui.painter()
            .circle_filled(knob, if lit { 7.0 } else { 5.0 }, palette.accent);
        if response.is_pointer_button_down_on()
            && let Some(at) = response.interact_pointer_pos()
        {
            let share = ((at.x - track.left()) / track.width()).clamp(0.0, 1.0);
            *percent = (share * 100.0).round() as u8;
        }
        ui.label(text::number(theme, format!("{percent:>3} %"), palette.text));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_percentage_can_be_typed() {
        let percent = |now, together, digit| typed(now, together, digit, 100);
        assert_eq!(percent(100, false, 2), 2);
        assert_eq!(percent(2, true, 5), 25);
        assert_eq!(percent(25, true, 7), 7, "257 is none");
        assert_eq!(percent(10, true, 0), 100);
        assert_eq!(percent(2, false, 5), 5, "a new number");
    }

    /// What is typed on the way to a number may lie outside its range; what is set does not.
    #[test]
    fn numbers_stay_within_their_range() {
        let mut watch = Action::Watch { minutes: 5 };
        for (wanted, becomes) in [(0, 1), (12, 12), (75, 60)] {
            set(&mut watch, wanted);
            assert_eq!(watch, Action::Watch { minutes: becomes });
        }
        let mut limit = Action::Limit {
            service: "edge".to_owned(),
            region: None,
            flow: None,
            segment: None,
            per_second: Some(40),
        };
        set(&mut limit, 2_000_000);
        assert_eq!(number(&mut limit).map(|(_, now)| now), Some(1_000_000));
    }
}
