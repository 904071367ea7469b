//! Quantiles of classic histograms.

use super::Semantics;

/// Cumulative count up to a bound.
pub type Bucket = (f64, f64);

/// Counts that differ by less than this share of themselves are taken for equal by Prometheus 3: a sum of rates is not
/// exact.
const TOLERANCE: f64 = 1e-12;

/// The value below which a share of the observations lies, by linear interpolation within a bucket. The first bucket starts
/// at 0 if its bound is above that; nothing is known beyond the last finite bound. NaN without an unbounded bucket, without
/// a finite one and without observations.
pub fn quantile(share: f64, buckets: &mut Vec<Bucket>, semantics: Semantics) -> f64 {
    if share.is_nan() {
        return f64::NAN;
    }
    if share < 0.0 {
        return f64::NEG_INFINITY;
    }
    if share > 1.0 {
        return f64::INFINITY;
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    if buckets.last().is_none_or(|last| last.0 != f64::INFINITY) {
        return f64::NAN;
    }
    buckets.dedup_by(|later, kept| {
        let same = later.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += later.1;
        }
        same
    });
    repair(buckets, semantics);
    let [.., (below, _), (_, observations)] = buckets[..] else {
        return f64::NAN;
    };
    if observations == 0.0 {
        return f64::NAN;
    }
    let rank = share * observations;
    let last = buckets.len() - 1;
    let index = buckets[..last]
        .iter()
        .position(|bucket| bucket.1 >= rank)
        .unwrap_or(last);
    if index == last {
        return below;
    }
    let (end, up_to) = buckets[index];
    if index == 0 && end <= 0.0 {
        return end;
    }
    let (start, before) = index.checked_sub(1).map_or((0.0, 0.0), |i| buckets[i]);
    start + (end - start) * ((rank - before) / (up_to - before))
}

/// Cumulative counts never fall.
fn repair(buckets: &mut [Bucket], semantics: Semantics) {
    if semantics == Semantics::Prometheus3 {
        let mut before = buckets.first().map_or(0.0, |bucket| bucket.1);
        for bucket in buckets.iter_mut().skip(1) {
            let difference = (bucket.1 - before).abs();
            if difference != 0.0 && difference / bucket.1 <= TOLERANCE {
                bucket.1 = before;
            }
            before = bucket.1;
        }
    }
    let mut most = f64::NEG_INFINITY;
    for bucket in buckets.iter_mut() {
        if bucket.1 > most {
            most = bucket.1;
        } else if bucket.1 < most {
            bucket.1 = most;
        }
    }
}
