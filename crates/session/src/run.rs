//! Running a session with a program player, as fast as it goes.

use std::convert::Infallible;
use std::sync::Arc;

use brownout_scenario::compiled::Scenario;
use brownout_sim::blueprint::SECOND_NS;

use crate::journal::Header;
use crate::players::Player;
use crate::session::Session;

/// Play a scenario to its end: the player's `Resolve`, the horizon, or `until_ns` after the page if that is sooner.
pub fn play(
    scenario: Arc<Scenario>,
    header: Header,
    player: &mut dyn Player,
    until_ns: Option<u64>,
) -> Session {
    let mut session = Session::with_header(scenario, header);
    let endless = drive(&mut session, player, until_ns, |_| Ok::<(), Infallible>(()));
    match endless {
        Ok(()) => session,
        Err(never) => match never {},
    }
}

/// Let a program player carry on with a session. `progress` is called after every command and every second.
///
/// # Errors
/// What `progress` returns; the session stays where it is then.
pub fn drive<E>(
    session: &mut Session,
    player: &mut dyn Player,
    until_ns: Option<u64>,
    mut progress: impl FnMut(&Session) -> Result<(), E>,
) -> Result<(), E> {
    while !session.ended() {
        let now_ns = session.now_ns();
        if let (Some(page_ns), Some(until_ns)) = (session.page_ns(), until_ns)
            && now_ns >= page_ns + until_ns
        {
            return Ok(());
        }
        if let Some(page_ns) = session.page_ns()
            && player.ready_ns(page_ns) <= now_ns
        {
            let commands = player.turn(&session.view(), &session.reader());
            for command in commands {
                // A refusal is in the journal; a program player goes on with its plan as a person would.
                let _ = session.submit(command);
                progress(session)?;
            }
        }
        session.advance_until((now_ns / SECOND_NS + 1) * SECOND_NS, u64::MAX);
        progress(session)?;
    }
    Ok(())
}
