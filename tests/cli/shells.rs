//! What is made for shells and manuals: completions and manual pages, of the same texts as the help.

use crate::support::Scene;

#[test]
fn completions_know_commands_flags_and_words_in_the_language_of_the_run() {
    let scene = Scene::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        for (lang, about) in [("en", "Take a job back"), ("zh", "撤销")] {
            let run = scene
                .ferry(&format!("completions {shell} --lang {lang}"))
                .exits(0);
            let script = &run.stdout;
            for word in ["import", "completions", "on-match"] {
                assert!(script.contains(word), "{shell} {lang}: {word}");
            }
            // The others complete no values.
            if ["bash", "fish", "zsh"].contains(&shell) {
                assert!(script.contains("skip"), "{shell} {lang}");
            }
            // Bash shows no explanations.
            let is_said = script.contains(about);
            assert_eq!(is_said, shell != "bash", "{shell} {lang}: {about}");
        }
    }
    scene.ferry("completions csh").exits(2);
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let scene = Scene::new();
    let page = scene.ferry("man --lang en").exits(0).stdout;
    assert!(page.contains(".TH ferry 1"), "{page}");
    assert!(page.contains(".SH OPTIONS"), "{page}");
    let page = scene.ferry("man --lang zh").exits(0).stdout;
    assert!(
        page.contains(".SH 名称") && page.contains(".SH 命令"),
        "{page}"
    );
    assert!(!page.contains(".SH NAME"), "{page}");
    scene.ferry("man --dir pages --lang zh").exits(0);
    for command in ["ferry", "ferry-import", "ferry-man", "ferry-export"] {
        let text = std::fs::read_to_string(scene.path(&format!("pages/{command}.1")));
        let text = text.expect(command);
        assert!(text.contains(".SH 选项"), "{command}: {text}");
    }
    assert!(!scene.path("pages/ferry-help.1").exists());
    scene.write("file", "");
    let run = scene.ferry("man --dir file").exits(1);
    assert!(run.stderr.contains("file"), "{}", run.stderr);
}
