//! Chinese text in UTF-8 that another program read in the wrong encoding and saved so: 浙江 is then 娴欐睙 in GBK, and
//! æµ™æ±Ÿ in Windows-1252.
//!
//! Only what is sure counts. A letter of Chinese has three bytes in UTF-8, the first of them E4 to E9. Nobody writes a
//! whole text of letters that happen to have such bytes, although each of them may stand in a name (濮, 瑾, 璐).

use std::sync::OnceLock;

use encoding_rs::{GBK, WINDOWS_1252};

use super::visible::is_ideograph;

/// Returns whether a text is Chinese in UTF-8 that was read as GBK or as Windows-1252. Letters that cannot be shown may
/// have been lost on the way.
pub fn is_misread(text: &str) -> bool {
    let bytes = text.as_bytes();
    let first = bytes.iter().position(|byte| !byte.is_ascii());
    let first = first.and_then(|at| text.get(at..)?.chars().next());
    // Of hardly any other text the first letter is one of these.
    match first {
        Some('ä'..='é') => is_read_as_latin(text),
        Some(letter) if is_ideograph(letter) => may_begin(letter) && is_read_as_gbk(text),
        _ => false,
    }
}

/// Returns whether a byte begins a letter of three bytes: one of Chinese, or a sign among them.
fn is_first_byte(byte: u8) -> bool {
    matches!(byte, 0xe2..=0xef)
}

fn is_later_byte(byte: u8) -> bool {
    matches!(byte, 0x80..=0xbf)
}

/// Returns whether a letter in GBK is the first two bytes of a letter in UTF-8.
fn may_begin(letter: char) -> bool {
    static LETTERS: OnceLock<Vec<char>> = OnceLock::new();
    let letters = LETTERS.get_or_init(|| {
        let firsts = 0xe4..=0xe9_u8;
        let pairs = firsts.flat_map(|first| (0x80..=0xbf_u8).map(move |later| [first, later]));
        let decoded = pairs.filter_map(|pair| {
            let text = GBK.decode_without_bom_handling_and_without_replacement(&pair)?;
            text.chars().next()
        });
        let mut letters: Vec<char> = decoded.collect();
        letters.sort_unstable();
        letters
    });
    letters.binary_search(&letter).is_ok()
}

/// Returns whether the letters of a text, in GBK, are letters in UTF-8. Bytes are missing where two of them made no letter
/// that can be shown: between the first two bytes of one letter and the last two of the next.
fn is_read_as_gbk(text: &str) -> bool {
    let mut bytes = Vec::with_capacity(text.len());
    let mut count = 0;
    for letter in text.chars() {
        let mut buffer = [0; 4];
        let (encoded, _, is_lossy) = GBK.encode(letter.encode_utf8(&mut buffer));
        if is_lossy || encoded.len() > 2 {
            return false;
        }
        if let [lead, trail] = *encoded {
            let is_pair_of_ends = is_later_byte(lead) && is_later_byte(trail);
            if is_pair_of_ends && is_open(&bytes) {
                bytes.extend(LOST);
            }
            count += 1;
        }
        bytes.extend_from_slice(&encoded);
    }
    let Some(letters) = letters_of(&bytes) else {
        return false;
    };
    let common = letters.iter().filter(|letter| is_common(**letter)).count();
    // Where bytes are missing nothing tells which letters these were.
    let is_whole = letters.len() * 3 >= bytes.iter().filter(|byte| !byte.is_ascii()).count();
    if is_whole {
        count >= 3 && letters.len() >= 2 && common * 2 >= letters.len() && common >= 2
    } else {
        count >= 4
    }
}

/// Two bytes that were lost: the last of a letter, and the first of the next.
const LOST: [u8; 2] = [0x80, 0xff];

/// Returns whether bytes end with the first two of a letter.
fn is_open(bytes: &[u8]) -> bool {
    matches!(bytes, [.., first, later] if is_first_byte(*first) && is_later_byte(*later))
}

/// Returns the letters of Chinese that bytes are in UTF-8, as far as they are known; `None` if anything else but ASCII is
/// among them. The last byte of a letter may be lost at the end, and before a sign.
fn letters_of(bytes: &[u8]) -> Option<Vec<char>> {
    let mut letters = Vec::new();
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if first.is_ascii() {
            continue;
        }
        let is_known = is_first_byte(*first);
        if !is_known && *first != LOST[1] {
            return None;
        }
        rest = match behind {
            [one, other, behind @ ..] if is_later_byte(*one) && is_later_byte(*other) => {
                let text = [*first, *one, *other];
                let is_next_lost = behind.first() == Some(&LOST[1]);
                let letter = std::str::from_utf8(&text)
                    .ok()
                    .and_then(|text| text.chars().next());
                let letter = letter.filter(|_| is_known && !is_next_lost);
                letters.extend(letter);
                behind
            }
            [one] if is_later_byte(*one) => &[],
            [one, sign, ..] if is_later_byte(*one) && sign.is_ascii() => behind.get(1..)?,
            [] => &[],
            _ => return None,
        };
    }
    Some(letters)
}

/// Returns whether a letter is one of the 3755 most common ones, which stand first in GB 2312.
fn is_common(letter: char) -> bool {
    let mut buffer = [0; 4];
    let (encoded, ..) = GBK.encode(letter.encode_utf8(&mut buffer));
    matches!(*encoded, [0xb0..=0xd7, 0xa1..=0xfe])
}

/// Returns whether letters of a text, in Windows-1252, are letters in UTF-8. A first byte is never the end of a word, as é
/// is; and none but signs follow it.
fn is_read_as_latin(text: &str) -> bool {
    let (encoded, _, is_lossy) = WINDOWS_1252.encode(text);
    if is_lossy {
        return false;
    }
    if let Ok(read) = std::str::from_utf8(&encoded) {
        return read.chars().any(is_ideograph);
    }
    let mut pairs = 0;
    let mut before = b' ';
    for (byte, behind) in encoded.iter().zip(encoded.iter().skip(1)) {
        if matches!(byte, 0xe4..=0xe9) && is_later_byte(*behind) {
            if before.is_ascii_alphabetic() {
                return false;
            }
            pairs += 1;
        }
        before = *byte;
    }
    pairs >= 2
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::*;

    const TEXTS: &[&str] = &[
        "杭州公司",
        "杭州市",
        "北京",
        "张三有限公司",
        "浙江大学",
        "上海某某（中国）科技有限公司",
        "A-甲公司 3 号",
        "客户：张三，李四",
    ];

    #[test]
    fn chinese_that_was_read_in_a_wrong_encoding_is_seen() {
        for text in TEXTS {
            for encoding in [GB18030, GBK, WINDOWS_1252] {
                let (read, _) = encoding.decode_without_bom_handling(text.as_bytes());
                // What cannot be shown is often lost, or a question mark.
                let asked = read.replace('\u{fffd}', "?");
                assert!(is_misread(&asked), "{text} {asked}");
            }
        }
        for text in ["鏉窞鍏徃", "ææ¥å¬å¸", "æ\u{ad}å·ž"] {
            assert!(is_misread(text), "{text}");
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗\
                        凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁\
                        毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊\
                        胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮\
                        羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜\
                        黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈\
                        燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越\
                        夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公";
        let given =
            "瑾璐璇璨娅妍婷嫣杞浣潇瑞宝华建海静凯俊风哥北本超金国伟芳娜敏强磊洋艳勇军杰涛明辉";
        for one in surnames.chars().filter(|letter| is_ideograph(*letter)) {
            for two in given.chars() {
                for text in [
                    format!("{one}{two}"),
                    format!("{one}{two}{two}"),
                    format!("{one}{two}华"),
                ] {
                    assert!(!is_misread(&text), "{text}");
                }
            }
            for text in [
                format!("{one}氏集团有限公司"),
                format!("{one}总"),
                one.to_string(),
            ] {
                assert!(!is_misread(&text), "{text}");
            }
        }
        for text in [
            "",
            "Zoë Åström",
            "élan",
            "«é» et «è»",
            "Café» thé»",
            "ärzte – öl",
            "濮阳市",
            "濮风华",
            "瑾北璇宝科技",
            "浣熊科技有限公司",
            "璐璐",
            "妍宝",
            "13800138000",
            "鏉",
        ] {
            assert!(!is_misread(text), "{text}");
        }
    }
}
