//! Owners by name: what the owners file and complete exports have shown is known, and nothing is guessed.

use serde_json::{Value, json};

use crate::support::{Scene, Table};

/// A profile with an owners file.
fn profile(scene: &Scene, file: &str) {
    scene.write("owners.csv", file);
    scene.write(
        "my.toml",
        format!(
            "[profiles.main]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nowners = \"owners.csv\"\n",
            scene.crm.base_url()
        ),
    );
}

fn owned(scene: &Scene, name: &str, owner: &str) {
    let customer = json!({"customerName": name, "owner": owner});
    scene.crm.insert(customer.as_object().cloned().unwrap());
}

/// The owners that `ferry fields` lists.
fn known(scene: &Scene) -> Vec<Value> {
    let said = scene.ferry("fields --json").exits(0).json();
    said["owners"].as_array().cloned().unwrap()
}

/// The owner of the customer of this name.
fn owner_of(scene: &Scene, name: &str) -> Value {
    let stored = scene.stored();
    let customer = stored.iter().find(|one| one["customerName"] == name);
    customer.unwrap()["owner"].clone()
}

fn list(scene: &Scene, name: &str, rows: &[&[&str]]) {
    scene.save(name, &Table::of(&["客户名称", "负责人"], rows));
}

#[test]
fn names_beside_ids_in_a_complete_export_are_remembered() {
    let scene = Scene::new();
    profile(
        &scene,
        "姓名,ID\n王芳,8310\n李雷,8311\n赵六,8313\n赵六,8314\n",
    );
    owned(&scene, "甲", "8310");
    owned(&scene, "乙", "8310");
    owned(&scene, "丙", "8399");
    // Neither a part of the list nor an export that is cut short teaches anything.
    let line = "export --config my.toml -o";
    scene
        .ferry(&format!("{line} part.csv --where 负责人=王芳"))
        .exits(0);
    assert_eq!(known(&scene), Vec::<Value>::new());
    scene.ferry(&format!("{line} all.csv")).exits(0);

    // Without the profile, and with it: who is known, and where from.
    let seen = known(&scene);
    let of = |id: &str| seen.iter().find(|one| one["id"] == id).unwrap().clone();
    let shown = json!({"id": "8310", "name": "王芳", "customers": 2, "from": "export"});
    assert_eq!(of("8310"), shown);
    assert_eq!(
        (&of("8399")["name"], &of("8399")["customers"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(of("8311")["customers"], 0);
    scene
        .ferry("fields")
        .exits(0)
        .prints("5 owners are known")
        .prints("王芳")
        .prints("2 customers")
        .prints("export of ")
        .prints("(name not known)");
    scene
        .ferry("fields --config my.toml")
        .exits(0)
        .prints("owners.csv");
    scene.ferry("fields -o fields.xlsx").exits(0);
    let sheet = Table::read_sheet(&scene.path("fields.xlsx"), 1);
    assert_eq!(
        (sheet.cell(0, "id"), sheet.cell(0, "name")),
        ("8310", "王芳")
    );

    // A name with one id is taken, one with two is not, and one that nobody knows is no id.
    list(
        &scene,
        "list.csv",
        &[
            &["丁", "王芳"],
            &["戊", "赵六"],
            &["己", "韩梅梅"],
            &["庚", "8399"],
        ],
    );
    for command in ["check", "import"] {
        let run = scene.ferry(&format!("{command} list.csv --lang en"));
        run.says("[E441]")
            .says("8313, 8314")
            .says("[E413]")
            .says("[E476]");
    }
    assert_eq!(
        (owner_of(&scene, "丁"), owner_of(&scene, "庚")),
        (json!("8310"), json!("8399"))
    );
    assert!(!scene.names().contains_key("戊"));

    // `map` fills them in; the mapping then speaks alone.
    scene.ferry("map list.csv -o m.toml").exits(0);
    let text = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    assert!(text.contains("\"王芳\" = \"8310\""), "{text}");
    assert!(text.contains("\"赵六\" = \"?\""), "{text}");
    list(&scene, "own.csv", &[&["辛", "王芳"]]);
    scene.write("own.toml", "[owner_ids]\n\"王芳\" = \"8320\"\n");
    let run = scene.ferry("import own.csv --map own.toml").exits(0);
    assert!(!run.stderr.contains("E476"), "{}", run.stderr);
    assert_eq!(owner_of(&scene, "辛"), "8320");
}

#[test]
fn the_newest_export_and_the_owners_file_go_before() {
    let scene = Scene::new();
    profile(&scene, "姓名,ID\n王芳,8310\n李雷,8311\n");
    owned(&scene, "甲", "8310");
    scene.ferry("export --config my.toml -o one.csv").exits(0);
    profile(&scene, "姓名,ID\n王小芳,8310\n李雷,8311\n");
    scene.ferry("export --config my.toml -o two.csv").exits(0);
    // An id has one name, its last. An export without names leaves them.
    scene.ferry("export -o three.csv").exits(0);
    list(&scene, "list.csv", &[&["丁", "王芳"], &["戊", "王小芳"]]);
    let sheet = scene.ferry("import list.csv --json").exits(4).sheet();
    assert_eq!(sheet.column("_status"), ["invalid", "ok"]);
    assert_eq!(owner_of(&scene, "戊"), "8310");

    // The file says that 李雷 is somebody else by now, and names 8310 by a name of its own.
    profile(&scene, "姓名,ID\n芳芳,8310\n李雷,8312\n");
    list(
        &scene,
        "more.csv",
        &[&["己", "李雷"], &["庚", "王小芳"], &["辛", "芳芳"]],
    );
    let sheet = scene
        .ferry("import more.csv --config my.toml --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_status"), ["ok", "invalid", "ok"]);
    assert_eq!(owner_of(&scene, "己"), "8312");
    // Names that exports have shown are no mapping: the sheet comes back without one, wherever it is.
    scene.ferry("import list.csv -o r.xlsx").exits(4);
    let run = scene.ferry("check r.xlsx --lang en").exits(3);
    assert!(!run.stderr.contains("E358"), "{}", run.stderr);
    let run = scene.ferry("check r.xlsx --state-dir elsewhere --lang en");
    assert!(!run.stderr.contains("E356"), "{}", run.stderr);
}

#[test]
fn a_reset_sandbox_knows_no_owners() {
    let scene = Scene::new();
    list(&scene, "list.csv", &[&["甲", "8310"]]);
    scene.ferry("import list.csv --sandbox").exits(0);
    scene.ferry("export -o all.csv --sandbox").exits(0);
    let owners = || scene.ferry("fields --json --sandbox").exits(0).json()["owners"].clone();
    assert_eq!(owners()[0]["id"], "8310");
    // Each account has its own.
    assert_eq!(known(&scene), Vec::<Value>::new());
    scene.ferry("sandbox --reset --yes").exits(0);
    assert_eq!(owners(), json!([]));
}

/// An id without a name can still be chosen where a mapping asks for it.
#[test]
fn a_mapping_workbook_offers_the_known_owners_with_and_without_a_name() {
    let scene = Scene::new();
    profile(&scene, "姓名,ID\n王芳,8310\n");
    owned(&scene, "甲", "8310");
    owned(&scene, "乙", "8399");
    scene.ferry("export --config my.toml -o all.csv").exits(0);
    list(&scene, "t.csv", &[&["丙", "赵六"]]);
    scene
        .ferry("map t.csv --config my.toml -o t.map.xlsx")
        .exits(0);
    // Behind the guide and the five sheets of the mapping.
    let words = Table::read_sheet(&scene.path("t.map.xlsx"), 6);
    let offered = words.column("_owners");
    for owner in ["8310 王芳", "8399", "(blank)"] {
        assert!(offered.contains(&owner), "{offered:?}");
    }
}

/// Where a person reads changes, owners have their names beside their ids; programs are given the ids.
#[test]
fn changes_name_owners_beside_their_ids() {
    let scene = Scene::new();
    profile(&scene, "姓名,ID\n王芳,8310\n");
    owned(&scene, "甲", "8310");
    owned(&scene, "乙", "8311");
    let ids = ["甲", "乙"].map(|name| scene.id_of(name));
    let table = Table::of(
        &["_id", "负责人"],
        &[&[&ids[0], "8311"], &[&ids[1], "8310"]],
    );
    scene.save("t.xlsx", &table);
    scene.write("owners2.csv", "姓名,ID\n王芳,8310\n李雷,8311\n");
    scene.write(
        "known.toml",
        std::fs::read_to_string(scene.path("my.toml"))
            .expect("a profile")
            .replace("owners.csv", "owners2.csv"),
    );
    let plan = scene
        .ferry("plan t.xlsx --config my.toml -o p.xlsx")
        .exits(0)
        .says("王芳 (8310) → 8311")
        .says("8311 → 王芳 (8310)");
    drop(plan);
    let preview = Table::read(&scene.path("p.xlsx"));
    assert_eq!(preview.cell(0, "负责人"), "王芳 (8310) → 8311");
    assert_eq!(preview.cell(0, "_changes"), "负责人: 王芳 (8310) → 8311");
    let get = format!("get {} --config my.toml", ids[0]);
    scene.ferry(&get).exits(0).prints("负责人: 王芳 (8310)");
    let json = scene.ferry(&format!("{get} --json")).exits(0).json();
    assert_eq!(json["customers"][0]["owner"], "8310");

    // What an export with another owners file has shown is known without one.
    scene
        .ferry("export --config known.toml -o all.csv")
        .exits(0);
    scene
        .ferry(&format!("get {} --lang zh", ids[1]))
        .exits(0)
        .prints("负责人: 李雷（8311）");
    let job = scene.ferry("import t.xlsx --json").exits(0).json();
    let job = job["job"].as_str().expect("a job");
    scene
        .ferry(&format!("undo {job} --dry-run -o u.xlsx"))
        .exits(0)
        .says("李雷 (8311) → 王芳 (8310)");
    let undo = Table::read(&scene.path("u.xlsx"));
    assert_eq!(undo.cell(0, "负责人"), "李雷 (8311) → 王芳 (8310)");
    scene.ferry("export -o again.csv").exits(0);
    let again = Table::read(&scene.path("again.csv"));
    let mut names = again.column("_负责人");
    names.sort_unstable();
    assert_eq!(names, ["李雷", "王芳"]);
}

/// A customer that a key finds keeps its owner; that is said, because the row may be without any other change.
#[test]
fn an_owner_that_a_key_match_keeps_is_said_once() {
    let scene = Scene::new();
    owned(&scene, "甲", "8310");
    owned(&scene, "乙", "8311");
    owned(&scene, "丙", "");
    list(
        &scene,
        "t.xlsx",
        &[&["甲", "8311"], &["乙", "8311"], &["丙", "8311"]],
    );
    let line = "plan t.xlsx --key 客户名称";
    scene
        .ferry(line)
        .exits(0)
        .says("1 row names another owner than the customer")
        .says("2 unchanged")
        .says("[E478]");
    let filled = scene.ferry(&format!("{line} --on-match fill")).exits(0);
    assert!(!filled.stderr.contains("E478"), "{}", filled.stderr);
    scene.write(
        "m.toml",
        "[columns.\"负责人\"]\nfield = \"负责人\"\noverwrite = \"always\"\n",
    );
    let written = scene.ferry(&format!("{line} --map m.toml")).exits(0);
    assert!(!written.stderr.contains("E478"), "{}", written.stderr);
}

/// What somebody has changed since is said with owners by name. An undo compares when it decides and again before it
/// writes, and says once how.
#[test]
fn an_undo_and_a_verification_name_owners_and_the_way_is_said_once() {
    let scene = Scene::new();
    profile(&scene, "姓名,ID\n王芳,8310\n李雷,8311\n");
    for name in ["甲", "乙", "丙", "丁"] {
        owned(&scene, name, "8310");
    }
    let ids = ["甲", "乙", "丙", "丁"].map(|name| scene.id_of(name));
    let rows: Vec<[&str; 2]> = ids.iter().map(|id| [id.as_str(), "8311"]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
    scene.save("t.csv", &Table::of(&["_id", "负责人"], &rows));
    scene.save(
        "new.csv",
        &Table::of(&["客户名称", "负责人"], &[&["戊", "8310"]]),
    );
    scene.ferry("import t.csv --config my.toml").exits(0);
    let update = scene.job();
    scene
        .ferry("import new.csv --mode add --config my.toml")
        .exits(0);
    let add = scene.jobs().into_iter().find(|job| *job != update).unwrap();
    for (id, owner) in [(&ids[0], "8312"), (&scene.id_of("戊"), "8311")] {
        let mut stored = scene.crm.customer(id).unwrap();
        stored.insert("owner".to_owned(), json!(owner));
        scene.crm.insert(stored);
    }
    scene
        .ferry(&format!("verify {update} --config my.toml"))
        .exits(4)
        .says("李雷 (8311)");
    let undone = scene
        .ferry(&format!("undo {update} --yes --config my.toml"))
        .exits(4)
        .says("[E533]")
        .says("李雷 (8311)");
    assert_eq!(
        undone.stderr.matches("[E322]").count(),
        1,
        "{}",
        undone.stderr
    );
    scene
        .ferry(&format!("undo {add} --yes --config my.toml"))
        .exits(4)
        .says("[E534]")
        .says("“王芳 (8310)” → “李雷 (8311)”");
}
