//! Looks through an XLS file before its parser takes it: the parser makes a dense table of every sheet, so a
//! lone cell in the far corner would take half a gigabyte. Follows the records as the parser does.

use super::Trouble;
use cfb::CompoundFile;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

/// How large an XLS file may be.
const FILE_BYTES: u64 = 256 << 20;
/// How many sheets it may have.
const SHEETS: usize = 1024;
/// How many cells the tables of all its sheets may have.
const CELLS: u64 = 8 << 20;

/// Numbers of records.
mod record {
    pub const BEGIN: u16 = 0x0809;
    pub const END: u16 = 0x000a;
    pub const PASSWORD: u16 = 0x002f;
    pub const SHEET: u16 = 0x0085;
    pub const SEVERAL_NUMBERS: u16 = 0x00bd;
    pub const SEVERAL_BLANKS: u16 = 0x00be;
    /// Records that begin with a row and a column.
    pub const CELLS: &[u16] = &[0x0006, 0x00d6, 0x00fd, 0x0201, 0x0203, 0x0204, 0x0205, 0x027e, 0x0406, 0x0206];
}

/// Looks at the tables that the file's sheets would make.
pub fn inspect<R: Read + Seek>(reader: R, size_bytes: u64) -> Result<(), Trouble> {
    if size_bytes > FILE_BYTES {
        return Err(Trouble::new("the workbook is larger than its format allows"));
    }
    let mut file = CompoundFile::open(reader).map_err(|_| Trouble::damaged())?;
    if file.exists("/EncryptedPackage") {
        return Err(Trouble::protected());
    }
    let path = if file.exists("/Workbook") { "/Workbook" } else { "/Book" };
    let stream =
        file.open_stream(path).map_err(|_| Trouble::new("the file is not a workbook, whatever its name says"))?;
    let mut records = Records { stream: BufReader::with_capacity(1 << 16, stream) };
    let mut cells = 0;
    for position in records.sheets()? {
        cells += records.extent(position)?;
        if cells > CELLS {
            return Err(Trouble::new("a cell of the workbook lies so far away that its table would not fit in memory"));
        }
    }
    Ok(())
}

struct Records<R> {
    stream: R,
}

impl<R: Read + Seek> Records<R> {
    /// The next record's number and data. `None` at the end of the stream.
    fn next(&mut self) -> Result<Option<(u16, Vec<u8>)>, Trouble> {
        let mut head = [0; 4];
        match self.stream.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(_) => return Err(Trouble::damaged()),
        }
        let mut data = vec![0; usize::from(number(&head, 2))];
        self.stream.read_exact(&mut data).map_err(|_| Trouble::damaged())?;
        Ok(Some((number(&head, 0), data)))
    }

    /// Where the sheets begin.
    fn sheets(&mut self) -> Result<Vec<u64>, Trouble> {
        let mut positions = Vec::new();
        while let Some((record, data)) = self.next()? {
            match record {
                record::PASSWORD if data.len() >= 2 && number(&data, 0) != 0 => return Err(Trouble::protected()),
                record::SHEET if data.len() >= 4 => {
                    positions.push(u64::from(number(&data, 0)) | u64::from(number(&data, 2)) << 16);
                }
                record::END => break,
                _ => {}
            }
        }
        if positions.len() > SHEETS { Err(Trouble::new("the workbook has too many sheets")) } else { Ok(positions) }
    }

    /// How many cells the table of a sheet would have.
    fn extent(&mut self, position: u64) -> Result<u64, Trouble> {
        self.stream.seek(SeekFrom::Start(position)).map_err(|_| Trouble::damaged())?;
        let (mut rows, mut columns) = (Bounds::default(), Bounds::default());
        let mut depth = 0_u32;
        while let Some((record, data)) = self.next()? {
            match record {
                record::BEGIN => depth += 1,
                record::END if depth <= 1 => break,
                record::END => depth -= 1,
                record::SEVERAL_NUMBERS | record::SEVERAL_BLANKS if data.len() >= 6 => {
                    rows.include(number(&data, 0));
                    columns.include(number(&data, 2));
                    columns.include(number(&data, data.len() - 2));
                }
                _ if record::CELLS.contains(&record) && data.len() >= 4 => {
                    rows.include(number(&data, 0));
                    columns.include(number(&data, 2));
                }
                _ => {}
            }
        }
        Ok(rows.length() * columns.length())
    }
}

/// The number of two bytes at this place.
fn number(data: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([data[at], data[at + 1]])
}

#[derive(Default)]
struct Bounds(Option<(u16, u16)>);

impl Bounds {
    fn include(&mut self, number: u16) {
        let (least, most) = self.0.unwrap_or((number, number));
        self.0 = Some((least.min(number), most.max(number)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(least, most)| u64::from(most - least) + 1)
    }
}
