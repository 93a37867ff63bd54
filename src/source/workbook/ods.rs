//! The rows of an ODS sheet, streamed from the package's `content.xml`. Repeated cells and rows are kept as
//! what they are, so a sheet that says "this a million times" takes no more memory than one cell.

use super::Trouble;
use super::cell::{Cell, Row, Rows, SHEET_ROWS};
use super::sheet::TakesRows;
use crate::domain::item::SerialEpoch;
use crate::source::header::comparable;
use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufRead, BufReader, Read, Seek};
use zip::ZipArchive;

/// Elements whose text is no content of the cell in which they stand: comments, drawings, readings.
const ASIDE: &[&str] = &["office:annotation", "draw:frame", "draw:custom-shape", "text:ruby-text", "text:note"];

/// Reads one sheet.
pub fn read<R: Read + Seek>(reader: R, wanted: Option<&str>, sheet: &mut dyn TakesRows) -> Result<(), Trouble> {
    let mut archive = ZipArchive::new(reader).map_err(|_| Trouble::damaged())?;
    let content = archive.by_name("content.xml").map_err(|_| Trouble::damaged())?;
    let mut xml = quick_xml::Reader::from_reader(BufReader::with_capacity(1 << 16, content));
    xml.config_mut().expand_empty_elements = true;
    let mut rows = OdsRows { xml, buffer: Vec::new(), text: String::new(), position: 0, repeats: 0 };
    rows.find_sheet(wanted)?;
    sheet.take(&mut rows, SerialEpoch::Y1900)
}

struct OdsRows<R> {
    xml: quick_xml::Reader<R>,
    buffer: Vec<u8>,
    text: String,
    /// The number of the last row that was given or passed over.
    position: u64,
    /// How many more times that row stands there.
    repeats: u64,
}

/// What a start tag says of a cell.
struct CellTag {
    count: u32,
    kind: Kind,
    value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Date,
    Boolean,
    Error,
}

impl<R: BufRead> OdsRows<R> {
    /// The next event; events of no interest are `Event::Eof`-free.
    fn event(&mut self) -> Result<Event<'_>, Trouble> {
        self.buffer.clear();
        match self.xml.read_event_into(&mut self.buffer) {
            Ok(Event::Eof) | Err(_) => Err(Trouble::damaged()),
            Ok(event) => Ok(event),
        }
    }

    /// Goes to the beginning of the sheet that the register means.
    fn find_sheet(&mut self, wanted: Option<&str>) -> Result<(), Trouble> {
        let mut hidden: Vec<String> = Vec::new();
        let mut style = None;
        let mut inside = 0_u32;
        loop {
            match self.event()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => style = attribute(&tag, "style:name"),
                    "style:table-properties" if attribute(&tag, "table:display").as_deref() == Some("false") => {
                        hidden.extend(style.take());
                    }
                    "table:table" => {
                        inside += 1;
                        let name = attribute(&tag, "table:name").unwrap_or_default();
                        let is_hidden =
                            attribute(&tag, "table:style-name").is_some_and(|style| hidden.contains(&style));
                        let is_meant = match wanted {
                            Some(wanted) => name == wanted || comparable(&name) == comparable(wanted),
                            None => !is_hidden,
                        };
                        if inside == 1 && is_meant {
                            return Ok(());
                        }
                    }
                    _ => {}
                },
                Event::End(tag) => match tag.name().as_ref() {
                    "table:table" => inside = inside.saturating_sub(1),
                    "office:spreadsheet" => return Err(Trouble::no_sheet(wanted)),
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Passes over the rest of an element whose start tag was just read.
    fn pass_over(&mut self) -> Result<(), Trouble> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.event()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the cells of a row whose start tag was just read.
    fn cells(&mut self, row: &mut Row<'_>) -> Result<(), Trouble> {
        let mut column = 0_u32;
        loop {
            match self.event()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table-cell" | "table:covered-table-cell" => {
                        let tag = CellTag::of(&tag);
                        self.read_text()?;
                        row.push_run(column, tag.count, tag.cell(&self.text))?;
                        column = column.saturating_add(tag.count);
                    }
                    _ => self.pass_over()?,
                },
                Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(()),
                _ => {}
            }
        }
    }

    /// Collects the text of a cell whose start tag was just read.
    fn read_text(&mut self) -> Result<(), Trouble> {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let (mut depth, mut paragraphs) = (1_u32, 0_u32);
        while depth > 0 {
            let is_aside = match self.event()? {
                Event::Start(tag) => {
                    depth += 1;
                    match tag.name().as_ref() {
                        "text:p" => {
                            paragraphs += 1;
                            if paragraphs > 1 {
                                text.push('\n');
                            }
                        }
                        "text:s" => {
                            let count = attribute(&tag, "text:c").and_then(|count| count.parse().ok()).unwrap_or(1);
                            text.extend(std::iter::repeat_n(' ', usize::min(count, 1000)));
                        }
                        "text:tab" => text.push('\t'),
                        "text:line-break" => text.push('\n'),
                        _ => {}
                    }
                    ASIDE.contains(&tag.name().as_ref())
                }
                Event::End(_) => {
                    depth -= 1;
                    false
                }
                Event::Text(part) if paragraphs > 0 => {
                    text.push_str(&part.xml10_content());
                    false
                }
                Event::CData(part) if paragraphs > 0 => {
                    text.push_str(&part.xml10_content());
                    false
                }
                Event::GeneralRef(reference) => {
                    push_reference(&mut text, &reference)?;
                    false
                }
                _ => false,
            };
            if is_aside {
                self.pass_over()?;
                depth -= 1;
            }
        }
        self.text = text;
        Ok(())
    }
}

fn push_reference(text: &mut String, reference: &quick_xml::events::BytesRef<'_>) -> Result<(), Trouble> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| Trouble::damaged())? {
        text.push(character);
        return Ok(());
    }
    let name = reference.xml10_content();
    let entity = quick_xml::escape::resolve_xml_entity(&name).ok_or_else(Trouble::damaged)?;
    text.push_str(entity);
    Ok(())
}

impl<'a, R: BufRead> Rows<'a> for OdsRows<R> {
    fn next(&mut self, row: &mut Row<'a>) -> Result<bool, Trouble> {
        if self.repeats > 0 {
            self.repeats -= 1;
            self.position += 1;
            row.number = self.position;
            return Ok(true);
        }
        loop {
            match self.event()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table-row" => {
                        let count = repeated(&tag, "table:number-rows-repeated");
                        row.runs.clear();
                        row.number = self.position.saturating_add(1);
                        self.cells(row)?;
                        if row.filled() == 0 {
                            self.position = self.position.saturating_add(count);
                            continue;
                        }
                        if self.position.saturating_add(count) > SHEET_ROWS {
                            return Err(Trouble(format!("row {} is repeated beyond the end of a sheet", row.number)));
                        }
                        self.position += 1;
                        self.repeats = count - 1;
                        return Ok(true);
                    }
                    "table:table-row-group" | "table:table-header-rows" | "table:table-rows" => {}
                    _ => self.pass_over()?,
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => return Ok(false),
                _ => {}
            }
        }
    }
}

impl CellTag {
    fn of(tag: &BytesStart<'_>) -> Self {
        let mut cell = Self { count: 1, kind: Kind::Text, value: None };
        let mut is_error = false;
        for found in tag.attributes().with_checks(false).flatten() {
            match found.key.as_ref() {
                "table:number-columns-repeated" => {
                    cell.count = found.value.trim().parse().unwrap_or(u32::MAX).max(1);
                }
                "office:value-type" => {
                    cell.kind = match &*found.value {
                        "float" | "percentage" | "currency" => Kind::Number,
                        "date" => Kind::Date,
                        "boolean" => Kind::Boolean,
                        _ => Kind::Text,
                    }
                }
                "calcext:value-type" => is_error = &*found.value == "error",
                "office:value" | "office:date-value" | "office:boolean-value" | "office:string-value" => {
                    cell.value = unescaped(&found);
                }
                _ => {}
            }
        }
        if is_error {
            cell.kind = Kind::Error;
        }
        cell
    }

    /// The cell, given the text that is shown in it.
    fn cell(&self, shown: &str) -> Option<Cell<'static>> {
        let value = self.value.as_deref();
        match self.kind {
            Kind::Error => Some(Cell::Error),
            Kind::Number => match value.and_then(|value| value.trim().parse().ok()) {
                Some(number) => Some(Cell::Number(number)),
                None => Cell::of_text(shown.to_owned()),
            },
            Kind::Date => Cell::of_iso(value.unwrap_or(shown)),
            Kind::Boolean => Some(Cell::Boolean(value == Some("true"))),
            Kind::Text => Cell::of_text(if shown.is_empty() { value.unwrap_or("") } else { shown }.to_owned()),
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    unescaped(&found)
}

fn unescaped(attribute: &Attribute<'_>) -> Option<String> {
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// How often something stands there: at least once.
fn repeated(tag: &BytesStart<'_>, name: &str) -> u64 {
    attribute(tag, name).map_or(1, |count| count.trim().parse().unwrap_or(u64::MAX)).max(1)
}
