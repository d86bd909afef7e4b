//! Dates as tables write them.
//!
//! ISO 8601: `2013-01-31`, `20130131`, `2013-01` and `2013` (their first day), then, after a `T`
//! or a space, a time `06`, `06:30`, `06:30:59` or `06:30:59.5`, then `Z` or an offset such as
//! `-05:00`. Besides, `2013/01/31` and, as German stations write, `31.01.2013`; both can mean only
//! one thing, which is why `01/31/2013` is not taken.
//!
//! A date with an offset is converted to UTC. A date without one is taken as it stands: clocks
//! that are put forward leave a gap of an hour like any other gap, clocks that are put back write
//! an hour twice, which [`tables`](super::tables) refuses unless the rows are the same.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// Forms to name in messages.
pub(crate) const EXAMPLES: &str = "2013-01-31 or 2013-01-31T06:30";

/// A date, with or without a time; `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    if !text.is_ascii() {
        return None; // so that every byte offset is a character boundary
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let date = parse_date(date)?;
    match time {
        None => date.and_hms_opt(0, 0, 0),
        Some(time) => parse_time(date, time),
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let date = |y: &str, m: &str, d: &str| {
        if y.len() != 4 || m.len() > 2 || d.len() > 2 {
            return None;
        }
        NaiveDate::from_ymd_opt(digits(y)? as i32, digits(m)?, digits(d)?)
    };
    if let Some((day, rest)) = text.split_once('.') {
        let (month, year) = rest.split_once('.')?;
        return date(year, month, day);
    }
    for separator in ['-', '/'] {
        if let Some((year, rest)) = text.split_once(separator) {
            let (month, day) = rest.split_once(separator).unwrap_or((rest, "1"));
            return date(year, month, day);
        }
    }
    match text.len() {
        4 => date(text, "1", "1"),
        8 => date(&text[..4], &text[4..6], &text[6..]),
        _ => None,
    }
}

fn parse_time(date: NaiveDate, text: &str) -> Option<NaiveDateTime> {
    let (text, ahead) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (text[..at].trim_end(), parse_offset(&text[at..])?),
        None => (text, TimeDelta::zero()),
    };
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let mut part = |missing: Option<u32>| match parts.next() {
        Some(p) if p.len() <= 2 => digits(p),
        Some(_) => None,
        None => missing,
    };
    let (hour, minute, second) = (part(None)?, part(Some(0))?, part(Some(0))?);
    if parts.next().is_some() {
        return None;
    }
    let nanos = match fraction.len() {
        0 => 0,
        n @ 1..=9 => digits(fraction)? * 10_u32.pow(9 - n as u32),
        _ => return None,
    };
    date.and_hms_nano_opt(hour, minute, second, nanos)?.checked_sub_signed(ahead)
}

/// How far `Z`, `+01`, `+0130` or `-05:30` is ahead of UTC.
fn parse_offset(text: &str) -> Option<TimeDelta> {
    let sign = match text.as_bytes()[0] {
        b'Z' | b'z' => return (text.len() == 1).then(TimeDelta::zero),
        b'+' => 1,
        _ => -1,
    };
    let number = text[1..].replace(':', "");
    let (hours, minutes) = match number.len() {
        2 => (digits(&number)?, 0),
        4 => (digits(&number[..2])?, digits(&number[2..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
}

/// A number of one to nine digits and nothing else.
fn digits(text: &str) -> Option<u32> {
    let all = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        let found = parse(text).map(|date| date.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn dates_in_every_form_that_is_taken() {
        for text in ["2013-01-31", "20130131", "2013/01/31", "31.01.2013", " 2013-1-31 "] {
            check(text, "2013-01-31 00:00:00");
        }
        check("2013-02", "2013-02-01 00:00:00");
        check("1700", "1700-01-01 00:00:00");
        check("2012-02-29", "2012-02-29 00:00:00");
        for text in ["2013-01-31T06:30", "2013-01-31 06:30:00", "2013-01-31t06:30z"] {
            check(text, "2013-01-31 06:30:00");
        }
        check("2013-01-31 06", "2013-01-31 06:00:00");
        check("31.01.2013 23:50:00", "2013-01-31 23:50:00");
        check("2013-01-31T06:30:59.5Z", "2013-01-31 06:30:59.500");
    }

    #[test]
    fn an_offset_is_undone() {
        check("2013-11-03T01:30:00-04:00", "2013-11-03 05:30:00");
        check("2013-11-03T01:30:00-05:00", "2013-11-03 06:30:00"); // the second 01:30 of that day
        check("2013-01-01T00:30+0530", "2012-12-31 19:00:00");
    }

    #[test]
    fn what_is_no_date_or_could_be_two_is_refused() {
        let wrong = [
            "",
            "x",
            "2013-13-01",
            "2013-02-30",
            "2013-02-29",
            "01/31/2013",
            "13-01-31",
            "2013-01-31T24:00",
            "2013-01-31T23:59:60",
            "2013-01-31T06:30+25:00",
            "2013-01-31T",
            "2013-01-31T06:30:00:00",
            "2013-01-31T1:2:3.1234567890",
            "2013-W05-4",
            "20130",
            "١٢٣٤",
            "2013-01-31T06:30Zulu",
            "1.2",
            "-1-1-1",
        ];
        for text in wrong {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,30}|[0-9TZ:+./ -]{0,30}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read(seconds in -9_000_000_000_i64..250_000_000_000) {
            let date = chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
            prop_assert_eq!(parse(&date.to_string()), Some(date));
        }
    }
}
