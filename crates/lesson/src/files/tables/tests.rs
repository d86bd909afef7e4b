//! Tests of [`super`], in a file of their own for their number.

use ndarray::array;
use proptest::prelude::*;

use super::super::lines::tests::{file, gzip};
use super::rows::ROWS_LOOKED_AT;
use super::*;

fn table(content: &str) -> Result<Series> {
    read(file(content).path(), &Select::default())
}

fn refused(content: impl AsRef<[u8]>) -> String {
    let file = file(content);
    let error = read(file.path(), &Select::default()).unwrap_err().to_string();
    error.strip_prefix(&file.path().display().to_string()).unwrap_or(&error).to_owned()
}

#[test]
fn a_table_is_read_plain_and_compressed() {
    let text =
        "\u{FEFF}date,a,note,b\r\n2020-01-01,1,x,-.5e1\r\n\"2020-01-02\", 2 ,\"y, \nz\",7\r\n";
    for content in [text.as_bytes().to_vec(), gzip(text)] {
        let series = read(file(content).path(), &Select::default()).unwrap();
        assert_eq!(series.names, ["a", "b"]);
        assert_eq!(series.values, array![[1.0, -5.0], [2.0, 7.0]]);
        assert_eq!(series.times[1].to_string(), "2020-01-02 00:00:00");
        assert_eq!(series.notes.left_out, ["note"]);
        assert!(!series.notes.sorted);
    }
}

#[test]
fn columns_and_rows_are_selected() {
    let content = "Ticker,Date,Open,Close\nA,2020-01-01,1,2\nB,2020-01-01,3,4\nA,2020-01-02,5,6\n";
    let file = file(content);
    let select = Select::default().only("Ticker", "A").columns(["Close", "Open"]);
    let series = read(file.path(), &select).unwrap();
    assert_eq!(series.names, ["Close", "Open"]);
    assert_eq!(series.values, array![[2.0, 1.0], [6.0, 5.0]]);
    assert_eq!(series.column("Open").unwrap(), array![1.0, 5.0]);
    assert_eq!(distinct(file.path(), "Ticker").unwrap(), ["A", "B"]);

    let error = |select: Select| read(file.path(), &select).unwrap_err().to_string();
    let all = error(Select::default());
    assert!(
        all.contains("line 3: the date 2020-01-01 00:00:00 was there before, in line 2"),
        "{all}"
    );
    assert!(all.contains("choose one by what \"Ticker\" says"), "{all}");
    let none = error(Select::default().only("Ticker", "C"));
    assert!(none.contains("no row has \"C\"") && none.contains("It holds: A, B."), "{none}");
    let column = error(Select::default().columns(["Clos"]));
    assert!(column.contains("There are: Ticker, Date, Open, Close"), "{column}");
    let text = error(Select::default().columns(["Ticker"]));
    assert!(text.contains("line 2: column 1 (Ticker): expected a number"), "{text}");
    assert!(series.column("Volume").is_err());
}

#[test]
fn numbers_are_told_from_texts_in_the_rows_that_are_wanted() {
    let other = "A,2020-01-01,text\n".repeat(ROWS_LOOKED_AT + 1);
    let file = file(format!("k,date,x\n{other}B,2020-01-01,1\n"));
    let series = read(file.path(), &Select::default().only("k", "B")).unwrap();
    assert_eq!(series.names, ["x"]);
}

#[test]
fn dates_may_be_spread_over_columns() {
    let parts = table("No,year,month,day,hour,x\n1,2010,1,1,0,NA\n2,2010,1,1,13,5\n").unwrap();
    assert_eq!(parts.names, ["No", "x"]);
    assert_eq!(parts.times[1].to_string(), "2010-01-01 13:00:00");
    let two = table("Date,Time,x\n2010-01-01,06:30,1\n").unwrap();
    assert_eq!(two.times[0].to_string(), "2010-01-01 06:30:00");
    let first = table("when,x\n1999,1\n2000,2\n").unwrap();
    assert_eq!((first.names, first.times.len()), (vec!["x".to_owned()], 2));
}

#[test]
fn the_column_of_dates_can_be_named() {
    let file = file("date,sold,x\n2020-01-01,2021-05-01,1\n2020-01-02,2021-05-02,2\n");
    let series = read(file.path(), &Select::default().time("sold")).unwrap();
    assert_eq!(series.times[1].to_string(), "2021-05-02 00:00:00");
    let error = read(file.path(), &Select::default().time("bought")).unwrap_err().to_string();
    assert!(error.contains("no column \"bought\"") && error.contains("date, sold, x"), "{error}");
}

#[test]
fn missing_numbers_are_counted_and_filled_from_the_past_only() {
    let text = "date,a,b\n2020-01-01,,NaN\n2020-01-02,1,n/a\n2020-01-03,NA,2\n2020-01-04,null,3\n";
    let mut series = table(text).unwrap();
    assert_eq!(series.notes.missing, [3, 2]);
    assert_eq!(series.fill_forward(), 2);
    let column =
        |i: usize| series.values.column(i).iter().map(|x| x.to_string()).collect::<Vec<_>>();
    assert_eq!(column(0), ["NaN", "1", "1", "1"]);
    assert_eq!(column(1), ["NaN", "NaN", "2", "3"]);
}

#[test]
fn rows_are_put_in_order_and_repeated_ones_dropped() {
    let text = "t,x\n2020-01-03,3\n2020-01-01,1\n2020-01-02,\n2020-01-01,1\n2020-01-02,\n";
    let series = table(text).unwrap();
    assert!(series.notes.sorted);
    assert_eq!(series.notes.duplicates, 2);
    assert_eq!(series.times.len(), 3);
    assert_eq!((series.values[(0, 0)], series.values[(2, 0)]), (1.0, 3.0));
    let streamed: Vec<Row> =
        Rows::open(file(text).path(), &Select::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!((streamed.len(), streamed[0].line, streamed[0].values[0]), (5, 2, 3.0));
}

#[test]
fn gaps_and_clock_changes() {
    // Friday, Monday, Tuesday, Wednesday: the weekend is a gap, not an error.
    let week = table("d,x\n2020-01-03,1\n2020-01-06,2\n2020-01-07,3\n2020-01-08,4\n").unwrap();
    assert_eq!((week.step(), week.gaps()), (Some(TimeDelta::days(1)), 1));
    // Spring: 02:00 does not exist in local time. A gap.
    let spring =
        "t,x\n2013-03-10 00:00,1\n2013-03-10 01:00,2\n2013-03-10 03:00,3\n2013-03-10 04:00,4\n";
    assert_eq!(table(spring).unwrap().gaps(), 1);
    // Autumn: 01:00 twice. Refused, unless offsets tell the two apart.
    let autumn = refused("t,x\n2013-11-03 01:00,1\n2013-11-03 01:00,2\n");
    assert!(autumn.contains("give them an offset"), "{autumn}");
    let offsets = table("t,x\n2013-11-03 01:00-04:00,1\n2013-11-03 01:00-05:00,2\n").unwrap();
    assert_eq!(offsets.step(), Some(TimeDelta::hours(1)));
    assert_eq!(table("t,x\n2020-01-01,1\n").unwrap().step(), None);
    // Years of 365 and 366 days, months of 28 to 31: no gaps.
    let years: String = (1996..2010).map(|year| format!("{year},1\n")).collect();
    assert_eq!(table(&format!("year,x\n{years}")).unwrap().gaps(), 0);
    let months = table("m,x\n2020-01,1\n2020-02,2\n2020-03,3\n2020-04,4\n2020-05,5\n").unwrap();
    assert_eq!(months.gaps(), 0);
}

#[test]
fn errors_name_line_and_column() {
    let cases = [
        (
            "date,x\n2020-01-01,1\n2020-01-02,1.2.3\n",
            ", line 3: column 2 (x): expected a number, or nothing where it is missing, found \"1.2.3\".",
        ),
        (
            "date,x\n2020-01-01,1\n2020-01-02,inf\n",
            ", line 3: column 2 (x): expected a finite number, found \"inf\".",
        ),
        (
            "date,x\n2020-01-01,1\n2020-01-02,-1e999\n",
            ", line 3: column 2 (x): expected a finite number",
        ),
        (
            "date,x\n2020-01-01,1\n01/31/2020,1\n",
            ", line 3: column 1 (date): expected a date such as",
        ),
        (
            "date,x\n2020-01-01,1\n2020-01-02\n",
            ", line 3: expected 2 columns as in the header, found 1.",
        ),
        ("date,note,x\n2020-01-01,\"a\nb\",1\n2020-01-02,c,oops\n", ", line 4: column 3 (x)"),
        ("date,x\n2020-01-01,\"open\n2020-01-02,1\n", ", line 2: there is no column of numbers"),
        ("date,x\n", ": there is no row below the header"),
        ("", ": the file is empty"),
        ("date,x\n2020-01-01,a\n", ": there is no column of numbers"),
    ];
    for (content, expected) in cases {
        let error = refused(content);
        assert!(error.starts_with(expected), "expected {expected:?}, found {error:?}");
    }
    let latin1 = refused(b"date,ort,x\n2020-01-01,K\xF6ln,1\n");
    assert!(latin1.starts_with(", line 2: column 2 (ort) is not valid UTF-8"), "{latin1}");
    let open = refused("date,x\n2020-01-01,\"open\n2020-01-02,1\n");
    assert!(open.ends_with("is a quote left open?"), "{open}");
    let cut = gzip("date,x\n2020-01-01,1\n");
    let cut = refused(&cut[..cut.len() - 12]);
    assert!(cut.contains("damaged or cut off"), "{cut}");
    let missing = read("no/such.csv", &Select::default()).unwrap_err().to_string();
    assert!(missing.contains("cannot read"), "{missing}");
}

proptest! {
    #[test]
    fn no_bytes_panic(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(file(content).path(), &Select::default());
    }

    #[test]
    fn no_table_panics(content in "(date|t|year|x|a|,|\n|\"|\r\n|2020-01-0[1-3]|1|NA|inf| ){0,40}") {
        let _ = read(file(&content).path(), &Select::default().columns(["x"]));
        let _ = read(file(content).path(), &Select::default());
    }

    #[test]
    fn what_is_written_is_read(values in prop::collection::vec(prop::num::f64::NORMAL, 1..40)) {
        let row = |(i, x): (usize, &f64)| format!("{},{x:e}\n", 1900 + i);
        let text = values.iter().enumerate().map(row).collect::<String>();
        let series = table(&format!("year,x\n{text}")).unwrap();
        prop_assert_eq!(series.values.column(0).to_vec(), values);
    }
}
