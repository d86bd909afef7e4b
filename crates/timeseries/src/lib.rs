//! Lesson 4: forecasting that a sceptic would accept.
//!
//! A forecast is easy to make and hard to judge. In this lesson honesty is the subject: everything is scored on a later
//! period than it was fitted on, beside the baselines that cost nothing, with the uncertainty of the score.
//!
//! 1. [`windows`]: from a series to tensors; split, embargo, scaling; three ways to a horizon.
//! 2. [`weather`]: GRU and LSTM with quantiles on top of ridge: skill by lead time, intervals with measured coverage.
//! 3. [`stocks`]: returns cannot be forecast, and how a chart makes it look otherwise; volatility can.
//! 4. [`leaks`]: five planted leaks, what each seems to gain, and the check that finds it.
//! 5. [`metrics`]: where each metric misleads.
//!
//! [`baselines`], [`holt_winters`] and [`forecaster`] are the models, [`calendar`] is what is known of the future.
//! [`study`] is the experiment that they share: baselines, ridge, networks, conformal intervals, scores. The commands
//! [`forecast`] and [`predict`](forecast::predict) run it on any table with a date.
//!
//! Tags such as (F12) are the equations of the theory's chapter on forecasting.

pub mod baselines;
pub mod calendar;
pub mod forecast;
pub mod forecaster;
pub mod holt_winters;
pub mod leaks;
pub mod metrics;
pub mod network;
pub mod stocks;
pub mod study;
pub mod weather;
pub mod windows;
