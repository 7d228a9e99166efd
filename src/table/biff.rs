//! The numbers, texts and error values in the records of XLS and XLSB.
//!
//! Reading past the end of a record is an error ([`BiffError::Cut`]), never a panic. Source: [MS-XLS] 2.5, [MS-XLSB]
//! 2.5.

use zip::result::ZipError;

use super::archive;
use super::shared_texts::TooManyTexts;
use crate::model::Fact;

/// Why a part cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BiffError {
    #[error("a record is cut off")]
    Cut,
    #[error("a record claims an impossible length")]
    Length,
    #[error("a text is no UTF-16")]
    Text,
    #[error("the workbook has too many cell styles")]
    Styles,
    #[error("{0}")]
    Texts(#[from] TooManyTexts),
    #[error("a cell names a shared text that is not there")]
    Shared,
    #[error("{0}")]
    Zip(#[from] ZipError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl BiffError {
    /// Returns what is wrong, in words that can be said in either language where they are known.
    pub(super) fn why(&self) -> Fact {
        match self {
            Self::Zip(error) => archive::why(error),
            Self::Io(error) => archive::why_unread(error),
            other => other.to_string().into(),
        }
    }
}

/// Returns an unsigned 16-bit number at an offset.
pub(super) fn short(data: &[u8], at: usize) -> Result<u16, BiffError> {
    let bytes = data.get(at..at + 2).ok_or(BiffError::Cut)?;
    Ok(u16::from_le_bytes(
        bytes.try_into().map_err(|_| BiffError::Cut)?,
    ))
}

/// Returns an unsigned 32-bit number at an offset.
pub(super) fn long(data: &[u8], at: usize) -> Result<u32, BiffError> {
    let bytes = data.get(at..at + 4).ok_or(BiffError::Cut)?;
    Ok(u32::from_le_bytes(
        bytes.try_into().map_err(|_| BiffError::Cut)?,
    ))
}

/// Returns a floating-point number at an offset.
pub(super) fn double(data: &[u8], at: usize) -> Result<f64, BiffError> {
    let bytes = data.get(at..at + 8).ok_or(BiffError::Cut)?;
    Ok(f64::from_le_bytes(
        bytes.try_into().map_err(|_| BiffError::Cut)?,
    ))
}

/// Returns an RK number: 30 bits that hold an integer or the upper bits of a double, perhaps in hundredths.
pub(super) fn rk(raw: u32) -> f64 {
    let is_hundredths = raw & 1 != 0;
    let value = if raw & 2 != 0 {
        f64::from(raw as i32 >> 2)
    } else {
        f64::from_bits(u64::from(raw & 0xFFFF_FFFC) << 32)
    };
    if is_hundredths { value / 100.0 } else { value }
}

/// Returns a text whose length in UTF-16 units stands before it, and how many bytes length and text take.
pub(super) fn wide_string(data: &[u8]) -> Result<(String, usize), BiffError> {
    let units = long(data, 0)? as usize;
    let end = units
        .checked_mul(2)
        .and_then(|bytes| bytes.checked_add(4))
        .ok_or(BiffError::Cut)?;
    let bytes = data.get(4..end).ok_or(BiffError::Cut)?;
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
        .collect();
    let text = String::from_utf16(&units).map_err(|_| BiffError::Text)?;
    Ok((text, end))
}

/// Returns the text of an error value by its code. A code that is not known is shown as a number, because newer
/// programs have further codes.
pub(super) fn error_text(code: u8) -> String {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        _ => return format!("#ERROR {code}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_in_thirty_bits() {
        for (raw, expected) in [
            (0x3FF0_0000, 1.0),
            ((571 << 2) | 2, 571.0),
            ((15 << 2) | 3, 0.15),
            (((-5_i32 << 2) | 2) as u32, -5.0),
        ] {
            assert!((rk(raw) - expected).abs() < f64::EPSILON, "{raw:x}");
        }
    }

    #[test]
    fn what_is_cut_off_is_said() {
        assert!(long(&[1, 2, 3], 0).is_err());
        assert!(wide_string(&[2, 0, 0, 0, 65, 0]).is_err());
        assert!(wide_string(&[0xFF, 0xFF, 0xFF, 0xFF]).is_err());
        assert_eq!(
            wide_string(&[1, 0, 0, 0, 65, 0]).unwrap(),
            ("A".to_owned(), 6)
        );
    }
}
