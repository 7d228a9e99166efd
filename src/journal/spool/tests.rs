//! Pages go in, and customers come out: each once, in its latest copy, counted by what was seen of it.

use super::*;

fn customer(id: u64, age: Age, text: &str) -> SpoolCustomer {
    SpoolCustomer {
        id: CustomerId::parse(&id.to_string()).expect("digits"),
        age,
        month: "2026-11".to_owned(),
        line: format!(r#"{{"_id":"{id}","t":"{text}"}}"#),
    }
}

fn page(pass: u32, page: u32, customers: &[SpoolCustomer]) -> PackedPage {
    let page = SpoolPage {
        pass,
        page,
        count: 4,
        is_short: false,
        digest: String::new(),
        customers: customers.to_vec(),
    };
    page.pack().expect("packed")
}

fn all(spool: &Spool) -> Vec<String> {
    let mut reader = spool
        .reader(spool.seen().expect("seen").living())
        .expect("a reader");
    let mut lines = Vec::new();
    loop {
        let pages = reader.read(2).expect("pages");
        if pages.is_empty() {
            return lines;
        }
        for page in pages {
            let text = page.text().expect("whole pages");
            lines.extend(page.lines(&text).map(str::to_owned));
        }
    }
}

#[test]
fn the_latest_copy_of_each_customer_counts_once_and_a_page_is_kept_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spool.db");
    let mut spool = Spool::open(&path).expect("a spool");
    let (one, two, three) = (
        customer(1, Age::Before, "a"),
        customer(2, Age::Before, "b"),
        customer(3, Age::Since, "c"),
    );
    spool
        .add(&[page(1, 2, &[two.clone(), three]), page(1, 1, &[one])])
        .expect("added");
    assert_eq!(all(&spool).len(), 3);
    // The same page once more, and a repeat that says something newer.
    let newer = customer(2, Age::Since, "B");
    spool
        .add(&[page(1, 2, &[two]), page(1, 3, &[newer])])
        .expect("added");
    drop(spool);
    let mut spool = Spool::open(&path).expect("the same spool");
    assert_eq!(spool.pages(1).expect("pages"), BTreeSet::from([1, 2, 3]));
    let counts = spool.counts(Some(1)).expect("counts");
    assert_eq!((counts.pages, counts.customers, counts.repeats), (3, 4, 1));
    let seen = spool.seen().expect("seen");
    assert_eq!((seen.before, seen.since, seen.living()), (2, 1, 3));
    let lines = all(&spool);
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().any(|line| line.contains("\"B\"")), "{lines:?}");
    let two = CustomerId::parse("2").expect("digits");
    let found = spool.find(&two).expect("readable").expect("there");
    assert!(found.contains("\"B\""), "{found}");
}

#[test]
fn passes_know_what_they_have_brought_alone_and_what_they_miss() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut spool = Spool::open(&folder.path().join("spool.db")).expect("a spool");
    let at = |id| customer(id, Age::Before, "");
    spool.add(&[page(1, 1, &[at(1), at(2)])]).expect("added");
    spool.add(&[page(2, 1, &[at(2), at(3)])]).expect("added");
    assert_eq!(spool.only_in(2).expect("a number"), 1);
    assert_eq!(spool.missing_in(2).expect("a number"), 1);
    let missing = spool.missing_ids(2, 10).expect("ids");
    assert_eq!(missing.len(), 1);
    spool.mark_gone(&missing[0]).expect("marked");
    assert_eq!(spool.missing_in(2).expect("a number"), 0);
    assert_eq!(all(&spool).len(), 2);
    // Customers that were read one by one stand beside the pages and do not count as pages.
    spool.add(&[page(2, SINGLE_PAGE, &[at(1)])]).expect("added");
    spool.add(&[page(2, SINGLE_PAGE, &[at(9)])]).expect("added");
    assert_eq!(all(&spool).len(), 4);
    assert_eq!(spool.counts(None).expect("counts").pages, 2);
}

#[test]
fn a_damaged_page_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spool.db");
    let mut spool = Spool::open(&path).expect("a spool");
    let customers: Vec<_> = (1..50).map(|id| customer(id, Age::Before, "xyz")).collect();
    spool.add(&[page(1, 1, &customers)]).expect("added");
    spool
        .connection
        .execute_batch("UPDATE pages SET body = CAST(substr(body, 1, 20) || x'00' || substr(body, 22) AS BLOB)")
        .expect("damaged");
    let pages = spool
        .reader(spool.seen().expect("seen").living())
        .expect("a reader")
        .read(1)
        .expect("a page");
    assert!(pages[0].text().is_err());
}

/// What is noted of a page decides which columns a sheet has, and whether the list is complete.
#[test]
fn what_was_noted_of_a_page_is_believed_only_as_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spool.db");
    for change in [
        "digest = '{}'",
        "count = count + 1",
        "customers = customers - 1",
        "is_short = 1 - is_short",
    ] {
        let mut spool = Spool::open(&path).expect("a spool");
        spool.clear().expect("cleared");
        spool
            .add(&[page(1, 1, &[customer(1, Age::Before, "a")])])
            .expect("added");
        assert!(spool.digests(|_| {}).is_ok());
        let changed = format!("UPDATE pages SET {change}");
        spool.connection.execute_batch(&changed).expect("changed");
        let error = spool.digests(|_| {}).expect_err(change);
        assert!(error.to_string().contains("page 1"), "{error}");
    }
}
