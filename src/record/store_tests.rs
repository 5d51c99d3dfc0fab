//! Runs that are found, written, and read again.

use super::*;

#[test]
fn a_run_is_found_by_a_part_that_no_other_has() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    for run in ["20260101T000000-1", "20260101T000000-12", "20260102T000000-7"] {
        store.begin(run, None).unwrap();
    }
    assert_eq!(store.find("latest").unwrap(), "20260102T000000-7");
    assert_eq!(store.find("20260102").unwrap(), "20260102T000000-7");
    assert_eq!(store.find("-12").unwrap(), "20260101T000000-12");
    assert_eq!(store.find("20260101T000000-1").unwrap(), "20260101T000000-1", "a whole id is never ambiguous");
    assert_eq!(store.find("20260101").unwrap_err().len(), 2);
    assert!(store.find("2027").unwrap_err().is_empty());
}

#[test]
fn of_two_runs_side_by_side_the_one_that_ends_last_is_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let first = store.begin("20260101T000000-1", None).unwrap();
    store.begin("20260101T000000-2", None).unwrap();
    assert_eq!(store.find("latest").unwrap(), "20260101T000000-2");
    first.point_latest().unwrap();
    assert_eq!(store.find("latest").unwrap(), "20260101T000000-1");
}

#[test]
fn what_cannot_be_written_is_named_and_leaves_the_last_whole() {
    let folder = tempfile::tempdir().unwrap();
    let run = Store::at(folder.path()).begin("20260101T000000-1", None).unwrap();
    let index = run.path().join("record.json");
    let record = RunRecord::empty("20260101T000000-1");
    run.write_record(&record).unwrap();
    let before = fs::read(&index).unwrap();
    // A folder in its place fails as a full disk does, and nothing of the new file is left.
    fs::remove_file(&index).unwrap();
    fs::create_dir_all(index.join("x")).unwrap();
    let error = run.write_record(&RunRecord::empty("another")).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{}: ", index.display())), "{error}");
    fs::remove_dir_all(&index).unwrap();
    run.write_record(&record).unwrap();
    assert_eq!(fs::read(&index).unwrap(), before);
    assert_eq!(fs::read_dir(run.path()).unwrap().count(), 5, "index, journal, order, scenarios, logs");
}
