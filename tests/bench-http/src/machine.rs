//! What the operating system does for a measurement: cores and signals.
//!
//! Elsewhere than on Linux nothing is pinned, which only makes the figures noisier.

use std::process::Child;

use crate::Error;

/// Which core runs what.
#[derive(Clone, Copy)]
pub(crate) struct Cores {
    /// The core of the servers.
    pub(crate) server: usize,
    /// The core of the load generator; the server's own on a machine with one core.
    pub(crate) load: usize,
}

impl Cores {
    /// The first core for the servers, the last for the load.
    pub(crate) fn choose() -> Result<Self, Error> {
        let load = std::thread::available_parallelism()?.get() - 1;
        Ok(Self { server: 0, load })
    }
}

/// Binds the calling thread, and the processes that it starts from now on, to one core.
#[cfg(target_os = "linux")]
pub(crate) fn pin(core: usize) -> Result<(), Error> {
    let mut set = rustix::thread::CpuSet::new();
    set.set(core);
    Ok(rustix::thread::sched_setaffinity(None, &set)?)
}

/// Does nothing: there is no affinity to set.
#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_core: usize) -> Result<(), Error> {
    Ok(())
}

/// Asks a process to end, so that valgrind writes what it counted.
#[cfg(target_os = "linux")]
pub(crate) fn terminate(child: &mut Child) -> Result<(), Error> {
    let pid = rustix::process::Pid::from_child(child);
    Ok(rustix::process::kill_process(
        pid,
        rustix::process::Signal::TERM,
    )?)
}

/// Ends a process; valgrind counts on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn terminate(child: &mut Child) -> Result<(), Error> {
    Ok(child.kill()?)
}
