//! The steps of the import, as a person takes them: the forms that are sent as they stand, or with some fields changed.

use std::collections::BTreeMap;

use crate::support::{PageClient, Screen};

/// Uploads a file, and waits until it is looked at.
pub fn upload(page: &PageClient, name: &str, bytes: &[u8]) -> Screen {
    page.wait(page.upload("/import", ("file", name, bytes), &[]))
}

fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[begin..].split('"').next().map(unescaped)
}

/// What the form with this action would send as it stands.
pub fn filled(screen: &Screen, action: &str) -> BTreeMap<String, String> {
    let begin = screen.text.find(&format!("action=\"{action}\""));
    let begin = begin.unwrap_or_else(|| panic!("{action}: {}", screen.text));
    let form = screen.text[begin..]
        .split("</form>")
        .next()
        .expect("a form");
    let mut fields = BTreeMap::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input")) {
        let tag = tag.split('>').next().expect("a tag");
        let kind = attribute(tag, "type").expect("a type");
        let is_box = matches!(kind.as_str(), "checkbox" | "radio");
        if let (Some(name), false) = (attribute(tag, "name"), is_box && !tag.contains(" checked")) {
            let value = attribute(tag, "value");
            fields.insert(
                name,
                value.unwrap_or_else(|| if is_box { "on" } else { "" }.to_owned()),
            );
        }
    }
    for list in form.split("<select").skip(1) {
        let list = list.split("</select>").next().expect("a list");
        let name = attribute(list.split('>').next().expect("a tag"), "name").expect("a name");
        let mut options = list.split("<option").skip(1);
        let chosen = options
            .clone()
            .find(|option| {
                option
                    .split('>')
                    .next()
                    .is_some_and(|tag| tag.contains(" selected"))
            })
            .or_else(|| options.next());
        let value = chosen.map(|option| {
            let (tag, text) = option.split_once('>').expect("a tag");
            let text = text.split('<').next().unwrap_or_default();
            attribute(tag, "value").unwrap_or_else(|| unescaped(text))
        });
        fields.insert(name, value.unwrap_or_default());
    }
    fields
}

/// Sends the form of a screen with some fields changed, and waits until what it begins is done.
pub fn send(page: &PageClient, screen: &Screen, action: &str, changed: &[(&str, &str)]) -> Screen {
    let mut fields = filled(screen, action);
    for (name, value) in changed {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    page.wait(page.post(action, &pairs))
}

/// Where the preview sends a yes.
pub fn apply_of(screen: &Screen) -> String {
    let tags = screen.text.split('<').filter(|tag| tag.starts_with("form"));
    let mut actions = tags.filter_map(|tag| attribute(tag, "action"));
    let apply = actions.find(|action| action.ends_with("/apply"));
    apply.unwrap_or_else(|| panic!("{}", screen.text))
}

/// The base of a draft's paths.
pub fn draft_of(screen: &Screen) -> String {
    let parts: Vec<&str> = screen.path.split('/').take(3).collect();
    parts.join("/")
}

/// Goes on from a screen of a draft by its main button.
pub fn go_on(page: &PageClient, screen: &Screen, step: &str, changed: &[(&str, &str)]) -> Screen {
    let action = format!("{}{step}", draft_of(screen));
    let mut fields = changed.to_vec();
    fields.push(("go", "on"));
    send(page, screen, &action, &fields)
}
