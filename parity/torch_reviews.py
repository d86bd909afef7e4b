"""Times PyTorch's training on the batches that `cargo run -p sentiment --example throughput -- DATA batches.json`
has written: the same model (embedding, bidirectional LSTM over packed sequences, mean and max pooling, dropout, one
logit, binary cross-entropy, global-norm clip, Adam), the same reviews in the same batches.

    python parity/torch_reviews.py batches.json [threads]

Prints one JSON line. The embedding's gradient is sparse with SparseAdam, or dense with Adam: the faster of the two
counts.
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

work = json.load(open(sys.argv[1]))
torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 2)
torch.manual_seed(1)
batches = []
for batch in work["batches"]:
    lengths = torch.tensor([len(ids) for ids, _ in batch])
    ids = pad_sequence([torch.tensor(ids) for ids, _ in batch], batch_first=True)
    batches.append((ids, lengths, torch.tensor([float(label) for _, label in batch])))


class Classifier(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.embedding = nn.Embedding(work["vocabulary"], work["embedding"], sparse=sparse)
        self.rnn = nn.LSTM(work["embedding"], work["hidden"], bidirectional=True, batch_first=True)
        self.dropout = nn.Dropout(work["dropout"])
        self.linear = nn.Linear(4 * work["hidden"], 1)

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=True)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        mask = (torch.arange(h.shape[1])[None] < lengths[:, None])[..., None]
        mean = (h * mask).sum(1) / lengths[:, None]
        largest = h.masked_fill(~mask, float("-inf")).max(1).values
        return self.linear(self.dropout(torch.cat([mean, largest], 1)))[:, 0]


def measure(sparse):
    model = Classifier(sparse)
    dense = [p for name, p in model.named_parameters() if not (sparse and name.startswith("embedding"))]
    optimisers = [torch.optim.Adam(dense, lr=2e-3, fused=True)]
    if sparse:
        optimisers.append(torch.optim.SparseAdam(list(model.embedding.parameters()), lr=2e-3))
    seconds = reviews = 0
    for step, (ids, lengths, labels) in enumerate(batches):
        started = time.perf_counter()
        for optimiser in optimisers:
            optimiser.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(ids, lengths), labels).backward()
        nn.utils.clip_grad_norm_(dense, 1.0)
        for optimiser in optimisers:
            optimiser.step()
        if step >= 5:
            seconds += time.perf_counter() - started
            reviews += len(labels)
    return reviews / seconds


sparse, dense = measure(True), measure(False)
print(json.dumps({"reviews_per_s": round(max(sparse, dense), 1), "sparse": round(sparse, 1), "dense": round(dense, 1)}))
