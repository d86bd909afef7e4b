//! Dates as people write them, and dates that cannot be.

use chrono::{Datelike, NaiveDate};
use lesson::files::pairs::Pair;
use rand::Rng;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How many ways to write a date there are.
pub const FORMS: usize = 12;

/// A date in one of the forms.
pub fn write(date: NaiveDate, form: usize) -> String {
    let (y, m, d) = (date.year(), date.month(), date.day());
    let month = MONTHS[date.month0() as usize];
    let (short, day) = (&month[..3], DAYS[date.weekday().num_days_from_monday() as usize]);
    match form {
        0 => format!("{d} {month} {y}"),
        1 => format!("{month} {d}, {y}"),
        2 => format!("{d:02}.{m:02}.{y}"),
        3 => format!("{day}, {d} {month} {y}"),
        4 => format!("the {d}{} of {month}, {y}", ordinal(d)),
        5 => format!("{} {d} {y}", short.to_lowercase()),
        6 => format!("{d}-{}-{y}", short.to_uppercase()),
        7 => format!("{y}/{m:02}/{d:02}"),
        8 => format!("{month} the {d}{} {y}", ordinal(d)),
        9 => format!("{d}. {m}. {y}"),
        10 => format!("{} {month} {d} {y}", &day[..3]),
        _ => format!("{y}, {d} {}", month.to_lowercase()),
    }
}

/// `st`, `nd`, `rd` or `th`.
fn ordinal(day: u32) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

/// First day and number of days that dates are drawn from: 1950 to 2049.
fn span() -> (NaiveDate, i64) {
    let first = NaiveDate::from_ymd_opt(1950, 1, 1).expect("a date");
    let end = NaiveDate::from_ymd_opt(2050, 1, 1).expect("a date");
    (first, (end - first).num_days())
}

/// Whether a date is held out: one in ten is, in every form, the same in every run.
pub fn held_out(date: NaiveDate) -> bool {
    let mut h = (date.num_days_from_ce() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    h = (h ^ (h >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (h ^ (h >> 32)).is_multiple_of(10)
}

/// Draws a date that is held out or not, in any form.
pub fn draw(test: bool, rng: &mut impl Rng) -> (NaiveDate, usize) {
    let (first, days) = span();
    loop {
        let date = first + chrono::TimeDelta::days(rng.random_range(0..days));
        if held_out(date) == test {
            return (date, rng.random_range(0..FORMS));
        }
    }
}

/// What to read and what to write.
pub fn pair((date, form): (NaiveDate, usize)) -> Pair {
    Pair { source: write(date, form), target: date.format("%Y-%m-%d").to_string() }
}

/// Things that look like dates and are none, each with what is wrong.
pub const BAD: [(&str, &str); 8] = [
    ("31 February 1998", "February has no 31st day"),
    ("29 February 1999", "1999 is no leap year"),
    ("45 March 2003", "no month has 45 days"),
    ("12.17.2001", "no 17th month"),
    ("the 3rd of Marchember, 1991", "no such month"),
    ("Monday, 3 March 1998", "it was a Tuesday"),
    ("1998", "a year is no date"),
    ("no date at all", "no date at all"),
];

#[cfg(test)]
mod tests {
    use seqcore::random::numbered;

    use super::*;

    #[test]
    fn every_form_by_hand() {
        let date = NaiveDate::from_ymd_opt(1998, 3, 3).unwrap(); // a Tuesday
        let all: Vec<String> = (0..FORMS).map(|form| write(date, form)).collect();
        let expected = [
            "3 March 1998",
            "March 3, 1998",
            "03.03.1998",
            "Tuesday, 3 March 1998",
            "the 3rd of March, 1998",
            "mar 3 1998",
            "3-MAR-1998",
            "1998/03/03",
            "March the 3rd 1998",
            "3. 3. 1998",
            "Tue March 3 1998",
            "1998, 3 march",
        ];
        assert_eq!(all, expected);
        assert_eq!(pair((date, 6)).target, "1998-03-03");
        let ends: Vec<&str> = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31].map(ordinal).into();
        assert_eq!(ends.join(" "), "st nd rd th th th th st nd rd th st");
    }

    #[test]
    fn a_tenth_of_the_days_is_held_out() {
        let (first, days) = span();
        let all = (0..days).map(|k| first + chrono::TimeDelta::days(k));
        let share = all.filter(|&date| held_out(date)).count() as f64 / days as f64;
        assert!((0.09..0.11).contains(&share), "{share}");
        let mut rng = numbered(1, 1);
        for test in [true, false] {
            assert!((0..200).all(|_| held_out(draw(test, &mut rng).0) == test));
        }
    }

    #[test]
    fn bad_dates_are_bad() {
        let wrong = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).is_none();
        assert!(
            wrong(1998, 2, 31) && wrong(1999, 2, 29) && wrong(2003, 3, 45) && wrong(2001, 17, 12)
        );
        let tuesday = NaiveDate::from_ymd_opt(1998, 3, 3).unwrap();
        assert_eq!(tuesday.weekday(), chrono::Weekday::Tue);
    }
}
