//! A file prepared for being shown line by line.

use std::ops::Range;

use brownout_scenario::FileError;
use brownout_scenario::scan::{Lexeme, LexemeKind, lexemes};
use brownout_scenario::text::is_deceptive;

/// Columns a tab takes.
const TAB: usize = 4;

/// A file with its lines and what they are made of.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Name within the library.
    pub name: String,
    /// Where it is, as a person would type it.
    pub path: String,
    /// Why it cannot be shown.
    pub trouble: Option<String>,
    text: String,
    lines: Vec<Line>,
    pieces: Vec<Lexeme>,
    /// Columns of the widest line.
    widest: usize,
}

/// A line without its end, and the first piece that reaches into it.
#[derive(Clone, Copy, Debug)]
struct Line {
    start: usize,
    end: usize,
    piece: usize,
}

impl Listing {
    /// Prepares a file.
    #[must_use]
    pub fn of(name: &str, path: String, text: &Result<String, FileError>) -> Self {
        let (text, trouble) = match text {
            Ok(text) => (text.clone(), None),
            Err(error) => (String::new(), Some(error.to_string())),
        };
        let pieces = lexemes(&text);
        let mut listing = Self {
            name: name.to_owned(),
            path,
            trouble,
            lines: Vec::new(),
            pieces,
            widest: 0,
            text,
        };
        let mut start = 0;
        for line in listing.text.split_inclusive('\n') {
            let shown = line.trim_end_matches('\n').trim_end_matches('\r');
            let columns = shown.chars().map(width).sum();
            listing.widest = listing.widest.max(columns);
            let piece = listing.pieces.partition_point(|piece| piece.end <= start);
            listing.lines.push(Line {
                start,
                end: start + shown.len(),
                piece,
            });
            start += line.len();
        }
        listing
    }

    /// The last part of the name, which tells the files of a scenario apart.
    #[must_use]
    pub fn short(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Number of lines.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Columns of the widest line.
    #[must_use]
    pub const fn widest(&self) -> usize {
        self.widest
    }

    /// Where a column of the text (in characters, from 1) is shown: columns from 0, tabs counted for what they take. Beyond the
    /// end of the line, just behind it.
    #[must_use]
    pub fn column(&self, index: usize, column: u32) -> usize {
        let before = column.saturating_sub(1) as usize;
        self.line(index).chars().take(before).map(width).sum()
    }

    /// Columns a piece takes that begins at a column of the text, up to the end of its line: what an error is about.
    #[must_use]
    pub fn extent(&self, index: usize, column: u32) -> usize {
        let Some(line) = self.lines.get(index) else {
            return 1;
        };
        let before = column.saturating_sub(1) as usize;
        let shown = self.line(index);
        let at = line.start
            + shown
                .char_indices()
                .nth(before)
                .map_or(shown.len(), |(at, _)| at);
        let piece = self.pieces.partition_point(|piece| piece.end <= at);
        let end = self
            .pieces
            .get(piece)
            .map_or(line.end, |piece| piece.end.min(line.end));
        let covered = self.text.get(at..end).unwrap_or_default();
        covered.chars().map(width).sum::<usize>().max(1)
    }

    /// A line as it stands in the file; empty beyond the last one.
    #[must_use]
    pub fn line(&self, index: usize) -> &str {
        self.lines
            .get(index)
            .and_then(|line| self.text.get(line.start..line.end))
            .unwrap_or_default()
    }

    /// The columns of a line that can be seen, in pieces of one kind each. What could hide or reorder text is a dot.
    #[must_use]
    pub fn row(&self, index: usize, columns: Range<usize>) -> Vec<(String, LexemeKind)> {
        let mut shown: Vec<(String, LexemeKind)> = Vec::new();
        let Some(line) = self.lines.get(index) else {
            return shown;
        };
        let mut column = 0;
        for piece in self.pieces.get(line.piece..).unwrap_or_default() {
            if piece.start >= line.end || column >= columns.end {
                break;
            }
            let range = piece.start.max(line.start)..piece.end.min(line.end);
            let mut words = String::new();
            for letter in self.text.get(range).unwrap_or_default().chars() {
                for _ in 0..width(letter) {
                    if columns.contains(&column) {
                        words.push(match letter {
                            '\t' => ' ',
                            letter if is_deceptive(letter) => '·',
                            letter => letter,
                        });
                    }
                    column += 1;
                }
            }
            if !words.is_empty() {
                shown.push((words, piece.kind));
            }
        }
        shown
    }
}

const fn width(letter: char) -> usize {
    if letter == '\t' { TAB } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(text: &str) -> Listing {
        Listing::of("a/b.ron", "/a/b.ron".to_owned(), &Ok(text.to_owned()))
    }

    /// Lines come back as they stand in the file, whatever ends them; each has its own part of what spans several.
    #[test]
    fn lines_are_the_files_own() {
        let listing = listing("a: 1,\r\n/* two\n\tlines */ b: \"x\n");
        assert_eq!(listing.len(), 3);
        assert_eq!(listing.line(0), "a: 1,");
        let all = 0..100;
        assert_eq!(
            listing.row(1, all.clone()),
            [("/* two".to_owned(), LexemeKind::Comment)]
        );
        let kinds: Vec<_> = listing
            .row(2, all)
            .into_iter()
            .map(|(_, kind)| kind)
            .collect();
        let [comment, blank, field, mark, text] = [
            LexemeKind::Comment,
            LexemeKind::Blank,
            LexemeKind::Field,
            LexemeKind::Mark,
            LexemeKind::Text,
        ];
        assert_eq!(kinds, [comment, blank, field, mark, blank, text]);
        assert_eq!(listing.short(), "b.ron");
    }

    /// Only the columns asked for come back; tabs take four, and what could deceive is a dot.
    #[test]
    fn columns_are_counted_as_shown() {
        let listing = listing("\tab: \u{202e}1");
        let words = |columns| -> String {
            let row = listing.row(0, columns);
            row.into_iter().map(|(words, _)| words).collect()
        };
        assert_eq!(words(0..99), "    ab: ·1");
        assert_eq!(words(3..6), " ab");
        assert_eq!(listing.column(0, 2), 4);
        assert_eq!(listing.extent(0, 2), 2);
        assert_eq!((listing.column(0, 99), listing.extent(0, 99)), (10, 1));
        assert_eq!(listing.extent(7, 1), 1, "no such line");
    }

    /// What cannot be read says why, and has no lines.
    #[test]
    fn trouble_is_said() {
        let gone = Listing::of("a", String::new(), &Err(FileError::Missing));
        assert_eq!(gone.trouble.as_deref(), Some("no such file"));
        assert!(gone.is_empty() && gone.row(0, 0..9).is_empty());
    }
}
