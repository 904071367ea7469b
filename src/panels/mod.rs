//! The parts of the screens: plain egui functions over a [`PlayerView`](brownout_session::view::PlayerView).
//!
//! A panel is `fn ui(ui, &PlayerView, &mut State, &mut Vec<Intent>)`, or less where it needs less. It knows nothing of the
//! engine that draws it nor of the rules of the game; what the player wants leaves it as an [`Intent`](intent::Intent).

pub mod alerts;
pub mod author;
pub mod bindings;
pub mod board;
pub mod changes;
pub mod composer;
pub mod dock;
pub mod flows;
pub mod format;
pub mod incident;
pub mod intent;
pub mod keys;
pub mod lookup;
pub mod main_flow;
pub mod observe;
pub mod page_banner;
pub mod palette;
mod parts;
pub mod pins;
pub mod readings;
pub mod sample;
pub mod selected;
pub mod shared_time;
pub mod state;
pub mod then;
pub mod timeline;
pub mod top_bar;
pub mod topology;
pub mod wait;
pub mod war_room;
pub mod words;
