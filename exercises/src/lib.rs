//! The exercises, one module a lesson. Written by `cargo xtask selfcheck --write`.

pub mod rnn {
    pub mod rnn_step;
}

pub mod lstm {
    pub mod lstm_step_backward;
    pub mod top_p;
}

pub mod gru {
    pub mod gru_step;
    pub mod gru_step_backward;
    pub mod parameter_count;
    pub mod masked_loss;
    pub mod attention;
    pub mod attention_backward;
    pub mod greedy_decode;
    pub mod beam_search;
    pub mod exact_match;
}

pub mod timeseries {
    pub mod chronological_split;
    pub mod scaler;
    pub mod windows;
    pub mod forecast_metrics;
    pub mod seasonal_naive;
    pub mod recursive_forecast;
    pub mod walk_forward;
    pub mod pinball_loss;
    pub mod conformal_interval;
}
