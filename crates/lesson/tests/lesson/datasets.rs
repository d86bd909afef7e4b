//! The embedded data sets hold what the manifest and the lessons say of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use lesson::catalogue::{self, Catalogue, Format};
use lesson::files::reviews::{self, Review, Split};
use lesson::files::tables::{self, Select};
use lesson::files::{pairs, read_text};

#[test]
fn embedded_files_are_those_of_the_manifest() {
    let catalogue = Catalogue::open().unwrap();
    for set in catalogue.sets() {
        let Some(embedded) = &set.embedded else { continue };
        let bytes = std::fs::read(catalogue.path_of(set)).unwrap();
        assert_eq!(bytes.len() as u64, embedded.bytes, "{}", set.id);
        let sha256 = lesson::files::sha256(&bytes);
        assert_eq!(sha256, embedded.sha256, "{}", set.id);
        assert_eq!(catalogue.resolve(&set.id).unwrap().sha256_expected, Some(sha256));
    }
}

#[test]
fn embedded_tables_have_the_rows_and_columns_of_the_manifest() {
    let catalogue = Catalogue::open().unwrap();
    for set in catalogue.sets().iter().filter(|set| set.embedded.is_some()) {
        let path = catalogue.path_of(set);
        let rows = match set.format {
            Format::Text => read_text(&path).unwrap().lines().count(),
            Format::Series => {
                let rows = tables::Rows::open(&path, &Select::default()).unwrap();
                let described: HashSet<_> = set.columns.iter().map(|c| c.name.clone()).collect();
                for name in rows.names().iter().chain(rows.left_out()) {
                    assert!(described.contains(name), "{}: {name} is not described", set.id);
                }
                rows.map(Result::unwrap).count()
            }
            Format::Reviews => reviews::open(&path).unwrap().map(Result::unwrap).count(),
            Format::Pairs => pairs::open(&path).unwrap().map(Result::unwrap).count(),
            Format::Vectors => continue,
        };
        assert_eq!(Some(rows), set.rows, "{}", set.id);
    }
}

fn read(id: &str, select: Select) -> tables::Series {
    tables::read(catalogue::resolve(id).unwrap().path, &select).unwrap()
}

#[test]
fn weather_is_complete_where_it_says_so() {
    let seattle = read("seattle-weather", Select::default());
    assert_eq!((seattle.gaps(), seattle.notes.missing.iter().sum::<usize>()), (0, 0));
    assert_eq!(seattle.names, ["precipitation", "temp_max", "temp_min", "wind"]);
    for station in ["EWR", "JFK", "LGA"] {
        let hourly = read("nyc-weather-hourly", Select::default().only("station", station));
        assert_eq!(hourly.step().unwrap().num_hours(), 1);
        assert!((14..=17).contains(&hourly.gaps()), "{station}: {}", hourly.gaps());
        assert!(!hourly.notes.sorted && hourly.notes.duplicates == 0);
        let highest = hourly.column("wind_speed").unwrap().fold(0.0, |a: f64, &b| a.max(b));
        assert_eq!(highest > 100.0, station == "EWR", "the source's error, left in");
    }
}

#[test]
fn prices_are_adjusted() {
    let path = catalogue::resolve("stock-prices").unwrap().path;
    for ticker in tables::distinct(&path, "Ticker").unwrap() {
        let prices = read("stock-prices", Select::default().only("Ticker", &ticker));
        assert!(!prices.notes.sorted);
        for day in prices.values.rows() {
            let (open, high, low, close) = (day[0], day[1], day[2], day[3]);
            assert!(low > 0.0 && low <= open.min(close) && high >= open.max(close));
        }
        // A split that was not divided out halves the price overnight. The largest fall that
        // really happened is AAPL's, after the profit warning of 28 September 2000: -52 %.
        let close = prices.column("Close").unwrap().to_vec();
        let falls = close.windows(2).filter(|w| w[1] < 0.6 * w[0]).count();
        assert_eq!(falls, usize::from(ticker == "AAPL"), "{ticker}");
    }
    // 2:1 splits on 2000-06-21 and 2005-02-28: no jump in the adjusted close.
    let apple = read("stock-prices", Select::default().only("Ticker", "AAPL").columns(["Close"]));
    for day in ["2000-06-21", "2005-02-28"] {
        let at = apple.times.iter().position(|t| t.to_string().starts_with(day)).unwrap();
        let ratio = apple.values[(at, 0)] / apple.values[(at - 1, 0)];
        assert!((0.9..1.15).contains(&ratio), "{day}: {ratio}");
    }
}

#[test]
fn classics_have_their_known_values() {
    let sunspots = read("sunspots", Select::default());
    assert_eq!((sunspots.values[(0, 0)], sunspots.values[(308, 0)]), (5.0, 2.9));
    let highest = sunspots.values.iter().copied().fold(0.0, f64::max);
    assert_eq!(highest, 190.2); // 1957
    let passengers = read("airline-passengers", Select::default());
    assert_eq!((passengers.values[(0, 0)], passengers.values[(143, 0)]), (112.0, 432.0));
    assert_eq!(passengers.values.sum(), 40_363.0); // mean 280.2986
}

#[test]
fn the_play_is_a_text_to_train_on() {
    let play = read_text(catalogue::resolve("the-tongueless-bell").unwrap().path).unwrap();
    assert!(play.chars().count() >= 80_000);
    let lines: Vec<_> = play.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    // Speaker names stand in capitals and are said many times; that is no repetition.
    let spoken: Vec<_> = lines.iter().filter(|line| line.to_uppercase() != **line).collect();
    let different: HashSet<_> = spoken.iter().collect();
    let repeated = 1.0 - different.len() as f64 / spoken.len() as f64;
    assert!(repeated < 0.02, "{:.1} % of the lines are repeated", 100.0 * repeated);
}

/// What is promised of the reviews written for this course; nothing to check until they are here.
#[test]
fn our_reviews_are_many_balanced_and_all_different() {
    let catalogue = Catalogue::open().unwrap();
    let Ok(set) = catalogue.get("reviews") else { return };
    let all: Vec<Review> =
        reviews::open(catalogue.path_of(set)).unwrap().map(Result::unwrap).collect();
    assert!(all.len() >= 600);
    let positive = all.iter().filter(|review| review.positive).count();
    assert_eq!(2 * positive, all.len());
    for split in [Split::Train, Split::Test] {
        let part: Vec<_> = all.iter().filter(|review| review.split == split).collect();
        let positive = part.iter().filter(|review| review.positive).count();
        assert!(positive.abs_diff(part.len() - positive) <= part.len() / 20, "{split:?}");
    }
    let mut split_of = HashMap::new();
    for review in &all {
        let group = review.group.clone().expect("a group each");
        let split = *split_of.entry(group.clone()).or_insert(review.split);
        assert_eq!(split, review.split, "group {group} is in both parts");
    }
    let words = |text: &str| -> Vec<String> {
        let word = |w: &str| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        text.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
    };
    let mut sentences = BTreeMap::new();
    let mut five_grams: HashMap<Vec<String>, HashSet<usize>> = HashMap::new();
    for (number, review) in all.iter().enumerate() {
        let all_words = words(&review.text);
        let count = all_words.len();
        assert!((25..=120).contains(&count), "{count} words: {}", review.text);
        for sentence in review.text.split_inclusive(['.', '!', '?']) {
            let sentence = words(sentence);
            if sentence.len() >= 3 {
                let first = sentences.insert(sentence.clone(), number);
                assert!(first.is_none_or(|first| first == number), "twice: {sentence:?}");
            }
        }
        for gram in all_words.windows(5) {
            five_grams.entry(gram.to_vec()).or_default().insert(number);
        }
    }
    // Of any review, at most a tenth of the 5-grams stand in another one.
    for (number, review) in all.iter().enumerate() {
        let grams: Vec<_> = words(&review.text).windows(5).map(<[String]>::to_vec).collect();
        let shared = grams.iter().filter(|gram| five_grams[*gram].len() > 1).count();
        assert!(10 * shared <= grams.len(), "review {number} shares {shared} 5-grams");
    }
}
