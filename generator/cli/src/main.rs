//! The generator at the command line.

fn main() {}
