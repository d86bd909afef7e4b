//! A fitted model as a file, and back.

use std::path::Path;

use ndarray::{Array1, Array2, Ix1, Ix2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use seqcore::checkpoint::{Reader, Writer};
use seqcore::data::scaler::Scaler;
use seqcore::data::windows::{Rhythm, Shape};
use seqcore::models::forecaster::{Forecaster, ForecasterConfig};
use seqcore::models::ridge::Ridge;
use seqcore::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Data, Request, Verdict};
use crate::study::grid::Grid;
use crate::study::{Calibration, Fitted, Member, Method, Problem, baselines_from};

/// The file of a fitted model.
pub const MODEL: &str = "model.safetensors";

/// A fitted model with what is needed to use it.
#[derive(Debug, Clone)]
pub struct Saved {
    /// What was asked.
    pub request: Request,
    /// What was found about the network.
    pub verdict: String,
    /// The best method that needs no network.
    pub rival: String,
    grid: Grid,
    rhythms: Vec<Rhythm>,
    season: usize,
    fitted: Fitted,
}

/// What stands in the file's metadata.
#[derive(Debug, Serialize, Deserialize)]
struct Card {
    request: Request,
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

impl Saved {
    /// A model that was just fitted.
    pub fn new(request: &Request, data: &Data, fitted: Fitted, verdict: &Verdict) -> Self {
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
        let card = Card {
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
        writer.metadata("forecast", serde_json::to_string(&card).expect("plain data"));
        writer.write(path)
    }

    /// Reads what [`Saved::write`] wrote into a folder.
    ///
    /// # Errors
    /// A folder without a model, or a file that is damaged or another kind of model.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(MODEL);
        if folder.is_dir() && !path.exists() {
            return Err(Error::checkpoint(
                folder,
                format!("it holds no {MODEL}. Name the folder that `forecast` named."),
            ));
        }
        let reader = Reader::open(&path)?;
        let card: Card = serde_json::from_str(reader.metadata("forecast")?).map_err(|e| {
            reader.error(format!("its description cannot be read ({e}). Run forecast again."))
        })?;
        card.config.validate()?;
        let one = |name: String| -> Result<Array1<f64>> {
            let wrong = reader
                .error(format!("{name} has another shape than expected. Run forecast again."));
            reader.array::<f64>(&name)?.into_dimensionality::<Ix1>().map_err(|_| wrong)
        };
        let two = |name: String| -> Result<Array2<f64>> {
            let wrong = reader
                .error(format!("{name} has another shape than expected. Run forecast again."));
            reader.array::<f64>(&name)?.into_dimensionality::<Ix2>().map_err(|_| wrong)
        };
        let ridge = |k: usize| -> Result<Ridge> {
            Ok(Ridge {
                mean: one(format!("ridge.{k}.mean"))?,
                deviation: one(format!("ridge.{k}.deviation"))?,
                weight: two(format!("ridge.{k}.weight"))?,
                bias: one(format!("ridge.{k}.bias"))?,
            })
        };
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
            members.push(Member { ridge: ridge(k)?, climate, scaler, spread, network });
        }
        let fitted = Fitted {
            shape: card.shape,
            ridge: ridge(card.members)?,
            lambda: card.lambda,
            members,
            calibrations: card.calibrations,
            ridge_half: card.ridge_half,
            steps: card.steps,
        };
        let Card { request, verdict, rival, grid, rhythms, season, .. } = card;
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
        let mut methods = self.fitted.methods(self.request.cell.label(), &problem, &origin);
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
        let calendar = seqcore::data::windows::calendar(&problem.times, &self.rhythms);
        let own = 4 * problem.rhythms.len();
        concatenate![Axis(1), calendar, problem.known.slice(s![.., own..])]
    }
}
