//! Log lines as the tab holds them: read once per scrape, filtered once per query.

use std::collections::BTreeMap;

use brownout_session::command::Look;
use brownout_session::reader::LogRow;
use brownout_telemetry::logs::Level;

use super::query::{Field, Query, pattern};

/// Parts a window is divided into for the small graph of a pattern.
pub const PARTS: usize = 24;

/// Lines of one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Pattern.
    pub pattern: String,
    /// Worst severity among them.
    pub level: Level,
    /// How many.
    pub count: u32,
    /// First and last of them.
    pub times: (u64, u64),
    /// How many in each part of the window.
    pub parts: [u32; PARTS],
}

/// What a chart was zoomed to when lines were read.
type Zoom = Option<(u64, u64)>;

/// The lines, what is shown of them, and counts.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Query as typed.
    pub query: String,
    /// Patterns are shown instead of lines.
    pub grouped: bool,
    /// All lines of the look.
    pub rows: Vec<LogRow>,
    /// Positions of the lines that fulfil the query.
    pub shown: Vec<usize>,
    /// Severities with their counts, worst first.
    pub levels: Vec<(Level, u32)>,
    /// Instances with their counts.
    pub instances: Vec<(String, u32)>,
    /// Patterns, the most frequent first.
    pub groups: Vec<Group>,
    read: Option<((Look, Zoom), u64)>,
    filtered: Option<String>,
}

impl Book {
    /// Whether the lines are those of a look at a scrape.
    #[must_use]
    pub fn holds(&self, look: &Look, zoom: Zoom, scraped_ns: u64) -> bool {
        self.is_of(look, zoom) && self.scraped_ns() == scraped_ns
    }

    /// Whether the lines are those of a look, as of whatever scrape.
    #[must_use]
    pub fn is_of(&self, look: &Look, zoom: Zoom) -> bool {
        matches!(&self.read, Some(((of, over), _)) if of == look && *over == zoom)
    }

    /// Scrape the lines are of.
    #[must_use]
    pub fn scraped_ns(&self) -> u64 {
        self.read.as_ref().map_or(0, |(_, scraped_ns)| *scraped_ns)
    }

    /// Takes new lines.
    pub fn fill(&mut self, of: (Look, Zoom), scraped_ns: u64, rows: Vec<LogRow>) {
        self.read = Some((of, scraped_ns));
        self.rows = rows;
        self.filtered = None;
    }

    /// Applies the query, if it or the lines are new. The window is what patterns are drawn over.
    pub fn filter(&mut self, window: (u64, u64)) {
        if self.filtered.as_ref() == Some(&self.query) {
            return;
        }
        let query = Query::parse(&self.query);
        let fitting = |query: &Query| -> Vec<usize> {
            let rows = self.rows.iter().enumerate();
            rows.filter(|(_, row)| query.fits(row))
                .map(|(index, _)| index)
                .collect()
        };
        let (shown, by_level, by_instance, by_pattern) = (
            fitting(&query),
            fitting(&query.without(Field::Level)),
            fitting(&query.without(Field::Instance)),
            fitting(&query.without(Field::Pattern)),
        );
        let mut levels: BTreeMap<std::cmp::Reverse<Level>, u32> = BTreeMap::new();
        for index in by_level {
            let level = std::cmp::Reverse(self.rows[index].level);
            *levels.entry(level).or_default() += 1;
        }
        let mut instances: BTreeMap<&str, u32> = BTreeMap::new();
        for index in by_instance {
            *instances.entry(&self.rows[index].instance).or_default() += 1;
        }
        let instances = instances.into_iter().map(|(name, n)| (name.to_owned(), n));
        let instances = instances.collect();
        let groups = groups(by_pattern.iter().map(|&index| &self.rows[index]), window);
        self.levels = levels.into_iter().map(|(level, n)| (level.0, n)).collect();
        self.instances = instances;
        self.groups = groups;
        self.shown = shown;
        self.filtered = Some(self.query.clone());
    }
}

/// Lines by pattern, the most frequent first.
fn groups<'a>(rows: impl Iterator<Item = &'a LogRow>, window: (u64, u64)) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let length = window.1.saturating_sub(window.0).max(1);
    for row in rows {
        let pattern = pattern(&row.text);
        let group = groups.entry(pattern.clone()).or_insert(Group {
            pattern,
            level: row.level,
            count: 0,
            times: (row.at_ns, row.at_ns),
            parts: [0; PARTS],
        });
        group.count += 1;
        group.level = group.level.max(row.level);
        group.times = (group.times.0.min(row.at_ns), group.times.1.max(row.at_ns));
        let into = u128::from(row.at_ns.saturating_sub(window.0)) * PARTS as u128;
        let part = usize::try_from(into / u128::from(length)).unwrap_or(0);
        group.parts[part.min(PARTS - 1)] += 1;
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse((group.count, group.level)));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at_ns: u64, level: Level, instance: &str, text: &str) -> LogRow {
        LogRow {
            at_ns,
            stamp_ns: at_ns,
            level,
            instance: instance.to_owned(),
            text: text.to_owned(),
            trace: 0,
        }
    }

    fn book(query: &str) -> Book {
        let mut book = Book {
            query: query.to_owned(),
            ..Book::default()
        };
        let rows = vec![
            row(10, Level::Error, "a-1", "timeout after 1000ms"),
            row(20, Level::Info, "a-1", "ready"),
            row(30, Level::Error, "a-2", "timeout after 998ms"),
            row(99, Level::Warn, "a-2", "timeout after 5ms"),
        ];
        book.fill((Look::Overview, None), 1, rows);
        book.filter((0, 100));
        book
    }

    /// Choosing a level must not make the other levels vanish from the list of levels.
    #[test]
    fn a_facet_is_counted_as_if_it_had_not_been_chosen() {
        let book = book("level:error");
        assert_eq!(book.shown, [0, 2]);
        let levels = [(Level::Error, 2), (Level::Warn, 1), (Level::Info, 1)];
        assert_eq!(book.levels, levels);
        let instances = [("a-1".to_owned(), 1), ("a-2".to_owned(), 1)];
        assert_eq!(book.instances, instances);
    }

    #[test]
    fn patterns_know_how_many_when_and_how_bad() {
        let book = book("");
        let first = &book.groups[0];
        assert_eq!((first.count, first.level), (3, Level::Error));
        assert_eq!(first.times, (10, 99));
        assert_eq!(first.parts.iter().sum::<u32>(), 3);
        assert_eq!(first.parts[PARTS - 1], 1, "the last line at the right edge");
    }

    #[test]
    fn a_new_query_is_applied_and_new_lines_are_filtered_again() {
        let mut book = book("");
        assert_eq!(book.shown.len(), 4);
        book.query = "ready".to_owned();
        book.filter((0, 100));
        assert_eq!(book.shown, [1]);
        book.fill(
            (Look::Overview, None),
            2,
            vec![row(5, Level::Info, "a-1", "ready")],
        );
        book.filter((0, 100));
        assert_eq!(book.shown, [0]);
        assert!(book.holds(&Look::Overview, None, 2));
        assert!(!book.holds(&Look::Overview, None, 1));
    }
}
