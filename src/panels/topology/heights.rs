//! Heights at which the items of ordered columns stand: near what they are joined to, never nearer to each other than they
//! need, and spread over the column where nothing speaks against it.
//!
//! One column at a time is solved exactly: the least sum of squared distances from wanted heights under least distances
//! between neighbours is an isotonic regression (pool adjacent violators, Barlow et al. 1972).

use super::layers::{Item, Layers};
use super::layout::count_f32;

/// Passes over all columns, to and fro.
const PASSES: usize = 24;

/// Room an item needs above and below its height, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reach {
    pub above: f32,
    pub below: f32,
}

/// Where items of a column may be: from its top to its bottom, in points.
pub(super) type Bounds = (f32, f32);

/// Heights of all items in a lane whose columns have these bounds.
pub(super) fn heights(layers: &Layers, reach: &[Reach], bounds: &[Bounds]) -> Vec<f32> {
    let mut heights = vec![0.0; layers.items.len()];
    let spread = spread(layers, reach, bounds);
    heights.clone_from(&spread);
    let pulls = pulls(layers);
    for pass in 0..PASSES {
        for step in 0..layers.columns.len() {
            let column = if pass % 2 == 0 {
                step
            } else {
                layers.columns.len() - 1 - step
            };
            let items = &layers.columns[column];
            let wanted: Vec<(f32, f32)> = items
                .iter()
                .map(|&item| wanted(layers, item, &pulls[item], &heights, &spread))
                .collect();
            settle(items, &wanted, reach, bounds[column], &mut heights);
        }
    }
    heights
}

/// Heights at which the items of each column share what room they leave.
fn spread(layers: &Layers, reach: &[Reach], bounds: &[Bounds]) -> Vec<f32> {
    let mut heights = vec![0.0; layers.items.len()];
    for (items, (top, bottom)) in layers.columns.iter().zip(bounds) {
        let needed: f32 = items
            .iter()
            .map(|&item| reach[item].above + reach[item].below)
            .sum();
        let gap = (bottom - top - needed) / count_f32(items.len() + 1);
        let mut at = *top;
        for &item in items {
            at += gap + reach[item].above;
            heights[item] = at;
            at += reach[item].below;
        }
    }
    heights
}

/// What each item is joined to, and how strongly: bends that follow each other lie straight first of all.
fn pulls(layers: &Layers) -> Vec<Vec<(usize, f32)>> {
    let mut pulls = vec![Vec::new(); layers.items.len()];
    let bend = |item: usize| matches!(layers.items[item], Item::Bend(_));
    let ways = |item: usize| {
        let lines = layers.lines.iter();
        let (mut before, mut after) = (0, 0);
        for (from, to) in lines {
            before += usize::from(*to == item);
            after += usize::from(*from == item);
        }
        (before, after)
    };
    for &(from, to) in &layers.lines {
        let straight = ways(from).1 == 1 && ways(to).0 == 1;
        let strength = match (bend(from), bend(to)) {
            (true, true) => 8.0,
            (true, false) | (false, true) => 2.0,
            (false, false) if straight => 4.0,
            (false, false) => 1.0,
        };
        pulls[from].push((to, strength));
        pulls[to].push((from, strength));
    }
    pulls
}

/// Height an item would like to have, and how much it would.
fn wanted(
    layers: &Layers,
    item: usize,
    pulls: &[(usize, f32)],
    heights: &[f32],
    spread: &[f32],
) -> (f32, f32) {
    let alone = layers.columns[layers.column_of[item]].len() == 1;
    let own = match layers.items[item] {
        Item::Bend(_) => 0.05,
        Item::Place(_) if alone => 0.3,
        Item::Place(_) => 2.5,
    };
    let (mut sum, mut weight) = (spread[item] * own, own);
    for (other, strength) in pulls {
        sum += heights[*other] * strength;
        weight += strength;
    }
    (sum / weight, weight)
}

/// Gives a column's items the heights nearest to the wanted ones at which each has its room. Where there is too little
/// room for all, all have less alike.
pub(super) fn settle(
    items: &[usize],
    wanted: &[(f32, f32)],
    reach: &[Reach],
    (top, bottom): Bounds,
    heights: &mut [f32],
) {
    let (Some(&first), Some(&last)) = (items.first(), items.last()) else {
        return;
    };
    // Each item's least distance from the first: what is left of a wanted height must not fall from item to item.
    let mut least = vec![0.0];
    for pair in items.windows(2) {
        let distance = reach[pair[0]].below + reach[pair[1]].above;
        least.push(least[least.len() - 1] + distance);
    }
    let (low, high) = (top + reach[first].above, bottom - reach[last].below);
    let all = least[least.len() - 1];
    let less = if all > high - low && all > 0.0 {
        ((high - low) / all).max(0.0)
    } else {
        1.0
    };
    // Runs of items that stand as near to each other as they may: mean, weight, count.
    let mut runs: Vec<(f32, f32, usize)> = Vec::new();
    for (&(height, weight), least) in wanted.iter().zip(&least) {
        let mut run = (height - least * less, weight, 1);
        while let Some(&(mean, weight, count)) = runs.last()
            && mean >= run.0
        {
            runs.pop();
            let both = weight + run.1;
            run = ((mean * weight + run.0 * run.1) / both, both, count + run.2);
        }
        runs.push(run);
    }
    let means = runs
        .iter()
        .flat_map(|&(mean, _, count)| std::iter::repeat_n(mean, count));
    for ((&item, least), mean) in items.iter().zip(&least).zip(means) {
        heights[item] = mean.clamp(low, (high - all * less).max(low)) + least * less;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Reach = Reach {
        above: 5.0,
        below: 5.0,
    };

    fn settled(wanted: &[f32], bounds: Bounds) -> Vec<f32> {
        let items: Vec<usize> = (0..wanted.len()).collect();
        let wanted: Vec<(f32, f32)> = wanted.iter().map(|height| (*height, 1.0)).collect();
        let mut heights = vec![0.0; items.len()];
        settle(
            &items,
            &wanted,
            &vec![SMALL; items.len()],
            bounds,
            &mut heights,
        );
        heights
    }

    /// What has its room stands where it wants; what wants the same place shares it about that place.
    #[test]
    fn items_keep_their_distance() {
        assert_eq!(settled(&[20.0, 60.0], (0.0, 100.0)), [20.0, 60.0]);
        assert_eq!(settled(&[50.0, 50.0], (0.0, 100.0)), [45.0, 55.0]);
        assert_eq!(
            settled(&[60.0, 40.0, 50.0], (0.0, 100.0)),
            [40.0, 50.0, 60.0]
        );
    }

    /// Nobody leaves the column, and a column too small is shared.
    #[test]
    fn items_stay_in_their_column() {
        assert_eq!(settled(&[-50.0, 200.0], (0.0, 100.0)), [5.0, 95.0]);
        assert_eq!(settled(&[0.0, 0.0, 0.0], (0.0, 20.0)), [5.0, 10.0, 15.0]);
    }
}
