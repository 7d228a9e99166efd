//! Which encoding a CSV file has, judged on the whole file.
//!
//! The first names of a file may follow after megabytes of ASCII, so its bytes are read once to the end. A byte order
//! mark decides; else the zero bytes of UTF-16; else UTF-8, if the whole file is UTF-8. What is left is a legacy
//! encoding, in practice GB18030 (GBK and GB2312 are parts of it), unless the bytes are not typical Chinese and
//! chardetng guesses another one.
//!
//! UTF-8 with a few damaged bytes stays UTF-8, so that reading names the damaged row. Taking it for a single-byte
//! encoding, in which every byte is a letter, would garble every name in silence.

use std::fs::File;
use std::io::{self, Seek};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::decode::read_some;

const CHUNK: usize = 256 * 1024;
/// How many bytes of the chunks beyond ASCII chardetng is given.
const DETECTOR_BYTES: usize = 1024 * 1024;

/// Returns the encoding of a file. The file is left at an unspecified position.
pub(super) fn detect(file: &mut File) -> io::Result<&'static Encoding> {
    let mut chunk = vec![0; CHUNK];
    let mut utf8 = Utf8Tally::default();
    file.rewind()?;
    let mut is_first = true;
    loop {
        let length = read_some(file, &mut chunk)?;
        let bytes = chunk.get(..length).unwrap_or_default();
        if is_first && let Some(encoding) = from_first_bytes(bytes) {
            return Ok(encoding);
        }
        is_first = false;
        utf8.add(bytes);
        if length == 0 || utf8.is_hopeless() {
            break;
        }
    }
    if utf8.finish() {
        return Ok(UTF_8);
    }
    detect_legacy(file, &mut chunk)
}

/// Returns the encoding's name as people write it.
pub(super) fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 {
        "GB18030"
    } else {
        encoding.name()
    }
}

fn from_first_bytes(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    // In UTF-16 the high byte of commas, digits and line ends is zero. The high byte of a Chinese character never is,
    // and its low byte seldom is.
    let pairs = bytes.chunks_exact(2).take(8192);
    let (mut high_first, mut low_first, mut count) = (0_usize, 0_usize, 0_usize);
    for pair in pairs {
        high_first += usize::from(pair.first() == Some(&0));
        low_first += usize::from(pair.last() == Some(&0));
        count += 1;
    }
    let enough = (count / 50).max(2);
    if low_first >= enough && low_first > high_first * 4 {
        Some(UTF_16LE)
    } else if high_first >= enough && high_first > low_first * 4 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Counts the characters of UTF-8 text that are not ASCII, in pieces whose count fits into a byte: such sums are made for
/// many bytes at once.
fn characters_beyond_ascii(text: &[u8]) -> u64 {
    let begins = |byte: &u8| u8::from(*byte >= 0xC0);
    let pieces = text.chunks(usize::from(u8::MAX));
    pieces
        .map(|piece| u64::from(piece.iter().map(begins).sum::<u8>()))
        .sum()
}

/// A count of UTF-8 characters beyond ASCII, and of faults.
#[derive(Default)]
struct Utf8Tally {
    carried: Vec<u8>,
    characters: u64,
    /// Runs of bytes that are not UTF-8: one damaged character is one fault.
    faults: u64,
    is_in_fault: bool,
}

impl Utf8Tally {
    fn add(&mut self, bytes: &[u8]) {
        let joined;
        let mut rest = if self.carried.is_empty() {
            bytes
        } else {
            self.carried.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.carried);
            joined.as_slice()
        };
        loop {
            let (text, tail) = rest.split_at(Encoding::utf8_valid_up_to(rest));
            self.is_in_fault &= text.is_empty();
            self.characters += characters_beyond_ascii(text);
            let Err(fault) = std::str::from_utf8(tail) else {
                return;
            };
            let Some(length) = fault.error_len() else {
                self.carried = tail.to_vec();
                return;
            };
            self.faults += u64::from(!self.is_in_fault);
            self.is_in_fault = true;
            rest = tail.get(length..).unwrap_or_default();
        }
    }

    /// Returns whether there are so many faults that the rest of the file need not be read.
    fn is_hopeless(&self) -> bool {
        self.faults > 10_000 && self.faults > self.characters
    }

    /// Returns whether the text is UTF-8, perhaps damaged. Chinese in GB18030 looks like UTF-8 in about one
    /// character of five, so a factor of four parts the two well.
    fn finish(mut self) -> bool {
        self.faults += u64::from(!self.carried.is_empty());
        self.faults == 0 || self.characters > self.faults * 4
    }
}

fn detect_legacy(file: &mut File, chunk: &mut [u8]) -> io::Result<&'static Encoding> {
    file.rewind()?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut detector_bytes = 0;
    let mut validity = Validity::new(GB18030);
    let mut pairs = PairTally::default();
    loop {
        let length = read_some(file, chunk)?;
        let bytes = chunk.get(..length).unwrap_or_default();
        if detector_bytes < DETECTOR_BYTES && !bytes.is_ascii() {
            detector_bytes += bytes.len();
            detector.feed(bytes, false);
        }
        pairs.add(bytes);
        validity.add(bytes);
        if length == 0 {
            break;
        }
    }
    detector.feed(&[], true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let is_chinese = validity.is_valid && pairs.mostly_common_hanzi();
    // Chinese with a damaged byte is GB18030 too: reading then names the damaged row.
    let is_gb_guess = guess == encoding_rs::GBK || guess == GB18030;
    Ok(
        if is_chinese || is_gb_guess || pairs.mostly_common_hanzi_beyond_doubt() {
            GB18030
        } else {
            guess
        },
    )
}

struct Validity {
    decoder: Decoder,
    scratch: Vec<u8>,
    is_valid: bool,
}

impl Validity {
    fn new(encoding: &'static Encoding) -> Self {
        Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            scratch: vec![0; CHUNK],
            is_valid: true,
        }
    }

    /// Decodes a piece. A character that the end of the file cuts is never judged: reading names its row.
    fn add(&mut self, mut bytes: &[u8]) {
        while self.is_valid {
            let (result, read, _) =
                self.decoder
                    .decode_to_utf8_without_replacement(bytes, &mut self.scratch, false);
            bytes = bytes.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.is_valid = false,
            }
        }
    }
}

/// A count of two-byte characters, and of those in the rows of GB2312. Nearly all of real Chinese text is in these
/// rows, but few of the pairs that Big5, Shift-JIS or accented Latin letters happen to form.
#[derive(Default)]
struct PairTally {
    lead: Option<u8>,
    pairs: u64,
    common: u64,
}

impl PairTally {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match self.lead.take() {
                Some(lead) => {
                    self.pairs += 1;
                    self.common +=
                        u64::from(matches!(lead, 0xA1..=0xA3 | 0xB0..=0xF7) && byte >= 0xA1);
                }
                None if byte >= 0x80 => self.lead = Some(byte),
                None => {}
            }
        }
    }

    fn mostly_common_hanzi(&self) -> bool {
        self.common * 10 >= self.pairs * 8
    }

    fn mostly_common_hanzi_beyond_doubt(&self) -> bool {
        self.pairs >= 20 && self.common * 100 >= self.pairs * 97
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn detected(bytes: &[u8]) -> &'static str {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        name(detect(&mut file).unwrap())
    }

    fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn the_usual_files_are_told_apart() {
        let table = "客户名称,手机,地区\r\n杭州某某科技有限公司,13800138000,浙江\r\n张三,13900139000,北京\r\n";
        let cases = [
            (table.as_bytes().to_vec(), "UTF-8"),
            ([b"\xEF\xBB\xBF", table.as_bytes()].concat(), "UTF-8"),
            (encoded(GB18030, table), "GB18030"),
            (
                encoded(GB18030, "姓名,电话\n龘靐,1\n㐀𠀀,2\n联通,3\n"),
                "GB18030",
            ),
            (encoded(GB18030, "联通"), "GB18030"),
            (encoded(GB18030, "张三,1"), "GB18030"),
            (utf16(table, true), "UTF-16LE"),
            (utf16(table, false), "UTF-16BE"),
            (utf16(&format!("\u{FEFF}{table}"), true), "UTF-16LE"),
            (b"name,phone\nJohn,1\n".to_vec(), "UTF-8"),
            (
                encoded(
                    encoding_rs::BIG5,
                    "客戶名稱,電話,地區\n臺灣積體電路製造股份有限公司,1,臺北市\n鴻海精密工業,2,新北市土城區自由街\n",
                ),
                "Big5",
            ),
            (
                encoded(
                    encoding_rs::WINDOWS_1252,
                    "name;city\nJosé García;Málaga\nJürgen Müller;Köln\nRené Lefèvre;Orléans\n",
                ),
                "windows-1252",
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(
                detected(&bytes),
                expected,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn a_late_name_decides_for_the_whole_file() {
        let mut bytes = b"name,phone\n".repeat(100_000);
        assert_eq!(detected(&bytes), "UTF-8");
        bytes.extend(encoded(GB18030, "张三,1\n"));
        assert_eq!(detected(&bytes), "GB18030");
    }

    #[test]
    fn a_cut_file_keeps_its_encoding() {
        let mut bytes = encoded(GB18030, "客户名称,手机\n张三,13800138000\n李四");
        bytes.pop();
        assert_eq!(detected(&bytes), "GB18030");
    }

    #[test]
    fn damaged_utf8_stays_utf8() {
        let mut bytes = "客户名称,手机\n张三,1\n".repeat(5).into_bytes();
        bytes.truncate(bytes.len() - 4);
        bytes[1] = b'x';
        assert_eq!(detected(&bytes), "UTF-8");
    }
}
