//! https: what is wrong with a certificate is named, and a company's own authority can be trusted.

use crate::support::{Canned, Output, Scene, fixture};

fn no_fields(_path: &str) -> Vec<u8> {
    br#"{"success":true,"code":"200","message":"ok","data":[]}"#.to_vec()
}

/// `ferry fields` of a server, with one more line in the profile and one more variable.
fn fields(base_url: &str, line: &str, variable: Option<(&str, &str)>) -> Output {
    let scene = Scene::new();
    let profile = format!(
        "[profiles.a]\nbase_url = \"{base_url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n{line}\n"
    );
    scene.write("ferry.toml", profile);
    std::fs::copy(fixture("tls").join("ca.pem"), scene.path("ca.pem")).expect("a certificate");
    let mut command = scene.command("fields");
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    Output::of(command)
}

#[test]
fn a_company_s_own_authority_is_trusted_when_it_is_named() {
    let server = Canned::secure("server", no_fields);
    let url = server.secure_url();
    let said = fields(&url, "", None).exits(5).says("[E210]");
    let said = said.says("nobody whom this computer trusts has issued it");
    assert!(
        said.stderr.contains("ca_file") && said.stderr.contains("SSL_CERT_FILE"),
        "{}",
        said.stderr
    );
    fields(&url, "ca_file = \"ca.pem\"", None).exits(0);
    if cfg!(target_os = "linux") {
        let file = fixture("tls").join("ca.pem");
        let file = file.to_str().expect("text");
        fields(&url, "", Some(("SSL_CERT_FILE", file))).exits(0);
        // A small image of a container, or a new Debian, comes without any.
        fields(&url, "", Some(("SSL_CERT_FILE", "/dev/null")))
            .exits(2)
            .says("install the package ca-certificates");
    }
    fields(&url, "ca_file = \"gone.pem\"", None)
        .exits(2)
        .says("gone.pem");
    fields(&url, "ca_file = \"ferry.toml\"", None)
        .exits(2)
        .says("ca_file");
}

#[test]
fn what_is_wrong_with_a_certificate_is_named() {
    for (name, words) in [
        ("expired", "it has expired"),
        // Windows does not tell it from one that has expired.
        ("early", "is not valid yet"),
        ("other", "it was issued for another name: crm.example.com"),
    ] {
        let server = Canned::secure(name, no_fields);
        let said = fields(&server.secure_url(), "ca_file = \"ca.pem\"", None);
        said.exits(5).says("[E210]").says(words);
        assert_eq!(server.calls(), 0, "{name}");
    }
}

#[test]
fn https_to_a_plain_port_and_http_to_a_secure_one_are_told_apart() {
    let plain = Scene::new();
    let url = plain.crm.base_url().replace("http://", "https://");
    let said = fields(&url, "", None).exits(5).says("[E211]");
    assert!(said.stderr.contains("http://"), "{}", said.stderr);
    // A server that hangs up at once may have been restarted: it is asked again for a while.
    let rude = Canned::start(no_fields);
    let said = fields(&rude.secure_url(), "max_outage = \"1s\"", None);
    said.exits(5).says("speaks no TLS there");
    let secure = Canned::secure("server", no_fields);
    let said = fields(&secure.base_url(), "timeout = \"2s\"", None)
        .exits(5)
        .says("[E212]");
    assert!(said.stderr.contains("https://"), "{}", said.stderr);
}
