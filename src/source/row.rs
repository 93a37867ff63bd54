//! What counts as a row of a list, in one place for CSV files and workbooks: wholly empty rows are no
//! items, and a row that does not fit the header is an item that cannot be read.

use std::borrow::Cow;

/// How many cells the header has, trailing empty ones aside.
#[must_use]
pub fn width(header: &[Cow<'_, str>]) -> usize {
    header.iter().rposition(|cell| !is_blank(cell)).map_or(0, |last| last + 1)
}

/// What a row is, judged by its cells alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// No cell has any text: not an item.
    Blank,
    /// As many cells as the header, trailing empty ones aside.
    Fits,
    /// More or fewer cells than the header: an item that cannot be read.
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
/// filled). A format without ragged rows, such as a workbook, gives the header's own width as `written`.
#[must_use]
pub const fn shape(written: usize, filled: usize, width: usize) -> Shape {
    if filled == 0 {
        Shape::Blank
    } else if filled > width {
        Shape::Ragged { cells: filled }
    } else if written < width {
        Shape::Ragged { cells: written }
    } else {
        Shape::Fits
    }
}

/// The text that tells of a ragged row: `3 cells where the header has 4`.
#[must_use]
pub fn ragged_text(cells: usize, width: usize) -> String {
    let noun = if cells == 1 { "cell" } else { "cells" };
    format!("{cells} {noun} where the header has {width}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_held_against_the_header() {
        let width = width(&["a".into(), "b".into(), "c".into(), "".into(), " ".into()]);
        assert_eq!(width, 3);
        assert_eq!(shape(5, 0, width), Shape::Blank);
        assert_eq!(shape(1, 0, width), Shape::Blank);
        assert_eq!(shape(2, 2, width), Shape::Ragged { cells: 2 });
        assert_eq!(shape(3, 1, width), Shape::Fits);
        assert_eq!(shape(9, 3, width), Shape::Fits);
        assert_eq!(shape(9, 4, width), Shape::Ragged { cells: 4 });
        assert_eq!(ragged_text(1, width), "1 cell where the header has 3");
    }

    #[test]
    fn white_space_is_blank() {
        assert!(is_blank(" \u{3000}\t"));
        assert!(!is_blank(" x"));
    }
}
