//! What the part says.

use lesson::Lesson;
use lesson::plot::{LineChart, Scatter, Table};
use seqcore::metrics::forecast as metric;
use seqcore::metrics::statistics::Interval;

use super::panel::Share;
use super::returns::{self, Forecasts};
use super::volatility::{self, Losses};
use super::walk::{BLOCK, WalkForward};

/// What is about to be done.
pub(super) fn before(lesson: &mut Lesson, shares: &[Share], short: &[String], walk: &WalkForward) {
    let names: Vec<&str> = shares.iter().map(|s| s.name.as_str()).collect();
    let left_out = match short {
        [] => String::new(),
        some => format!(" {} has too few days and is left out.", some.join(", ")),
    };
    lesson.say(&format!(
        "{}: daily prices, adjusted for splits and dividends.{left_out} What is forecast is tomorrow's log return. The models \
         walk forward: on the first day of {} to {} each is fitted again, on all days before, and forecasts until the \
         next refit.",
        names.join(", "),
        walk.years[0],
        walk.years[walk.years.len() - 1],
    ));
    lesson.say(
        "These shares are survivors: somebody chose them in hindsight because they are famous today, and no failed company \
         is among them. Any profit shown here is flattered by that; a forecast's R² hardly is.",
    );
}

fn pm(interval: &Interval, factor: f64, digits: usize) -> String {
    let Interval { low, high, .. } = *interval;
    format!("{:+.digits$} to {:+.digits$}", factor * low, factor * high)
}

fn p(value: f64) -> String {
    if value < 0.001 { format!("{value:.0e}") } else { format!("{value:.3}") }
}

/// Returns: nothing to find, said with numbers.
pub(super) fn returns(lesson: &mut Lesson, all: &[Forecasts], walk: &WalkForward) {
    lesson.subheading("Returns: R² out of sample, against a return of zero");
    let mut table = Table::new(["share", "model", "R² %", "95 % interval", "DM p", "CW p", "CW p, Holm", "direction"]).caption(format!(
        "R² in percent of the squared returns, against zero; moving-block bootstrap, blocks of {BLOCK} days. DM: \
         Diebold-Mariano, squared errors, two-sided, one day ahead. CW: Clark-West, one-sided; then corrected for the \
         number of shares. Direction: share of days with the right sign."
    ));
    for method in ["yesterday", "drift", "ridge", "GRU"] {
        let corrected = returns::after_holm(all, method);
        for (forecasts, (_, holm)) in all.iter().zip(corrected) {
            let skill = returns::skill(forecasts, method);
            table.push([
                forecasts.name.clone(),
                method.to_owned(),
                format!("{:+.2}", 100.0 * skill.r2.estimate),
                pm(&skill.r2, 100.0, 2),
                p(skill.dm.p_value),
                p(skill.cw.p_value),
                p(holm),
                format!("{:.1} %", 100.0 * skill.direction),
            ]);
            let name =
                format!("stocks.{}_{}", method.to_lowercase(), forecasts.name.to_lowercase());
            lesson.number(&format!("{name}_r2"), skill.r2.estimate);
            lesson.number(&format!("{name}_r2_low"), skill.r2.low);
            lesson.number(&format!("{name}_r2_high"), skill.r2.high);
            lesson.number(&format!("{name}_cw_p_holm"), holm);
        }
    }
    lesson.table(&table);
    let pooled = returns::pooled(all, "GRU");
    let contains = all.iter().filter(|f| returns::skill(f, "GRU").r2.low < 0.0).count();
    let found = returns::after_holm(all, "GRU").iter().filter(|(_, holm)| *holm < 0.05).count();
    lesson.say(&format!(
        "The GRU's R² interval reaches below zero for {contains} of {} shares, and after Holm's correction {found} \
         Clark-West p-value(s) are below 0.05. All shares together: Diebold-Mariano p = {} ({}). Yesterday's return as a \
         forecast is worse than zero by far; a model that beats only that has shown nothing. And before you believe a small \
         p of one share, run --seed 2: each of these models is also one draw.",
        all.len(),
        p(pooled.p_value),
        if pooled.mean < 0.0 { "the GRU's squared errors are a little smaller than those of zero" } else { "zero's squared errors are smaller" },
    ));
    lesson.number("stocks.dm_p_value", pooled.p_value);
    lesson.number("stocks.dm_mean_difference", pooled.mean);

    illusion(lesson, all);
    trading(lesson, all, walk);
}

fn illusion(lesson: &mut Lesson, all: &[Forecasts]) {
    lesson.subheading("The R² illusion: the same forecasts, seen as prices");
    let mut table = Table::new(["share", "R² on prices", "R² on returns", "r with price", "r with the price before", "r of changes", "a copy?"])
        .caption("GRU. Price forecast: P exp(forecast return). r is a correlation; of changes: forecast change with the observed change.");
    for forecasts in all {
        let (prices, on_returns, check) = returns::illusion(forecasts, "GRU");
        table.push([
            forecasts.name.clone(),
            format!("{prices:.4}"),
            format!("{on_returns:+.4}"),
            format!("{:.5}", check.levels),
            format!("{:.5}", check.lagged),
            format!("{:+.3}", check.changes),
            if check.copies() { "yes" } else { "no" }.to_owned(),
        ]);
        let name = forecasts.name.to_lowercase();
        lesson.number(&format!("stocks.price_r2_{name}"), prices);
        lesson.number(&format!("stocks.return_r2_{name}"), on_returns);
        lesson.number(&format!("stocks.change_correlation_{name}"), check.changes);
    }
    lesson.table(&table);
    lesson.say(
        "One model, two numbers: about 0.99 on prices, about 0 on returns. The first only says that a price is near the price \
         of the day before. The detector looks at changes: a forecast that is closer to yesterday's price than to \
         today's, and whose changes follow none that were observed, is yesterday's price drawn one day later.",
    );
    let forecasts = &all[0];
    let days = 60.min(forecasts.observed.len());
    let line = |f: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
        (0..days).map(|t| (t as f64, f(t))).collect()
    };
    let gru = forecasts.of("GRU");
    let chart = LineChart::new(
        format!("{}: forecast and price", forecasts.name),
        "Two lines: the forecast price is the price of the day before, so it looks right and comes a day late.",
    )
    .x("day of the test")
    .y("US dollars")
    .series("price", &line(&|t| forecasts.price[t] * forecasts.observed[t].exp()))
    .series("forecast", &line(&|t| forecasts.price[t] * gru[t].exp()))
    .caption("Shift the forecast one day to the left and it covers the price: that is the illusion.");
    lesson.line_chart(&chart);
    let points: Vec<(f64, f64)> =
        gru.iter().zip(&forecasts.observed).map(|(f, y)| (100.0 * f, 100.0 * y)).collect();
    let scatter = Scatter::new(
        format!("{}: forecast and actual return", forecasts.name),
        "A cloud without a slope.",
    )
    .x("forecast return, %")
    .y("observed return, %")
    .group("days", &points);
    lesson.figure(&scatter.render());
}

fn trading(lesson: &mut Lesson, all: &[Forecasts], walk: &WalkForward) {
    lesson.subheading("And if one traded on it?");
    let mut table = Table::new(["share", "gross % a year", "trades a year", "net % a year", "buy and hold", "net − hold, 95 % interval"]).caption(format!(
        "Hold the share on days with a forecast above zero, else nothing; each change costs {:.1} % of the position. Mean log \
         returns.",
        100.0 * walk.cost
    ));
    for forecasts in all {
        let trading = returns::trade(forecasts, "GRU", walk.cost);
        table.push([
            forecasts.name.clone(),
            format!("{:+.1}", 100.0 * trading.gross),
            format!("{:.0}", trading.trades),
            format!("{:+.1}", 100.0 * trading.net),
            format!("{:+.1}", 100.0 * trading.hold),
            pm(&trading.against_hold, 100.0, 0),
        ]);
        let name = forecasts.name.to_lowercase();
        lesson.number(&format!("stocks.trading_net_{name}"), trading.net);
        lesson.number(&format!("stocks.trading_hold_{name}"), trading.hold);
    }
    lesson.table(&table);
    lesson.say("The intervals are tens of percent wide: five years of daily data cannot tell a good rule from a lucky one.");
}

/// Volatility: something to find, and by how much.
pub(super) fn volatility(lesson: &mut Lesson, all: &[Losses]) {
    lesson.subheading("What can be forecast: volatility");
    lesson.say(
        "The size of tomorrow's movement, seen through the Garman-Klass range of the day, forecast by the same walk. A \
         constant is the training mean; EWMA and HAR are the standards of the field; the GRU forecasts what HAR leaves.",
    );
    let mut table = Table::new(["share", "constant", "EWMA", "HAR", "GRU", "GRU saves of EWMA", "of HAR", "DM p against HAR, Holm"])
        .caption("Mean QLIKE loss of variance forecasts, then the share of it that the GRU saves, with 95 % block-bootstrap intervals; \
                  Diebold-Mariano on QLIKE, two-sided, one day ahead.");
    let corrected = volatility::after_holm(all, "GRU", "HAR");
    for (losses, holm) in all.iter().zip(corrected) {
        let mean = |name: &str| metric::mean(losses.of(name).iter().copied());
        let (ewma, har) =
            (volatility::duel(losses, "GRU", "EWMA"), volatility::duel(losses, "GRU", "HAR"));
        let saved = |of: &volatility::Duel| {
            format!("{:+.1} % ({})", 100.0 * of.saved.estimate, pm(&of.saved, 100.0, 1))
        };
        let cells = ["constant", "EWMA", "HAR", "GRU"].map(|name| format!("{:.4}", mean(name)));
        let mut row = vec![losses.name.clone()];
        row.extend(cells);
        row.extend([saved(&ewma), saved(&har), p(holm)]);
        table.push(row);
        let name = losses.name.to_lowercase();
        for method in ["constant", "EWMA", "HAR", "GRU"] {
            lesson.number(&format!("stocks.qlike_{}_{name}", method.to_lowercase()), mean(method));
        }
        lesson.number(&format!("stocks.volatility_saved_of_ewma_{name}"), ewma.saved.estimate);
        lesson.number(&format!("stocks.volatility_saved_of_har_{name}"), har.saved.estimate);
        lesson.number(&format!("stocks.volatility_dm_p_har_holm_{name}"), holm);
    }
    lesson.table(&table);
    let beats = |a: &str, b: &str| {
        let p = volatility::after_holm(all, a, b);
        let won = all
            .iter()
            .zip(p)
            .filter(|(l, p)| volatility::duel(l, a, b).test.mean < 0.0 && *p < 0.05)
            .count();
        format!("{a} beats {b} on {won} of {}", all.len())
    };
    lesson.say(&format!(
        "After Holm's correction at 5 %: {}, {}, {}, {}. That is what a result looks like: volatility comes in clusters, and \
         nobody can trade them away.",
        beats("HAR", "constant"),
        beats("HAR", "EWMA"),
        beats("GRU", "EWMA"),
        beats("GRU", "HAR"),
    ));
}
