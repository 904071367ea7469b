//! Every row of the fault catalogue on the depot: what is said of it is seen in every seed with the fault, and in none
//! without it; any two rows can be told apart; and a row whose name is a result needs all its preconditions.

mod depot;
mod distinct;
mod page;
mod presets;
mod run;
mod signs;
mod visible;
