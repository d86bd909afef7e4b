//! Lesson 5: reviews, embeddings and LSTMs, beside a bag of bigrams.
//!
//! Is a film review positive? Counting words answers that in seconds and nine times of ten, so a network
//! that reads in order has to earn its place. This lesson counts first, then reads, and says who won.
//!
//! 1. [`bags`]: naive Bayes, logistic regression and NB-SVM on words and pairs of words.
//! 2. [`mod@lstm`]: a network ([`model`]) that reads in both directions, pools its states and keeps its best
//!    epoch.
//! 3. [`embeddings`]: what the words' vectors have learned.
//! 4. [`padding`]: what it costs to read what is not there.
//! 5. [`pretrain`]: a language model first, the verdicts after; how many labels that saves.
//! 6. [`why`]: which words moved a verdict, negation, the surest mistakes, calibration.
//!
//! [`corpus`] reads, splits and numbers the reviews; [`ratios`] hands a network what counting knows; [`recipe`] is all
//! that a training depends on, [`task`] its steps, [`networks`] its runs; [`evaluation`] measures, with intervals and
//! McNemar's test. [`predict`] opens a trained model, and [`commands`] holds what is beside the [`tour`]: train,
//! pretrain, eval, predict, explain.
//!
//! The theory is chapter 6; tags such as (C3) are its equations.

pub mod bags;
pub mod commands;
pub mod corpus;
pub mod description;
pub mod embeddings;
pub mod encoder;
pub mod ends;
pub mod evaluation;
pub mod layout;
pub mod logits;
pub mod lstm;
pub mod model;
pub mod networks;
pub mod options;
pub mod padding;
pub mod predict;
pub mod pretrain;
pub mod ratios;
pub mod recipe;
pub mod task;
pub mod tour;
pub mod why;
