//! Circles of calls.

use std::collections::{BTreeMap, BTreeSet};

/// Calls that close a circle, as walked from `starts` in order and then from everything else: without them there is none.
pub(super) fn closing<K: Ord + Copy>(next: &BTreeMap<K, Vec<K>>, starts: &[K]) -> Vec<(K, K)> {
    let mut done: BTreeSet<K> = BTreeSet::new();
    let mut on_way: BTreeSet<K> = BTreeSet::new();
    let mut found = Vec::new();
    for start in starts.iter().chain(next.keys()) {
        let mut way: Vec<(K, usize)> = Vec::new();
        if done.insert(*start) {
            on_way.insert(*start);
            way.push((*start, 0));
        }
        while let Some((here, at)) = way.last_mut() {
            let following = next.get(here).and_then(|places| places.get(*at)).copied();
            *at += 1;
            match following {
                Some(place) if on_way.contains(&place) => found.push((*here, place)),
                Some(place) => {
                    if done.insert(place) {
                        on_way.insert(place);
                        way.push((place, 0));
                    }
                }
                None => {
                    on_way.remove(here);
                    way.pop();
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::closing;
    use std::collections::BTreeMap;

    #[test]
    fn without_the_calls_found_nothing_is_a_circle() {
        let next = |calls: &[(u32, &[u32])]| -> BTreeMap<u32, Vec<u32>> {
            calls
                .iter()
                .map(|(from, to)| (*from, to.to_vec()))
                .collect()
        };
        assert_eq!(
            closing(&next(&[(1, &[2, 3]), (2, &[3]), (3, &[])]), &[1]),
            []
        );
        assert_eq!(closing(&next(&[(1, &[2]), (2, &[1])]), &[2]), [(1, 2)]);
        assert_eq!(closing(&next(&[(1, &[1])]), &[1]), [(1, 1)]);
        // One that no start leads to is found too.
        assert_eq!(
            closing(&next(&[(1, &[]), (2, &[3]), (3, &[2])]), &[1]),
            [(3, 2)]
        );
        // As long as they like: no recursion.
        let mut long: BTreeMap<u32, Vec<u32>> = (0..200_000).map(|n| (n, vec![n + 1])).collect();
        long.insert(200_000, vec![0]);
        assert_eq!(closing(&long, &[0]), [(200_000, 0)]);
    }
}
