//! A real browser, where one is installed; else a test says that it was skipped.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use headless_chrome::protocol::cdp::{Emulation, Page};
use headless_chrome::{Browser, LaunchOptions, Tab};

use super::until;

/// The names by which browsers are called that speak this protocol.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// A window of a browser.
pub struct Window {
    /// The tab that is looked at.
    pub tab: Arc<Tab>,
    _browser: Browser,
}

fn program() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|paths| std::env::split_paths(&paths).collect())
        .unwrap_or_default();
    let named = |name: &str| {
        let paths = folders.iter().map(|folder| folder.join(name));
        paths.into_iter().find(|path| path.is_file())
    };
    NAMES.iter().find_map(|name| named(name))
}

impl Window {
    /// Opens a window; `None`, and a line that says so, where no browser is installed.
    pub fn open() -> Option<Self> {
        let Some(path) = program() else {
            // Printing is for tests alone; this is one of their helpers.
            let _ = writeln!(std::io::stderr(), "SKIPPED: no Chromium is installed");
            return None;
        };
        let arguments: Vec<&OsStr> = ["--no-proxy-server", "--disable-dev-shm-usage"]
            .iter()
            .map(OsStr::new)
            .collect();
        let options = LaunchOptions {
            path: Some(path),
            // Chromium's own sandbox does not work for root or in many containers.
            sandbox: false,
            args: arguments,
            idle_browser_timeout: Duration::from_secs(300),
            ..LaunchOptions::default()
        };
        let browser = Browser::new(options).expect("a browser");
        let tab = browser.new_tab().expect("a tab");
        // A question that is asked while a screen goes is never answered, and is asked again.
        tab.set_default_timeout(Duration::from_secs(3));
        Some(Self {
            tab,
            _browser: browser,
        })
    }

    /// Makes the window so wide, in pixels.
    pub fn resize(&self, width: u32) {
        self.tab
            .call_method(Emulation::SetDeviceMetricsOverride {
                width,
                height: 900,
                device_scale_factor: 1.0,
                mobile: width < 600,
                scale: None,
                screen_width: None,
                screen_height: None,
                position_x: None,
                position_y: None,
                dont_set_visible_size: None,
                screen_orientation: None,
                viewport: None,
                display_feature: None,
                device_posture: None,
            })
            .expect("resized");
    }

    /// Opens an address.
    #[track_caller]
    pub fn go(&self, address: &str) {
        // The screen that is left is marked, so that it is not taken for the new one.
        let _ = self
            .tab
            .evaluate("document.documentElement.dataset.left = 'yes'", false);
        self.tab.navigate_to(address).expect("it can be opened");
        let is_new = "document.readyState === 'complete' && !document.documentElement.dataset.left && location.protocol === 'http:'";
        until("the screen is there", || {
            let found = self.tab.evaluate(is_new, false);
            found.is_ok_and(|found| found.value == Some(true.into()))
        });
    }

    /// The value of a script's expression, as JSON.
    #[track_caller]
    pub fn value(&self, expression: &str) -> serde_json::Value {
        let value = self.tab.evaluate(expression, false).expect("a value");
        value.value.unwrap_or_default()
    }

    /// Clicks what a selector finds.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let element = self.tab.wait_for_element(selector).expect(selector);
        element.click().expect(selector);
    }

    /// Waits until the screen holds a text.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        let mut shown = String::new();
        let mut looks = 0;
        until(text, || {
            let found = self.tab.evaluate("document.body.innerText", false);
            let found = found.ok().and_then(|found| found.value);
            let its = found.as_ref().and_then(serde_json::Value::as_str);
            its.unwrap_or_default().clone_into(&mut shown);
            looks += 1;
            // The last screen says why the text has not come.
            assert!(looks < 8_000, "“{text}” is not in: {shown}");
            shown.contains(text)
        });
    }

    /// Shows screens as people see them who have chosen dark colours, or light ones.
    pub fn darken(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        self.tab
            .call_method(Emulation::SetEmulatedMedia {
                media: None,
                features: Some(vec![Emulation::MediaFeature {
                    name: "prefers-color-scheme".to_owned(),
                    value: value.to_owned(),
                }]),
            })
            .expect("changed");
    }

    /// Keeps a picture of what the window shows, as WebP.
    pub fn picture(&self, path: &Path) {
        let format = Page::CaptureScreenshotFormatOption::Webp;
        let picture = self.tab.capture_screenshot(format, Some(80), None, true);
        std::fs::write(path, picture.expect("a picture")).expect("written");
    }

    /// Keeps a picture of the whole screen, however long it is, as WebP.
    pub fn whole_picture(&self, path: &Path) {
        let height = self.value("document.documentElement.scrollHeight");
        let width = self.value("innerWidth");
        let viewport = Page::Viewport {
            x: 0.0,
            y: 0.0,
            width: width.as_f64().expect("a width"),
            height: height.as_f64().expect("a height").min(8000.0),
            scale: 1.0,
        };
        let picture = self.tab.call_method(Page::CaptureScreenshot {
            format: Some(Page::CaptureScreenshotFormatOption::Webp),
            clip: Some(viewport),
            quality: Some(80),
            from_surface: Some(true),
            capture_beyond_viewport: Some(true),
            optimize_for_speed: None,
        });
        let data = picture.expect("a picture").data;
        let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data);
        std::fs::write(path, bytes.expect("base64")).expect("written");
    }
}
