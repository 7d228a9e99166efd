//! Workbooks of Excel 2007 and later that are encrypted with Excel's own password; earlier ones: `encrypted_xls.rs`.
//!
//! Some workbooks are encrypted although nobody gave a password, such as ones that are protected against changes. Their
//! password is `VelvetSweatshop`. Excel tries it first and asks nobody. So does this reader: it makes a copy that is
//! not encrypted, in the system's folder for temporary files, for this user alone. The copy is deleted with the
//! workbook. With any other password a workbook stays closed.
//!
//! Source: [MS-OFFCRYPTO] 2.3.4 (the package, standard and agile encryption). The counting of the hash is bounded, so
//! that a made-up file does not cost minutes.

use std::io::{self, BufWriter, Read, Seek, Write};

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cfb::CompoundFile;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use tempfile::TempPath;

use super::xml_scan::{Scanner, Token, attribute};

/// The password under which Excel encrypts where nobody has given one.
pub(super) const PASSWORD: &str = "VelvetSweatshop";
/// The stream with the encrypted workbook.
const PACKAGE: &str = "/EncryptedPackage";
/// The stream that says how it is encrypted.
const INFO: &str = "/EncryptionInfo";
/// The longest description of an encryption, in bytes; real ones have about one kilobyte.
const LONGEST_INFO: u64 = 1 << 20;
/// How often standard encryption hashes the password.
const STANDARD_SPINS: u32 = 50_000;
/// How often a password may be hashed; Excel writes 100 000.
const MOST_SPINS: u32 = 1_000_000;
/// The bytes of a block.
const BLOCK: usize = 16;
/// The bytes that agile encryption encrypts with one initial vector.
const SEGMENT: usize = 4096;
/// What is hashed with the password, for each of the three values that it encrypts.
const FOR_VERIFIER: [u8; 8] = [0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79];
const FOR_VERIFIER_HASH: [u8; 8] = [0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E];
const FOR_KEY: [u8; 8] = [0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6];

/// Makes a copy of an encrypted workbook that is not encrypted; `None` if the file is not encrypted, or not with
/// Excel's own password.
pub(super) fn plain_copy<F: Read + Seek>(
    container: &mut CompoundFile<F>,
) -> io::Result<Option<TempPath>> {
    if !container.exists(PACKAGE) || !container.exists(INFO) {
        return Ok(None);
    }
    let mut info = Vec::new();
    container
        .open_stream(INFO)?
        .take(LONGEST_INFO)
        .read_to_end(&mut info)?;
    let Some(package_key) = PackageKey::open(&info) else {
        return Ok(None);
    };
    let mut package = container.open_stream(PACKAGE)?;
    let mut length = [0; 8];
    package.read_exact(&mut length)?;
    let mut left = u64::from_le_bytes(length);
    let mut copy = BufWriter::new(
        tempfile::Builder::new()
            .prefix("ferry-")
            .suffix(".xlsx")
            .tempfile()?,
    );
    let mut segment = [0; SEGMENT];
    let mut number = 0_u32;
    while left > 0 {
        let read = read_up_to(&mut package, &mut segment)?;
        let whole = segment
            .get_mut(..read - read % BLOCK)
            .filter(|whole| !whole.is_empty())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        package_key.decrypt(number, whole);
        let wanted = whole.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        copy.write_all(whole.get(..wanted).unwrap_or_default())?;
        left -= wanted as u64;
        number = number.wrapping_add(1);
    }
    let copy = copy.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Some(copy.into_temp_path()))
}

/// Fills the buffer as far as the source goes.
pub(super) fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
        match source.read(room)? {
            0 => break,
            length => filled += length,
        }
    }
    Ok(filled)
}

/// The key of a package, and how its segments are chained.
struct PackageKey {
    cipher: Cipher,
    /// The hash and the salt of the segments' initial vectors; `None` where blocks are not chained.
    chaining: Option<(Hash, Vec<u8>)>,
}

impl PackageKey {
    /// Finds the key by Excel's own password; `None` if that is not the password, or the encryption is not known.
    fn open(info: &[u8]) -> Option<Self> {
        match info.get(..4)? {
            [4, 0, 4, 0] => Self::agile(info.get(8..)?),
            [2..=4, 0, 2, 0] => Self::standard(info),
            _ => None,
        }
    }

    /// [MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9. The header stands behind version, flags and its size.
    fn standard(info: &[u8]) -> Option<Self> {
        let number = |at: usize| {
            let bytes = info.get(at..at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let key_length = match number(20)? {
            0x660E => 16,
            0x660F => 24,
            0x6610 => 32,
            _ => return None,
        };
        let verifier = info.get(12 + number(8)? as usize..)?;
        let salt = verifier.get(4..20)?;
        let digest = hashed_password(Hash::Sha1, salt, STANDARD_SPINS);
        let digest = Hash::Sha1.of(&[&digest, &[0; 4]]);
        let padded = |byte: u8| {
            let mut pad = [byte; 64];
            for (pad, byte) in pad.iter_mut().zip(&digest) {
                *pad ^= byte;
            }
            Hash::Sha1.of(&[&pad])
        };
        let mut key = padded(0x36);
        key.extend(padded(0x5C));
        key.truncate(key_length);
        let cipher = Cipher::new(&key)?;
        let mut plain = verifier.get(20..36)?.to_vec();
        let mut hash = verifier.get(40..72)?.to_vec();
        cipher.decrypt(&mut plain);
        cipher.decrypt(&mut hash);
        let is_right = hash.starts_with(&Hash::Sha1.of(&[&plain]));
        is_right.then_some(Self {
            cipher,
            chaining: None,
        })
    }

    /// [MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15.
    fn agile(xml: &[u8]) -> Option<Self> {
        let (mut data, mut password) = (None, None);
        let mut scanner = Scanner::new(xml);
        loop {
            match scanner.next().ok()? {
                Token::Open {
                    name: b"keyData",
                    attributes,
                    ..
                } => data = Some(KeyData::read(attributes)?),
                Token::Open {
                    name: b"encryptedKey",
                    attributes,
                    ..
                } if password.is_none() => password = PasswordKey::read(attributes),
                Token::End => break,
                _ => {}
            }
        }
        let (data, password) = (data?, password?);
        let cipher = Cipher::new(&password.package_key()?)?;
        Some(Self {
            cipher,
            chaining: Some((data.hash, data.salt)),
        })
    }

    /// Decrypts the segment of this number, whole blocks of it.
    fn decrypt(&self, number: u32, segment: &mut [u8]) {
        match &self.chaining {
            None => self.cipher.decrypt(segment),
            Some((hash, salt)) => {
                let vector = hash.of(&[salt, &number.to_le_bytes()]);
                self.cipher.decrypt_chained(&vector, segment);
            }
        }
    }
}

/// How an encryption hashes and salts, and how long its key is.
struct KeyData {
    hash: Hash,
    salt: Vec<u8>,
    key_length: usize,
}

impl KeyData {
    fn read(attributes: &[u8]) -> Option<Self> {
        let text = |name: &str| attribute(attributes, name).ok()?;
        if text("cipherAlgorithm")? != "AES" || text("cipherChaining")? != "ChainingModeCBC" {
            return None;
        }
        Some(Self {
            hash: Hash::named(&text("hashAlgorithm")?)?,
            salt: STANDARD.decode(text("saltValue")?).ok()?,
            key_length: match text("keyBits")?.as_str() {
                "128" => 16,
                "192" => 24,
                "256" => 32,
                _ => return None,
            },
        })
    }
}

/// The package's key, encrypted by a password.
struct PasswordKey {
    data: KeyData,
    spins: u32,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
    key: Vec<u8>,
}

impl PasswordKey {
    fn read(attributes: &[u8]) -> Option<Self> {
        let bytes = |name: &str| {
            let text = attribute(attributes, name).ok()??;
            let bytes = STANDARD.decode(text).ok()?;
            bytes.len().is_multiple_of(BLOCK).then_some(bytes)
        };
        let spins = attribute(attributes, "spinCount").ok()??.parse().ok()?;
        Some(Self {
            data: KeyData::read(attributes)?,
            spins: Some(spins).filter(|spins| *spins <= MOST_SPINS)?,
            verifier: bytes("encryptedVerifierHashInput")?,
            verifier_hash: bytes("encryptedVerifierHashValue")?,
            key: bytes("encryptedKeyValue")?,
        })
    }

    /// Returns the key of the package; `None` if the password is another.
    fn package_key(mut self) -> Option<Vec<u8>> {
        let KeyData {
            hash,
            salt,
            key_length,
        } = &self.data;
        let digest = hashed_password(*hash, salt, self.spins);
        let open = |purpose: &[u8], value: &mut [u8]| {
            let mut key = hash.of(&[&digest, purpose]);
            key.resize(*key_length, 0x36);
            Cipher::new(&key).map(|cipher| cipher.decrypt_chained(salt, value))
        };
        open(&FOR_VERIFIER, &mut self.verifier)?;
        open(&FOR_VERIFIER_HASH, &mut self.verifier_hash)?;
        open(&FOR_KEY, &mut self.key)?;
        let verifier = self.verifier.get(..salt.len()).unwrap_or(&self.verifier);
        let is_right = self.verifier_hash.starts_with(&hash.of(&[verifier]));
        is_right.then(|| self.key.get(..*key_length).map(<[u8]>::to_vec))?
    }
}

/// Returns the password as the bytes that are hashed.
pub(super) fn password_units() -> Vec<u8> {
    PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hashed_password(hash: Hash, salt: &[u8], spins: u32) -> Vec<u8> {
    let first = hash.of(&[salt, &password_units()]);
    (0..spins).fold(first, |digest, spin| {
        hash.of(&[&spin.to_le_bytes(), &digest])
    })
}

/// The hashes that Office names.
#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SHA1" | "SHA-1" => Self::Sha1,
            "SHA256" | "SHA-256" => Self::Sha256,
            "SHA384" | "SHA-384" => Self::Sha384,
            "SHA512" | "SHA-512" => Self::Sha512,
            _ => return None,
        })
    }

    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => digest_of::<Sha1>(parts),
            Self::Sha256 => digest_of::<Sha256>(parts),
            Self::Sha384 => digest_of::<Sha384>(parts),
            Self::Sha512 => digest_of::<Sha512>(parts),
        }
    }
}

pub(super) fn digest_of<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().to_vec()
}

/// AES with a key of one of its three lengths.
enum Cipher {
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
}

impl Cipher {
    fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Aes128(Box::new(Aes128::new_from_slice(key).ok()?)),
            24 => Self::Aes192(Box::new(Aes192::new_from_slice(key).ok()?)),
            32 => Self::Aes256(Box::new(Aes256::new_from_slice(key).ok()?)),
            _ => return None,
        })
    }

    fn decrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Block::from(block);
        match self {
            Self::Aes128(cipher) => cipher.decrypt_block(&mut block),
            Self::Aes192(cipher) => cipher.decrypt_block(&mut block),
            Self::Aes256(cipher) => cipher.decrypt_block(&mut block),
        }
        block.into()
    }

    /// Decrypts whole blocks, each alone (ECB).
    fn decrypt(&self, bytes: &mut [u8]) {
        let (blocks, _) = bytes.as_chunks_mut::<BLOCK>();
        for block in blocks {
            *block = self.decrypt_block(*block);
        }
    }

    /// Decrypts whole blocks, each together with the one before (CBC). A short initial vector is filled up.
    fn decrypt_chained(&self, vector: &[u8], bytes: &mut [u8]) {
        let mut before = [0x36; BLOCK];
        for (byte, given) in before.iter_mut().zip(vector) {
            *byte = *given;
        }
        let (blocks, _) = bytes.as_chunks_mut::<BLOCK>();
        for block in blocks {
            let encrypted = *block;
            *block = self.decrypt_block(encrypted);
            for (byte, before) in block.iter_mut().zip(before) {
                *byte ^= before;
            }
            before = encrypted;
        }
    }
}
