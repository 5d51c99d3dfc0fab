//! Playing by hand: a deployment that stays up between commands, faults injected and healed one by one, and the session written out as a feature.
//!
//! Every command is a process of its own. What one leaves for the next stands in [`state`] (what is up, which faults are open) and in [`journal`] (what was
//! done, and when). In reading order: [`up`] starts and ends it, [`session`] opens it again, [`nodes`] knows the words for nodes, [`acting`] injects and heals,
//! [`overview`] asks how everybody is, [`seen`] reads what happened meanwhile out of the Sentinels' logs, [`draft`] makes a feature of it all.
//!
//! You are in the right place for what these commands do; how they are called and what they print is in `cli/hand/`.

pub mod acting;
pub mod draft;
pub mod journal;
pub mod nodes;
pub mod overview;
pub mod seen;
pub mod session;
pub mod state;
pub mod trouble;
pub mod up;

pub use session::Session;
pub use trouble::Trouble;
