//! Sessions on the scenarios of the library: what the incidents do, what scores say, what journals keep, and what a
//! player can and cannot know.

mod answers;
mod capacity;
mod common;
mod determinism;
mod hints;
mod importing;
mod inside;
mod journal;
mod looks;
mod q1;
mod q10;
mod q12;
mod q16;
mod q3;
mod q5;
mod q7;
mod rollouts;
mod scoring;
mod secrecy;
mod updates;
