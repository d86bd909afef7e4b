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
    pub mod lstm_step_backward;
    pub mod top_p;
}
