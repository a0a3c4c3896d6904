//! Generated servers and another validator agree on random schemas.

use std::process::Command;

#[test]
fn random_schemas_are_judged_as_by_another_validator() {
    let output = Command::new(env!("CARGO_BIN_EXE_suite"))
        .args(["--random", "40", "--seed", "1"])
        .output()
        .expect("the suite runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let last = text.lines().last().unwrap_or_default();
    let passed = last
        .strip_prefix("random: ")
        .and_then(|rest| rest.split(' ').next())
        .and_then(|count| count.parse::<usize>().ok());
    // Most of the schemas are such that the servers can be asked.
    assert!(passed.is_some_and(|passed| passed > 200), "{text}");
}
