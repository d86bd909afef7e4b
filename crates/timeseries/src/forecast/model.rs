//! A fitted model as a file, and back.

use std::path::Path;

use lesson::files::weights::{Reader, Writer};
use lesson::run::model::Describes;
use lesson::run::{export, open_model};
use lesson::{Error, Result};
use ndarray::{Array, Array2, Dimension};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::data::scaler::Scaler;
use seqcore::data::windows::Shape;
use seqcore::models::ridge::Ridge;
use serde::{Deserialize, Serialize};

use super::recipe::ForecastRequest;
use super::table::Data;
use super::verdict::Verdict;
use crate::calendar::Rhythm;
use crate::forecaster::{Forecaster, ForecasterConfig};
use crate::study::grid::Grid;
use crate::study::{Calibration, Fitted, Member, Method, Problem, baselines_from};

/// A fitted model with what is needed to use it.
#[derive(Debug, Clone)]
pub struct ForecastModel {
    /// What was asked.
    pub request: ForecastRequest,
    /// What was found about the network.
    pub verdict: String,
    /// The best method that needs no network.
    pub rival: String,
    grid: Grid,
    rhythms: Vec<Rhythm>,
    season: usize,
    fitted: Fitted,
}

/// What the file says of the model.
#[derive(Debug, Serialize, Deserialize)]
struct ForecastCard {
    request: ForecastRequest,
    verdict: String,
    rival: String,
    grid: Grid,
    rhythms: Vec<Rhythm>,
    season: usize,
    config: ForecasterConfig,
    scalers: Vec<Scaler>,
    shape: Shape,
    lambda: f64,
    steps: usize,
    members: usize,
    spread: Vec<Vec<f64>>,
    calibrations: Vec<Calibration>,
    ridge_half: Vec<f64>,
}

impl Describes for ForecastCard {
    const KIND: &'static str = "forecast model of timeseries";
}

impl ForecastModel {
    /// A model that was just fitted.
    pub fn new(request: &ForecastRequest, data: &Data, fitted: Fitted, verdict: &Verdict) -> Self {
        Self {
            request: request.clone(),
            verdict: verdict.sentence.clone(),
            rival: verdict.rival.clone(),
            grid: data.grid,
            rhythms: data.problem.rhythms.clone(),
            season: data.problem.season,
            fitted,
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let fitted = &self.fitted;
        let mut writer = Writer::default();
        let ridges = fitted.members.iter().map(|m| &m.ridge).chain([&fitted.ridge]);
        for (k, ridge) in ridges.enumerate() {
            writer.array(format!("ridge.{k}.mean"), ridge.mean.view().into_dyn());
            writer.array(format!("ridge.{k}.deviation"), ridge.deviation.view().into_dyn());
            writer.array(format!("ridge.{k}.weight"), ridge.weight.view().into_dyn());
            writer.array(format!("ridge.{k}.bias"), ridge.bias.view().into_dyn());
        }
        for (k, member) in fitted.members.iter().enumerate() {
            writer.named(&format!("network.{k}."), &member.network);
        }
        let card = ForecastCard {
            request: self.request.clone(),
            verdict: self.verdict.clone(),
            rival: self.rival.clone(),
            grid: self.grid,
            rhythms: self.rhythms.clone(),
            season: self.season,
            config: fitted.members[0].network.config.clone(),
            scalers: fitted.members.iter().map(|m| m.scaler.clone()).collect(),
            shape: fitted.shape.clone(),
            lambda: fitted.lambda,
            steps: fitted.steps,
            members: fitted.members.len(),
            spread: fitted.members.iter().map(|m| m.spread.clone()).collect(),
            calibrations: fitted.calibrations.clone(),
            ridge_half: fitted.ridge_half.clone(),
        };
        export(path, &card.described(), writer)
    }

    /// Reads what [`ForecastModel::write`] wrote: a file, or the one in a folder.
    ///
    /// # Errors
    /// A folder without a model, or a file that is damaged or another kind of model.
    pub fn open(path: &Path) -> Result<Self> {
        let (card, reader) = open_model::<ForecastCard>(path, "forecast")?;
        card.config.validate()?;
        let mut members = Vec::new();
        let pairs = card.members;
        if pairs == 0
            || card.calibrations.is_empty()
            || [card.spread.len(), card.scalers.len()] != [pairs; 2]
        {
            return Err(reader.error("its description contradicts itself. Run forecast again."));
        }
        for (k, (spread, scaler)) in card.spread.iter().zip(&card.scalers).enumerate() {
            // Drawn only to have the right shapes; every number is replaced.
            let mut network = Forecaster::new(&card.config, &mut ChaCha8Rng::seed_from_u64(0));
            reader.load_into(&format!("network.{k}."), &mut network)?;
            let (climate, scaler, spread) = (Vec::new(), scaler.clone(), spread.clone());
            members.push(Member { ridge: ridge(&reader, k)?, climate, scaler, spread, network });
        }
        let fitted = Fitted {
            shape: card.shape,
            ridge: ridge(&reader, card.members)?,
            lambda: card.lambda,
            members,
            calibrations: card.calibrations,
            ridge_half: card.ridge_half,
            steps: card.steps,
        };
        let ForecastCard { request, verdict, rival, grid, rhythms, season, .. } = card;
        Ok(Self { request, verdict, rival, grid, rhythms, season, fitted })
    }

    /// Whether a table is of the kind that the model was fitted on.
    ///
    /// # Errors
    /// Another step, other columns, or too few rows.
    pub fn fits(&self, data: &Data) -> Result<()> {
        let problem = &data.problem;
        if data.grid != self.grid {
            return Err(Error::config(format!(
                "the model was fitted on steps of {}, this table has {}. Name the step with --freq when fitting.",
                self.grid.words(),
                data.grid.words()
            )));
        }
        if problem.inputs.ncols() != self.fitted.members[0].scaler.mean.len() {
            return Err(Error::config(format!(
                "the model reads {} columns, this table gives {}.",
                self.fitted.members[0].scaler.mean.len(),
                problem.inputs.ncols()
            )));
        }
        if problem.len() < self.fitted.shape.history {
            return Err(Error::config(format!(
                "the model reads {} moments, this table has {}.",
                self.fitted.shape.history,
                problem.len()
            )));
        }
        Ok(())
    }

    /// Forecasts from the last moment of a series: the network's, then the rival's.
    pub fn forecast(&self, problem: &Problem) -> Vec<Method> {
        let len = problem.len();
        let problem = Problem {
            rhythms: self.rhythms.clone(),
            season: self.season,
            shape: self.fitted.shape.clone(),
            known: self.known(problem),
            ..problem.clone()
        };
        let origin = [len - 1];
        let mut methods = self.fitted.methods(
            self.fitted.members[0].network.config.cell.label(),
            &problem,
            &origin,
        );
        methods.truncate(1);
        let rival = if self.rival == "ridge" {
            let (point, half) = self.fitted.ridge_forecast(&problem, &origin);
            Method::around("ridge", point, &half)
        } else {
            let methods = baselines_from(&problem, &(0..len), &origin);
            methods.into_iter().find(|m| m.name == self.rival).expect("a baseline by its name")
        };
        methods.push(rival);
        methods
    }

    /// The calendar with the rhythms of the fit, whatever a table of another length would show.
    fn known(&self, problem: &Problem) -> Array2<f64> {
        use ndarray::{Axis, concatenate, s};
        let calendar = crate::calendar::calendar(&problem.times, &self.rhythms);
        let own = 4 * problem.rhythms.len();
        concatenate![Axis(1), calendar, problem.known.slice(s![.., own..])]
    }
}

/// The k-th ridge of a file.
fn ridge(reader: &Reader, k: usize) -> Result<Ridge> {
    Ok(Ridge {
        mean: array(reader, &format!("ridge.{k}.mean"))?,
        deviation: array(reader, &format!("ridge.{k}.deviation"))?,
        weight: array(reader, &format!("ridge.{k}.weight"))?,
        bias: array(reader, &format!("ridge.{k}.bias"))?,
    })
}

/// An array of a file with as many axes as expected.
fn array<D: Dimension>(reader: &Reader, name: &str) -> Result<Array<f64, D>> {
    reader.array::<f64>(name)?.into_dimensionality().map_err(|_| {
        reader.error(format!("{name} has another shape than expected. Run forecast again."))
    })
}
