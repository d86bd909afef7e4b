//! The exercises, one module a lesson. Written by `cargo xtask selfcheck --write`.

pub mod rnn {
    pub mod rnn_step;
}

pub mod lstm {
    pub mod lstm_step_backward;
    pub mod top_p;
}
