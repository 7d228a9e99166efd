//! Workbooks of Excel 5 to 2003 that are encrypted with Excel's own password.
//!
//! The same case as in `encrypted.rs`: nobody has given a password, Excel opens the workbook unasked, and a copy that
//! is not encrypted is read in its place. The records stay where they are: only their bytes are encrypted, not their
//! numbers and lengths, so that every offset in the copy is that of the workbook. A few records are never encrypted.
//!
//! Source: [MS-XLS] 2.2.10 (what is encrypted), 2.4.117 (how); [MS-OFFCRYPTO] 2.3.5 to 2.3.7 (the ciphers).

use std::io::{self, Read, Seek, Write};

use cfb::{CompoundFile, Stream, Version};
use md5::Md5;
use rc4::{KeyInit, Rc4, StreamCipher};
use sha1::Sha1;
use tempfile::{NamedTempFile, TempPath};

use super::encrypted::{PASSWORD, digest_of, password_units, read_up_to};
use super::xls_records::record;

/// How many records may stand before the one that says how the workbook is encrypted; all behind it are encrypted.
const RECORDS_BEFORE: usize = 16;
/// The bytes of a record's number and length.
const HEAD: usize = 4;
/// The bytes that RC4 encrypts with one key, counted from the stream's start.
const BLOCK: usize = 1024;
/// The key and the check value that Excel's own password has in [MS-OFFCRYPTO] 2.3.7.1 and 2.3.7.2.
const XOR_KEY: [u8; 2] = 0xB359_u16.to_le_bytes();
const XOR_CHECK: [u8; 2] = 0x9A0A_u16.to_le_bytes();
/// The byte that fills up a password of 15 letters.
const XOR_FILLER: u8 = 0xBB;
/// The identifiers of RC4 and SHA-1 in a description of an encryption.
const RC4: u32 = 0x6801;
const SHA1: u32 = 0x8004;

/// Makes a copy of an encrypted workbook that is not encrypted; `None` if the workbook is not encrypted, or not with
/// Excel's own password.
pub(super) fn plain_copy<F: Read + Seek>(
    container: &mut CompoundFile<F>,
) -> io::Result<Option<TempPath>> {
    let streams = ["/Workbook", "/Book"];
    let Some(name) = streams.into_iter().find(|name| container.exists(name)) else {
        return Ok(None);
    };
    let Ok(mut workbook) = container.open_stream(name) else {
        return Ok(None);
    };
    let Some(mut cipher) = find_cipher(&mut workbook) else {
        return Ok(None);
    };
    workbook.rewind()?;
    let file = tempfile::Builder::new()
        .prefix("ferry-")
        .suffix(".xls")
        .tempfile()?;
    let mut copy = CompoundFile::create_with_version(Version::V3, file)?;
    let mut plain = copy.create_stream(name)?;
    decrypt(&mut workbook, &mut cipher, &mut plain)?;
    plain.flush()?;
    drop(plain);
    copy.flush()?;
    Ok(Some(copy.into_inner().into_temp_path()))
}

/// Finds how the records are encrypted; `None` if they are not, or not with Excel's own password.
fn find_cipher<F: Read + Seek>(workbook: &mut Stream<F>) -> Option<RecordCipher> {
    for _ in 0..RECORDS_BEFORE {
        let mut head = [0; HEAD];
        workbook.read_exact(&mut head).ok()?;
        let (number, length) = read_head(head);
        let mut data = vec![0; length];
        workbook.read_exact(&mut data).ok()?;
        match number {
            record::FILE_PASS => return RecordCipher::open(&data),
            record::END => return None,
            _ => {}
        }
    }
    None
}

/// Copies the records. Of a workbook that breaks off, the rest is copied too: who reads the copy says so.
fn decrypt<F: Read + Seek>(
    workbook: &mut Stream<F>,
    cipher: &mut RecordCipher,
    plain: &mut Stream<NamedTempFile>,
) -> io::Result<()> {
    let mut data = Vec::new();
    let mut at = 0;
    loop {
        let mut head = [0; HEAD];
        let read = read_up_to(workbook, &mut head)?;
        if read < HEAD {
            return plain.write_all(head.get(..read).unwrap_or_default());
        }
        let (number, length) = read_head(head);
        data.resize(length, 0);
        let read = read_up_to(workbook, &mut data)?;
        at += HEAD as u64;
        if number == record::FILE_PASS {
            // A record of number 0, which nobody reads, takes its room.
            head = [0, 0, head[2], head[3]];
            data.fill(0);
        } else if let Some(encrypted) = data.get_mut(plain_bytes(number)..read) {
            let from = at + plain_bytes(number) as u64;
            cipher.apply(from, length, encrypted);
        }
        plain.write_all(&head)?;
        plain.write_all(data.get(..read).unwrap_or_default())?;
        if read < length {
            return Ok(());
        }
        at += length as u64;
    }
}

fn read_head([low, high, short, long]: [u8; HEAD]) -> (u16, usize) {
    let length = u16::from_le_bytes([short, long]);
    (u16::from_le_bytes([low, high]), usize::from(length))
}

/// Returns how many bytes at the start of a record are not encrypted.
fn plain_bytes(number: u16) -> usize {
    match number {
        record::BEGIN
        | record::USERS_EXCLUDED
        | record::FILE_LOCKED
        | record::INTERFACE
        | record::REVISIONS
        | record::REVISION => usize::MAX,
        // Where the sheet's records begin.
        record::SHEET => 4,
        _ => 0,
    }
}

/// How the bytes of records are encrypted.
enum RecordCipher {
    /// Each byte is turned and mixed with one of these.
    Xor([u8; 16]),
    Rc4(Box<BlockCipher>),
}

impl RecordCipher {
    /// Reads the record that says how, and tries Excel's own password.
    fn open(file_pass: &[u8]) -> Option<Self> {
        match file_pass {
            // Excel 5 and 95 know no other way, so they do not name it.
            [key @ .., a, b] if key.len() == 2 => Self::xor(key, [*a, *b]),
            [0, 0, low, high, a, b, ..] => Self::xor(&[*low, *high], [*a, *b]),
            [1, 0, 1, 0, 1, 0, verifier @ ..] => BlockCipher::of_office(verifier).map(Self::Rc4),
            [1, 0, 2..=4, 0, 2, 0, header @ ..] => {
                BlockCipher::of_crypto_api(header).map(Self::Rc4)
            }
            _ => None,
        }
    }

    fn xor(key: &[u8], check: [u8; 2]) -> Option<Self> {
        if key != XOR_KEY || check != XOR_CHECK {
            return None;
        }
        let mut mixed = [XOR_FILLER; 16];
        for (byte, letter) in mixed.iter_mut().zip(PASSWORD.bytes()) {
            *byte = letter;
        }
        for (byte, key) in mixed.iter_mut().zip(XOR_KEY.iter().cycle()) {
            *byte = (*byte ^ key).rotate_right(1);
        }
        Some(Self::Xor(mixed))
    }

    /// Decrypts bytes that stand at `at` in the stream, in a record of this length.
    fn apply(&mut self, at: u64, length: usize, bytes: &mut [u8]) {
        match self {
            Self::Xor(mixed) => {
                let start = at as usize + length;
                for (byte, place) in bytes.iter_mut().zip(start..) {
                    *byte = (*byte ^ mixed[place % mixed.len()]).rotate_right(5);
                }
            }
            Self::Rc4(cipher) => cipher.apply(at, bytes),
        }
    }
}

/// RC4 with a new key for each block of the stream.
struct BlockCipher {
    key: BaseKey,
    /// The cipher of a block, the block's number, and how many of its bytes are used up.
    current: Option<(Rc4, u32, usize)>,
}

/// What the keys of blocks are made of.
enum BaseKey {
    /// The Office binary document encryption: five bytes.
    Office(Vec<u8>),
    /// The encryption through `CryptoAPI`: a hash, and the length of keys in bytes.
    CryptoApi(Vec<u8>, usize),
}

impl BlockCipher {
    /// [MS-OFFCRYPTO] 2.3.6: salt, check value and its hash, 16 bytes each.
    fn of_office(verifier: &[u8]) -> Option<Box<Self>> {
        let [salt, check, hash] = [0, 16, 32].map(|at| verifier.get(at..at + 16));
        let password = digest_of::<Md5>(&[&password_units()]);
        let salted = [password.get(..5)?, salt?].concat();
        let base = digest_of::<Md5>(&[&salted.repeat(16)]);
        let key = BaseKey::Office(base.get(..5)?.to_vec());
        Self::tried(key, check?, hash?, |check| digest_of::<Md5>(&[check]))
    }

    /// [MS-OFFCRYPTO] 2.3.5: flags, the length of a header, that header, and what the password is checked with.
    fn of_crypto_api(bytes: &[u8]) -> Option<Box<Self>> {
        let number = |at: usize| {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        // The header repeats the flags and gives a length that is always 0.
        let length = number(4)? as usize;
        let (cipher, hashed_by, bits) = (number(16)?, number(20)?, number(24)?);
        if cipher != RC4 || !matches!(hashed_by, 0 | SHA1) {
            return None;
        }
        let key_length = match bits {
            0 => 5,
            40..=128 if bits.is_multiple_of(8) => bits as usize / 8,
            _ => return None,
        };
        let verifier = bytes.get(length.checked_add(8)?..)?;
        let [salt, check, hash] =
            [(4, 16), (20, 16), (40, 20)].map(|(at, length)| verifier.get(at..at + length));
        let base = digest_of::<Sha1>(&[salt?, &password_units()]);
        let key = BaseKey::CryptoApi(base, key_length);
        Self::tried(key, check?, hash?, |check| digest_of::<Sha1>(&[check]))
    }

    /// Returns the cipher if the password is right.
    fn tried(
        key: BaseKey,
        check: &[u8],
        hash: &[u8],
        hashed: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Option<Box<Self>> {
        let mut both = [check, hash].concat();
        key.cipher_of(0).apply_keystream(&mut both);
        let (check, hash) = both.split_at(check.len());
        let is_right = hashed(check) == hash;
        is_right.then(|| Box::new(Self { key, current: None }))
    }

    /// Decrypts bytes that stand at `at` in the stream. What is not encrypted uses the cipher up all the same.
    fn apply(&mut self, at: u64, bytes: &mut [u8]) {
        let mut at = at;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (block, within) = ((at / BLOCK as u64) as u32, (at % BLOCK as u64) as usize);
            let (part, behind) = rest.split_at_mut(rest.len().min(BLOCK - within));
            let (mut cipher, used) = match self.current.take() {
                Some((cipher, current, used)) if current == block && used <= within => {
                    (cipher, used)
                }
                _ => (self.key.cipher_of(block), 0),
            };
            cipher.apply_keystream(&mut [0; BLOCK][used..within]);
            cipher.apply_keystream(part);
            self.current = Some((cipher, block, within + part.len()));
            at += part.len() as u64;
            rest = behind;
        }
    }
}

impl BaseKey {
    fn cipher_of(&self, block: u32) -> Rc4 {
        let number = block.to_le_bytes();
        let key = match self {
            Self::Office(base) => digest_of::<Md5>(&[base, &number]),
            Self::CryptoApi(base, length) => {
                let mut key = digest_of::<Sha1>(&[base, &number]);
                key.truncate(*length);
                if *length == 5 {
                    // Keys of 40 bits are filled up to 128.
                    key.resize(16, 0);
                }
                key
            }
        };
        Rc4::new_from_slice(&key).expect("RC4 takes keys of 1 to 256 bytes, and these have 6 to 16")
    }
}
