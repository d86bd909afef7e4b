use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const SPECIALS: [&str; 3] = ["<pad>", "<s>", "</s>"];

fn toy(merges: usize) -> Subwords {
    // The counts of the example in Sennrich et al. (2016): low 5, lower 2, newest 6, widest 3.
    let training = [("low ", 5), ("lower ", 2), ("newest ", 6), ("widest ", 3)];
    let text: String = training.iter().map(|(word, count)| word.repeat(*count)).collect();
    Subwords::train([text.trim_end()], 3 + 256 + merges, &SPECIALS).unwrap()
}

fn labels(subwords: &Subwords, text: &str) -> Vec<String> {
    subwords.encode(text).into_iter().map(|id| subwords.label(id)).collect()
}

/// By hand. (e, s) and (s, t) both occur 9 times, as do (␣, l), (l, o) and (o, w) 7 times: the
/// smaller first id wins.
#[test]
fn the_papers_example() {
    let subwords = toy(6);
    let learned: Vec<String> = (259..265).map(|id| subwords.label(id)).collect();
    assert_eq!(learned, ["es", "est", "␣l", "ow", "␣low", "␣n"]);
    assert_eq!(labels(&subwords, "lowest"), ["␣low", "est"]);
    assert_eq!(labels(&subwords, "low slow"), ["␣low", "␣", "s", "l", "ow"]);
    assert_eq!(subwords.size(), 265);
}

#[test]
fn the_first_word_is_a_word_like_any_other() {
    let subwords = toy(6);
    let ids = subwords.encode("low low");
    assert_eq!(ids[0], ids[1]);
    assert_eq!(subwords.decode(&ids), "low low");
    assert_eq!(subwords.decode(&subwords.encode(" low")), " low");
    assert_eq!(subwords.encode(""), [0; 0]);
    assert_eq!(subwords.decode(&[]), "");
}

#[test]
fn special_tokens_are_the_callers_alone() {
    let subwords = toy(0);
    assert_eq!(SPECIALS.map(|name| subwords.special(name)), [Some(0), Some(1), Some(2)]);
    assert_eq!(subwords.special("<unk>"), None);
    assert!(subwords.encode("<s></s>").iter().all(|&id| id > 2));
    let framed = [vec![1], subwords.encode("né"), vec![2, 0, 0]].concat();
    assert_eq!(subwords.decode(&framed), "né");
    assert_eq!((subwords.label(1), subwords.bytes(1)), ("<s>".to_owned(), &[][..]));
}

#[test]
fn half_a_character_is_marked() {
    let subwords = toy(0);
    let ids = subwords.encode("é\n");
    assert_eq!(labels(&subwords, "é\n"), ["␣", "0xC3", "0xA9", "\\n"]);
    assert_eq!(subwords.decode(&ids[..2]), "\u{FFFD}");
}

#[test]
fn it_stops_where_nothing_is_repeated() {
    let subwords = Subwords::train(["ab cd", "ab"], 10_000, &[]).unwrap();
    assert_eq!(subwords.size(), 256 + 2); // "␣a", "␣ab"
    assert_eq!(Subwords::train([""; 0], 10_000, &[]).unwrap().size(), 256);
    assert_eq!(subwords.encode("ab").len(), 1);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let error = Subwords::train(["a"], 258, &SPECIALS).unwrap_err().to_string();
    assert!(error.contains("258 subwords are too few") && error.contains("259"), "{error}");
    let error = Subwords::train(["a"], 300, &["<s>", "<s>"]).unwrap_err().to_string();
    assert!(error.contains("twice"), "{error}");
}

#[test]
fn it_survives_json_and_an_altered_one_is_refused() {
    let subwords = toy(6);
    let json = serde_json::to_string(&subwords).unwrap();
    assert!(json.starts_with(r#"{"specials":["<pad>","<s>","</s>"],"merges":[[104,118],"#));
    assert_eq!(serde_json::from_str::<Subwords>(&json).unwrap(), subwords);
    for (merges, expected) in [
        ("[[300,101]]", "does not have"),
        ("[[256,256]]", "does not have"), // not yet
        ("[[4294967295,1]]", "does not have"),
        ("[[97,98],[97,98]]", "twice"),
        ("[[97,97],[256,256],[257,257],[258,258],[259,259],[260,260],[261,261]]", "64 bytes"),
        ("[[97]]", "invalid length"),
    ] {
        let json = format!(r#"{{"specials":[],"merges":{merges}}}"#);
        let error = serde_json::from_str::<Subwords>(&json).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

/// What training is by definition: count every pair anew for each merge.
fn merges_by_definition(texts: &[String], most: usize) -> Vec<Pair> {
    let texts: Vec<String> = texts.iter().map(|text| begun(text)).collect();
    let mut words: Vec<Vec<u32>> = texts
        .iter()
        .flat_map(|text| pieces(text).map(|piece| piece.bytes().map(u32::from).collect()))
        .collect();
    let mut merges = Vec::new();
    while merges.len() < most {
        let mut counts: BTreeMap<Pair, usize> = BTreeMap::new();
        for pair in words.iter().flat_map(|word| word.windows(2)) {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
        // `rev`, because the last of equal maxima wins.
        let best = counts.into_iter().rev().max_by_key(|&(_, count)| count);
        let Some((pair, 2..)) = best else { break };
        for word in &mut words {
            let mut joined = Vec::new();
            for &id in word.iter() {
                joined.push(id);
            }
            let mut i = 0;
            while i + 1 < joined.len() {
                if (joined[i], joined[i + 1]) == pair {
                    joined.splice(i..i + 2, [256 + merges.len() as u32]);
                }
                i += 1;
            }
            *word = joined;
        }
        merges.push(pair);
    }
    merges
}

proptest! {
    #[test]
    fn any_text_comes_back(text in any::<String>(), merges in 0..40_usize) {
        let subwords = toy(merges);
        prop_assert_eq!(subwords.decode(&subwords.encode(&text)), text.as_str());
        let own = Subwords::train([&text], 300, &[]).unwrap();
        prop_assert_eq!(own.decode(&own.encode(&text)), text);
    }

    #[test]
    fn pieces_joined_are_the_text(text in r"([a-zé'’.,!\t\n ]|\PC){0,80}") {
        prop_assert_eq!(pieces(&text).collect::<String>(), text.as_str());
        prop_assert!(pieces(&text).all(|piece| !piece.is_empty() && piece.len() <= LONGEST_PIECE));
    }

    #[test]
    fn training_is_what_its_definition_says(texts in prop::collection::vec("[abé ]{0,30}", 1..6)) {
        let subwords = Subwords::train(&texts, 256 + 20, &[]).unwrap();
        prop_assert_eq!(&subwords.merges, &merges_by_definition(&texts, 20));
        // Neither the order of the texts nor that of a hash map matters.
        let reversed = Subwords::train(texts.iter().rev(), 256 + 20, &[]).unwrap();
        prop_assert_eq!(subwords, reversed);
    }
}
