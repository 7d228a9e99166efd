//! The formats of a workbook: how each style and kind of content looks.
//!
//! Formats are made once; a cell names one by style and content. Text has Excel's text format `@`, so that an id stays
//! text even when somebody edits it. The font stays Excel's default, which every system replaces with a Chinese one
//! where needed.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};

use super::write::{CellFormat, CellStyle, NumberCode};

const GOOD_FILL: u32 = 0x00E2_F0D9;
const BAD_FILL: u32 = 0x00F8_D7DA;
const WARN_FILL: u32 = 0x00FF_F2CC;
const MUTED_TEXT: u32 = 0x0080_8080;
const HEADER_FILL: u32 = 0x00DD_E6F0;
const REQUIRED_FILL: u32 = 0x00FB_E0D0;
const REQUIRED_TEXT: u32 = 0x009C_2A00;
const LINK_TEXT: u32 = 0x0005_63C1;

const STYLES: [CellStyle; 10] = [
    CellStyle::Plain,
    CellStyle::Good,
    CellStyle::Bad,
    CellStyle::Warn,
    CellStyle::Muted,
    CellStyle::Wrapped,
    CellStyle::Header,
    CellStyle::RequiredHeader,
    CellStyle::Prose,
    CellStyle::Topped,
];

/// What cells of a format hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormatKind {
    Text,
    Number,
    Count,
    Date,
    DateTime,
    /// All digits of a long whole number.
    Digits,
    /// A time of day, or a duration.
    Clock,
}

impl From<CellFormat> for FormatKind {
    fn from(cells: CellFormat) -> Self {
        match cells {
            CellFormat::Text => Self::Text,
            CellFormat::Number => Self::Number,
            CellFormat::Count => Self::Count,
            CellFormat::Date => Self::Date,
            CellFormat::DateTime => Self::DateTime,
        }
    }
}

/// The formats of one style.
struct StyleFormats {
    style: CellStyle,
    text: Format,
    number: Format,
    count: Format,
    date: Format,
    date_time: Format,
    digits: Format,
    clock: Format,
}

/// All formats of a workbook.
pub(super) struct Formats {
    by_style: [StyleFormats; STYLES.len()],
    pub(super) link: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        let by_style = STYLES.map(|style| StyleFormats {
            style,
            text: base(style).set_num_format("@"),
            number: base(style),
            // Left, as text is: a count or date at the right edge would touch the text of the next column.
            count: base(style).set_align(FormatAlign::Left),
            date: base(style)
                .set_num_format("yyyy-mm-dd")
                .set_align(FormatAlign::Left),
            date_time: base(style)
                .set_num_format("yyyy-mm-dd hh:mm:ss")
                .set_align(FormatAlign::Left),
            digits: base(style).set_num_format("0"),
            clock: base(style).set_num_format("[h]:mm:ss"),
        });
        let link = Format::new()
            .set_font_color(Color::RGB(LINK_TEXT))
            .set_underline(FormatUnderline::Single)
            .set_align(FormatAlign::Top);
        Self { by_style, link }
    }

    pub(super) fn of(&self, style: CellStyle, kind: FormatKind) -> &Format {
        let [plain, ..] = &self.by_style;
        let mut by_style = self.by_style.iter();
        let formats = by_style.find(|formats| formats.style == style);
        let formats = formats.unwrap_or(plain);
        match kind {
            FormatKind::Text => &formats.text,
            FormatKind::Number => &formats.number,
            FormatKind::Count => &formats.count,
            FormatKind::Date => &formats.date,
            FormatKind::DateTime => &formats.date_time,
            FormatKind::Digits => &formats.digits,
            FormatKind::Clock => &formats.clock,
        }
    }
}

/// Returns what a formula adds to the look of a cell that is to be looked at.
pub(super) fn amber() -> Format {
    Format::new().set_background_color(Color::RGB(WARN_FILL))
}

/// Returns a format with the number format of a source.
pub(super) fn with_code(format: &Format, code: &NumberCode) -> Format {
    match code {
        NumberCode::BuiltIn(number) => format.clone().set_num_format_index(*number),
        NumberCode::Code(code) => format.clone().set_num_format(code),
    }
}

fn base(style: CellStyle) -> Format {
    let format = Format::new();
    let filled = |color| Format::new().set_background_color(Color::RGB(color));
    let heading = |color| {
        filled(color)
            .set_bold()
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter)
    };
    // At the top, so that the cells of a row stand in one line beside a cell of several.
    let top = |format: Format| format.set_align(FormatAlign::Top);
    match style {
        CellStyle::Plain => top(format),
        CellStyle::Good => top(filled(GOOD_FILL)).set_text_wrap(),
        CellStyle::Bad => top(filled(BAD_FILL)).set_text_wrap(),
        CellStyle::Warn => top(filled(WARN_FILL)).set_text_wrap(),
        CellStyle::Muted => top(format.set_font_color(Color::RGB(MUTED_TEXT))).set_text_wrap(),
        CellStyle::Wrapped => format.set_text_wrap().set_align(FormatAlign::Top),
        CellStyle::Header => heading(HEADER_FILL),
        CellStyle::RequiredHeader => {
            heading(REQUIRED_FILL).set_font_color(Color::RGB(REQUIRED_TEXT))
        }
        CellStyle::Topped => top(format).set_border_top(FormatBorder::Thin),
        CellStyle::Prose => format
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Hair)
            .set_border_bottom_color(Color::RGB(MUTED_TEXT)),
    }
}
