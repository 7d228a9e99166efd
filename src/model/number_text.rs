//! A number of a spreadsheet as text, as Excel's General shows it in a wide column: 15 significant digits, and neither a
//! decimal point nor an exponent where the number is whole.

/// Excel writes smaller numbers with an exponent, whatever the width of the column.
const TINY: f64 = 1e-9;

/// Returns a finite number below 10¹⁵ as text: 0.1 + 0.2 is `0.3`.
pub fn number_text(value: f64) -> String {
    if value.fract() == 0.0 {
        (value as i64).to_string()
    } else {
        decimal(value)
    }
}

fn decimal(value: f64) -> String {
    if value.abs() >= TINY {
        let shortest = value.to_string();
        let digits = shortest.bytes().filter(u8::is_ascii_digit).count();
        let leading_zeros = shortest
            .bytes()
            .take_while(|byte| !matches!(byte, b'1'..=b'9'))
            .filter(|byte| *byte == b'0')
            .count();
        if digits - leading_zeros <= 15 {
            return shortest;
        }
    }
    let scientific = format!("{value:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    if value.abs() < TINY {
        return format!("{mantissa}E{exponent}");
    }
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let sign = if value < 0.0 { "-" } else { "" };
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole_digits = exponent as usize + 1;
    if digits.len() <= whole_digits {
        return format!("{sign}{digits}{}", "0".repeat(whole_digits - digits.len()));
    }
    let (whole, fraction) = digits.split_at(whole_digits);
    format!("{sign}{whole}.{fraction}")
}
