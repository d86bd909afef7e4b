//! The exercises, one module a lesson. Written by `cargo xtask selfcheck --write`.

pub mod gru {
    pub mod attention;
    pub mod attention_backward;
    pub mod beam_search;
    pub mod exact_match;
    pub mod greedy_decode;
    pub mod gru_step;
    pub mod gru_step_backward;
    pub mod masked_loss;
    pub mod parameter_count;
}

pub mod lstm {
    pub mod forget_bias;
    pub mod inverted_dropout;
    pub mod lstm_step;
    pub mod lstm_step_backward;
    pub mod perplexity;
    pub mod temperature_top_k;
    pub mod top_p;
    pub mod word_vocabulary;
}

pub mod rnn {
    pub mod clip_global_norm;
    pub mod gradient_check;
    pub mod gradient_horizon;
    pub mod rnn_bptt;
    pub mod rnn_step;
    pub mod rnn_unroll;
    pub mod softmax_cross_entropy;
    pub mod tbptt_streams;
    pub mod vocabulary_one_hot;
}

pub mod sentiment {
    pub mod bce_with_logits;
    pub mod bidirectional;
    pub mod calibration_error;
    pub mod embedding_gradient;
    pub mod f1_auc;
    pub mod masked_mean_pooling;
    pub mod tokenise;
    pub mod vocabulary_padding;
}

pub mod timeseries {
    pub mod chronological_split;
    pub mod conformal_interval;
    pub mod forecast_metrics;
    pub mod pinball_loss;
    pub mod recursive_forecast;
    pub mod scaler;
    pub mod seasonal_naive;
    pub mod walk_forward;
    pub mod windows;
}
