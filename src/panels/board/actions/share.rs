//! The share of requests or users an action is about: typed, stepped or dragged.

use brownout_session::command::Action;
use egui::{Key, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::theme::Theme;
use crate::widgets::text;

/// Digits typed within this many seconds make one number.
const TOGETHER_S: f64 = 1.2;

/// The share an action is about.
pub(super) const fn of(action: &mut Action) -> Option<&mut u8> {
    match action {
        Action::SetFlag { percent, .. } | Action::ShiftTraffic { percent, .. } => Some(percent),
        _ => None,
    }
}

/// A percentage after a digit: the number goes on while it is typed in one go and stays within 100.
fn typed(percent: u8, together: bool, digit: u8) -> u8 {
    let longer = u16::from(percent) * 10 + u16::from(digit);
    match u8::try_from(longer) {
        Ok(longer) if together && longer <= 100 => longer,
        _ => digit,
    }
}

/// Digits set a share outright, arrows in steps of five.
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
    let Some(percent) = of(action) else {
        return;
    };
    let now_s = ui.input(|input| input.time);
    for (digit, key) in (0..).zip(KEYS) {
        if ui.input(|input| input.modifiers.is_none() && input.key_pressed(key)) {
            *percent = typed(*percent, now_s - *typed_s < TOGETHER_S, digit);
            *typed_s = now_s;
        }
    }
    if ui.ctx().memory(|memory| memory.focused().is_some()) {
        return;
    }
    if ui.input(|input| input.key_pressed(Key::ArrowRight)) {
        *percent = (*percent + 5).min(100);
    }
    if ui.input(|input| input.key_pressed(Key::ArrowLeft)) {
        *percent = percent.saturating_sub(5);
    }
}

/// A bar to drag.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100"
)]
pub(super) fn bar(ui: &mut Ui, percent: &mut u8, theme: &Theme) {
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
        assert_eq!(typed(100, false, 2), 2);
        assert_eq!(typed(2, true, 5), 25);
        assert_eq!(typed(25, true, 7), 7, "257 is none");
        assert_eq!(typed(10, true, 0), 100);
        assert_eq!(typed(2, false, 5), 5, "a new number");
    }
}
