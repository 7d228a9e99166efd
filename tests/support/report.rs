//! A report as its reader sees it: what stands where in the HTML file.

use std::path::Path;

/// A report that was read.
pub struct ReportPage {
    /// The whole file.
    pub html: String,
}

impl ReportPage {
    /// Reads a report. Fails if it leads or loads anywhere, or holds a script.
    #[track_caller]
    pub fn read(path: &Path) -> Self {
        let html = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::of(html)
    }

    /// The same of a file that was sent.
    #[track_caller]
    pub fn of(html: String) -> Self {
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>"));
        for forbidden in [
            "<script", "<a ", "<link", "<img", "<iframe", "<form", "href=", "src=", "@import",
            "url(", "http://", "https://",
        ] {
            assert!(!html.contains(forbidden), "{forbidden} is in {html}");
        }
        Self { html }
    }

    /// The title.
    pub fn title(&self) -> String {
        text(between(&self.html, "<h1>", "</h1>"))
    }

    /// The conclusion.
    pub fn verdict(&self) -> String {
        let behind = between(&self.html, "<p class=\"verdict ", "</p>");
        text(behind.split_once('>').expect("a tag").1)
    }

    /// The fact behind a label; empty where there is none.
    pub fn fact(&self, label: &str) -> String {
        let start = format!("<dt>{label}</dt><dd>");
        if self.html.contains(&start) {
            text(between(&self.html, &start, "</dd>"))
        } else {
            String::new()
        }
    }

    /// Whether there is a section with this heading.
    pub fn has(&self, heading: &str) -> bool {
        self.html.contains(&format!("<h2>{heading}</h2>"))
    }

    /// The rows of the table below a heading, with its head.
    #[track_caller]
    pub fn table(&self, heading: &str) -> Vec<Vec<String>> {
        assert!(self.has(heading), "no {heading} in {}", self.html);
        let start = format!("<h2>{heading}</h2>");
        let section = between(&self.html, &start, "</section>");
        let table = between(section, "<table", "</table>");
        let rows = table.split("<tr").skip(1);
        rows.map(|row| {
            let cells = row.split("</t").filter(|cell| {
                let cell = cell.rsplit_once("<t").map_or("", |(_, cell)| cell);
                cell.starts_with('d') || cell.starts_with("h ") || cell.starts_with("h>")
            });
            cells
                .map(|cell| {
                    let cell = cell.rsplit_once("<t").expect("a cell").1;
                    text(cell.split_once('>').expect("a tag").1)
                })
                .collect()
        })
        .collect()
    }

    /// The text below a heading.
    #[track_caller]
    pub fn section(&self, heading: &str) -> String {
        assert!(self.has(heading), "no {heading} in {}", self.html);
        text(between(
            &self.html,
            &format!("<h2>{heading}</h2>"),
            "</section>",
        ))
    }
}

#[track_caller]
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let behind = text.split_once(start).map(|(_, behind)| behind);
    let inner = behind.and_then(|behind| behind.split_once(end));
    inner.map_or_else(
        || panic!("no {start} … {end} in {text}"),
        |(inner, _)| inner,
    )
}

/// What is seen of a piece of HTML.
fn text(html: &str) -> String {
    let mut seen = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        seen.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, behind)| behind);
        if tag.starts_with("/p") || tag.starts_with("br") {
            seen.push(' ');
        }
    }
    seen.push_str(rest);
    for (escaped, letter) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        seen = seen.replace(escaped, letter);
    }
    seen.trim().to_owned()
}
