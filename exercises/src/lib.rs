//! The exercises, one module a lesson. Written by `cargo xtask selfcheck --write`.

pub mod rnn {
    pub mod vocabulary_one_hot;
    pub mod rnn_step;
    pub mod rnn_unroll;
    pub mod softmax_cross_entropy;
    pub mod rnn_bptt;
    pub mod clip_global_norm;
    pub mod tbptt_streams;
    pub mod gradient_check;
    pub mod gradient_horizon;
}

pub mod lstm {
    pub mod lstm_step;
    pub mod lstm_step_backward;
    pub mod forget_bias;
    pub mod temperature_top_k;
    pub mod top_p;
    pub mod perplexity;
    pub mod inverted_dropout;
    pub mod word_vocabulary;
}

pub mod sentiment {
    pub mod tokenise;
    pub mod vocabulary_padding;
    pub mod embedding_gradient;
    pub mod masked_mean_pooling;
    pub mod bidirectional;
    pub mod bce_with_logits;
    pub mod f1_auc;
    pub mod calibration_error;
}
