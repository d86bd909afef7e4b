"""A model of this lesson in PyTorch, and back: python pytorch.py FROM.safetensors TEXT [TO.safetensors]

FROM is what `export` wrote. Prints the loss on TEXT, which is what `explore --text TEXT` prints. TO is for `import`.
"""
import json, sys, torch
from safetensors.torch import safe_open, save_file

file = safe_open(sys.argv[1], "pt")
about = json.loads(file.metadata()["model"])
shape, tokens = about["shape"], ["<unk>", *about["vocabulary"]["tokens"]]
rnn = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn_tanh": torch.nn.RNN}[shape["cell"]]
model = torch.nn.ModuleDict({"embedding": torch.nn.Embedding(len(tokens), shape["embedding"]),
                             "rnn": rnn(shape["embedding"], shape["hidden"], shape["layers"]),
                             "linear": torch.nn.Linear(shape["hidden"], len(tokens))})
model.load_state_dict({name: file.get_tensor(name) for name in file.keys()})
ids = torch.tensor([tokens.index(c) if c in tokens else 0 for c in sys.argv[2]])
logits = model["linear"](model["rnn"](model["embedding"](ids[:-1]))[0])
print(f"{torch.nn.functional.cross_entropy(logits, ids[1:]).item():.4f} nats per character")
if len(sys.argv) > 3:
    save_file(model.state_dict(), sys.argv[3], metadata={"vocabulary": json.dumps(tokens)})
