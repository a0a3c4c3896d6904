//! What is counted of what runs beside requests, read when somebody asks.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet};
use prometheus_client::metrics::MetricType;
use tokio_util::task::TaskTracker;

use crate::dependency::Dependencies;
use crate::tasks::Tasks;

/// Where the counts are.
pub(super) struct Beside {
    pub(super) tasks: Tasks,
    pub(super) sockets: TaskTracker,
    pub(super) dependencies: Dependencies,
}

/// A label with its value, and what was counted.
type Row<'r> = ([(&'r str, &'r str); 1], usize);

impl Collector for Beside {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let tasks = self.tasks.background();
        let blocking = self.tasks.blocking();
        gauge(
            &mut encoder,
            "specwright_connections",
            "Open connections",
            &[([("", ""); 0], self.sockets.len())],
        )?;
        gauge(
            &mut encoder,
            "specwright_background_tasks",
            "Tasks in the background",
            &states(tasks.waiting, tasks.running),
        )?;
        counter(
            &mut encoder,
            "specwright_background_tasks_ended",
            "Tasks in the background that have ended",
            &[
                outcome("finished", tasks.finished),
                outcome("failed", tasks.failed),
                outcome("panicked", tasks.panicked),
                outcome("dropped", tasks.dropped),
            ],
        )?;
        gauge(
            &mut encoder,
            "specwright_blocking_work",
            "Work that blocks its thread",
            &states(blocking.waiting, blocking.running),
        )?;
        counter(
            &mut encoder,
            "specwright_blocking_work_ended",
            "Work that blocked its thread",
            &[
                outcome("finished", blocking.finished),
                outcome("panicked", blocking.panicked),
                outcome("dropped", blocking.dropped),
                outcome("refused", blocking.refused),
            ],
        )?;
        self.encode_dependencies(&mut encoder)
    }
}

impl Beside {
    fn encode_dependencies(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let counts = self.dependencies.counts();
        let rows = |count: fn(&crate::dependency::Counts) -> usize| -> Vec<_> {
            let rows = counts.iter();
            rows.map(|(name, counts)| ([("dependency", *name)], count(counts)))
                .collect()
        };
        gauge(
            encoder,
            "specwright_dependency_limit",
            "How many requests may have a dependency",
            &rows(|it| it.limit),
        )?;
        gauge(
            encoder,
            "specwright_dependency_in_use",
            "How many requests have a dependency",
            &rows(|it| it.in_use),
        )?;
        gauge(
            encoder,
            "specwright_dependency_waiting",
            "How many requests wait for a dependency",
            &rows(|it| it.waiting),
        )?;
        counter(
            encoder,
            "specwright_dependency_refused",
            "How many requests waited for a dependency in vain",
            &rows(|it| it.refused),
        )
    }
}

fn states(waiting: usize, running: usize) -> [Row<'static>; 2] {
    [
        ([("state", "waiting")], waiting),
        ([("state", "running")], running),
    ]
}

fn outcome(name: &'static str, count: usize) -> Row<'static> {
    ([("outcome", name)], count)
}

fn gauge<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: &[(L, usize)],
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in rows {
        let value = i64::try_from(*value).unwrap_or(i64::MAX);
        metric.encode_family(labels)?.encode_gauge(&value)?;
    }
    Ok(())
}

fn counter<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: &[(L, usize)],
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in rows {
        let mut row = metric.encode_family(labels)?;
        row.encode_counter::<[(&str, &str); 0], u64, f64>(&(*value as u64), None)?;
    }
    Ok(())
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Beside").field(&self.tasks).finish()
    }
}
