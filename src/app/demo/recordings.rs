//! Call recordings as FreePBX lays them down: `YYYY/MM/DD/in-CALLED-CALLER-DATE-TIME-ID.wav`, each a very
//! short but real WAV file.

use super::{Chance, Company};
use std::io;

const SPAN_DAYS: u32 = 400;

/// Three thousand calls over some four hundred days, more of them lately, and a few files without a date.
pub(super) fn write(company: &Company, chance: &mut Chance) -> io::Result<()> {
    let silence = silence();
    for number in 0..3_000 {
        // The square of chance: recent days have more calls, and only a tail is beyond six months.
        let share = chance.below(1_000) * chance.below(1_000) / 1_000;
        let minutes = share * SPAN_DAYS * 24 * 60 / 1_000 + chance.below(1_440) + 1;
        let at = company.minutes_ago(minutes);
        let kind = chance.pick(&["in", "in", "in", "out", "q"]);
        let name = format!(
            "{kind}-05000000{:02}-09900{:05}-{}-{}.{number}.wav",
            chance.below(20),
            chance.below(100_000),
            at.strftime("%Y%m%d-%H%M%S"),
            at.timestamp().as_second(),
        );
        company.write(&format!("data/monitor/{}/{name}", at.strftime("%Y/%m/%d")), &silence)?;
    }
    for number in 1..=4 {
        company.write(&format!("data/monitor/exported/for-training-{number}.wav"), &silence)?;
    }
    Ok(())
}

/// Ten milliseconds of silence: 8 kHz, 16 bits, one channel.
fn silence() -> Vec<u8> {
    const SAMPLE_BYTES: u32 = 160;
    let mut wav = Vec::with_capacity(44 + SAMPLE_BYTES as usize);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + SAMPLE_BYTES).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    wav.extend_from_slice(&1_u16.to_le_bytes()); // PCM
    wav.extend_from_slice(&1_u16.to_le_bytes()); // channels
    wav.extend_from_slice(&8_000_u32.to_le_bytes()); // samples a second
    wav.extend_from_slice(&16_000_u32.to_le_bytes()); // bytes a second
    wav.extend_from_slice(&2_u16.to_le_bytes()); // bytes a sample
    wav.extend_from_slice(&16_u16.to_le_bytes()); // bits a sample
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&SAMPLE_BYTES.to_le_bytes());
    wav.resize(44 + SAMPLE_BYTES as usize, 0);
    wav
}
