//! What counts as a row of a list, in one place for CSV files and workbooks: wholly empty rows are no
//! items, and a row that does not fit the header is an item that cannot be read.

use std::borrow::Cow;

/// How many cells a row may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    /// With fewer it cannot be read.
    pub least: usize,
    /// With more that are filled it cannot be read; any number where no header says.
    pub most: Option<usize>,
}

impl Width {
    /// As many as the header has, trailing empty ones aside.
    #[must_use]
    pub fn of_header(header: &[Cow<'_, str>]) -> Self {
        let cells = header.iter().rposition(|cell| !is_blank(cell)).map_or(0, |last| last + 1);
        Self { least: cells, most: Some(cells) }
    }

    /// Without a header: at least so many.
    #[must_use]
    pub const fn at_least(cells: usize) -> Self {
        Self { least: cells, most: None }
    }

    /// Whether a row with so many cells certainly fits, as long as one of them is filled.
    #[inline]
    #[must_use]
    pub const fn fits(self, cells: usize) -> bool {
        match self.most {
            Some(most) => cells == most,
            None => cells >= self.least,
        }
    }
}

/// What a row is, judged by its cells alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// No cell has any text: not an item.
    Blank,
    /// As many cells as the header, trailing empty ones aside; without a header, enough of them.
    Fits,
    /// More or fewer cells than that: an item that cannot be read.
    Ragged {
        /// How many it has, without the empty ones behind the header's end.
        cells: usize,
    },
}

/// Whether a cell holds nothing but white space.
#[must_use]
pub fn is_blank(cell: &str) -> bool {
    cell.trim_start().is_empty()
}

/// Judges a row of `written` cells, of which those up to the `filled`-th are not all empty (0: none is
/// filled). A format without ragged rows, such as a workbook, gives the least width as `written`.
#[must_use]
pub const fn shape(written: usize, filled: usize, width: Width) -> Shape {
    match width.most {
        _ if filled == 0 => Shape::Blank,
        Some(most) if filled > most => Shape::Ragged { cells: filled },
        _ if written < width.least => Shape::Ragged { cells: written },
        _ => Shape::Fits,
    }
}

/// The text that tells of a ragged row: `3 cells where the header has 4`, `3 cells where at least 10 are needed`.
#[must_use]
pub fn ragged_text(cells: usize, width: Width) -> String {
    let noun = if cells == 1 { "cell" } else { "cells" };
    match width.most {
        Some(header) => format!("{cells} {noun} where the header has {header}"),
        None => format!("{cells} {noun} where at least {} are needed", width.least),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_held_against_the_header() {
        let width = Width::of_header(&["a".into(), "b".into(), "c".into(), "".into(), " ".into()]);
        assert_eq!(width, Width { least: 3, most: Some(3) });
        assert_eq!(shape(5, 0, width), Shape::Blank);
        assert_eq!(shape(1, 0, width), Shape::Blank);
        assert_eq!(shape(2, 2, width), Shape::Ragged { cells: 2 });
        assert_eq!(shape(3, 1, width), Shape::Fits);
        assert_eq!(shape(9, 3, width), Shape::Fits);
        assert_eq!(shape(9, 4, width), Shape::Ragged { cells: 4 });
        assert_eq!(ragged_text(1, width), "1 cell where the header has 3");
        assert!(width.fits(3) && !width.fits(2) && !width.fits(4));
    }

    #[test]
    fn without_a_header_rows_may_be_long_and_as_short_as_what_they_must_have() {
        let width = Width::at_least(10);
        assert_eq!(shape(16, 0, width), Shape::Blank);
        assert_eq!(shape(9, 9, width), Shape::Ragged { cells: 9 });
        assert_eq!(shape(10, 1, width), Shape::Fits);
        assert_eq!(shape(40, 40, width), Shape::Fits);
        assert_eq!(ragged_text(9, width), "9 cells where at least 10 are needed");
        assert!(width.fits(10) && width.fits(40) && !width.fits(9));
    }

    #[test]
    fn white_space_is_blank() {
        assert!(is_blank(" \u{3000}\t"));
        assert!(!is_blank(" x"));
    }
}
