"""Makes the models of PyTorch that tests/lesson/exchange.rs imports, with what PyTorch says they say.

    python make.py        (PyTorch, safetensors; writes beside itself)

Each file is the state dict of a module with embedding, rnn and linear; the metadata hold its tokens, a text and the
mean −ln p of that text's characters behind the first, in double precision.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file

torch.manual_seed(4)
text = "a bad cab, a bad deed"
for name, kind, layers, tokens in [("lstm", torch.nn.LSTM, 2, "abcde ,"), ("gru", torch.nn.GRU, 1, ["<unk>", *"abcde ,"])]:
    tokens = list(tokens)
    model = torch.nn.ModuleDict({"embedding": torch.nn.Embedding(len(tokens), 3), "rnn": kind(3, 5, layers),
                                 "linear": torch.nn.Linear(5, len(tokens))})
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2)  # far from uniform, so that a mistake shows
    state = {key: value.clone() for key, value in model.state_dict().items()}
    model.double()
    ids = torch.tensor([tokens.index(c) for c in text])
    logits = model["linear"](model["rnn"](model["embedding"](ids[:-1]))[0])
    nats = torch.nn.functional.cross_entropy(logits, ids[1:]).item()
    metadata = {"vocabulary": json.dumps(tokens), "text": text, "nats": repr(nats)}
    save_file(state, pathlib.Path(__file__).with_name(f"{name}.safetensors"), metadata=metadata)
    print(name, nats)
