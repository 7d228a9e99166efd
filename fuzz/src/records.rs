//! Mutations that keep the records of a stream whole: one changes the bytes of a record, adds, drops or moves one, and
//! then writes all lengths and starts of sheets anew. Bytes that are mutated at random seldom leave a second record.

use fastrand::Rng;
use libfuzzer_sys::fuzzer_mutate;

use crate::parts;

/// A record: its number and its bytes.
type Record = (u16, Vec<u8>);

/// How the records of a format are written.
#[derive(Clone, Copy)]
pub enum Framing {
    /// XLS: number and length take two bytes each.
    Fixed,
    /// XLSB: number and length take seven bits of each byte.
    Variable,
}

/// The number of the record that begins a part of an XLS stream.
const BEGIN: u16 = 0x809;
/// The number of the record that announces a sheet of an XLS stream.
const SHEET: u16 = 0x85;

/// Records that are added: those that the readers know.
const XLS_NUMBERS: &[u16] = &[
    0x06, 0x0A, 0x22, 0x2F, 0x3C, 0x42, 0x5E, 0x85, 0xBC, 0xBD, 0xD6, 0xE0, 0xE1, 0xE5, 0xFC, 0xFD,
    0x138, 0x194, 0x195, 0x196, 0x1C1, 0x203, 0x204, 0x205, 0x207, 0x208, 0x221, 0x236, 0x23E,
    0x27E, 0x41E, 0x4BC, 0x809,
];
const XLSB_NUMBERS: &[u16] = &[
    0x00, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x13, 0x2C, 0x2F, 0x3E, 0x91,
    0x92, 0x99, 0x9C, 0x9D, 0xB0, 0x269, 0x26A,
];

/// Mutates an input that is one stream of XLS records.
pub fn mutate_stream(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut rng = Rng::with_seed(seed.into());
    if rng.u8(..8) == 0 {
        return fuzzer_mutate(data, size, most);
    }
    let mut records = split(&data[..size], Framing::Fixed);
    mutate_one(&mut records, XLS_NUMBERS, &mut rng);
    if rng.u8(..8) != 0 {
        announce_sheets(&mut records);
    }
    put(data, most, &write(&records, Framing::Fixed))
}

/// Mutates an input of parts, of which those whose name ends in `.bin` hold records.
pub fn mutate_parts(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut rng = Rng::with_seed(seed.into());
    if rng.u8(..8) == 0 {
        return fuzzer_mutate(data, size, most);
    }
    let mut parts: Vec<(String, Vec<u8>)> = parts::parts(&data[..size])
        .into_iter()
        .map(|(name, content)| (name, content.to_vec()))
        .collect();
    if parts.is_empty() {
        return fuzzer_mutate(data, size, most);
    }
    let chosen = rng.usize(..parts.len());
    let (name, content) = &mut parts[chosen];
    if name.ends_with(".bin") {
        let mut records = split(content, Framing::Variable);
        mutate_one(&mut records, XLSB_NUMBERS, &mut rng);
        *content = write(&records, Framing::Variable);
    } else {
        mutate_bytes(content);
    }
    let parts = parts
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()));
    let input = parts::joined(parts);
    put(data, most, &input)
}

fn put(data: &mut [u8], most: usize, input: &[u8]) -> usize {
    let size = input.len().min(most).min(data.len());
    data[..size].copy_from_slice(&input[..size]);
    size
}

fn mutate_bytes(content: &mut Vec<u8>) {
    let size = content.len();
    let most = size + 64;
    content.resize(most, 0);
    let size = fuzzer_mutate(content, size, most);
    content.truncate(size);
}

fn mutate_one(records: &mut Vec<Record>, numbers: &[u16], rng: &mut Rng) {
    if records.is_empty() {
        records.push((
            numbers[rng.usize(..numbers.len())],
            vec![0; rng.usize(..32)],
        ));
        return;
    }
    let at = rng.usize(..records.len());
    let other = rng.usize(..records.len());
    match rng.u8(..16) {
        0 => {
            records.remove(at);
        }
        1 => records.insert(other, records[at].clone()),
        2 => records.swap(at, other),
        3 => records[at].0 = numbers[rng.usize(..numbers.len())],
        4 => {
            let mut data: Vec<u8> = (0..rng.usize(..40)).map(|_| rng.u8(..)).collect();
            // Rows and columns of real cells are small.
            data.iter_mut().take(4).for_each(|byte| *byte &= 3);
            records.insert(at, (numbers[rng.usize(..numbers.len())], data));
        }
        5 => {
            // A record that is too long goes on in the next one.
            let cut = rng.usize(..=records[at].1.len());
            let rest = records[at].1.split_off(cut);
            records.insert(at + 1, (0x3C, rest));
        }
        6 => {
            // A cell moves to another place.
            let data = &mut records[at].1;
            data.iter_mut().take(4).for_each(|byte| *byte = rng.u8(..4));
        }
        _ => mutate_bytes(&mut records[at].1),
    }
}

/// Has the records that announce sheets name the places at which sheets begin.
fn announce_sheets(records: &mut [Record]) {
    let mut starts = Vec::new();
    let mut at = 0;
    for (number, data) in records.iter() {
        if *number == BEGIN {
            starts.push(at as u32);
        }
        at += 4 + data.len().min(usize::from(u16::MAX));
    }
    let mut starts = starts.into_iter().skip(1);
    for (_, data) in records.iter_mut().filter(|(number, _)| *number == SHEET) {
        let (Some(start), Some(place)) = (starts.next(), data.get_mut(..4)) else {
            return;
        };
        place.copy_from_slice(&start.to_le_bytes());
    }
}

/// Returns the records of a stream; what is no whole record at its end is one.
fn split(mut stream: &[u8], framing: Framing) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some((number, length)) = head(&mut stream, framing) {
        let (data, rest) = stream.split_at(length.min(stream.len()));
        records.push((number, data.to_vec()));
        stream = rest;
    }
    records
}

fn head(stream: &mut &[u8], framing: Framing) -> Option<(u16, usize)> {
    match framing {
        Framing::Fixed => {
            let (head, rest) = stream.split_first_chunk::<4>()?;
            let [a, b, c, d] = *head;
            *stream = rest;
            Some((
                u16::from_le_bytes([a, b]),
                usize::from(u16::from_le_bytes([c, d])),
            ))
        }
        Framing::Variable => {
            let mut byte = || {
                let (first, rest) = stream.split_first()?;
                *stream = rest;
                Some(*first)
            };
            let mut number = u16::from(byte()?);
            if number & 0x80 != 0 {
                number = number & 0x7F | u16::from(byte()? & 0x7F) << 7;
            }
            let mut length = 0;
            for shift in [0, 7, 14, 21] {
                let next = byte()?;
                length |= usize::from(next & 0x7F) << shift;
                if next & 0x80 == 0 {
                    break;
                }
            }
            Some((number, length))
        }
    }
}

fn write(records: &[Record], framing: Framing) -> Vec<u8> {
    let mut stream = Vec::new();
    for (number, data) in records {
        let data = &data[..data.len().min(usize::from(u16::MAX))];
        match framing {
            Framing::Fixed => {
                stream.extend(number.to_le_bytes());
                stream.extend((data.len() as u16).to_le_bytes());
            }
            Framing::Variable => {
                if *number < 0x80 {
                    stream.push(*number as u8);
                } else {
                    stream.extend([*number as u8 | 0x80, (number >> 7) as u8 & 0x7F]);
                }
                let mut length = data.len();
                while length >= 0x80 {
                    stream.push(length as u8 | 0x80);
                    length >>= 7;
                }
                stream.push(length as u8);
            }
        }
        stream.extend(data);
    }
    stream
}
