"use strict";
// All numbers come from Rust, as JSON in the page; see explore.rs for what they are.
const data = JSON.parse(document.getElementById("data").textContent);
const get = id => document.getElementById(id);
const make = (tag, text = "", kind = "") => Object.assign(document.createElement(tag), { textContent: text, className: kind });
const percent = p => p >= 0.0005 ? (100 * p).toFixed(1) + " %" : "< 0.1 %";

for (const layer of data.layers) {
  const decoded = layer.parts.map(([name, text]) => [name, Int8Array.from(atob(text), c => c.charCodeAt(0))]);
  layer.parts = Object.fromEntries(decoded);
}
const parts = Object.keys(data.layers[0].parts);
const memory = parts.includes("c") ? "c" : "h";
const meanings = {
  i: "input gate i", f: "forget gate f", g: "candidate g", o: "output gate o", r: "reset gate r", z: "update gate z",
  n: "candidate n", c: "cell state c", h: "hidden state h",
};
let here = 0; // the place that is selected
let cells = []; // the map of units
let view = "surprise", layer = data.layers[0], unit = 0, temperature = 1;

// The share of its range, -1 to 1, that a part of a unit has at a place; and its value.
const share = (part, u, n) => layer.parts[part][n * layer.hidden + u] / 127;
const value = (part, u, n) => share(part, u, n) * (part === memory ? layer.scale[u] : 1);

function shade(element, amount) {
  element.style.setProperty("--a", Math.min(1, Math.abs(amount)).toFixed(2));
  element.classList.toggle("neg", amount < 0);
}

// The text, one span for each token.
const spans = data.pieces.map((piece, n) => {
  const line = piece === "\n";
  const span = make("span", line ? "↵\n" : piece, line ? "end" : "");
  span.id = "t" + n;
  span.setAttribute("role", "option");
  return span;
});
get("text").append(...spans);

function colour() {
  const most = 5; // nats at which a surprise is as dark as can be
  const surprise = view === "surprise";
  spans.forEach((span, n) => shade(span, surprise ? (data.surprise[n] || 0) / most : share(view, unit, n)));
  const both = !surprise && "gnch".includes(view);
  get("scale").className = both ? "both" : "";
  const end = view === memory ? layer.scale[unit].toFixed(2) : "1";
  get("low").textContent = surprise ? "expected" : both ? "−" + end : "0";
  get("high").textContent = surprise ? most + " nats or more" : end;
}

// p_i = exp(y_i / T) / sum_j exp(y_j / T) (R18); ln p in place of y changes both parts alike.
function distribution(n) {
  const [ids, costs] = data.next[n];
  const weights = costs.map(cost => Math.exp((costs[0] - cost) / 100 / temperature));
  const sum = weights.reduce((a, b) => a + b);
  return ids.map((id, k) => ({ id, p: weights[k] / sum }));
}

function row(cells, share, kind) {
  const tr = make("tr", "", kind);
  cells.forEach((text, k) => tr.append(make("td", text, k ? "n" : "")));
  const bar = make("span", "", share < 0 ? "bar neg" : "bar");
  bar.style.width = (100 * Math.abs(share)).toFixed(1) + "%";
  const last = make("td");
  last.append(bar);
  tr.append(last);
  return tr;
}

function show(n) {
  const before = data.pieces.slice(Math.max(0, n - 24), n + 1).join("").replaceAll("\n", "↵");
  get("before").replaceChildren(`Place ${n + 1} of ${spans.length}, after `, make("b", "…" + before));
  const all = distribution(n);
  const came = data.ids[n + 1];
  const shown = all.filter((token, k) => k < 10 || token.id === came);
  const most = Math.max(0.5, all[0].p);
  get("next").tBodies[0].replaceChildren(...shown.map(({ id, p }) =>
    row([data.labels[id], percent(p)], p / most, id === came ? "came" : "")));
  const entropy = -all.reduce((sum, { p }) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
  const hit = all.find(token => token.id === came);
  const label = came === undefined ? "" : `“${data.labels[came]}”`;
  const spread = `Entropy ${entropy.toFixed(2)} nats${data.cut ? ` (of the ${all.length} likeliest)` : ""}.`;
  get("verdict").textContent = came === undefined ? spread
    : `${spread} ${label} came: ${hit ? `${percent(hit.p)}, ${(-Math.log(hit.p)).toFixed(2)} nats.` : "not among the likeliest."}`;
  get("unit-title").textContent = `Unit ${unit} of layer ${data.layers.indexOf(layer) + 1}`;
  get("gates").tBodies[0].replaceChildren(...parts.map(part =>
    row([meanings[part], value(part, unit, n).toFixed(2)], share(part, unit, n), part === view ? "came" : "")));
  const part = view === "surprise" ? memory : view;
  get("map-title").textContent = `All ${layer.hidden} units: ${meanings[part]}`;
  cells.forEach((cell, u) => {
    shade(cell, share(part, u, n));
    cell.classList.toggle("chosen", u === unit);
  });
  const change = u => n ? share(part, u, n) - share(part, u, n - 1) : share(part, u, n);
  const movers = cells.map((_, u) => u).sort((a, b) => Math.abs(change(b)) - Math.abs(change(a))).slice(0, 6);
  get("movers").replaceChildren("It moved most here, as a share of its range: ", ...movers.map(u => {
    const button = make("button", `${u} (${change(u) < 0 ? "−" : "+"}${Math.abs(change(u)).toFixed(2)})`);
    button.type = "button";
    button.onclick = () => choose(u);
    return button;
  }));
  return `${data.labels[data.ids[n]]}. Likeliest next: ${shown.slice(0, 3).map(t => `${data.labels[t.id]} ${percent(t.p)}`).join(", ")}`;
}

function select(n) {
  spans[here].removeAttribute("aria-selected");
  here = Math.max(0, Math.min(spans.length - 1, n));
  spans[here].setAttribute("aria-selected", "true");
  get("text").setAttribute("aria-activedescendant", spans[here].id);
  spans[here].scrollIntoView({ block: "nearest" });
  get("spoken").textContent = show(here);
  remember();
}

function choose(u) {
  unit = Math.max(0, Math.min(layer.hidden - 1, u || 0));
  get("unit").value = unit;
  colour();
  show(here);
  remember();
}

// The same place a line away: the nearest token above or below.
function vertical(down) {
  const box = spans[here].getBoundingClientRect();
  const beyond = spans.map((span, n) => ({ n, at: span.getClientRects()[0] }))
    .filter(({ at }) => down ? at.top > box.top + 4 : at.top < box.top - 4);
  const distance = at => 1000 * Math.abs(at.top - box.top) + Math.abs(at.left - box.left);
  const nearest = beyond.reduce((a, b) => a && distance(a.at) <= distance(b.at) ? a : b, null);
  return nearest ? nearest.n : here;
}

// What is seen stands in the address, so that a link leads to it.
function remember() {
  const state = new URLSearchParams({ at: here, view, layer: data.layers.indexOf(layer), unit, temperature });
  history.replaceState(null, "", "#" + state);
}

function setLayer(k) {
  layer = data.layers[k] || data.layers[0];
  get("layer").value = data.layers.indexOf(layer);
  get("unit").max = layer.hidden - 1;
  cells = Array.from({ length: layer.hidden }, (_, u) => Object.assign(make("i"), { title: "unit " + u, onclick: () => choose(u) }));
  get("map").replaceChildren(...cells);
}

get("view").append(new Option("surprise: −ln p of each token", "surprise"),
  ...parts.map(part => new Option(`one unit's ${meanings[part]}`, part)));
get("layer").append(...data.layers.map((_, k) => new Option(k + 1, k)));
get("about").textContent = data.about;
get("controls").onsubmit = event => event.preventDefault();
get("view").onchange = event => { view = event.target.value; choose(unit); };
get("layer").onchange = event => { setLayer(event.target.value); choose(unit); };
get("unit").onchange = event => choose(Math.round(event.target.value));
get("temperature").oninput = event => {
  temperature = Number(event.target.value);
  get("degrees").textContent = temperature.toFixed(2);
  show(here);
  remember();
};
const place = event => spans.indexOf(event.target.closest("#text span"));
get("text").onmouseover = event => place(event) >= 0 && show(place(event));
get("text").onmouseleave = () => show(here);
get("text").onclick = event => place(event) >= 0 && select(place(event));
get("text").onkeydown = event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const moves = {
    ArrowLeft: () => select(here - 1), ArrowRight: () => select(here + 1),
    ArrowUp: () => select(vertical(false)), ArrowDown: () => select(vertical(true)),
    Home: () => select(0), End: () => select(spans.length - 1),
    PageUp: () => choose(unit - 1), PageDown: () => choose(unit + 1),
  };
  if (moves[event.key]) {
    event.preventDefault();
    moves[event.key]();
  }
};

const start = new URLSearchParams(location.hash.slice(1));
if (parts.includes(start.get("view"))) view = start.get("view");
get("view").value = view;
temperature = Math.min(2, Math.max(0.1, Number(start.get("temperature")) || 1));
get("temperature").value = temperature;
get("degrees").textContent = temperature.toFixed(2);
setLayer(Number(start.get("layer")));
const at = Number(start.get("at")) || 0;
choose(Number(start.get("unit")));
select(at);
