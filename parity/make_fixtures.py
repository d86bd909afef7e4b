#!/usr/bin/env python3
"""Write PyTorch reference fixtures for recurrent layers and for whole training runs.

    pip install torch numpy safetensors
    python make_fixtures.py OUT_DIR [--seed N]      the whole set, about 3.5 MB
    python make_fixtures.py OUT_DIR --small         the set in parity/fixtures, which the tests read

Compare with `cargo run -p seqcore --example torch_parity -- OUT_DIR/*.safetensors`.

Every file is a safetensors file. Its `__metadata__` (all values are strings) says what it is.

kind = "layer": one call of nn.RNN / nn.LSTM / nn.GRU and its exact gradients.
    metadata  kind, cell (rnn_tanh | rnn_relu | lstm | gru), input_size, hidden_size,
              num_layers, bidirectional (0|1), bias (0|1), dtype (f32|f64)
    tensors   PyTorch's own parameter names (weight_ih_l0, weight_hh_l0, bias_ih_l0,
              bias_hh_l0, ..., *_reverse)
              input [T,B,I]   h0 [L*D,B,H]   c0 [L*D,B,H] (lstm only)
              output [T,B,D*H]   h_n [L*D,B,H]   c_n [L*D,B,H] (lstm only)
              lengths [B] int64 (only files named *_lengths*): sequences of different length, run as
              pack_padded_sequence(enforce_sorted=False); outputs past a length are zero, h_n and c_n
              are those at each sequence's own end, the reverse direction starts there
              d_output, d_h_n, d_c_n : the gradient that arrives from above
              grad.input, grad.h0, grad.c0, grad.<parameter> : the gradients that must leave

kind = "trace": a character language model trained for some steps, loss by loss.
    Embedding(V,E) -> recurrent layer(s) -> Linear(H,V); mean cross-entropy over all T*B
    tokens; gradients clipped to global norm `clip` (as torch.nn.utils.clip_grad_norm_);
    then one optimiser step. Hidden state starts at zero, is carried from step to step and
    is detached between steps (truncated BPTT).
    metadata  kind, cell, vocab, embed, hidden, layers, clip, optimiser (sgd|momentum|
              rmsprop|adam|adamw), lr, and that optimiser's own settings, dtype
    tensors   init.<parameter> : embedding.weight, rnn.weight_ih_l0 ..., linear.weight,
              linear.bias
              x [S,T,B], y [S,T,B] as int64 : inputs and targets of step s
              losses [S] : the loss of each step, before its update
              grad_norms [S] : the global norm before clipping
              final.<parameter> : the parameters after the last step

Below OUT_DIR/seq2seq, which the unit tests of seqcore read and torch_parity does not:

kind = "attention": one call of an attention layer and its exact gradients.
    tensors   query.weight [d,H]   key.weight [d,M]   key.bias [d] and v [d] (additive only)
              queries [T,B,H]   values [S,B,M]   lengths [B] int64 : places of each source
              weights [B,T,S]   contexts [T,B,M]   d_contexts : the gradient from above
              grad.<tensor> : the gradients that must leave

kind = "seq2seq": an encoder-decoder trained for some steps of Adam, as models::seq2seq says.
    tensors   init.<parameter>, final.<parameter>, losses [N] as in a trace
              source [N,S,B]   lengths [N,B]   inputs [N,T,B]   targets [N,T,B] (99: no target)
              grad.<parameter> : the gradients of the first step
"""
import argparse, pathlib
import torch
from torch import nn
from safetensors.torch import save_file

DTYPE = {"f32": torch.float32, "f64": torch.float64}


def recurrent(cell, *args, **kw):
    if cell.startswith("rnn_"):
        return nn.RNN(*args, nonlinearity=cell[4:], **kw)
    return {"lstm": nn.LSTM, "gru": nn.GRU}[cell](*args, **kw)


def layer(path, cell, T, B, I, H, L=1, bidirectional=False, bias=True, dtype="f64", scale=1.0,
          lengths=None):
    m = recurrent(cell, I, H, L, bidirectional=bidirectional, bias=bias).to(DTYPE[dtype])
    D = 2 if bidirectional else 1
    with torch.no_grad():
        for p in m.parameters():
            p.mul_(scale)
    r = lambda *s: torch.randn(*s, dtype=DTYPE[dtype])
    x = r(T, B, I).requires_grad_()
    h0 = (0.5 * r(L * D, B, H)).requires_grad_()
    state, c0 = h0, None
    if cell == "lstm":
        c0 = (0.5 * r(L * D, B, H)).requires_grad_()
        state = (h0, c0)
    if lengths is None:
        out, last = m(x, state)
    else:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        out, last = m(packed, state)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, total_length=T)
    h_n, c_n = last if cell == "lstm" else (last, None)
    d_out, d_h = r(*out.shape), r(*h_n.shape)
    total = (out * d_out).sum() + (h_n * d_h).sum()
    t = {"input": x, "h0": h0, "output": out, "h_n": h_n, "d_output": d_out, "d_h_n": d_h}
    if lengths is not None:
        t["lengths"] = torch.tensor(lengths)
    if cell == "lstm":
        d_c = r(*c_n.shape)
        total = total + (c_n * d_c).sum()
        t.update({"c0": c0, "c_n": c_n, "d_c_n": d_c})
    total.backward()
    for k, p in m.named_parameters():
        t[k], t["grad." + k] = p, p.grad
    t["grad.input"], t["grad.h0"] = x.grad, h0.grad
    if cell == "lstm":
        t["grad.c0"] = c0.grad
    meta = dict(kind="layer", cell=cell, input_size=I, hidden_size=H, num_layers=L,
                bidirectional=int(bidirectional), bias=int(bias), dtype=dtype)
    save_file({k: v.detach().contiguous().clone() for k, v in t.items()}, path,
              {k: str(v) for k, v in meta.items()})


def trace(path, cell, V=17, E=12, H=24, L=1, T=9, B=5, S=25, optimiser="adam", lr=2e-2,
          clip=1.0, dtype="f64", **settings):
    emb, rnn, lin = nn.Embedding(V, E), recurrent(cell, E, H, L), nn.Linear(H, V)
    parts = nn.ModuleDict({"embedding": emb, "rnn": rnn, "linear": lin}).to(DTYPE[dtype])
    t = {"init." + k: p.detach().clone() for k, p in parts.named_parameters()}
    opt = {"sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "rmsprop": torch.optim.RMSprop,
           "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[optimiser](
               parts.parameters(), lr=lr, **settings)
    x, y = torch.randint(0, V, (S, T, B)), torch.randint(0, V, (S, T, B))
    y = (x * 3 + 1) % V if optimiser != "sgd" else y
    state, losses, norms = None, [], []
    for s in range(S):
        opt.zero_grad()
        out, state = rnn(emb(x[s]), state)
        loss = nn.functional.cross_entropy(lin(out).reshape(-1, V), y[s].reshape(-1))
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(parts.parameters(), clip))
        opt.step()
        losses.append(loss)
        state = tuple(z.detach() for z in state) if cell == "lstm" else state.detach()
    t.update({"final." + k: p.detach().clone() for k, p in parts.named_parameters()})
    t.update(x=x, y=y, losses=torch.stack(losses).detach(), grad_norms=torch.stack(norms).detach())
    meta = dict(kind="trace", cell=cell, vocab=V, embed=E, hidden=H, layers=L, clip=clip,
                optimiser=optimiser, lr=lr, dtype=dtype, **settings)
    save_file({k: v.contiguous() for k, v in t.items()}, path, {k: str(v) for k, v in meta.items()})


class Attention(nn.Module):
    def __init__(self, score, states, values, size):
        super().__init__()
        self.query = nn.Linear(states, size, bias=False)
        self.key = nn.Linear(values, size, bias=score == "additive")
        self.v = nn.Parameter(torch.randn(size) / size ** 0.5) if score == "additive" else None

    def forward(self, queries, values, lengths):
        q, k = self.query(queries), self.key(values)
        if self.v is None:
            e = torch.einsum("tbd,sbd->bts", q, k) / q.shape[-1] ** 0.5
        else:
            e = torch.tanh(q.transpose(0, 1).unsqueeze(2) + k.transpose(0, 1).unsqueeze(1)) @ self.v
        behind = torch.arange(values.shape[0])[None, :] >= lengths[:, None]
        weights = e.masked_fill(behind[:, None, :], -torch.inf).softmax(-1)
        return torch.einsum("bts,sbm->tbm", weights, values), weights


class Seq2Seq(nn.Module):
    def __init__(self, cell, score, V, W, E, H, L):
        super().__init__()
        self.source, self.target = nn.Embedding(V, E), nn.Embedding(W, E)
        self.encoder = recurrent(cell, E, H, L, bidirectional=True)
        self.decoder = recurrent(cell, E, H, L)
        bridge = lambda: nn.ModuleList(nn.Linear(2 * H, H) for _ in range(L))
        self.bridge = nn.ModuleDict({"h": bridge()} | ({"c": bridge()} if cell == "lstm" else {}))
        self.attention = Attention(score, H, 2 * H, H)
        self.combine, self.output = nn.Linear(3 * H, H), nn.Linear(H, W)

    def forward(self, source, lengths, inputs):
        packed = nn.utils.rnn.pack_padded_sequence(self.source(source), lengths, enforce_sorted=False)
        values, last = self.encoder(packed)
        values, _ = nn.utils.rnn.pad_packed_sequence(values, total_length=source.shape[0])
        cross = lambda name, s: torch.stack(
            [torch.tanh(b(torch.cat([s[2 * k], s[2 * k + 1]], -1))) for k, b in enumerate(self.bridge[name])])
        start = (cross("h", last[0]), cross("c", last[1])) if type(last) is tuple else cross("h", last)
        states, _ = self.decoder(self.target(inputs), start)
        contexts, _ = self.attention(states, values, lengths)
        return self.output(torch.tanh(self.combine(torch.cat([contexts, states], -1))))


def attention(path, score, T=3, S=5, B=3, H=4, M=6, d=5):
    m = Attention(score, H, M, d).double()
    r = lambda *s: torch.randn(*s, dtype=torch.float64)
    q, v, lengths = r(T, B, H).requires_grad_(), r(S, B, M).requires_grad_(), torch.tensor([5, 1, 3])
    contexts, weights = m(q, v, lengths)
    d_contexts = r(*contexts.shape)
    (contexts * d_contexts).sum().backward()
    t = dict(queries=q, values=v, lengths=lengths, contexts=contexts, weights=weights, d_contexts=d_contexts)
    t.update({"grad.queries": q.grad, "grad.values": v.grad})
    for k, p in m.named_parameters():
        t[k], t["grad." + k] = p, p.grad
    save_file({k: v.detach().contiguous().clone() for k, v in t.items()}, path,
              {"kind": "attention", "score": score, "dtype": "f64"})


def seq2seq(path, cell, score, L, V=7, W=6, E=4, H=5, S=5, T=4, B=3, N=3, lr=1e-2):
    m = Seq2Seq(cell, score, V, W, E, H, L).double()
    t = {"init." + k: p.detach().clone() for k, p in m.named_parameters()}
    opt = torch.optim.Adam(m.parameters(), lr=lr)
    source, lengths = torch.randint(0, V, (N, S, B)), torch.stack([torch.randperm(S)[:B] + 1 for _ in range(N)])
    lengths[:, 0] = S
    targets, inputs = torch.randint(0, W - 1, (N, T, B)), torch.full((N, T, B), W - 1)
    inputs[:, 1:] = targets[:, :-1]
    targets[:, -1], targets[:, 2:, 1] = W - 1, 99
    losses = []
    for n in range(N):
        opt.zero_grad()
        logits = m(source[n], lengths[n], inputs[n])
        loss = nn.functional.cross_entropy(logits.reshape(-1, W), targets[n].reshape(-1), ignore_index=99)
        loss.backward()
        if n == 0:
            t.update({"grad." + k: p.grad.clone() for k, p in m.named_parameters()})
        opt.step()
        losses.append(loss.detach())
    t.update({"final." + k: p.detach().clone() for k, p in m.named_parameters()})
    t.update(source=source, lengths=lengths, inputs=inputs, targets=targets, losses=torch.stack(losses))
    save_file({k: v.contiguous() for k, v in t.items()}, path,
              {"kind": "seq2seq", "cell": cell, "score": score, "lr": str(lr), "dtype": "f64"})


def sequence_to_sequence(out):
    out.mkdir(exist_ok=True)
    for score in ("dot", "additive"):
        attention(out / f"attention_{score}.safetensors", score)
    seq2seq(out / "seq2seq_gru_additive.safetensors", "gru", "additive", L=1)
    seq2seq(out / "seq2seq_lstm_dot.safetensors", "lstm", "dot", L=2)


CELLS = ("rnn_tanh", "rnn_relu", "lstm", "gru")

# Equal lengths among the six, and more steps than the longest sequence has.
TIES = dict(T=8, B=6, bidirectional=True, lengths=[4, 2, 6, 4, 2, 4])


def whole_set(out):
    d = lambda rng: int(torch.randint(*rng, (1,)))
    for cell in CELLS:
        for name, kw in {
            "single": {},
            "stacked": dict(L=3),
            "bidirectional": dict(bidirectional=True),
            "stacked_bidirectional": dict(L=2, bidirectional=True),
            "nobias": dict(bias=False),
            "one_step": dict(T=1),
            "one_sequence": dict(B=1),
            "saturated": dict(scale=4.0 if cell != "rnn_relu" else 1.0),
            "lengths": dict(T=7, B=4, lengths=[3, 7, 1, 5]),
            "lengths_stacked_bidirectional": dict(T=6, B=3, L=2, bidirectional=True,
                                                  lengths=[6, 2, 4]),
            "lengths_ties": TIES,
            "single_f32": dict(dtype="f32"),
            "wide_f32": dict(dtype="f32", H=96, I=40, B=8, T=20),
        }.items():
            shape = dict(T=d((4, 9)), B=d((2, 6)), I=d((3, 8)), H=d((3, 9)))
            shape.update(kw)
            layer(out / f"layer_{cell}_{name}.safetensors", cell, **shape)
    for cell in ("rnn_tanh", "lstm", "gru"):
        trace(out / f"trace_{cell}_adam.safetensors", cell)
    trace(out / "trace_lstm_stacked_adam.safetensors", "lstm", L=2)
    trace(out / "trace_lstm_sgd.safetensors", "lstm", optimiser="sgd", lr=0.5, clip=0.25)
    trace(out / "trace_gru_momentum.safetensors", "gru", optimiser="momentum", lr=0.1, momentum=0.9)
    trace(out / "trace_rnn_rmsprop.safetensors", "rnn_tanh", optimiser="rmsprop", lr=5e-3, alpha=0.95)
    trace(out / "trace_lstm_adamw.safetensors", "lstm", optimiser="adamw", lr=1e-2, weight_decay=0.1)


def small_set(out):
    """Every kind once and every cell several times, in small and odd sizes."""
    files = {
        "stacked_bidirectional": (CELLS, dict(T=4, B=3, I=5, H=3, L=2, bidirectional=True)),
        "lengths": (CELLS, dict(T=7, B=4, I=3, H=5, lengths=[3, 7, 1, 5])),
        "lengths_stacked_bidirectional": (CELLS, dict(T=6, B=3, I=4, H=3, L=2, bidirectional=True,
                                                      lengths=[6, 2, 4])),
        "single_f32": (CELLS, dict(T=5, B=3, I=4, H=7, dtype="f32")),
        "saturated": (("rnn_tanh", "lstm", "gru"), dict(T=6, B=2, I=4, H=5, scale=4.0)),
        "nobias": (("rnn_relu", "gru"), dict(T=5, B=1, I=3, H=6, bias=False)),
        "lengths_ties": (("lstm",), dict(I=4, H=5, **TIES)),
    }
    for name, (cells, shape) in files.items():
        for cell in cells:
            layer(out / f"layer_{cell}_{name}.safetensors", cell, **shape)
    shape = dict(V=11, E=5, H=7, T=6, B=3, S=12)
    trace(out / "trace_lstm_stacked_adam.safetensors", "lstm", L=2, **shape)
    trace(out / "trace_gru_momentum.safetensors", "gru", optimiser="momentum", lr=0.1, momentum=0.9,
          **shape)
    trace(out / "trace_rnn_rmsprop.safetensors", "rnn_tanh", optimiser="rmsprop", lr=5e-3,
          alpha=0.95, **shape)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("out", type=pathlib.Path)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--small", action="store_true")
    a = a.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    (small_set if a.small else whole_set)(a.out)
    sequence_to_sequence(a.out / "seq2seq")


if __name__ == "__main__":
    main()
