//! Reducing a series to what a chart of a given width can show.

/// A stretch of readings without a gap, as points of `(column, reading)`.
pub type Run = Vec<(f32, u64)>;

/// Reduces readings in `(from_ns, to_ns]` to at most two points per pixel column, the lowest and the highest in the order
/// they came, so that no peak is lost. A reading of `None` ends a run. The reading before the window and the one after it
/// are kept, so that lines reach its edges; the chart clips them.
#[must_use]
pub fn decimate(series: &[(u64, Option<u64>)], from_ns: u64, to_ns: u64, columns: f32) -> Vec<Run> {
    let span_ns = to_ns.saturating_sub(from_ns).max(1);
    let mut runs: Vec<Run> = Vec::new();
    let mut bucket: Option<Bucket> = None;
    let mut open = false;
    let first = series.partition_point(|(at_ns, _)| *at_ns < from_ns);
    let last = series.partition_point(|(at_ns, _)| *at_ns <= to_ns);
    if first >= last {
        return runs;
    }
    let within = first.saturating_sub(1)..(last + 1).min(series.len());
    for &(at_ns, reading) in &series[within] {
        let Some(reading) = reading else {
            flush(&mut runs, &mut bucket, &mut open);
            open = false;
            continue;
        };
        let x = columns
            * if at_ns < from_ns {
                -share(from_ns - at_ns, span_ns)
            } else {
                share(at_ns - from_ns, span_ns)
            };
        match &mut bucket {
            Some(current) if current.column.total_cmp(&x.floor()).is_eq() => {
                current.add(x, reading);
            }
            _ => {
                flush(&mut runs, &mut bucket, &mut open);
                bucket = Some(Bucket {
                    column: x.floor(),
                    low: (x, reading),
                    high: (x, reading),
                });
            }
        }
    }
    flush(&mut runs, &mut bucket, &mut open);
    runs
}

/// Readings of one pixel column.
struct Bucket {
    column: f32,
    low: (f32, u64),
    high: (f32, u64),
}

impl Bucket {
    fn add(&mut self, x: f32, reading: u64) {
        if reading < self.low.1 {
            self.low = (x, reading);
        }
        if reading > self.high.1 {
            self.high = (x, reading);
        }
    }
}

/// Moves a bucket's points to the last run, or to a new one after a gap.
fn flush(runs: &mut Vec<Run>, bucket: &mut Option<Bucket>, open: &mut bool) {
    let Some(Bucket { low, high, .. }) = bucket.take() else {
        return;
    };
    if !*open {
        runs.push(Run::new());
        *open = true;
    }
    if let Some(run) = runs.last_mut() {
        let (first, second) = if low.0 <= high.0 {
            (low, high)
        } else {
            (high, low)
        };
        run.push(first);
        if second != first {
            run.push(second);
        }
    }
}

/// `part` of `whole` as a share.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "screen coordinates"
)]
fn share(part: u64, whole: u64) -> f32 {
    (part as f64 / whole as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::decimate;

    /// Ten thousand readings on a hundred pixels leave at most two points per pixel, and the one peak survives.
    #[test]
    fn peaks_survive() {
        let series: Vec<_> = (0..10_000u64)
            .map(|t| (t, Some(if t == 7_654 { 99 } else { t % 3 })))
            .collect();
        let runs = decimate(&series, 0, 10_000, 100.0);
        assert_eq!(runs.len(), 1);
        assert!(runs[0].len() <= 202, "{}", runs[0].len());
        assert_eq!(
            runs[0].iter().filter(|(_, reading)| *reading == 99).count(),
            1
        );
        assert!(runs[0].is_sorted_by(|a, b| a.0 <= b.0));
    }

    /// Missing readings break the line instead of being bridged.
    #[test]
    fn gaps_break_the_line() {
        let series = [
            (1, Some(5)),
            (2, Some(6)),
            (3, None),
            (4, None),
            (5, Some(7)),
            (6, Some(8)),
        ];
        let runs = decimate(&series, 0, 10, 10.0);
        assert_eq!(runs, [vec![(1.0, 5), (2.0, 6)], vec![(5.0, 7), (6.0, 8)]]);
    }

    /// Nothing in the window is nothing to draw.
    #[test]
    fn readings_outside_the_window_are_left_out() {
        assert!(decimate(&[(1, Some(5)), (20, Some(5))], 5, 10, 10.0).is_empty());
    }

    /// A line goes on to the edges of a window dragged out of it; the neighbours lie outside.
    #[test]
    fn lines_reach_the_edges() {
        let series: Vec<_> = (0..10u64).map(|t| (t * 10, Some(t))).collect();
        let runs = decimate(&series, 25, 45, 20.0);
        assert_eq!(runs, [vec![(-5.0, 2), (5.0, 3), (15.0, 4), (25.0, 5)]]);
    }
}
