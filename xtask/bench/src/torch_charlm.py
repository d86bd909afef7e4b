"""The work of `cargo xtask bench` in PyTorch. Prints one number: tokens per second.

    train CELL HIDDEN LAYERS BATCH STEPS THREADS SECONDS    of the fastest step
    generate CELL HIDDEN LAYERS THREADS                     of the fastest of five rounds
"""
import sys
import time

import torch
from torch import nn

VOCABULARY = 65


class Model(nn.Module):
    def __init__(self, cell, hidden, layers):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, hidden)
        self.rnn = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](hidden, hidden, layers)
        self.linear = nn.Linear(hidden, VOCABULARY)

    def forward(self, x, state):
        y, state = self.rnn(self.embedding(x), state)
        return self.linear(y), state


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def train(cell, hidden, layers, batch, steps, threads, seconds):
    torch.set_num_threads(threads)
    model = Model(cell, hidden, layers)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    x, y = (torch.randint(0, VOCABULARY, (steps, batch)) for _ in range(2))
    state, best, begin = None, float("inf"), None
    for step in range(1_000_000):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        logits, state = model(x, state)
        loss = nn.functional.cross_entropy(logits.reshape(-1, VOCABULARY), y.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        state = detached(state)
        end = time.perf_counter()
        if step >= 3:
            begin = begin or start
            best = min(best, end - start)
            if end - begin > seconds:
                break
    return batch * steps / best


def generate(cell, hidden, layers, threads, tokens=500):
    torch.set_num_threads(threads)
    model = Model(cell, hidden, layers).eval()
    state, x, best = None, torch.zeros(1, 1, dtype=torch.long), 0.0
    with torch.inference_mode():
        for _ in range(6):
            start = time.perf_counter()
            for _ in range(tokens):
                logits, state = model(x, state)
                p = torch.softmax(logits[0, 0] / 0.8, -1)
                x = torch.multinomial(p, 1).view(1, 1)
            best = max(best, tokens / (time.perf_counter() - start))
    return best


torch.manual_seed(0)
kind, *words = sys.argv[1:]
if kind == "version":
    print(float(".".join(torch.__version__.split(".")[:2])))
elif kind == "train":
    print(train(words[0], *map(int, words[1:6]), float(words[6])))
else:
    print(generate(words[0], *map(int, words[1:5])))
